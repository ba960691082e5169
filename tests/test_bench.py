"""The bench: what a token costs, peers on the same texts, two runs compared."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from sentiment import slots
from sentiment.classifier import SentimentClassifier
from sentiment.kernels import steps_pay
from tests.conftest import tiny_classifier
from train.__main__ import app
from train.bench.bench import in_arrival_order
from train.bench.measuring import Row, like, random_ids, threads
from train.bench.peers import linear_peers, random_texts
from train.bench.roofs import beside, bytes_a_token, flops_a_token, operations_done
from train.bench.together import measured, padding, together
from train.data.corpus import Corpus
from train.data.tables import DataError
from train.fit.distributed import ALONE


def test_a_token_costs_what_the_shapes_say() -> None:
    model = tiny_classifier().model  # 8 features, 12 units
    assert flops_a_token(model) == 8 * (8 * 12 + 12 * 12)
    weights = 4 * 12 * (8 + 12)
    assert bytes_a_token(model, batch=1) == 4 * (weights + 8 + 2 * 12)
    assert bytes_a_token(model, batch=weights, width=2) == 2 * (1 + 8 + 2 * 12)


def test_operations_that_are_done_count_each_word_of_a_block_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = tiny_classifier(dtype=torch.float32).model  # 8 features, 12 units
    ids = [[2, 3, 4, 5]] * 20
    monkeypatch.setattr(slots, "steps_pay", lambda: False)
    assert operations_done(model, ids) == flops_a_token(model)
    monkeypatch.setattr(slots, "steps_pay", lambda: True)
    assert operations_done(model, ids) == 8 * (8 * 12 * 4 / 80 + 12 * 12)


def test_random_texts_repeat_words_as_language_does(shipped: SentimentClassifier) -> None:
    ids = [i for one in random_ids(shipped, [4096, 8192, 4096]) for i in one]
    assert len(ids) == 16_384
    assert min(ids) >= 2
    assert 2_800 < len(set(ids)) < 3_600


def test_peers_read_the_very_texts() -> None:
    classifier = tiny_classifier(dtype=torch.float32)
    texts = random_texts(classifier, [3, 5, 9])
    assert [len(ids) for ids in classifier.encoder.ids_batch(texts)] == [3, 5, 9]
    found = {name: work() for name, work in linear_peers(texts)}
    assert {"VADER", "linear model over bigrams"} <= set(found)
    assert [len(answers) for answers in found.values()] == [3] * len(found)  # type: ignore[arg-type]


@pytest.mark.skipif(not steps_pay(), reason="the fused kernel scores here")
def test_scoring_keeps_its_distance_from_packing(shipped: SentimentClassifier) -> None:
    """Measured 1.8 to 2 times as fast; this thread's own time, so that others do not count."""
    ids = random_ids(shipped, like("SST", 320))

    def packed() -> None:
        with torch.inference_mode():
            in_arrival_order(shipped, ids, True)

    ours, theirs = (
        min(_own_seconds(work) for _ in range(3)) for work in (lambda: shipped.logits(ids), packed)
    )
    assert theirs / ours > 1.35


def _own_seconds(work: Callable[[], object]) -> float:
    with threads(1):
        started = time.thread_time()
        work()
        return time.thread_time() - started


def test_training_steps_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured("SST", 8, 1, ALONE)
    assert min(found["alone"], found["joined"], found["apart"]) > 0
    assert 0 < found["outside"] < 1
    told = {"alone": 10.0, "joined": 19.0, "apart": 20.0, "outside": 0.15}
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("train.bench.together._run", lambda *_: {"SST": told})
    rows = [(row.value, row.ratio) for row in together(True)]
    assert rows[:4] == [(10.0, None), (19.0, 1.9), (20.0, 2.0), (15.0, None)]
    assert 0 < rows[4][0] < 5


def test_padding_is_what_no_text_fills() -> None:
    corpus = Corpus([[1] * length for length in (4, 3, 2, 2)])
    assert corpus.padding([torch.tensor([0, 1]), torch.tensor([2, 3])]) == 1 - 11 / 12
    assert padding("IMDB") < padding("SST") < 0.05


def test_a_mixture_of_phrases_and_reviews_is_little_padded() -> None:
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(2, 30, (60_000,), generator=generator)
    lengths[::25] = torch.randint(30, 240, (2_400,), generator=generator)
    corpus = Corpus([])
    corpus.lengths = lengths
    assert corpus.padding(corpus.batches(8, 512, generator)) < 0.05


def test_two_runs_are_compared(tmp_path: Path) -> None:
    earlier = tmp_path / "before.json"
    before = [("predict", 4.0, "ms"), ("scoring", 100.0, "tokens/s"), ("gone", 1.0, "s")]
    rows = [dict(zip(("name", "value", "unit"), one, strict=True)) for one in before]
    earlier.write_text(json.dumps({"rows": rows}))
    now = [Row("predict", 2.0, "ms"), Row("scoring", 150.0, "tokens/s"), Row("new", 1.0, "s")]
    found = beside(now, earlier)
    assert [(one.name, one.ratio, one.against) for one in found] == [
        ("predict", 2.0, "before.json"),
        ("scoring", 1.5, "before.json"),
    ]


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"rows": [{}]}', '{"rows": [{"name": "a"}]}'])
def test_what_is_no_run_is_refused_before_any_work(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    ran = CliRunner().invoke(app, ["bench", "--against", str(tmp_path / "a.json")])
    assert isinstance(ran.exception, DataError)
    assert "is no run of bench --json" in str(ran.exception)
    ran = CliRunner().invoke(app, ["bench", "--only", "speed"])
    assert "--only wants latency" in str(ran.exception)
