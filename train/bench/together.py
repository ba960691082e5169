"""Training in several processes, measured: ``python -m torch.distributed.run -m`` this module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from sentiment.classifier import load
from train.bench.measuring import Row, like, random_ids
from train.data.corpus import Corpus, TrainingSet
from train.fit.distributed import ALONE, Processes, processes
from train.fit.step import LoopSettings, epoch_batches, optimizers_of, step_on

COUNTS = {"SST": 2_048, "IMDB": 256}
MOST_TOKENS = 400
FULL_SIZE = 100_000
ROUNDS = 5
FUSED = ("aten::mkldnn_rnn_layer", "aten::mkldnn_rnn_layer_backward")


def together(quick: bool) -> Iterator[Row]:
    """Whole steps of training with as many processes as cores, and of one alone.

    By turns within one run, the fastest of each, as a processor's own speed changes meanwhile.
    ``apart`` every process takes its part of each batch and tells the others nothing: what summing
    and waiting cost is the rest.
    """
    cores = os.cpu_count() or 1
    for name, found in _run(cores, quick).items():
        steps = f"training steps, {name} lengths"
        yield Row(f"{steps}, 1 process", found["alone"], "tokens/s")
        for way, kind in (("joined", f"{cores} processes"), ("apart", f"{cores} apart")):
            ratio = found[way] / found["alone"]
            yield Row(f"{steps}, {kind}", found[way], "tokens/s", ratio, "1 process")
        yield Row("  outside the fused layer, 1 process", 100 * found["outside"], "%")
        yield Row(f"  padding, {FULL_SIZE:,} texts", 100 * padding(name), "%")


def _run(count: int, quick: bool) -> dict[str, dict[str, float]]:
    """What ``main`` prints, of so many processes with a thread each."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(count), "-m", __name__, *(["--quick"] if quick else [])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"training in {count} processes failed: {done.stderr[-2000:]}")
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


class _Training:
    """Steps over random texts, the embedding's gradients sparse, as these processes take them."""

    def __init__(self, name: str, count: int, group: Processes) -> None:
        classifier = load()
        self.data = _data(random_ids(classifier, like(name, count)))
        self.model = classifier.model.train().requires_grad_(True)
        self.settings = LoopSettings(lazy_embedding=True)
        self.optimizers = optimizers_of(self.model, self.settings)
        self.batches = epoch_batches(self.data, self.settings, 0)
        self.group = group
        self.tokens = int(self.data.corpus.lengths.sum())

    def joined(self) -> None:
        """Every process its part of each batch, their gradients summed."""
        self._steps(self.batches, self.group)

    def alone(self) -> None:
        """One process every batch, while the others wait."""
        if self.group.first:
            self._steps(self.batches, ALONE)

    def apart(self) -> None:
        """Every process its part of each batch, for itself."""
        self._steps([self.group.share(batch) for batch in self.batches], ALONE)

    def _steps(self, batches: list[Tensor], group: Processes) -> None:
        for batch in batches:
            step_on(self.model, self.data, batch, self.optimizers, self.settings, group)

    def speed(self, way: Callable[[], None]) -> float:
        """Tokens a second of all processes."""
        self.group.sum([0.0])  # all begin together
        started = time.perf_counter()
        way()
        self.group.sum([0.0])
        return self.tokens / (time.perf_counter() - started)

    def outside(self) -> float:
        """The share of one process's time that is outside the fused layer, forward and backward."""
        if not self.group.first:
            return 0.0
        with profile(activities=[ProfilerActivity.CPU]) as found:
            self.alone()
        events = found.key_averages()
        spent = {event.key: event.self_cpu_time_total for event in events}
        return 1 - float(sum(spent.get(name, 0.0) for name in FUSED) / sum(spent.values()))


def padding(name: str) -> float:
    """The share of padding in an epoch's batches of as many texts as a training has.

    Texts of like length are found among fifty batches' texts, which the timed ones are too few for.
    """
    corpus = Corpus([])
    corpus.lengths = torch.tensor(like(name, FULL_SIZE)).clamp(max=MOST_TOKENS)
    settings = LoopSettings()
    generator = torch.Generator().manual_seed(settings.seed)
    return corpus.padding(corpus.batches(settings.batch_size, settings.batch_tokens, generator))


def _data(ids: list[list[int]]) -> TrainingSet:
    count = len(ids)
    targets = (torch.arange(count) % 2).float()
    return TrainingSet(Corpus(ids, max_tokens=MOST_TOKENS), targets, torch.ones(count))


def measured(name: str, count: int, rounds: int, group: Processes) -> dict[str, float]:
    """Tokens a second alone, joined and apart, and what one process spends beside the network."""
    training = _Training(name, count, group)
    ways = {"alone": training.alone, "joined": training.joined, "apart": training.apart}
    for way in ways.values():
        training.speed(way)  # to warm up
    found = {"outside": training.outside()}
    speeds = [{name: training.speed(way) for name, way in ways.items()} for _ in range(rounds)]
    return found | {name: max(speed[name] for speed in speeds) for name in ways}


def main() -> None:
    """Print one JSON object of figures by kind of length from the first process."""
    torch.set_num_threads(1)
    quick = "--quick" in sys.argv
    with processes() as group:
        found = {
            name: measured(name, count // (8 if quick else 1), 1 if quick else ROUNDS, group)
            for name, count in COUNTS.items()
        }
        if group.first:
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
