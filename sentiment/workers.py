"""Processes that score slices of texts beside this one.

Each has its own interpreter and a copy of the model, for the tokeniser's rules, Python's part of a
step and the step itself all want the core that they run on. A thread of this process waits for
each. They end with this process, however it ends.
"""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import TYPE_CHECKING

from sentiment.errors import SentimentError
from sentiment.verdicts import Asked, Verdict, verdicts

if TYPE_CHECKING:
    from sentiment.classifier import SentimentClassifier


_CONTEXT = get_context("spawn")


class WorkerLostError(SentimentError):
    """A process ended before its work."""


Reply = tuple[list[Verdict], int]
"""The verdict on each text of a slice, and the tokens read."""


class Workers:
    """So many processes; work that none has begun can be taken back.

    They are started anew and not forked, for a fork of a process with threads may hang. ``lost``
    counts those that ended before their work.
    """

    def __init__(self, classifier: SentimentClassifier, count: int, asked: Asked) -> None:
        self.lost = 0
        self._content = pickle.dumps((_without_twin(classifier), asked), protocol=5)
        self._waiting: SimpleQueue[tuple[Future[Reply], Sequence[str]] | None] = SimpleQueue()
        self._lock, self._closed = threading.Lock(), False
        self._running: list[BaseProcess] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, texts: Sequence[str]) -> Future[Reply]:
        """The verdicts to be; WorkerLostError where the process ended. ``cancel`` takes it back."""
        future: Future[Reply] = Future()
        self._waiting.put((future, texts))
        return future

    def close(self) -> None:
        """End all processes at once, whatever they do."""
        with self._lock:
            self._closed = True
        for process in self._running:
            process.kill()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """One thread: start a process, hand it slice after slice, see it ended."""
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        future = None
        try:
            with self._lock:
                if self._closed:
                    return
                process.start()
                self._running.append(process)
            theirs.close()
            ours.send_bytes(self._content)
            while (one := self._waiting.get()) is not None:
                future, texts = one
                if future.set_running_or_notify_cancel():
                    ours.send(texts)
                    future.set_result(ours.recv())
        except (EOFError, OSError):
            self.lost += not self._closed
            if future is not None and future.running():
                future.set_exception(WorkerLostError("a process ended before its work"))
        finally:
            ours.close()
            if process.pid is not None:
                process.kill()
                process.join()


def _without_twin(classifier: SentimentClassifier) -> SentimentClassifier:
    """What scoring needs of it."""
    return type(classifier)(
        classifier.model,
        classifier.encoder,
        classifier.labels,
        revision=classifier.revision,
        language=classifier.language,
    )


def _serve(connection: Connection) -> None:
    """A process: the model, then slices of texts, until nobody asks any more."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to parent and child
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        import torch

        torch.set_num_threads(1)
        classifier, asked = pickle.loads(connection.recv_bytes())
        while True:
            texts = connection.recv()
            connection.send(verdicts(classifier, texts, asked))
    except BaseException:  # the parent does the work itself, and tells what is wrong with it
        os._exit(1)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)
