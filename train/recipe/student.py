"""The LSTM that learns the mixture, its temperature, and the vanilla RNN trained beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.records import Metrics
from sentiment.text import UNKNOWN_ID, TextEncoder, new_tokenizer
from train.data.general import GeneralText
from train.data.labelled import Example
from train.data.reviews import imdb_dev
from train.data.vocabulary import (
    carried_over,
    choose_words,
    count_words,
    initial_embedding,
    load_vectors,
)
from train.fit import loop
from train.fit.calibrate import fold_temperature, mildest_temperature
from train.fit.fit import evaluate_examples, named
from train.fit.texts import training_set
from train.measure.domains import domain_figures
from train.measure.metrics import binary_metrics
from train.recipe.augment import Generator, treebank_lexicon
from train.recipe.mixture import (
    DistillSettings,
    Sources,
    cached_reviews,
    general_texts,
    mixture,
    with_own_labels,
)
from train.recipe.record import recorded
from train.recipe.variants import alike
from train.recipe.written import written_examples

EMBEDDING = "embedding.weight"


def student_encoder(
    sources: Sources, settings: DistillSettings, begun: checkpoint.Checkpoint | None = None
) -> tuple[TextEncoder, Tensor]:
    """The vocabulary, and the embedding (V, E) that the vectors, or those of ``begun``, give it.

    All words of the treebank, of constructed and of written sentences, those that everyday texts
    use three times (twice, where there is a vector), then the commonest of reviews and everyday
    texts.
    """
    phrases = sources.phrases()
    constructed = Generator(treebank_lexicon(phrases)).examples(settings.constructed)
    written = written_examples() if settings.written else ()
    names, table = load_vectors(sources.vectors)
    place = set(names)
    core = count_words(e.text for e in (*phrases, *constructed, *written))
    more = count_words(one.text for one in general_texts(sources))
    core += Counter({w: n for w, n in more.items() if n >= 3 or (n == 2 and w in place)})
    for source in (sources.imdb, sources.unlabelled):
        more += count_words(sources.texts(source))
    encoder = TextEncoder(new_tokenizer(choose_words(core, more, names, settings.words)))
    if begun is None:
        weight, share = initial_embedding(encoder, names, table)
    else:
        trained = begun.model.embedding.weight.detach()  # (V', E)
        weight, share = carried_over(encoder, names, table, begun.encoder, trained)
    print(f"{encoder.vocabulary_size:,} words, {100 * share:.1f} % with a vector", flush=True)
    return encoder, weight


def evaluations(
    encoder: TextEncoder,
    sst: list[Example],
    imdb: list[Example],
    general: Sequence[GeneralText] = (),
    sample: int = 600,
) -> loop.Evaluate:
    """Dev figures of SST, of a sample of IMDB and of everyday texts.

    "accuracy", by which to choose, is the mean of the two accuracies and, where there are
    everyday texts, the macro recall of negative, neutral and positive of each of their domains
    that has all three.
    """
    general = [one for one in general if one.target is not None]
    texts = [e.text for e in sst + imdb[:sample]] + [one.text for one in general]
    ids = [row or [UNKNOWN_ID] for row in encoder.ids_batch(texts)]
    labels = [int(e.target > 0.5) for e in sst + imdb[:sample]]

    def evaluate(model: PackedLSTMClassifier) -> dict[str, float]:
        rows = SentimentClassifier(model, encoder).logits(ids)
        p = torch.tensor(rows).squeeze(1).sigmoid().tolist()
        first = binary_metrics(p[: len(sst)], labels[: len(sst)])
        second = binary_metrics(p[len(sst) : len(labels)], labels[len(sst) :])
        found = {"sst": first.accuracy, "imdb": second.accuracy}
        for domain, figures in domain_figures(p[len(labels) :], general).items():
            if figures.macro_recall is not None:
                found[domain] = figures.macro_recall
        accuracy = sum(found.values()) / len(found)
        return {"accuracy": accuracy, **found, "log_loss": first.log_loss, "ece": first.ece}

    return evaluate


def student(
    sources: Sources,
    out: Path,
    settings: DistillSettings,
    loop_settings: loop.LoopSettings,
    *,
    start: Path | None = None,
    new_vocabulary: bool = False,
    resume: bool = False,
) -> PackedLSTMClassifier:
    """Train the LSTM on the mixture, calibrate it on SST dev and write it into ``out``.

    ``start`` is a checkpoint folder to go on from instead of word vectors, with its vocabulary
    or, with ``new_vocabulary``, with one of these sources. ``resume`` goes on where a stopped
    run left its state, if it did.
    """
    labels, reviews = _cached(sources)
    begun = checkpoint.load(start) if start is not None else None
    if begun is not None and settings.own:
        own = SentimentClassifier(begun.model, begun.encoder)
        phrases = sources.phrases()
        labels = with_own_labels(labels, own, phrases, settings, general_texts(sources))
    examples = mixture(sources, settings, labels, reviews, loop_settings.seed)
    state = out / "state-lstm"
    state.mkdir(parents=True, exist_ok=True)
    saved = state / "start.pt"
    if begun is not None and not new_vocabulary:
        encoder, weight = begun.encoder, begun.model.embedding.weight.detach()
    elif saved.is_file():
        weight = torch.load(saved, weights_only=True)
        encoder = TextEncoder.from_file(state / checkpoint.TOKENIZER)
    else:
        encoder, weight = student_encoder(sources, settings, begun)
        encoder.save(state / checkpoint.TOKENIZER)
        torch.save(weight, partial := saved.with_suffix(".partial"))
        partial.rename(saved)
    model, config = _new_model(encoder, weight, settings, "lstm", loop_settings.seed)
    if begun is not None:
        model.load_state_dict({**begun.model.state_dict(), EMBEDDING: weight})
    best, log = _trained(sources, model, encoder, examples, settings, loop_settings, state, resume)
    dev = [e for e in sources.phrases("dev") if e.target != 0.5]
    checkpoint.save(out, best, config, encoder, int8=True)
    rows = SentimentClassifier.from_folder(out).predict_batch([e.text for e in dev])
    temperature = mildest_temperature([p.logit for p in rows], [int(e.target > 0.5) for e in dev])
    fold_temperature(best, temperature)
    checkpoint.save(out, best, config, encoder, int8=True)
    classifier = SentimentClassifier.from_folder(out)
    figures = {
        "sst_dev": replace(evaluate_examples(classifier, dev), data=named(sources.sst)),
        "imdb_dev": replace(
            evaluate_examples(classifier, imdb_dev(sources.imdb, sources.columns)),
            data=named(sources.imdb),
        ),
    }
    recipe = recorded(sources, settings, loop_settings, figures, start)
    replace(recipe, examples=len(examples), temperature=temperature).write(out)
    Metrics(figures, tables={"epochs": tuple(log)}).write(out)
    print(json.dumps({name: one.to_dict() for name, one in figures.items()}), flush=True)
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
    dev = [e for e in sources.phrases("dev") if e.target != 0.5]
    general = sources.everyday("dev")
    evaluation = evaluations(encoder, dev, imdb_dev(sources.imdb, sources.columns), general)
    resume = resume and (state / loop.STATE).is_file()
    return loop.train(model, train_set, evaluation, loop_settings, state, resume=resume)


def _cached(sources: Sources) -> tuple[dict[str, float], dict[str, float]]:
    from train.recipe.teacher import cached_labels

    return alike(cached_labels(sources.cache)), cached_reviews(sources.cache)
