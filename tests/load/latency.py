"""How fast one person sees a result: ``python -m tests.load.latency``.

Serves the shipped weights and drives the system's Chromium. Prints one line of JSON, milliseconds:
from opening the page to its first result; from a key to the verdict, and to the lanes, for a text
of 20 words. Each is the median of ``--times`` and the least of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import torch
from playwright.sync_api import Browser, sync_playwright

import sentiment
from sentiment.ui.page import LAUNCH, build
from tests.screenshots import FLAGS

TWENTY = "I thought that it would be a good film but in the end it was not all that funny or"
TYPED = """async ([text, kind]) => {
  const box = document.getElementById('sentence');
  const start = performance.now();
  let seen;
  const done = new Promise((resolve) => { seen = resolve; });
  const heard = (answer) => { if (answer.text === text) seen(performance.now() - start); };
  microscope.on(kind, heard);
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  return done;
}"""


def main() -> None:
    """Serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    app = build(sentiment.load())
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split()
        )
        taken = measure(browser, url, arguments.times)
        browser.close()
    app.close()
    print(
        json.dumps(
            {
                name: {"median": round(statistics.median(times)), "least": round(min(times))}
                for name, times in taken.items()
            }
        )
    )


def measure(browser: Browser, url: str, times: int) -> dict[str, list[float]]:
    """Milliseconds of each kind."""
    taken: dict[str, list[float]] = {"first result": [], "verdict": [], "lanes": []}
    for i in range(times):
        page = browser.new_page()
        page.goto(url, wait_until="commit")
        page.locator("#reading .strip .word").first.wait_for()
        taken["first result"].append(page.evaluate("performance.now()"))
        page.wait_for_timeout(1000)
        taken["verdict"].append(page.evaluate(TYPED, [f"{TWENTY} {i}", "verdict"]))
        page.wait_for_timeout(600)
        taken["lanes"].append(page.evaluate(TYPED, [f"{TWENTY} so {i}", "reading"]))
        page.close()
    return taken


if __name__ == "__main__":
    main()
