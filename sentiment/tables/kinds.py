"""What a file is, by its content first and its name second, and the source that reads it."""

from __future__ import annotations

import ast
import glob
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from sentiment.tables.containers import PACKED, magic, opened
from sentiment.tables.delimited import records
from sentiment.tables.dialect import SAMPLE_LINES, Dialect, sep_line
from sentiment.tables.encoding import Coding, coding, text_of
from sentiment.tables.errors import TableError
from sentiment.tables.foreign import foreign, foreign_name
from sentiment.tables.guessing import blanks_separate
from sentiment.tables.header import rows_are_named
from sentiment.tables.lines import sample_of
from sentiment.tables.objects import Objects, rows_in
from sentiment.tables.options import ReadOptions
from sentiment.tables.source import TEXT_COLUMNS, Source, is_text_column
from sentiment.tables.text_files import Lines, Tables
from sentiment.tables.workbook import Workbook, is_workbook

ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
"""Endings of the files that are read, in any letter case; .gz, .zst and .zip may follow."""
_BEGIN = 512
_GARBLED = re.compile(
    "â€[™œ˜“”\x9d]|â\x80[\x93-\x9d]|\\\\u00e2\\\\u0080\\\\u009[3-9a-d]", re.IGNORECASE
)
_GARBLED_NOTE = (
    "characters such as â€™ were read wrongly before they were written here, and verdicts suffer: "
    "mend the file first, with ftfy for example"
)


def kind_of(file: Path) -> str | None:
    """The kind that a file's name tells, endings of packing aside; None where it tells none."""
    name = PurePath(file.name.lower())
    return ENDINGS.get(PurePath(name.stem).suffix if name.suffix in PACKED else name.suffix)


def open_source(
    source: str | Path, split: str = "train", options: ReadOptions | None = None
) -> Source:
    """The rows of a file, a glob or a Hub data set. Raises TableError where there are none."""
    text = str(source)
    files = [Path(name) for name in sorted(glob.glob(text, recursive=True))]
    if Path(text).exists():
        files = [Path(text)]
    files = [file for file in files if not file.is_dir()] or files
    if not files:
        looks_local = glob.has_magic(text) or kind_of(Path(text)) or text.startswith((".", "/"))
        if looks_local or text.count("/") > 1:
            raise TableError(f"no file at {text}")
        from sentiment.tables.hub_rows import HubDataset

        return HubDataset(text, split)
    if files[0].is_dir():
        raise TableError(f"{files[0]} is a folder; name a file in it, or a glob")
    return open_files(files, options)


def open_files(files: Sequence[Path], options: ReadOptions | None = None) -> Source:
    """The rows of files of one kind, one behind the other."""
    options = options or ReadOptions()
    found = [content_kind(file, options) for file in files]
    kind = found[0][0]
    if any(other != kind for other, _ in found):
        pairs = zip(files, found, strict=True)
        listed = ", ".join(f"{file.name} ({other})" for file, (other, _) in pairs)
        raise TableError(f"want files of one kind, got {listed:.300}")
    if kind == "parquet":
        from sentiment.tables.parquet import ParquetFiles

        return ParquetFiles(files, options)
    if kind == "xlsx":
        if len(files) > 1:
            raise TableError(f"workbooks are read one at a time, got {len(files)}")
        return Workbook(files[0], options)
    codings = [one for _, one in found if one is not None]
    if kind == "txt":
        return Lines(files, codings, options)
    if kind in ("csv", "tsv"):
        return Tables(files, codings, kind, options)
    return Objects(files, codings, kind, options)


def content_kind(file: Path, options: ReadOptions) -> tuple[str, Coding | None]:
    """csv, tsv, txt, jsonl, array, document, python, parquet or xlsx, and a text's encoding.

    Raises TableError for what is none of them, and says what it is.
    """
    begin = magic(file, _BEGIN)
    named = kind_of(file)
    if not begin:
        raise TableError(f"{file} is empty; want rows")
    if begin[:4] == b"PAR1":
        return "parquet", None
    if begin[:4] == b"PK\x03\x04" and is_workbook(file):
        return "xlsx", None
    if what := foreign(begin) or foreign_name(file.name):
        raise TableError(f"{file} is {what}; want csv, JSON lines, parquet, xlsx or text")
    with opened(file, options.most_characters) as one:
        inner = one.stream.peek(_BEGIN)[:_BEGIN]
        if inner.startswith((b"PAR1", b"PK\x03\x04")):
            raise TableError(f"{file}: a packed parquet file or workbook; unpack it first")
        if what := foreign(inner):
            raise TableError(f"{file} holds {what}; want csv, JSON lines or text")
        if named in ("parquet", "xlsx"):
            raise TableError(f"{file} is not a {named} file: it begins with {begin[:8]!r}")
        found = coding(one.stream, str(file), options.encoding)
    with opened(file, options.most_characters) as one, text_of(one.stream, found) as stream:
        try:
            sample = sample_of(stream)
        except UnicodeDecodeError as error:
            raise TableError(
                f"{file} is not {found.name} ({error.reason}); name another encoding"
            ) from error
    if not any(map(str.strip, sample)) and len(sample) < SAMPLE_LINES:
        raise TableError(f"{file} is empty but for blanks; want rows")
    below = sample[options.skip_rows or 0 :]
    if not below:
        raise TableError(
            f"{file}: {options.skip_rows:,} rows to skip leave nothing of the first "
            f"{len(sample):,} lines, among which the table must begin"
        )
    if not found.note and any(map(_GARBLED.search, sample)):
        found = replace(found, note=_GARBLED_NOTE)
    return _text_kind(below, named, options), found


def _text_kind(sample: list[str], named: str | None, options: ReadOptions) -> str:
    lines = [line for line in (one.strip() for one in sample) if line]
    if options.delimiter is not None:
        return "tsv" if options.delimiter == "\t" else "csv"
    if not lines:  # blanks beyond the sample
        return "csv" if named is None else "jsonl" if named == "json" else named
    if (json_kind := _json_kind(lines, named)) is not None:
        return json_kind
    if named in ("json", "jsonl"):
        return "jsonl"  # of which no line is JSON: each has its error
    if named in ("csv", "tsv"):
        return named
    if _is_table(sample, "\t"):
        return "tsv"
    wanted = None if named is None else TEXT_COLUMNS  # one text a line may hold commas, too
    if any(_is_table(sample, delimiter, wanted) for delimiter in ",;|"):
        return "csv"
    return "csv" if blanks_separate(sample, surely=True) else "txt"


def _json_kind(lines: list[str], named: str | None) -> str | None:
    first = lines[0]
    if first[0] not in "{[":
        return None
    kind = _line_kind(first)
    if kind == "jsonl" and len(lines) == 1 and _holds_rows(first, sure=named != "json"):
        return "document"
    if kind in ("jsonl", "python"):
        return kind
    if first[0] == "[" and (
        kind == "list" or named in ("json", "jsonl") or first == "[" or first[1:2] in '{["'
    ):
        rest = "".join(lines)[1:].lstrip()
        several = kind == "list" and len(lines) > 1 and lines[1][0] == "["
        if rest[:1] in ("{", '"', "]") and not several:
            return "array"
    if (
        first[0] == "{"
        and named in ("json", "jsonl")
        and any(_line_kind(line) for line in lines[1:])
    ):
        return "jsonl"  # whose first line is damaged
    if first[0] == "{" and first[1:].lstrip()[:1] in ('"', ""):
        return "document"
    return None


def _holds_rows(line: str, *, sure: bool) -> bool:
    """Whether the only object of a file holds rows rather than being one.

    ``sure`` wants texts under a customary name in them.
    """
    value = json.loads(line)
    rows = rows_in(value)
    if rows == [value] or any(
        isinstance(inner, str) and is_text_column(name) for name, inner in value.items()
    ):
        return False
    return not sure or any(is_text_column(name) for name in rows[0])


def _line_kind(line: str) -> str | None:
    """jsonl or python where a line is one object of theirs, list for a list of JSON."""
    try:
        value = json.loads(line.removesuffix(","))
    except RecursionError:
        return None
    except ValueError:
        if line[0] != "{" or len(line) > 1 << 18:
            return None
        try:
            value = ast.literal_eval(line)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
        return "python" if isinstance(value, dict) else None
    return "jsonl" if isinstance(value, dict) else "list" if isinstance(value, list) else None


def _is_table(sample: list[str], delimiter: str, wanted: Sequence[str] | None = None) -> bool:
    """Whether every line has the same number of fields, two or more; the first one of ``wanted``.

    A line that names the delimiter settles it.
    """
    if sep_line(sample[0]) == delimiter:
        return True
    found = records(sample, Dialect(delimiter), None)
    if any(one.loose for one in found) and any('\\"' in line for line in sample):
        found = records(sample, Dialect(delimiter, backslash=True), None)
    widths = {len(one.fields) for one in found}
    if rows_are_named(found):
        widths = {len(found[0].fields) + 1}
    if len(found) < 2 or len(widths) > 1 or widths == {1}:
        return False
    return wanted is None or any(name.strip().casefold() in wanted for name in found[0].fields)
