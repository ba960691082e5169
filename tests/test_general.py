"""Everyday texts: both kinds of source, placeholders, weights; figures by domain; carried rows."""

from __future__ import annotations

import datasets
import numpy as np
import pytest
import torch

from sentiment.classifier import DEFAULT_WEIGHTS, load
from sentiment.text import TextEncoder, new_tokenizer
from train.data import general
from train.data.general import GeneralText, as_typed, class_weights, general_examples, load_general
from train.data.tables import DataError
from train.data.vocabulary import carried_over
from train.measure.domains import domain_figures, domain_rows


def test_a_folder_gives_texts_with_target_source_and_domain(tmp_path):
    table = {
        "text": ["[NAME] is kind", "so-so", "news", " "],
        "target": [1.0, 0.5, None, 0.0],
        "source": ["a", "a", "b", "b"],
        "domain": ["tweets", "tweets", "news", "news"],
    }
    for split in ("train", "dev"):
        datasets.Dataset.from_dict(table).to_parquet(tmp_path / f"{split}.parquet")
    texts = load_general(str(tmp_path))
    assert [one.target for one in texts] == [1.0, 0.5, None]
    assert texts[0].text.endswith(" is kind")
    assert "[" not in texts[0].text
    assert load_general(str(tmp_path), "dev") == texts


def test_hub_data_sets_give_targets_by_the_names_of_their_labels(monkeypatch):
    tables = {
        ("cardiffnlp/tweet_eval", "sentiment"): {
            "text": ["x", "y"],
            "label": ["neutral", "negative"],
        },
        ("google-research-datasets/go_emotions", None): {
            "text": ["a", "b", "c", "d"],
            "labels": [["joy", "love"], ["joy", "anger"], ["surprise"], ["sadness"]],
        },
        ("fancyzhx/ag_news", None): {"text": ["n"], "label": ["Sports"]},
        ("fancyzhx/amazon_polarity", None): {"content": ["p"], "label": [1]},
    }
    monkeypatch.setattr(
        general, "load_table", lambda name, split, configuration, *_: tables[name, configuration]
    )
    names = ",".join(name + (f":{part}" if part else "") for name, part in tables)
    found = {one.text: (one.target, one.domain) for one in load_general(names)}
    assert found == {
        "x": (0.5, "tweets"),
        "y": (0.0, "tweets"),
        "a": (1.0, "comments"),
        "b": (None, "comments"),
        "c": (None, "comments"),
        "d": (0.0, "comments"),
        "n": (None, "ag_news"),
        "p": (1.0, "products"),
    }
    monkeypatch.setattr(general, "load_table", lambda *_: {"words": []})
    with pytest.raises(DataError, match="no column of texts; it has words"):
        load_general("a/b:c")


def test_placeholders_read_as_typed_and_the_same_each_time():
    assert as_typed("see {link} &amp; quot;x quot;") == 'see http://t.co/a &amp; "x "'
    assert as_typed("I like [NAME].") == as_typed("I like [NAME].") != "I like [NAME]."


def test_rare_classes_of_a_source_weigh_more_and_noisy_sources_less():
    texts = [GeneralText(str(n), (0.0, 1.0, 1.0, 0.5)[n % 4], "a", "d") for n in range(16)]
    texts += [GeneralText(f"two{n}", float(n % 4 == 0), "b", "d") for n in range(16)]
    texts += [GeneralText(f"c{n}", n / 2, "goemotions", "d") for n in range(3)]
    weights = class_weights(texts)
    assert weights["a", 0.0] == pytest.approx((4 / 3) ** 0.5)
    assert weights["a", 1.0] == pytest.approx((2 / 3) ** 0.5)
    assert weights["a", 0.5] > weights["a", 0.0]
    assert weights["b", 0.0] == weights["b", 1.0] == 1.0
    assert weights["goemotions", 0.0] == weights["goemotions", 1.0] == 0.7


def test_gold_and_soft_labels_are_mixed():
    texts = [
        GeneralText("both", 1.0, "a", "d"),
        GeneralText("gold", 0.0, "a", "d"),
        GeneralText("soft", None, "a", "d"),
        GeneralText("neither", None, "a", "d"),
    ]
    examples = general_examples(texts, {"both": 0.5, "soft": 0.3}, gold=0.6)
    assert {e.text: round(e.target, 6) for e in examples} == {"both": 0.8, "gold": 0.0, "soft": 0.3}


def test_figures_by_domain():
    texts = [GeneralText("", (i % 3) / 2, "s", "tweets") for i in range(60)]
    texts += [GeneralText("", 1.0, "s", "phrases") for _ in range(25)]
    p = [(0.1, 0.5, 0.9)[i % 3] for i in range(60)] + [0.6] * 20 + [0.4] * 5
    found = domain_figures(p, texts, calibration=True)
    assert found["tweets"].accuracy == found["tweets"].macro_recall == 1.0
    assert found["tweets"].neutral_inside == 1.0
    assert (found["tweets"].polar, found["tweets"].neutral) == (40, 20)
    assert found["tweets"].ece == pytest.approx(0.028, abs=0.08)
    assert found["phrases"].accuracy == 0.8
    assert found["phrases"].macro_recall is None
    assert found["phrases"].ece is None
    assert list(domain_figures(p, texts, by="source")) == ["s"]


def test_a_new_vocabulary_carries_trained_rows_over():
    random = np.random.default_rng(0)
    names = [f"w{i}" for i in range(30)]
    vectors = random.normal(size=(30, 4)).astype(np.float32)
    old = TextEncoder(new_tokenizer([*names[:20], "lost", "kept"]))
    turn = torch.randn(4, 4)
    trained = torch.randn(old.vocabulary_size, 4)
    trained[2:22] = torch.from_numpy(vectors[:20]) @ turn + 1
    new = TextEncoder(new_tokenizer(["kept", *names, "fresh"]))
    weight, share = carried_over(new, names, vectors, old, trained)
    assert torch.equal(weight[new.word_id("kept")], trained[old.word_id("kept")])
    assert torch.equal(weight[new.word_id("w3")], trained[old.word_id("w3")])
    assert torch.allclose(
        weight[new.word_id("w25")], torch.from_numpy(vectors[25]) @ turn + 1, atol=1e-3
    )
    assert weight[new.word_id("fresh")].abs().max() < 1
    assert torch.equal(weight[0], torch.zeros(4))
    assert share == pytest.approx(21 / 34, abs=0.04)


def test_rows_by_domain_stand_beside_vader(tmp_path):
    texts = ["what a lovely day", "what a horrible day", "the day"] * 10 + ["\u200b"]
    table = {
        "text": texts,
        "target": [1.0, 0.0, 0.5] * 10 + [0.5],
        "source": ["a"] * 31,
        "domain": ["tweets"] * 31,
    }
    for split in ("train", "dev"):
        datasets.Dataset.from_dict(table).to_parquet(tmp_path / f"{split}.parquet")
    (row,) = domain_rows(load(), str(tmp_path), trained=True)
    assert row["nb_svm_accuracy"] == 1.0
    assert row["domain"] == "tweets"
    assert (row["polar"], row["neutral"]) == (20, 11)
    assert row["accuracy"] == row["vader_accuracy"] == 1.0


def test_earlier_weights_teach():
    from train.recipe.teacher import EarlierWeights, is_ours

    assert is_ours(DEFAULT_WEIGHTS)
    assert not is_ours(DEFAULT_WEIGHTS.parent)
    good, bad, nothing = EarlierWeights(DEFAULT_WEIGHTS).soft_labels(["good", "bad", ""]).tolist()
    assert bad < 0.5 < good
    assert 0 < nothing < 1
