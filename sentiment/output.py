"""Rows out: csv, tsv, jsonl and parquet files that appear when they are complete.

Windows of rows become parts in a folder beside the output; when all are there they become the
output in one rename. A run that was stopped goes on behind its last part.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sentiment.tables import DELIMITERS, KINDS, Row, Source, TableError

ADDED = ("label", "probability", "logit", "error")
ROW = "row"  # added where a shard is scored


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


class Parts:
    """The output while it grows: a folder of parts beside it, one for each window."""

    def __init__(
        self, out: Path, source: Source, settings: Row, *, resume: bool, numbered: bool
    ) -> None:
        kind = KINDS.get(out.suffix)
        if kind is None:
            raise TableError(f"the output must end in {', '.join(KINDS)}, got {out.name!r}")
        self.out, self.kind = out, kind
        self._folder = out.with_name(out.name + ".partial")
        self._state = self._folder / "state.json"
        self._log = self._folder / "done.txt"  # a line "rows failed" for each whole part
        self.count, self.rows, self.failed = 0, 0, 0
        self._schema: Any = None
        columns, schema = source.columns(), source.schema()
        number = [ROW] if numbered else []
        added = [*ADDED, *number]
        self._columns = None if columns is None else [*number, *kept_names(columns, added), *ADDED]
        if kind == "parquet" and schema is not None:
            self._schema = _with_added(schema, numbered)
        if resume and self._state.is_file():
            self._read_state(settings)
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()
        self._settings = settings

    def _read_state(self, settings: Row) -> None:
        state = json.loads(self._state.read_text(encoding="utf-8"))
        if changed := [k for k, v in settings.items() if state["settings"].get(k) != v]:
            raise TableError(
                f"cannot resume {self.out}: {', '.join(changed)} differ from the stopped run's"
            )
        lines = self._log.read_text(encoding="utf-8") if self._log.is_file() else ""
        whole = lines[: lines.rfind("\n") + 1]  # the last line may have been cut short
        self._log.write_text(whole, encoding="utf-8")
        for line in whole.splitlines():
            rows, failed = map(int, line.split())
            self._count(rows, failed)
        if self._columns is None and state["columns"]:
            self._columns = state["columns"]
        if self.kind == "parquet" and self._schema is None and self.count:
            import pyarrow.parquet as pq

            self._schema = pq.read_schema(self._part(0))

    def _count(self, rows: int, failed: int) -> None:
        self.count, self.rows, self.failed = self.count + 1, self.rows + rows, self.failed + failed

    def _part(self, number: int) -> Path:
        return self._folder / f"part-{number:08}"

    def write(self, rows: list[Row]) -> None:
        """Write one part; it counts once the log has its line."""
        path = self._part(self.count)
        if self.kind == "parquet":
            self._write_parquet(path, rows)
        elif self.kind == "jsonl":
            # a lone surrogate, which UTF-8 cannot carry, becomes its JSON escape
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                for row in rows:
                    file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        else:
            self._write_csv(path, rows)
        failed = sum(row["error"] is not None for row in rows)
        if not self.count:
            partial = self._state.with_suffix(".new")
            state = {"settings": self._settings, "columns": self._columns}
            partial.write_text(json.dumps(state), encoding="utf-8")
            partial.replace(self._state)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{len(rows)} {failed}\n")
        self._count(len(rows), failed)

    def _write_csv(self, path: Path, rows: list[Row]) -> None:
        if self._columns is None:
            names = dict.fromkeys(name for row in rows for name in row if name not in ADDED)
            self._columns = [*names, *ADDED]
        with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
            writer = csv.DictWriter(
                file, self._columns, delimiter=DELIMITERS[self.kind], lineterminator="\n"
            )
            for row in rows:
                if foreign := row.keys() - set(self._columns):
                    raise TableError(
                        f"column {sorted(foreign)[0]!r} appears after the first rows; a csv has "
                        "one header: write to .jsonl"
                    )
                writer.writerow(row)

    def _write_parquet(self, path: Path, rows: list[Row]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = [{name: _encodable(value) for name, value in row.items()} for row in rows]
        try:
            if self._schema is None:
                self._schema = _inferred(rows)
            if foreign := {name for row in rows for name in row} - set(self._schema.names):
                raise TableError(
                    f"column {sorted(foreign)[0]!r} appears after the first rows; parquet has "
                    "one schema: write to .jsonl"
                )
            pq.write_table(pa.Table.from_pylist(rows, schema=self._schema), path)
        except (pa.ArrowException, TypeError, OverflowError, UnicodeEncodeError) as error:
            raise TableError(
                f"a column holds values of several kinds ({error}); write to .jsonl"
            ) from error

    def finish(self) -> None:
        """Join the parts, put the output in its place and remove the parts."""
        joined = self._folder / "joined"
        parts = [self._part(number) for number in range(self.count)]
        if self.kind == "parquet":
            self._join_parquet(joined, parts)
        else:
            with joined.open("wb") as file:
                if self.kind in DELIMITERS:
                    header = io.StringIO()
                    names = self._columns or list(ADDED)
                    delimiter = DELIMITERS[self.kind]
                    csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow(names)
                    file.write(header.getvalue().encode("utf-8", "replace"))
                for part in parts:
                    with part.open("rb") as piece:
                        shutil.copyfileobj(piece, file)
        joined.replace(self.out)
        shutil.rmtree(self._folder)

    def _join_parquet(self, joined: Path, parts: Iterable[Path]) -> None:
        import pyarrow.parquet as pq

        schema = self._schema if self._schema is not None else _inferred([])
        with pq.ParquetWriter(joined, schema) as writer:
            for part in parts:
                writer.write_table(pq.read_table(part, schema=schema))


def _added_fields() -> list[Any]:
    import pyarrow as pa

    kinds = (pa.string(), pa.float64(), pa.float64(), pa.string())
    return [pa.field(name, kind) for name, kind in zip(ADDED, kinds, strict=True)]


def _encodable(value: Any) -> Any:
    """A string with each lone surrogate, which UTF-8 cannot carry, as "?"; else the value."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _with_added(schema: Any, numbered: bool) -> Any:
    import pyarrow as pa

    names = kept_names(schema.names, (*ADDED, ROW) if numbered else ADDED)
    kept = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
    number = [pa.field(ROW, pa.int64())] if numbered else []
    return pa.schema([*number, *kept, *_added_fields()])


def _inferred(rows: list[Row]) -> Any:
    """The schema of the first rows; a column that is empty so far is taken for text."""
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row if name not in ADDED)
    fields = []
    for name in names:
        kind = pa.array([row.get(name) for row in rows]).type
        fields.append(pa.field(name, pa.string() if pa.types.is_null(kind) else kind))
    return pa.schema([*fields, *_added_fields()])
