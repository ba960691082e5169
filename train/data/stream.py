"""Labelled texts larger than memory: read three times in windows, kept tokenised on disk.

The first pass counts labels and numbers the texts, which tells what is held out, as of rows in
memory; the second counts the words of those to train on, the third writes their token ids into
one flat file that training maps into memory. What is held of it is at most some 60 bytes a text,
and the texts to choose by and to measure on.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from glob import glob
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment import checkpoint
from sentiment.durable import digest, flush, replace_file
from sentiment.tables import ReadOptions
from sentiment.text import TextEncoder, new_tokenizer
from train.data.corpus import Corpus, TrainingSet, cut
from train.data.fingerprint import least, number
from train.data.held_out import CHOOSE_FROM, Numbers, held_out, to_choose
from train.data.labelled import Example, check_split, decided, own_dev, without_dev
from train.data.labels import Found, Labelling, Scale, labelling
from train.data.pairs import Pairs, count_labels
from train.data.tables import DataError
from train.data.vocabulary import choose_words, count_words

TOKENS, ROWS, ABOUT = "tokens.i32", "rows.npz", "stream.json"
MAX_TOKENS = 400
MAX_COUNTED = 2_000_000
FIRST = 2000

EncoderOf = Callable[[Iterable[list[str]]], TextEncoder]
"""Makes the tokenizer of the texts to train on, which come in windows."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Tokenised texts to train on, texts to choose the epoch by and to measure on, labels,
    tokenizer, and ratings' scale.

    ``first`` has the first of the texts to train on, and ``learnt`` all of them where they are so
    few that none chooses. ``fingerprint`` is that of the texts to train on and to choose by.
    """

    train: TrainingSet
    choose: list[Example]
    held_out: list[Example]
    labels: tuple[str, ...]
    encoder: TextEncoder
    first: list[str]
    learnt: list[Example]
    fingerprint: tuple[str, ...]
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class _Sides:
    """Which texts, by their numbers, choose and are held out; how many of each label are not.

    ``targets`` are the distinct ones of those, ``count`` is of the rows to train on.
    """

    choose: frozenset[int]
    held_out: frozenset[int]
    sizes: dict[int, int]
    targets: frozenset[float]
    count: int
    fingerprint: tuple[str, ...]


def prepare(
    source: str,
    folder: Path,
    text_column: str,
    label_column: str,
    *,
    words: int,
    labels: Sequence[str] | None = None,
    ratings: bool | Scale = False,
    min_count: int = 2,
    common: Sequence[str] = (),
    reading: ReadOptions | None = None,
    resume: bool = False,
    encoder_of: EncoderOf | None = None,
    start: str = "",
) -> None:
    """Tokenise ``source``, a file, a glob, a folder or a Hub data set, into ``folder``.

    The rows, what is held out of them and what is said are those of ``labelled_data``.
    ``encoder_of`` makes the tokenizer; without it, it has the commonest ``words`` of those that
    come ``min_count`` times; ``start`` names what it grew from. ``resume`` takes what lies in the
    folder if it was made whole. Raises DataError for a source that cannot be trained on, and where
    what lies there was made of another source or in another way.
    """
    how: tuple[Any, ...] = (
        text_column,
        label_column,
        words,
        labels,
        ratings,
        min_count,
        len(common),
        start,
        CHOOSE_FROM,
    )
    how = how if reading is None else (*how, reading)
    made_of = {"content": _content(source), "how": repr(how)}
    if resume and (folder / ABOUT).is_file():
        return _check_same(folder, made_of, source)
    (folder / ABOUT).unlink(missing_ok=True)  # from here to the end nothing of it is whole
    pairs = Pairs(source, "train", text_column, label_column, stream=True, reading=reading)
    meaning, numbers, targets = _counted(pairs, labels, ratings)
    own = own_dev(
        source,
        text_column,
        label_column,
        meaning,
        labels=labels,
        ratings=ratings,
        reading=reading,
        stream=True,
    )
    sides = _sides(numbers, targets, meaning, split=own is None)
    del numbers, targets
    encoder = (encoder_of or _of_commonest(words, min_count, common))(
        _learnt(pairs, meaning, sides)
    )
    folder.mkdir(parents=True, exist_ok=True)
    encoder.save(folder / checkpoint.TOKENIZER)
    texts = _write(pairs, folder, meaning, encoder, sides)
    if own is None:
        print(without_dev(source, len(texts.held_out)), flush=True)
    dev = decided(texts.held_out if own is None else own, meaning.names)
    check_split(source, sides.targets, sum(sides.sizes.values()), dev)
    _finish(folder, meaning, sides, replace(texts, held_out=dev), made_of)
    return None


def _check_same(folder: Path, made_of: dict[str, Any], source: str) -> None:
    """Raise DataError where what lies in ``folder`` was made of something else."""
    if (made := _about(folder).get("made_of")) != made_of:
        raise DataError(
            f"{folder} was made of {'other data' if not made else _differing(made, made_of)} "
            f"than {source}; go on with the same, or leave out --resume to start anew"
        )


def _finish(
    folder: Path, meaning: Labelling, sides: _Sides, texts: _Texts, made_of: dict[str, Any]
) -> None:
    """Make the files durable, then write the one that says they are whole."""
    about = {
        "labels": meaning.names,
        "ratings": meaning.scale,
        "choose": [asdict(example) for example in decided(texts.choose, meaning.names)],
        "held_out": [asdict(example) for example in texts.held_out],
        "learnt": [asdict(example) for example in texts.learnt],
        "first": texts.first,
        "sizes": list(sides.sizes.items()),
        "fingerprint": sides.fingerprint,
        "made_of": made_of,
    }
    for name in (checkpoint.TOKENIZER, TOKENS, ROWS):
        flush(folder / name)
    replace_file(folder / ABOUT, json.dumps(about).encode())


def _counted(
    pairs: Pairs, labels: Sequence[str] | None, ratings: bool | Scale
) -> tuple[Labelling, Numbers, NDArray[np.float64]]:
    """The first pass: what the labels mean, and the number and the target of each text.

    Says what there is to say of the rows. Raises DataError where none can be trained on.
    """
    found: dict[Any, Found] = {}
    places: dict[Any, int] = {}
    numbers, kinds = array("Q"), array("i")
    for window in pairs.windows():
        count_labels(found, window, pairs.source)
        for pair in window:
            numbers.append(number(pair.text))
            kinds.append(places.setdefault(pair.label, len(places)))
    if not pairs.count:
        raise pairs.none()
    meaning = labelling(found, pairs.source, labels=labels, ratings=ratings)
    for note in (*pairs.notes(), *meaning.notes):
        print(note, flush=True)
    of_kind = np.array([meaning.targets.get(label, np.nan) for label in found])
    targets = of_kind[np.frombuffer(kinds, np.int32)]
    kept = ~np.isnan(targets)
    return meaning, np.frombuffer(numbers, np.uint64)[kept], targets[kept]


def _sides(
    numbers: Numbers, targets: NDArray[np.float64], meaning: Labelling, *, split: bool
) -> _Sides:
    """Where each text goes; with ``split`` some are held out of the rows themselves."""
    out = held_out(numbers, targets, meaning.names) if split else frozenset[int]()
    rest = ~np.isin(numbers, np.array(sorted(out), np.uint64))
    numbers, targets = numbers[rest], targets[rest]
    choose = to_choose(numbers, targets)
    sizes = Counter((targets + 1e-9).round().astype(np.int64).tolist())
    count = len(numbers) - int(np.isin(numbers, np.array(sorted(choose), np.uint64)).sum())
    distinct = frozenset(np.unique(targets).tolist())
    return _Sides(choose, out, dict(sizes), distinct, count, least(np.unique(numbers).tolist()))


def _of_commonest(words: int, min_count: int, common: Sequence[str]) -> EncoderOf:
    def encoder_of(windows: Iterable[list[str]]) -> TextEncoder:
        counts = counted(windows, count_words)
        core = Counter({word: count for word, count in counts.items() if count >= min_count})
        return TextEncoder(new_tokenizer(choose_words(core, Counter(), common, words)))

    return encoder_of


def counted(
    windows: Iterable[list[str]], count: Callable[[list[str]], Counter[str]]
) -> Counter[str]:
    """How often each word comes in texts, by a function that counts those of some of them."""
    counts: Counter[str] = Counter()
    for window in windows:
        counts.update(count(window))
        if len(counts) > MAX_COUNTED:  # rare words of a stream without end
            counts = Counter({word: many for word, many in counts.items() if many > 1})
    return counts


def _learnt(pairs: Pairs, meaning: Labelling, sides: _Sides) -> Iterator[list[str]]:
    """The texts to train on, in windows."""
    for window in pairs.windows():
        yield [
            pair.text
            for pair in window
            if pair.label in meaning.targets
            and (one := number(pair.text)) not in sides.held_out
            and one not in sides.choose
        ]


def read(folder: Path, *, balance: bool = False) -> Prepared:
    """What ``prepare`` wrote; the tokens stay on disk until they are needed."""
    about = _about(folder)
    names = tuple(about["labels"])
    rows = np.load(folder / ROWS)
    lengths = torch.from_numpy(rows["lengths"].astype(np.int64))
    targets = torch.from_numpy(rows["targets"])
    weight = torch.ones(len(names))
    if balance:
        sizes = dict(about["sizes"])
        total = sum(sizes.values())
        for which, size in sizes.items():
            weight[which] = total / (len(names) * size)
    numbers = (targets + 1e-6).round().long()
    learnt = [Example(**example) for example in about["learnt"]]
    return Prepared(
        TrainingSet(
            Corpus.on_disk(folder / TOKENS, lengths),
            targets.long() if len(names) > 2 else targets,
            weight[numbers],
        ),
        [Example(**example) for example in about["choose"]],
        [Example(**example) for example in about["held_out"]],
        names,
        TextEncoder.from_file(folder / checkpoint.TOKENIZER),
        about["first"],
        [replace(e, weight=float(weight[round(e.target + 1e-9)])) for e in learnt],
        tuple(about["fingerprint"]),
        tuple(about["ratings"]) if about.get("ratings") else None,
    )


def _about(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    try:
        about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"nothing was prepared: no {path}") from error
    except ValueError as error:
        raise DataError(f"{path} is damaged; leave out --resume to start anew") from error
    return about


def _content(source: str) -> str:
    """A hash of the files' content; the id itself of a data set on the Hub."""
    found = [Path(name) for name in sorted(glob(source))]
    inner = [file for one in found for file in ([one] if one.is_file() else one.rglob("*"))]
    files = sorted(file for file in inner if file.is_file())
    return digest(files) if files else source


def _differing(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    return "other data" if found["content"] != wanted["content"] else "other columns or labels"


@dataclass(frozen=True, slots=True)
class _Texts:
    """Rows that are kept as text."""

    choose: list[Example]
    held_out: list[Example]
    learnt: list[Example]
    first: list[str]


def _write(
    pairs: Pairs, folder: Path, meaning: Labelling, encoder: TextEncoder, sides: _Sides
) -> _Texts:
    """The third pass: ids of the training texts on disk, the others given back."""
    kept = _Texts([], [], [], [])
    few = not sides.choose and sides.count < CHOOSE_FROM
    lengths, targets = array("i"), array("f")
    with (folder / TOKENS).open("wb") as file:
        for window in pairs.windows():
            learnt: list[Example] = []
            for pair in window:
                if pair.label not in meaning.targets:
                    continue
                example = Example(pair.text, meaning.targets[pair.label])
                one = number(pair.text)
                if one in sides.held_out:
                    kept.held_out.append(example)
                elif one in sides.choose:
                    kept.choose.append(example)
                else:
                    learnt.append(example)
            kept.first.extend(e.text for e in islice(learnt, FIRST - len(kept.first)))
            kept.learnt.extend(learnt if few else ())
            for example, ids in zip(
                learnt, encoder.ids_batch([e.text for e in learnt]), strict=True
            ):
                if not ids:
                    continue
                tokens = cut(ids, MAX_TOKENS)
                file.write(np.asarray(tokens, dtype=np.int32).tobytes())
                lengths.append(len(tokens))
                targets.append(example.target)
    if not lengths:
        raise DataError(f"{pairs.source} gives no training texts")
    np.savez(
        folder / ROWS,
        lengths=np.frombuffer(lengths, dtype=np.int32),
        targets=np.frombuffer(targets, dtype=np.float32),
    )
    return kept
