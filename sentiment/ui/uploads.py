"""What a person hands in to be scored: a file under a plain name, or lines of text."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sentiment.tables import ENDINGS, NAMES, PACKED, Preview, ReadOptions
from sentiment.tables.apart import preview_apart
from sentiment.ui.limits import MAX_FILE_BYTES, RefusedError

AUTOMATIC = "as found"
ENCODINGS = (
    AUTOMATIC,
    "utf-8",
    "cp1252",
    "iso-8859-15",
    "utf-16",
    "cp1251",
    "gb18030",
    "shift_jis",
)
DELIMITERS = (AUTOMATIC, *NAMES.values())
MOST_UNPACKED = 5 * MAX_FILE_BYTES
FIRST_ROWS = 5

_OUT = {"csv": ".csv", "tsv": ".tsv", "txt": ".csv", "xlsx": ".csv", "parquet": ".parquet"}


def options_of(encoding: str, delimiter: str, header: bool) -> ReadOptions:
    """What the person chose. Raises TableError for an encoding or delimiter there is none of."""
    return ReadOptions(
        None if encoding in ("", AUTOMATIC) else encoding,
        None if delimiter in ("", AUTOMATIC) else delimiter,
        header,
        None,
        MOST_UNPACKED,
    )


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
