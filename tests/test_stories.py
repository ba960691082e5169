"""Stories: what they claim is so of the shipped weights; what is wrong in a file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment.classifier import SentimentClassifier
from sentiment.ui.measures import Measured
from sentiment.ui.padded import padded_states, turning_example
from sentiment.ui.panels import PANELS
from sentiment.ui.several import several
from sentiment.ui.stories import StoryError, holds, parse, stories, told
from tests.conftest import tiny_classifier

STORY = """
title = "One"
about = "two"

[[sentences]]
first = "good film"

[[steps]]
sentence = "first"
head = "film"
says = "It reads {probability:first}, “{first}”."
claims = ["probability:first > 2"]
"""


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.name)
def test_every_claim_is_true_of_the_shipped_weights(story, shipped: SentimentClassifier) -> None:
    answer = told(story, shipped)
    assert [step["says"] for step in answer["steps"] if not step["holds"]] == []
    for step, shown in zip(story.steps, answer["steps"], strict=True):
        assert step.panel in {panel.name for panel in PANELS}
        assert not set("{}–") & set(shown["says"]), shown["says"]  # every figure is there
        for asked, place in ((step.head, shown["head"]), (step.word, shown["word"])):
            assert (asked is None) == (place is None), step


def test_there_are_six_stories_and_one_for_beginners() -> None:
    assert len(stories()) == 7
    assert sum(len(story.steps[0].claims) + len(story.steps[-1].claims) for story in stories()) > 4


def test_a_step_that_is_not_so_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "3-one.toml").write_text(STORY, encoding="utf-8")
    story = parse(tmp_path / "3-one.toml")
    classifier = tiny_classifier()
    (step,) = told(story, classifier)["steps"]
    odds = classifier.predict("good film").probability
    assert step["says"] == f"It reads {odds:.2f}, “good film”."
    assert (story.name, step["holds"], step["head"]) == ("one", False, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('sentence = "first"', 'sentence = "second"'),
        ('head = "film"', 'hand = "film"'),
        ('title = "One"', ""),
        ("[[steps]]", "[[steps"),
    ],
)
def test_a_file_that_cannot_be_told_is_refused(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(STORY.replace(before, after), encoding="utf-8")
    with pytest.raises(StoryError, match=r"wrong\.toml"):
        parse(path)


def test_claims_compare_figures_numbers_and_words() -> None:
    measured = Measured(tiny_classifier(), {"one": "good film", "two": "good film ."})
    assert holds("probability:one < 3/2", measured)
    assert not holds("probability:one < probability:one", measured)
    assert holds("most_won:one != plot", measured)
    assert not holds("rnn_reach:one > 0", measured)  # this model has no twin
    with pytest.raises(StoryError):
        holds("probability:one is fine", measured)


def test_padding_turns_the_classic_verdict_of_the_example(shipped: SentimentClassifier) -> None:
    text = turning_example(shipped)
    assert text is not None
    odds = padded_states(shipped, text).classic
    low, high = 1 / 3, 2 / 3
    assert len({(value > low) + (value > high) for value in odds}) > 1
    own = shipped.predict(text).probability
    assert own is not None
    assert abs(odds[0] - own) < 0.5


def test_no_example_is_claimed_of_a_model_without_a_final_state_part() -> None:
    assert turning_example(tiny_classifier(pooling=("max",))) is None


def test_a_bag_of_words_cannot_tell_an_order(shipped: SentimentClassifier) -> None:
    got = several(shipped, "The start is great, but the film is not good.", seed=1)
    lstm, rnn, bag = got["models"]
    assert [one["name"] for one in got["models"]] == ["LSTM", "vanilla RNN", "bag of words"]
    assert bag["probability"] == pytest.approx(bag["shuffled"])
    assert lstm["probability"] != pytest.approx(lstm["shuffled"])
    assert lstm["probability"] < 1 / 3 < bag["probability"]
    assert lstm["probability"] == pytest.approx(shipped.predict(got["text"]).probability, abs=1e-5)
    assert sorted(got["shuffled"].split()) == sorted(t["text"] for t in got["tokens"])
    assert rnn["words"] is None
    assert len(bag["words"] or ()) == len(got["tokens"])
