"""Texts in slots, and weights laid out once: the very numbers of the one forward path, faster."""

from __future__ import annotations

import copy
import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import kernels, slots
from sentiment.batches import WINDOW_TEXTS, WINDOW_TOKENS, windows
from sentiment.cancellation import CancellationError, cancellable
from sentiment.classifier import SentimentClassifier
from sentiment.model import PackedGRUClassifier, PackedLSTMClassifier, pad
from tests.conftest import tiny_classifier

POOLINGS = (("last",), ("max",), ("mean", "last"), ("last", "max", "mean"))


def frozen(pooling: tuple[str, ...] = POOLINGS[-1], *, halves: bool = True) -> PackedLSTMClassifier:
    """A model of 32 bits, with weights that 16 bits hold, or not."""
    torch.manual_seed(0)
    model = PackedLSTMClassifier(40, 6, 10, pooling=pooling, output_dim=3)
    for parameter in model.parameters():
        parameter.data.mul_(3)
        if halves:
            parameter.data.copy_(parameter.data.half().float())
    return model.eval().requires_grad_(False)


@given(
    pooling=st.sampled_from(POOLINGS),
    halves=st.booleans(),
    texts=st.lists(st.lists(st.integers(1, 39), min_size=1, max_size=9), min_size=1, max_size=30),
    count=st.integers(1, 9),
)
@settings(max_examples=40, deadline=None)
def test_slots_give_the_logits_of_the_forward_path(
    pooling: tuple[str, ...], halves: bool, texts: list[list[int]], count: int
) -> None:
    model = frozen(pooling, halves=halves)
    found = torch.tensor(slots.slot_logits(model, texts, min(count, len(texts))))
    with torch.no_grad():
        wanted = torch.cat([model(*pad([text])) for text in texts])
    torch.testing.assert_close(found, wanted, atol=2e-6, rtol=2e-6)


@given(
    texts=st.lists(st.lists(st.integers(1, 39), min_size=1, max_size=9), min_size=1, max_size=30),
    count=st.integers(1, 9),
)
@settings(max_examples=30, deadline=None)
def test_a_plan_reads_every_token_once_and_never_idles_long(
    texts: list[list[int]], count: int
) -> None:
    count = min(count, len(texts))
    plan = slots.planned(texts, count)
    assert sum(plan.counts) == sum(map(len, texts))
    assert plan.counts == sorted(plan.counts, reverse=True)
    read: dict[int, list[int]] = {place: [] for place in range(count)}
    found, order = {}, iter(plan.order)
    for step, (row, width) in enumerate(zip(plan.ids.tolist(), plan.counts, strict=True)):
        for place in range(width):
            read[place].append(row[place])
        for place in plan.ends.get(step, torch.tensor([])).tolist():
            found[next(order)], read[place] = read[place], []
    assert found == dict(enumerate(texts))
    # Graham's bound on the last step
    assert len(plan.counts) <= sum(map(len, texts)) / count + max(map(len, texts))


def test_only_what_it_reads_goes_through_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "steps_pay", lambda: True)
    lengths = [5] * 40
    assert slots.slots_for(frozen(), lengths) == 40
    assert slots.slots_for(frozen(), [5] * 1000) == slots.MOST_SLOTS
    assert slots.slots_for(frozen(), [5] * (slots.FEWEST_SLOTS - 1)) == 0
    assert slots.slots_for(frozen(), [5] * 40 + [1000]) == 0  # most would wait for the longest
    assert slots.slots_for(frozen(), []) == 0
    gru = PackedGRUClassifier(40, 6, 10).eval().requires_grad_(False)
    deep = PackedLSTMClassifier(40, 6, 10, layers=2).eval().requires_grad_(False)
    both = PackedLSTMClassifier(40, 6, 10, bidirectional=True).eval().requires_grad_(False)
    trained = frozen().requires_grad_(True)
    for other in (gru, deep, both, trained, frozen().double()):
        assert slots.slots_for(other, lengths) == 0
    with torch.autocast("cpu", torch.bfloat16):
        assert slots.slots_for(frozen(), lengths) == 0
    monkeypatch.setattr(slots, "steps_pay", lambda: False)
    assert slots.slots_for(frozen(), lengths) == 0


def test_a_classifier_scores_the_same_through_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = tiny_classifier(dtype=torch.float32)
    ids = [[2 + (i * j) % 9 for j in range(1, 2 + i % 7)] for i in range(90)]
    monkeypatch.setattr(slots, "steps_pay", lambda: False)
    wanted = classifier.logits(ids)
    monkeypatch.setattr(slots, "steps_pay", lambda: True)
    assert torch.tensor(classifier.logits(ids)).equal(torch.tensor(classifier.logits(ids)))
    torch.testing.assert_close(
        torch.tensor(classifier.logits(ids)), torch.tensor(wanted), atol=2e-6, rtol=2e-6
    )
    stopped = threading.Event()
    stopped.set()
    with cancellable(stopped), pytest.raises(CancellationError):
        classifier.logits(ids)


def test_slots_use_one_thread_and_give_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(slots, "check_cancelled", lambda: seen.append(torch.get_num_threads()))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        slots.slot_logits(frozen(), [[3, 4, 5]] * 20, 16)
        assert seen == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_changed_weights_are_read_anew() -> None:
    model, ids = frozen(), [[3, 4, 5]] * 20
    with torch.no_grad():
        before, shown = slots.slot_logits(model, ids, 16), model(*pad(ids))
        dict(model.recurrence.named_parameters())["weight_hh_l0"].mul_(-1)
        after = torch.tensor(slots.slot_logits(model, ids, 16))
        torch.testing.assert_close(after, model(*pad(ids)), atol=2e-6, rtol=2e-6)
    assert not after.allclose(torch.tensor(before), atol=1e-3)
    torch.testing.assert_close(torch.tensor(before), shown, atol=2e-6, rtol=2e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 20), (7, 3), (40, 11)])
def test_laid_out_weights_give_the_layers_very_bits(shape: tuple[int, int]) -> None:
    layer = frozen().recurrence
    embedded = torch.randn(*shape, 6)
    with torch.no_grad():
        hidden, (final, cell) = kernels.fused(layer, embedded)
        wanted, (last, memory) = layer(embedded)
        copied, _ = kernels.fused(copy.deepcopy(layer), embedded)
    for ours, theirs in ((hidden, wanted), (final, last), (cell, memory), (copied, wanted)):
        assert ours.shape == theirs.shape
        assert ours.equal(theirs)
    embedded.requires_grad_(True)
    kernels.fused(layer, embedded)[0].sum().backward()
    assert embedded.grad is not None


def test_shipped_weights_are_exact_in_sixteen_bits(shipped: SentimentClassifier) -> None:
    for name, weight in shipped.model.recurrence.named_parameters():
        assert weight.half().float().equal(weight), name


def test_windows_hold_all_in_order_and_so_many_at_once() -> None:
    lengths = [WINDOW_TOKENS + 5, 1, WINDOW_TOKENS - 1, 1, *[1] * (WINDOW_TEXTS + 3)]
    found = list(windows(lengths))
    assert [i for window in found for i in window] == list(range(len(lengths)))
    assert all(len(window) <= WINDOW_TEXTS for window in found)
    assert all(
        sum(lengths[i] for i in window) <= WINDOW_TOKENS for window in found if len(window) > 1
    )
    assert list(windows([])) == []
