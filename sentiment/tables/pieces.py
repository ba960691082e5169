"""Rows as readers find them, many at a time, and the pieces that a source gives of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sentiment.tables.rows import ObjectRows, Row, Rows

WINDOW_CHARACTERS = 1 << 23
"""A window ends where it holds so many, however few its rows: memory is bounded by this."""
_TOGETHER = 64


class Batch(NamedTuple):
    """Successive rows, whole or with their error, where each begins and its characters.

    ``lines`` has the text that a row came from, None where it is none that a writer writes; nothing
    for kinds that have no such text.
    """

    values: Sequence[Any]
    errors: Sequence[str | None]
    places: Sequence[int]
    sizes: Sequence[int]
    lines: Sequence[str | None] = ()

    def part(self, start: int, end: int) -> Batch:
        """Some of the rows."""
        columns: Any = (column[start:end] for column in self)
        return Batch(*columns)


class Found(NamedTuple):
    """One object with its error, its place, its characters and its JSON."""

    row: Row
    error: str | None
    place: int
    size: int
    line: str | None = None


def batches_of(found: Iterable[Found]) -> Iterator[Batch]:
    """Objects that are found one by one."""
    rest = iter(found)
    while some := list(islice(rest, _TOGETHER)):
        yield Batch(*zip(*some, strict=True))


def pieces_of(
    batches: Iterable[Batch], size: int, made: Callable[[Batch], Rows]
) -> Iterator[tuple[Rows, int]]:
    """Pieces of ``size`` rows, fewer where they hold WINDOW_CHARACTERS, and their characters."""
    held: list[Batch] = []
    rows = characters = 0
    for batch in batches:
        start = 0
        while start < len(batch.values):
            end = min(len(batch.values), start + size - rows)
            taken = sum(batch.sizes[start:end])
            if characters + taken >= WINDOW_CHARACTERS:
                end, taken = _filling(batch.sizes, start, WINDOW_CHARACTERS - characters)
            held.append(batch.part(start, end) if end - start < len(batch.values) else batch)
            rows, characters, start = rows + end - start, characters + taken, end
            if rows == size or characters >= WINDOW_CHARACTERS:
                yield made(_joined(held)), characters
                held, rows, characters = [], 0, 0
    if held:
        yield made(_joined(held)), characters


def _filling(sizes: Sequence[int], start: int, room: int) -> tuple[int, int]:
    """Where the rows from ``start`` on fill the room, and what they hold."""
    taken = 0
    for end, size in enumerate(islice(sizes, start, None), start + 1):
        taken += size
        if taken >= room:
            return end, taken
    raise AssertionError("the rows do not fill the room")


def _joined(held: list[Batch]) -> Batch:
    if len(held) == 1:
        return held[0]
    columns: Any = zip(*held, strict=True)
    return Batch(*([one for part in column for one in part] for column in columns))


def object_rows(batch: Batch) -> ObjectRows:
    """A batch of objects as rows."""
    return ObjectRows(batch.values, batch.errors, batch.places, batch.lines)
