"""The LSTM that learns the mixture, its temperature, and the vanilla RNN trained beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.text import TextEncoder
from train.data.labelled import Example, binary_examples
from train.data.reviews import imdb_dev
from train.data.tables import load_table
from train.data.vocabulary import count_words, initial_embedding, load_vectors
from train.fit import loop
from train.fit.calibrate import fold_temperature, mildest_temperature
from train.fit.fit import METRICS, TRAINING, evaluate_examples, make_encoder, training_set
from train.measure.metrics import binary_metrics
from train.recipe.augment import Generator, treebank_lexicon
from train.recipe.mixture import (
    DistillSettings,
    Sources,
    cached_reviews,
    mixture,
    with_own_labels,
)


def student_encoder(
    sources: Sources, settings: DistillSettings, examples: Sequence[Example]
) -> tuple[TextEncoder, Tensor]:
    """The vocabulary, and the embedding (V, E) that the vectors give it."""
    phrases = binary_examples(sources.sst, "train")
    constructed = Generator(treebank_lexicon(phrases)).examples(120_000)
    core = phrases + list(constructed)
    more: Counter[str] = Counter()
    for source in (sources.imdb, sources.unlabelled):
        more += count_words(load_table(source)["text"])
    names, table = load_vectors(sources.vectors)
    encoder = make_encoder(core, more, names, settings.words)
    weight, share = initial_embedding(encoder, names, table)
    print(f"{encoder.vocabulary_size:,} words, {100 * share:.1f} % with a vector", flush=True)
    return encoder, weight


def two_evaluations(
    encoder: TextEncoder, sst: list[Example], imdb: list[Example], sample: int = 600
) -> loop.Evaluate:
    """Dev figures of SST and of a sample of IMDB; "accuracy", by which to choose, is their mean."""
    texts = sst + imdb[:sample]
    ids = encoder.ids_batch([example.text for example in texts])
    labels = [int(example.target > 0.5) for example in texts]

    def evaluate(model: PackedLSTMClassifier) -> dict[str, float]:
        rows = SentimentClassifier(model, encoder).logits(ids)
        model.requires_grad_(True)
        p = torch.tensor(rows).squeeze(1).sigmoid().tolist()
        first = binary_metrics(p[: len(sst)], labels[: len(sst)])
        second = binary_metrics(p[len(sst) :], labels[len(sst) :])
        return {
            "accuracy": (first.accuracy + second.accuracy) / 2,
            "sst": first.accuracy,
            "imdb": second.accuracy,
            "log_loss": first.log_loss,
            "ece": first.ece,
        }

    return evaluate


def student(
    sources: Sources,
    out: Path,
    settings: DistillSettings,
    loop_settings: loop.LoopSettings,
    *,
    start: Path | None = None,
    resume: bool = False,
) -> PackedLSTMClassifier:
    """Train the LSTM on the mixture, calibrate it on SST dev and write it into ``out``.

    ``start`` is a checkpoint folder to go on from instead of word vectors. ``resume`` goes on
    where a stopped run left its state, if it did.
    """
    labels, reviews = _cached(sources)
    begun = checkpoint.load(start) if start is not None else None
    if begun is not None and settings.own:
        own = SentimentClassifier(begun.model, begun.encoder)
        labels = with_own_labels(labels, own, binary_examples(sources.sst, "train"), settings)
    examples = mixture(sources, settings, labels, reviews, loop_settings.seed)
    state = out / "state-lstm"
    state.mkdir(parents=True, exist_ok=True)
    saved = state / "start.pt"
    if begun is not None:
        encoder, weight = begun.encoder, begun.model.embedding.weight
    elif saved.is_file():
        weight = torch.load(saved, weights_only=True)
        encoder = TextEncoder.from_file(state / checkpoint.TOKENIZER)
    else:
        encoder, weight = student_encoder(sources, settings, examples)
        encoder.save(state / checkpoint.TOKENIZER)
        torch.save(weight, saved)
    model, config = _new_model(encoder, weight, settings, "lstm", loop_settings.seed)
    if begun is not None:
        model.load_state_dict(begun.model.state_dict())
    best, log = _trained(sources, model, encoder, examples, settings, loop_settings, state, resume)
    dev = [e for e in binary_examples(sources.sst, "dev") if e.target != 0.5]
    checkpoint.save(out, best, config, encoder, int8=True)
    rows = SentimentClassifier.from_folder(out).predict_batch([e.text for e in dev])
    temperature = mildest_temperature([p.logit for p in rows], [int(e.target > 0.5) for e in dev])
    fold_temperature(best, temperature)
    checkpoint.save(out, best, config, encoder, int8=True)
    recipe = {
        **asdict(settings),
        **asdict(loop_settings),
        "temperature": temperature,
        "examples": len(examples),
        "teacher_labels": len(labels),
    }
    (out / TRAINING).write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")
    classifier = SentimentClassifier.from_folder(out)
    figures = {
        "sst_dev": asdict(evaluate_examples(classifier, dev)),
        "imdb_dev": asdict(evaluate_examples(classifier, imdb_dev(sources.imdb))),
    }
    report = {**figures, "epochs": log}
    (out / METRICS).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures), flush=True)
    return best


def twin(
    sources: Sources,
    out: Path,
    settings: DistillSettings,
    loop_settings: loop.LoopSettings,
    *,
    resume: bool = False,
) -> PackedLSTMClassifier:
    """Train a vanilla RNN beside the LSTM in ``out``, on the same frozen embedding.

    ``resume`` goes on where a stopped run left its state, if it did.
    """
    loaded = checkpoint.load(out)
    labels, reviews = _cached(sources)
    examples = mixture(sources, settings, labels, reviews, loop_settings.seed)
    weight = loaded.model.embedding.weight.clone()
    model, _ = _new_model(loaded.encoder, weight, settings, "rnn", loop_settings.seed)
    model.embedding.weight.requires_grad_(False)
    state = out / "state-rnn"
    state.mkdir(parents=True, exist_ok=True)
    best, _ = _trained(
        sources, model, loaded.encoder, examples, settings, loop_settings, state, resume
    )
    checkpoint.save_twin(out, best)
    return best


def _new_model(
    encoder: TextEncoder, weight: Tensor, settings: DistillSettings, cell: str, seed: int
) -> tuple[PackedLSTMClassifier, ModelConfig]:
    """A model over the embedding ``weight`` (V, E), random above it."""
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=int(weight.shape[1]),
        hidden_dim=settings.hidden_dim,
        dropout=settings.dropout,
        cell=cell,
    )
    torch.manual_seed(seed)
    model = build(config)
    model.embedding.weight.data.copy_(weight)
    return model, config


def _trained(
    sources: Sources,
    model: PackedLSTMClassifier,
    encoder: TextEncoder,
    examples: list[Example],
    settings: DistillSettings,
    loop_settings: loop.LoopSettings,
    state: Path,
    resume: bool,
) -> tuple[PackedLSTMClassifier, list[dict[str, float]]]:
    """The best model by the dev sets of SST and IMDB, and the log of the epochs."""
    train_set = training_set(encoder, examples, settings.review_tokens)
    long = train_set.corpus.lengths >= settings.long_text  # (N,)
    train_set = replace(train_set, chance=torch.where(long, settings.review_chance, 1.0))
    dev = [e for e in binary_examples(sources.sst, "dev") if e.target != 0.5]
    evaluation = two_evaluations(encoder, dev, imdb_dev(sources.imdb))
    resume = resume and (state / loop.STATE).is_file()
    return loop.train(model, train_set, evaluation, loop_settings, state, resume=resume)


def _cached(sources: Sources) -> tuple[dict[str, float], dict[str, float]]:
    from train.recipe.teacher import cached_labels

    return cached_labels(sources.cache), cached_reviews(sources.cache)
