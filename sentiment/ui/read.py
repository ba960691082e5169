"""The Read panel: a verdict, and word by word how it came about."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from sentiment.classifier import EmptyTextError, SentimentClassifier
from sentiment.ui.view import ReadView, reading_view

MAX_CHARACTERS, MAX_TOKENS = 5_000, 1_000
FIRST_TEXT = "not good"
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

_HERE = Path(__file__).parent


def build(classifier: SentimentClassifier, page: gr.Blocks) -> None:
    """Add the panel to the page that is being built."""
    text = gr.Textbox(
        label="Sentence",
        value=FIRST_TEXT,
        lines=2,
        max_lines=8,
        max_length=MAX_CHARACTERS,
        placeholder="Type an English sentence …",
        autofocus=True,
        elem_id="sentence",
    )
    with gr.Row(elem_id="examples"):
        for example in EXAMPLES:
            button = gr.Button(example, size="sm", variant="secondary", min_width=80)
            button.click(partial(str, example), None, text, api_visibility="private", queue=False)
    reading = gr.HTML(
        view(classifier, FIRST_TEXT),
        html_template=(_HERE / "read.html").read_text(encoding="utf-8"),
        js_on_load=(_HERE / "read.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="reading",
    )
    text.change(
        partial(view, classifier),
        text,
        reading,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    page.load(from_query, text, text, api_visibility="private", show_progress="hidden")


def from_query(text: str, request: gr.Request) -> str:
    """The sentence that the address asks for (``?text=``), else the one that is there."""
    asked = request.query_params.get("text", "")
    return asked[:MAX_CHARACTERS] if asked.strip() else text


def view(classifier: SentimentClassifier, text: str) -> dict[str, Any]:
    """What the template draws for ``text``: a reading, or a message that says what to do."""
    if len(text) > MAX_CHARACTERS:
        return ReadView.refused(
            f"This text has {len(text):,} characters; the microscope reads up to "
            f"{MAX_CHARACTERS:,}. Shorten it and try again."
        )
    count = len(classifier.encoder.encode(text).ids)
    if count > MAX_TOKENS:
        return ReadView.refused(
            f"This text has {count:,} words; the microscope reads up to {MAX_TOKENS:,}. "
            "Shorten it and try again."
        )
    try:
        return reading_view(classifier.explain(text))
    except EmptyTextError:
        return ReadView.refused("Type at least one word, or pick an example above.")
