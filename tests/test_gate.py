"""Turns at the model: nobody waits behind a stranger's long work, and left work ends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sentiment.cancellation import CancellationError, cancellable, check_cancelled
from sentiment.ui.budget import no_room
from sentiment.ui.gate import Gate, Visitor
from sentiment.ui.limits import BusyError, RefusedError, cost
from sentiment.ui.visitors import address_of
from tests.conftest import awaited, tiny_classifier

ONE, OTHER = Visitor("1.1.1.1", "a"), Visitor("2.2.2.2", "b")


def gate(workers: int = 1, waiting: int = 4, of_session: int = 2, of_address: int = 3) -> Gate:
    return Gate(
        "test", workers=workers, waiting=waiting, of_session=of_session, of_address=of_address
    )


class Held:
    """A gate whose only thread is at work until it is released."""

    def __init__(self, at: Gate, visitor: Visitor) -> None:
        self.gate, self.visitor = at, visitor
        self.inside, self.released = threading.Event(), threading.Event()

    async def __aenter__(self) -> None:
        self.task = asyncio.create_task(self.gate.run(self.visitor, self._hold))
        while not self.inside.is_set():
            await asyncio.sleep(0.001)

    def _hold(self) -> None:
        self.inside.set()
        self.released.wait(20)

    async def __aexit__(self, *_: object) -> None:
        self.released.set()
        await self.task


def test_a_session_an_address_and_the_line_are_bounded_at_once() -> None:
    async def check() -> None:
        at = gate(waiting=3)
        async with Held(at, ONE):
            waiting = [asyncio.create_task(at.run(ONE, int))]
            await asyncio.sleep(0)
            with pytest.raises(BusyError, match="yours") as refused:
                await at.run(ONE, int)
            assert 1 <= refused.value.seconds <= 60
            neighbour = Visitor(ONE.address, "another")
            waiting.append(asyncio.create_task(at.run(neighbour, int)))
            await asyncio.sleep(0)
            with pytest.raises(BusyError, match="yours"):
                await at.run(Visitor(ONE.address, "a third"), int)
            waiting.append(asyncio.create_task(at.run(OTHER, int)))
            await asyncio.sleep(0)
            with pytest.raises(BusyError, match="Many people"):
                await at.run(Visitor("3.3.3.3", "c"), int)
        assert await asyncio.gather(*waiting) == [0, 0, 0]
        assert at.under_way == 0

    awaited(check())


def until_cancelled(inside: threading.Event) -> None:
    """Work without end, which says that it began."""
    inside.set()
    endless()


def test_those_whose_work_is_ended_for_want_of_room_are_told_so() -> None:
    """In line and at work: neither "nobody waits" nor a fault of the server."""

    async def check() -> None:
        at, inside = gate(), threading.Event()
        both = [
            asyncio.create_task(at.run(one, lambda: until_cancelled(inside)))
            for one in (ONE, OTHER)
        ]
        while not inside.is_set():
            await asyncio.sleep(0.001)
        at.cancel_all(no_room)
        for one in both:
            with pytest.raises(BusyError, match="no memory to spare"):
                await one
        assert at.under_way == 0

    awaited(check())


def test_what_follows_an_older_reading_ends_once_its_page_has_gone_on() -> None:
    """At work and in line; what others asked, and what is of this very text, stays."""

    async def check() -> None:
        at, inside = gate(of_session=4, of_address=4), threading.Event()
        older: list[asyncio.Task[Any]] = []
        older.append(asyncio.create_task(at.run(ONE, lambda: until_cancelled(inside), "not")))
        while not inside.is_set():
            await asyncio.sleep(0.001)
        older.append(asyncio.create_task(at.run(ONE, int, "no")))
        kept = [
            asyncio.create_task(at.run(one, int, text))
            for one, text in ((ONE, "not good"), (ONE, ""), (OTHER, "not"))
        ]
        await asyncio.sleep(0)
        at.end_older(Visitor(ONE.address), "not good")  # a program without a session ends nothing
        at.end_older(ONE, "not good")
        for one in older:
            with pytest.raises(RefusedError, match="gone on"):
                await one
        assert await asyncio.gather(*kept) == [0, 0, 0]
        assert at.under_way == 0

    awaited(check())


def test_without_a_thread_a_question_is_refused_and_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def check() -> None:
        at = gate()
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            with pytest.raises(BusyError, match="threads"):
                await at.run(ONE, int)
        assert at.under_way == 0
        assert await at.run(ONE, int) == 0

    awaited(check())


def test_long_work_rests_while_quick_work_is_under_way() -> None:
    quick = gate()
    long = Gate("long", workers=1, waiting=1, of_session=1, of_address=1, gives_way_to=[quick])

    def worked() -> float:
        until, started = time.thread_time() + 0.05, time.perf_counter()
        while time.thread_time() < until:
            sum(range(20_000))
            check_cancelled()
        return time.perf_counter() - started

    async def check() -> None:
        alone = await long.run(OTHER, worked)
        async with Held(quick, ONE):
            assert not quick.calm.is_set()
            beside = await long.run(OTHER, worked)
        assert quick.calm.is_set()
        assert beside > alone + 0.1  # four times what it works, and no end of its own
        check_cancelled()  # outside of a gate nothing rests

    awaited(check())


def test_addresses_take_turns() -> None:
    async def check() -> list[str]:
        at, done = gate(waiting=9, of_session=9, of_address=9), list[str]()
        async with Held(at, Visitor("0")):
            tasks = [
                asyncio.create_task(at.run(visitor, lambda v=visitor: done.append(v.session)))  # type: ignore[misc]
                for visitor in (ONE, ONE, ONE, OTHER)
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return done

    assert awaited(check()) == ["a", "b", "a", "a"]


def test_those_who_wait_hold_no_thread() -> None:
    async def check() -> None:
        at = gate(waiting=500, of_session=500, of_address=500)
        async with Held(at, ONE):
            before = threading.active_count()
            tasks = [asyncio.create_task(at.run(ONE, int)) for _ in range(400)]
            await asyncio.sleep(0)
            assert at.under_way == 401
            assert threading.active_count() <= before
        await asyncio.gather(*tasks)

    awaited(check())


def endless() -> None:
    while True:
        time.sleep(0.005)
        check_cancelled()


@pytest.mark.parametrize("cancel", [False, True])
def test_the_work_of_those_who_left_ends(cancel: bool) -> None:
    """Whether the sender hung up or the framework cancelled the event; at work or in line."""

    async def check() -> None:
        at, left = gate(), threading.Event()
        visitor = Visitor("1", "a", left.is_set)
        tasks = [asyncio.create_task(at.run(visitor, endless)) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert at.under_way == 2
        started = time.perf_counter()
        if cancel:
            for task in tasks:
                task.cancel()
        else:
            left.set()
        faults = await asyncio.gather(*tasks, return_exceptions=True)
        wanted = asyncio.CancelledError if cancel else CancellationError
        assert [type(fault) for fault in faults] == [wanted] * 2
        while at.under_way:
            await asyncio.sleep(0.01)
        assert time.perf_counter() - started < 1
        assert await at.run(visitor, lambda: 3) == 3

    awaited(check())


def test_a_fault_reaches_whoever_asked_and_frees_the_place() -> None:
    async def check() -> None:
        at = gate()
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await at.run(ONE, lambda: 1 // 0)
        assert at.under_way == 0

    awaited(check())


EXPLAINED: dict[str, Callable[[Any], Any]] = {
    "explain": lambda classifier: classifier.explain("good film " * 60),
    "decompose": lambda classifier: classifier.explain("good film").hierarchy,
    "deletion": lambda classifier: classifier.explain("good film").deletion,
    "predict": lambda classifier: classifier.predict_batch(["good film"] * 20),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_long_method_asks_whether_it_is_cancelled(name: str) -> None:
    classifier, cancelled = tiny_classifier(), threading.Event()
    cancelled.set()
    with pytest.raises(CancellationError), cancellable(cancelled):
        EXPLAINED[name](classifier)
    EXPLAINED[name](classifier)


def test_cost_counts_tokens_before_they_are_read() -> None:
    assert cost(["not good, no"], 20) == 80
    assert cost([None, 5, "a b"], 3) == 6
    assert cost([""], 7) == 7
    assert cost(["a " * 5_000], 1) == 2_500


@pytest.mark.parametrize(
    ("client", "forwarded", "wanted"),
    [
        ("8.8.8.8", None, "8.8.8.8"),
        ("8.8.8.8", b"1.2.3.4", "8.8.8.8"),  # no proxy of ours: a forger's word
        ("10.0.0.1", b"6.6.6.6, 1.2.3.4", "1.2.3.4"),  # the proxy adds the last
        ("10.0.0.1", b"6.6.6.6, 1.2.3.4, 10.0.0.7", "1.2.3.4"),  # and one before it
        ("10.0.0.1", b"10.0.0.7, 10.0.0.8", "10.0.0.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("testclient", b"1.2.3.4", "testclient"),
        ("2a00:1:2:3:4:5:6:7", None, "2a00:1:2:3::/64"),  # a home's, whichever it takes
        ("::1", b"2a00:1:2:3::9", "2a00:1:2:3::/64"),
        ("::ffff:8.8.8.8", None, "8.8.8.8"),
    ],
)
def test_an_address_is_the_nearest_that_can_be_trusted(
    client: str, forwarded: bytes | None, wanted: str
) -> None:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded)]
    assert address_of({"client": (client, 1), "headers": headers}) == wanted
