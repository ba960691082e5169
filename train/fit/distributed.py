"""Several processes as one: under torchrun each takes its share of every batch.

Gradients are summed before each step, so that any number of processes does what one would do with
the same batches. Between the CPUs of one machine they go through shared memory, else by gloo, and
between GPUs by nccl.
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

from train.fit.exchange import Exchange, room_for, shared

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among ``count``. Alone, every method gives back what it was given.

    ``together`` says that all compute on the CPU of one machine: gradients go through its memory.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    together: bool = False
    _exchanges: list[Exchange | None] = field(default_factory=list, repr=False, compare=False)

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and messages."""
        return self.rank == 0

    def share(self, indexes: Tensor) -> Tensor:
        """This process's part of a batch's indexes; empty where there are too few."""
        return indexes if self.count == 1 else indexes[self.rank :: self.count]

    def sum_gradients(
        self,
        parameters: Iterable[nn.Parameter],
        sparse: Tensor | None = None,
        numbers: Sequence[float] = (),
    ) -> list[float]:
        """Replace each gradient by the sum over all processes, none counting as zeros.

        Of ``sparse``, a table (V, E) with sparse gradients, only the rows that are read travel.
        Gives the sums of ``numbers``, which travel along.
        """
        if self.count == 1:
            return list(numbers)
        table = sparse if sparse is not None and sparse.requires_grad else None
        kept = [p for p in parameters if p.requires_grad and p is not sparse]
        for parameter in kept:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        grads = [p.grad for p in kept if p.grad is not None]
        flat = torch.cat([grad.flatten() for grad in grads])  # (D,)
        told = torch.tensor(numbers, dtype=torch.float64)
        own = [flat, told, *(_rows_of(table) if table is not None else ())]
        found = self._shared(own, table)
        if found is not None:
            flat = _total([part[0] for part in found])
            sums: list[float] = _total([part[1] for part in found]).tolist()
            rows = [(part[2], part[3]) for part in found] if table is not None else []
        else:
            dist.all_reduce(flat)
            sums = self.sum(numbers)
            rows = self._gathered(own[2], own[3]) if table is not None else []
        if table is not None:
            table.grad = _rows_together(rows, table)
        for grad, summed in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            grad.copy_(summed.view_as(grad))
        return sums

    def _shared(self, own: Sequence[Tensor], table: Tensor | None) -> list[list[Tensor]] | None:
        """Every process's tensors through shared memory; None where there is none, or no room."""
        if not self.together:
            return None
        if not self._exchanges:
            self._exchanges.append(shared(room_for(len(own[0]), table), self.rank, self.count))
        exchange = self._exchanges[0]
        return None if exchange is None else exchange.all(own)

    def _gathered(self, rows: Tensor, values: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Every process's rows (N,) of a table and what they hold (N, E)."""
        sizes = [rows.new_zeros(1) for _ in range(self.count)]
        dist.all_gather(sizes, rows.new_tensor([len(rows)]))
        counts = [int(size) for size in sizes]
        most = max(counts)
        all_rows = [rows.new_zeros(most) for _ in counts]
        all_values = [values.new_zeros((most, values.shape[1])) for _ in counts]
        dist.all_gather(all_rows, nn.functional.pad(rows, (0, most - len(rows))))
        dist.all_gather(all_values, nn.functional.pad(values, (0, 0, 0, most - len(rows))))
        return [(r[:n], v[:n]) for r, v, n in zip(all_rows, all_values, counts, strict=True)]

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


def _rows_of(table: Tensor) -> tuple[Tensor, Tensor]:
    """The rows (N,) of a table (V, E) that have a gradient here, each once, and these (N, E)."""
    if table.grad is None:  # no text of the batch is of this process
        rows = torch.zeros(0, dtype=torch.long, device=table.device)
        return rows, table.new_zeros((0, table.shape[1]))
    own = table.grad.coalesce()
    return own.indices()[0], own.values()


def _rows_together(parts: Sequence[tuple[Tensor, Tensor]], table: Tensor) -> Tensor:
    """The sum of all processes' sparse gradients, the same bits in each; (V, E)."""
    rows = torch.cat([rows for rows, _ in parts])
    values = torch.cat([values for _, values in parts])
    return torch.sparse_coo_tensor(rows.unsqueeze(0), values, table.shape).coalesce()


def _total(parts: Sequence[Tensor]) -> Tensor:
    """The sum of tensors, from the first to the last."""
    total = parts[0].clone()
    for part in parts[1:]:
        total += part
    return total


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
        together = not cuda and os.environ.get("LOCAL_WORLD_SIZE") == str(count)
        yield Processes(dist.get_rank(), count, device, together)
    finally:
        dist.destroy_process_group()
