"""A text's own minimal pair: it re-predicts, no other edit moves the logit further, it is named."""

from __future__ import annotations

import pytest

from sentiment import explain, negation
from sentiment.classifier import SentimentClassifier
from sentiment.explain.counterfactual import without_opinions
from sentiment.explain.minimal_pair import LEAST, SEEN
from sentiment.ui.answers import Reader
from sentiment.ui.panels.compare import functions
from tests.conftest import answered
from tests.explaining import SHAPES, TEXT, read, shaped

HOTEL = "No complaints from me: nobody could call this a bad hotel."
EVERYDAY = """
great|not good|The staff was rude.|never again|meh|THE BEST DAY EVER|It's OK|What a day.
Who would not love this?|Is this any good?|Was it worth it?|none of the rooms were clean
The train was two hours late.|I can't fault the nurses|Wonderful, the printer has eaten my thesis.
I miss you 💔|💔💔|😍😍😍|I was on hold for an hour. Brilliant service 👏|don't bother|!!!
The film was shot in Norway in 2001.|The plot isn't terrible; it just isn't there.|asdf qwer
""".strip()
STAY = (
    "We arrived late and the desk was closed, but the night porter let us in and carried our bags. "
    "The room was small and smelled of paint, the shower dripped all night. "
)


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("text", [TEXT, "not good", "plot", "the film was it"])
def test_by_trying_every_edit(shape: str, text: str) -> None:
    reading = read(shaped(shape), text)
    found = explain.minimal_pair(reading)
    turning = [one for one in negation.edits(text) if one.kind not in ("intensify", "diminish")]
    turning = [one for one in turning if one.kind != "delete"]
    kinds = {
        "plain": without_opinions(reading, turning),
        "word": negation.words_edited(text, range(reading.count)),
        "part": negation.parts_left_out(text),
    }
    changes: dict[str, float] = {}
    for edits in kinds.values():
        for edit in edits:
            if shaped(shape).encoder.encode(edit.text).ids:
                again = read(shaped(shape), edit.text, reading.target).logit
                changes[edit.text] = again - reading.logit
        if max(map(abs, changes.values()), default=0) >= SEEN:
            break
    largest = max(map(abs, changes.values()), default=0)
    if found is None:
        assert largest < LEAST
    else:
        assert found.change == pytest.approx(changes[found.edit.text], abs=1e-9)
        assert abs(found.change) == pytest.approx(largest, abs=1e-9)


def test_every_text_of_more_than_a_mark_has_a_pair(shipped: SentimentClassifier) -> None:
    for text in [HOTEL, STAY * 5, *EVERYDAY.replace("\n", "|").split("|")]:
        explanation = shipped.explain(text)
        found = explanation.minimal_pair
        assert found is not None, text
        assert found.edit.text != text
        moved = shipped.predict(found.edit.text).logit - explanation.logit
        assert found.change == pytest.approx(moved, abs=1e-4)
        assert abs(found.change) >= LEAST
    assert shipped.explain("💔").minimal_pair is None


def test_a_sentence_that_no_rule_knows_says_how_its_pair_was_found(
    shipped: SentimentClassifier,
) -> None:
    asked = {one.__name__: answered(one) for one in functions(Reader(shipped))}["edits"]
    own = asked([{"text": HOTEL}])["own"]
    assert own["text"] == HOTEL.replace("bad", "good")
    assert own["verdict"]["label"] == "negative"
    assert "whether they read well or not" in own["said"]
    assert own["said"].endswith("“bad” turned into “good”.")
    assert asked([{"text": "not good"}])["own"]["said"] == (
        "A is your sentence with one word changed: “not” removed."
    )
    none = asked([{"text": "💔"}])
    assert none["own"] is None
    assert none["own_note"].startswith("This text has no pair of its own")


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ("Was it worth it?", "Was it not worth it?"),
        ("I can't fault it", "I can fault it"),
        ("I won't go", "I will go"),
        ("None of them came", "All of them came"),
        ("A bad hotel", "A good hotel"),
        ("It was fun", "It not was fun"),
    ],
)
def test_words_are_edited_in_place(text: str, edited: str) -> None:
    found = [edit.text for edit in negation.words_edited(text, range(9))]
    assert (edited in found) == (edited != "It not was fun")


def test_a_part_goes_with_its_mark() -> None:
    found = [edit.text for edit in negation.parts_left_out("We sat, but it was cold. Great!")]
    assert found == ["But it was cold. Great!", "We sat, Great!", "We sat, but it was cold."]
    assert negation.parts_left_out("one part alone.") == ()
