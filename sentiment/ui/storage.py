"""Where uploads and results lie: one private folder of this process, swept and bounded in sum.

Gradio writes below GRADIO_TEMP_DIR and Python's ``tempfile`` below ``tempfile.tempdir``; both
become this folder, which goes with the process. What a killed process left goes at the next start.
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
SWEEP_SECONDS = 60


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
    """Remove files that are too old, then the oldest until all fit."""
    found = []
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            if path.is_file():
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
    total = sum(size for _, size, _ in found)
    for changed, size, path in sorted(found):
        if total <= most_bytes and time.time() - changed <= most_seconds:
            return
        path.unlink(missing_ok=True)
        total -= size


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
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _sweeping(folder: Path, ended: threading.Event) -> None:
    while not ended.wait(SWEEP_SECONDS):
        sweep(folder)
