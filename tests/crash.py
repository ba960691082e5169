"""Kills ``score --resume`` at random moments and damages what lies on the disk in between.

    python -m tests.crash --kills 200

Each trial runs until its output is there, or until the run is refused with a reason. The output
must be byte for byte that of a run that nobody stopped; anything else ends this with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from sentiment.classifier import SentimentClassifier
from sentiment.scoring import score_file
from sentiment.tables import TableError
from tests.conftest import tiny_classifier

WINDOW = 10
KINDS = ("csv", "jsonl", "parquet")
RUNS = 30
"""Runs of one trial, at most; the last is left alone."""


def parts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def cut(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))] if content else b"")


def garble(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)


def _one_part(done: Callable[[Path, random.Random], None]) -> Callable[[Path, random.Random], None]:
    def damage(folder: Path, chance: random.Random) -> None:
        if parts := parts_of(folder):
            done(chance.choice(parts), chance)

    return damage


def _file(
    name: str, done: Callable[[Path, random.Random], None]
) -> Callable[[Path, random.Random], None]:
    def damage(folder: Path, chance: random.Random) -> None:
        if (folder / name).is_file():
            done(folder / name, chance)

    return damage


def swap(folder: Path, chance: random.Random) -> None:
    """Two parts change places."""
    parts = parts_of(folder)
    if len(parts) > 1:
        first, second = chance.sample(parts, 2)
        one, other = first.read_bytes(), second.read_bytes()
        first.write_bytes(other)
        second.write_bytes(one)


DAMAGE: dict[str, Callable[[Path, random.Random], None]] = {
    "part cut": _one_part(cut),
    "part garbled": _one_part(garble),
    "part gone": _one_part(lambda path, _: path.unlink()),
    "parts swapped": swap,
    "state cut": _file("state.json", cut),
    "state garbled": _file("state.json", garble),
    "state gone": _file("state.json", lambda path, _: path.unlink()),
    "log cut": _file("done.txt", cut),
    "log garbled": _file("done.txt", garble),
    "log gone": _file("done.txt", lambda path, _: path.unlink()),
}
OTHER = ("none", "input swapped", "weights replaced", "two at once")


def started(classifier: SentimentClassifier, source: Path, out: Path, said: Path) -> int:
    """A process that scores: it exits with 0, with 1 and its reason in ``said``, or is killed."""
    number = os.fork()
    if number:
        return number
    code = 9
    try:
        score_file(
            classifier, source, out, window=WINDOW, resume=True, on_batch=lambda: time.sleep(0.001)
        )
        code = 0
    except TableError as error:
        said.write_text(str(error), encoding="utf-8")
        code = 1
    finally:
        os._exit(code)


def ended(number: int, seconds: float | None) -> int:
    """How a process ended, killed after so many seconds: its exit code, less than 0 if killed."""
    if seconds is not None:
        time.sleep(seconds)
        os.kill(number, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def write(path: Path, chance: random.Random) -> None:
    """Rows of texts, of a size in bytes that does not depend on chance."""
    words = [" ".join(chance.choices(("good", "film", "poor", "dull"), k=8)) for _ in range(400)]
    path.write_text("".join(json.dumps({"text": one}) + "\n" for one in words))


def trial(kind: str, damage: str, seed: int, runs: int = RUNS) -> tuple[str, int]:
    """How a trial ended, "equal" or a refusal's reason, and how often it was killed.

    Raises AssertionError where the output is another than it should be.
    """
    torch.set_num_threads(1)  # a forked process has none of its parent's threads
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    chance = random.Random(seed)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source, out, said = folder / "in.jsonl", folder / f"out.{kind}", folder / "said"
        write(source, chance)
        classifier = tiny_classifier()
        kills = 0
        for run in range(runs):
            last = run == runs - 1
            number = started(classifier, source, out, said)
            second = started(classifier, source, out, said) if damage == "two at once" else None
            code = ended(number, None if last else chance.uniform(0.0, 0.12))
            codes = {code} if second is None else {code, ended(second, None if last else 0.02)}
            kills += sum(one < 0 for one in codes)
            assert 9 not in codes, f"{kind}, {damage}, seed {seed}: a fault without a reason"
            if 0 in codes:
                whole = folder / f"whole.{kind}"
                score_file(classifier, source, whole, window=WINDOW)
                same = out.read_bytes() == whole.read_bytes()
                assert same, f"{kind}, {damage}, seed {seed}: another output"
                return "equal", kills
            assert not out.exists(), f"{kind}, {damage}, seed {seed}: an output of a stopped run"
            if 1 in codes and damage != "two at once":
                return said.read_text(encoding="utf-8").replace(temporary, ""), kills
            if damage in DAMAGE and chance.random() < 0.5:
                if (partial := folder / f"out.{kind}.partial").is_dir():
                    DAMAGE[damage](partial, chance)
            elif damage == "input swapped" and run == 2:
                times = source.stat()
                write(source, chance)
                os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
            elif damage == "weights replaced" and run == 2:
                classifier = tiny_classifier(hidden_dim=5)
    raise AssertionError(f"{kind}, {damage}, seed {seed}: never ended")


Trials = Sequence[tuple[str, Callable[[int], tuple[str, int]]]]
"""Names of trials, and what runs one with a seed: how it ended, and its kills."""


def campaign(about: str | None, trials: Trials, none: str) -> None:
    """Run all ``trials`` in turn, each with a seed of its own, until so many kills are made.

    ``none`` says of what there was none; a trial that finds one raises AssertionError.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    kills, seed = 0, options.seed
    while kills < options.kills:
        for name, run in trials:
            how, count = run(seed)
            outcomes[f"{name}: {how}"] += 1
            kills, seed = kills + count, seed + 1
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:4} {outcome}")
    print(f"{kills} kills, {seed - options.seed} trials: no {none}")


def main() -> None:
    """Kill, damage, compare."""

    def one(damage: str, seed: int) -> tuple[str, int]:
        return trial(KINDS[seed % 3], damage, seed)

    trials = [(damage, partial(one, damage)) for damage in (*DAMAGE, *OTHER)]
    campaign(__doc__, trials, "wrong file")


if __name__ == "__main__":
    main()
