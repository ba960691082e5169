"""The page: its panels in their order, its theme, how it is launched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from sentiment.classifier import SentimentClassifier
from sentiment.ui import read

TITLE = "LSTM Microscope"
INTRODUCTION = (
    "# LSTM Microscope\n"
    "Type a sentence and watch a packed LSTM read it word by word and make up its mind."
)
LAUNCH: dict[str, Any] = {
    "theme": gr.themes.Default(primary_hue="blue", neutral_hue="slate"),
    "css_paths": [Path(__file__).parent / "style.css"],
    "footer_links": ["api"],
    "run_history": False,
    "show_error": False,
    "ssr_mode": False,
}


def build(classifier: SentimentClassifier) -> gr.Blocks:
    """The page over one classifier, not yet launched."""
    with gr.Blocks(title=TITLE, fill_width=False) as page:
        gr.Markdown(INTRODUCTION)
        read.build(classifier, page)
    page.queue(api_open=False, max_size=64, default_concurrency_limit=4)
    return page
