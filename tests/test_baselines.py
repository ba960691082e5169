"""Baselines against what they must and cannot know."""

import numpy as np
import pytest
from scipy.special import expit

from train.data.labelled import Example
from train.fit.calibrate import (
    cross_fitted,
    fit_temperature,
    fold_temperature,
    mildest_temperature,
)
from train.measure.baselines import NaiveBayesSVM, bag_of_words, majority, polar, vader

TEXTS = ["a good film", "good fun", "so good", "a bad film", "bad luck", "so bad"] * 3
LABELS = [1, 1, 1, 0, 0, 0] * 3


def test_majority_says_the_share_of_positives():
    assert majority([1, 1, 0, 1])(["x", "y"]).tolist() == [0.75, 0.75]


@pytest.mark.parametrize("make", [bag_of_words, lambda t, y: NaiveBayesSVM(2).fit(t, y)])
def test_words_are_learnt(make):
    scores = make(TEXTS, LABELS)(["a good day", "a bad day"])
    assert scores[0] > 0.6 > 0.4 > scores[1]


def test_a_bag_of_words_cannot_tell_order_and_bigrams_can():
    texts = ["not good", "good", "not bad", "bad", "good not", "bad not"] * 5
    labels = [0, 1, 1, 0, 1, 0] * 5
    bag = bag_of_words(texts, labels)(["not good", "good not"])
    assert bag[0] == bag[1]
    bigrams = NaiveBayesSVM(2).fit(texts, labels)(["not good", "good not"])
    assert bigrams[0] < 0.5 < bigrams[1]


def test_naive_bayes_ratio_against_its_formula():
    model = NaiveBayesSVM(1).fit(["x y", "x", "y"], [1, 1, 0])
    names = model.vectorizer.get_feature_names_out().tolist()
    p, q = {"x": 3 / 5, "y": 2 / 5}, {"x": 1 / 3, "y": 2 / 3}
    for name, ratio in zip(names, model.ratio, strict=True):
        assert ratio == pytest.approx(np.log(p[name] / q[name]), rel=1e-6)


def test_vader_reads_plain_praise():
    scores = vader()(["This is great!", "This is horrible.", "A table."])
    assert scores[0] > 0.5 > scores[1]
    assert scores[2] == 0.5


def test_polar_drops_the_middle():
    examples = [Example("a", 1.0), Example("b", 0.5), Example("c", 0.0)]
    assert polar(examples) == (["a", "c"], [1, 0])


def test_the_temperature_that_made_the_labels_is_found():
    random = np.random.default_rng(0)
    logits = random.normal(0, 4, 20_000)
    z = logits.tolist()
    y = (random.random(20_000) < expit(logits / 2)).astype(int).tolist()
    assert fit_temperature(z, y) == pytest.approx(2, rel=0.05)
    found = cross_fitted(z, y, resamples=20)
    assert found.ece < 0.035
    assert found.low <= found.high
    mild = mildest_temperature(z, y)
    assert 1 < mild < 2
    assert mildest_temperature(z, y, bound=0.0) == pytest.approx(2, rel=0.05)
    assert mildest_temperature((logits / 2).tolist(), y) == 1


def test_folding_divides_the_logits():
    import torch

    from sentiment.model import ModelConfig, build

    torch.manual_seed(0)
    model = build(ModelConfig(vocab_size=5, embed_dim=3, hidden_dim=4)).eval()
    ids, lengths = torch.tensor([[2, 3, 4]]), torch.tensor([3])
    before = model(ids, lengths).item()
    fold_temperature(model, 2.0)
    assert model(ids, lengths).item() == pytest.approx(before / 2, rel=1e-5)
    with pytest.raises(ValueError, match="positive, got 0"):
        fold_temperature(model, 0)
