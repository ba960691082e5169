"""Tensors between processes through memory: threads stand for processes here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch
from torch import Tensor

from train.fit.exchange import ROOM_ROWS, Exchange, room_for

COUNT = 3


def exchanges(room: int) -> list[Exchange]:
    barrier = Barrier(COUNT)
    memory = torch.zeros(2 * COUNT * (64 + room), dtype=torch.uint8)
    return [Exchange(memory, rank, COUNT, lambda: barrier.wait(60)) for rank in range(COUNT)]


def own(rank: int, turn: int, rows: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(100 * turn + rank)
    flat = torch.randn(13, generator=generator)
    indexes = torch.randint(0, 99, (rows,), generator=generator)
    return [flat, indexes, torch.randn(rows, 5, generator=generator)]


def test_all_have_what_each_gave() -> None:
    """Over many turns, of unlike numbers of rows, none among them."""
    turns = 40

    def process(exchange: Exchange, rank: int) -> None:
        for turn in range(turns):
            given = [own(other, turn, (turn + 3 * other) % 7) for other in range(COUNT)]
            found = exchange.all(given[rank])
            assert found is not None
            for one, other in zip(found, given, strict=True):
                assert all(map(torch.equal, one, other))

    with ThreadPoolExecutor(COUNT) as pool:
        list(pool.map(process, exchanges(4096), range(COUNT)))


def test_where_one_lacks_room_all_are_told() -> None:
    def process(exchange: Exchange, rank: int) -> list[bool]:
        sizes = (5, 500 if rank == 1 else 5, 5)
        return [exchange.all(own(rank, turn, rows)) is None for turn, rows in enumerate(sizes)]

    with ThreadPoolExecutor(COUNT) as pool:
        found = list(pool.map(process, exchanges(4096), range(COUNT)))
    assert found == [[False, True, False]] * COUNT


def test_there_is_room_for_a_step() -> None:
    def process(exchange: Exchange, _: int) -> bool:
        full = [torch.zeros(13), torch.zeros(9, dtype=torch.int64), torch.zeros(9, 5)]
        return exchange.all(full) is not None

    table = torch.zeros(9, 5)
    room = -(-room_for(13, table) // 64) * 64
    with ThreadPoolExecutor(COUNT) as pool:
        assert all(pool.map(process, exchanges(room), range(COUNT)))
    assert room_for(13, None) < room < room_for(13, torch.zeros(ROOM_ROWS, 5))
