"""The one training loop: length-bucketed batches, weight averaging, resumable to the bit."""

from __future__ import annotations

import copy
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from tqdm import tqdm

from sentiment.errors import SentimentError
from sentiment.model import PackedLSTMClassifier, bfloat16_pays
from train.data.corpus import TrainingSet
from train.fit.distributed import ALONE, Processes
from train.fit.state import STATE, identity, read_state, write_state
from train.fit.step import (
    LoopSettings,
    average_into,
    epoch_batches,
    optimizers_of,
    schedule,
    step_on,
)

__all__ = [
    "LOG",
    "STATE",
    "Evaluate",
    "Interrupted",
    "LoopSettings",
    "step_on",
    "train",
    "write_state",
]

LOG = "metrics.jsonl"
KEEP_SECONDS = 20.0  # what a kill may cost
FIRST_AVERAGED_STEPS = 50  # so many steps are all averaged: a small data set has no more


class Interrupted(SystemExit):
    """Training was stopped by SIGTERM after writing its state; ``--resume`` goes on from there."""


Evaluate = Callable[[PackedLSTMClassifier], dict[str, float]]
OnEpoch = Callable[[Mapping[str, float]], None]
"""What is told of each epoch: its number from 1, loss, tokens a second and dev figures."""


def train(
    model: PackedLSTMClassifier,
    data: TrainingSet,
    evaluate: Evaluate | None,
    settings: LoopSettings,
    folder: Path | None,
    *,
    resume: bool = False,
    processes: Processes = ALONE,
    choice: str = "",
    on_epoch: OnEpoch | None = None,
) -> tuple[PackedLSTMClassifier, list[dict[str, float]]]:
    """Train ``model``; give back the best averaged model by dev "accuracy", and the log.

    Where ``evaluate`` gives a figure "choice" too, that decides; without ``evaluate`` the last
    average is the best. Writes its full state into ``folder`` (None keeps none) after the first
    epoch and the last, at other times after ``KEEP_SECONDS``, and at SIGTERM; ``resume`` continues
    from it to the same weights as an uninterrupted run (one process on the CPU; elsewhere dropout
    draws anew), or further with more epochs. Several
    ``processes`` share each batch, and may be another number after ``resume``, but model and data
    must be the same; ``choice`` says what
    ``evaluate`` chooses on. The first process tells ``on_epoch`` of each epoch. Raises
    FileNotFoundError where there is nothing to resume, Interrupted after SIGTERM, SentimentError
    for bfloat16 where the processor lacks it.
    """
    if settings.bfloat16 and not bfloat16_pays(processes.device):
        raise SentimentError(
            "this processor does not multiply in bfloat16: train with --no-bfloat16"
        )
    torch.manual_seed(settings.seed)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    run = _Run(model, data, settings, folder, processes, choice)
    if resume:
        run.restore()
    if not processes.first:  # dropout must differ between processes
        steps = 1_000_003 * run.position["epoch"] + run.position["step"]
        torch.manual_seed(settings.seed + 7_919 * processes.rank + steps)
    if processes.first:
        batches = epoch_batches(data, settings, run.position["epoch"])
        padding = 100 * data.corpus.padding(batches)
        tqdm.write(f"{len(batches):,} batches an epoch, {padding:.1f} % of them padding")
    with _stop_on_sigterm() as stopped:
        while not run.finished:
            loss, speed = run.epoch(stopped)
            measured = evaluate(run.average.eval()) if evaluate and processes.first else {}
            run.end_epoch(loss, speed, processes.agree(measured), chooses=evaluate is not None)
            if on_epoch is not None and processes.first:
                on_epoch(dict(run.log[-1]))
    run.average.load_state_dict(run.best["weights"])
    return run.average.eval(), run.log


class _Run:
    """A model in training, its average and optimizers, and where it stands."""

    def __init__(
        self,
        model: PackedLSTMClassifier,
        data: TrainingSet,
        settings: LoopSettings,
        folder: Path | None,
        processes: Processes,
        choice: str,
    ) -> None:
        self.data, self.settings, self.folder, self.processes = data, settings, folder, processes
        self.model = model.to(processes.device)
        self.average = copy.deepcopy(self.model)
        self.identity = identity(model, data, choice)
        self.optimizers: list[Any] = [*optimizers_of(model, settings)]
        total = sum(len(epoch_batches(data, settings, epoch)) for epoch in range(settings.epochs))
        self.schedulers: list[Any] = [
            torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda step: schedule(step, total, settings.warmup)
            )
            for optimizer in self.optimizers
        ]
        self.position = {"epoch": 0, "step": 0, "stale": 0, "averaged": 0}
        self.best: dict[str, Any] = {"accuracy": -1.0, "weights": self.average.state_dict()}
        self.log: list[dict[str, float]] = []
        self.loss_sum, self.seen = 0.0, 0  # of the epoch so far
        self.kept_at = time.monotonic()

    @property
    def finished(self) -> bool:
        """Whether all epochs are through, or too many were no better."""
        epochs, stale = self.position["epoch"], self.position["stale"]
        return epochs >= self.settings.epochs or stale >= self.settings.patience

    def keep(self) -> None:
        """Write the whole state."""
        self.kept_at = time.monotonic()
        if self.folder is None or not self.processes.first:
            return
        write_state(
            self.folder,
            {
                "settings": asdict(self.settings),
                "identity": self.identity,
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimizers": [one.state_dict() for one in (*self.optimizers, *self.schedulers)],
                "position": self.position,
                "best": self.best,
                "log": self.log,
                "epoch": [self.loss_sum, self.seen],
                "random": torch.get_rng_state(),
            },
        )

    def restore(self) -> None:
        """Go on where the state in the folder stands."""
        if self.folder is None:
            raise FileNotFoundError("no folder: there is nothing to resume")
        saved = read_state(self.folder, self.settings, self.identity)
        self.model.load_state_dict(saved["model"])
        self.average.load_state_dict(saved["average"])
        stateful = (*self.optimizers, *self.schedulers)
        for one, kept in zip(stateful, saved["optimizers"], strict=True):
            one.load_state_dict(kept)
        self.position, self.best, self.log = saved["position"], saved["best"], saved["log"]
        self.loss_sum, self.seen = saved.get("epoch", (0.0, 0))
        if self.settings.epochs > saved["settings"]["epochs"]:
            self.position["stale"] = 0  # whoever asks for more passes gets them
        torch.set_rng_state(saved["random"])

    def epoch(self, stopped: list[int]) -> tuple[float, float]:
        """Take the epoch's steps that are left: mean loss, and tokens a second.

        Raises Interrupted where ``stopped`` is no longer empty behind a step.
        """
        settings, number = self.settings, self.position["epoch"]
        batches = epoch_batches(self.data, settings, number)
        started, tokens = time.perf_counter(), 0.0
        with tqdm(
            total=len(batches),
            initial=self.position["step"],
            desc=f"epoch {number + 1}/{settings.epochs}",
            unit="batch",
            mininterval=2,
            disable=not self.processes.first,
        ) as bar:
            for indexes in batches[self.position["step"] :]:
                loss, count, stops = step_on(
                    self.model,
                    self.data,
                    indexes,
                    self.optimizers,
                    settings,
                    self.processes,
                    stopping=bool(stopped),
                )
                for scheduler in self.schedulers:
                    scheduler.step()
                self.position["step"] += 1
                self._averaged(number * len(batches) + self.position["step"])
                tokens += count
                self.loss_sum += loss * len(indexes)
                self.seen += len(indexes)
                bar.update()
                speed = tokens / (time.perf_counter() - started)
                bar.set_postfix(
                    {"loss": f"{self.loss_sum / self.seen:.4f}", "tokens/s": f"{speed:,.0f}"},
                    refresh=False,
                )
                if stops:  # anywhere: all processes stop behind the same batch
                    self.keep()
                    kept = "" if self.folder is None else f" from {self.folder}"
                    raise Interrupted(f"stopped; go on with --resume{kept}")
                if time.monotonic() - self.kept_at > KEEP_SECONDS:
                    self.keep()
        loss, self.loss_sum, self.seen = self.loss_sum / max(self.seen, 1), 0.0, 0
        return loss, tokens / (time.perf_counter() - started)

    def _averaged(self, steps_done: int) -> None:
        if steps_done > FIRST_AVERAGED_STEPS and steps_done % 5:
            return
        self.position["averaged"] += 1
        done = self.position["averaged"]
        # A short run must not end near its random start.
        decay = min(self.settings.averaging, (1 + done) / (10 + done))
        average_into(self.average, self.model, decay)

    def end_epoch(
        self, loss: float, speed: float, figures: dict[str, float], *, chooses: bool
    ) -> None:
        """Log the epoch, keep the average if it is the best so far, write the state."""
        row = {
            "epoch": self.position["epoch"] + 1,
            "loss": loss,
            "tokens_per_second": speed,
            **figures,
        }
        self.log.append(row)
        if self.processes.first:
            tqdm.write("  ".join(f"{k} {v:.4g}" for k, v in row.items()))
        if not chooses or _rank(figures) > _rank(self.best):
            weights = {k: v.clone() for k, v in self.average.state_dict().items()}
            self.best = {"accuracy": 0.0, **figures, "weights": weights}
            self.position["stale"] = 0
        else:
            self.position["stale"] += 1
        self.position |= {"epoch": self.position["epoch"] + 1, "step": 0}
        overdue = time.monotonic() - self.kept_at > KEEP_SECONDS
        if overdue or self.finished or self.position["epoch"] == 1:
            self.keep()
        if self.folder is not None and self.processes.first:
            lines = "".join(json.dumps(entry) + "\n" for entry in self.log)
            (self.folder / LOG).write_text(lines, encoding="utf-8")


def _rank(figures: dict[str, Any]) -> tuple[float, float]:
    """By the figure to choose by, else accuracy; of equals, by the lower log loss."""
    return figures.get("choice", figures["accuracy"]), -figures.get("log_loss", 0.0)


@contextmanager
def _stop_on_sigterm() -> Iterator[list[int]]:
    """A list that stays empty until SIGTERM comes."""
    received: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        received.append(number)

    previous = signal.signal(signal.SIGTERM, note)
    try:
        yield received
    finally:
        signal.signal(signal.SIGTERM, previous)
