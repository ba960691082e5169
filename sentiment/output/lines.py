"""JSON lines out. A row that was a line of JSON keeps its bytes, the verdict behind them.

Its numbers, escapes, blanks and the order of its names stay as they were, and the blank lines
around it; the file keeps its encoding. Only names that an added one bears are written anew.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from sentiment.output.formats import ROW, Added, AddedColumns, Format, kept_names
from sentiment.tables import ObjectRows, Row, Rows, Source, Spelling
from sentiment.tables.encoding import Coding

_DECODER: Any = json.JSONDecoder()


class JsonLines(Format):
    """jsonl."""

    spelling: Spelling

    def __init__(self, source: Source, *, added: AddedColumns) -> None:
        spelling = source.spelling()
        self._same = spelling is not None and spelling.kind == "jsonl"
        if spelling is None or not self._same:
            spelling = Spelling("jsonl", Coding("utf-8"))
        self.spelling = spelling
        self._source, self._added = source, added
        ascii_alone = "utf" not in spelling.coding.name.lower()
        self._encoder = json.JSONEncoder(
            ensure_ascii=ascii_alone, allow_nan=False, default=_as_json
        )

    def begin(self, joined: IO[bytes]) -> None:
        joined.write(self.spelling.coding.mark)

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        names, verdict_names = added.which.names, added.which.verdicts
        lines: Sequence[str | None] = rows.lines if isinstance(rows, ObjectRows) else ()
        lines = lines or [None] * len(rows)
        numbers: Sequence[int | None] = added.numbers() or [None] * len(rows)
        verdicts = zip(*added.columns(), strict=True)
        taken = set(names)
        out = []
        for row, line, number, verdict in zip(
            rows.records(), lines, numbers, verdicts, strict=True
        ):
            behind = self._json(dict(zip(verdict_names, verdict, strict=True)))[1:]
            start, body, end = "", "", "\n"
            if line is not None:
                stripped = line.strip()
                at = line.index(stripped)
                start, body = line[:at], stripped
                if self._same:
                    end = line[at + len(stripped) :]
                if not taken.isdisjoint(row):
                    body = renamed(body, dict(zip(row, kept_names(row, names), strict=True)))
            if not body:
                kept = dict(zip(kept_names(row, names), row.values(), strict=True))
                body = self._json(kept)
            comma = ", " if row else ""
            if number is None:
                out.append(f"{start}{body[:-1]}{comma}{behind}{end}")
            else:
                end = end if "\n" in end or "\r" in end else "\n"
                out.append(f'{{"{ROW}": {number}, {body[1:-1]}{comma}{behind}{end}')
        file.write(self.spelling.coding.encoded("".join(out)))

    def _json(self, row: Row) -> str:
        try:
            return self._encoder.encode(row)
        except ValueError:
            return self._encoder.encode(_finite(row))

    def join(self, joined: IO[bytes], parts: Iterable[Path]) -> None:
        super().join(joined, parts)
        if self._same and not self._added.numbered:
            joined.write(self.spelling.coding.encoded(self._source.tail()))


def renamed(line: str, names: dict[str, str]) -> str:
    """An object's JSON with other names and all else as it is; "" for what is no such text."""
    pieces, done, at = [], 0, 1
    while True:
        at = _behind_blanks(line, at)
        if line[at : at + 1] != '"':
            break
        name, end = json.decoder.scanstring(line, at + 1)  # type: ignore[attr-defined]
        if names.get(name, name) != name:
            pieces += [line[done:at], json.dumps(names[name])]
            done = end
        at = _behind_blanks(line, _behind_blanks(line, end) + 1)
        _, at = _DECODER.raw_decode(line, at)
        at = _behind_blanks(line, at)
        if line[at : at + 1] != ",":
            break
        at += 1
    return "".join([*pieces, line[done:]]) if line[at:] == "}" else ""


def _behind_blanks(line: str, at: int) -> int:
    while line[at : at + 1] in tuple(" \t\r\n"):
        at += 1
    return at


def _as_json(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    """The same with null for what JSON has no number for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value
