"""Ends long work between its steps once nobody waits for it any more.

Work asks ``check_cancelled`` before every step that takes some milliseconds. What runs outside of
``cancellable`` is never cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sentiment.errors import SentimentError


class CancellationError(SentimentError):
    """Nobody waits for this work any more."""


class _Running(threading.local):
    cancelled: threading.Event | None = None
    between: Callable[[], None] | None = None


_running = _Running()


@contextmanager
def cancellable(
    cancelled: threading.Event, between: Callable[[], None] | None = None
) -> Iterator[None]:
    """Let the work of this thread end at its next step once ``cancelled`` is set.

    ``between`` is called before each step.
    """
    before = _running.cancelled, _running.between
    _running.cancelled, _running.between = cancelled, between
    try:
        yield
    finally:
        _running.cancelled, _running.between = before


def check_cancelled() -> None:
    """Raise CancellationError where this thread's work is cancelled."""
    if _running.between is not None:
        _running.between()
    if _running.cancelled is not None and _running.cancelled.is_set():
        raise CancellationError("this work was cancelled: nobody waits for it any more")
