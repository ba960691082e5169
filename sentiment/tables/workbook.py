"""Excel workbooks (.xlsx): one sheet as a table of text, its first row the header."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sentiment.cancellation import CancellationError, check_cancelled
from sentiment.tables.errors import TableError
from sentiment.tables.header import Headed, going_on, rows_above, rows_below
from sentiment.tables.options import ReadOptions
from sentiment.tables.pieces import Batch
from sentiment.tables.rows import Rows
from sentiment.tables.source import MAX_COLUMNS

MAX_UNPACKED = 1 << 28
"""Bytes of a workbook's parts, which are read into memory one at a time."""
_TOGETHER = 64


def is_workbook(file: Path) -> bool:
    """Whether a zip holds the parts of a workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):  # cut short: its first part tells
        with file.open("rb") as raw:
            begin = raw.read(4096)
        named = file.suffix.lower() in (".xlsx", ".xlsm")
        return named or b"xl/" in begin or b"[Content_Types].xml" in begin or b"docProps/" in begin
    return any(name.startswith("xl/") for name in names)


class Workbook(Headed):
    """One of its ``sheets``: the first, or the one that is named."""

    kind = "xlsx"
    sheet: str | None = None
    sheets: tuple[str, ...] = ()

    def __init__(self, file: Path, options: ReadOptions) -> None:
        super().__init__()
        self.files = (file,)
        self.options = options
        self._read, self._total = 0, 0
        found = self._values()
        first = [row for _, row in islice(found, _TOGETHER)]
        found.close()
        self._above = 0
        if options.skip_rows is None and options.header:
            self._above = rows_above(first, cells=True)
        if not first:
            below = f" below the first {options.skip_rows:,}" if options.skip_rows else ""
            raise TableError(f"{file} has no row in its sheet {self.sheet!r}{below}")
        self.say_above(file, self._above, " ".join(filter(None, first[0])))
        if len(self.sheets) > 1 and options.sheet is None:
            others = ", ".join(name for name in self.sheets if name != self.sheet)
            self.notes.append(f"{file}: of its sheets {self.sheet} is read ({others:.200} are not)")
        header = [value or "" for value in first[self._above]]
        width = max(map(_width, first[self._above :]))  # columns of values may have no name
        header = (header + [""] * width)[:width] if any(map(str.strip, header)) else []
        self.settle(header, file, named=options.header)
        self._below = rows_below(first[self._above + 1 :]) if options.header else 0
        self.say_below(file, self._below)
        if not self.header.names:
            raise TableError(f"{file}: the first row of sheet {self.sheet!r} names no column")

    def _values(self) -> Generator[tuple[int, list[str | None]]]:
        """Rows below those to skip that have a value, as text, each with its number.

        Sets the sheet's name.
        """
        file = self.files[0]
        try:
            with zipfile.ZipFile(file) as archive:
                unpacked = sum(part.file_size for part in archive.infolist())
            most = min(MAX_UNPACKED, self.options.most_characters or MAX_UNPACKED)
            if unpacked > most:
                raise TableError(
                    f"{file} unpacks to {unpacked / 1e6:,.0f} MB; at most {most / 1e6:,.0f} are "
                    "read of a workbook: save it as CSV UTF-8"
                )
            import openpyxl

            raw = file.open("rb")  # by a name of another ending it would be refused
            book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        except TableError:
            raise
        except ImportError as error:
            raise TableError(
                f"{file} is an Excel workbook; install openpyxl to read it, or save it as CSV UTF-8"
            ) from error
        except Exception as error:  # the library raises whatever a damaged part leads to
            raise TableError(
                f"{file} is an Excel workbook that cannot be read ({_short(error)}); save it as "
                "CSV UTF-8"
            ) from error
        try:
            names = tuple(sheet.title for sheet in book.worksheets)
            self.sheets = names
            self.sheet = names[0] if self.options.sheet is None and names else self.options.sheet
            if self.sheet not in names:
                raise TableError(
                    f"{file} has no sheet {self.sheet!r}; it has {', '.join(names) or 'none'}"
                )
            sheet: Any = book[self.sheet]
            sheet.reset_dimensions()  # what files say of them is often wrong
            try:
                for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                    check_cancelled()
                    if len(row) > MAX_COLUMNS:
                        raise TableError(f"{file}, row {number:,}: over {MAX_COLUMNS:,} columns")
                    below = number > (self.options.skip_rows or 0)
                    if below and any(value is not None for value in row):
                        yield number, [_as_text(value) for value in row]
            except (TableError, CancellationError):
                raise
            except Exception as error:
                raise TableError(
                    f"{file}, sheet {self.sheet!r} cannot be read ({_short(error)}); save it as "
                    "CSV UTF-8"
                ) from error
        finally:
            book.close()
            raw.close()

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        return self.header.pieces(self._batches(), size)

    def _batches(self) -> Iterator[Batch]:
        found = islice(self._values(), self._above + int(self.options.header), None)
        below = self._below
        while some := list(islice(found, _TOGETHER)):
            numbers, rows = zip(*some, strict=True)
            sizes = [sum(len(value or "") for value in row) for row in rows]
            yield going_on(Batch(rows, [None] * len(rows), numbers, sizes), below)
            below = 0


def _width(row: Sequence[str | None]) -> int:
    """How many columns a row has up to its last value."""
    return max((i for i, value in enumerate(row, 1) if value and value.strip()), default=0)


def _as_text(value: Any) -> str | None:
    """A cell as Excel's own csv has it, but for dates, which are ISO's."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        whole_day = value.time() == datetime.time()
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error!s:.100}"
