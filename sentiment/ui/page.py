"""The page: its panels in their order, its theme, how it is launched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from sentiment.classifier import SentimentClassifier
from sentiment.explain import BASELINES
from sentiment.ui import compare, padding, read, view
from sentiment.ui.answers import Reader, reading_answer, server_functions
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
    "I thought it would be good, but it was not.",
    "Nobody could call this a masterpiece.",
    "It's a warm, funny film that never loses its way.",
    "The plot isn't terrible; it just isn't there.",
    "The film was shot in Norway in 2001.",
)
PANELS: dict[str, tuple[str, Callable[[], None]]] = {
    "read": ("Read", read.build),
    "compare": ("Compare", compare.build),
    "padding": ("Padding", padding.build),
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
}


def build(classifier: SentimentClassifier) -> gr.Blocks:
    """The page over one classifier, not yet launched."""
    reader = Reader(classifier)
    functions = server_functions(reader) + compare.functions(reader) + padding.functions(reader)
    page: gr.Blocks
    with gr.Blocks(title=TITLE, fill_width=False) as page:
        gr.Markdown(INTRODUCTION, elem_id="introduction")
        drawn("bar", settings(reader), functions)
        with gr.Tabs(elem_id="panels"):
            for name, (title, panel) in PANELS.items():
                with gr.Tab(title, id=name) as tab:
                    panel()
                tab.select(
                    None, js=f"() => microscope.selected('{name}')", api_visibility="private"
                )
    page.queue(api_open=False, max_size=64, default_concurrency_limit=4)
    return page


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
        "panels": {name: title for name, (title, _) in PANELS.items()},
        "limits": {"characters": MAX_CHARACTERS, "tokens": MAX_TOKENS},
        "space": os.environ.get("SPACE_ID"),
        "revision": classifier.revision,
    }
