"""Gradients summed through memory and by gloo: run by test_distributed.py under torchrun."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from train.fit import exchange
from train.fit.distributed import Processes, processes

WORDS, WIDTH = 40, 6


def gradients(group: Processes, turn: int) -> tuple[list[torch.Tensor], list[float]]:
    """What a dense weight, one that had no gradient, and a table have once summed."""
    generator = torch.Generator().manual_seed(10 * turn + group.rank)
    table, weight, unread = (nn.Parameter(torch.zeros(WORDS, WIDTH)) for _ in range(3))
    weight.grad = torch.randn(WORDS, WIDTH, generator=generator)
    count = (0, 5, 30)[(turn + group.rank) % 3]
    if count:
        rows = torch.randint(0, WORDS, (1, count), generator=generator)
        values = torch.randn(count, WIDTH, generator=generator)
        table.grad = torch.sparse_coo_tensor(rows, values, table.shape, check_invariants=True)
    sums = group.sum_gradients([table, weight, unread], table, [group.rank + 0.5, turn])
    assert table.grad is not None
    assert unread.grad is not None
    return [table.grad.to_dense(), weight.grad, unread.grad], sums


def main() -> None:
    """Compare both ways, bit for bit, over turns of which some have too many rows for memory."""
    exchange.ROOM_ROWS = 2
    with processes() as group:
        assert group.together
        sockets = replace(group, together=False)
        for turn in range(12):
            found, sums = gradients(group, turn)
            wanted, told = gradients(sockets, turn)
            assert all(map(torch.equal, found, wanted)), turn
            assert sums == told == [2.0, 2.0 * turn]
            assert found[1].abs().sum() > 0
        if group.first:
            print("the same")


if __name__ == "__main__":
    main()
