"""A reading rereads as the model reads, remembers what was found, and cuts long texts fairly."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentiment.explain import reading as reading_module
from sentiment.explain.reading import Reading, runs, spread
from tests.explaining import TEXT, every_shape, read, shaped


@every_shape
def test_rereading_gives_the_models_own_logits(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BATCH_TOKENS", 16)  # many batches, of unlike lengths
    reading = read(shaped(shape), TEXT)
    sentences = [[2, 3], [4], [], list(range(2, 20)), [5, 5, 5], [7, 8]]
    logits = reading.reread(sentences)
    for sentence, row in zip(sentences, logits, strict=True):
        alone = reading.model(torch.tensor([sentence or [1]]), torch.tensor([len(sentence) or 1]))
        torch.testing.assert_close(row, alone[0].detach(), rtol=0, atol=1e-12)


def test_what_was_found_is_found_once() -> None:
    calls = []

    def method(reading: Reading) -> int:
        calls.append(reading)
        return 7

    reading = read(shaped("default"), TEXT)
    assert [reading.of(method), reading.of(method)] == [7, 7]
    assert calls == [reading]


def test_the_target_defaults_to_the_highest_logit() -> None:
    classifier = shaped("three labels")
    reading = read(classifier, TEXT)
    assert reading.target == int(reading.trace.logits[0].argmax())
    for target in range(3):
        assert read(classifier, TEXT, target).logit == float(reading.trace.logits[0, target])


def test_a_missing_part_of_the_head_weighs_nothing() -> None:
    reading = read(shaped("mean, max"), TEXT)
    width = reading.model.lstm.hidden_size
    assert not reading.head("last").any()
    torch.testing.assert_close(reading.head("mean"), reading.model.fc.weight[0, :width])
    torch.testing.assert_close(reading.head("max"), reading.model.fc.weight[0, width:])


@given(st.integers(1, 5000), st.integers(1, 300))
def test_runs_cover_every_token_once_and_are_few(count: int, most: int) -> None:
    spans = runs(count, most)
    assert [t for start, end in spans for t in range(start, end)] == list(range(count))
    assert len(spans) <= most
    lengths = [end - start for start, end in spans]
    assert len(set(lengths[:-1])) <= 1
    assert lengths[-1] <= lengths[0]
    if count <= most:
        assert set(lengths) == {1}
    scores = [float(index) for index in range(len(spans))]
    assert len(spread(scores, spans)) == count
    assert sum(spread(scores, spans)) == pytest.approx(sum(scores))
