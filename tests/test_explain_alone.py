"""Phrases read alone re-predict, and their interactions are differences of what was read."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sentiment import explain
from sentiment.classifier import SentimentClassifier
from sentiment.explain import alone as module
from sentiment.explain.reading import Reading
from sentiment.negation import CLAUSE_ENDS, NEGATORS
from tests.explaining import TEXT, every_shape, every_text, read, shaped


def logit_of(reading: Reading, words: list[str], classifier: SentimentClassifier) -> float:
    """The target's logit of words as a text of their own, by the front door."""
    logits = classifier.predict(" ".join(words)).logits
    return logits[1] if len(classifier.labels) == 2 else logits[reading.target]


@every_shape
@every_text
def test_a_phrase_reads_as_the_same_words_do_as_a_text(shape: str, text: str) -> None:
    classifier = shaped(shape)
    reading, words = read(classifier, text), text.split()
    count = len(words)
    spans = [(s, e) for s in range(count) for e in range(s + 1, count + 1)][::3]
    for found in explain.read_alone(reading, spans):
        start, end, split = found.start, found.end, found.split
        mine = words[start:end]
        assert found.logit == pytest.approx(logit_of(reading, mine, classifier), abs=1e-9)
        probabilities = classifier.predict(" ".join(mine)).probabilities
        index = 1 if len(classifier.labels) == 2 else reading.target
        assert found.probability == pytest.approx(probabilities[index], abs=1e-9)
        if end - start == 1:
            assert (split, found.interaction) == (start, 0.0)
            assert found.first_logit is found.second_logit is None
            continue
        every = {
            place: found.logit
            - logit_of(reading, words[start:place], classifier)
            - logit_of(reading, words[place:end], classifier)
            for place in range(start + 1, end)
        }
        assert abs(every[split]) == pytest.approx(max(abs(x) for x in every.values()), abs=1e-9)
        assert found.interaction == pytest.approx(every[split], abs=1e-9)
        assert found.first_logit is not None
        assert found.second_logit is not None
        parts = found.first_logit + found.second_logit
        assert found.interaction == pytest.approx(found.logit - parts, abs=1e-9)


def test_the_whole_text_read_alone_is_the_verdict() -> None:
    for shape in ("default", "three labels, two layers"):
        reading = read(shaped(shape), TEXT)
        (whole,) = explain.read_alone(reading, [(0, reading.count)])
        assert whole.logit == pytest.approx(reading.logit, abs=1e-9)


def test_a_long_phrase_is_split_at_some_places_only() -> None:
    reading = read(shaped("small"), " ".join([TEXT] * 12))
    places = module._splits(0, reading.count)
    assert len(places) <= module.MOST_SPLITS
    assert {after - before for before, after in pairwise(places)} == {3}
    (whole,) = explain.read_alone(reading, [(0, reading.count)])
    assert whole.split in places


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (-1, 1), (0, 99)])
def test_a_span_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="a phrase must lie in tokens 0 to 14"):
        explain.read_alone(read(shaped("default"), TEXT), [span])


@pytest.mark.parametrize("text", [TEXT, "never was it at all good . not dull", ", . ,", "good"])
def test_interactions_are_the_strongest_first_and_all_of_them(text: str) -> None:
    classifier = shaped("default")
    reading, words = read(classifier, text), text.split()
    found = explain.interactions(reading)
    strengths = [abs(one.interaction) for one in found]
    assert strengths == sorted(strengths, reverse=True)
    for one in found:
        first, second = words[slice(*one.first)], words[slice(*one.second)]
        for half in (first, second):
            assert any(c.isalnum() for word in half for c in word)
        assert one.first_logit == pytest.approx(logit_of(reading, first, classifier), abs=1e-9)
        assert one.second_logit == pytest.approx(logit_of(reading, second, classifier), abs=1e-9)
        assert one.logit == pytest.approx(logit_of(reading, first + second, classifier), abs=1e-9)
        assert one.interaction == one.logit - one.first_logit - one.second_logit
    apart = {(one.first[0], one.second[0]) for one in found if one.apart}
    expected = {
        (negator, later)
        for negator, word in enumerate(words)
        if word in NEGATORS
        for later in range(negator + 2, len(words))
        if words[later].isalpha() and not CLAUSE_ENDS & set(words[negator + 1 : later + 1])
    }
    assert apart == expected
    neighbours = {(one.first[0], one.second[1]) for one in found if not one.apart}
    count = len(words)
    assert all(end - start <= module.LONGEST for start, end in neighbours)
    if all(word.isalpha() for word in words):
        pairs = {(s, e) for s in range(count) for e in range(s + 2, min(s + 5, count) + 1)}
        assert neighbours == pairs


FAR = [
    ("I do not think that the printer we bought for the office was clever", "not", "clever"),
    ("I don't think that the film my brother chose last week was good", "n't", "good"),
    ("Nobody who came to the party on Friday night was happy", "nobody", "happy"),
    ("I would not say that the soup they served us was delicious", "not", "delicious"),
    ("It is not the case that the new phone is useful", "not", "useful"),
    ("She never said that the lecture on Monday was interesting", "never", "interesting"),
    ("I do not believe that the hotel near the station was comfortable", "not", "comfortable"),
    ("We didn't find that the service at the counter was friendly", "n't", "friendly"),
    ("I do not think that the plot of this book was boring", "not", "boring"),
    ("Nobody in the whole theatre thought the jokes were funny", "nobody", "funny"),
    ("I can't say that the coach we hired was helpful", "n't", "helpful"),
    ("No one at the office called the new manager stupid", "no", "stupid"),
    ("I do not feel that the ending of the show was satisfying", "not", "satisfying"),
    ("It wasn't something that I would call beautiful", "n't", "beautiful"),
    ("I don't suppose that the garden behind the house is lovely", "n't", "lovely"),
    ("There was hardly a moment in the second half that was exciting", "hardly", "exciting"),
    ("None of the people who came on Friday were happy", "none", "happy"),
    ("None of the staff that we met at the hotel were helpful", "none", "helpful"),
    ("Nothing that they served us at dinner was delicious", "nothing", "delicious"),
    ("Neither the plot nor the acting in this film is good", "neither", "good"),
    ("Not one of the rooms that we looked at was clean", "not", "clean"),
    ("Nowhere in the book did I find a chapter that was interesting", "nowhere", "interesting"),
    ("No one in my family found the film funny", "no", "funny"),
    ("Little that he said in the long interview was interesting", "little", "interesting"),
    ("Few of the people in the room were happy", "few", "happy"),
    ("The waiter rarely brought us a meal that was tasty", "rarely", "tasty"),
    ("He seldom wrote a song that was good", "seldom", "good"),
]


def test_what_is_granted_is_no_negator() -> None:
    reading = read(shaped("default"), "A few of them were good , but few had little fun")
    negators = {one.first for one in explain.interactions(reading) if one.apart}
    assert negators == {(8, 9)}  # "few" before "little fun", not "a few"


def test_a_negator_finds_its_word_across_a_distance(shipped: SentimentClassifier) -> None:
    missed = []
    for text, negator, word in FAR:
        explanation = shipped.explain(text)
        best = explanation.interactions[0]
        words = [token.text.lower() for token in explanation.tokens]
        if (words[slice(*best.first)], words[slice(*best.second)]) != ([negator], [word]):
            missed.append(text)
    assert len(missed) <= 1, missed
