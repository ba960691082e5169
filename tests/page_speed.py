"""How quick the page is: ``python -m tests.page_speed [--url URL] [--rounds 5] [--empty]``.

Serves the shipped weights on loopback unless told of a page, drives the system's Chromium, and
prints medians beside the goals, and the machine's load. Times are the browser's own. With
``--empty`` a Gradio page of one line is measured too: what the framework alone takes. With
``--trace`` the frames while thirty words are played are counted in Chromium's own trace.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio
import torch
from playwright.sync_api import Browser, Playwright, sync_playwright

import sentiment
from sentiment.classifier import SentimentClassifier
from sentiment.ui.blocks import Page
from sentiment.ui.page import LAUNCH, build
from tests.conftest import answered
from tests.screenshots import FLAGS

THIRTY = (
    "The+start+is+great+and+the+cast+is+good+,+but+after+half+an+hour+nobody+knows+why+any+of+it+"
    "matters+,+and+the+end+is+not+good+."
)
TWENTY = THIRTY.split("+")[:20]
OBSERVED = """
window.shifted = 0; window.seen = {};
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: 'layout-shift', buffered: true });
const wanted = {
  words: () => document.querySelectorAll('#reading .stage .token').length > 1,
  network: () => document.querySelector('#reading .network'),
  settled: () => document.querySelector('gradio-app #reading, gradio-app #one-line h1')
    && !document.querySelector('#opening'),
};
const look = () => {
  for (const [name, there] of Object.entries(wanted))
    if (window.seen[name] === undefined && there())
      requestAnimationFrame(() => { window.seen[name] ??= performance.now(); });
  if (performance.now() < 20000) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
TYPED = """async (after) => {
  const box = document.querySelector('#sentence');
  const panel = document.querySelector('#reading');
  const before = panel.querySelector('.verdict').textContent;
  const words = () => panel.querySelectorAll('.stage .tokens .token').length;
  const found = {};
  const begun = performance.now();
  const seen = new Promise((resolve) => {
    const look = () => {
      const now = performance.now() - begun;
      const headline = panel.querySelector('.verdict')?.textContent;
      if (found.verdict === undefined && headline !== before) found.verdict = now;
      if (found.stage === undefined && words() === after) found.stage = now;
      if (found.verdict !== undefined && found.stage !== undefined) resolve();
      else if (now > 20000) resolve();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  box.value = box.value + ' indeed';
  box.dispatchEvent(new Event('input', { bubbles: true }));
  await seen;
  return found;
}"""
FATES = ("PRESENTED", "DROPPED", "NO_UPDATE", "STATE")
PLAYED = """async () => {
  const times = [];
  let on = true;
  const frame = (now) => { times.push(now); if (on) requestAnimationFrame(frame); };
  const play = document.querySelector('.player .action');
  play.click();
  requestAnimationFrame(frame);
  while (play.getAttribute('aria-label') === 'Pause') await new Promise((r) => setTimeout(r, 50));
  on = false;
  const gaps = times.slice(1).map((t, i) => t - times[i]).sort((a, b) => a - b);
  return { fps: 1000 * gaps.length / (times[times.length - 1] - times[0]),
           longest: gaps[gaps.length - 1], lasted: times[times.length - 1] - times[0] };
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a page that is being served already")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minute", type=Path, help="a folder for pictures at 0, 5, 20 and 60 s")
    parser.add_argument("--empty", action="store_true", help="a Gradio page of one line as well")
    parser.add_argument("--trace", action="store_true", help="count frames in Chromium's trace")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.url:
        measure(arguments.url, arguments.rounds, arguments.minute, trace=arguments.trace)
        return
    if arguments.empty:
        measure_empty(arguments.rounds)
    classifier = sentiment.load()
    app = build(classifier)
    print(first_answer(app, classifier))
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    try:
        measure(url, arguments.rounds, arguments.minute, trace=arguments.trace)
    finally:
        app.close()


def measure(url: str, rounds: int, minute: Path | None, *, trace: bool = False) -> None:
    """All figures of a served page, and the first minute's pictures where asked for."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        found = [one_visit(browser, url) for _ in range(rounds)]

        def said(name: str, goal: str, shown: Callable[[float], str]) -> None:
            values = [each[name] for each in found if each.get(name) is not None]
            print(f"{name:28} {shown(median(values)):>10}   goal {goal}")

        def thousandths(value: float) -> str:
            return f"{value:.0f} ms"

        said("first meaningful paint", "1.5 s", seconds)
        said("network drawn", "none", seconds)
        said("Gradio there", "none", seconds)
        said("verdict after a key", "100 ms", thousandths)
        said("stage after a key", "250 ms", thousandths)
        said("frames a second, playing", "60", lambda value: f"{value:.1f}")
        said("longest frame, playing", "none", thousandths)
        said("main thread at work, playing", "none", lambda value: f"{100 * value:.0f} %")
        said("layout shift", "0", lambda value: f"{value:.3f}")
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        print(f"medians of {rounds} visits; load {load} on {os.cpu_count()} processors")
        if trace:
            print(traced_play(browser, url))
        if minute is not None:
            first_minute(browser, url, minute)
        browser.close()


def first_answer(app: Page, classifier: SentimentClassifier) -> str:
    """What the server takes to answer a key, in the time of ``predict`` alone; twenty words."""
    ask = answered(app.functions["predict"])
    texts = [" ".join((*TWENTY[i:], *TWENTY[:i])) for i in range(len(TWENTY))] * 3

    def taken(run: Callable[[str], object]) -> float:
        begun = time.perf_counter()
        run(texts.pop())
        return 1000 * (time.perf_counter() - begun)

    both = [(taken(lambda text: ask([{"text": text}])), taken(classifier.predict)) for _ in TWENTY]
    answer, alone = (median(times) for times in zip(*both, strict=True))
    return f"{'first answer after a key':28} {answer / alone:>8.1f} x   goal 10 x predict"


def chromium(playwright: Playwright) -> Browser:
    """The system's browser."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())


def seconds(value: float) -> str:
    """Milliseconds as seconds."""
    return f"{value / 1000:.2f} s"


def measure_empty(rounds: int) -> None:
    """When a page of Gradio's own with one line is drawn."""
    with gradio.Blocks() as app:
        gradio.Markdown("# One line", elem_id="one-line")
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True)
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            found = []
            for _ in range(rounds):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.add_init_script(OBSERVED)
                page.goto(url)
                page.wait_for_function("window.seen.settled")
                found.append(page.evaluate("window.seen.settled"))
                page.close()
            print(f"{'Gradio alone, one line':28} {seconds(median(found)):>10}   goal none")
            browser.close()
    finally:
        app.close()


def one_visit(browser: Browser, url: str) -> dict[str, Any]:
    """One fresh visit: the first paint with words, one key, one play of thirty words."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(OBSERVED)
    page.goto(url)
    page.wait_for_function("window.seen.settled && window.seen.network", timeout=60_000)
    page.wait_for_timeout(300)
    seen = page.evaluate("window.seen")
    typed = page.evaluate(TYPED, 3)
    page.wait_for_timeout(700)
    shift = page.evaluate("window.shifted")
    page.goto(f"{url.rstrip('/')}/?text={THIRTY}")
    page.wait_for_function("window.seen.settled && window.seen.network", timeout=60_000)
    page.wait_for_timeout(500)
    chrome = page.context.new_cdp_session(page)
    chrome.send("Performance.enable")

    def worked() -> float:
        metrics = chrome.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    before = worked()
    played = page.evaluate(PLAYED)
    after = worked()
    page.close()
    return {
        "first meaningful paint": seen["words"],
        "network drawn": seen["network"],
        "Gradio there": seen["settled"],
        "verdict after a key": typed.get("verdict"),
        "stage after a key": typed.get("stage"),
        "frames a second, playing": played["fps"],
        "longest frame, playing": played["longest"],
        "main thread at work, playing": 1000 * (after - before) / played["lasted"],
        "layout shift": shift,
    }


def traced_play(browser: Browser, url: str) -> str:
    """The frames of one play of thirty words, as Chromium's compositor reports them."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(OBSERVED)
    page.goto(f"{url.rstrip('/')}/?text={THIRTY}")
    page.wait_for_function("window.seen.settled && window.seen.network", timeout=60_000)
    page.wait_for_timeout(1000)
    browser.start_tracing(page=page, categories=["cc", "benchmark", "devtools.timeline.frame"])
    played = page.evaluate(PLAYED)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.close()
    frames = frame_states(events)
    lasted = played["lasted"] / 1000
    counts = Counter(
        next(known for known in FATES if any(known in state for state in states))
        for states in frames.values()
    )
    return (
        f"Chromium's trace, {lasted:.1f} s of playing: {counts['PRESENTED']} frames presented "
        f"({counts['PRESENTED'] / lasted:.1f} a second), {counts['DROPPED']} dropped, "
        f"{counts['NO_UPDATE']} with nothing to draw"
    )


def frame_states(events: list[dict[str, Any]]) -> dict[int, list[str]]:
    """What became of every frame of the page: the states of its pipeline reports.

    A frame has two reports where the main thread's part of it came late: it was presented if
    either says so.
    """
    found: dict[int, list[str]] = {}
    for event in events:
        if event.get("name") == "PipelineReporter" and event.get("ph") == "b":
            report = event["args"].get("frame_reporter") or event["args"]["chrome_frame_reporter"]
            found.setdefault(report["frame_sequence"], []).append(str(report["state"]))
    return found


def first_minute(browser: Browser, url: str, folder: Path) -> None:
    """What is on the screen, untouched, at 0, 5, 20 and 60 seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.locator("#reading .stage .token").first.wait_for(timeout=60_000)
    passed = 0
    for second in (0, 5, 20, 60):
        page.wait_for_timeout(1000 * (second - passed))
        passed = second
        page.screenshot(path=folder / f"minute-{second:02}.png")
    page.close()


if __name__ == "__main__":
    main()
