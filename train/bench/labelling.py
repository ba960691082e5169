"""How near a teacher's labelling comes to the teacher's own peak: its encoder on full batches."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from sentiment.classifier import SentimentClassifier
from train.bench.measuring import Row, like, seconds, threads

if TYPE_CHECKING:
    from train.recipe.teacher import Teacher

BATCH = 64
WORDS = [f"w{number}" for number in range(1_000)]
GRID = (3, 6, 12, 18, 24, 32, 40, 54)
"""Tokens of the full batches that are timed; between them time is taken as linear."""


def labelling(_: SentimentClassifier, __: float, quick: bool) -> Iterator[Row]:
    """Texts of SST's lengths through ``train.recipe.teacher.label``, on all cores.

    The teacher is a MiniLM-sized transformer with random weights; its peak the time of as many
    texts in full batches of one length each.
    """
    from train.recipe.teacher import label

    texts = random_texts(like("SST", 256 if quick else 4_096))
    with TemporaryDirectory() as temporary, threads(os.cpu_count() or 1):
        teacher = small_teacher(Path(temporary) / "teacher", 2 if quick else 6)
        sizes = teacher.sizes(texts)
        before = batch_seconds(teacher, 1 if quick else 3)
        started = time.perf_counter()
        label(teacher, texts, Path(temporary) / "labels", batch_size=BATCH)
        spent = time.perf_counter() - started
        after = batch_seconds(teacher, 1 if quick else 3)
    fastest = np.minimum(before, after) / BATCH  # a processor's own speed changes meanwhile
    at_best = float(np.interp(sizes, GRID, fastest).sum())
    yield Row("a teacher's labelling, SST lengths", sum(sizes) / spent, "tokens/s")
    yield Row("  share of its own peak", 100 * at_best / spent, "%")


def random_texts(lengths: Sequence[int]) -> list[str]:
    """Texts of so many words each."""
    generator = np.random.default_rng(0)
    return [" ".join(generator.choice(WORDS, length)) for length in lengths]


def small_teacher(folder: Path, layers: int) -> Teacher:
    """A transformer of MiniLM's width with random weights, which ``folder`` then holds."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from train.recipe.teacher import Teacher

    vocabulary = {word: number for number, word in enumerate(["<pad>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>")
    fast.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=384,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=1_536,
    )
    BertModel(config).save_pretrained(folder)
    return Teacher(folder).eval()


def batch_seconds(teacher: Teacher, repeats: int) -> list[float]:
    """Seconds that a full batch takes of texts of one length, for each length of the grid."""
    full = [random_texts([length] * BATCH) for length in GRID]
    return [seconds(partial(teacher.soft_labels, texts), repeats) for texts in full]
