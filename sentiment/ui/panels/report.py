"""The Negation report panel: the behavioural suite, run on the loaded model while one watches."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice

from sentiment.behaviour import CapabilityResult, run_suite
from sentiment.suite import suite
from sentiment.ui.answers import WHOLE, Answer, Answered, Question, Reader, answering
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import RefusedError
from sentiment.ui.panel import Panel
from sentiment.values import POLAR

SHOWN = 40


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("report")


def offered(reader: Reader) -> bool:
    """Whether the suite has anything to ask of the model."""
    return reader.known.labels == POLAR


def functions(reader: Reader) -> list[Answered]:
    """The functions that the panel's scripts call by name."""

    def report(question: Question) -> Answer:
        if not offered(reader):
            labels = ", ".join(reader.known.labels)
            raise RefusedError(
                "The suite asks for negative and positive readings; "
                f"this model’s labels are {labels}."
            )
        result = run_suite(reader.classifier)
        told = result.to_dict()
        return {
            **told,
            "revision": reader.classifier.revision,
            "capabilities": [
                {**asdict(one), "pass_rate": one.pass_rate, "met_cases": met(one)}
                for one in result.results
            ],
        }

    return [answering(reader, report, "suite", steps=WHOLE)]


def met(result: CapabilityResult) -> list[dict[str, str]]:
    """Cases of a capability that held, the first ``SHOWN`` of them."""
    failed = {(one.text, one.expectation, one.reference) for one in result.failures}
    cases = next(one.cases for one in suite() if one.name == result.name)
    held = (one for one in cases if (one.text, one.expectation, one.reference) not in failed)
    return [{"text": one.text, "expectation": one.expectation} for one in islice(held, SHOWN)]


PANEL = Panel("report", "Negation report", build, functions, offered=offered)
