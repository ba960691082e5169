"""The one training loop: length-bucketed batches, weight averaging, resumable to the bit."""

from __future__ import annotations

import copy
import hashlib
import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from sentiment.durable import flush
from sentiment.errors import SentimentError
from sentiment.model import PackedLSTMClassifier, Trace, bfloat16_pays
from sentiment.text import UNKNOWN_ID
from train.data.corpus import TrainingSet
from train.fit.distributed import ALONE, Processes

STATE, LOG = "training_state.pt", "metrics.jsonl"
LENGTH = ("epochs", "patience")  # what a resumed run may have otherwise: to train further
FIRST_AVERAGED_STEPS = 50  # so many steps are all averaged: a small data set has no more


class Interrupted(SystemExit):
    """Training was stopped by SIGTERM after writing its state; ``--resume`` goes on from there."""


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How to train; units in the names or here.

    ``batch_tokens`` bounds a batch with its padding. ``averaging`` is the decay of the
    exponential moving average of the weights at every fifth step, and at each of the first fifty
    (Polyak & Juditsky 1992).
    ``word_dropout`` is the chance of a token being read as unknown. ``patience`` is the number
    of epochs without a better dev accuracy, or the same at a lower log loss, after which training
    stops. ``bfloat16`` multiplies matrices in 16 bits (weights and their averages stay in 32):
    nearly twice as fast where the processor knows it, refused where not. ``last_state`` weighs a
    second loss, that of the head's part over the final state alone, so that this part too changes
    sign with the verdict.
    ``lazy_embedding`` updates only the words of a batch (Adam's moments of the others rest), which
    makes small batches over a large vocabulary several times faster.
    """

    epochs: int = 6
    batch_size: int = 128
    batch_tokens: int = 8192
    learning_rate: float = 2e-3
    embedding_learning_rate: float | None = None
    weight_decay: float = 1e-2
    clip: float = 1.0
    averaging: float = 0.99
    word_dropout: float = 0.0
    warmup: float = 0.05
    patience: int = 3
    bfloat16: bool = False
    last_state: float = 0.0
    lazy_embedding: bool = False
    seed: int = 0


Evaluate = Callable[[PackedLSTMClassifier], dict[str, float]]


def train(
    model: PackedLSTMClassifier,
    data: TrainingSet,
    evaluate: Evaluate | None,
    settings: LoopSettings,
    folder: Path,
    *,
    resume: bool = False,
    processes: Processes = ALONE,
    choice: str = "",
) -> tuple[PackedLSTMClassifier, list[dict[str, float]]]:
    """Train ``model``; give back the best averaged model by dev "accuracy", and the log.

    Where ``evaluate`` gives a figure "choice" too, that decides; without ``evaluate`` the last
    average is the best. Writes its full state into ``folder`` after each epoch and at SIGTERM;
    ``resume`` continues from it to the same weights as an uninterrupted run, or further with more
    epochs. Several ``processes`` share each batch, and may be another number after ``resume``, but
    model and data must be the same; ``choice`` says what ``evaluate`` chooses on. Raises
    FileNotFoundError where there is nothing
    to resume, Interrupted after SIGTERM, ValueError for bfloat16 where the processor lacks it.
    """
    if settings.bfloat16 and not bfloat16_pays(processes.device):
        raise SentimentError(
            "this processor does not multiply in bfloat16: train with --no-bfloat16"
        )
    torch.manual_seed(settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(processes.device)
    average = copy.deepcopy(model)
    if settings.lazy_embedding and processes.count > 1:
        raise SentimentError("lazy_embedding is for one process: sparse gradients are not summed")
    optimizers: list[Any] = [*_optimizers(model, settings)]
    total = sum(len(_epoch_batches(data, settings, epoch)) for epoch in range(settings.epochs))
    schedulers: list[Any] = [
        torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: _schedule(step, total, settings.warmup)
        )
        for optimizer in optimizers
    ]
    position = {"epoch": 0, "step": 0, "stale": 0, "averaged": 0}
    best: dict[str, Any] = {"accuracy": -1.0, "weights": average.state_dict()}
    log: list[dict[str, float]] = []
    identity = {"model": repr(model), "data": _identity(data), "choice": _sha256(choice.encode())}
    if resume:
        saved = _read_state(folder, settings, identity)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        for stateful, kept in zip([*optimizers, *schedulers], saved["optimizers"], strict=True):
            stateful.load_state_dict(kept)
        position, best, log = saved["position"], saved["best"], saved["log"]
        if settings.epochs > saved["settings"]["epochs"]:
            position["stale"] = 0  # whoever asks for more passes gets them
        torch.set_rng_state(saved["random"])
    if not processes.first:  # dropout must differ between processes
        steps = 1_000_003 * position["epoch"] + position["step"]
        torch.manual_seed(settings.seed + 7_919 * processes.rank + steps)

    def keep() -> None:
        if not processes.first:
            return
        _write_state(
            folder,
            {
                "settings": asdict(settings),
                "identity": identity,
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimizers": [one.state_dict() for one in (*optimizers, *schedulers)],
                "position": position,
                "best": best,
                "log": log,
                "random": torch.get_rng_state(),
            },
        )

    with _stop_on_sigterm() as stopped:
        while position["epoch"] < settings.epochs and position["stale"] < settings.patience:
            epoch = position["epoch"]
            batches = _epoch_batches(data, settings, epoch)
            started, tokens, loss_sum, seen = time.perf_counter(), 0.0, 0.0, 0
            with tqdm(
                total=len(batches),
                initial=position["step"],
                desc=f"epoch {epoch + 1}/{settings.epochs}",
                unit="batch",
                mininterval=2,
                disable=not processes.first,
            ) as bar:
                for indexes in batches[position["step"] :]:
                    part = _step(model, data, indexes, optimizers, settings, processes)
                    loss, count, stops = processes.sum([*part, len(stopped)])
                    for scheduler in schedulers:
                        scheduler.step()
                    position["step"] += 1
                    steps_done = epoch * len(batches) + position["step"]
                    if steps_done <= FIRST_AVERAGED_STEPS or steps_done % 5 == 0:
                        position["averaged"] += 1
                        # A short run must not end near its random start.
                        done = position["averaged"]
                        decay = min(settings.averaging, (1 + done) / (10 + done))
                        _average(average, model, decay)
                    tokens += count
                    loss_sum += loss * len(indexes)
                    seen += len(indexes)
                    bar.update()
                    speed = tokens / (time.perf_counter() - started)
                    bar.set_postfix(
                        {"loss": f"{loss_sum / seen:.4f}", "tokens/s": f"{speed:,.0f}"},
                        refresh=False,
                    )
                    if stops:  # anywhere: all processes stop behind the same batch
                        keep()
                        raise Interrupted(f"stopped; go on with --resume from {folder}")
            measured = evaluate(average.eval()) if evaluate and processes.first else {}
            figures = processes.agree(measured)
            row = {
                "epoch": epoch + 1,
                "loss": loss_sum / max(seen, 1),
                "tokens_per_second": tokens / (time.perf_counter() - started),
                **figures,
            }
            log.append(row)
            if processes.first:
                tqdm.write("  ".join(f"{k} {v:.4g}" for k, v in row.items()))
            if evaluate is None or _rank(figures) > _rank(best):
                weights = {k: v.clone() for k, v in average.state_dict().items()}
                best = {"accuracy": 0.0, **figures, "weights": weights}
                position["stale"] = 0
            else:
                position["stale"] += 1
            position["epoch"], position["step"] = epoch + 1, 0
            keep()
            if processes.first:
                lines = "".join(json.dumps(entry) + "\n" for entry in log)
                (folder / LOG).write_text(lines, encoding="utf-8")
    average.load_state_dict(best["weights"])
    return average.eval(), log


def _rank(figures: dict[str, Any]) -> tuple[float, float]:
    """By the figure to choose by, else accuracy; of equals, by the lower log loss."""
    return figures.get("choice", figures["accuracy"]), -figures.get("log_loss", 0.0)


def _optimizers(model: PackedLSTMClassifier, settings: LoopSettings) -> list[torch.optim.Optimizer]:
    embedding = list(model.embedding.parameters())
    rest = [p for name, p in model.named_parameters() if not name.startswith("embedding.")]
    rate = settings.embedding_learning_rate
    rate = settings.learning_rate if rate is None else rate
    model.embedding.sparse = settings.lazy_embedding
    groups: list[dict[str, Any]] = [{"params": rest, "weight_decay": settings.weight_decay}]
    if not settings.lazy_embedding:
        groups.append({"params": embedding, "lr": rate})
    main = torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=0.0, fused=True)
    if not settings.lazy_embedding:
        return [main]
    return [main, torch.optim.SparseAdam(embedding, lr=rate)]


def _schedule(step: int, total: int, warmup: float) -> float:
    """Linear warm-up, then linear decay to nothing."""
    rise = max(1, int(warmup * total))
    return min((step + 1) / rise, max(0.0, (total - step) / max(1, total - rise)))


def _epoch_batches(data: TrainingSet, settings: LoopSettings, epoch: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1_000_003 * settings.seed + epoch)
    batches = data.corpus.batches(settings.batch_size, settings.batch_tokens, generator)
    if data.chance is None:
        return batches
    drawn = torch.rand(len(batches), generator=generator).tolist()
    return [b for b, draw in zip(batches, drawn, strict=True) if draw < data.chance[b].mean()]


def _step(
    model: PackedLSTMClassifier,
    data: TrainingSet,
    indexes: Tensor,
    optimizers: Sequence[torch.optim.Optimizer],
    settings: LoopSettings,
    processes: Processes = ALONE,
) -> tuple[float, int]:
    """This process's part of the batch's loss, and its tokens; the step itself is of all."""
    model.train()
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    share = processes.share(indexes)
    loss, count = torch.zeros(()), 0
    if len(share):
        ids, lengths = data.corpus.rectangle(share)  # (B, T), (B,)
        if settings.word_dropout:
            dropped = (torch.rand(ids.shape) < settings.word_dropout) & (ids != 0)
            ids = ids.masked_fill(dropped, UNKNOWN_ID)
        device = processes.device
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16):
            trace = model.run(model.embedding(ids.to(device)), lengths)
        targets, weights = data.targets[share].to(device), data.weights[share].to(device)
        loss = _loss(trace.logits.float(), targets, weights)
        if settings.last_state:
            loss = loss + settings.last_state * _loss(_last_part(model, trace), targets, weights)
        if processes.count > 1:  # the mean over the whole batch, of which this is a part
            loss = loss * (weights.sum() / data.weights[indexes].sum().to(device))
        loss.backward()
        count = int(lengths.sum())
    processes.sum_gradients(model.parameters())
    dense = [p for p in model.parameters() if p.grad is not None and not p.grad.is_sparse]
    nn.utils.clip_grad_norm_(dense, settings.clip)
    for optimizer in optimizers:
        optimizer.step()
    return loss.item(), count


def _last_part(model: PackedLSTMClassifier, trace: Trace) -> Tensor:
    """Logits (B, O) of the final state's part of the head, with the bias."""
    width = trace.final_hidden.shape[1]
    start = model.pooling.index("last") * width
    weight = model.fc.weight[:, start : start + width]  # (O, H)
    return nn.functional.linear(trace.final_hidden.float(), weight, model.fc.bias)


def _loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean cross-entropy (nats); of soft binary targets or of class numbers."""
    if targets.is_floating_point():
        each = nn.functional.binary_cross_entropy_with_logits(
            logits.squeeze(1), targets, reduction="none"
        )
    else:
        each = nn.functional.cross_entropy(logits, targets, reduction="none")
    return (each * weights).sum() / weights.sum()


@torch.no_grad()
def _average(average: nn.Module, model: nn.Module, decay: float) -> None:
    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
        if fast.requires_grad:  # what is frozen is its own average
            slow.lerp_(fast, 1 - decay)


def _write_state(folder: Path, state: dict[str, Any]) -> None:
    partial = folder / f"{STATE}.partial"
    torch.save(state, partial)
    flush(partial)
    partial.replace(folder / STATE)
    flush(folder)


def _identity(data: TrainingSet) -> str:
    """A hash of all that is trained on: ids, targets, weights and chances."""
    found = hashlib.sha256()
    arrays = [data.corpus.lengths, *data.corpus.flat.split(1 << 24), data.targets, data.weights]
    for array in (*arrays, *([] if data.chance is None else [data.chance])):
        found.update(array.contiguous().numpy().tobytes())
    return found.hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_state(folder: Path, settings: LoopSettings, identity: dict[str, str]) -> dict[str, Any]:
    path = folder / STATE
    if not path.is_file():
        raise FileNotFoundError(f"nothing to resume: no {path}")
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    except (RuntimeError, UnpicklingError, EOFError, OSError) as error:
        raise SentimentError(f"{path} is damaged; start anew without --resume") from error
    if other := [k for k, v in identity.items() if state.get("identity", {}).get(k) != v]:
        named = {"model": "sizes or dropout", "data": "data or labels", "choice": "dev data"}
        raise SentimentError(
            f"{path} was written with other {', '.join(named[one] for one in other)}; "
            "go on with the same, or start anew without --resume"
        )
    wanted = asdict(settings)
    before = state["settings"]
    if changed := [k for k, v in wanted.items() if k not in LENGTH and before.get(k) != v]:
        raise SentimentError(f"{path} was written with other settings: {', '.join(changed)}")
    return state


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
