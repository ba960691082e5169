"""Values are frozen, their arrays read-only float64, and the lazy parts come on first access."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from sentiment import explain
from sentiment.errors import SentimentError
from sentiment.values import Prediction, TokenScores, floats, integers
from tests.conftest import tiny_classifier
from tests.explaining import TEXT, shaped

LAZY = ("gates", "memory", "deletion", "gradient_reach", "faithfulness", "hierarchy")


def arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    """All arrays inside a value."""
    if isinstance(value, np.ndarray):
        return [value]
    if is_dataclass(value):
        return [a for f in fields(value) for a in arrays(getattr(value, f.name))]
    if isinstance(value, tuple | list):
        return [a for one in value for a in arrays(one)]
    return []


def test_every_array_is_read_only_float64_or_int64() -> None:
    explanation = shaped("two layers").explain(TEXT)
    comparison = shaped("two layers").compare("good", "not good")
    values = [explanation, comparison, explanation.token_scores()]
    values += [getattr(explanation, part) for part in LAZY]
    found = [array for value in values for array in arrays(value)]
    assert len(found) > 60
    for array in found:
        assert array.dtype in (np.float64, np.int64)
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_the_stable_interface() -> None:
    explanation = shaped("default").explain(TEXT)
    count, width = explanation.hidden_states.shape
    assert len(explanation.tokens) == count
    for array in (
        explanation.running_logits,
        explanation.ledger.last,
        explanation.ledger.max,
        explanation.ledger.mean,
        explanation.integrated_gradients.scores,
        explanation.hidden_norms,
        explanation.state_changes,
        explanation.cell_norms,
        explanation.pooling.shares,
    ):
        assert isinstance(array, np.ndarray)
        assert array.shape == (count,)
    assert explanation.pooling.winners.shape == (width,)
    assert isinstance(explanation.ledger.bias, float)
    assert isinstance(explanation.integrated_gradients.residual, float)
    assert explanation.phrase(0, 2).score != 0
    assert explanation.gates.forget.shape == (count, width)
    assert explanation.interaction(0, 2) == explanation.phrase(0, 2).interaction


def test_values_are_frozen() -> None:
    explanation = shaped("default").explain("good")
    for value in (explanation, explanation.ledger, explanation.prediction, explanation.tokens[0]):
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, None)


def test_lazy_parts_are_found_once() -> None:
    explanation = shaped("default").explain(TEXT)
    for part in (*LAZY, "lanes", "smallest_edit"):
        assert getattr(explanation, part) is getattr(explanation, part)


@pytest.mark.parametrize("part", LAZY)
def test_lazy_parts_cost_nothing_until_asked_for(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(reading: object) -> None:
        raise RuntimeError("asked for")

    monkeypatch.setattr(explain, part, refuse)
    explanation = shaped("default").explain("good")
    with pytest.raises(RuntimeError, match="asked for"):
        getattr(explanation, part)


def test_every_method_is_among_the_lanes() -> None:
    explanation = shaped("default").explain(TEXT)
    read_panel = ["integrated gradients", "ledger", "final-state contribution"]
    read_panel += ["max-pool contribution", "mean-pool contribution", "max-pool wins"]
    read_panel += ["hidden norm", "state change", "cell norm"]
    others = [
        "deletion",
        "Shapley values",
        "LRP",
        "replacement",
        "contextual decomposition",
        "gradient norm",
        "memory kept",
    ]
    assert [lane.name for lane in explanation.lanes] == read_panel
    assert [lane.name for lane in explanation.token_scores()] == read_panel + others
    assert {lane.name for lane in explanation.available_lanes} == {*read_panel, *others}
    assert explanation.lane("deletion").scores is explanation.deletion.scores
    with pytest.raises(ValueError, match=r"a lane is one of .*, got 'magic'"):
        explanation.lane("magic")


def test_each_lane_carries_unit_and_sign() -> None:
    explanation = shaped("default").explain(TEXT)
    lanes = explanation.token_scores()
    assert lanes[: len(explanation.lanes)] == explanation.lanes
    assert len({lane.name for lane in lanes}) == len(lanes)
    for lane in lanes:
        assert isinstance(lane, TokenScores)
        assert lane.unit
        assert lane.signed or (lane.scores >= 0).all()


def test_copies_do_not_follow_their_source() -> None:
    source, counts = np.array([1.0, 2.0]), np.array([1, 2])
    copy, whole = floats(source), integers(counts)
    source[0], counts[0] = 9, 9
    assert (copy.tolist(), whole.tolist()) == ([1, 2], [1, 2])


def test_the_import_stays_light() -> None:
    code = "import sys, sentiment, sentiment.values; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "captum", "gradio", "datasets"} & set(loaded)


def test_explaining_needs_captum_only_for_integrated_gradients() -> None:
    code = "import sys, sentiment.explain, sentiment.report; print('captum' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("probability", "label", "reading"),
    [
        (0.2, "negative", "negative"),
        (1 / 3, "negative", "neutral"),
        (0.6, "positive", "neutral"),
        (2 / 3, "positive", "neutral"),
        (0.67, "positive", "positive"),
    ],
)
def test_a_reading_has_three_values_and_a_leaning(
    probability: float, label: str, reading: str
) -> None:
    labels = ("negative", "positive")
    one = Prediction("x", label, 0.0, probability, (), labels, (0.0, 0.0), (0.5, 0.5))
    assert (one.reading, one.leaning, one.label) == (reading, label, label)
    spam = Prediction("x", "ham", 0.0, probability, (), ("ham", "spam"), (0.0, 0.0), (0.5, 0.5))
    assert spam.reading == "ham"
    unread = replace(one, fault="no words to read")
    assert (unread.reading, unread.leaning) == ("unknown", label)


def test_frames_have_a_row_for_each_token() -> None:
    pytest.importorskip("pandas", reason="pandas is optional")
    classifier = tiny_classifier()
    explanation = classifier.explain("not a good film")
    table = explanation.to_frame()
    assert table["token"].tolist() == ["not", "a", "good", "film"]
    assert table["running logit"].tolist() == explanation.running_logits.tolist()
    assert [lane.name for lane in explanation.lanes] == list(table.columns)[6:]
    for lane in explanation.lanes:
        assert table[lane.name].tolist() == lane.scores.tolist()
    compared = classifier.compare("a good film", "not a good film")
    rows = compared.to_frame()
    assert rows["second"].tolist() == ["not", "a", "good", "film"]
    assert rows["first"].isna().tolist() == [True, False, False, False]
    assert rows["total"].sum() + compared.bias_delta == pytest.approx(compared.logit_delta)


def test_without_pandas_a_frame_says_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SentimentError, match="pip install pandas"):
        tiny_classifier().explain("good").to_frame()
