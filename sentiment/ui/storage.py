"""Where uploads and results lie: one private folder of this process, swept and bounded in sum.

Gradio writes below GRADIO_TEMP_DIR and Python's ``tempfile`` below ``tempfile.tempdir``; both
become this folder, which goes with the process. What a killed process left goes at the next start.
A file lives as long as a session that uses it; one that no session uses, soon goes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MAX_STORED = 300_000_000
"""Most bytes of all people's uploads and results together."""
MAX_AGE = 2 * 3600
UNUSED_AGE, PART_AGE = 600, 120
"""Seconds after which a file goes that no session uses, and a part of an upload that grows no
more: whoever sent it has hung up."""
SWEEP_SECONDS = 30
RESULTS = "results"


class Claims:
    """Which sessions use which files and folders; what the last of them gives up is deleted."""

    def __init__(self) -> None:
        self._sessions: dict[Path, set[str]] = {}
        self._lock = threading.Lock()

    def claim(self, path: Path, session: str) -> None:
        """Keep a file, or a folder with all that is in it, while the session lasts."""
        with self._lock:
            self._sessions.setdefault(path, set()).add(session)

    def release(self, path: Path, session: str) -> None:
        """Delete what the session used, unless another uses it too."""
        with self._lock:
            sessions = self._sessions.get(path, set())
            sessions.discard(session)
            if sessions:
                return
            self._sessions.pop(path, None)
        _remove(path)

    def end(self, session: str) -> None:
        """Delete all that only this session used: its page is closed."""
        with self._lock:
            used = [path for path, sessions in self._sessions.items() if session in sessions]
        for path in used:
            self.release(path, session)

    def held(self, path: Path) -> bool:
        """Whether a session uses a file, or a folder that it lies in."""
        with self._lock:
            return any(one in self._sessions for one in (path, *path.parents))

    def forget_missing(self) -> None:
        """Drop what is no longer there, such as a result that came after its page was closed."""
        with self._lock:
            for path in [path for path in self._sessions if not path.exists()]:
                del self._sessions[path]


CLAIMS = Claims()


def result_folder() -> Path:
    """A new folder for one result, whose name nobody can guess, below what Gradio serves."""
    parent = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()) / RESULTS
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=parent))


@contextmanager
def private_folder(parent: Path | None = None) -> Iterator[Path]:
    """Make this process's folder (0700, its files 0600) and keep it bounded until the end."""
    base = _base(parent or Path(tempfile.gettempdir()))
    for left in base.iterdir():
        if not _alive(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder = base / str(os.getpid())
    folder.mkdir(mode=0o700)
    mask, before = os.umask(0o077), tempfile.tempdir
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "gradio")
    tempfile.tempdir = str(folder)
    ended = threading.Event()
    threading.Thread(target=_sweeping, args=(folder, ended), daemon=True).start()
    try:
        yield folder
    finally:
        ended.set()
        os.umask(mask)
        os.environ.pop("GRADIO_TEMP_DIR", None)
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def has_room(more: int) -> bool:
    """Whether so many bytes may be stored as well."""
    folder = os.environ.get("GRADIO_TEMP_DIR")
    return folder is None or _stored(Path(folder).parent) + more <= MAX_STORED


def sweep(folder: Path, most_bytes: int = MAX_STORED, most_seconds: float = MAX_AGE) -> None:
    """Remove files that nobody uses or that are too old, then the oldest until all fit."""
    found = []
    for path in _files(folder):
        with suppress(OSError):  # gone meanwhile
            state = path.stat()
            if not CLAIMS.held(path):
                part = path.parent == folder
                unused = min(most_seconds, PART_AGE if part else UNUSED_AGE)
                if time.time() - state.st_mtime > unused:
                    path.unlink(missing_ok=True)
                    continue
            found.append((state.st_mtime, state.st_size, path))
    _remove_empty(folder)
    CLAIMS.forget_missing()
    total = sum(size for _, size, _ in found)
    for changed, size, path in sorted(found):
        if total <= most_bytes and time.time() - changed <= most_seconds:
            return
        path.unlink(missing_ok=True)
        total -= size


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
        with suppress(OSError):  # another file is in it
            path.parent.rmdir()


def _remove_empty(folder: Path) -> None:
    """Remove folders of files that went; a folder of this very minute is about to be filled."""
    for path, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            if path != str(folder) and time.time() - os.stat(path).st_mtime > PART_AGE:
                os.rmdir(path)


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder, of which some may go meanwhile."""
    for inner, _, names in os.walk(folder):
        yield from (Path(inner, name) for name in names)


def _base(parent: Path) -> Path:
    """The folder of all processes of this user; another's, put there to read along, is not used."""
    base = parent / f"lstm-microscope-{os.getuid()}"
    with suppress(FileExistsError):
        base.mkdir(mode=0o700)
    state = base.lstat()
    if not base.is_dir() or base.is_symlink() or state.st_uid != os.getuid():
        return Path(tempfile.mkdtemp(prefix=f"{base.name}-", dir=parent))
    base.chmod(0o700)
    return base


def _alive(process: str) -> bool:
    if not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _stored(folder: Path) -> int:
    total = 0
    for path in _files(folder):
        with suppress(OSError):
            total += path.stat().st_size
    return total


def _sweeping(folder: Path, ended: threading.Event) -> None:
    while not ended.wait(SWEEP_SECONDS):
        sweep(folder)
