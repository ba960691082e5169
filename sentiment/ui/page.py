"""The page: its panels in their order, its theme, how it is launched."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr

from sentiment.classifier import SentimentClassifier
from sentiment.explain import BASELINES
from sentiment.ui import about, api, compare, memory, negation_report, padding, read, score, view
from sentiment.ui.answers import MOST_STUDIED, Reader, reading_answer, server_functions
from sentiment.ui.drawn import drawn, head
from sentiment.ui.limits import MAX_CHARACTERS, MAX_FILE_BYTES, MAX_TOKENS

TITLE = "LSTM Microscope"
INTRODUCTION = (
    "# LSTM Microscope\n"
    "Type a sentence and watch a packed LSTM read it word by word and make up its mind."
)
FIRST_TEXT, FIRST_COMPARED = "not good", "good"
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
PANELS = {
    "read": "Read",
    "compare": "Compare",
    "memory": "Memory",
    "padding": "Padding",
    "report": "Negation report",
    "score": "Score a file",
    "about": "About",
}
LAUNCH: dict[str, Any] = {
    "theme": gr.themes.Default(primary_hue="blue", neutral_hue="slate"),
    "css_paths": [Path(__file__).parent / "style.css"],
    "head": head(),
    "footer_links": ["api"],
    "run_history": False,
    "show_error": False,
    "ssr_mode": False,
    "max_file_size": MAX_FILE_BYTES,
    "strict_cors": True,
    "mcp_server": find_spec("mcp") is not None,  # gradio[mcp], which a Space installs
}


def build(classifier: SentimentClassifier) -> gr.Blocks:
    """The page over one classifier, not yet launched."""
    reader = Reader(classifier)
    answered = (compare, memory, padding, negation_report)
    functions = server_functions(reader)
    for panel in answered:
        functions += panel.functions(reader)
    builders: dict[str, Callable[[], None]] = {
        "read": read.build,
        "compare": compare.build,
        "memory": memory.build,
        "padding": padding.build,
        "report": negation_report.build,
        "score": partial(score.build, classifier),
        "about": partial(about.build, classifier),
    }
    page: gr.Blocks
    with gr.Blocks(title=TITLE, fill_width=False, delete_cache=(3600, 3600)) as page:
        gr.Markdown(INTRODUCTION, elem_id="introduction")
        bar = drawn("bar", settings(reader), functions, opens=True)
        with gr.Tabs(elem_id="panels") as tabs:
            for name, title in PANELS.items():
                with gr.Tab(title, id=name) as tab:
                    builders[name]()
                opened = f"() => microscope.selected('{name}')"
                tab.select(None, js=opened, api_visibility="private")
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        bar.open(opened_by_script, None, tabs, queue=False, **quiet)
        page.load(opened_by_address, None, tabs, queue=False, **quiet)
        api.build(reader)
    page.queue(api_open=False, max_size=64, default_concurrency_limit=4)
    return page


def opened_by_script(event: gr.EventData) -> Any:
    """The panel that a script asks for."""
    panel = getattr(event, "panel", None)
    return gr.Tabs(selected=panel) if panel in PANELS else gr.skip()


def opened_by_address(request: gr.Request) -> Any:
    """The panel that the address names (``?panel=``)."""
    panel = request.query_params.get("panel")
    return gr.Tabs(selected=panel) if panel in PANELS else gr.skip()


def settings(reader: Reader) -> dict[str, Any]:
    """What the scripts need to know of the model and the page, the first reading included."""
    classifier = reader.classifier
    examples = (classifier.explain(text) for text in EXAMPLES)
    return {
        "first": reading_answer(reader, {"text": FIRST_TEXT}),
        "compare": FIRST_COMPARED,
        "examples": EXAMPLES,
        "lanes": view.lane_table(),
        "scales": view.scales(examples),
        "labels": classifier.labels,
        "hidden": classifier.model.recurrence.hidden_size,
        "baselines": tuple(BASELINES),
        "panels": PANELS,
        "limits": {"characters": MAX_CHARACTERS, "tokens": MAX_TOKENS, "studied": MOST_STUDIED},
        "space": os.environ.get("SPACE_ID"),
        "revision": classifier.revision,
    }
