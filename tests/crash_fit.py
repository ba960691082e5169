"""Kills training and the preparation of ``fit --stream``, and damages what lies on the disk.

    python -m tests.crash_fit --kills 200

Each trial runs until it ended, or until it is refused with a reason. Its weights, or what it
prepared, must be those of a run that nobody stopped; anything else ends this with 1.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from sentiment.durable import digest
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, build
from tests.crash import RUNS, campaign, cut, ended, garble
from train.data.corpus import Corpus, TrainingSet
from train.data.stream import ABOUT, prepare
from train.fit import loop
from train.fit.state import STATE
from train.fit.step import LoopSettings

SETTINGS = LoopSettings(epochs=3, batch_size=8, learning_rate=2e-2, averaging=0.5, patience=9)
DAMAGE: dict[str, Callable[[Path, random.Random], None] | None] = {
    "none": None,
    "cut": cut,
    "garbled": garble,
    "gone": lambda path, _: path.unlink(),
}


def started(work: Callable[[], None], said: Path) -> int:
    """A process that does the work: it exits with 0, with 1 and its reason, or is killed."""
    number = os.fork()
    if number:
        return number
    code = 9
    try:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        work()
        code = 0
    except SentimentError as error:
        said.write_text(str(error), encoding="utf-8")
        code = 1
    finally:
        os._exit(code)


def trained(folder: Path, seed: int) -> None:
    """Train a small model in a folder, on from the state that lies there; keep its weights."""
    chance = random.Random(seed)
    sentences = [[chance.randrange(4, 8) for _ in range(5)] + [2 + i % 2] for i in range(64)]
    targets = torch.tensor([float(i % 2) for i in range(64)])
    data = TrainingSet(Corpus(sentences), targets, torch.ones(64))
    torch.manual_seed(0)
    model = build(ModelConfig(vocab_size=8, embed_dim=5, hidden_dim=6, dropout=0.2))
    loop.KEEP_SECONDS = -1.0  # a state after every step
    resume = (folder / STATE).is_file()
    best, _ = loop.train(model, data, None, SETTINGS, folder, resume=resume)
    torch.save(best.state_dict(), folder / "weights.new")
    (folder / "weights.new").replace(folder / "weights")


def prepared(folder: Path, seed: int) -> None:
    """Prepare rows for ``fit --stream``, or take what lies there whole."""
    source = folder.parent / "rows.jsonl"
    if not source.is_file():
        write(source, seed)
    prepare(str(source), folder, "text", "label", words=100, resume=True)


def write(source: Path, seed: int) -> None:
    """Rows of a size in bytes that does not depend on chance."""
    chance = random.Random(seed)
    rows = (
        {"text": " ".join(chance.choices(("good", "film", "poor", "dull"), k=8)), "label": i % 2}
        for i in range(3_000)
    )
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))


WORK: dict[str, tuple[Callable[[Path, int], None], str, float]] = {
    "fit": (trained, STATE, 0.25),
    "stream": (prepared, ABOUT, 0.15),
}
"""What is done, the file that says how far it is, and the seconds within which it is killed."""


def same(work: str, one: Path, other: Path) -> bool:
    """Whether two folders hold the same result."""
    if work == "stream":
        files = sorted(path.name for path in other.iterdir() if path.is_file())
        return digest([one / name for name in files]) == digest([other / name for name in files])
    first, second = (torch.load(path / "weights", weights_only=True) for path in (one, other))
    return all(torch.equal(first[name], second[name]) for name in second)


def trial(work: str, damage: str, seed: int, runs: int = RUNS) -> tuple[str, int]:
    """How a trial ended, "equal" or a refusal's reason, and how often it was killed.

    Raises AssertionError where the result is another than it should be.
    """
    torch.set_num_threads(1)
    chance = random.Random(seed)
    what, state, within = WORK[work]
    with TemporaryDirectory() as temporary:
        folder, whole = Path(temporary) / "run", Path(temporary) / "whole"
        said, kills = Path(temporary) / "said", 0
        for run in range(runs):
            folder.mkdir(exist_ok=True)
            last = run == runs - 1
            number = started(lambda: what(folder, seed), said)
            code = ended(number, None if last else chance.uniform(0.0, within))
            kills += code < 0
            assert code != 9, f"{work}, {damage}, seed {seed}: a fault without a reason"
            if code == 1:
                return said.read_text(encoding="utf-8").replace(temporary, ""), kills
            if code == 0:
                whole.mkdir()
                assert ended(started(lambda: what(whole, seed), said), None) == 0
                assert same(work, folder, whole), f"{work}, {damage}, seed {seed}: another result"
                return "equal", kills
            harm = DAMAGE[damage]
            if harm is not None and (folder / state).is_file() and chance.random() < 0.5:
                harm(folder / state, chance)
            if work == "stream" and damage == "none" and run == 2:
                write(folder.parent / "rows.jsonl", seed + 1)  # other rows, as many bytes
    raise AssertionError(f"{work}, {damage}, seed {seed}: never ended")


def main() -> None:
    """Kill, damage, compare."""
    pairs = [(work, damage) for work in WORK for damage in DAMAGE]
    trials = [(f"{work}, {damage}", partial(trial, work, damage)) for work, damage in pairs]
    campaign(__doc__, trials, "other result")


if __name__ == "__main__":
    main()
