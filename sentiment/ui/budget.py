"""The process's memory: a budget, kept by giving back what is free and refusing long work first.

glibc keeps freed memory in an arena a thread, so that a process which did much at once stays large:
few arenas, and trimming them now and then, give it back. Elsewhere only the refusing is left.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sentiment.ui.limits import BusyError

VARIABLE, USUAL_MB = "MICROSCOPE_MEMORY_MB", 1000
LOOK_SECONDS, TRIM_SECONDS = 1.0, 10.0
LEAST_ROOM = 450_000_000
"""Bytes beyond what the idle process holds, where no budget is told: torch's libraries for CUDA
alone take 400 MB more than those without."""
FULL, OVER = 0.85, 0.95
"""Shares of the budget from which long work is refused, and from which what is under way ends."""
COME_BACK = 10
_ARENA_MAX, _TRIM_THRESHOLD, _MMAP_THRESHOLD = -8, -1, -3  # of mallopt(3)


def budget() -> int:
    """Bytes that the process may hold: MICROSCOPE_MEMORY_MB megabytes, 1,000 where none are told.

    Raises ValueError for what is no number of at least 100.
    """
    told = os.environ.get(VARIABLE, "").strip() or str(USUAL_MB)
    if not told.isdecimal() or int(told) < 100:
        raise ValueError(f"{VARIABLE} is a number of megabytes, at least 100, got {told!r}")
    return int(told) * 1_000_000


def few_arenas() -> None:
    """Have freed memory go back to the system; before threads are started."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # musl has none
            libc.mallopt(_ARENA_MAX, 2)
            libc.mallopt(_TRIM_THRESHOLD, 16 << 20)
            libc.mallopt(_MMAP_THRESHOLD, 4 << 20)


def settle() -> None:
    """Once all is loaded: leave it out of the garbage collector's rounds, which hold up answers.

    The rounds begin here, where they were put off (``sentiment.start``).
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    trim()


def resident() -> int:
    """Bytes that this process holds; 0 where that cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize()


def trim() -> None:
    """Give free memory back to the system."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)


def no_room() -> BusyError:
    """What those are told whose work is refused, or ended, for want of memory."""
    return BusyError("The microscope has no memory to spare just now.", COME_BACK)


class Budget:
    """Watches the process. ``forget`` drops what is only kept to be quick, ``end`` long work."""

    def __init__(
        self,
        forget: Callable[[], None],
        end: Callable[[], None],
        *,
        most: int | None = None,
        held: Callable[[], int] = resident,
    ) -> None:
        self._forget, self._end, self._held = forget, end, held
        self._most = budget() if most is None else most
        self._told = most is not None or bool(os.environ.get(VARIABLE, "").strip())
        self._since_trim, self._trimmed_at = 0.0, 0
        self._ended = threading.Event()

    def check(self) -> None:
        """Raise BusyError where there is no room for more long work."""
        if self._held() > FULL * self._most:
            raise no_room()

    def look(self, seconds: float = LOOK_SECONDS) -> None:
        """What is to be done, ``seconds`` after the last time."""
        self._since_trim += seconds
        held = self._held()
        if held > OVER * self._most:
            self._end()
        if held > FULL * self._most:
            self._forget()
            gc.collect()
        grown = held > 1.02 * self._trimmed_at
        if held > FULL * self._most or (grown and self._since_trim >= TRIM_SECONDS):
            trim()
            self._since_trim, self._trimmed_at = 0.0, self._held()

    def settle(self) -> None:
        """Once all is loaded: leave room for work beyond that, where no budget was told."""
        if not self._told:
            self._most = max(self._most, self._held() + LEAST_ROOM)

    def watch(self) -> None:
        """Look again and again, on a thread of its own, until ``stop``."""

        def watching() -> None:
            while not self._ended.wait(LOOK_SECONDS):
                self.look()

        threading.Thread(target=watching, name="budget", daemon=True).start()

    def stop(self) -> None:
        """End the watch."""
        self._ended.set()
