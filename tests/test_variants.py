"""Variants for a teacher to label: what may differ, what has its neighbours, who reads alike."""

from __future__ import annotations

import random
import re

import pytest
import torch

from train.recipe import variants


@pytest.fixture(scope="module")
def near():
    names = ["good", "fine", "film", "plot", "story", "walked", "waited", "not"]
    table = torch.tensor(
        [[1.0, 0], [0.9, 0.1], [0, 1.0], [0.1, 1.0], [0.05, 1.0], [1.0, 1.0], [1.0, 0.9], [1.0, 0]]
    )
    return variants.neighbours(["good fine film plot story walked waited not"], names, table)


def test_neighbours_are_near_have_the_same_ending_and_leave_grammar(near):
    assert set(near["film"]) == {"plot", "story"}
    assert "not" not in near
    assert all("not" not in words for words in near.values())
    assert "walked" not in near  # one other word in -ed is no choice
    assert "good" not in near


def test_a_variant_keeps_the_words_without_neighbours_or_says_less(near):
    generator = random.Random(3)
    made = {variants.variant("Not a Film, no plot.", near, [], generator) for _ in range(300)}
    assert len(made) > 5
    assert {word for text in made for word in text.lower().strip(".").replace(",", "").split()} == {
        *("not", "a", "no", "film", "plot", "story")
    }
    assert "Not a Story, no plot." in made


def test_some_variants_join_another_sentence(near):
    generator = random.Random(0)
    made = [variants.variant("A film.", near, ["We left."], generator) for _ in range(200)]
    joined = [text for text in made if "We left" in text]
    assert 5 < len(joined) < 60
    assert any(text.startswith("We left") for text in joined)


@pytest.mark.parametrize("text", ["", "...", "no", "🎉"])
def test_a_text_with_nothing_to_replace_is_left_or_emptied(near, text):
    made = {variants.variant(text, near, [], random.Random(seed)) for seed in range(40)}
    assert made <= {text, ""}


def test_texts_that_differ_by_a_word_for_people_get_one_label():
    texts = variants.with_other_people("My Deaf cousin sang.", random.Random(1))
    assert len(texts) == 4
    assert all(text.startswith("My ") and text.endswith(" cousin sang.") for text in texts)
    assert variants.with_other_people("My cousin sang.", random.Random(1)) == ["My cousin sang."]
    labels = dict(zip(texts, (0.2, 0.4, 0.6, 0.8), strict=True)) | {
        "A gay poet.": 0.1,
        "Rain.": 1.0,
    }
    found = variants.alike(labels)
    assert {found[text] for text in texts} == {0.5}
    assert found["A gay poet."] == 0.1
    assert found["Rain."] == 1.0
    assert found.keys() == labels.keys()


def test_other_numbers_leave_marks_times_and_prices_alone():
    generator = random.Random(2)
    texts = [
        variants.with_other_numbers("We waited 7 hours for 2 cups.", generator) for _ in range(9)
    ]
    assert all(re.fullmatch(r"We waited \d+ hours for \d+ cups\.", text or "") for text in texts)
    assert len(set(texts)) > 5
    for text in (
        "9/10, 4 stars",
        "at 7:30 for $8 or 3.50",
        "We waited 45 minutes.",
        "",
    ):
        assert variants.with_other_numbers(text, generator) is None
