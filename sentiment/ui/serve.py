"""Load a model, build its page, serve it: what app.py and ``lstm-microscope`` do."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported
# torch keeps compiled kernels for 1024 shapes, and every length of text makes new ones.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # what it frees is given back

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import torch

from sentiment.classifier import SentimentClassifier, load
from sentiment.hub import chosen_model
from sentiment.ui.budget import few_arenas, settle
from sentiment.ui.connections import bound_connections
from sentiment.ui.later import leave_out  # before the page, which brings the framework
from sentiment.ui.page import LAUNCH, build
from sentiment.ui.several import Beside
from sentiment.ui.storage import private_folder
from sentiment.values import POLAR


def serve(
    model: str | None = None,
    revision: str | None = None,
    port: int | None = None,
    beside: Sequence[str] = (),
) -> None:
    """Serve the page until the process is stopped.

    ``model`` is a checkpoint folder or an id on the Hub, by default what MODEL_ID names, else the
    embedded weights; ``port`` by default the first free one from 7860. ``beside`` it the panel
    "Compare" shows other checkpoints on one sentence, by default those that BESIDE_MODEL_IDS names,
    a comma between two; the embedded weights are always among them. Raises CheckpointError for
    what cannot be loaded or trusted, FileNotFoundError for a missing folder or file, ValueError for
    a MICROSCOPE_MEMORY_MB that is no number of megabytes.
    """
    few_arenas()
    bound_connections()
    leave_out("matplotlib")
    torch.set_num_threads(1)  # short sentences are faster on one thread
    # Threads at long work give way sooner to the one that answers everybody.
    sys.setswitchinterval(0.001)
    model, revision = chosen_model(model, revision)
    classifier = load(model, revision=revision)
    signal.signal(signal.SIGTERM, _leave)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # a job behind & ignores it
        signal.signal(signal.SIGINT, _leave)
    try:
        with private_folder():
            page = build(classifier, others(classifier, beside))
            settle()
            page.budget.settle()
            page.budget.watch()
            page.launch(server_port=port, **LAUNCH)
    except SystemExit as end:
        # Threads may be at work for people who are gone by now: nobody waits for them.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)


def others(classifier: SentimentClassifier, models: Sequence[str]) -> list[Beside]:
    """The checkpoints that stand beside a model: those asked for, and the embedded one.

    Raises CheckpointError for one that cannot stand there.
    """
    named = [one.strip() for one in os.environ.get("BESIDE_MODEL_IDS", "").split(",")]
    wanted = list(models) or [one for one in named if one]
    found = [Beside(Path(one).name or one, load(one)) for one in wanted]
    if classifier.revision != "embedded" and classifier.labels == POLAR:
        found.append(Beside("shipped LSTM", load()))
    return found


def _leave(number: int, _: object) -> NoReturn:
    """End in order, so that nobody's files stay behind, and whatever else is pressed meanwhile.

    The framework's own end waits for answers that are under way.
    """
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    raise SystemExit(128 + number)
