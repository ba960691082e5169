"""Ctrl-C that ends a command at once, whatever a library is in the middle of."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from sentiment.cancellation import cancellable

Result = TypeVar("Result")

PATIENCE = 0.25
"""Seconds that work has to end in order."""
INTERRUPTED = 130
"""What a shell says of a command that SIGINT ended."""


def interruptible(work: Callable[[], Result], said: str) -> Result:
    """What ``work`` gives, or raises, done on a thread of its own.

    Python hears of Ctrl-C between two calls, and one call of a library may take seconds. The main
    thread hears of it at once: the work may end at its next step, and where that is late the
    process ends without it, after ``said`` on stderr. Only for work that a kill at any moment
    does no harm.
    """
    found: list[Result] = []
    faults: list[BaseException] = []
    stop, done = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with cancellable(stop):
                found.append(work())
        except BaseException as fault:  # handed to the main thread
            faults.append(fault)
        finally:
            done.set()

    threading.Thread(target=run, daemon=True).start()
    try:
        done.wait()
    except KeyboardInterrupt:
        stop.set()
        done.wait(PATIENCE)
        print(said, file=sys.stderr)  # noqa: T201
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    if faults:
        raise faults[0]
    return found[0]
