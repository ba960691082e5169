"""Bytes of a file, unpacked: plain, gzip, zstd, or a zip with one file in it; told by content."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any

from sentiment.cancellation import check_cancelled
from sentiment.tables.errors import TableError
from sentiment.tables.foreign import foreign_archive

PACKED = (".gz", ".zst", ".zip")
_TABLES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json")
LEAST_TRAP = 10_000_000_000
_CHUNK = 1 << 20


def most_unpacked(size: int) -> int:
    """Bytes that a file of ``size`` may unpack to where no limit is given: more is a trap."""
    return max(LEAST_TRAP, 200 * size)


@dataclass(slots=True)
class Opened:
    """A file's unpacked bytes. ``raw`` is the file itself, whose position tells how far it is.

    ``name`` is the name of what was unpacked, in lower case: "reviews.csv" of "Reviews.CSV.gz";
    ``note`` says what was left packed.
    """

    raw: IO[bytes]
    stream: io.BufferedReader
    name: str
    note: str = ""


def magic(file: Path, count: int) -> bytes:
    """The first bytes of a file."""
    with file.open("rb") as raw:
        return raw.read(count)


@contextmanager
def opened(file: Path, most: int | None = None) -> Iterator[Opened]:
    """The unpacked bytes of ``file``, at most ``most`` of them, or ``most_unpacked``.

    Raises TableError where the file is cut short or damaged, or holds more than ``most``.
    """
    with ExitStack() as stack:
        raw: Any = stack.enter_context(file.open("rb", buffering=0))
        begin = raw.read(4)
        raw.seek(0)
        name = file.name.lower()
        packed: Any = raw
        note = ""
        if begin[:2] == b"\x1f\x8b":
            packed = gzip.GzipFile(fileobj=raw)
        elif begin == b"\x28\xb5\x2f\xfd":
            import pyarrow as pa

            packed = stack.enter_context(pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"))
        elif begin == b"PK\x03\x04":
            packed, name, raw, note = _member(file, stack)
        elif name.endswith(PACKED):
            if not begin:
                raise TableError(f"{file} is empty")
            name = _without_ending(name)  # only its name says that it is packed
        if packed is raw and most is None:
            yield Opened(raw, io.BufferedReader(raw, _CHUNK), name)
            return
        guarded = _Guarded(packed, file, most or most_unpacked(file.stat().st_size))
        yield Opened(raw, io.BufferedReader(guarded, _CHUNK), _without_ending(name), note)


def _without_ending(name: str) -> str:
    path = PurePath(name)
    return path.stem if path.suffix in PACKED else name


def _member(file: Path, stack: ExitStack) -> tuple[IO[bytes], str, Any, str]:
    """The one table in a zip, its name, the zip itself, and a note on what else is in it."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        names = [one.filename for one in archive.infolist() if not _is_hidden(one)]
        if (what := foreign_archive(names)) is not None:
            raise TableError(f"{file} is {what}; want csv, JSON lines, parquet, xlsx or text")
        tables = [name for name in names if PurePath(name.lower()).suffix in _TABLES]
        chosen = names if len(names) == 1 else tables
        if len(chosen) != 1:
            listed = ", ".join(names[:5])
            raise TableError(f"{file} holds {len(names)} files ({listed}): unpack it and name one")
        member = stack.enter_context(archive.open(chosen[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise TableError(
            f"{file} is a zip that cannot be read ({error}); download or pack it again"
        ) from error
    others = ", ".join(name for name in names if name != chosen[0])
    note = f"of its files {chosen[0]} is read ({others:.200} not)" if others else ""
    return member, PurePath(chosen[0]).name.lower(), archive.fp, note


def _is_hidden(one: zipfile.ZipInfo) -> bool:
    """Whether it is a folder or what a system keeps beside files, such as .DS_Store."""
    parts = PurePath(one.filename).parts
    return one.is_dir() or parts[:1] == ("__MACOSX",) or parts[-1:] == () or parts[-1][0] == "."


class _Guarded(io.RawIOBase):
    """Unpacked bytes with their faults in plain words."""

    def __init__(self, stream: Any, file: Path, most: int) -> None:
        self._stream, self._file, self._most = stream, file, most
        self._bytes, self._lines = 0, 0
        self._read = getattr(stream, "read1", stream.read)  # gives what is there before it fails

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        check_cancelled()
        try:
            data = self._read(min(len(buffer), _CHUNK))
        except EOFError as error:
            raise self._cut() from error
        except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, OSError) as error:
            if "runcated" in str(error):
                raise self._cut() from error
            raise TableError(
                f"{self._file} is damaged (after line {self._lines:,}: {error}); download or pack "
                "it again"
            ) from error
        self._bytes += len(data)
        self._lines += data.count(b"\n")
        if self._bytes > self._most:
            raise TableError(
                f"{self._file} holds more than {self._most / 1e6:,.0f} MB once it is unpacked"
            )
        buffer[: len(data)] = data
        return len(data)

    def _cut(self) -> TableError:
        return TableError(
            f"{self._file} ends too early (after line {self._lines:,}); download or pack it again"
        )
