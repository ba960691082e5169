"""Training in several processes, measured: ``python -m torch.distributed.run -m`` this module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import torch

from sentiment.classifier import load
from train.bench.measuring import Row, like, random_ids
from train.data.corpus import Corpus, TrainingSet
from train.fit.distributed import Processes, processes
from train.fit.step import LoopSettings, epoch_batches, optimizers_of, step_on

COUNTS = {"SST": 4_096, "IMDB": 320}
MOST_TOKENS = 400


def together(quick: bool) -> Iterator[Row]:
    """Whole steps of training with as many processes as cores, and of one alone."""
    cores = os.cpu_count() or 1
    alone, joined = (_run(count, quick) for count in (1, cores))
    for name, speed in joined.items():
        yield Row(f"training steps, {name} lengths, 1 process", alone[name], "tokens/s")
        yield Row(
            f"training steps, {name} lengths, {cores} processes",
            speed,
            "tokens/s",
            speed / alone[name],
            "1 process",
        )


def _run(count: int, quick: bool) -> dict[str, float]:
    """Tokens a second by kind of length, of so many processes with a thread each."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(count), "-m", __name__, *(["--quick"] if quick else [])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"training in {count} processes failed: {done.stderr[-2000:]}")
    speeds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return speeds


def speed_of(name: str, count: int, group: Processes) -> float:
    """Tokens a second of one epoch over random texts, the embedding's gradients sparse."""
    classifier = load()
    data = _data(random_ids(classifier, like(name, count)))
    model = classifier.model.train().requires_grad_(True)
    settings = LoopSettings(lazy_embedding=True)
    optimizers = optimizers_of(model, settings)
    batches = epoch_batches(data, settings, 0)
    step_on(model, data, batches[0], optimizers, settings, group)
    group.sum([0.0])  # all begin together
    started = time.perf_counter()
    for batch in batches:
        part = step_on(model, data, batch, optimizers, settings, group)
        group.sum([*part])
    return int(data.corpus.lengths.sum()) / (time.perf_counter() - started)


def _data(ids: list[list[int]]) -> TrainingSet:
    count = len(ids)
    targets = (torch.arange(count) % 2).float()
    return TrainingSet(Corpus(ids, max_tokens=MOST_TOKENS), targets, torch.ones(count))


def main() -> None:
    """Print one JSON object of speeds from the first process."""
    torch.set_num_threads(1)
    part = 4 if "--quick" in sys.argv else 1
    with processes() as group:
        found = {name: speed_of(name, count // part, group) for name, count in COUNTS.items()}
        if group.first:
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
