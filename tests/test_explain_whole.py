"""Whole explanations: odd texts, extreme weights, many threads."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from sentiment import explain
from sentiment.classifier import EmptyTextError, SentimentClassifier
from sentiment.comparison import compare
from sentiment.explanation import Explanation
from sentiment.report import render
from tests.conftest import tiny_classifier
from tests.explaining import SHAPES, TEXT, read, scaled, shaped
from tests.test_values import arrays

LAZY = ("gates", "memory", "deletion", "gradient_reach", "faithfulness", "hierarchy")


def check(explanation: Explanation, tolerance: float, logit_tolerance: float = 1e-3) -> str:
    """Every law that an explanation carries within itself; its page."""
    count = len(explanation.tokens)
    values: list[Any] = [explanation, *(getattr(explanation, part) for part in LAZY)]
    values += [explanation.token_scores(), explanation.phrase(0, count)]
    for array in [a for value in values for a in arrays(value)]:
        if array is not explanation.pooling.margins:
            assert np.isfinite(array).all()
    for value in values:
        assert all(math.isfinite(number) for number in scalars(value))
    assert abs(explanation.ledger.residual) <= tolerance
    assert explanation.running_logits[-1] == pytest.approx(explanation.logit, abs=tolerance)
    assert explanation.pooling.shares.sum() == pytest.approx(1, abs=1e-9)
    assert explanation.gates.residual <= tolerance
    assert explanation.memory.residual <= tolerance
    if explanation.memory.kept.any():
        assert explanation.memory.shares.sum() == pytest.approx(1, abs=1e-9)
    gradients = explanation.integrated_gradients
    difference = explanation.logit - gradients.baseline_logit
    assert gradients.residual == pytest.approx(gradients.scores.sum() - difference, abs=1e-9)
    assert gradients.converged == (abs(gradients.residual) <= gradients.tolerance)
    whole = explanation.phrase(0, count)
    assert abs(whole.residual) <= tolerance
    assert abs(whole.rest) <= max(tolerance, logit_tolerance * abs(explanation.logit))
    top = explanation.hierarchy.nodes[-1]
    assert (top.start, top.end) == (0, count)
    for share in explanation.faithfulness.methods:
        assert 0 <= share.comprehensiveness_percentile <= 100
    json.dumps(explanation.to_dict(), allow_nan=False)
    html = explanation.to_html()
    assert html.endswith("</html>\n")
    return html


def scalars(value: Any) -> list[float]:
    """All floats inside a value, arrays aside."""
    if isinstance(value, float):
        return [value]
    if is_dataclass(value):
        return [n for f in fields(value) for n in scalars(getattr(value, f.name))]
    if isinstance(value, tuple | list):
        return [n for one in value for n in scalars(one)]
    return []


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize(
    "text", ["good", "xyzzy", "xyzzy plugh xyzzy", "good good good good good good", "! ? . ,", TEXT]
)
def test_odd_texts_stay_lawful(shape: str, text: str) -> None:
    check(shaped(shape).explain(text), 1e-10, 1e-10)


@pytest.mark.parametrize("factor", [0.0, 100.0, 1e4])
@pytest.mark.parametrize("layers", [1, 2])
def test_dead_and_saturated_gates_stay_lawful(factor: float, layers: int) -> None:
    classifier = scaled(tiny_classifier(5, layers=layers), factor)
    check(classifier.explain(TEXT), 1e-9)
    check(classifier.explain("good"), 1e-9)


def test_saturated_fp32_stays_finite() -> None:
    check(scaled(tiny_classifier(6, dtype=torch.float32), 1e3).explain(TEXT), 1e-3)


@pytest.mark.parametrize("count", [30, 143])
@pytest.mark.parametrize(("factor", "dtype"), [(30, torch.float32), (100, torch.float64)])
def test_gradients_that_overflow_are_given_as_what_they_are(
    count: int, factor: float, dtype: torch.dtype
) -> None:
    """Chaotic weights over 420 and 2,002 tokens: no replay can agree, but all is finite."""
    classifier = scaled(tiny_classifier(2, hidden_dim=24, dtype=dtype), factor)
    explanation = classifier.explain(" ".join([TEXT] * count))
    assert np.isfinite(explanation.integrated_gradients.scores).all()
    assert np.isfinite(explanation.gradient_reach.full).all()
    if dtype == torch.float32:
        assert explanation.gradient_reach.full.max() == np.finfo(np.float64).max
    assert explanation.memory.shares.sum() == pytest.approx(1, abs=1e-9)
    gradients = explanation.integrated_gradients
    assert gradients.converged == (abs(gradients.residual) <= gradients.tolerance)
    parts = ("memory", "gradient_reach")
    assert "Gradient reach" in render(explanation.to_dict(parts))


def test_two_thousand_tokens() -> None:
    text = " ".join([TEXT] * 143)  # 2,002 tokens
    explanation = tiny_classifier(1, hidden_dim=4).explain(text)
    assert len(explanation.tokens) == 2002
    assert explanation.integrated_gradients.steps <= 32
    assert explanation.deletion.run == 8
    assert explanation.hierarchy.run == 63  # 32 runs of them
    runs = {lane.name: lane.run for lane in explanation.token_scores()}
    assert runs["deletion"] == runs["replacement"] == 8
    assert runs["contextual decomposition"] == 16
    assert runs["ledger"] == runs["integrated gradients"] == 1
    assert "one score for 8 words, shared equally" in check(explanation, 1e-9)


@pytest.mark.parametrize("text", ["not good", TEXT, "xyzzy", "a good " * 40])
def test_shipped_weights(shipped: SentimentClassifier, text: str) -> None:
    check(shipped.explain(text), 1e-4)


def test_residuals_show_what_does_not_add_up() -> None:
    reading = read(shaped("two layers"), TEXT)
    assert reading.trace.final_cell is not None
    trace = replace(
        reading.trace,
        logits=reading.trace.logits + 0.5,
        final_cell=reading.trace.final_cell + 0.25,
    )
    wrong = replace(reading, trace=trace)
    assert explain.ledger(wrong).residual == pytest.approx(0.5, abs=1e-10)
    assert explain.phrases(wrong, [(0, 3)])[0].residual == pytest.approx(0.5, abs=1e-10)
    largest = max(1.0, float((reading.trace.final_cell + 0.25).abs().max()))
    assert explain.memory(wrong).residual == pytest.approx(0.25 / largest, abs=1e-10)
    moved = replace(reading, trace=replace(trace, hidden=reading.trace.hidden + 0.125))
    assert explain.gates(moved).residual > 0.05  # gates read the very states they are held to
    one, other = shaped("default").explain("good"), shaped("default").explain("not good")
    comparison = compare(one, replace(other, logit=other.logit + 2))
    assert comparison.residual == pytest.approx(2, abs=1e-10)


def test_a_text_without_a_word_is_refused() -> None:
    with pytest.raises(EmptyTextError):
        shaped("default").explain("  \n ")


def test_targets_are_checked() -> None:
    with pytest.raises(ValueError, match="with two labels the target is 'positive'"):
        shaped("default").explain("good", target="negative")
    classifier = shaped("three labels")
    with pytest.raises(ValueError, match="target must be among bad, so-so, good"):
        classifier.explain("good", target="great")
    for number, label in enumerate(classifier.labels):
        explanation = classifier.explain(TEXT, target=label)
        assert explanation.target == label
        assert explanation.logit == classifier.predict(TEXT).logits[number]
    assert classifier.explain(TEXT).target == classifier.predict(TEXT).label


def fingerprint(explanation: Explanation) -> bytes:
    """All bytes of the parts of the Read panel and of the lazy ones that the JSON holds."""
    found = arrays(explanation) + arrays(explanation.gates)
    return b"".join(array.tobytes() for array in found) + repr(explanation.to_dict()).encode()


def test_eight_threads_give_the_bytes_of_one() -> None:
    classifier = tiny_classifier(3, hidden_dim=4, dtype=torch.float32)
    texts = ["good", "not good", "the film was awful", "very dull , but fine"]
    expected = [fingerprint(classifier.explain(text)) for text in texts]

    def work(worker: int) -> list[bool]:
        torch.set_num_threads(1)
        chosen = [(worker + i) % len(texts) for i in range(20)]
        return [fingerprint(classifier.explain(texts[i])) == expected[i] for i in chosen]

    with ThreadPoolExecutor(8) as pool:
        results = [same for part in pool.map(work, range(8)) for same in part]
    assert len(results) == 160
    assert all(results)


def test_threads_share_one_explanation() -> None:
    explanation = shaped("default").explain(TEXT)
    expected = shaped("default").explain(TEXT).to_html()
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: explanation.to_html(), range(16)))
    assert set(pages) == {expected}


def test_studies_keep_to_one_thread() -> None:
    """What NumPy's library would share among threads of its own, which spin for a while after."""
    code = (
        "import time, torch; torch.set_num_threads(1)\n"
        "from sentiment.classifier import load\n"
        f"text, classifier = {' '.join([TEXT] * 4)!r}, load()\n"
        "for _ in range(2):\n"
        "    explanation = classifier.explain(text)\n"
        "    whole, own = time.process_time(), time.thread_time()\n"
        "    explanation.find_studies(), explanation.token_scores(), explanation.gradient_reach\n"
        "    whole, own = time.process_time() - whole, time.thread_time() - own\n"
        "print(whole / own)"
    )
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    ran = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, check=True)
    assert float(ran.stdout) < 1.15
