"""Shards of one input: their names, what a resumed run must not mistake, and one file of them all.

A shard has every n-th window of rows, and in its column ``row`` each row's number in the input.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np

from sentiment.output.formats import KINDS, ROW
from sentiment.tables import DELIMITERS, Row, Spelling, TableError
from sentiment.tables.delimited import record_batches
from sentiment.tables.dialect import Dialect
from sentiment.tables.encoding import coding, text_of
from sentiment.tables.lines import line_batches, lines_of

_NAME = re.compile(r"(?P<base>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})")
_NUMBERED_LINE = re.compile(r'\{"row": (\d+), ')
_BATCH = 4096


def shard_name(out: Path, shard: tuple[int, int]) -> Path:
    """``out`` with the shard's number in its name, as data sets on the Hub have it."""
    return out.with_name(f"{out.stem}-{shard[0]:05}-of-{shard[1]:05}{out.suffix}")


def refuse_other_count(out: Path) -> None:
    """Raise TableError where a run of another number of processes left shards of this output.

    Its windows are dealt out otherwise, so that a resumed run would start again unsaid.
    """
    if out.exists() or out.with_name(out.name + ".partial").exists():
        return
    found = _NAME.fullmatch(out.stem)
    base, count = (found["base"], int(found["count"])) if found else (out.stem, 1)
    others = set()
    if out.parent.is_dir():
        for path in out.parent.iterdir():
            plain = Path(path.name.removesuffix(".partial"))
            one = _NAME.fullmatch(plain.stem)
            if plain.suffix == out.suffix and one is not None and one["base"] == base:
                others.add(int(one["count"]))
            elif path.name == f"{base}{out.suffix}.partial":
                others.add(1)
    if others := others - {count}:
        raise TableError(
            f"cannot resume {out}: the stopped run had {' or '.join(map(str, sorted(others)))} "
            f"processes, this one has {count}; go on with as many, or start anew without resume"
        )


def finished(out: Path, settings: Row) -> tuple[int, int] | None:
    """Rows, and how many failed, of a shard that a run of these settings has finished."""
    try:
        note = json.loads(_note(out).read_text(encoding="utf-8"))
        same = note["settings"] == json.loads(json.dumps(settings))
        if same and note["digest"] == _digest(out):
            return note["rows"], note["failed"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def note_finished(
    out: Path, settings: Row, rows: int, failed: int, spelling: Spelling | None
) -> None:
    """Leave beside a shard how it was made: a resumed run of all then need not make it again."""
    note = {
        "settings": settings,
        "rows": rows,
        "failed": failed,
        "digest": _digest(out),
        "spelling": None if spelling is None else spelling.to_dict(),
    }
    _note(out).write_text(json.dumps(note), encoding="utf-8")


def _note(out: Path) -> Path:
    return out.with_name(out.name + ".done")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def merge_shards(files: Sequence[Path], out: Path) -> int:
    """Write the rows of all shards of one input into ``out``, in its order; give their number.

    ``out`` has the shards' ending and appears when it is whole; ``row`` goes. Memory does not grow
    with the rows. Raises TableError where a shard is missing, is none, or has other columns.
    """
    files = sorted(files)
    kinds = {KINDS.get(file.suffix.lower()) for file in (*files, out)}
    (kind,) = kinds if len(kinds) == 1 else (None,)
    if kind is None or not files:
        endings = ", ".join(sorted({file.suffix or "none" for file in (*files, out)}))
        raise TableError(f"want shards and an output of one ending, got {endings}")
    _check_complete(files)
    if any(out.resolve() == file.resolve() for file in files):
        raise TableError(f"{out} is a shard itself; name another output")
    joining = out.with_name(out.name + ".joining")
    try:
        with joining.open("wb") as file:
            if kind == "parquet":
                count = _merge_parquet(files, file)
            else:
                count = _merge_text(files, file, _line_rows if kind == "jsonl" else _table_rows)
            file.flush()
            os.fsync(file.fileno())
        joining.replace(out)
    finally:
        joining.unlink(missing_ok=True)
    return count


def _check_complete(files: Sequence[Path]) -> None:
    """Raise TableError where names tell of shards that are not among the files."""
    named = [found for file in files if (found := _NAME.fullmatch(file.stem))]
    if len(named) != len(files):
        return
    counts = {int(one["count"]) for one in named}
    if len(counts) > 1 or len({one["base"] for one in named}) > 1:
        raise TableError(f"want shards of one run, got {', '.join(file.name for file in files)}")
    missing = set(range(counts.pop())) - {int(one["index"]) for one in named}
    if missing:
        raise TableError(f"shards are missing: {', '.join(map(str, sorted(missing)))}")


def _in_order(pieces: Sequence[Iterator[tuple[int, Any]]]) -> Iterator[tuple[int, Any]]:
    """What has a number, from all pieces, by number. Raises TableError for a gap."""
    ordered = heapq.merge(*pieces, key=lambda pair: pair[0])
    for wanted, (number, value) in enumerate(ordered):
        if number != wanted:
            raise TableError(
                f"row {wanted} is missing" if number > wanted else f"row {number} comes twice"
            )
        yield number, value


def _spelled(path: Path) -> Spelling:
    """How a shard of text is spelled: as its note says, else as its first line tells."""
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        if note["digest"] == _digest(path):
            return Spelling.from_dict(note["spelling"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    kind = KINDS[path.suffix.lower()]
    delimiter = DELIMITERS.get(kind, ",")
    with path.open("rb") as raw:
        found = coding(raw, str(path))
    with path.open("rb") as raw, text_of(raw, found) as stream:
        if first := re.match(f"{ROW}([^a-z0-9_])", stream.read(len(ROW) + 1)):
            delimiter = first[1]
    return Spelling(kind, found, Dialect(delimiter) if kind in DELIMITERS else None)


def _merge_text(
    files: Sequence[Path],
    out: IO[bytes],
    rows_of: Callable[[Path, Spelling], Iterator[tuple[int, str]]],
) -> int:
    """Shards of text: what stands first in each, its header, is written once."""
    spellings = [_spelled(path) for path in files]
    readers, header = [], None
    for path, spelling in zip(files, spellings, strict=True):
        rows = rows_of(path, spelling)
        if spelling.dialect is not None:
            _, first = next(rows, (-1, ""))
            if header not in (None, first):
                raise TableError(f"{path} is no shard, or one with other columns")
            header = first
        readers.append(rows)
    one = spellings[0]
    out.write(one.coding.mark + one.coding.encoded(one.above + (header or "")))
    held: list[str] = []
    count = 0
    for count, (_, line) in enumerate(_in_order(readers), 1):
        held.append(line)
        if count % _BATCH == 0:
            out.write(one.coding.encoded("".join(held)))
            held = []
    out.write(one.coding.encoded("".join(held)))
    return count


def _table_rows(path: Path, spelling: Spelling) -> Iterator[tuple[int, str]]:
    """The header as number -1, then each row's number, all without the column of numbers."""
    dialect = spelling.dialect or Dialect()
    with path.open("rb") as raw, text_of(raw, spelling.coding) as stream:
        number = -1
        for batch in record_batches(line_batches(stream), dialect, None, str(path)):
            for fields, line in zip(batch.values, batch.lines, strict=True):
                if line is None:
                    raise TableError(f"{path} is damaged: a quotation mark is never closed")
                if number < 0 and fields[0] != ROW:
                    raise TableError(f"{path} is no shard, or one with other columns")
                if number >= 0 and not fields[0].isdecimal():
                    raise TableError(f"{path}: want a number in the column row, got {fields[:1]}")
                yield number if number < 0 else int(fields[0]), line[len(fields[0]) + 1 :]
                number = 0


def _line_rows(path: Path, spelling: Spelling) -> Iterator[tuple[int, str]]:
    """Each line of a shard by its number, without it."""
    with path.open("rb") as raw, text_of(raw, spelling.coding) as stream:
        for line in lines_of(stream):
            found = _NUMBERED_LINE.match(line)
            if found is None:
                raise TableError(f"{path} is no shard: no number of the row at the start of a line")
            yield int(found[1]), "{" + line[found.end() :]


def _merge_parquet(files: Sequence[Path], out: IO[bytes]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    opened = [pq.ParquetFile(path) for path in files]
    schema = opened[0].schema_arrow
    for path, one in zip(files, opened, strict=True):
        if one.schema_arrow.names[:1] != [ROW] or not one.schema_arrow.equals(schema):
            raise TableError(f"{path} is no shard, or one with other columns")
    with pq.ParquetWriter(out, schema.remove(0)) as writer:
        count = 0
        for start, run in heapq.merge(*map(_runs, opened), key=lambda pair: pair[0]):
            if start != count:
                raise TableError(f"row {min(start, count)} is missing or comes twice")
            writer.write_table(pa.Table.from_batches([run]).drop_columns([ROW]))
            count += len(run)
    return count


def _runs(file: Any) -> Iterator[tuple[int, Any]]:
    """Runs of rows whose numbers follow each other, with the first number of each."""
    for batch in file.iter_batches(batch_size=_BATCH):
        numbers = batch.column(0).to_numpy()
        breaks = [0, *(np.flatnonzero(np.diff(numbers) != 1) + 1).tolist(), len(numbers)]
        for start, end in pairwise(breaks):
            yield int(numbers[start]), batch.slice(start, end - start)
