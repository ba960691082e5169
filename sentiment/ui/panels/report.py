"""The Negation report panel: the behavioural suite, run on the loaded model while one watches."""

from __future__ import annotations

from sentiment.behaviour import run_suite
from sentiment.ui.answers import WHOLE, Answer, Answered, Question, Reader, answering
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import RefusedError
from sentiment.ui.panel import Panel
from sentiment.values import POLAR


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("report")


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""

    def suite(question: Question) -> Answer:
        if reader.known.labels != POLAR:
            labels = ", ".join(reader.known.labels)
            raise RefusedError(
                "The suite asks for negative and positive readings; "
                f"this model’s labels are {labels}."
            )
        result = run_suite(reader.classifier)
        return {"revision": reader.classifier.revision, **result.to_dict()}

    return [answering(reader, suite, "suite", steps=WHOLE)]


PANEL = Panel("report", "Negation report", build, functions)
