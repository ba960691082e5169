"""The Padding panel: what padding does to the state, and what it costs. Drawn by padding.js."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sentiment import behaviour
from sentiment.ui import view
from sentiment.ui.answers import STUDY, WHOLE, Answer, Answered, Question, Reader, answering
from sentiment.ui.contract import Costs, Padded
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import MAX_CHARACTERS, RefusedError
from sentiment.ui.padded import padded_states, turning_example
from sentiment.ui.panel import Panel
from sentiment.ui.timing import timings

MOST_SENTENCES, BUCKET = 64, 4


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("padding")


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""

    def padding(question: Question) -> Answer:
        return drift(reader, reader.text(question))

    @cache
    def turning() -> str | None:
        return turning_example(reader.classifier)

    def example(question: Question) -> Answer:
        return {"text": turning()}

    def rows_of(question: Question) -> list[tuple[str, list[int]]]:
        lines = question.get("lines")
        if not isinstance(lines, str) or len(lines) > MAX_CHARACTERS:
            raise RefusedError(f"A batch is up to {MAX_CHARACTERS:,} characters of text.")
        texts = [line.strip() for line in lines.splitlines() if line.strip()]
        ids = reader.classifier.encoder.ids_batch(texts)
        rows = [(text, list(one)) for text, one in zip(texts, ids, strict=True) if one]
        if not rows:
            raise RefusedError("Write one sentence a line.")
        if len(rows) > MOST_SENTENCES:
            raise RefusedError(f"A batch here has up to {MOST_SENTENCES} lines, got {len(rows)}.")
        return rows

    def batch(question: Question) -> Answer:
        rows = [(text, len(ids)) for text, ids in rows_of(question)]
        return {"rows": [{"text": t, "length": n} for t, n in rows], **steps([n for _, n in rows])}

    def timed(question: Question) -> Answer:
        rows = [ids for _, ids in rows_of(question)]
        return timings(reader.classifier.model, rows, BUCKET)

    calls = {"padding": padding, "batch": batch}
    return [
        *(answering(reader, call, name) for name, call in calls.items()),
        answering(reader, example, "padding_example", steps=STUDY, texts=()),
        answering(reader, timed, "timed", steps=WHOLE, texts=()),
    ]


def drift(reader: Reader, text: str) -> Padded:
    """The verdict with 0 to ``MOST_PADDING`` padding tokens behind the text, read as if words.

    That is what a network does which is given the padded rectangle without lengths.
    """
    classifier = reader.classifier
    prediction = classifier.predict(text)
    labels = classifier.labels
    binary = len(labels) == 2
    padded = padded_states(classifier, text, 0 if binary else labels.index(prediction.label))
    running, states, first = padded.running, padded.states, padded.words - 1
    moved = (states - states[0]).norm(dim=1)  # (MOST_PADDING + 1,)
    classic = padded.classic
    readings = [behaviour.reading(value) for value in classic]
    turned = [k for k, reading in enumerate(readings) if reading != readings[0]]
    return {
        "text": text,
        "words": padded.words,
        "packed": view.verdict(prediction, reader.known),
        "logits": view.numbers(running.logits[first:]),
        "last": view.numbers(running.last[first:]),
        "probabilities": view.numbers(running.probabilities[first:]) if binary else None,
        "classic": list(classic) if classic else None,
        "moved": view.numbers(moved.numpy()),
        "state": float(states[0].norm()),
        "turned_at": turned[0] if turned else None,
    }


def steps(lengths: Sequence[int]) -> Costs:
    """LSTM steps of one batch: padded as a rectangle, bucketed by length, and packed."""
    ordered = sorted(lengths, reverse=True)
    buckets = [ordered[i : i + BUCKET] for i in range(0, len(ordered), BUCKET)]
    return {
        "width": max(lengths),
        "padded": len(lengths) * max(lengths),
        "bucketed": sum(len(bucket) * max(bucket) for bucket in buckets),
        "packed": sum(lengths),
        "bucket": BUCKET,
    }


PANEL = Panel("padding", "Padding", build, functions, about_sentence=True)
