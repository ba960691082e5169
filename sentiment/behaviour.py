"""A fixed behavioural suite: does the classifier understand negation, contrast and neutrality?

Tests of minimal functionality and of invariance in the manner of CheckList (Ribeiro et al. 2020,
arXiv:2005.04118), from sentences of our own (suite.txt) whose frames training never saw:
train/recipe holds other frames, and a test compares the two. What a case wants is one of three
readings: negative below 1/3, positive above 2/3, neutral between (``NEUTRAL_ZONE``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Protocol

from sentiment.errors import SentimentError
from sentiment.suite import EXPECTATIONS, MINIMAL_PAIRS, Capability, Case, suite
from sentiment.values import NEUTRAL_ZONE, Prediction

__all__ = [
    "EXPECTATIONS",
    "MINIMAL_PAIRS",
    "Capability",
    "CapabilityResult",
    "Case",
    "Failure",
    "Predictor",
    "SuiteResult",
    "best_constant",
    "holds",
    "reading",
    "run_suite",
    "suite",
    "wilson_interval",
]


class Predictor(Protocol):
    """What the suite needs of a classifier."""

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that did not hold, with the probability of "positive" that was read.

    ``reference`` is the text that it should be read alike, ``reference_probability`` that text's.
    """

    text: str
    expectation: str
    probability: float
    reference: str | None = None
    reference_probability: float | None = None


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """How many of a capability's cases held; ``low`` and ``high`` bound the rate at 95 %.

    Of ``n`` cases ``compared`` are held beside another text, and ``kept`` of those have its
    reading (and a probability within the tolerance), right or wrong. ``wanted`` and ``met`` count
    the cases and those that held by what they want: negative, positive, or neither.
    """

    name: str
    description: str
    n: int
    passed: int
    low: float
    high: float
    compared: int
    kept: int
    wanted: Mapping[str, int]
    met: Mapping[str, int]
    failures: tuple[Failure, ...]

    @property
    def pass_rate(self) -> float:
        """Share of cases that held."""
        return self.passed / self.n


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Every capability's result, in the suite's order."""

    results: tuple[CapabilityResult, ...]

    @property
    def n(self) -> int:
        """Number of cases."""
        return sum(result.n for result in self.results)

    @property
    def pass_rate(self) -> float:
        """Share of all cases that held."""
        return sum(result.passed for result in self.results) / self.n

    @property
    def score(self) -> float:
        """Mean of the pass rates of the cases that want negative, positive, and neither.

        A constant answer meets few of the three, whatever the mixture of cases.
        """
        rates = []
        for side in _SIDES:
            wanted = sum(result.wanted[side] for result in self.results)
            if wanted:
                rates.append(sum(result.met[side] for result in self.results) / wanted)
        return sum(rates) / len(rates)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON values."""
        rows = [{**asdict(result), "pass_rate": result.pass_rate} for result in self.results]
        return {
            "n": self.n,
            "pass_rate": self.pass_rate,
            "score": self.score,
            "best_constant": best_constant().score,
            "capabilities": rows,
        }


def reading(probability: float) -> str:
    """The three-way reading of a probability of "positive"."""
    low, high = NEUTRAL_ZONE
    return "negative" if probability < low else "positive" if probability > high else "neutral"


def holds(case: Case, probability: float, reference: float | None = None) -> bool:
    """Whether a probability meets the case, beside that of the case's reference if it has one.

    Raises ValueError for an unknown expectation, or where the reference's probability lacks.
    """
    got = reading(probability)
    if case.expectation not in EXPECTATIONS:
        raise ValueError(
            f"expectation must be one of {', '.join(EXPECTATIONS)}, got {case.expectation!r}"
        )
    wanted = case.expectation.removeprefix("not ")
    if (got == wanted) == case.expectation.startswith("not "):
        return False
    return case.reference is None or _kept(case, probability, reference)


def _kept(case: Case, probability: float, reference: float | None) -> bool:
    if reference is None:
        raise ValueError(f"the case needs the probability of {case.reference!r}")
    near = case.tolerance is None or abs(probability - reference) <= case.tolerance
    return near and reading(probability) == reading(reference)


_SIDES = ("negative", "positive", "neither")


def _side(case: Case) -> str:
    return case.expectation if case.expectation in _SIDES else "neither"


def run_suite(
    classifier: Predictor, capabilities: Sequence[Capability] | None = None
) -> SuiteResult:
    """Run the suite, or the given capabilities, in one batch.

    Raises SentimentError for a classifier with other than two labels, which has no probability of
    "positive".
    """
    chosen = suite() if capabilities is None else tuple(capabilities)
    texts = list(dict.fromkeys(_texts(chosen)))
    read: dict[str, float] = {}
    for text, prediction in zip(texts, classifier.predict_batch(texts), strict=True):
        if prediction.probability is None:
            raise SentimentError(f"the suite needs two labels, got {', '.join(prediction.labels)}")
        read[text] = prediction.probability
    return SuiteResult(tuple(_result(capability, read) for capability in chosen))


def _texts(capabilities: Sequence[Capability]) -> Iterator[str]:
    for capability in capabilities:
        for case in capability.cases:
            yield case.text
            if case.reference is not None:
                yield case.reference


@cache
def best_constant() -> SuiteResult:
    """The whole suite as the constant answer that scores best would pass it."""
    texts = set(_texts(suite()))
    results = (
        SuiteResult(tuple(_result(one, dict.fromkeys(texts, p)) for one in suite()))
        for p in (0.0, 0.5, 1.0)
    )
    return max(results, key=lambda result: result.score)


def _result(capability: Capability, read: Mapping[str, float]) -> CapabilityResult:
    failures = []
    kept = 0
    wanted, met = dict.fromkeys(_SIDES, 0), dict.fromkeys(_SIDES, 0)
    for case in capability.cases:
        p = read[case.text]
        beside = None if case.reference is None else read[case.reference]
        kept += case.reference is not None and _kept(case, p, beside)
        wanted[_side(case)] += 1
        if holds(case, p, beside):
            met[_side(case)] += 1
        else:
            failures.append(Failure(case.text, case.expectation, p, case.reference, beside))
    n = len(capability.cases)
    compared = sum(case.reference is not None for case in capability.cases)
    low, high = wilson_interval(n - len(failures), n)
    return CapabilityResult(
        capability.name,
        capability.description,
        n,
        n - len(failures),
        low,
        high,
        compared,
        kept,
        wanted,
        met,
        tuple(failures),
    )


def wilson_interval(successes: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a share. Wilson 1927."""
    if not count:
        return 0.0, 1.0
    share = successes / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return (0.0 if successes == 0 else low), (1.0 if successes == count else high)
