"""Texts that share beginnings are read as the model reads each of them by itself."""

from __future__ import annotations

import random

import pytest
import torch

from sentiment.explain import prefixes
from sentiment.model import pad
from sentiment.text import UNKNOWN_ID
from tests.explaining import SHAPES, read, shaped


def texts(seed: int, count: int, words: int = 9) -> list[list[int]]:
    """Random texts of few words, so that many share a beginning, end in another, or are equal."""
    generator = random.Random(seed)
    return [
        [generator.randrange(1, words) for _ in range(generator.choice((1, 2, 3, 7)))]
        for _ in range(count)
    ]


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("most", [1024, 5])
def test_by_reading_each_alone(shape: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "MOST_SENTENCES", most)
    model = shaped(shape).model
    for seed, words in enumerate((3, 9)):
        sentences = texts(seed, 60, words)
        with torch.inference_mode():
            expected = torch.cat([model(*pad([one])) for one in sentences])  # (N, O)
        found = prefixes.logits(model, sentences)
        torch.testing.assert_close(found, expected.double(), rtol=0, atol=1e-12)


def test_a_shared_beginning_is_stepped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, stepped = shaped("default").model, []
    step = prefixes._Cells.step

    def counted(cells: prefixes._Cells, ids, parents) -> None:
        stepped.append(len(ids))
        step(cells, ids, parents)

    monkeypatch.setattr(prefixes._Cells, "step", counted)
    prefixes.logits(model, [[3, 4, 5], [3, 4, 6], [3, 4], [3, 4, 5], [7, 4, 5]])
    assert stepped == [2, 2, 3]


def test_only_an_lstm_of_one_direction_shares() -> None:
    model = shaped("default").model
    assert prefixes.shares_prefixes(model)
    model.train()
    assert not prefixes.shares_prefixes(model)
    model.eval()


def test_a_reading_rereads_by_it() -> None:
    reading = read(shaped("default"), "not very good , but fine")
    found = reading.reread([(), (UNKNOWN_ID,), reading.encoding.ids])
    assert found[0] == found[1]
    assert float(found[2, 0]) == pytest.approx(reading.logit, abs=1e-12)
    assert reading.reread([]).shape == (0, 1)
