"""The first rows of a source as they are understood, for a person to look at before they count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from sentiment.tables.dialect import NAMES
from sentiment.tables.header import Headed
from sentiment.tables.rows import paths
from sentiment.tables.source import TEXT_COLUMNS, Source
from sentiment.tables.text_files import Tables, TextFiles
from sentiment.tables.workbook import Workbook

_WORD = re.compile(r"[^\W\d_]{2,}")
_LINK = re.compile(r"\s*\w+://")


@dataclass(frozen=True, slots=True)
class Preview:
    """How a source is read. ``text_column`` is a guess, None where there is no column.

    ``encoding``, ``delimiter`` and ``sheet`` are None where the kind has none; ``sheets`` has the
    names of all of a workbook's. ``rows`` has the first rows' values under ``columns``; ``errors``
    why some of them cannot be read.
    """

    kind: str
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    text_column: str | None
    rows: tuple[tuple[Any, ...], ...]
    errors: tuple[str | None, ...]
    header_like_data: bool
    notes: tuple[str, ...]
    sheet: str | None = None
    sheets: tuple[str, ...] = ()


def preview(source: Source, count: int = 5) -> Preview:
    """The first ``count`` rows of a source. Raises TableError where they cannot be read."""
    found = next(source.pieces(count), None)
    rows = None if found is None else found[0].first(count)
    columns = source.columns()
    if columns is None:
        records = [] if rows is None else rows.records()
        columns = list(dict.fromkeys(name for row in records for name in paths(row)))
    else:
        columns = source.nested() or columns
    values = [] if rows is None else [rows.values(name) for name in columns]
    whole = [] if rows is None else [error is None for error in rows.errors]
    text = guess_text_column(columns, [list(compress(one, whole)) for one in values])
    return Preview(
        source.kind,
        source.encoding if isinstance(source, TextFiles) else None,
        _delimiter(source),
        tuple(columns),
        text,
        tuple(zip(*values, strict=True)),
        () if rows is None else tuple(rows.errors),
        isinstance(source, Headed) and source.data_like,
        tuple(source.notes),
        source.sheet if isinstance(source, Workbook) else None,
        source.sheets if isinstance(source, Workbook) else (),
    )


def _delimiter(source: Source) -> str | None:
    if not isinstance(source, Tables):
        return None
    return NAMES.get(source.dialect.delimiter, source.dialect.delimiter)


def guess_text_column(columns: Sequence[str], values: Sequence[Sequence[Any]]) -> str | None:
    """The column of a customary name, else the one of the most words."""
    folded = {name.casefold().rsplit(".", 1)[-1]: name for name in reversed(columns)}
    for name in TEXT_COLUMNS:
        if name in folded:
            return folded[name]
    if not columns:
        return None
    sizes = [_words(one) for one in values] or [(0, 0)]
    return columns[sizes.index(max(sizes))]


def _words(values: Sequence[Any]) -> tuple[int, int]:
    """How many words some values hold, of which links and numbers have none, and characters."""
    texts = [value for value in values if isinstance(value, str)]
    words = (len(_WORD.findall(text)) for text in texts if not _LINK.match(text))
    return sum(words), sum(map(len, texts))
