"""The behavioural suite: what holds, what fails, and that training never saw its frames."""

import json

import pytest

from sentiment.behaviour import (
    MINIMAL_PAIRS,
    Capability,
    Case,
    holds,
    reading,
    run_suite,
    suite,
    wilson_interval,
)
from sentiment.values import Prediction


class Constant:
    """Reads every text alike, or by a table."""

    def __init__(self, probability=0.5, table=None):
        self.probability, self.table = probability, table or {}

    def predict_batch(self, texts):
        return [
            Prediction(
                t, "positive", 0.0, self.table.get(t, self.probability), (), ("n", "p"), (), ()
            )
            for t in texts
        ]


def test_a_constant_reader_passes_exactly_what_allows_its_constant():
    by_name = {result.name: result for result in run_suite(Constant(0.5)).results}
    assert by_name["neutral statement"].pass_rate == 1
    assert by_name["protected term"].pass_rate == 1
    assert by_name["negated praise"].pass_rate == 0
    negative = {result.name: result for result in run_suite(Constant(0.01)).results}
    assert negative["negated praise"].pass_rate == 1
    assert negative["double negation"].pass_rate == 0
    assert negative["change over time"].pass_rate == 0.5


@pytest.mark.parametrize(
    ("expectation", "inside", "outside"),
    [
        ("negative", 0.49, 0.51),
        ("positive", 0.51, 0.49),
        ("not negative", 0.34, 0.33),
        ("neutral", 0.66, 0.67),
    ],
)
def test_expectations_at_their_borders(expectation, inside, outside):
    assert holds(Case("x", expectation), inside)
    assert not holds(Case("x", expectation), outside)


def test_the_same_reading_compares_with_the_reference():
    capability = Capability("c", "d", (Case("a", "same reading", "b"),))
    assert run_suite(Constant(table={"a": 0.6, "b": 0.4}), [capability]).results[0].passed == 1
    result = run_suite(Constant(table={"a": 0.7, "b": 0.4}), [capability]).results[0]
    assert (result.passed, result.failures[0].text) == (0, "a")
    with pytest.raises(ValueError, match="with a reference"):
        holds(Case("a", "same reading"), 0.5)


def test_an_unknown_expectation_says_which_there_are():
    with pytest.raises(ValueError, match="not negative"):
        holds(Case("x", "nice"), 0.5)


def test_more_labels_than_two_are_refused():
    class Three(Constant):
        def predict_batch(self, texts):
            return [Prediction(t, "a", 0.0, None, (), ("a", "b", "c"), (), ()) for t in texts]

    with pytest.raises(ValueError, match="two labels, got a, b, c"):
        run_suite(Three())


def test_readings_split_at_the_neutral_zone():
    assert [reading(p) for p in (0.2, 0.5, 0.8)] == ["negative", "neutral", "positive"]


def test_results_are_json_and_count_every_case():
    result = run_suite(Constant())
    row = json.loads(json.dumps(result.to_dict()))
    assert row["n"] == sum(len(capability.cases) for capability in suite()) == result.n
    for one in result.results:
        assert one.passed + len(one.failures) == one.n
        assert one.low <= one.pass_rate <= one.high


def test_the_suite_is_fixed_and_sized_for_a_page():
    assert suite() is suite()
    assert 300 <= sum(len(capability.cases) for capability in suite()) <= 2000
    for capability in suite():
        assert len(capability.cases) >= 20
        assert len({case.text for case in capability.cases}) == len(capability.cases)


def test_fifty_minimal_pairs():
    assert len(set(MINIMAL_PAIRS)) == 50
    assert all(plain != negated for plain, negated in MINIMAL_PAIRS)


def test_wilson_against_the_published_example():
    # Newcombe 1998, table I: 81 of 263.
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson_interval(0, 0) == (0, 1)
