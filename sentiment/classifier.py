"""The front door: text in, verdict or explanation out."""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch

from sentiment import checkpoint
from sentiment.batches import length_batches, windows
from sentiment.errors import SentimentError
from sentiment.legibility import legibility
from sentiment.model import ModelConfig, PackedLSTMClassifier, bfloat16_pays, pad
from sentiment.records import language_in
from sentiment.slots import slot_logits, slots_for
from sentiment.text import TextEncoder
from sentiment.values import Encoding, Prediction

if TYPE_CHECKING:
    from sentiment.explanation import Comparison, Explanation

# A process that was forked has none of its parent's threads, and would wait for them for ever.
if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))

DEFAULT_WEIGHTS = Path(__file__).parent / "weights"


class EmptyTextError(SentimentError):
    """A text without a single token, of which nothing can be predicted."""


class SentimentClassifier:
    """A model, its tokenizer and its labels. Safe to share between threads: nothing is stored.

    The given model stays as it is: one that is ready to train is copied and the copy frozen, one
    that is frozen already (as ``checkpoint.load`` gives it) is used itself.

    ``revision`` says where the weights came from: "embedded", a folder, or a commit on the Hub.
    ``folder`` is the checkpoint that was read, ``repository`` the Hub's id of where it came from;
    None where there is none. ``language`` is the code of the one that the model learnt, such as
    "en", None where that is not known: a text that is plainly in another has a fault in place of
    a reading.
    """

    def __init__(
        self,
        model: PackedLSTMClassifier,
        encoder: TextEncoder,
        labels: Sequence[str] = ("negative", "positive"),
        *,
        twin: PackedLSTMClassifier | None = None,
        revision: str = "unsaved",
        folder: Path | None = None,
        repository: str | None = None,
        language: str | None = None,
    ) -> None:
        self.model = _frozen(model)
        self.encoder = encoder
        self.labels = tuple(labels)
        self.twin = twin
        self.revision = revision
        self.folder = folder
        self.repository = repository
        self.language = language

    @classmethod
    def from_folder(
        cls, folder: Path, revision: str | None = None, repository: str | None = None
    ) -> SentimentClassifier:
        """Read a checkpoint folder; errors as ``checkpoint.load``."""
        loaded = checkpoint.load(folder)
        return cls(
            loaded.model,
            loaded.encoder,
            loaded.config.labels,
            twin=loaded.twin,
            revision=revision or str(folder),
            folder=folder,
            repository=repository,
            language=language_in(folder),
        )

    @classmethod
    def from_pretrained(
        cls, model: str | Path, *, revision: str | None = None
    ) -> SentimentClassifier:
        """Read a checkpoint folder or, by its id "user/name", a repository on the Hub.

        ``revision`` is a commit, tag or branch of the repository; a commit that is in the local
        cache needs no network. Raises CheckpointError for what cannot be trusted, HubError for
        what the Hub does not give, FileNotFoundError for a missing folder or file.
        """
        from sentiment import hub

        if isinstance(model, str) and hub.is_repository(model):
            return cls.from_folder(*hub.fetch(model, revision), model)
        if revision is not None:
            raise checkpoint.CheckpointError(
                f"a revision belongs to a repository user/name on the Hub, got {str(model)!r}"
            )
        return cls.from_folder(Path(model))

    def to(self, device: str) -> SentimentClassifier:
        """The same classifier with its model on "cuda", say; this one stays where it is.

        Predictions and scoring run there; explanations want the CPU. Raises SentimentError where
        there is no such device.
        """
        try:
            model = copy.deepcopy(self.model).to(torch.device(device))
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise SentimentError(f"cannot compute on {device!r}: {reason}") from error
        moved = copy.copy(self)
        moved.model = model
        return moved

    def save_pretrained(self, folder: str | Path) -> None:
        """Write a checkpoint folder, which ``from_pretrained`` reads."""
        folder = Path(folder)
        int8 = checkpoint.fits_int8(self.model.embedding.weight)
        checkpoint.save(folder, self.model, self.config, self.encoder, int8=int8)
        if self.twin is not None:
            checkpoint.save_twin(folder, self.twin)

    def push_to_hub(self, repository: str, *, private: bool = False, tag: str | None = None) -> str:
        """Publish the classifier with a short card in one commit, and give back its sha.

        Raises HubError, as ``hub.publish_folder``. ``python -m train publish`` writes a card
        with measured figures.
        """
        from tempfile import TemporaryDirectory

        from sentiment import hub
        from sentiment.card import CARD, model_card
        from sentiment.records import Metrics, Recipe

        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            self.save_pretrained(folder)
            text = model_card(
                repository.rsplit("/", 1)[-1],
                self.config,
                Recipe(),
                Metrics(),
                repository=repository,
                revision=tag,
            )
            (folder / CARD).write_text(text, encoding="utf-8")
            files = [name for name in hub.CONTENTS if (folder / name).is_file()]
            published = hub.publish_folder(
                folder, repository, files=files, stale=hub.CONTENTS, private=private, tag=tag
            )
        return published.commit

    @property
    def config(self) -> ModelConfig:
        """All that is needed to build the model before its weights are read."""
        recurrence = self.model.recurrence
        return ModelConfig(
            vocab_size=self.model.embedding.num_embeddings,
            embed_dim=self.model.embedding.embedding_dim,
            hidden_dim=recurrence.hidden_size,
            layers=recurrence.num_layers,
            dropout=self.model.dropout.p,
            pooling=self.model.pooling,
            cell=self.model.cell,
            labels=self.labels,
            bidirectional=recurrence.bidirectional,
        )

    def __call__(
        self, texts: str | Sequence[str], *, top_k: int | None = 1
    ) -> list[dict[str, Any]] | list[list[dict[str, Any]]]:
        """The likeliest labels with their probabilities, as a transformers pipeline gives them.

        For one text its ``top_k`` labels (None: all), likeliest first, each {"label", "score"};
        for several, one such list each, or with ``top_k`` 1 the one label of each. Raises as
        ``predict_batch``.
        """
        single = isinstance(texts, str)
        found = []
        for prediction in self.predict_batch([texts] if isinstance(texts, str) else texts):
            pairs = zip(prediction.labels, prediction.probabilities, strict=True)
            ranked = sorted(pairs, key=lambda pair: -pair[1])[:top_k]
            found.append([{"label": label, "score": score} for label, score in ranked])
        if single:
            return found[0]
        return [labels[0] for labels in found] if top_k == 1 else found

    def predict(self, text: str) -> Prediction:
        """The verdict on one text. Raises EmptyTextError where it has no token."""
        return self.predict_batch([text])[0]

    def predict_batch(
        self, texts: Sequence[str], *, errors: Literal["raise", "mark"] = "raise"
    ) -> list[Prediction]:
        """Verdicts in the order of the input; long lists go through in batches of like length.

        Raises EmptyTextError that names the first text without a token and TypeError for what is
        no text; with ``errors`` "mark" such a one gets a prediction that has only its ``error``.
        """
        if isinstance(texts, str):
            raise TypeError("predict_batch takes a list of texts; for one text use predict")
        if errors not in ("raise", "mark"):
            raise ValueError(f"errors must be 'raise' or 'mark', got {errors!r}")
        mark = errors == "mark"
        readable = [text if isinstance(text, str) else "" for text in texts] if mark else texts
        found = self.encoder.ids_batch(readable)
        encodings = [
            Encoding(text, tuple(ids), ()) for text, ids in zip(readable, found, strict=True)
        ]
        if not mark:
            encodings = [self.checked(encoding, i) for i, encoding in enumerate(encodings)]
        rows = iter(self.logits([ids for ids in found if ids]))
        encode = self.encoder.encode
        return [
            self.prediction(encoding, next(rows)).with_later_tokens(encode)
            if encoding.ids
            else self._marked(text)
            for text, encoding in zip(texts, encodings, strict=True)
        ]

    def _marked(self, text: object) -> Prediction:
        """A prediction that says why there is none."""
        is_text = isinstance(text, str)
        error = "no words to read" if is_text else f"want a text, got {type(text).__name__}"
        shown = str(text) if is_text else ""
        return Prediction(shown, "", math.nan, None, (), self.labels, (), (), error)

    def logits(
        self,
        ids: Sequence[Sequence[int]],
        *,
        batch_tokens: int = 8192,
        bfloat16: bool = False,
    ) -> list[list[float]]:
        """Logits, (N, O), of tokenised texts in the order of the input.

        ``bfloat16`` multiplies in 16 bits: faster, to about two decimals. Raises
        SentimentError for it where the processor does not do so itself.
        """
        rows: list[list[float]] = [[] for _ in ids]
        device = self.model.embedding.weight.device
        if bfloat16 and not bfloat16_pays(device):
            raise SentimentError("this processor does not multiply in bfloat16: score without it")
        with (
            torch.inference_mode(),
            torch.autocast(device.type, torch.bfloat16, enabled=bfloat16),
        ):
            for window in windows([len(one) for one in ids]):
                lengths = [len(ids[i]) for i in window]
                if slots := slots_for(self.model, lengths):
                    found = slot_logits(self.model, [ids[i] for i in window], slots)
                    for i, row in zip(window, found, strict=True):
                        rows[i] = row
                    continue
                for batch in length_batches(lengths, most_tokens=batch_tokens):
                    chosen = [window[j] for j in batch]
                    rectangle, counts = pad([ids[i] for i in chosen])  # (B, T), (B,)
                    logits = self.model(rectangle.to(device), counts)  # (B, O)
                    for i, row in zip(chosen, logits.tolist(), strict=True):
                        rows[i] = row
        return rows

    def prediction(self, encoding: Encoding, logits: Sequence[float]) -> Prediction:
        """The frozen verdict for one row of logits (O,)."""
        told = legibility(self.encoder)
        fault = told.fault(encoding.text, encoding.ids, self.language)
        if len(logits) == 1:
            logit = logits[0]
            probability = _sigmoid(logit)
            return Prediction(
                text=encoding.text,
                label=self.labels[int(logit > 0)],
                logit=logit,
                probability=probability,
                tokens=encoding.tokens,
                labels=self.labels,
                logits=(0.0, logit),
                probabilities=(1 - probability, probability),
                fault=fault,
            )
        best = max(range(len(logits)), key=logits.__getitem__)
        highest = logits[best]
        weights = [math.exp(value - highest) for value in logits]
        return Prediction(
            text=encoding.text,
            label=self.labels[best],
            logit=highest,
            probability=None,
            tokens=encoding.tokens,
            labels=self.labels,
            logits=tuple(logits),
            probabilities=tuple(weight / sum(weights) for weight in weights),
            fault=fault,
        )

    def explain(
        self, text: str, *, target: str | None = None, baseline: str = "unknown"
    ) -> Explanation:
        """Everything the network did with one text.

        ``target`` is the label whose logit is explained: with two labels always the second
        ("positive"), with more by default the predicted one. Raises EmptyTextError for a text
        without a token, ValueError for a label or baseline there is none of.
        """
        from sentiment import explain
        from sentiment.explanation import Explanation

        encoding = self.checked(self.encoder.encode(text))
        reading = explain.read(
            self.model,
            encoding,
            self.labels,
            target=self._target(target),
            baseline=baseline,
            twin=self.twin,
            encoder=self.encoder,
        )

        return Explanation(
            prediction=self.prediction(encoding, reading.trace.logits[0].tolist()),
            target=self.labels[1 if len(self.labels) == 2 else reading.target],
            logit=reading.logit,
            revision=self.revision,
            hidden_states=reading.of(explain.hidden_states),
            hidden_norms=reading.of(explain.hidden_norms),
            state_changes=reading.of(explain.state_changes),
            cell_norms=reading.of(explain.cell_norms),
            pooling=reading.of(explain.tournament),
            ledger=reading.of(explain.ledger),
            running=reading.of(explain.running_verdict),
            integrated_gradients=reading.of(explain.integrated_gradients),
            _reading=reading,
        )

    def compare(
        self, first: str, second: str, *, target: str | None = None, baseline: str = "unknown"
    ) -> Comparison:
        """Two texts explained, aligned token by token, with the change of every part.

        With more than two labels, ``target`` is by default the label predicted for the first.
        Raises as ``explain``.
        """
        from sentiment.comparison import compare

        one = self.explain(first, target=target, baseline=baseline)
        return compare(one, self.explain(second, target=one.target, baseline=baseline))

    def _target(self, target: str | None) -> int | None:
        """The output that speaks for a label; None, of several outputs, for the highest."""
        if len(self.labels) == 2:
            if target not in (None, self.labels[1]):
                raise ValueError(
                    f"with two labels the target is {self.labels[1]!r}, got {target!r}"
                )
            return 0
        if target is not None and target not in self.labels:
            raise ValueError(f"target must be among {', '.join(self.labels)}, got {target!r}")
        return None if target is None else self.labels.index(target)

    @staticmethod
    def checked(encoding: Encoding, number: int = 0) -> Encoding:
        """The encoding itself, if it has a token; raises EmptyTextError if not."""
        if not encoding.ids:
            raise EmptyTextError(
                f"text {number} has no words to read; type at least one word, got "
                f"{encoding.text[:20]!r}"
            )
        return encoding


def load(model: str | Path | None = None, *, revision: str | None = None) -> SentimentClassifier:
    """The embedded default classifier, with no network, or as ``from_pretrained`` reads it."""
    if model is None:
        if revision is not None:
            raise checkpoint.CheckpointError("the embedded weights have no other revision")
        return SentimentClassifier.from_folder(DEFAULT_WEIGHTS, "embedded")
    return SentimentClassifier.from_pretrained(model, revision=revision)


def _frozen(model: PackedLSTMClassifier) -> PackedLSTMClassifier:
    if model.training or any(parameter.requires_grad for parameter in model.parameters()):
        return copy.deepcopy(model).eval().requires_grad_(False)
    return model


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))
