"""Scoring by several processes: the same bytes in the same order, and no process left behind."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import schedule, verdicts
from sentiment.cancellation import CancellationError, cancellable
from sentiment.classifier import SentimentClassifier
from sentiment.schedule import Schedule
from sentiment.scoring import ScoringError, score_file
from sentiment.tables import ObjectRows, Window
from sentiment.verdicts import Asked
from sentiment.workers import Reply, WorkerLostError, Workers
from tests.conftest import ROOT, tiny_classifier

CLASSIFIER = tiny_classifier(dtype=torch.float32)


def windows(sizes: Sequence[int]) -> Iterator[Window]:
    """Windows of so many rows, every fifth of which has no text."""
    start = 0
    for size in sizes:
        rows = [
            {"text": f"the film was n{i} not good" if i % 5 else None}
            for i in range(start, start + size)
        ]
        places = range(1, size + 1)
        yield Window(start, ObjectRows(rows, [None] * size, places, [None] * size), None)
        start += size


class Elsewhere:
    """Workers' stand-in: threads that take what waits in any order, and some of which are lost."""

    def __init__(self, classifier: SentimentClassifier, count: int, asked: Asked) -> None:
        self.lost = 0
        self._classifier, self._asked, self._random = classifier, asked, random.Random(count)
        self._waiting: list[tuple[Future[Reply], Sequence[str]]] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, texts: Sequence[str]) -> Future[Reply]:
        future: Future[Reply] = Future()
        self._waiting.append((future, texts))
        return future

    def close(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._ended.is_set():
            if not self._waiting:
                self._ended.wait(0.001)
                continue
            future, texts = self._waiting.pop()
            if not future.set_running_or_notify_cancel():
                continue
            if self._random.random() < 0.3:
                self.lost += 1
                future.set_exception(WorkerLostError("lost"))
            else:
                future.set_result(verdicts.verdicts(self._classifier, texts, self._asked))


@given(sizes=st.lists(st.integers(1, 12), max_size=9), processes=st.integers(2, 4))
@settings(max_examples=20, deadline=None)
def test_windows_come_in_order_with_the_verdicts_of_one_process(
    sizes: list[int], processes: int
) -> None:
    def scored(processes: int) -> list[tuple[int, list[verdicts.Verdict], int]]:
        with Schedule(CLASSIFIER, Asked(False, True), "text", processes=processes) as one:
            found = one.scored(windows(sizes))
            return [(window.start, rows, tokens) for window, rows, tokens in found]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdicts, "SLICE_CHARACTERS", 60)  # some three texts
        wanted = scored(1)
        patch.setattr(schedule, "START_SECONDS", -1.0)
        patch.setattr(schedule, "Workers", Elsewhere)
        assert scored(processes) == wanted
    assert [len(rows) for _, rows, _ in wanted] == sizes


def test_what_is_wrong_further_on_is_told_behind_what_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> Iterator[Window]:
        yield from windows([3] * 4)
        raise ScoringError("line 13 is wrong")

    monkeypatch.setattr(schedule, "START_SECONDS", -1.0)
    monkeypatch.setattr(schedule, "Workers", Elsewhere)
    with Schedule(CLASSIFIER, Asked(), "text", processes=3) as one:
        found = one.scored(broken())
        assert [next(found)[0].start for _ in range(4)] == [0, 3, 6, 9]
        with pytest.raises(ScoringError, match="line 13"):
            next(found)


def test_processes_are_started_where_they_pay() -> None:
    start = schedule.START_SECONDS
    assert schedule.pays(start + 0.1, None)
    assert not schedule.pays(start - 0.1, None)
    assert schedule.pays(start / 4, 0.1)  # nine times that is left
    assert not schedule.pays(start / 4, 0.2)
    assert not schedule.pays(start / 4, 1.0)
    assert not schedule.pays(start / 4, 0.0)


def test_cancelled_work_does_not_wait_for_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Never(Elsewhere):
        def submit(self, texts: Sequence[str]) -> Future[Reply]:
            future: Future[Reply] = Future()
            future.set_running_or_notify_cancel()
            return future

    monkeypatch.setattr(schedule, "START_SECONDS", -1.0)
    monkeypatch.setattr(schedule, "Workers", Never)
    stopped = threading.Event()
    threading.Timer(0.1, stopped.set).start()
    with (
        cancellable(stopped),
        Schedule(CLASSIFIER, Asked(), "text", processes=2) as one,
        pytest.raises(CancellationError),
    ):
        list(one.scored(windows([3, 3])))


def test_processes_write_the_same_bytes_and_a_killed_one_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, plain, out = tmp_path / "in.csv", tmp_path / "plain.csv", tmp_path / "out.csv"
    rows = [f'{i},"the film was {"not " * (i % 7)}good"' for i in range(400)]
    source.write_text("\n".join(["id,text", *rows]) + "\n")
    monkeypatch.setattr(verdicts, "SLICE_CHARACTERS", 500)
    score_file(CLASSIFIER, source, plain, window=50)

    made: list[Workers] = []
    answered: list[Future[Reply]] = []

    class Watched(Workers):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            made.append(self)

        def submit(self, texts: Sequence[str]) -> Future[Reply]:
            answered.append(super().submit(texts))
            return answered[-1]

    def own(*given: object) -> Reply:
        """This process waits until the other has answered once, and kills it."""
        others = [one for one in answered if not one.cancelled()]
        if others:
            assert wait(others, timeout=120, return_when="FIRST_COMPLETED").done
            for process in made[0]._running:
                process.kill()
        return verdicts.verdicts(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(schedule, "START_SECONDS", -1.0)
    monkeypatch.setattr(schedule, "Workers", Watched)
    monkeypatch.setattr(schedule, "verdicts", own)
    summary = score_file(CLASSIFIER, source, out, window=50, processes=2)
    assert out.read_bytes() == plain.read_bytes()
    there = [one for one in answered if not one.cancelled() and one.exception() is None]
    assert there[0].result()[1] > 0
    assert not any(process.is_alive() for process in made[0]._running)
    assert summary.notes == (
        "a process ended before its work, which this one did: was there memory enough?",
    )


def test_processes_end_with_the_one_that_asked() -> None:
    code = (
        "import sys; from sentiment import workers\n"
        "if __name__ == '__main__':\n"
        "    ours, theirs = workers._CONTEXT.Pipe()\n"
        "    one = workers._CONTEXT.Process(target=workers._serve, args=(theirs,)); one.start()\n"
        "    print(one.pid, flush=True); one.join()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)  # comes back when nobody holds the pipes any more


def test_a_number_of_processes_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\ngood\n")
    with pytest.raises(ScoringError, match="processes must be at least 1, got 0"):
        score_file(CLASSIFIER, tmp_path / "in.csv", tmp_path / "out.csv", processes=0)
