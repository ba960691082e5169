"""Lines of text, many at a time, whatever ends them and however long they are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain, islice

from sentiment.tables.delimited import MAX_RECORD
from sentiment.tables.dialect import SAMPLE_LINES

SAMPLE_CHARACTERS = 1 << 18
_CHUNK = 1 << 17
_LONGEST = MAX_RECORD + 1


def line_batches(stream: io.TextIOWrapper) -> Iterator[list[str]]:
    """Lines with their ends, LF, CR or both; of one beyond all measure the beginning."""
    held: list[str] = []  # of a line whose end is not there yet
    size, dropping = 0, False
    while chunk := stream.read(_CHUNK):
        held.append(chunk)
        size += len(chunk)
        whole: list[str] = []
        if "\n" in chunk or "\r" in chunk or held[0][-1:] == "\r":
            whole = _lines("".join(held))
            rest = whole.pop() if whole[-1][-1] != "\n" else ""
            held, size = [rest], len(rest)
        if whole and dropping:
            del whole[0]
            dropping = False
        if size >= _LONGEST and not dropping:
            whole.append("".join(held)[:_LONGEST])
            dropping = True
        if dropping:
            held, size = [held[-1][-1:]], 1  # its end may be half of CR LF
        if whole:
            yield whole
    if any(held) and not dropping:
        yield _lines("".join(held))


def _lines(text: str) -> list[str]:
    # an end that is CR alone makes the search three times as long
    plain = text.count("\r") == text.count("\r\n")
    return io.StringIO(text, newline="\n" if plain else "").readlines()


def lines_of(stream: io.TextIOWrapper) -> Iterator[str]:
    """The same lines one by one."""
    return chain.from_iterable(line_batches(stream))


def sample_of(stream: io.TextIOWrapper) -> list[str]:
    """The first lines, enough to guess by."""
    sample, size = [], 0
    for line in islice(lines_of(stream), SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > SAMPLE_CHARACTERS:
            break
    return sample
