"""Windows of rows to verdicts, in order, by as many processes as a run is worth.

This process reads, writes and scores; others join it once the run has shown that it lasts
longer than their start. Whoever is free takes the next slice of texts, so that all end together.
Slices are the same whoever reads them, and so are the verdicts, bit for bit.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from sentiment.cancellation import check_cancelled
from sentiment.tables import Window
from sentiment.verdicts import Asked, Verdict, slices, verdicts
from sentiment.workers import Reply, WorkerLostError, Workers

if TYPE_CHECKING:
    from sentiment.classifier import SentimentClassifier

MAX_CHARACTERS = 100_000
"""A longer text gets an error: its hidden states would break the promise of constant memory."""
START_SECONDS = 4.0
"""What a process takes until it scores: the interpreter, torch and the model."""
AHEAD = 3
"""Slices read ahead for each process, so that none waits for another."""
_PATIENCE = 0.05


def pays(elapsed: float, fraction: float | None) -> bool:
    """Whether to start other processes, ``elapsed`` seconds into a run.

    Where it is known what ``fraction`` of the source is read: where twice their start is left;
    else once the run has lasted as long as their start, which costs twice the best at the most.
    """
    if elapsed > START_SECONDS:
        return True
    if not fraction:
        return False
    return elapsed * (1 - fraction) / fraction > 2 * START_SECONDS


@dataclass(slots=True)
class _Slice:
    chosen: list[int]
    texts: list[str]
    future: Future[Reply] | None = None
    found: Reply | None = None


@dataclass(slots=True)
class _Open:
    """A window whose verdicts are not all there."""

    window: Window
    errors: Sequence[str | None]
    slices: list[_Slice] = field(default_factory=list)


class Schedule:
    """Scores windows; ``processes`` counts this one too. A context: its end ends the others.

    ``on_batch`` is called before every step of some thousand tokens that this process takes, and
    while it waits for others; what it raises ends the work.
    """

    def __init__(
        self,
        classifier: SentimentClassifier,
        asked: Asked,
        text_column: str,
        *,
        processes: int = 1,
        on_batch: Callable[[], None] | None = None,
    ) -> None:
        self._classifier, self._asked, self._column = classifier, asked, text_column
        self._processes, self._on_batch = processes, on_batch
        self._workers: Workers | None = None
        self._started = time.monotonic()
        self._open: deque[_Open] = deque()
        self._fault: Exception | None = None

    def __enter__(self) -> Schedule:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._workers is not None:
            self._workers.close()

    def notes(self) -> tuple[str, ...]:
        """What the person should know of the other processes."""
        if self._workers is None or not self._workers.lost:
            return ()
        return ("a process ended before its work, which this one did: was there memory enough?",)

    def scored(self, windows: Iterator[Window]) -> Iterator[tuple[Window, list[Verdict], int]]:
        """Each window in its turn, its verdicts and the tokens read."""
        while self._read(windows):
            first = self._open[0]
            for one in first.slices:
                self._finish(one)
            self._open.popleft()
            found = [self._asked.failed(self._classifier, error) for error in first.errors]
            tokens = 0
            for one in first.slices:
                rows, read = one.found or ([], 0)
                tokens += read
                for i, row in zip(one.chosen, rows, strict=True):
                    found[i] = row
            yield first.window, found, tokens

    def _read(self, windows: Iterator[Window]) -> bool:
        """Read on while processes may be short of work; whether a window is open.

        What is wrong with a later window is told once those before it are written.
        """
        while self._fault is None and self._wanted():
            try:
                window = next(windows, None)
            except Exception as fault:
                self._fault = fault
                break
            if window is None:
                break
            texts, errors = window.rows.texts(self._column, MAX_CHARACTERS)
            chosen = slices(texts, errors)
            new = _Open(window, errors, [_Slice(one, [texts[i] for i in one]) for one in chosen])
            self._open.append(new)
            self._share()
        if not self._open and self._fault is not None:
            raise self._fault
        return bool(self._open)

    def _wanted(self) -> bool:
        if self._workers is None:
            return not self._open
        waiting = sum(one.found is None for window in self._open for one in window.slices)
        return waiting < AHEAD * self._processes

    def _share(self) -> None:
        """Offer what nobody has begun to the other processes, once there are some."""
        if self._workers is None:
            elapsed = time.monotonic() - self._started
            fraction = self._open[-1].window.fraction if self._open else None
            if self._processes < 2 or not pays(elapsed, fraction):
                return
            self._workers = Workers(self._classifier, self._processes - 1, self._asked)
        for one in self._slices():
            if one.future is None and one.found is None:
                one.future = self._workers.submit(one.texts)

    def _slices(self) -> Iterator[_Slice]:
        return (one for window in self._open for one in window.slices)

    def _finish(self, one: _Slice) -> None:
        """The verdicts of one slice: its own, or, while another process has it, of later ones."""
        while one.found is None:
            if one.future is None or one.future.cancel():
                self._score(one)
            elif not one.future.done() and (later := self._free()) is not None:
                self._score(later)
            else:
                self._await(one, one.future)

    def _await(self, one: _Slice, future: Future[Reply]) -> None:
        check_cancelled()
        if self._on_batch is not None:
            self._on_batch()
        try:
            one.found = future.result(_PATIENCE)
        except NotYetError:
            pass
        except WorkerLostError:
            one.future = None

    def _free(self) -> _Slice | None:
        """A slice that no other process has begun, taken from them."""
        for one in self._slices():
            if one.found is None and one.future is not None and one.future.cancel():
                return one
        return None

    def _score(self, one: _Slice) -> None:
        one.found = verdicts(self._classifier, one.texts, self._asked, self._on_batch)
        self._share()
