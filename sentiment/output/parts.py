"""The output while it grows: a folder of parts beside it, one for each window of rows.

When all are there they become the output in one rename. A run that was stopped goes on behind its
last part that is whole: as databases do, each part's length and hash stand in a log, written once
the part itself is on the disk, and both are compared before the part is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sentiment.output.delimited import Table
from sentiment.output.formats import KINDS, Added, AddedColumns, Format
from sentiment.output.lines import JsonLines
from sentiment.tables import Row, Rows, Source, Spelling, TableError

STATE, LOG, LOCK, JOINED = "state.json", "done.txt", "lock", "joined"
RECORD_SECONDS = 1.0
"""Parts are put on the disk and into the log so often: what a kill may cost."""
_OWN = (STATE, "state.new", LOG, LOCK, JOINED)


@dataclass(frozen=True, slots=True)
class _Done:
    """A part that is whole: its rows, how many failed, its bytes and their hash."""

    rows: int
    failed: int
    size: int
    digest: str

    @classmethod
    def read(cls, line: str) -> _Done | None:
        words = line.split()
        if len(words) != 4 or not all(word.isdecimal() for word in words[:3]):
            return None
        return cls(int(words[0]), int(words[1]), int(words[2]), words[3])

    def line(self) -> str:
        return f"{self.rows} {self.failed} {self.size} {self.digest}\n"


class Parts:
    """The parts of one output. One run writes them at a time; ``close`` lets another."""

    def __init__(
        self,
        out: Path,
        source: Source,
        settings: Row,
        *,
        resume: bool,
        added: AddedColumns,
        safe: bool = False,
    ) -> None:
        self._format = format_of(out, source, added=added, safe=safe)
        self.out = out
        self._folder = out.with_name(out.name + ".partial")
        self._settings = settings
        self._done: list[_Done] = []
        self._recorded, self._recorded_at = 0, time.monotonic()
        self._lock = self._locked()
        try:
            if resume and (self._folder / STATE).is_file():
                self._take_up()
            else:
                self._clear()
        except BaseException:
            self._lock.close()
            raise

    @property
    def count(self) -> int:
        """Parts that are whole."""
        return len(self._done)

    @property
    def rows(self) -> int:
        """Rows in them."""
        return sum(one.rows for one in self._done)

    @property
    def failed(self) -> int:
        """Rows in them that have an error."""
        return sum(one.failed for one in self._done)

    @property
    def spelling(self) -> Spelling | None:
        """How the output is spelled, where it is text."""
        return self._format.spelling

    def _locked(self) -> IO[bytes]:
        """The folder, made where it is missing, for this run alone."""
        if self._folder.exists():
            names = (
                [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else [""]
            )
            if any(name not in _OWN and not _is_part(name) for name in names):
                raise TableError(
                    f"{self._folder} is in the way and is no stopped run's: move it, or name "
                    "another output"
                )
        while True:
            self._folder.mkdir(exist_ok=True)
            path = self._folder / LOCK
            file = path.open("ab")
            if not _lock(file):
                file.close()
                raise TableError(f"another run is writing {self.out}")
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
            file.close()  # the run that held it has just removed it

    def close(self) -> None:
        """Let another run write the output; what is of no use to it goes."""
        if self._lock.closed:
            return
        if self._done:
            self._record()
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.close()

    def _clear(self) -> None:
        for path in self._folder.iterdir():
            if path.name != LOCK:
                path.unlink()
        state = {"settings": self._settings, "columns": None}
        self._write_state(state)

    def _write_state(self, state: dict[str, Any]) -> None:
        new = self._folder / "state.new"
        with new.open("w", encoding="utf-8") as file:
            file.write(json.dumps(state))
            _to_disk(file)
        new.replace(self._folder / STATE)
        _folder_to_disk(self._folder)

    def _take_up(self) -> None:
        try:
            state = json.loads((self._folder / STATE).read_text(encoding="utf-8"))
            stopped, columns = state["settings"], state["columns"]
        except (ValueError, KeyError, TypeError) as error:
            raise TableError(
                f"cannot resume {self.out}: {self._folder / STATE} is damaged; run without resume"
            ) from error
        if changed := [k for k, v in self._settings.items() if stopped.get(k) != v]:
            raise TableError(
                f"cannot resume {self.out}: {', '.join(changed)} differ from the stopped run's"
            )
        log = self._folder / LOG
        lines = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        for line in lines.splitlines(keepends=True):
            done = _Done.read(line) if line.endswith("\n") else None
            if done is None or _digest(self._part(self.count), done.size) != done.digest:
                break  # this part and those behind it are made again
            self._done.append(done)
        with log.open("w", encoding="utf-8") as file:
            file.writelines(done.line() for done in self._done)
            _to_disk(file)
        self._recorded = self.count
        if self._done:
            self._format.resume(columns, self._part(0))

    def _part(self, number: int) -> Path:
        return self._folder / f"part-{number:08}"

    def write(self, rows: Rows, added: Added) -> None:
        """Write one part; after a kill it counts once the log has its line."""
        path = self._part(self.count)
        with path.open("wb") as file:
            self._format.write(file, rows, added)
        size = path.stat().st_size
        if not self.count:
            self._write_state({"settings": self._settings, "columns": self._format.columns()})
        failed = sum(error is not None for error in added.errors)
        self._done.append(_Done(len(rows), failed, size, _digest(path, size) or ""))
        if time.monotonic() - self._recorded_at > RECORD_SECONDS:
            self._record()

    def _record(self) -> None:
        """Put the parts that the log lacks on the disk, then their lines into the log."""
        for number in range(self._recorded, self.count):
            with self._part(number).open("rb") as file:
                os.fsync(file.fileno())
        _folder_to_disk(self._folder)
        with (self._folder / LOG).open("a", encoding="utf-8") as log:
            log.writelines(done.line() for done in self._done[self._recorded :])
            _to_disk(log)
        self._recorded, self._recorded_at = self.count, time.monotonic()

    def finish(self) -> None:
        """Join the parts, put the output in its place and remove the parts."""
        joined = self._folder / JOINED
        with joined.open("wb") as file:
            self._format.join(file, self._whole())
            _to_disk(file)
        joined.replace(self.out)
        _folder_to_disk(self.out.parent)
        shutil.rmtree(self._folder)
        self._lock.close()

    def _whole(self) -> Iterator[Path]:
        """The parts, each as it was written."""
        for number, done in enumerate(self._done):
            path = self._part(number)
            if _digest(path, done.size) != done.digest:
                raise TableError(f"{path} was changed by another; run again with resume")
            yield path


def _is_part(name: str) -> bool:
    return name.startswith("part-") and name[5:].isdecimal()


def _digest(path: Path, size: int) -> str | None:
    """The hash of a file of that size; None where there is none."""
    try:
        if path.stat().st_size != size:
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    except OSError:
        return None


def _lock(file: IO[bytes]) -> bool:
    """Whether this process now holds the file alone; it is let go as the process ends."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _to_disk(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Make the names in a folder last, where the system can."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(number)
    except OSError:
        pass
    finally:
        os.close(number)


def format_of(out: Path, source: Source, *, added: AddedColumns, safe: bool) -> Format:
    """The format that an output's name tells. Raises TableError for a name that tells none."""
    kind = KINDS.get(out.suffix.lower())
    if kind is None:
        raise TableError(f"the output must end in {', '.join(KINDS)}, got {out.name!r}")
    if kind == "jsonl":
        return JsonLines(source, added=added)
    if kind == "parquet":
        from sentiment.output.arrow import Parquet

        return Parquet(source, added=added)
    return Table(kind, source, added=added, safe=safe)
