"""The Padding panel: what padding does to the state, and what it costs. Drawn by padding.js."""

from __future__ import annotations

from collections.abc import Sequence

from sentiment import behaviour
from sentiment.explain import prefix_pools, read, running_verdict
from sentiment.text import PADDING, PADDING_ID
from sentiment.ui import view
from sentiment.ui.answers import Answer, Answered, Question, Reader, answering
from sentiment.ui.contract import Costs, Padded
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import MAX_CHARACTERS, RefusedError
from sentiment.ui.panel import Panel
from sentiment.values import Encoding, Token

MOST_PADDING, MOST_SENTENCES, BUCKET = 40, 64, 4


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("padding")


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""

    def padding(question: Question) -> Answer:
        return drift(reader, reader.text(question))

    def batch(question: Question) -> Answer:
        lines = question.get("lines")
        if not isinstance(lines, str) or len(lines) > MAX_CHARACTERS:
            raise RefusedError(f"A batch is up to {MAX_CHARACTERS:,} characters of text.")
        texts = [line.strip() for line in lines.splitlines() if line.strip()]
        ids = reader.classifier.encoder.ids_batch(texts)
        rows = [(text, len(one)) for text, one in zip(texts, ids, strict=True) if one]
        if not rows:
            raise RefusedError("Write one sentence a line.")
        if len(rows) > MOST_SENTENCES:
            raise RefusedError(f"A batch here has up to {MOST_SENTENCES} lines, got {len(rows)}.")
        return {"rows": [{"text": t, "length": n} for t, n in rows], **steps([n for _, n in rows])}

    calls = {"padding": padding, "batch": batch}
    return [answering(reader, call, name) for name, call in calls.items()]


def drift(reader: Reader, text: str) -> Padded:
    """The verdict with 0 to ``MOST_PADDING`` padding tokens behind the text, read as if words.

    That is what a network does which is given the padded rectangle without lengths.
    """
    classifier = reader.classifier
    encoding = classifier.encoder.encode(text)
    count = len(encoding.ids)
    nothing = Token(PADDING, len(text), len(text), known=True)
    padded = Encoding(
        text,
        encoding.ids + (PADDING_ID,) * MOST_PADDING,
        encoding.tokens + (nothing,) * MOST_PADDING,
    )
    prediction = classifier.predict(text)
    labels = classifier.labels
    target = 0 if len(labels) == 2 else labels.index(prediction.label)
    reading = read(classifier.model, padded, labels, target=target)
    running = running_verdict(reading)
    logits = running.logits[count - 1 :]  # (MOST_PADDING + 1,)
    states = reading.of(prefix_pools)["last"][count - 1 :]  # (MOST_PADDING + 1, H)
    moved = (states - states[0]).norm(dim=1)  # (MOST_PADDING + 1,)
    verdicts = [behaviour.reading(p) for p in running.probabilities[count - 1 :].tolist()]
    turned = [k for k, verdict in enumerate(verdicts) if verdict != verdicts[0]]
    return {
        "text": text,
        "words": count,
        "packed": view.verdict(prediction, reader.known),
        "logits": view.numbers(logits),
        "last": view.numbers(running.last[count - 1 :]),
        "probabilities": (
            view.numbers(running.probabilities[count - 1 :]) if len(labels) == 2 else None
        ),
        "moved": view.numbers(moved.numpy()),
        "state": float(states[0].norm()),
        "turned_at": turned[0] if turned and len(labels) == 2 else None,
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
