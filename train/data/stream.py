"""Labelled texts larger than memory: read twice in windows, kept tokenised on disk.

The first pass counts words and labels, the second writes token ids into one flat file that
training maps into memory. What stays resident is some 40 bytes a text, and the dev texts.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sentiment import checkpoint
from sentiment.durable import digest, flush, replace_file
from sentiment.tables import ReadOptions
from sentiment.text import TextEncoder, new_tokenizer
from train.data.corpus import Corpus, TrainingSet, cut
from train.data.labelled import Example
from train.data.labels import Found, Scale, labelling
from train.data.pairs import Pairs, count_labels
from train.data.tables import DataError
from train.data.vocabulary import choose_words, count_words

TOKENS, ROWS, ABOUT = "tokens.i32", "rows.npz", "stream.json"
MAX_TOKENS = 400
MAX_DEV = 20_000
MAX_COUNTED = 2_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """Tokenised texts to train on, texts to choose on, labels, tokenizer, and ratings' scale."""

    train: TrainingSet
    dev: list[Example]
    labels: tuple[str, ...]
    encoder: TextEncoder
    scale: Scale | None = None


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
    encoder_of: Callable[[Counter[str]], TextEncoder] | None = None,
    start: str = "",
) -> None:
    """Tokenise ``source``, a file, a glob or a Hub data set, into ``folder``.

    ``encoder_of`` makes the tokenizer of the counted words; without it, it has the commonest
    ``words`` of them; ``start`` names what it grew from. A tenth of the texts, by their hash and
    at most about 20,000, is kept for dev. ``resume`` takes what lies in the folder if it was made
    whole. Raises DataError for a source that cannot be trained on, and where what lies there was
    made of another source or in another way.
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
    )
    how = how if reading is None else (*how, reading)
    made_of = {"content": _content(source), "how": repr(how)}
    if resume and (folder / ABOUT).is_file():
        return _check_same(folder, made_of, source)
    (folder / ABOUT).unlink(missing_ok=True)  # from here to the end nothing of it is whole
    pairs = Pairs(source, "train", text_column, label_column, stream=True, reading=reading)
    counts, found = _counted(pairs)
    total = pairs.count
    if not total:
        raise pairs.none()
    meaning = labelling(found, source, labels=labels, ratings=ratings)
    for note in (*pairs.notes(), *meaning.notes):
        print(note, flush=True)
    names = meaning.names
    if encoder_of is not None:
        encoder = encoder_of(counts)
    else:
        core = Counter({word: count for word, count in counts.items() if count >= min_count})
        encoder = TextEncoder(new_tokenizer(choose_words(core, Counter(), common, words)))
    folder.mkdir(parents=True, exist_ok=True)
    encoder.save(folder / checkpoint.TOKENIZER)
    dev = _write(pairs, folder, meaning.targets, encoder, total)
    if len(names) == 2:
        dev = [example for example in dev if example.target != 0.5]
    print(f"{source}: {len(dev):,} texts are kept to measure on", flush=True)
    if not dev:
        raise DataError(f"{source} gives no dev texts; leave out --stream for so few")
    _finish(folder, names, meaning.scale, dev, made_of)
    return None


def _check_same(folder: Path, made_of: dict[str, Any], source: str) -> None:
    """Raise DataError where what lies in ``folder`` was made of something else."""
    if (made := _about(folder).get("made_of")) != made_of:
        raise DataError(
            f"{folder} was made of {'other data' if not made else _differing(made, made_of)} "
            f"than {source}; go on with the same, or leave out --resume to start anew"
        )


def _counted(pairs: Pairs) -> tuple[Counter[str], dict[Any, Found]]:
    """The first pass: how often each word and each label comes."""
    counts: Counter[str] = Counter()
    found: dict[Any, Found] = {}
    for window in pairs.windows():
        counts.update(count_words(pair.text for pair in window))
        if len(counts) > MAX_COUNTED:  # rare words of a stream without end
            counts = Counter({word: count for word, count in counts.items() if count > 1})
        count_labels(found, window, pairs.source)
    return counts, found


def _finish(
    folder: Path,
    names: Sequence[str],
    scale: Scale | None,
    dev: list[Example],
    made_of: dict[str, Any],
) -> None:
    """Make the files durable, then write the one that says they are whole."""
    about = {
        "labels": names,
        "ratings": scale,
        "dev": [asdict(example) for example in dev],
        "made_of": made_of,
    }
    for name in (checkpoint.TOKENIZER, TOKENS, ROWS):
        flush(folder / name)
    replace_file(folder / ABOUT, json.dumps(about).encode())


def first_texts(
    source: str, text_column: str, label_column: str, reading: ReadOptions | None = None
) -> list[str]:
    """The texts of the first window. Raises DataError for a source that cannot be read."""
    pairs = Pairs(source, "train", text_column, label_column, stream=True, reading=reading)
    return [pair.text for pair in next(iter(pairs.windows()), [])]


def read(folder: Path, *, balance: bool = False) -> Prepared:
    """What ``prepare`` wrote; the tokens stay on disk until they are needed."""
    about = _about(folder)
    names = tuple(about["labels"])
    rows = np.load(folder / ROWS)
    lengths = torch.from_numpy(rows["lengths"].astype(np.int64))
    targets = torch.from_numpy(rows["targets"])
    weights = torch.ones(len(targets))
    if balance:
        numbers = (targets + 1e-6).round().long()
        sizes = torch.bincount(numbers, minlength=len(names)).clamp(min=1)
        weights = len(targets) / (len(names) * sizes[numbers].float())
    return Prepared(
        TrainingSet(
            Corpus.on_disk(folder / TOKENS, lengths),
            targets.long() if len(names) > 2 else targets,
            weights,
        ),
        [Example(**example) for example in about["dev"]],
        names,
        TextEncoder.from_file(folder / checkpoint.TOKENIZER),
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


def _write(
    pairs: Pairs, folder: Path, target_of: dict[Any, float], encoder: TextEncoder, total: int
) -> list[Example]:
    """The second pass: ids of the training texts on disk, the dev texts given back."""
    share = min(0.1, MAX_DEV / total)
    lengths, targets, dev = array("i"), array("f"), []
    with (folder / TOKENS).open("wb") as file:
        for window in pairs.windows():
            kept = [pair for pair in window if pair.label in target_of]
            ids = encoder.ids_batch([pair.text for pair in kept])
            for pair, sentence in zip(kept, ids, strict=True):
                target = target_of[pair.label]
                if _draw(pair.text) < share:
                    dev.append(Example(pair.text, target))
                    continue
                tokens = cut(sentence, MAX_TOKENS)
                file.write(np.asarray(tokens, dtype=np.int32).tobytes())
                lengths.append(len(tokens))
                targets.append(target)
    if not lengths:
        raise DataError(f"{pairs.source} gives no training texts")
    np.savez(
        folder / ROWS,
        lengths=np.frombuffer(lengths, dtype=np.int32),
        targets=np.frombuffer(targets, dtype=np.float32),
    )
    return dev


def _draw(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
