"""Train a classifier from labelled texts and write its checkpoint folder."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.text import TextEncoder, new_tokenizer
from train import data, loop
from train.data import Corpus, Example
from train.metrics import Metrics, binary_metrics

TRAINING, METRICS = "training.json", "metrics.json"


@dataclass(frozen=True, slots=True)
class FitSettings:
    """What to train. ``words`` is the size of the vocabulary; ``int8`` stores it in 8 bits."""

    hidden_dim: int = 256
    embed_dim: int = 100
    layers: int = 1
    dropout: float = 0.5
    pooling: tuple[str, ...] = ("last", "max", "mean")
    cell: str = "lstm"
    words: int = 30_000
    int8: bool = False


def make_encoder(
    examples: list[Example], more: Counter[str], common: list[str], size: int
) -> TextEncoder:
    """A tokenizer over the examples' words, then the commonest others, up to ``size``."""
    core = data.count_words(example.text for example in examples)
    return TextEncoder(new_tokenizer(data.choose_words(core, more, common, size)))


def training_set(
    encoder: TextEncoder, examples: list[Example], max_tokens: int = 400
) -> loop.TrainingSet:
    """Examples as ids, targets and weights; texts without a word are left out.

    Of a text with more than ``max_tokens`` tokens the first and last half of them are kept.
    """
    ids = encoder.ids_batch([example.text for example in examples])
    kept = [(i, e) for i, e in zip(ids, examples, strict=True) if i]
    return loop.TrainingSet(
        Corpus([i for i, _ in kept], max_tokens=max_tokens),
        torch.tensor([e.target for _, e in kept]),
        torch.tensor([e.weight for _, e in kept]),
    )


def dev_evaluation(encoder: TextEncoder, examples: list[Example]) -> loop.Evaluate:
    """A function from a model to its dev figures on polar examples."""
    ids = encoder.ids_batch([example.text for example in examples])
    labels = [int(example.target > 0.5) for example in examples]

    def evaluate(model: PackedLSTMClassifier) -> dict[str, float]:
        classifier = SentimentClassifier(model, encoder)
        rows = classifier.logits(ids)
        for parameter in model.parameters():
            parameter.requires_grad_(True)
        probabilities = torch.tensor(rows).squeeze(1).sigmoid().tolist()
        figures = binary_metrics(probabilities, labels)
        return {"accuracy": figures.accuracy, "log_loss": figures.log_loss, "ece": figures.ece}

    return evaluate


def fit(
    source: str,
    out: Path,
    settings: FitSettings,
    loop_settings: loop.LoopSettings,
    *,
    text_column: str = "text",
    label_column: str = "label",
    vectors: Path | None = None,
    more_text: list[str] | None = None,
    resume: bool = False,
) -> Metrics:
    """Train on ``source``'s train split, choose on its dev split, save into ``out``.

    The dev figures given back are those of the saved files, after their rounding.
    """
    train_examples = data.binary_examples(source, "train", text_column, label_column)
    dev_examples = data.binary_examples(source, "dev", text_column, label_column)
    state = out / "state"
    encoder_file = state / checkpoint.TOKENIZER
    names, table = data.load_vectors(vectors) if vectors else ([], None)
    if resume and encoder_file.is_file():
        encoder = TextEncoder.from_file(encoder_file)
    else:
        more: Counter[str] = Counter()
        for extra in more_text or []:
            more += data.count_words(data.load_table(extra)["text"])
        encoder = make_encoder(train_examples, more, names, settings.words)
        state.mkdir(parents=True, exist_ok=True)
        encoder.save(encoder_file)
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=settings.embed_dim if table is None else int(table.shape[1]),
        hidden_dim=settings.hidden_dim,
        layers=settings.layers,
        dropout=settings.dropout,
        pooling=settings.pooling,
        cell=settings.cell,
    )
    torch.manual_seed(loop_settings.seed)
    model = build(config)
    if table is not None:
        weight, share = data.initial_embedding(encoder, names, table, loop_settings.seed)
        model.embedding.weight.data.copy_(weight)
        print(f"{config.vocab_size:,} words, {100 * share:.1f} % with a vector", flush=True)
    best, log = loop.train(
        model,
        training_set(encoder, train_examples),
        dev_evaluation(encoder, dev_examples),
        loop_settings,
        state,
        resume=resume,
    )
    checkpoint.save(out, best, config, encoder, int8=settings.int8)
    recipe = {"data": source, **asdict(settings), **asdict(loop_settings)}
    (out / TRAINING).write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")
    figures = evaluate_examples(SentimentClassifier.from_folder(out), dev_examples)
    report = {"dev": asdict(figures), "epochs": log}
    (out / METRICS).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return figures


def evaluate_examples(classifier: SentimentClassifier, examples: list[Example]) -> Metrics:
    """Figures of a classifier on polar examples."""
    predictions = classifier.predict_batch([example.text for example in examples])
    probabilities = [p.probability for p in predictions if p.probability is not None]
    return binary_metrics(probabilities, [int(e.target > 0.5) for e in examples])
