"""Pictures of the page: ``python -m tests.screenshots docs`` for the README's, ``--all`` for all.

The README's are of three panels, and the play of a reading, a frame a word. Serves the shipped
weights on loopback and drives the system's Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
from io import BytesIO
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import torch
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import sentiment
from sentiment.ui.page import LAUNCH, build

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
CONTRAST = "The+start+is+great,+but+the+film+is+not+good."
VIEWS = {
    "read": (f"?text={CONTRAST}", "#reading .network"),
    "phrase": ("?text=not+good", "#reading .interplay b"),
    "compare": ("?text=not+good&compare=good&panel=compare", "#comparing .path"),
    "memory": (f"?text={CONTRAST}&panel=memory", "#remembering .heat"),
    "padding": ("?text=not+good&panel=padding", "#padding-panel .drift"),
    "report": ("?panel=report", "#negation-report .capabilities"),
    "score": ("?panel=score", "#lines textarea"),
    "about": ("?panel=about", "#about pre"),
}
SHOWN = ("read", "compare", "memory")
WORD, TURN, END = 450, 1400, 2600
"""How long a frame of the play stands, in milliseconds: at a word, a turn, the last word."""
LOOKS = {"light": (1280, "light"), "dark": (1280, "dark"), "phone": (360, "light")}


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="every panel, whole, in three looks")
    parser.add_argument("--url", help="a page that is being served already")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if arguments.url:
        take(arguments.url, arguments.folder, every=arguments.all)
        return
    app = build(sentiment.load())
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    try:
        take(url, arguments.folder, every=arguments.all)
    finally:
        app.close()


def take(url: str, folder: Path, *, every: bool) -> None:
    """Write the README's pictures, or all of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split()
        )
        for look, (width, scheme) in LOOKS.items() if every else [("", (1120, "light"))]:
            for name in VIEWS if every else SHOWN:
                page = browser.new_page(
                    viewport={"width": width, "height": 970},
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                path = folder / (f"{name}-{look}.png" if look else f"{name}.png")
                shoot(page, url, name, path, whole=every)
                page.close()
        if not every:
            play(browser.new_page(viewport={"width": 1180, "height": 870}), url, folder)
        browser.close()


def shoot(page: Page, url: str, name: str, path: Path, *, whole: bool) -> None:
    """One picture, in a palette so that the file stays small."""
    query, there = VIEWS[name]
    page.goto(url.rstrip("/") + "/" + query)
    page.wait_for_function("!document.querySelector('#opening')", timeout=90_000)
    page.locator(there).first.wait_for(timeout=90_000)
    if name == "phrase":
        word = page.locator("#reading .stage .word").first
        word.focus()
        word.press("Shift+ArrowRight")
        page.locator("#reading .card q").first.wait_for()
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(600)
    page.locator(there).first.wait_for(timeout=90_000)
    page.screenshot(path=path, full_page=whole)
    Image.open(path).convert("RGB").quantize(96).save(path, optimize=True)


def play(page: Page, url: str, folder: Path) -> None:
    """The reading played, as a moving picture."""
    query, there = VIEWS["read"]
    page.emulate_media(reduced_motion="reduce")
    page.goto(url.rstrip("/") + "/" + query)
    page.locator(there).first.wait_for(timeout=90_000)
    page.wait_for_function("!document.querySelector('#opening')")
    page.evaluate("document.activeElement.blur()")
    head = page.get_by_label("Reading head")
    last = int(head.get_attribute("max") or "0")
    frames, lengths = [], []
    for index in range(last + 1):
        head.fill(str(index))
        page.wait_for_timeout(150)
        frames.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))
        turns = page.locator("#reading .stage .flip.now").count()
        lengths.append(END if index == last else TURN if turns else WORD)
    page.close()
    first, *others = frames
    first.save(
        folder / "play.webp",
        save_all=True,
        append_images=others,
        duration=lengths,
        loop=0,
        quality=70,
        method=6,
    )


if __name__ == "__main__":
    main()
