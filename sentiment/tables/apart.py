"""Looks at a file in a process of its own, with limits, before this one reads it.

A file of some hundred bytes may ask for gigabytes or minutes, or meet a fault of a library that
ends the process. The process that looks has little to lose: it is ended where it takes more memory
or time than it may, and what it says comes back as JSON, as text and numbers alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sentiment.cancellation import check_cancelled
from sentiment.errors import SentimentError
from sentiment.tables.errors import TableError
from sentiment.tables.kinds import open_source
from sentiment.tables.options import ReadOptions
from sentiment.tables.preview import Preview, preview

MOST_BYTES, MOST_SECONDS = 400_000_000, 60.0
"""Memory of the process, about 70 MB of it its own, and seconds of processor and clock."""
MOST_ANSWER = 10_000_000
MOST_ADDRESSES = 4 << 30
"""Address space: libraries reserve far more than they use."""
LOOK_SECONDS = 0.03
NICE = 10
"""A look takes seconds of a processor, which the server's answers need first."""
SHOWN = 200
"""Characters of a value that come back."""
_PR_SET_PDEATHSIG = 1  # of prctl(2)
FAULT = "the file could not be read: its reader ended with a fault"


def preview_apart(
    path: Path,
    options: ReadOptions,
    count: int = 5,
    *,
    whole: bool = False,
    most_bytes: int = MOST_BYTES,
    most_seconds: float = MOST_SECONDS,
    check: Callable[[], None] = check_cancelled,
) -> Preview:
    """``preview`` of a file, its values cut to what a table shows; ``whole``: all rows are read.

    ``check`` is called again and again meanwhile; what it raises ends the look. Raises TableError
    for what cannot be read, or not within the limits.
    """
    asked = {
        "path": str(path),
        "options": asdict(options),
        "count": count,
        "whole": whole,
        "seconds": int(most_seconds) + 1,
    }
    root = str(Path(__file__).parents[2])
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONSTARTUP"},
        "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "sentiment.tables.apart"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        try:
            _send(process, json.dumps(asked).encode())
            _watch(process, most_bytes, most_seconds, check)
        finally:
            process.kill()
            process.wait()
        said.seek(0)
        answer = said.read(MOST_ANSWER)
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:  # ended by the system, or by a fault of a library
        raise TableError(FAULT) from None
    if "error" in found:
        raise TableError(found["error"])
    found["rows"] = [tuple(row) for row in found["rows"]]
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
    return Preview(**fields)


def _send(process: subprocess.Popen[bytes], content: bytes) -> None:
    assert process.stdin is not None
    try:
        with process.stdin:
            process.stdin.write(content)
    except BrokenPipeError:  # it ended already, which its answer will tell
        pass


def _watch(
    process: subprocess.Popen[bytes],
    most_bytes: int,
    most_seconds: float,
    check: Callable[[], None],
) -> None:
    """Wait for the end of a process; raises TableError where it takes more than it may."""
    end = time.monotonic() + most_seconds
    while process.poll() is None:
        check()
        if _held(process.pid) > most_bytes:
            raise TableError(
                f"the file takes more than {most_bytes // 1_000_000} MB of memory to read; split "
                "it, or write it without what makes it so small"
            )
        if time.monotonic() > end:
            raise TableError(f"the file takes longer than {most_seconds:.0f} s to read; split it")
        time.sleep(LOOK_SECONDS)


def _held(process: int) -> int:
    """Bytes that a process holds; 0 where that cannot be told, and once it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize()


def main() -> None:
    """Look at the file that standard input names, and say what was found."""
    _end_with_parent()
    asked = json.load(sys.stdin)
    seconds = asked["seconds"]
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_ANSWER, MOST_ANSWER))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    try:
        answer = _looked(asked)
    except (SentimentError, OSError) as error:
        answer = {"error": f"{error!s:.2000}"}
    except MemoryError:
        answer = {"error": "the file takes more memory to read than there is; split it"}
    except Exception:  # whatever a library makes of a hostile file
        answer = {"error": FAULT}
    sys.stdout.write(json.dumps(answer))


def _end_with_parent() -> None:
    """Nobody waits for a look once the process is gone that asked for it, killed or not."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "prctl"):
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _looked(asked: dict[str, Any]) -> dict[str, Any]:
    path, options = Path(asked["path"]), ReadOptions(**asked["options"])
    found = preview(open_source(path, options=options), asked["count"])
    if asked["whole"]:
        for rows, _ in open_source(path, options=options).pieces(1024):
            if found.text_column is not None:
                rows.texts(found.text_column, 100_000)
    answer = asdict(found)
    answer["rows"] = [[_plain(value) for value in row] for row in found.rows]
    return answer


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:SHOWN]


if __name__ == "__main__":
    main()
