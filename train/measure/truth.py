"""A trained classifier beside simpler ones on the same held-out texts, and where it errs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.classifier import SentimentClassifier
from sentiment.records import Figures
from sentiment.text import UNKNOWN_ID
from train.data.labelled import Example
from train.measure.metrics import binary_metrics, class_metrics, with_interval

Probabilities = NDArray[np.float64]
"""(N, K): of each text, one for each label; rows sum to 1."""

TF_IDF = "TF-IDF + logistic regression"


@dataclass(frozen=True, slots=True)
class Truth:
    """Figures by the name of the model, and where the trained one, the last, is right and wrong.

    ``per_label`` has precision, recall and F1, ``confusion`` counts (label by verdict), ``worst``
    the held-out texts whose label got the least probability; they are shown and never written.
    """

    figures: Mapping[str, Figures]
    per_label: tuple[Mapping[str, Any], ...]
    confusion: tuple[Mapping[str, Any], ...]
    worst: tuple[Mapping[str, Any], ...]


def numbers_of(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.int64]:
    """Label numbers (N,) of targets; of two labels the side of 1/2."""
    binary = len(labels) == 2
    return np.array([int(e.target > 0.5) if binary else int(e.target) for e in examples])


def logits_of(classifier: SentimentClassifier, texts: Sequence[str]) -> NDArray[np.float64]:
    """Logits (N, O); a text without a word counts as one unknown word."""
    ids = [row or [UNKNOWN_ID] for row in classifier.encoder.ids_batch(list(texts))]
    return np.asarray(classifier.logits(ids), dtype=float)


def softmax(logits: NDArray[np.float64]) -> Probabilities:
    """Probabilities (N, K) of logits (N, O): one logit is the log-odds of the second label."""
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def label_rows(
    p: Probabilities, numbers: NDArray[np.int64], labels: Sequence[str]
) -> list[dict[str, Any]]:
    """Precision, recall and F1 of each label, with its number of texts."""
    verdicts = p.argmax(axis=1)
    rows = []
    for number, label in enumerate(labels):
        hits = int(((verdicts == number) & (numbers == number)).sum())
        said, there = int((verdicts == number).sum()), int((numbers == number).sum())
        precision, recall = hits / said if said else 0.0, hits / there if there else 0.0
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        rows.append(
            {"label": label, "n": there, "precision": precision, "recall": recall, "f1": f1}
        )
    return rows


def figures_of(p: Probabilities, numbers: NDArray[np.int64], labels: Sequence[str]) -> Figures:
    """Accuracy with its interval, macro-F1 over the labels that occur, log loss, ECE."""
    found = (
        binary_metrics(p[:, 1].tolist(), numbers.tolist())
        if len(labels) == 2
        else class_metrics(p.tolist(), numbers.tolist())
    )
    f1 = [row["f1"] for row in label_rows(p, numbers, labels) if row["n"]]
    return replace(with_interval(found), macro_f1=float(np.mean(f1)))


def majority(numbers: NDArray[np.int64], count: int, size: int) -> Probabilities:
    """The labels' shares in training, for every text alike."""
    shares = np.bincount(numbers, minlength=count) / len(numbers)
    return np.tile(shares, (size, 1))


def tf_idf(
    texts: Sequence[str],
    numbers: NDArray[np.int64],
    count: int,
    held_out: Sequence[str],
    *,
    ngrams: int = 1,
) -> Probabilities:
    """Scikit-learn's usual pipeline with its defaults, over words or n-grams of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(ngram_range=(1, ngrams), token_pattern=r"(?u)\b\w+\b")
    model = make_pipeline(vectorizer, LogisticRegression(max_iter=1000))
    model.fit(list(texts), numbers)
    p = np.zeros((len(held_out), count))
    p[:, model.classes_] = model.predict_proba(list(held_out))
    return p


def told(
    trained: Probabilities,
    examples: Sequence[Example],
    labels: Sequence[str],
    others: Mapping[str, Probabilities],
    *,
    worst: int = 8,
) -> Truth:
    """The truth of the ``trained`` probabilities beside those of ``others``."""
    numbers = numbers_of(examples, labels)
    figures = {name: figures_of(p, numbers, labels) for name, p in others.items()}
    figures["trained"] = figures_of(trained, numbers, labels)
    verdicts = trained.argmax(axis=1)
    confusion = tuple(
        {
            "label": label,
            **{
                name: int(((numbers == number) & (verdicts == other)).sum())
                for other, name in enumerate(labels)
            },
        }
        for number, label in enumerate(labels)
    )
    own = trained[np.arange(len(numbers)), numbers]  # (N,)
    wrong = [int(i) for i in np.argsort(own, kind="stable") if verdicts[i] != numbers[i]]
    shown = tuple(
        {
            "text": examples[i].text[:100],
            "label": labels[numbers[i]],
            "verdict": labels[int(verdicts[i])],
            "probability of label": float(own[i]),
        }
        for i in wrong[:worst]
    )
    return Truth(figures, tuple(label_rows(trained, numbers, labels)), confusion, shown)


def comparison_rows(truth: Truth) -> tuple[Mapping[str, Any], ...]:
    """The models as plain rows."""
    return tuple(
        {
            "model": name,
            "accuracy": one.accuracy,
            "low": one.low,
            "high": one.high,
            "macro_f1": one.macro_f1,
            "log_loss": one.log_loss,
        }
        for name, one in truth.figures.items()
    )


def verdict(truth: Truth) -> str:
    """One sentence: whether the trained model is better than TF-IDF, as far as the texts tell."""
    ours, theirs = truth.figures["trained"], truth.figures.get(TF_IDF)
    if theirs is None:
        return ""
    gap = 100 * (ours.accuracy - theirs.accuracy)
    if gap <= 0:
        return (
            f"NOT BETTER than {TF_IDF} on these {ours.n} texts ({gap:+.1f} points): use that, or "
            "train on more texts."
        )
    sure = (ours.low or 0) > theirs.accuracy
    return f"Better than {TF_IDF} by {gap:.1f} points" + (
        "." if sure else f"; on {ours.n} texts that may be chance."
    )


def shown(truth: Truth) -> str:
    """All of it as text for a terminal."""
    lines = [f"{'held-out texts':34}{'n':>6}{'accuracy':>10}{'95 % interval':>17}{'macro-F1':>10}"]
    lines += [
        f"{name:34}{one.n:>6}{100 * one.accuracy:>10.1f}"
        f"{f'{100 * (one.low or 0):.1f} to {100 * (one.high or 0):.1f}':>17}"
        f"{100 * (one.macro_f1 or 0):>10.1f}"
        for name, one in truth.figures.items()
    ]
    if said := verdict(truth):
        lines += ["", said]
    lines += ["", f"{'label':24}{'n':>6}{'precision':>11}{'recall':>8}{'F1':>7}"]
    lines += [
        f"{row['label'][:23]:24}{row['n']:>6}{100 * row['precision']:>11.1f}"
        f"{100 * row['recall']:>8.1f}{100 * row['f1']:>7.1f}"
        for row in truth.per_label
    ]
    if len(truth.confusion) <= 10:
        names = [str(row["label"])[:11] for row in truth.confusion]
        lines += ["", f"{'label, and verdicts on it':26}" + "".join(f"{n:>12}" for n in names)]
        lines += [
            f"{row['label'][:25]:26}"
            + "".join(f"{v:>12}" for key, v in row.items() if key != "label")
            for row in truth.confusion
        ]
    if truth.worst:
        lines += ["", "worst errors: label, verdict, probability of the label"]
        lines += [
            f"  {row['label'][:15]:16}{row['verdict'][:15]:16}{row['probability of label']:.3f}  "
            f"{' '.join(row['text'].split())[:70]}"
            for row in truth.worst
        ]
    return "\n".join(lines)
