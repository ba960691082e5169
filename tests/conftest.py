"""Fixtures: tiny random models, the shipped classifier, the page in a real browser."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Hundreds of tests share a process, whose memory is not that of a page.
os.environ.setdefault("MICROSCOPE_MEMORY_MB", "16000")
# Tests that run side by side look for a port in ranges of their own: Gradio's search can race.
os.environ["GRADIO_SERVER_PORT"] = str(
    7860 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
)

import pytest
import torch
from playwright.sync_api import Browser, Page, expect, sync_playwright

import sentiment
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, build
from sentiment.text import TextEncoder, new_tokenizer

ROOT = Path(__file__).parent.parent
WORDS = "a the film was is not n't never very good bad great awful dull fine plot but it at all . ,"
BROWSER_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

# What takes longest goes first: two workers that share out whole files then end together.
LONGEST = (
    "test_page.py",
    "test_package.py",
    "test_explain_whole.py",
    "test_fit.py",
    "test_distributed.py",
    "test_answers.py",
    "test_load.py",
    "test_guard.py",
    "test_publish.py",
    "test_scoring.py",
    "test_hub.py",
    "test_written.py",
    "test_crash.py",
    "test_durable.py",
)

torch.set_num_threads(1)
expect.set_options(timeout=30_000)  # a machine under load is slow, not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the files of ``LONGEST`` to the front."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def tiny_classifier(
    seed: int = 0,
    *,
    pooling: tuple[str, ...] = ("last", "max", "mean"),
    layers: int = 1,
    hidden_dim: int = 12,
    labels: tuple[str, ...] = ("negative", "positive"),
    cell: str = "lstm",
    bidirectional: bool = False,
    dtype: torch.dtype = torch.float64,
) -> SentimentClassifier:
    """A random model over a score of words, in fp64 unless told otherwise."""
    torch.manual_seed(seed)
    encoder = TextEncoder(new_tokenizer(WORDS.split()))
    config = ModelConfig(
        encoder.vocabulary_size,
        8,
        hidden_dim,
        layers=layers,
        pooling=pooling,
        cell=cell,
        labels=labels,
        bidirectional=bidirectional,
    )
    model = build(config).to(dtype)
    return SentimentClassifier(model, encoder, labels)


def awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives; on a thread of its own, for Playwright's loop runs on this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def answered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that the page's scripts call, as a plain one that gives the answer's object."""

    @wraps(function)
    def call(question: Any) -> Any:
        return json.loads(awaited(function(question)).body)

    return call


@pytest.fixture(scope="session", autouse=True)
def _temporary_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pytest's own folder, made before a server under test moves Python's temporary folder."""
    tmp_path_factory.getbasetemp()


@pytest.fixture(scope="session")
def shipped() -> SentimentClassifier:
    """The embedded default weights."""
    return sentiment.load()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's, else Playwright's own; skipped only outside CI."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=executable, args=BROWSER_FLAGS.split()
            )
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no Chromium here: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab in a fresh context."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    yield tab
    context.close()


@pytest.fixture
def faults(page: Page) -> list[str]:
    """What the page must never do: log errors, or ask anything of another machine."""
    found: list[str] = []
    local = ("http://127.0.0.1", "http://localhost", "data:", "blob:")
    page.on("pageerror", lambda error: found.append(f"error {error}"))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith(local) else found.append(request.url),
    )
    return found


@pytest.fixture(scope="session")
def app_url(shipped: SentimentClassifier) -> Iterator[str]:
    """The page over the shipped weights, served on loopback."""
    from sentiment.ui.page import LAUNCH, build

    app = build(shipped)
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    yield url
    app.close()
