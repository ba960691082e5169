"""Named endpoints for programs: gradio_client, REST and MCP reach the same four functions.

Their names, hints and docstrings are the public description, so these functions read plainly.
Gradio reads return hints without evaluating them: this module keeps them as real types.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, TypeVar

import gradio as gr
from gradio.events import api as add_endpoint

from sentiment.errors import SentimentError
from sentiment.scoring import score_rows
from sentiment.ui.answers import REPORT, VERDICT, Question, Reader
from sentiment.ui.known import Known
from sentiment.ui.limits import MAX_BATCH, MAX_CHARACTERS, RefusedError, short_text, well_formed
from sentiment.values import POLAR, Prediction

Answer = TypeVar("Answer")
MOST_NAMED = 20
SCORED = 2
"""Steps a token of many texts: a verdict's, but not at its gate."""


class Verdict(TypedDict):
    """A verdict; ``probability`` is null for more than two labels.

    ``neutral`` is null for all but negative and positive.
    """

    label: str
    leaning: str
    probability: float | None
    logit: float
    neutral: bool | None
    labels: list[str]
    probabilities: list[float]


class Scored(TypedDict):
    """A scored text; only ``error`` is set where it could not be read."""

    text: str
    label: str | None
    leaning: str | None
    probability: float | None
    logit: float | None
    error: str | None


def build(reader: Reader) -> None:
    """Add the endpoints to the page that is being built.

    The gates bound what is under way: a limit of the queue's own would let one person's calls
    hold up everybody's.
    """
    for endpoint in endpoints(reader):
        add_endpoint(endpoint, api_name=endpoint.__name__, concurrency_limit=None)


def endpoints(reader: Reader) -> tuple[Callable[..., Any], ...]:
    """The functions that programs reach, by their names."""

    async def predict(text: str) -> Verdict:
        """Say which label a text has: {labels}. {about}

        Args:
            text: up to 5,000 characters.

        Returns:
            label ({readings}; "unknown" where no word is known), leaning (the label with the
            greatest probability), probability ({probability}), logit, neutral, labels and
            probabilities.
        """
        question: Question = {"text": text}

        def made() -> Verdict:
            return verdict(reader.classifier.predict(reader.text(question)))

        return await _asked(reader, made, [text], VERDICT)

    async def explain(
        text: str, target: str | None = None, baseline: str = "unknown"
    ) -> dict[str, Any]:
        """Explain a verdict word by word: running verdict, ledger, max-pool, gradients and more.

        The model tells {labels} apart. {about}

        Args:
            text: up to 5,000 characters and 1,000 words.
            target: the label to explain, for models with more than two.
            baseline: of integrated gradients: unknown, padding or mean embedding.

        Returns:
            every number of the explanation, as Explanation.to_dict() lays it out.
        """
        question = {"text": text, "target": _word(target), "baseline": _word(baseline)}
        return await _asked(reader, lambda: reader.explain(question).to_dict(), [text], REPORT)

    async def compare(first: str, second: str) -> dict[str, Any]:
        """Compare two texts: both explanations aligned, with the change of every part.

        The model tells {labels} apart. {about}

        Args:
            first: up to 5,000 characters and 1,000 words.
            second: the same; every change is second minus first.

        Returns:
            every number of the comparison, as Comparison.to_dict() lays it out.
        """

        def made() -> dict[str, Any]:
            texts = reader.text({"text": first}), reader.text({"text": second})
            return reader.classifier.compare(*texts).to_dict()

        return await _asked(reader, made, [first, second], REPORT)

    async def score(texts: list[str]) -> list[Scored]:
        """Score up to 256 texts at once, in their order, as one of {labels}. {about}

        Args:
            texts: up to 5,000 characters each.

        Returns:
            label, leaning, probability ({probability}) and logit of each; a text that cannot be
            read has an error instead.
        """

        try:
            rows = _rows(texts)
        except RefusedError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return await _asked(reader, lambda: _scored(reader, rows), texts, SCORED)

    found = (predict, explain, compare, score)
    words = described(reader.known)
    for endpoint in found:
        for name, said in words.items():
            endpoint.__doc__ = (endpoint.__doc__ or "").replace("{" + name + "}", said)
    return found


def described(known: Known) -> dict[str, str]:
    """What the endpoints' descriptions say of the loaded model: its labels, language, licence."""
    labels = [" ".join(label.split())[:60] for label in known.labels]
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    listed = ", ".join(labels[:MOST_NAMED]) + more
    about = [
        f"It has learnt from texts in {known.language_name}." if known.language_name else "",
        f"Data: {', '.join(known.datasets[:MOST_NAMED])}." if known.datasets else "",
        f"Licence of the weights: {known.license}." if known.license else "",
    ]
    return {
        "labels": listed,
        "readings": "negative, neutral or positive" if known.labels == POLAR else listed,
        "probability": f"of {labels[1]}" if len(labels) == 2 else "null: there are over two labels",
        "about": " ".join(part for part in about if part),
    }


def _rows(texts: object) -> list[dict[str, object]]:
    """Texts as rows, before they wait. Raises RefusedError for too many or too long ones."""
    if not isinstance(texts, list) or not 0 < len(texts) <= MAX_BATCH:
        raise RefusedError(f"score takes a list of 1 to {MAX_BATCH} texts.")
    rows = [{"text": well_formed(t) if isinstance(t, str) else t} for t in texts]
    for row in rows:
        if isinstance(row["text"], str) and len(row["text"]) > MAX_CHARACTERS:
            raise RefusedError(f"A text may have up to {MAX_CHARACTERS:,} characters.")
    return rows


def _scored(reader: Reader, rows: list[dict[str, object]]) -> list[Scored]:
    """A verdict or an error for each text."""
    scored, _ = score_rows(reader.classifier, rows)
    return [
        Scored(
            text=row["text"],
            label=row["label"],
            leaning=row["leaning"],
            probability=row["probability"],
            logit=row["logit"],
            error=row["error"],
        )
        for row in scored
    ]


def verdict(prediction: Prediction) -> Verdict:
    """A prediction as plain JSON."""
    return Verdict(
        label=prediction.reading,
        leaning=prediction.leaning,
        probability=prediction.probability,
        logit=prediction.logit,
        neutral=prediction.neutral,
        labels=list(prediction.labels),
        probabilities=list(prediction.probabilities),
    )


def _word(value: object) -> str | None:
    """A choice, or in its place the kind of what is none: that may be large, and would wait."""
    return value if value is None or isinstance(value, str) else type(value).__name__


async def _asked(
    reader: Reader, made: Callable[[], Answer], texts: Sequence[object], steps: int
) -> Answer:
    try:
        if steps != SCORED:  # of many, each has its own error
            for text in texts:
                short_text(text)
        return await reader.turn(made, texts, steps)
    except SentimentError as error:
        raise gr.Error(str(error), print_exception=False) from None
