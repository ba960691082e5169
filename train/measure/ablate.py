"""One table from one command: what each part of the model and each ingredient is worth.

A reduced schedule, the same for all rows, so that three seeds of each fit an hour of one core:
``phrases`` distinct phrases of the treebank with every whole sentence among them, ``epochs``
passes. Differences between rows are the finding; absolute figures are below the shipped model's.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import torch
import typer
from torch import Tensor

from sentiment.behaviour import run_suite
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, PackedLSTMClassifier, Trace, bfloat16_pays, build
from sentiment.text import TextEncoder
from train.data.labelled import Example, binary_examples
from train.data.tables import load_table
from train.data.vocabulary import initial_embedding, load_vectors
from train.fit import loop
from train.fit.texts import make_encoder, training_set
from train.measure.metrics import binary_metrics
from train.recipe.augment import Generator, treebank_lexicon

NEGATION = (
    "negated praise",
    "negated criticism",
    "far negation of praise",
    "far negation of criticism",
    "double negation",
    "contrast after an expectation",
    "change over time",
)
"""The suite's capabilities whose mean pass rate the table shows as "negation"."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One row: a change to the reference, which is the default of every field."""

    name: str
    pooling: tuple[str, ...] = ("last", "max", "mean")
    cell: str = "lstm"
    padded: bool = False
    neutral: bool = True
    levels: bool = False
    vectors: bool = True
    constructed: bool = True
    teacher: bool = True
    dropout: float = 0.3
    averaging: float = 0.99
    word_dropout: float = 0.05


VARIANTS = (
    Variant("reference: last + max + mean, LSTM, packed, all ingredients"),
    Variant("head: last", pooling=("last",)),
    Variant("head: max", pooling=("max",)),
    Variant("head: mean", pooling=("mean",)),
    Variant("head: last, padded in training and reading", pooling=("last",), padded=True),
    Variant("vanilla RNN twin", cell="rnn"),
    Variant("vanilla RNN twin, head: last", cell="rnn", pooling=("last",)),
    Variant("without neutral phrases", neutral=False),
    Variant("five levels as targets", levels=True),
    Variant("without word vectors", vectors=False),
    Variant("without constructed sentences", constructed=False),
    Variant("without the teacher", teacher=False),
    Variant("without dropout", dropout=0.0, word_dropout=0.0),
    Variant("without weight averaging", averaging=0.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Dev figures of one variant over the seeds: means, and the accuracy's standard deviation.

    Shares are in [0, 1], ``log_loss`` in nats; ``negation`` is the mean pass rate of the suite's
    negation capabilities, ``neutral`` that of its neutral ones.
    """

    name: str
    seeds: int
    accuracy: float
    accuracy_spread: float
    log_loss: float
    ece: float
    negation: float
    negation_spread: float
    neutral: float


class PaddedReader(PackedLSTMClassifier):
    """The final state read at the padded end of the rectangle, as without packing."""

    def run(self, embedded: Tensor, lengths: Tensor, *, winners: bool = True) -> Trace:
        full = torch.full_like(lengths, embedded.shape[1])
        return super().run(embedded, full, winners=winners)


def padded_logits(
    model: PackedLSTMClassifier, ids: Sequence[Sequence[int]], width: int = 48
) -> list[float]:
    """Logits of texts in batches of 64 in their order, padded to ``width`` or the longest."""
    logits: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(ids), 64):
            batch = ids[start : start + 64]
            longest = max(width, *(len(row) for row in batch))
            rectangle = torch.zeros(len(batch), longest, dtype=torch.int64)
            for row, sentence in enumerate(batch):
                rectangle[row, : len(sentence)] = torch.tensor(sentence)
            lengths = torch.tensor([len(sentence) for sentence in batch])
            logits += model(rectangle, lengths).squeeze(1).tolist()
    return logits


class PaddedClassifier(SentimentClassifier):
    """A classifier that pads every batch, so that its model reads the padding."""

    def logits(
        self,
        ids: Sequence[Sequence[int]],
        *,
        batch_tokens: int = 8192,
        bfloat16: bool = False,
    ) -> list[list[float]]:
        return [[value] for value in padded_logits(self.model, ids)]


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What every variant draws from."""

    phrases: list[Example]
    levels: dict[str, float]
    soft: dict[str, float]
    constructed: list[Example]
    dev: list[Example]
    encoder: TextEncoder
    embedding: Tensor


def gather(sst: str, vectors: Path, cache: Path | None, phrases: int, words: int) -> Ingredients:
    """Load and sample once, for all variants and seeds."""
    generator = random.Random(0)
    table = load_table(sst, "train")
    whole = {t for t, is_whole in zip(table["text"], table["is_sentence"], strict=True) if is_whole}
    levels: dict[str, list[float]] = {}
    for text, rating in zip(table["text"], table["rating"], strict=True):
        levels.setdefault(text, []).append(rating / 4)
    examples = binary_examples(sst, "train")
    sentences = [e for e in examples if e.text in whole]
    others = [e for e in examples if e.text not in whole]
    kept = sentences + generator.sample(others, min(len(others), phrases - len(sentences)))
    constructed = list(Generator(treebank_lexicon(examples)).examples(phrases // 4))
    soft: dict[str, float] = {}
    if cache is not None:
        from train.recipe.teacher import cached_labels

        soft = cached_labels(cache)
    names, rows = load_vectors(vectors)
    encoder = make_encoder(kept + constructed, Counter(), names, words)
    embedding, _ = initial_embedding(encoder, names, rows)
    means = {text: mean(seen) for text, seen in levels.items()}
    dev = binary_examples(sst, "dev")
    return Ingredients(kept, means, soft, constructed, dev, encoder, embedding)


def examples_of(variant: Variant, made: Ingredients) -> list[Example]:
    """The variant's training examples."""
    chosen = []
    for example in made.phrases:
        if not variant.neutral and example.target == 0.5:
            continue
        target = made.levels[example.text] if variant.levels else example.target
        if variant.teacher and example.text in made.soft:
            target = (target + made.soft[example.text]) / 2
        chosen.append(replace(example, target=target))
    return chosen + (made.constructed if variant.constructed else [])


def run_variant(
    variant: Variant, made: Ingredients, settings: loop.LoopSettings
) -> dict[str, float]:
    """Train one variant with one seed and measure it."""
    config = ModelConfig(
        vocab_size=made.encoder.vocabulary_size,
        embed_dim=int(made.embedding.shape[1]),
        dropout=variant.dropout,
        pooling=variant.pooling,
        cell=variant.cell,
    )
    torch.manual_seed(settings.seed)
    model = build(config)
    if variant.padded:
        model = PaddedReader(
            config.vocab_size,
            config.embed_dim,
            config.hidden_dim,
            pooling=variant.pooling,
            dropout=variant.dropout,
        )
    if variant.vectors:
        model.embedding.weight.data.copy_(made.embedding)
    settings = replace(settings, averaging=variant.averaging, word_dropout=variant.word_dropout)
    ids = made.encoder.ids_batch([e.text for e in made.dev])
    labels = [int(e.target > 0.5) for e in made.dev]
    kind = PaddedClassifier if variant.padded else SentimentClassifier

    def measure(trained: PackedLSTMClassifier) -> dict[str, float]:
        rows = kind(trained, made.encoder).logits(ids)
        figures = binary_metrics(torch.tensor(rows).squeeze(1).sigmoid().tolist(), labels)
        return {"accuracy": figures.accuracy, "log_loss": figures.log_loss, "ece": figures.ece}

    train_set = training_set(made.encoder, examples_of(variant, made))
    with tempfile.TemporaryDirectory() as folder:
        best, _ = loop.train(model, train_set, measure, settings, Path(folder))
    figures = measure(best)
    passed = {r.name: r.pass_rate for r in run_suite(kind(best, made.encoder)).results}
    figures["negation"] = mean(passed[name] for name in NEGATION)
    figures["neutral"] = mean(
        passed[name] for name in ("neutral statement", "negated neutral statement", "neutral word")
    )
    return figures


def summary(name: str, runs: Sequence[dict[str, float]]) -> Row:
    """One row of several seeds."""

    def spread(key: str) -> float:
        return stdev(run[key] for run in runs) if len(runs) > 1 else 0.0

    middle = {key: mean(run[key] for run in runs) for key in runs[0]}
    return Row(
        name=name,
        seeds=len(runs),
        accuracy=middle["accuracy"],
        accuracy_spread=spread("accuracy"),
        log_loss=middle["log_loss"],
        ece=middle["ece"],
        negation=middle["negation"],
        negation_spread=spread("negation"),
        neutral=middle["neutral"],
    )


def table(rows: Sequence[Row]) -> str:
    """The rows in columns, accuracies and shares in per cent."""
    lines = [
        f"{'variant':60}{'accuracy':>14}{'log loss':>10}{'ECE':>7}{'negation':>14}{'neutral':>9}"
    ]
    for row in rows:
        accuracy = f"{100 * row.accuracy:.1f} ± {100 * row.accuracy_spread:.1f}"
        negation = f"{100 * row.negation:.1f} ± {100 * row.negation_spread:.1f}"
        lines.append(
            f"{row.name:60}{accuracy:>14}{row.log_loss:10.3f}{row.ece:7.3f}"
            f"{negation:>14}{100 * row.neutral:9.1f}"
        )
    return "\n".join(lines)


def ablate(
    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")],
    vectors: Annotated[Path, typer.Option(help="GloVe file or folder.")],
    cache: Annotated[Path | None, typer.Option(help="The teacher's labels.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON file, one row a line.")] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each row.")] = 3,
    phrases: Annotated[int, typer.Option(help="Phrases of the treebank.")] = 10_000,
    words: Annotated[int, typer.Option(help="Vocabulary size.")] = 15_000,
    epochs: Annotated[int, typer.Option(help="Passes.")] = 2,
    bfloat16: Annotated[
        bool | None,
        typer.Option(
            "--bfloat16/--no-bfloat16",
            help="Multiply in 16 bits.  [default: where the processor does]",
        ),
    ] = None,
) -> None:
    """Dev figures of every variant over several seeds; rows in OUT are not run again."""
    torch.set_num_threads(1)
    made = gather(sst, vectors, cache, phrases, words)
    done: dict[str, Row] = {}
    if out is not None and out.is_file():
        found = [Row(**json.loads(line)) for line in out.read_text("utf-8").splitlines()]
        done = {row.name: row for row in found}
    settings = loop.LoopSettings(
        epochs=epochs,
        batch_size=64,
        bfloat16=bfloat16_pays() if bfloat16 is None else bfloat16,
        lazy_embedding=True,
    )
    for variant in VARIANTS:
        if variant.name in done:
            continue
        runs = [run_variant(variant, made, replace(settings, seed=s)) for s in range(seeds)]
        done[variant.name] = row = summary(variant.name, runs)
        if out is not None:
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    typer.echo(table([done[variant.name] for variant in VARIANTS]))
