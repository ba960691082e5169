"""The page: its panels in their order, its theme, how it is launched."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence, Set
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr

from sentiment import palette
from sentiment.classifier import SentimentClassifier
from sentiment.explain import BASELINES
from sentiment.ui import api, view
from sentiment.ui.answers import MOST_STUDIED, Reader, reading_answer
from sentiment.ui.blocks import Page
from sentiment.ui.contract import Settings
from sentiment.ui.drawn import drawn, head
from sentiment.ui.limits import MAX_CHARACTERS, MAX_FILE_BYTES, most_tokens
from sentiment.ui.padded import MOST_PADDING
from sentiment.ui.panels import PANELS
from sentiment.ui.panels.memory import WINDOW
from sentiment.ui.preview import FAVICON, preview, with_preview
from sentiment.ui.several import Beside
from sentiment.ui.stories import stories
from sentiment.values import NEUTRAL_ZONE, POLAR

TITLE = "LSTM Microscope"
FIRST_TEXT = "not good"
EXAMPLES = (
    "good",
    "not good",
    "not bad at all",
    "The start is great, but the film is not good.",
    "Nobody could call this a masterpiece.",
    "It's a warm, funny film that never loses its way.",
    "The plot isn't terrible; it just isn't there.",
    "The film was shot in Norway in 2001.",
)


LAUNCH: dict[str, Any] = {
    "theme": gr.themes.Default(primary_hue="blue", neutral_hue="slate"),
    "css": palette.PAGE_CSS,
    "css_paths": [Path(__file__).parent / "style.css"],
    "head": head([panel.script for panel in PANELS]),
    "footer_links": ["api"],
    "run_history": False,
    "show_error": False,
    "ssr_mode": False,
    "max_file_size": MAX_FILE_BYTES,
    "max_threads": 200,  # so many events are under way at most; those at a gate hold no thread
    "state_session_capacity": 2_000,
    "strict_cors": True,
    "app_kwargs": with_preview({}),
    "favicon_path": FAVICON,
    "mcp_server": find_spec("mcp") is not None,  # gradio[mcp], which a Space installs
}


def build(classifier: SentimentClassifier, beside: Sequence[Beside] = ()) -> Page:
    """The page over one classifier, not yet launched; ``beside`` it others on one sentence."""
    reader = Reader(classifier, beside)
    panels = [panel for panel in PANELS if panel.offered(reader)]
    functions = [function for panel in panels for function in panel.functions(reader)]
    page: Page
    with Page(title=TITLE, fill_width=False, delete_cache=(3600, 3600)) as page:
        gr.Markdown(introduction(classifier), elem_id="introduction")
        bar = drawn("bar", settings(reader), functions, opens=True)
        with gr.Tabs(elem_id="panels") as tabs:
            for panel in panels:
                with gr.Tab(panel.title, id=panel.name) as tab:
                    panel.build(reader)
                opened = f"() => microscope.selected('{panel.name}')"
                tab.select(None, js=opened, api_visibility="private")
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        by_script, by_address = openers(frozenset(panel.name for panel in panels))
        bar.open(by_script, None, tabs, queue=False, **quiet)
        page.load(by_address, None, tabs, queue=False, **quiet)
        api.build(reader)
    page.budget = reader.budget
    page.component = bar._id
    page.functions = {function.__name__: function for function in functions}
    page.preview = preview()
    # The gates bound what is under way, person by person; the queue must hold up nobody.
    page.queue(api_open=False, max_size=256, default_concurrency_limit=None)
    return page


def introduction(classifier: SentimentClassifier) -> str:
    """Heading and first sentence, in Markdown."""
    kind = classifier.model.kind
    return (
        f"# {TITLE}\n"
        f"Type a sentence and watch a packed {kind} read it word by word and make up its mind."
    )


def openers(names: Set[str]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What opens one of the named panels: for scripts, and for the address (``?panel=``)."""

    def opened_by_script(event: gr.EventData) -> Any:
        return opened(getattr(event, "panel", None))

    def opened_by_address(request: gr.Request) -> Any:
        return opened(request.query_params.get("panel"))

    def opened(panel: str | None) -> Any:
        return gr.Tabs(selected=panel) if panel in names else gr.skip()

    return opened_by_script, opened_by_address


def settings(reader: Reader) -> Settings:
    """What the scripts need to know of the model and the page, the first reading included."""
    classifier, known = reader.classifier, reader.known
    examples = (classifier.explain(text) for text in EXAMPLES)
    return {
        "first": reading_answer(reader, {"text": FIRST_TEXT}),
        "examples": list(EXAMPLES),
        "lanes": view.lane_table(),
        "scales": view.scales(examples),
        "labels": list(known.labels),
        "between": known.between,
        "language": known.language,
        "hidden": classifier.model.width,
        "baselines": list(BASELINES),
        "panels": [
            {"name": p.name, "title": p.title, "about_sentence": p.about_sentence}
            for p in PANELS
            if p.offered(reader)
        ],
        "limits": {
            "characters": MAX_CHARACTERS,
            "tokens": most_tokens(classifier),
            "studied": MOST_STUDIED,
            "padding": MOST_PADDING,
            "window": WINDOW,
        },
        "stories": [
            {"name": s.name, "title": s.title, "about": s.about}
            for s in stories()
            if known.labels == POLAR
        ],
        "twin": classifier.twin is not None,
        "neutral_zone": list(NEUTRAL_ZONE),
        "space": os.environ.get("SPACE_ID"),
        "revision": classifier.revision,
    }
