"""Batches hold every text once, within their limits, and as little padding as an order allows."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.batches import length_batches

LENGTHS = st.lists(st.integers(0, 40), max_size=60)


@settings(deadline=None)
@given(LENGTHS, st.integers(1, 100), st.integers(1, 10), st.randoms(use_true_random=False))
def test_every_text_is_in_one_batch_within_both_limits(
    lengths: list[int], tokens: int, texts: int, random: Random
) -> None:
    order = list(range(len(lengths)))
    random.shuffle(order)
    for given_order in (None, order):
        found = list(
            length_batches(lengths, most_tokens=tokens, most_texts=texts, order=given_order)
        )
        flat = [index for batch in found for index in batch]
        assert flat == (given_order or sorted(order, key=lambda i: (lengths[i], i)))
        for batch in found:
            size = len(batch) * max(lengths[i] for i in batch)
            assert len(batch) == 1 or (len(batch) <= texts and size <= tokens)


@settings(deadline=None)
@given(LENGTHS, st.integers(1, 100))
def test_no_batch_could_have_taken_the_next_text(lengths: list[int], tokens: int) -> None:
    found = list(length_batches(lengths, most_tokens=tokens))
    for batch, following in pairwise(found):
        assert (len(batch) + 1) * lengths[following[0]] > tokens


def test_without_limits_all_are_one_batch() -> None:
    assert list(length_batches([3, 1, 2])) == [[1, 2, 0]]
    assert list(length_batches([])) == []
