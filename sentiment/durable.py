"""Files that are there whole or not at all, whatever is killed and whenever.

``replacing`` writes the new files of a folder beside the old, flushes them to the disk and puts
them in force by one rename: before it the folder is the old one, after it the new one, even where
the files have not been moved into their places yet. A manifest among them has the size and the
hash of each, by which a mixture is known that came about in another way.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sentiment.errors import CheckpointError

MANIFEST, READY, STAGED = "manifest.json", ".ready", ".staged-"


@contextmanager
def replacing(folder: Path, *, keep: bool = False) -> Iterator[Path]:
    """A folder to write files into, which become ``folder``'s together when the block ends well.

    Files that an earlier manifest names and that were not written again go, unless ``keep``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settle(folder)
    _sweep(folder)
    staged = folder / f"{STAGED}{os.getpid()}"
    staged.mkdir()
    try:
        yield staged
        former = _manifest(folder)
        written = [path for path in sorted(staged.iterdir()) if path.name != MANIFEST]
        entries = {path.name: _entry(path) for path in written if path.is_file()}
        text = json.dumps({"files": (former if keep else {}) | entries}, indent=2) + "\n"
        (staged / MANIFEST).write_text(text, encoding="utf-8")
        for path in staged.iterdir():
            flush(path)
        flush(staged)
        staged.rename(folder / READY)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    flush(folder)
    settle(folder)
    for name in set() if keep else former.keys() - entries.keys():
        (folder / name).unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Move files that are in force into their places: what a killed process left to do."""
    ready = folder / READY
    if not ready.is_dir():
        return
    for path in ready.iterdir():
        with suppress(FileNotFoundError):  # another process does the same
            path.replace(folder / path.name)
    flush(folder)
    with suppress(OSError):
        ready.rmdir()


def place(folder: Path, name: str) -> Path:
    """Where the file of that name lies that is in force."""
    ready = folder / READY / name
    return ready if ready.is_file() else folder / name


def check(folder: Path, names: Sequence[str]) -> None:
    """Raise CheckpointError where a file is not the one that the folder's manifest names.

    A folder without a manifest, of an earlier version or from the Hub, is taken as it is.
    """
    entries = _manifest(folder)
    for name in names if entries else ():
        path = place(folder, name)
        if name not in entries or entries[name] != _entry(path):
            raise CheckpointError(
                f"{path} is not the file that {MANIFEST} names: it was changed or only partly "
                f"copied. Copy the folder again; if you changed it yourself, delete {MANIFEST}"
            )


def listed(folder: Path, name: str) -> bool:
    """Whether a file is there and belongs to the folder: its manifest, if any, names it."""
    entries = _manifest(folder)
    return place(folder, name).is_file() and (not entries or name in entries)


def replace_file(path: Path, content: bytes) -> None:
    """Write one file whole: no reader, and no power cut, finds a part of it."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    flush(partial)
    partial.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Have a file, or a folder's list of files, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(paths: Sequence[Path]) -> str:
    """SHA-256 of files, one behind the other."""
    found = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    path = place(folder, MANIFEST)
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        if isinstance(files, dict):
            return files
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise CheckpointError(f"{path} is damaged; copy the folder again, or delete it")


def _entry(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": digest([path])}


def _sweep(folder: Path) -> None:
    """Remove what writers left that are no more."""
    for path in folder.glob(f"{STAGED}*"):
        if not _alive(path.name.removeprefix(STAGED)):
            shutil.rmtree(path, ignore_errors=True)


def _alive(process: str) -> bool:
    if int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
