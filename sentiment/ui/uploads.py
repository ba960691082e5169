"""What a person hands in to be scored: a file under a plain name, or lines of text."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.tables import ENDINGS, NAMES, PACKED, Preview, ReadOptions, TableError
from sentiment.tables.apart import preview_apart
from sentiment.tables.header import MOST_ABOVE
from sentiment.ui.limits import MAX_FILE_BYTES, RefusedError

AUTOMATIC = "as found"
ENCODINGS = (
    AUTOMATIC,
    "utf-8",
    "cp1252",
    "iso-8859-15",
    "mac-roman",
    "utf-16",
    "cp1251",
    "gb18030",
    "shift_jis",
)
DELIMITERS = (AUTOMATIC, *NAMES.values())
SKIPS = (AUTOMATIC, *map(str, range(MOST_ABOVE + 1)))
MOST_UNPACKED = 5 * MAX_FILE_BYTES
FIRST_ROWS = 5

_OUT = {"csv": ".csv", "tsv": ".tsv", "txt": ".csv", "xlsx": ".csv", "parquet": ".parquet"}


@dataclass(frozen=True, slots=True)
class Choices:
    """How a person says that a file is read, as the page's controls have it."""

    encoding: str = AUTOMATIC
    delimiter: str = AUTOMATIC
    header: bool = True
    skip: str = AUTOMATIC
    sheet: str | None = None

    @property
    def options(self) -> ReadOptions:
        """The same for the readers. Raises TableError for what none of them can do."""
        skip = _chosen(self.skip)
        if skip is not None and not (skip.isdecimal() and len(skip) < 10):
            raise TableError(f"rows to skip are a whole number, 0 or more, got {skip!r:.80}")
        return ReadOptions(
            _chosen(self.encoding),
            _chosen(self.delimiter),
            self.header,
            _chosen(self.sheet),
            MOST_UNPACKED,
            None if skip is None else int(skip),
        )


def _chosen(value: str | None) -> str | None:
    text = "" if value is None else str(value).strip()
    return None if text in ("", AUTOMATIC) else str(value)


def copied(file: Path, folder: Path) -> Path:
    """The file under a plain name: a source's name may be a glob, and an uploaded one anything."""
    if file.stat().st_size > MAX_FILE_BYTES:
        raise RefusedError(f"A file may have up to {MAX_FILE_BYTES // 1_000_000} MB.")
    known = [one.lower() for one in file.suffixes[-2:] if one.lower() in (*ENDINGS, *PACKED)]
    return Path(shutil.copyfile(file, folder / f"input{''.join(known)}"))


def from_lines(lines: str, folder: Path) -> Path:
    """Lines of text as a file. Raises RefusedError where there are none, or too many."""
    if not lines.strip():
        raise RefusedError("Choose a file, or write at least one line.")
    content = lines.encode("utf-8", "replace")
    if len(content) > MAX_FILE_BYTES:
        raise RefusedError(f"Lines may have up to {MAX_FILE_BYTES // 1_000_000} MB.")
    path = folder / "input.txt"
    path.write_bytes(content)
    return path


def understood(source: Path, options: ReadOptions, *, whole: bool = False) -> Preview:
    """The first rows as a process apart reads them, or all rows; raises TableError."""
    return preview_apart(source, options, FIRST_ROWS, whole=whole)


def ending_of(kind: str) -> str:
    """The ending of the scored file of a source of that kind."""
    return _OUT.get(kind, ".jsonl")


def sentence(found: Preview, header: bool) -> str:
    """How a file is read, in words."""
    how = [f"Read as {_KINDS.get(found.kind, found.kind)}"]
    if found.encoding is not None:
        how.append(f"encoding {found.encoding.removesuffix('-sig')}")
    if found.delimiter is not None:
        how.append(f"fields separated by {found.delimiter}")
    if found.sheet is not None:
        how.append(f"sheet “{cell(found.sheet)}”")
        if (others := len(found.sheets) - 1) > 0:
            how[-1] += f" ({others} more can be chosen)"
    if found.delimiter is not None or found.sheet is not None:
        how.append("the first line names the columns" if header else "no header line")
    return ", ".join(how) + "."


_KINDS = {
    "txt": "text, one text a line",
    "jsonl": "JSON lines",
    "array": "a JSON array",
    "document": "one JSON object",
    "python": "lines of Python dicts",
    "xlsx": "an Excel workbook",
}

Shown = dict[str, Any]


def shown(found: Preview, column: str, header: bool) -> Shown:
    """The preview for the script that draws it."""
    return {
        "understood": sentence(found, header),
        "notes": [note.split(": ", 1)[-1] for note in found.notes],
        "columns": [cell(name) for name in found.columns],
        "text": column,
        "preview": [[cell(value) for value in row] for row in found.rows],
        "errors": [error or "" for error in found.errors],
    }


def cell(value: object) -> str:
    """A value as a table shows it."""
    text = "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate ends the stream
    return text if len(text) <= 120 else text[:119] + "…"
