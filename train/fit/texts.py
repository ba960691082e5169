"""A person's texts made ready: what to learn from, to choose by, to measure on, and how to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch

from sentiment import checkpoint
from sentiment.tables import ReadOptions
from sentiment.text import TextEncoder, new_tokenizer
from train.data import stream as streaming
from train.data.corpus import Corpus, TrainingSet
from train.data.fingerprint import fingerprint
from train.data.labelled import Example, decided, is_treebank, labelled_data, split_choose
from train.data.labels import Scale
from train.data.tables import Columns, DataError, load_texts
from train.data.vocabulary import choose_words, count_words, load_vectors
from train.fit.distributed import Processes
from train.fit.start import Start, chosen_start, grown_encoder, words_of

_UNSEGMENTED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
    "\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class FitSettings:
    """What to train. ``words`` is the size of the vocabulary; ``int8`` stores it in 8 bits.

    ``dropout`` None is 0.5 from nothing, and 0.3 from a finished model.
    """

    hidden_dim: int = 256
    embed_dim: int = 100
    layers: int = 1
    dropout: float | None = None
    pooling: tuple[str, ...] = ("last", "max", "mean")
    cell: str = "lstm"
    bidirectional: bool = False
    words: int = 30_000
    int8: bool = False


@dataclass(frozen=True, slots=True)
class DataSettings:
    """What to train on, as ``labelled_data`` and ``streaming.prepare`` take it."""

    source: str
    text_column: str = "text"
    label_column: str = "label"
    labels: tuple[str, ...] | None = None
    ratings: bool | Scale = False
    balance: bool = False
    vectors: Path | None = None
    more_text: tuple[str, ...] = ()
    stream: bool = False
    language: str | None = None
    license: str | None = None
    reading: ReadOptions | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Texts to learn from, to choose by, to measure on.

    Of those to learn from ``first`` has the first; ``learnt`` has all, but none of many that are
    streamed. ``fingerprint`` is that of the texts to learn from and to choose by.
    """

    train_set: TrainingSet
    learnt: list[Example]
    choose: list[Example]
    held_out: list[Example]
    labels: tuple[str, ...]
    encoder: TextEncoder
    first: list[str]
    fingerprint: tuple[str, ...]
    scale: Scale | None = None


def make_encoder(
    examples: list[Example], more: Counter[str], common: list[str], size: int, min_count: int = 1
) -> TextEncoder:
    """A tokenizer over the examples' words, then the commonest others, up to ``size``.

    Words of the examples that occur less than ``min_count`` times are read as "unknown".
    """
    core = count_words(example.text for example in examples)
    core = Counter({word: count for word, count in core.items() if count >= min_count})
    return TextEncoder(new_tokenizer(choose_words(core, more, common, size)))


def training_set(
    encoder: TextEncoder, examples: list[Example], max_tokens: int = 400, *, classes: bool = False
) -> TrainingSet:
    """Examples as ids, targets and weights; texts without a word are left out.

    Of a text with more than ``max_tokens`` tokens the first and last half of them are kept.
    With ``classes`` targets are the numbers of more than two labels.
    """
    ids = encoder.ids_batch([example.text for example in examples])
    kept = [(i, e) for i, e in zip(ids, examples, strict=True) if i]
    targets = [example.target for _, example in kept]
    return TrainingSet(
        Corpus([i for i, _ in kept], max_tokens=max_tokens),
        torch.tensor(targets).long() if classes else torch.tensor(targets),
        torch.tensor([e.weight for _, e in kept]),
    )


def refuse_unsegmented(texts: Sequence[str], most: int = 2000) -> None:
    """Raise DataError where most letters of the first texts stand in words without blanks."""
    letters = [c for text in texts[:most] for c in text if c.isalpha()]
    unsegmented = sum(bool(_UNSEGMENTED.match(c)) for c in letters)
    if 2 * unsegmented > len(letters):
        raise DataError(
            "most letters are of a script without blanks between words (Chinese, Japanese, Thai, "
            "Lao, Khmer, Burmese or Tibetan): a sentence would be one word; put blanks between "
            "words with a segmenter first"
        )


def split_texts(
    data: DataSettings,
    state: Path,
    settings: FitSettings,
    start: str | None,
    resume: bool,
    processes: Processes,
) -> tuple[Split, Start | None]:
    """The texts, the tokenizer that reads them, and what training starts from.

    Streamed they are the same, and told to be the same, as in memory. Phrases of SST's trees,
    which are merged, are never streamed.
    """
    if data.stream and not is_treebank(data.source, "train", data.reading, stream=True):
        return _streamed(data, state, settings, start, resume, processes)
    found = labelled_data(
        data.source,
        data.text_column,
        data.label_column,
        labels=data.labels,
        ratings=data.ratings,
        balance=data.balance,
        reading=data.reading,
    )
    learnt, choose = split_choose(found.train)
    texts = [example.text for example in learnt]
    begun = _begun(start, texts)
    encoder_file = state / checkpoint.TOKENIZER
    if resume and encoder_file.is_file():
        encoder = TextEncoder.from_file(encoder_file)
    else:
        encoder = _encoder(data, [texts], settings, begun)
        state.mkdir(parents=True, exist_ok=True)
        if processes.first:
            encoder.save(encoder_file)
    split = Split(
        training_set(encoder, learnt, classes=len(found.labels) > 2),
        learnt,
        decided(choose, found.labels),
        found.dev,
        found.labels,
        encoder,
        texts[: streaming.FIRST],
        fingerprint(e.text for e in found.train),
        found.scale,
    )
    return split, begun


def _begun(start: str | None, first: list[str]) -> Start | None:
    """What training starts from, chosen by the first texts to learn from where none is named.

    Raises DataError for texts that no rule here splits into words.
    """
    refuse_unsegmented(first)
    return chosen_start(start, first)


def _encoder(
    data: DataSettings,
    windows: Iterable[list[str]],
    settings: FitSettings,
    begun: Start | None,
) -> TextEncoder:
    """A tokenizer of the texts to learn from, or the start's, grown by their words."""
    if begun is not None:
        old = begun.checkpoint.encoder
        counts = streaming.counted(windows, lambda texts: words_of(old, texts))
        return grown_encoder(old, counts + _more_words(data), most=settings.words, min_count=2)
    common = load_vectors(data.vectors)[0] if data.vectors else []
    least = 1 if data.vectors else 2
    counts = streaming.counted(windows, count_words)
    core = Counter({word: count for word, count in counts.items() if count >= least})
    chosen = choose_words(core, _more_words(data), common, settings.words)
    return TextEncoder(new_tokenizer(chosen))


def _more_words(data: DataSettings) -> Counter[str]:
    """How often words come in the texts whose words join the vocabulary."""
    more: Counter[str] = Counter()
    for extra in data.more_text:
        more += count_words(
            load_texts(extra, columns=Columns(data.text_column, reading=data.reading))
        )
    return more


def _streamed(
    data: DataSettings,
    state: Path,
    settings: FitSettings,
    start: str | None,
    resume: bool,
    processes: Processes,
) -> tuple[Split, Start | None]:
    begun: list[Start | None] = []

    def encoder_of(windows: Iterable[list[str]]) -> TextEncoder:
        rest, first = iter(windows), list[list[str]]()
        while sum(map(len, first)) < streaming.FIRST and (window := next(rest, None)) is not None:
            first.append(window)
        texts = [text for window in first for text in window][: streaming.FIRST]
        begun.append(_begun(start, texts))
        return _encoder(data, chain(first, rest), settings, begun[0])

    if processes.first:
        streaming.prepare(
            data.source,
            state,
            data.text_column,
            data.label_column,
            words=settings.words,
            labels=data.labels,
            ratings=data.ratings,
            reading=data.reading,
            encoder_of=encoder_of,
            start=" ".join([start or "by the texts", *data.more_text]),
            resume=resume,
        )
    processes.agree(None)  # the others wait for the files
    found = streaming.read(state, balance=data.balance)
    split = Split(
        found.train,
        found.learnt,
        found.choose,
        found.held_out,
        found.labels,
        found.encoder,
        found.first,
        found.fingerprint,
        found.scale,
    )
    return split, begun[0] if begun else _begun(start, found.first)
