"""Augmentation: targets, polarity, reproducibility, and frames apart from the suite's."""

import re

import pytest

from sentiment.behaviour import MINIMAL_PAIRS, suite
from train.data.labelled import Example
from train.recipe.augment import (
    SHARES,
    Generator,
    Lexicon,
    neutral_nouns,
    skeleton,
    tidy,
    treebank_lexicon,
)
from train.recipe.grammar import NEUTRAL, POLAR, frames


def test_every_frame_can_be_filled_in_both_polarities():
    generator = Generator(seed=3)
    for frame in frames():
        for positive in (True, False):
            for _ in range(5):
                text = generator.sentence(frame, positive=positive)
                assert text
                for emoticon in (word for side in POLAR["emoticon"] for word in side):
                    text = text.replace(emoticon, "")
                assert not set(text) & set("{}()|"), (frame.template, text)


def test_the_drawn_polarity_fills_a_slot_and_a_mark_turns_it():
    generator = Generator(seed=1)
    good, bad = POLAR["noun"]
    for _ in range(50):
        assert generator.filler("noun", positive=True) in good
        assert generator.filler("noun", positive=False) in bad
    chosen = next(f for f in frames() if f.template.startswith("not {!adj}, "))
    own = Lexicon(polar={**POLAR, "adj": (("sunny",), ("gloomy",))}, neutral=NEUTRAL)
    text = Generator(own, seed=2)
    text.random.random = lambda: 0.99  # type: ignore[method-assign]  # never the common words
    assert text.sentence(chosen, positive=True).endswith("sunny")


def test_targets_are_those_of_a_negation():
    for frame in frames():
        assert 0 <= frame.positive <= 1
        assert 0 <= frame.negative <= 1
        if frame.capability in ("negation", "far negation") and "{" in frame.template:
            assert (
                frame.positive <= 0.5
                or "never (fails" in frame.template
                or (frame.positive == frame.negative or "{!" in frame.template)
            )
        if frame.capability in (
            "neutral",
            "negated neutral",
            "protected terms",
            "everyday facts",
            "negated everyday facts",
            "protected terms in daily life",
        ):
            assert frame.positive == frame.negative == 0.5
        if frame.capability == "mild statements":
            assert 1 / 3 - 0.1 < frame.negative <= frame.positive < 2 / 3


def test_the_same_seed_gives_the_same_sentences_and_another_seed_others():
    first, again, other = (list(Generator(seed=s).examples(500)) for s in (0, 0, 1))
    assert first == again
    assert first != other
    assert len({e.text for e in first}) == len(first) > 400


def test_word_lists_of_daily_life_are_slots_like_the_others():
    assert "umbrella" not in NEUTRAL["vehicle"]
    assert "tram" in NEUTRAL["vehicle"]
    assert "😍" in POLAR["smile"][0]
    assert "😡" in POLAR["smile"][1]
    assert "" in NEUTRAL["clap"]


def test_a_protected_term_leaves_sentence_and_target_alone():
    polar = next(f for f in frames() if f.capability == "polar sentences with a term")
    generator = Generator(seed=4)
    seen = list(generator.examples(4000))
    targets = {example.text: example.target for example in seen}
    assert len(targets) == len(seen)
    state = generator.random.getstate()
    first = generator.example(polar)
    generator.random.setstate(state)
    second = generator.example(polar)
    assert first.target == second.target
    assert skeleton(first.text) == skeleton(second.text)


def test_what_decorates_a_sentence_leaves_its_words_in_place():
    generator = Generator(seed=2)
    for _ in range(60):
        changed = generator.decorated("the soup was good")
        assert "the soup was" in changed
        assert changed.replace("#", "").split("the soup was")[1].startswith(" good")


def test_every_capability_has_frames_and_a_share():
    assert {frame.capability for frame in frames()} == set(SHARES)


def test_the_treebank_adds_fillers_of_its_own_polarity():
    examples = [
        Example("shimmering", 0.5),
        Example("wonderous", 1.0),
        Example("a luminous little film", 1.0),
        Example("a leaden mess", 0.0),
        Example("not a leaden mess", 1.0),
        Example("it is a joy from start to finish", 1.0),
    ]
    lexicon = treebank_lexicon(examples)
    assert "wonderous" in lexicon.polar["adj"][0]
    assert "shimmering" not in lexicon.polar["adj"][0]
    assert "a luminous little film" in lexicon.polar["np"][0]
    assert lexicon.polar["np"][1] == ("a leaden mess",)
    assert lexicon.polar["sentence"][0] == ("it is a joy from start to finish",)


def test_neutral_nouns_stand_behind_determiners_on_both_sides():
    good = ["The ferry was late. The gem was here. They ran in town."] * 15
    bad = ["The ferry was late. The flop was here. They ran in town."] * 15
    found = neutral_nouns(good + bad, [1] * 15 + [0] * 15)
    assert found == ["ferry"]
    lexicon = treebank_lexicon([], found)
    texts = [e.text for e in Generator(lexicon, 0).examples(3000)]
    assert any("ferry" in text for text in texts)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("a  awful film .", "an awful film."),
        ("i went ,, home", "i went, home"),
        ("an plain meal", "a plain meal"),
    ],
)
def test_tidy(raw, wanted):
    assert tidy(raw) == wanted


def test_skeletons_forget_content_words_alone():
    assert skeleton("The soup was not good.") == "the _ was not _"
    assert skeleton("The soup and a car") != skeleton("The soup or a car")


def test_the_behavioural_suite_shares_no_frame_with_training():
    examples = list(Generator(seed=5).examples(60_000))
    sentences = (part for e in examples for part in re.split(r"(?<=[.!?]) ", e.text))
    trained = {skeleton(sentence) for sentence in sentences}
    texts = {e.text.lower().rstrip(".!") for e in examples}
    for capability in suite():
        if capability.name in ("neutral word", "protected term alone"):  # words, not sentences
            continue
        for case in capability.cases:
            frame = skeleton(case.text)
            # Three function words or fewer are no frame: "the _ was _" holds half of all English.
            if len(frame.replace("_", " ").split()) > 3:
                assert frame not in trained, (case.text, frame)
            assert case.text.lower().rstrip(".!") not in texts, case.text
    assert not {text.lower().rstrip(".!") for pair in MINIMAL_PAIRS[50:] for text in pair} & texts
