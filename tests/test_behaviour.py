"""The behavioural suite: what holds, what fails, and that training never saw its frames."""

import json

import pytest

from sentiment.behaviour import (
    MINIMAL_PAIRS,
    Capability,
    Case,
    best_constant,
    holds,
    reading,
    run_suite,
    suite,
    wilson_interval,
)
from sentiment.errors import SentimentError
from sentiment.suite import parse
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


def test_no_constant_answer_looks_good():
    by_name = {result.name: result for result in run_suite(Constant(0.5)).results}
    assert by_name["neutral statement"].pass_rate == 1
    assert by_name["protected term in a neutral sentence"].pass_rate == 1
    assert by_name["negated praise"].pass_rate == 0
    # What is always read alike keeps every reading, and is right in none that want another.
    polar = by_name["protected term in a polar sentence"]
    assert (polar.kept, polar.passed) == (polar.compared, 0)
    negative = {result.name: result for result in run_suite(Constant(0.01)).results}
    assert negative["negated praise"].pass_rate == 1
    assert negative["double negation"].pass_rate == 0
    assert negative["change over time"].pass_rate == 0.5
    best = max(run_suite(Constant(p / 20)).score for p in range(21))
    assert best == best_constant().score < 0.45
    assert run_suite(Constant(0.475)).score < 0.45  # a logit of -0.1


@pytest.mark.parametrize(
    ("expectation", "inside", "outside"),
    [
        ("negative", 0.33, 0.34),
        ("positive", 0.67, 0.66),
        ("not negative", 0.34, 0.33),
        ("not positive", 0.66, 0.67),
        ("neutral", 0.66, 0.67),
    ],
)
def test_expectations_at_their_borders(expectation, inside, outside):
    assert holds(Case("x", expectation), inside)
    assert not holds(Case("x", expectation), outside)


def test_a_case_with_a_reference_must_be_right_and_alike():
    case = Case("a", "neutral", "b")
    capability = Capability("c", "d", (case,))
    one = run_suite(Constant(table={"a": 0.6, "b": 0.4}), [capability]).results[0]
    assert (one.passed, one.compared, one.kept) == (1, 1, 1)
    one = run_suite(Constant(table={"a": 0.6, "b": 0.3}), [capability]).results[0]
    assert (one.passed, one.kept, one.failures[0].reference) == (0, 0, "b")
    one = run_suite(Constant(table={"a": 0.2, "b": 0.3}), [capability]).results[0]
    assert (one.passed, one.kept) == (0, 1)
    near = Case("a", "neutral", "b", 0.05)
    assert holds(near, 0.5, 0.549)
    assert not holds(near, 0.5, 0.56)
    with pytest.raises(ValueError, match="needs the probability of 'b'"):
        holds(case, 0.5)


def test_an_unknown_expectation_says_which_there_are():
    with pytest.raises(ValueError, match="not negative"):
        holds(Case("x", "nice"), 0.5)


def test_more_labels_than_two_are_refused():
    class Three(Constant):
        def predict_batch(self, texts):
            return [Prediction(t, "a", 0.0, None, (), ("a", "b", "c"), (), ()) for t in texts]

    with pytest.raises(SentimentError, match="two labels, got a, b, c"):
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
        assert sum(one.wanted.values()) == one.n


def test_the_suite_is_fixed_and_sized_for_a_page():
    assert suite() is suite()
    sizes = {capability.name: len(capability.cases) for capability in suite()}
    assert 2500 <= sum(sizes.values()) <= 4000
    for capability in suite():
        assert len(capability.cases) >= 16
        assert len(set(capability.cases)) == len(capability.cases)
    assert sizes["neutral statement"] + sizes["negated neutral statement"] >= 250
    for name in ("another name", "another place", "another number"):
        assert sizes[name] >= 150


def test_a_suite_is_read_by_the_rules_in_its_head():
    text = """
# a remark
{good} = fine, good
[one] What it tests.
positive: An {good} {bird}.
{bird} = owl, hen
negative ~0.05: The {bird|} sang {flat}.
{flat} = flat
neutral: It is. => it is
neutral typo: a street
"""
    (capability,) = parse(text)
    assert (capability.name, capability.description) == ("one", "What it tests.")
    assert [case.text for case in capability.cases[:2]] == ["A fine owl.", "A fine hen."]
    assert Case("The hen sang flat.", "negative", "The owl sang flat.", 0.05) in capability.cases
    assert capability.cases[-2:] == (
        Case("it is", "neutral", "It is."),
        Case("a steret", "neutral", "a street"),
    )
    with pytest.raises(ValueError, match="not a line of a suite: 'maybe: x'"):
        list(parse("[one] two\nmaybe: x"))


def test_three_hundred_minimal_pairs():
    assert len(set(MINIMAL_PAIRS)) == len(MINIMAL_PAIRS) >= 300
    assert all(plain != negated for plain, negated in MINIMAL_PAIRS)


def test_wilson_against_the_published_example():
    # Newcombe 1998, table I: 81 of 263.
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson_interval(0, 0) == (0, 1)
