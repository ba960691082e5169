"""How each kind of file is written: rows as they were read, with the verdicts' columns added."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sentiment.tables import DELIMITERS, Row, Rows, Source, TableError, TextRows

ADDED = ("label", "leaning", "probability", "logit", "error")
ROW = "row"  # added where a shard is scored
KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class AddedColumns:
    """Which columns are added: ADDED, a probability of each of ``labels``, a number of the row."""

    numbered: bool = False
    labels: tuple[str, ...] = ()

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The columns behind those of the input."""
        return (*ADDED, *map(probability_column, self.labels))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are added, and that no column of the input keeps."""
        return (*self.verdicts, ROW) if self.numbered else self.verdicts


def probability_column(label: str) -> str:
    """The column of one label's probability."""
    return f"probability_{label}"


@dataclass(frozen=True, slots=True)
class Added:
    """The verdicts' columns of a window of rows; ``first_row`` numbers them where it is given.

    ``each`` has the probabilities of each label, where they are asked for.
    """

    labels: Sequence[str | None]
    leanings: Sequence[str | None]
    probabilities: Sequence[float | None]
    logits: Sequence[float | None]
    errors: Sequence[str | None]
    first_row: int | None = None
    each: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    @property
    def which(self) -> AddedColumns:
        """Which columns these are."""
        return AddedColumns(self.first_row is not None, tuple(self.each))

    def columns(self) -> tuple[Sequence[Any], ...]:
        """In the order of ``which.verdicts``."""
        five = (self.labels, self.leanings, self.probabilities, self.logits, self.errors)
        return (*five, *self.each.values())

    def numbers(self) -> list[int] | None:
        """The rows' numbers in the source."""
        if self.first_row is None:
            return None
        return list(range(self.first_row, self.first_row + len(self.errors)))


def kept_names(names: Iterable[str], added: Sequence[str]) -> list[str]:
    """The input's columns under names that no added column bears."""
    names = list(names)
    kept = []
    for name in names:
        if name in added:
            name = f"input_{name}"
            while name in names:
                name = f"input_{name}"
        kept.append(name)
    return kept


class Format:
    """Writes windows of rows as parts, and joins parts to one file."""

    ending = ""

    def columns(self) -> list[str] | None:
        """What must outlive a stopped run."""
        return None

    def resume(self, columns: list[str] | None, first: Path) -> None:
        """Take up what a stopped run's ``columns`` gave, and its first part."""

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        """Write one part."""
        raise NotImplementedError

    def begin(self, joined: IO[bytes]) -> None:
        """Write what stands before the parts."""

    def join(self, joined: IO[bytes], parts: Iterable[Path]) -> None:
        """Write all parts, one behind the other."""
        self.begin(joined)
        for part in parts:
            with part.open("rb") as piece:
                while chunk := piece.read(1 << 20):
                    joined.write(chunk)


class CsvLines:
    """Takes the csv writer's lines, which end in CR LF so that it quotes fields with either."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line[:-2])

    def encoded(self) -> bytes:
        lines, self.lines = self.lines, []
        return ("\n".join(lines) + "\n").encode("utf-8", "replace") if lines else b""


class Table(Format):
    """csv and tsv."""

    def __init__(self, kind: str, source: Source, *, added: AddedColumns, safe: bool) -> None:
        self._text = CsvLines()
        self._writer = csv.writer(self._text, delimiter=DELIMITERS[kind], lineterminator="\r\n")
        self._added, self._safe = added, safe
        self._names = source.columns()
        self._headings = source.headings()

    def columns(self) -> list[str] | None:
        return self._names

    def resume(self, columns: list[str] | None, first: Path) -> None:
        if self._names is None:
            self._names = self._headings = columns

    def begin(self, joined: IO[bytes]) -> None:
        added = self._added.names
        names, headings = self._names or [], self._headings or []
        kept = kept_names(names, added)
        shown = [
            heading if new == old else new
            for old, new, heading in zip(names, kept, headings, strict=True)
        ]
        number = [ROW] if self._added.numbered else []
        self._writer.writerow([*number, *map(self._cell, shown), *self._added.verdicts])
        joined.write(self._text.encoded())

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        if self._names is None:
            self._names = self._headings = list(
                dict.fromkeys(name for row in rows.records() for name in row)
            )
        if isinstance(rows, TextRows):
            fields: Iterable[Sequence[Any]] = rows.fields
        else:
            fields = self._fields(rows)
        if self._safe:
            fields = [[self._cell(value) for value in row] for row in fields]
        behind = zip(*added.columns(), strict=True)
        numbers = added.numbers()
        if numbers is None:
            both = zip(fields, behind, strict=True)
            self._writer.writerows([(*row, *verdict) for row, verdict in both])
        else:
            three = zip(numbers, fields, behind, strict=True)
            self._writer.writerows([(number, *row, *verdict) for number, row, verdict in three])
        file.write(self._text.encoded())

    def _fields(self, rows: Rows) -> list[list[Any]]:
        names = self._names or []
        known = set(names)
        fields = []
        for row, error in zip(rows.records(), rows.errors, strict=True):
            if error is None and (foreign := row.keys() - known):
                raise TableError(
                    f"column {min(foreign)!r} appears after the first rows; a csv has one header: "
                    "write to .jsonl"
                )
            fields.append([_cell_of(row.get(name)) for name in names])
        return fields

    def _cell(self, value: Any) -> Any:
        """A cell that no spreadsheet takes for a formula; numbers stay."""
        if not (self._safe and isinstance(value, str) and value.startswith(_FORMULA)):
            return value
        try:
            float(value)
        except ValueError:
            return "'" + value
        return value


def _cell_of(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


class JsonLines(Format):
    """jsonl. A row that was a line of JSON keeps that line's bytes, the verdict behind them."""

    def __init__(self, *, safe: bool = False) -> None:
        del safe  # no spreadsheet opens it

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        names, verdict_names = added.which.names, added.which.verdicts
        taken = set(names)
        lines: Sequence[str | None] = getattr(rows, "lines", None) or [None] * len(rows)
        numbers: Sequence[int | None] = added.numbers() or [None] * len(rows)
        verdicts = zip(*added.columns(), strict=True)
        out = io.StringIO()
        for row, line, number, verdict in zip(
            rows.records(), lines, numbers, verdicts, strict=True
        ):
            behind = dict(zip(verdict_names, verdict, strict=True))
            if line is None or number is not None or not row or not taken.isdisjoint(row):
                kept = dict(zip(kept_names(row, names), row.values(), strict=True))
                numbered = {} if number is None else {ROW: number}
                out.write(_json(numbered | kept | behind))
            else:
                out.write(line[:-1].rstrip())
                out.write(", " + _json(behind)[1:])
            out.write("\n")
        # a lone surrogate, which UTF-8 cannot carry, becomes its JSON escape
        file.write(out.getvalue().encode("utf-8", "backslashreplace"))


def _json(row: Row) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, default=_as_json, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(row), ensure_ascii=False, default=_as_json)


def _as_json(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    """The same with null for what JSON has no number for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


Writer = Callable[[IO[bytes]], None]
