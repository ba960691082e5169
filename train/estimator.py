"""``fit`` as a scikit-learn estimator over texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from sentiment.classifier import SentimentClassifier
from train.fit.defaults import Asked
from train.fit.fit import fit
from train.fit.loop import OnEpoch
from train.fit.texts import DataSettings, FitSettings
from train.measure.truth import logits_of, softmax


class SentimentEstimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Trains as ``python -m train fit`` does; takes a list of texts where others take numbers.

    ``start`` as there ("embedded", "nothing", a folder, a Hub id; None chooses), ``hidden_dim``
    of a model from nothing. A tenth of the texts is held out and not learnt from. ``on_epoch`` is
    told of each epoch: its number, loss and dev figures. After ``fit``: ``classes_`` and
    ``classifier_``, which explains.
    """

    def __init__(
        self,
        start: str | None = None,
        hidden_dim: int = 256,
        epochs: int | None = None,
        seed: int = 0,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.start = start
        self.hidden_dim = hidden_dim
        self.epochs = epochs
        self.seed = seed
        self.on_epoch = on_epoch

    def fit(self, X: Sequence[str], y: Sequence[Any]) -> SentimentEstimator:  # noqa: N803
        """Learn from texts and labels of any kind; raises DataError for what teaches nothing."""
        texts, given = [str(text) for text in X], np.asarray(y)
        if len(texts) != len(given):
            raise ValueError(f"want one label a text, got {len(given)} for {len(texts)}")
        self.classes_, numbers = np.unique(given, return_inverse=True)
        named = given.dtype.kind in "US"
        self._names = [str(c) if named else f"class {c}" for c in self.classes_.tolist()]
        with TemporaryDirectory() as temporary:
            file = Path(temporary) / "texts.jsonl"
            rows = zip(texts, numbers.tolist(), strict=True)
            lines = (json.dumps({"text": t, "label": self._names[n]}) + "\n" for t, n in rows)
            file.write_text("".join(lines), encoding="utf-8")
            fit(
                DataSettings(str(file)),
                Path(temporary) / "model",
                FitSettings(hidden_dim=self.hidden_dim),
                Asked(epochs=self.epochs, seed=self.seed),
                start=self.start,
                on_epoch=self.on_epoch,
            )
            self.classifier_ = SentimentClassifier.from_folder(Path(temporary) / "model")
        return self

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803
        """Probabilities (N, K), columns as ``classes_``; no word counts as one unknown."""
        check_is_fitted(self)
        p = softmax(logits_of(self.classifier_, [str(text) for text in X]))
        order = [self.classifier_.labels.index(name) for name in self._names]
        return np.asarray(p[:, order])

    def predict(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803
        """The likeliest of ``classes_`` for each text."""
        p = self.predict_proba(X)
        return np.asarray(self.classes_[p.argmax(axis=1)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        tags.no_validation = True
        return tags
