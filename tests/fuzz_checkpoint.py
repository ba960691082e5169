"""Mutated checkpoints, refused or read, never more: ``python -m tests.fuzz_checkpoint``.

Every mutation changes one file of a small checkpoint in its bytes, in its JSON or in its header,
with values chosen to hurt. Loading must end in a ``SentimentError`` or in a classifier that
predicts, within two seconds and 200 MB; where the
manifest is in force, it predicts as before. Prints a line of JSON every ``--every`` mutations; ends
with 1 where that failed, naming the seed, which ``--first`` repeats. One that never ends is ended
after ten minutes of the clock with the place where it hangs: a busy machine is slow, not wrong.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.durable import MANIFEST
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, build
from sentiment.text import TextEncoder
from sentiment.vetting import read_tokenizer
from tests.conftest import tiny_classifier

TEXT = "a good film"
MOST_SECONDS, MOST_BYTES, HUNG_SECONDS = 2.0, 200_000_000, 600
HURTFUL: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**31, 2**63, 10**400, -1.5, 1e308, "", "x" * 1000, "\ud800", [], {}),
    *([[]] * 3, ["negative"], ["a", "a"], [None], {"type": "NFKD"}, {"Regex": "(a+)+$"}),
    *("F64", "I64", "<pad>", [0, 2**62], [2**40, 2**40], [[0]], {"a": {"b": {}}}),
)

Mutation = Callable[[bytes, random.Random], bytes]


@dataclass(slots=True)
class Outcome:
    """What came of a number of mutations; ``broken`` are the seeds that ended otherwise."""

    mutations: int = 0
    refused: int = 0
    read: int = 0
    slowest_seconds: float = 0.0
    most_mb: float = 0.0
    broken: dict[int, str] = field(default_factory=dict)


def write(folder: Path) -> None:
    """A checkpoint of every file, small enough to mutate by the thousand."""
    classifier = tiny_classifier(dtype=torch.float32)
    checkpoint.save(folder, classifier.model, classifier.config, classifier.encoder, int8=True)
    twin = ModelConfig(classifier.encoder.vocabulary_size, 8, 12, cell="rnn")
    checkpoint.save_twin(folder, build(twin))


def flip(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """The end, the start or the middle lost."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return chance.choice((content[:start], content[end:], content[:start] + content[end:]))


def insert(content: bytes, chance: random.Random) -> bytes:
    """Bytes that mean something, where they mean another thing."""
    extra = chance.choice((b"\0" * 1000, b"[" * 5000, b"{", b'"', b"9" * 5000, b"\xff", b"NaN"))
    place = chance.randrange(len(content) + 1)
    return content[:place] + extra + content[place:]


def restructure(content: bytes, chance: random.Random) -> bytes:
    """A value somewhere in the JSON replaced, removed or doubled; of safetensors in the header."""
    length = 0
    text = content
    if not content.startswith(b"{"):
        length = int.from_bytes(content[:8], "little")
        text = content[8 : 8 + length]
    raw = json.loads(text)
    place: Any = raw
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        if not place[key] or not isinstance(place[key], dict | list) or chance.random() < 0.3:
            break
        place = place[key]
    kind = chance.randrange(4)
    if kind == 0 and isinstance(place, dict):
        del place[key]
    elif kind == 1 and isinstance(place, dict):
        place[f"{key}x"] = place[key]
    else:
        place[key] = chance.choice(HURTFUL)
    changed = json.dumps(raw).encode("utf-8", "surrogatepass")
    if not length:
        return changed
    return len(changed).to_bytes(8, "little") + changed + content[8 + length :]


MUTATIONS: tuple[Mutation, ...] = (flip, cut, insert, restructure, restructure)


@contextmanager
def remembered_tokenizers() -> Iterator[None]:
    """Parse each content of tokenizer.json once: its rules take longer than all else together."""
    known: dict[tuple[bytes, int], TextEncoder] = {}

    def remembered(path: Path, vocabulary_size: int) -> TextEncoder:
        key = (path.read_bytes(), vocabulary_size)
        if key not in known:
            known.clear()  # a mutated one comes once; the whole one is parsed again after it
            known[key] = read_tokenizer(path, vocabulary_size)
        return known[key]

    with patch.object(checkpoint, "read_tokenizer", remembered):
        yield


def fuzz(first: int, count: int, most_seconds: float = MOST_SECONDS) -> Outcome:
    """Load ``count`` mutations, those of the seeds from ``first`` on."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as temporary, remembered_tokenizers():
        whole, changed = Path(temporary) / "whole", Path(temporary) / "changed"
        write(whole)
        shutil.copytree(whole, changed)
        wanted = SentimentClassifier.from_folder(whole).predict(TEXT).logit
        contents = {path.name: path.read_bytes() for path in sorted(whole.iterdir())}
        for seed in range(first, first + count):
            chance = random.Random(seed)
            name = chance.choice(list(contents))
            (changed / name).write_bytes(chance.choice(MUTATIONS)(contents[name], chance))
            known = chance.random() < 0.5  # else as a folder from elsewhere, without a manifest
            if not known:
                (changed / MANIFEST).unlink()
            fault = _loaded(changed, wanted if known else None, outcome, most_seconds)
            if fault:
                outcome.broken[seed] = f"{name}: {fault}"
            for restored in {name, MANIFEST}:
                (changed / restored).write_bytes(contents[restored])
    return outcome


def _loaded(
    folder: Path, wanted: float | None, outcome: Outcome, most_seconds: float
) -> str | None:
    """Load a folder and count what came; gives back what was wrong with that."""
    fault = None
    faulthandler.dump_traceback_later(HUNG_SECONDS, exit=True)
    forget_peak()
    before, started = peak(), time.process_time()
    outcome.mutations += 1
    try:
        logit = SentimentClassifier.from_folder(folder).predict(TEXT).logit
        outcome.read += 1
        if wanted is not None and logit != wanted:
            fault = "read as another"
    except SentimentError:
        outcome.refused += 1
    except BaseException as error:  # panics of libraries among them
        if isinstance(error, KeyboardInterrupt):
            raise
        fault = f"{type(error).__name__}: {str(error)[:200]}"
    seconds, taken = time.process_time() - started, peak() - before
    faulthandler.cancel_dump_traceback_later()
    outcome.slowest_seconds = max(outcome.slowest_seconds, round(seconds, 3))
    outcome.most_mb = max(outcome.most_mb, round(taken / 1e6, 1))
    if seconds > most_seconds:
        return f"{seconds:.1f} s"
    return f"{taken / 1e6:.0f} MB" if taken > MOST_BYTES else fault


def forget_peak() -> None:
    """Let the next peak be one of its own: the greatest of all would hide all smaller ones."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Most bytes that this process has held since the last ``forget_peak``, on Linux."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main() -> None:
    """Mutate, load, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--every", type=int, default=10_000)
    arguments = parser.parse_args()
    last, broken = arguments.first + arguments.count, False
    for first in range(arguments.first, last, arguments.every):
        outcome = fuzz(first, min(arguments.every, last - first))
        print(json.dumps({"first": first, **asdict(outcome)}), flush=True)
        broken |= bool(outcome.broken)
    raise SystemExit(broken)


if __name__ == "__main__":
    main()
