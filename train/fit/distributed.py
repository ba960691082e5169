"""Several processes as one: under torchrun each takes its share of every batch.

Gradients are summed before each step, so that any number of processes does what one would do with
the same batches. Backend: gloo between CPUs, nccl between GPUs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among ``count``. Alone, every method gives back what it was given."""

    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and messages."""
        return self.rank == 0

    def share(self, indexes: Tensor) -> Tensor:
        """This process's part of a batch's indexes; empty where there are too few."""
        return indexes if self.count == 1 else indexes[self.rank :: self.count]

    def sum_gradients(
        self, parameters: Iterable[nn.Parameter], sparse: Tensor | None = None
    ) -> None:
        """Replace each gradient by the sum over all processes, none counting as zeros.

        Of ``sparse``, a table (V, E) with sparse gradients, only the rows that are read travel.
        """
        if self.count == 1:
            return
        if sparse is not None and sparse.requires_grad:
            sparse.grad = self._summed_rows(sparse)
        kept = [p for p in parameters if p.requires_grad and p is not sparse]
        for parameter in kept:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        grads = [p.grad for p in kept if p.grad is not None]
        flat = torch.cat([grad.flatten() for grad in grads])
        dist.all_reduce(flat)
        for grad, summed in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            grad.copy_(summed.view_as(grad))

    def _summed_rows(self, table: Tensor) -> Tensor:
        """The sum of all processes' sparse gradients, the same bits in each; (V, E)."""
        own = table.grad
        if own is None:  # no text of the batch is of this process
            own = torch.sparse_coo_tensor(
                torch.zeros((1, 0), dtype=torch.long, device=table.device),
                table.new_zeros((0, table.shape[1])),
                table.shape,
            )
        own = own.coalesce()
        rows, values = own.indices()[0], own.values()  # (N,), (N, E)
        sizes = [rows.new_zeros(1) for _ in range(self.count)]
        dist.all_gather(sizes, rows.new_tensor([len(rows)]))
        counts = [int(size) for size in sizes]
        most = max(counts)
        all_rows = [rows.new_zeros(most) for _ in counts]
        all_values = [values.new_zeros((most, values.shape[1])) for _ in counts]
        dist.all_gather(all_rows, nn.functional.pad(rows, (0, most - len(rows))))
        dist.all_gather(all_values, nn.functional.pad(values, (0, 0, 0, most - len(rows))))
        indices = torch.cat([one[:n] for one, n in zip(all_rows, counts, strict=True)])
        summed = torch.cat([one[:n] for one, n in zip(all_values, counts, strict=True)])
        return torch.sparse_coo_tensor(indices.unsqueeze(0), summed, table.shape).coalesce()

    def sum(self, values: Sequence[float]) -> list[float]:
        """Sums of numbers over all processes."""
        if self.count == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(total)
        summed: list[float] = total.tolist()
        return summed

    def agree(self, value: Value) -> Value:
        """The first process's value, everywhere."""
        if self.count == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0, device=self.device)
        return box[0]


ALONE = Processes()


@contextmanager
def processes() -> Iterator[Processes]:
    """The group that torchrun started, joined for the time of the block; alone without torchrun.

    The device is this process's GPU where there is one, else the CPU.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", local) if cuda else torch.device("cpu")
    if count == 1:
        yield Processes(device=device)
        return
    if cuda:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Processes(dist.get_rank(), count, device)
    finally:
        dist.destroy_process_group()
