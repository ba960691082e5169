"""Train a classifier from labelled texts and write its checkpoint folder."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.durable import replacing
from sentiment.languages import language_of
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.records import Figures, Metrics, Recipe, Scalar, Source
from sentiment.text import TextEncoder
from train.data.corpus import TrainingSet
from train.data.held_out import CHOOSE_FROM
from train.data.labelled import Example
from train.data.labels import written
from train.data.tables import DataError
from train.data.vocabulary import initial_embedding, load_vectors
from train.fit import loop
from train.fit.calibrate import class_temperature, cross_fitted_logits, fold_temperature
from train.fit.candidates import Begin, Gain, cross_fitted_gain, gain_on
from train.fit.defaults import CALIBRATE_FROM, Asked, loop_settings
from train.fit.distributed import ALONE, Processes
from train.fit.loop import LoopSettings
from train.fit.probe import probe_head
from train.fit.start import NOTHING, Head, Start, started_model
from train.fit.texts import DataSettings, FitSettings, Split, split_texts
from train.measure.metrics import binary_metrics, class_metrics
from train.measure.truth import (
    TF_IDF,
    Truth,
    comparison_rows,
    figures_of,
    logits_of,
    majority,
    numbers_of,
    softmax,
    tf_idf,
    told,
)


def dev_evaluation(
    encoder: TextEncoder,
    examples: list[Example],
    labels: Sequence[str] = ("negative", "positive"),
) -> loop.Evaluate:
    """A function from a model to its dev figures on polar examples, or on those of each label.

    Where the commonest label has half as many texts again as its share, macro-F1 chooses.
    """
    sizes = Counter(numbers_of(examples, labels).tolist())
    uneven = max(sizes.values()) * len(labels) > 1.5 * len(examples)
    ids = encoder.ids_batch([example.text for example in examples])

    def evaluate(model: PackedLSTMClassifier) -> dict[str, float]:
        classifier = SentimentClassifier(model, encoder, labels)
        rows = classifier.logits(ids)
        for parameter in model.parameters():
            parameter.requires_grad_(True)
        figures = _figures(rows, examples)
        found = {"accuracy": figures.accuracy, "log_loss": figures.log_loss, "ece": figures.ece}
        if uneven:
            numbers = numbers_of(examples, labels)
            p = softmax(np.asarray(rows, dtype=float))
            found["choice"] = figures_of(p, numbers, labels).macro_f1 or 0.0
        return found

    return evaluate


def _figures(logits: Sequence[Sequence[float]], examples: list[Example]) -> Figures:
    rows = torch.tensor(logits)  # (N, O)
    if rows.shape[1] == 1:
        polar = [i for i, example in enumerate(examples) if example.target != 0.5]
        labels = [int(examples[i].target > 0.5) for i in polar]
        return binary_metrics(rows[polar].squeeze(1).sigmoid().tolist(), labels)
    numbers = [int(example.target) for example in examples]
    return class_metrics(rows.double().softmax(dim=1).tolist(), numbers)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What ``fit`` found: the figures of the saved files, and the truth about them."""

    figures: Figures
    truth: Truth


def fit(
    data: DataSettings,
    out: Path,
    settings: FitSettings,
    asked: Asked,
    *,
    start: str | None = NOTHING,
    resume: bool = False,
    overwrite: bool = False,
    processes: Processes = ALONE,
    on_epoch: loop.OnEpoch | None = None,
) -> Fitted | None:
    """Train on ``data``, measure on its held-out texts, save into ``out``.

    ``start`` as ``start.find_start`` takes it; None takes the embedded weights where their language
    fits. Held out are the dev split, or a tenth of each label's texts; of a thousand texts and more
    another tenth chooses the epoch and the temperature, of fewer all are learnt from and the
    temperature is cross-fitted. A start whose labels stay is kept as it was where training did not
    gain on texts that it had not seen; so is a new head's linear probe (``train.fit.probe``), with
    which fewer than a thousand texts begin. Of several ``processes`` the first writes; the others
    get None. ``on_epoch`` is told of each epoch, for a log of one's own. Raises DataError for data
    that cannot be trained on, and where ``out`` holds a finished model that is neither to be
    overwritten nor resumed.
    """
    if (out / checkpoint.WEIGHTS).is_file() and not (overwrite or resume):
        raise DataError(
            f"{out} holds a finished model: --overwrite replaces it, --resume trains it further"
        )
    split, begun = split_texts(data, out / "state", settings, start, resume, processes)
    encoder, labels = split.encoder, split.labels
    untrained, config, head = _first_model(begun, data, split, settings, asked.seed)
    probed = head == "new" and len(split.train_set.targets) < CHOOSE_FROM
    begin = partial(_beginning, untrained, probed)
    model = begin(split.train_set)
    model.fc.load_state_dict(processes.agree(model.fc.state_dict()))
    chosen = loop_settings(
        len(split.train_set.targets),
        head=head,
        asked=asked,
    )
    first = copy.deepcopy(model).eval() if probed or head == "kept" else None
    if chosen.embedding_learning_rate == 0:
        model.embedding.weight.requires_grad_(False)
    best, log = loop.train(
        model,
        split.train_set,
        dev_evaluation(encoder, split.choose, labels) if split.choose else None,
        chosen,
        out / "state",
        resume=resume,
        processes=processes,
        choice=json.dumps([labels, [asdict(e) for e in (*split.choose, *split.held_out)]]),
        on_epoch=on_epoch,
    )
    if not processes.first:
        return None
    best, kept = best.cpu(), False
    if first is not None and (gained := _gain(best, first, begin, split, chosen)) is not None:
        print(replace(gained, probe=probed), flush=True)
        best, kept = (best, False) if gained.worth_it else (first, True)
    int8 = settings.int8 or (
        begun is not None and checkpoint.fits_int8(begun.checkpoint.model.embedding.weight)
    )
    with replacing(out) as staged:
        checkpoint.save(staged, best, config, encoder, int8=int8)
        temperature, cross = _calibrated(SentimentClassifier.from_folder(staged), split)
        fold_temperature(best, temperature)
        checkpoint.save(staged, best, config, encoder, int8=int8)
        truth = _truth(SentimentClassifier.from_folder(staged), split, begun, cross)
        scale = {} if split.scale is None else {"ratings": written(split.scale)}
        settled = scalars(settings) | scalars(chosen) | scale | {"kept_start": kept}
        _record(staged, data, split, begun, settled, temperature)
        _measured(truth, log).write(staged)
    return Fitted(truth.figures["trained"], truth)


def _beginning(
    untrained: PackedLSTMClassifier, probed: bool, data: TrainingSet
) -> PackedLSTMClassifier:
    """A copy to train on ``data``, its head a linear probe of them if it is to be ``probed``."""
    model = copy.deepcopy(untrained)
    if probed:
        probe_head(model, data)
    return model


def _gain(
    trained: PackedLSTMClassifier,
    start: PackedLSTMClassifier,
    begin: Begin,
    split: Split,
    settings: LoopSettings,
) -> Gain | None:
    """What training changed on texts that it did not see; None where too few can tell."""
    if split.choose:
        return gain_on(trained, start, split.encoder, split.labels, split.choose)
    if len(split.learnt) < CALIBRATE_FROM:
        return None
    return cross_fitted_gain(begin, split.encoder, split.labels, split.learnt, settings)


def _first_model(
    begun: Start | None, data: DataSettings, split: Split, settings: FitSettings, seed: int
) -> tuple[PackedLSTMClassifier, ModelConfig, Head | None]:
    """The model before training, and whose head it has, None from nothing."""
    if begun is None:
        return *_new_model(data, split.encoder, split.labels, settings, seed), None
    dropout = 0.3 if settings.dropout is None else settings.dropout
    return started_model(begun, split.encoder, split.labels, dropout=dropout, seed=seed)


def _new_model(
    data: DataSettings,
    encoder: TextEncoder,
    labels: tuple[str, ...],
    settings: FitSettings,
    seed: int,
) -> tuple[PackedLSTMClassifier, ModelConfig]:
    """A random model, over word vectors where there are some."""
    names, table = load_vectors(data.vectors) if data.vectors else ([], None)
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=settings.embed_dim if table is None else int(table.shape[1]),
        hidden_dim=settings.hidden_dim,
        layers=settings.layers,
        dropout=0.5 if settings.dropout is None else settings.dropout,
        pooling=settings.pooling,
        cell=settings.cell,
        labels=labels,
        bidirectional=settings.bidirectional,
    )
    torch.manual_seed(seed)
    model = build(config)
    if table is not None:
        weight, share = initial_embedding(encoder, names, table, seed)
        model.embedding.weight.data.copy_(weight)
        print(f"{config.vocab_size:,} words, {100 * share:.1f} % with a vector", flush=True)
    return model, config


def _calibrated(
    classifier: SentimentClassifier, split: Split
) -> tuple[float, NDArray[np.float64] | None]:
    """The temperature, and where it comes from the held-out texts their cross-fitted rows."""
    examples = split.choose or split.held_out
    if len(examples) < CALIBRATE_FROM:
        return 1.0, None
    logits = logits_of(classifier, [e.text for e in examples])
    numbers = numbers_of(examples, split.labels)
    temperature = class_temperature(logits, numbers)
    if split.choose:
        return temperature, None
    return temperature, softmax(cross_fitted_logits(logits, numbers))


def _truth(
    classifier: SentimentClassifier,
    split: Split,
    begun: Start | None,
    cross: NDArray[np.float64] | None,
) -> Truth:
    """The trained model beside majority, TF-IDF and the untrained start."""
    labels, texts = split.labels, [e.text for e in split.held_out]
    others: dict[str, NDArray[np.float64]] = {}
    known = [e for e in split.learnt + split.choose if len(labels) > 2 or e.target != 0.5]
    if known and split.learnt:
        numbers = numbers_of(known, labels)
        others["majority"] = majority(numbers, len(labels), len(texts))
        if len(set(numbers.tolist())) > 1:
            others[TF_IDF] = tf_idf([e.text for e in known], numbers, len(labels), texts)
    if begun is not None and begun.checkpoint.config.labels == labels:
        old = SentimentClassifier(begun.checkpoint.model, begun.checkpoint.encoder, labels)
        others["start, untrained"] = softmax(logits_of(old, texts))
    trained = softmax(logits_of(classifier, texts)) if cross is None else cross
    return told(trained, split.held_out, labels, others)


def _measured(truth: Truth, log: Sequence[dict[str, float]]) -> Metrics:
    """The trained model's figures, beside those of others and of every epoch."""
    return Metrics(
        {"dev": truth.figures["trained"]},
        tables={
            "comparison": comparison_rows(truth),
            "per_label": truth.per_label,
            "confusion": truth.confusion,
            "epochs": tuple(log),
        },
    )


def _record(
    out: Path,
    data: DataSettings,
    split: Split,
    begun: Start | None,
    settings: dict[str, Scalar],
    temperature: float,
) -> None:
    before = Recipe() if begun is None else begun.recipe
    source = Source(named(data.source), len(split.train_set.targets))
    rest = (example.text for example in (*split.choose, *split.held_out))
    texts = list(islice((*split.first, *rest), 2000))
    Recipe(
        data=(source,),
        language=data.language or language_of(texts) or before.language,
        license=data.license,
        start=None if begun is None else begun.name,
        vectors=None if data.vectors is None else named(str(data.vectors)),
        examples=len(split.train_set.targets),
        temperature=temperature,
        settings=settings,
        fingerprint=split.fingerprint,
    ).write(out)


def scalars(settings: Any) -> dict[str, Scalar]:
    """A dataclass's fields as a recipe holds them: what is no scalar as one."""
    return {
        key: value if isinstance(value, Scalar) else "+".join(map(str, value))
        for key, value in asdict(settings).items()
    }


def named(source: str) -> str:
    """A Hub id as it is, of a file or folder its name alone."""
    path = Path(source)
    return path.resolve().name if path.exists() or path.is_absolute() else source


def evaluate_examples(
    classifier: SentimentClassifier, examples: list[Example], *, bfloat16: bool = False
) -> Figures:
    """Figures of a classifier on polar examples, or on those of each label.

    Of two labels, targets of one half are neither and left out, so that ``n`` counts the rest;
    DataError where none is left. ``bfloat16`` as ``SentimentClassifier.logits``.
    """
    if len(classifier.labels) == 2 and all(example.target == 0.5 for example in examples):
        raise DataError(f"want texts of either label, got {len(examples):,} targets of one half")
    encodings = classifier.encoder.encode_batch([example.text for example in examples])
    ids = [classifier.checked(one, i).ids for i, one in enumerate(encodings)]
    return _figures(classifier.logits(ids, bfloat16=bfloat16), examples)
