"""What the LSTM is measured against: majority, bag of words, NB-SVM, VADER, the teacher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sentiment import text as words_of
from train.data.labelled import Example

Scorer = Callable[[Sequence[str]], NDArray[np.float64]]
"""Texts to probabilities of "positive", (N,)."""


class NaiveBayesSVM:
    """Logistic regression over n-grams scaled by their naive-Bayes log-count ratio.

    Wang & Manning 2012, "Baselines and bigrams"; the logistic variant of Mesnil et al. 2014,
    arXiv:1412.5335. ``ngrams`` is the longest n-gram; texts are split as the LSTM's are.
    """

    def __init__(self, ngrams: int = 2, strength: float = 4.0, min_count: int = 1) -> None:
        # scikit-learn takes most of a second to import; few commands need it.
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression

        self.vectorizer = CountVectorizer(
            ngram_range=(1, ngrams),
            binary=True,
            min_df=min_count,
            tokenizer=words_of.words,
            lowercase=False,
            token_pattern=None,
            dtype=np.float32,
        )
        self.classifier = LogisticRegression(C=strength, solver="liblinear", dual=True)

    def fit(self, texts: Sequence[str], labels: Sequence[int]) -> NaiveBayesSVM:
        """Learn from texts and labels 0/1."""
        counts = self.vectorizer.fit_transform(texts)  # (N, F)
        positive = np.asarray(labels) == 1
        p = 1 + np.asarray(counts[positive].sum(axis=0)).ravel()  # (F,)
        q = 1 + np.asarray(counts[~positive].sum(axis=0)).ravel()
        self.ratio = np.log((p / p.sum()) / (q / q.sum())).astype(np.float32)
        self.classifier.fit(counts.multiply(self.ratio).tocsr(), positive)
        return self

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        counts = self.vectorizer.transform(texts)
        scores: NDArray[np.float64] = self.classifier.predict_proba(
            counts.multiply(self.ratio).tocsr()
        )[:, 1]
        return scores


def polar(examples: Sequence[Example]) -> tuple[list[str], list[int]]:
    """Texts and labels 0/1 of the examples whose target is not in the middle."""
    kept = [e for e in examples if e.target != 0.5]
    return [e.text for e in kept], [int(e.target > 0.5) for e in kept]


def majority(labels: Sequence[int]) -> Scorer:
    """Always the share of positives in training."""
    share = float(np.mean(labels))
    return lambda texts: np.full(len(texts), share)


def bag_of_words(texts: Sequence[str], labels: Sequence[int]) -> Scorer:
    """Logistic regression over the words alone, blind to their order."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = CountVectorizer(
        binary=True, tokenizer=words_of.words, lowercase=False, token_pattern=None
    )
    model = make_pipeline(vectorizer, LogisticRegression(C=1.0, max_iter=1000))
    model.fit(texts, labels)
    return lambda new: np.asarray(model.predict_proba(new)[:, 1])


def vader() -> Scorer:
    """VADER's compound score, moved from [-1, 1] to [0, 1]. Hutto & Gilbert 2014."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: np.array(
        [(1 + analyzer.polarity_scores(text)["compound"]) / 2 for text in texts]
    )


def fine_tuned_teacher(base: str, cache: Path) -> Scorer:
    """The fine-tuned teacher in ``cache``. Raises FileNotFoundError where there is none."""
    import torch

    from train.recipe.teacher import Teacher, windowed_batches

    teacher = Teacher(base)
    teacher.load_state_dict(torch.load(cache / Path(base).name / "teacher.pt", weights_only=True))
    teacher.eval()

    def score(texts: Sequence[str]) -> NDArray[np.float64]:
        soft = np.zeros(len(texts))
        for indexes in windowed_batches(texts, 32, None):
            soft[indexes] = teacher.soft_labels([texts[i] for i in indexes]).numpy()
        return soft

    return score
