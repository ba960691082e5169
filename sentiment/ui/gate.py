"""Turns at the model: a few threads of our own, and a line in which people take their turns.

Whoever waits for a turn awaits it and holds no thread, so that neither the page nor other answers
wait behind slow ones. A person has few pieces of work under way at once; what is more is refused
at once, and the work of those who left ends at its next step.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sentiment.cancellation import CancellationError, cancellable
from sentiment.ui.limits import BusyError, RefusedError

Result = TypeVar("Result")

LOOK_SECONDS = 0.25
"""How often a piece of work is asked whether the person who waits for it has left."""
IDLE_SECONDS = 5.0
"""Seconds after which a thread without work ends."""
NICE = 10
"""How far threads at long work stand behind the others for a processor."""
SECONDS_AT_FIRST, MOST_SECONDS = 1.0, 60
RESTS, SHORTEST_WORK, LONGEST_REST = 4.0, 0.002, 0.25
"""How long work rests that gives way, in times of what it worked since; seconds of either."""


def _seen(future: asyncio.Future[Any]) -> None:
    """Take note of a fault that nobody waits for: asyncio would log its message."""
    if not future.cancelled():
        future.exception()


def _stand_back(nice: int) -> None:
    """Let other threads have the processor first, where a thread has a rank of its own."""
    if nice and sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


def _stays() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the address, the session on it, and whether the person has left meanwhile."""

    address: str = ""
    session: str = ""
    left: Callable[[], bool] = _stays

    @property
    def person(self) -> tuple[str, str]:
        """What tells people apart: a session is of one address alone."""
        return self.address, self.session


@dataclass(slots=True, eq=False)
class _Task:
    visitor: Visitor
    work: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)
    cancelled: threading.Event = field(default_factory=threading.Event)
    refused: RefusedError | None = None  # why it was ended though its person waits
    follows: str = ""  # the text whose explanation it adds to


class _GivingWay:
    """Has a piece of work rest between its steps while others' is under way at some gates.

    All threads of Python take turns at one lock: a rank behind the others for a processor does not
    make one let go of it, and what holds it at a low rank holds up everybody.
    """

    def __init__(self, gates: Sequence[Gate]) -> None:
        self._gates, self._resumed = gates, time.perf_counter()

    def __call__(self) -> None:
        now = time.perf_counter()
        if (worked := now - self._resumed) < SHORTEST_WORK:
            return
        until = now + min(RESTS * worked, LONGEST_REST)
        for gate in self._gates:
            gate.calm.wait(max(0.0, until - time.perf_counter()))
        self._resumed = time.perf_counter()


class Gate:
    """``workers`` threads at work, up to ``waiting`` in line, addresses served in turn.

    ``of_session`` and ``of_address`` bound what one session and one address may have in line and
    at work together. Its threads stand ``nice`` behind the server's own for a processor, and rest
    between the steps of their work while something is under way at those it ``gives_way_to``;
    ``calm`` is set while nothing is under way here.
    """

    def __init__(
        self,
        name: str,
        *,
        workers: int,
        waiting: int,
        of_session: int,
        of_address: int,
        nice: int = 0,
        gives_way_to: Sequence[Gate] = (),
    ) -> None:
        self._nice, self._gives_way_to = nice, tuple(gives_way_to)
        self.calm = threading.Event()
        self.calm.set()
        self.workers, self.waiting = workers, waiting
        self.of_session, self.of_address = of_session, of_address
        self._name = name
        self._threads = 0
        self._wake = threading.Semaphore(0)
        self._at_work: set[_Task] = set()
        self._lock = threading.Lock()
        self._lines: dict[str, deque[_Task]] = {}  # by address; the first is served next
        self._sessions: Counter[tuple[str, str]] = Counter()
        self._addresses: Counter[str] = Counter()
        self._mean_seconds = SECONDS_AT_FIRST

    @property
    def under_way(self) -> int:
        """Pieces of work in line and at work."""
        return self._addresses.total()

    async def run(self, visitor: Visitor, work: Callable[[], Result], follows: str = "") -> Result:
        """What ``work`` gives on one of the threads, once it is this person's turn.

        What ``follows`` the explanation of a text ends with ``end_older``, raising RefusedError.
        Raises BusyError at once where the line is full or the person has as much under way as one
        may, and later where the work of everybody is ended; CancellationError where the person
        left meanwhile.
        """
        task = self._enter(_Task(visitor, work, follows=follows))
        future = asyncio.wrap_future(task.future)
        future.add_done_callback(_seen)
        try:
            while not (await asyncio.wait({future}, timeout=LOOK_SECONDS))[0]:
                if visitor.left():
                    self._cancel(task)
            if future.cancelled() and task.refused is not None:
                raise task.refused
            return cast(Result, future.result())
        except CancellationError as error:
            raise task.refused or error from None
        except asyncio.CancelledError:
            self._cancel(task)
            if task.future.cancelled() and visitor.left():
                raise CancellationError("the person left") from None
            raise

    def _enter(self, task: _Task) -> _Task:
        visitor = task.visitor
        with self._lock:
            own = bool(visitor.session) and self._sessions[visitor.person] >= self.of_session
            if own or self._addresses[visitor.address] >= self.of_address:
                raise BusyError("An answer of yours is still being worked out.", self._seconds(1))
            if self.under_way >= self.workers + self.waiting:
                raise BusyError(
                    "Many people are using the microscope just now.",
                    self._seconds(self.under_way),
                )
            self._ensure_thread()
            self._sessions[visitor.person] += 1
            self._addresses[visitor.address] += 1
            self._lines.setdefault(visitor.address, deque()).append(task)
            self.calm.clear()
        self._wake.release()
        return task

    def _ensure_thread(self) -> None:
        if self._threads >= self.workers:
            return
        try:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        except RuntimeError as error:  # the system gives no more of them
            if not self._threads:
                raise BusyError("The server is out of threads.", self._seconds(1)) from error
        else:
            self._threads += 1

    def _seconds(self, before: int) -> int:
        seconds = math.ceil(self._mean_seconds * before / self.workers)
        return min(max(seconds, 1), MOST_SECONDS)

    def cancel_all(self, why: Callable[[], BusyError]) -> None:
        """Have the work of everybody end; those who wait for it are told ``why``."""
        with self._lock:
            tasks = [*self._at_work, *(task for line in self._lines.values() for task in line)]
        for task in tasks:
            task.refused = why()
            self._cancel(task)

    def end_older(self, visitor: Visitor, text: str) -> None:
        """Have end what follows the session's explanations of other texts: its page went on."""
        if not visitor.session:
            return
        with self._lock:
            tasks = [
                task
                for task in (*self._at_work, *self._lines.get(visitor.address, ()))
                if task.visitor.person == visitor.person and task.follows not in ("", text)
            ]
        for task in tasks:
            task.refused = RefusedError("You have gone on to another text.")
            self._cancel(task)

    def _work(self) -> None:
        """Serve until nothing comes for a while. Daemons: a stopping server waits for no work."""
        _stand_back(self._nice)
        while self._wake.acquire(timeout=IDLE_SECONDS):
            self._serve()
        with self._lock:
            self._threads -= 1
            if not self._lines or self._threads:
                return
            self._threads += 1  # something came just now
        self._work()

    def _serve(self) -> None:
        """Do the next piece of work, if its person did not leave."""
        with self._lock:
            if not self._lines:
                return
            address = next(iter(self._lines))
            line = self._lines.pop(address)
            task = line.popleft()
            if line:
                self._lines[address] = line  # behind all others
            if not task.future.set_running_or_notify_cancel():
                return
            self._at_work.add(task)
        started = time.perf_counter()
        result, fault = None, None
        try:
            with cancellable(task.cancelled, self._giving_way()):
                result = task.work()
        except BaseException as error:  # handed to whoever awaits it
            fault = error
        with self._lock:
            self._at_work.discard(task)
            self._count_out(task.visitor)
            if not isinstance(fault, CancellationError):
                self._mean_seconds += (time.perf_counter() - started - self._mean_seconds) / 8
        if fault is None:
            task.future.set_result(result)
        else:
            task.future.set_exception(fault)

    def _giving_way(self) -> _GivingWay | None:
        return _GivingWay(self._gives_way_to) if self._gives_way_to else None

    def _cancel(self, task: _Task) -> None:
        """Take a piece of work out of the line, or have it end at its next step."""
        task.cancelled.set()
        with self._lock:
            line = self._lines.get(task.visitor.address)
            if line is None or task not in line:
                return  # at work, or done
            line.remove(task)
            if not line:
                del self._lines[task.visitor.address]
            self._count_out(task.visitor)
            task.future.cancel()

    def _count_out(self, visitor: Visitor) -> None:
        self._sessions[visitor.person] -= 1
        self._addresses[visitor.address] -= 1
        if not self._sessions[visitor.person]:
            del self._sessions[visitor.person]
        if not self._addresses[visitor.address]:
            del self._addresses[visitor.address]
        if not self._addresses:
            self.calm.set()
