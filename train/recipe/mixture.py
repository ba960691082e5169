"""Which texts the teacher sees and labels, and the mixture that the student learns from."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from sentiment.classifier import SentimentClassifier
from sentiment.durable import replace_file
from train.data.general import GeneralText, general_examples, load_general
from train.data.labelled import SST_TARGETS, Example, binary_examples, treebank_rows
from train.data.reviews import imdb_train, is_imdb_dev, review_sentences
from train.data.tables import Columns, load_texts
from train.data.vocabulary import load_vectors
from train.recipe.augment import Generator, neutral_nouns, treebank_lexicon
from train.recipe.variants import (
    neighbours,
    variant,
    with_other_numbers,
    with_other_people,
)
from train.recipe.written import written_examples

CONTRAST = re.compile(
    r"\b(not|no|never|nothing|neither|nor|without|hardly|barely|but|although|though|however|"
    r"despite|instead|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the raw data lie: folders, files or Hub ids. ``teacher`` is a transformer's.

    ``general`` is everyday English, as ``train.data.general.load_general`` reads it; "" for none.

    ``cache`` has a folder for each teacher, named after it, and the labels of reviews.
    ``columns`` are those of reviews, with labels or without; all files are read as they say.
    """

    sst: str
    imdb: str
    unlabelled: str
    vectors: Path
    teacher: str
    cache: Path
    general: str = ""
    columns: Columns = field(default_factory=Columns)

    def phrases(self, split: str = "train") -> list[Example]:
        """The treebank's phrases, or the whole polar sentences of another split."""
        return binary_examples(self.sst, split, reading=self.columns.reading)

    def constituents(self) -> list[tuple[str, int, bool]]:
        """The treebank's constituents, as ``treebank_rows``."""
        return treebank_rows(self.sst, reading=self.columns.reading)

    def texts(self, source: str) -> list[str]:
        """The texts of reviews, labelled or not."""
        return load_texts(source, columns=self.columns)

    def everyday(self, split: str = "train") -> list[GeneralText]:
        """Everyday texts; none where none are named."""
        if not self.general:
            return []
        return load_general(self.general, split, reading=self.columns.reading)


@dataclass(frozen=True, slots=True)
class DistillSettings:
    """The student's shape and its mixture of texts.

    ``gold`` is the share of the treebank's own target where a phrase has a soft label too, and
    ``own`` the share in a soft label of the checkpoint that training starts from (its knowledge
    and the teachers' together: an ensemble, and born-again training, Furlanello et al. 2018,
    arXiv:1805.04770).
    ``general_gold`` is the share of the own target in everyday texts, whose labels are noisier,
    and ``general_own`` that of the starting checkpoint in their soft labels.
    ``constructed`` counts augmentation sentences, ``unlabelled_reviews`` those with NB-SVM's soft
    label.
    ``review_tokens`` cuts reviews in training alone, ``review_chance`` is how likely a text of
    ``long_text`` tokens or more is read in an epoch: reviews take most of the time, and are
    learnt in fewer passes than sentences. The sentences written for the recipe stand in the
    mixture ``written`` times. Sentences with a number that is no mark stand in it once more,
    with another number.
    """

    words: int = 60_000
    hidden_dim: int = 256
    dropout: float = 0.3
    gold: float = 0.5
    own: float = 0.5
    general_gold: float = 0.6
    general_own: float = 0.0
    constructed: int = 120_000
    review_sentences: int = 100_000
    unlabelled_reviews: int = 15_000
    review_tokens: int = 240
    review_chance: float = 0.4
    long_text: int = 60
    repeat_sentences: int = 3
    written: int = 6


def teacher_texts(
    sources: Sources,
    phrases: int = 12_000,
    general: int = 30_000,
    seed: int = 0,
    written: int = 0,
) -> list[Example]:
    """What a teacher is fine-tuned on: every sentence, and samples of phrases and everyday texts.

    Two thirds of the phrases are long and polar, the rest neutral or short. The sentences written
    for the recipe are in ``written`` times.
    """
    sentences = [
        Example(text, SST_TARGETS[rating])
        for text, rating, whole in sources.constituents()
        if whole
    ]
    found = [e for e in sources.phrases() if e.target in (0, 0.5, 1)]
    long = [e for e in found if len(e.text.split()) >= 5]
    pools = (
        ([e for e in long if e.target != 0.5], 16 * phrases // 24),
        ([e for e in long if e.target == 0.5], 5 * phrases // 24),
        ([e for e in found if len(e.text.split()) <= 4], 3 * phrases // 24),
    )
    generator = random.Random(seed)
    chosen = [e for pool, n in pools for e in generator.sample(pool, min(n, len(pool)))]
    labelled = [
        Example(one.text, one.target)
        for one in general_texts(sources)
        if one.target is not None and len(one.text.split()) <= 60
    ]
    everyday = generator.sample(labelled, min(general, len(labelled)))
    return sentences + chosen + everyday + list(written_examples()) * written


def general_texts(sources: Sources) -> list[GeneralText]:
    """The everyday texts to train on; none where no source is named."""
    return sources.everyday()


def texts_to_label(sources: Sources, reviews: int = 30_000, seed: int = 0) -> list[str]:
    """Everyday texts, sentences, then chunks of long phrases and of review sentences in turn.

    Sentences are taken from so many ``reviews``: as many with a negator or a word of contrast as
    without.
    """
    generator = random.Random(seed)
    sentences = [text for text, _, whole in sources.constituents() if whole]
    phrases = [e.text for e in sources.phrases()]
    long = [text for text in phrases if len(text.split()) >= 4]
    generator.shuffle(long)
    pool = [text for text in sources.texts(sources.imdb) if not is_imdb_dev(text)]
    pool += sources.texts(sources.unlabelled)
    generator.shuffle(pool)
    found = review_sentences(pool[:reviews], 5, 30)
    contrast = [text for text in found if CONTRAST.search(text)]
    plain = [text for text in found if not CONTRAST.search(text)]
    generator.shuffle(contrast)
    generator.shuffle(plain)
    mixed = [text for pair in zip(contrast, plain, strict=False) for text in pair]
    size = 800
    chunks = [
        text
        for start in range(0, max(len(long), len(mixed)), size)
        for text in long[start : start + size] + mixed[start : start + size]
    ]
    everyday = [one.text for one in general_texts(sources) if len(one.text.split()) <= 60]
    return everyday + sentences + chunks


def variants_to_label(sources: Sources, copies: int, seed: int = 0) -> Iterator[str]:
    """``copies`` variants of each written sentence, fewer of the treebank's and of everyday texts.

    Half as many of a treebank sentence, an eighth of a phrase of six words and more, a tenth of
    an everyday text with a target.
    """
    whole = {text for text, _, is_whole in sources.constituents() if is_whole}
    phrases = [e.text for e in sources.phrases()]
    written = [e.text for e in written_examples()]
    everyday = [
        one.text
        for one in general_texts(sources)
        if one.target is not None and len(one.text.split()) <= 45
    ]
    names, table = load_vectors(sources.vectors)
    near = neighbours([*phrases, *written, *everyday], names, torch.from_numpy(table[:]))
    times = [(text, copies) for text in written]
    times += [
        (text, copies // 2 if text in whole else copies // 8)
        for text in phrases
        if text in whole or len(text.split()) >= 6
    ]
    times += [(text, copies // 10) for text in everyday]
    generator = random.Random(seed)
    generator.shuffle(times)
    others = [*written, *sorted(whole)]
    for text, count in times:
        for _ in range(count):
            yield from with_other_people(variant(text, near, others, generator), generator)


def mixture(
    sources: Sources,
    settings: DistillSettings,
    labels: dict[str, float],
    reviews: dict[str, float],
    seed: int = 0,
) -> list[Example]:
    """Every example of the student, in no particular order."""
    whole = {text for text, _, is_whole in sources.constituents() if is_whole}
    phrases = sources.phrases()
    generator = random.Random(seed)
    mixed: list[Example] = []
    for example in phrases:
        target = example.target
        if (soft := labels.get(example.text)) is not None:
            target = settings.gold * target + (1 - settings.gold) * soft
        copies = settings.repeat_sentences if example.text in whole else 1
        mixed += [Example(example.text, target)] * copies
    general = general_texts(sources)
    mixed += general_examples(general, labels, settings.general_gold)
    known = {example.text for example in phrases} | {one.text for one in general}
    others = [Example(text, soft) for text, soft in labels.items() if text not in known]
    mixed += generator.sample(others, min(settings.review_sentences, len(others)))
    labelled = imdb_train(sources.imdb, sources.columns)
    soft_reviews = [Example(text, soft) for text, soft in reviews.items()]
    count = min(settings.unlabelled_reviews, len(soft_reviews))
    whole_reviews = labelled + generator.sample(soft_reviews, count)
    neutral = [e.text for e in phrases if e.target == 0.5 and 3 <= len(e.text.split()) <= 12]
    sample = generator.sample(labelled, min(8000, len(labelled)))
    nouns = neutral_nouns([e.text for e in sample], [e.target for e in sample])
    lexicon = treebank_lexicon(phrases, nouns)
    mixed += Generator(lexicon, seed).examples(settings.constructed, surroundings=neutral)
    mixed += list(written_examples()) * settings.written
    numbers = [
        Example(text, example.target)
        for example in mixed
        if (text := with_other_numbers(example.text, generator)) is not None
    ]
    return mixed + numbers + whole_reviews


def with_own_labels(
    labels: dict[str, float],
    own: SentimentClassifier,
    phrases: Sequence[Example],
    settings: DistillSettings,
    general: Sequence[GeneralText] = (),
) -> dict[str, float]:
    """Soft labels with ``settings.own`` of ``own``'s opinion; alone where no teacher has one.

    Of ``general`` texts with ``settings.general_own``, which 0 leaves as they are.
    """
    share = {one.text: settings.general_own for one in general}
    texts = [
        text
        for text in dict.fromkeys([*labels, *(phrase.text for phrase in phrases), *share])
        if share.get(text, settings.own) > 0
    ]
    opinions = torch.tensor(own.logits(own.encoder.ids_batch(texts))).squeeze(1).sigmoid().tolist()
    blended = dict(labels)
    for text, opinion in zip(texts, opinions, strict=True):
        part = share.get(text, settings.own)
        blended[text] = part * opinion + (1 - part) * labels.get(text, opinion)
    return blended


def cached_reviews(cache: Path) -> dict[str, float]:
    """NB-SVM's soft labels of whole reviews, by text; none where the file is not there yet."""
    path = cache / "reviews.jsonl"
    if not path.is_file():
        return {}
    # splitlines would also cut at the line separators that reviews may hold
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    rows = [json.loads(line) for line in lines]
    return {row["text"]: row["soft_label"] for row in rows}


def label_reviews(sources: Sources) -> dict[str, float]:
    """Let NB-SVM, trained on the labelled reviews, label the others; kept in the cache."""
    from train.measure.baselines import NaiveBayesSVM

    if found := cached_reviews(sources.cache):
        return found
    kept = imdb_train(sources.imdb, sources.columns)
    model = NaiveBayesSVM(2, strength=1.0, min_count=2)
    model.fit([one.text for one in kept], [int(one.target) for one in kept])
    texts = sources.texts(sources.unlabelled)
    labels = dict(zip(texts, model(texts).tolist(), strict=True))
    lines = (
        json.dumps({"text": text, "soft_label": round(value, 4)}, ensure_ascii=False) + "\n"
        for text, value in labels.items()
    )
    replace_file(sources.cache / "reviews.jsonl", "".join(lines).encode())
    return labels
