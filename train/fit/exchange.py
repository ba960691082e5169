"""Tensors handed around between the processes of one machine, through memory that they share.

gloo sends everything through sockets: a step's gradients take it a tenth of the step's time, on the
cores that compute. Here each process writes its own part and reads those of the others.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor

ROOM_ROWS = 16_384
"""Rows of an embedding's gradient for which there is room; with more, a step goes by sockets."""
_IN_MEMORY = Path("/dev/shm")
_HEADER, _ALIGNED = 64, 64  # bytes
_NO_ROOM = -1


class Exchange:
    """Part ``rank`` of ``count`` in ``memory``, bytes (M,) that all processes have mapped.

    ``barrier`` returns once every process has called it. The parts are there twice, so that one is
    read while the next is written.
    """

    def __init__(
        self, memory: Tensor, rank: int, count: int, barrier: Callable[[], object]
    ) -> None:
        self._parts = memory.view(2, count, -1)  # (2, P, bytes)
        self._rank, self._barrier = rank, barrier
        self._turn = 0

    def all(self, own: Sequence[Tensor]) -> list[list[Tensor]] | None:
        """Every process's tensors, in the order of the processes; None where one lacked room.

        The tensors of all are alike but for their first dimension, and at most seven. They are
        views, which hold until the next call but one.
        """
        self._turn = 1 - self._turn
        parts = self._parts[self._turn]  # (P, bytes)
        mine = parts[self._rank]
        sizes = mine[:_HEADER].view(torch.int64)  # (8,)
        places = _places([len(one) for one in own], own)
        fits = len(own) < len(sizes) and places[-1] <= len(mine)
        sizes[0] = len(own) if fits else _NO_ROOM
        if fits:
            for number, one in enumerate(own):
                sizes[number + 1] = len(one)
                start = places[number]
                mine[start : start + one.nbytes].view(one.dtype).view(one.shape).copy_(one)
        self._barrier()
        if any(int(part[:_HEADER].view(torch.int64)[0]) == _NO_ROOM for part in parts):
            return None
        return [self._read(part, own) for part in parts]

    @staticmethod
    def _read(part: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
        sizes: list[int] = part[:_HEADER].view(torch.int64)[1 : len(like) + 1].tolist()
        found = []
        for start, size, one in zip(_places(sizes, like), sizes, like, strict=False):
            length = size * _row_bytes(one)
            found.append(part[start : start + length].view(one.dtype).view(size, *one.shape[1:]))
        return found


def shared(room: int, rank: int, count: int) -> Exchange | None:
    """An exchange with so many bytes for each process's tensors; None where memory lacks.

    Called by every process of the group, all on one machine. The file behind it has no name once
    all have mapped it, so nothing stays behind a process that is killed.
    """
    size = 2 * count * (_HEADER + _aligned(room))
    box = [_new_file(size) if rank == 0 else None]
    dist.broadcast_object_list(box, src=0)
    path = box[0]
    memory = None
    if path is not None:
        try:
            memory = torch.from_file(path, shared=True, size=size, dtype=torch.uint8)
        except RuntimeError:
            memory = None
    mapped = torch.tensor([memory is not None], dtype=torch.int64)
    dist.all_reduce(mapped)
    if path is not None and rank == 0:
        Path(path).unlink()
    if memory is None or int(mapped) < count:
        return None
    return Exchange(memory, rank, count, dist.barrier)


def _new_file(size: int) -> str | None:
    """A file of so many bytes, in memory, where there is so much; its pages are taken at once."""
    if not (_IN_MEMORY.is_dir() and hasattr(os, "posix_fallocate")):
        return None
    path = None
    try:
        handle, path = tempfile.mkstemp(dir=_IN_MEMORY)
        try:
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
    except OSError:
        if path is not None:
            Path(path).unlink()
        return None
    return path


def room_for(dense: int, table: Tensor | None) -> int:
    """Bytes of ``dense`` floats and of rows of a table (V, E), as a step's gradients have them."""
    rows = 0 if table is None else min(ROOM_ROWS, len(table)) * (8 + 4 * table.shape[1])
    return 4 * dense + rows + 8 * _ALIGNED


def _places(sizes: Sequence[int], like: Sequence[Tensor]) -> list[int]:
    """Where each tensor begins, and behind them where the last one ends."""
    places = [_HEADER]
    for size, one in zip(sizes, like, strict=True):
        places.append(places[-1] + _aligned(size * _row_bytes(one)))
    return places


def _row_bytes(tensor: Tensor) -> int:
    return prod(tensor.shape[1:]) * tensor.element_size()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
