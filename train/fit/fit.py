"""Train a classifier from labelled texts and write its checkpoint folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.durable import replacing
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.records import Figures, Metrics, Recipe, Scalar, Source
from sentiment.text import TextEncoder, new_tokenizer
from train.data import stream as streaming
from train.data.corpus import Corpus, TrainingSet
from train.data.labelled import Example, labelled_data
from train.data.labels import Scale, written
from train.data.stream import Prepared
from train.data.tables import DataError, load_table
from train.data.vocabulary import choose_words, count_words, initial_embedding, load_vectors
from train.fit import loop
from train.fit.distributed import ALONE, Processes
from train.measure.metrics import binary_metrics, class_metrics


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
    examples: list[Example], more: Counter[str], common: list[str], size: int, min_count: int = 1
) -> TextEncoder:
    """A tokenizer over the examples' words, then the commonest others, up to ``size``.

    Words of the examples that occur less than ``min_count`` times are read as "unknown".
    """
    core = count_words(example.text for example in examples)
    core = Counter({word: count for word, count in core.items() if count >= min_count})
    return TextEncoder(new_tokenizer(choose_words(core, more, common, size)))


def training_set(
    encoder: TextEncoder, examples: list[Example], max_tokens: int = 400, *, classes: bool = False
) -> TrainingSet:
    """Examples as ids, targets and weights; texts without a word are left out.

    Of a text with more than ``max_tokens`` tokens the first and last half of them are kept.
    With ``classes`` targets are the numbers of more than two labels.
    """
    ids = encoder.ids_batch([example.text for example in examples])
    kept = [(i, e) for i, e in zip(ids, examples, strict=True) if i]
    targets = [example.target for _, example in kept]
    return TrainingSet(
        Corpus([i for i, _ in kept], max_tokens=max_tokens),
        torch.tensor(targets).long() if classes else torch.tensor(targets),
        torch.tensor([e.weight for _, e in kept]),
    )


def dev_evaluation(
    encoder: TextEncoder,
    examples: list[Example],
    labels: Sequence[str] = ("negative", "positive"),
) -> loop.Evaluate:
    """A function from a model to its dev figures on polar examples, or on those of each label."""
    ids = encoder.ids_batch([example.text for example in examples])

    def evaluate(model: PackedLSTMClassifier) -> dict[str, float]:
        figures = _figures(SentimentClassifier(model, encoder, labels).logits(ids), examples)
        return {"accuracy": figures.accuracy, "log_loss": figures.log_loss, "ece": figures.ece}

    return evaluate


def _figures(logits: Sequence[Sequence[float]], examples: list[Example]) -> Figures:
    rows = torch.tensor(logits)  # (N, O)
    if rows.shape[1] == 1:
        polar = [i for i, example in enumerate(examples) if example.target != 0.5]
        labels = [int(examples[i].target > 0.5) for i in polar]
        return binary_metrics(rows[polar].squeeze(1).sigmoid().tolist(), labels)
    numbers = [int(example.target) for example in examples]
    return class_metrics(rows.double().softmax(dim=1).tolist(), numbers)


def fit(
    source: str,
    out: Path,
    settings: FitSettings,
    loop_settings: loop.LoopSettings,
    *,
    text_column: str = "text",
    label_column: str = "label",
    labels: list[str] | None = None,
    ratings: bool | Scale = False,
    balance: bool = False,
    vectors: Path | None = None,
    more_text: list[str] | None = None,
    stream: bool = False,
    resume: bool = False,
    processes: Processes = ALONE,
) -> Figures:
    """Train on ``source``'s train split, choose on its dev split, save into ``out``.

    ``labels``, ``ratings`` and ``balance`` are as in ``labelled_data``. Without
    ``vectors``, words that occur once teach the model what "unknown" means. The dev figures
    given back are those of the saved files, after their rounding. With ``stream`` the texts are
    kept tokenised on disk, for more of them than memory holds. Of several ``processes``, the
    first writes them.
    """
    state = out / "state"
    names, table = load_vectors(vectors) if vectors else ([], None)
    common, min_count = (names, 1) if vectors else ([], 2)
    if stream:
        if processes.first:
            streaming.prepare(
                source,
                state,
                text_column,
                label_column,
                words=settings.words,
                labels=labels,
                ratings=ratings,
                min_count=min_count,
                common=common,
                resume=resume,
            )
        processes.agree(None)  # the others wait for the files
        prepared = streaming.read(state, balance=balance)
    else:
        found = labelled_data(
            source, text_column, label_column, labels=labels, ratings=ratings, balance=balance
        )
        encoder_file = state / checkpoint.TOKENIZER
        if resume and encoder_file.is_file():
            encoder = TextEncoder.from_file(encoder_file)
        else:
            more: Counter[str] = Counter()
            for extra in more_text or []:
                more += count_words(load_table(extra)["text"])
            encoder = make_encoder(found.train, more, common, settings.words, min_count)
            state.mkdir(parents=True, exist_ok=True)
            if processes.first:
                encoder.save(encoder_file)
        train_set = training_set(encoder, found.train, classes=len(found.labels) > 2)
        prepared = Prepared(train_set, found.dev, found.labels, encoder, found.scale)
    encoder = prepared.encoder
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=settings.embed_dim if table is None else int(table.shape[1]),
        hidden_dim=settings.hidden_dim,
        layers=settings.layers,
        dropout=settings.dropout,
        pooling=settings.pooling,
        cell=settings.cell,
        labels=prepared.labels,
    )
    torch.manual_seed(loop_settings.seed)
    model = build(config)
    if table is not None:
        weight, share = initial_embedding(encoder, names, table, loop_settings.seed)
        model.embedding.weight.data.copy_(weight)
        print(f"{config.vocab_size:,} words, {100 * share:.1f} % with a vector", flush=True)
    best, log = loop.train(
        model,
        prepared.train,
        dev_evaluation(encoder, prepared.dev, prepared.labels),
        loop_settings,
        state,
        resume=resume,
        processes=processes,
        choice=json.dumps([prepared.labels, [asdict(example) for example in prepared.dev]]),
    )
    if not processes.first:
        return processes.agree(Figures(0, 0.0, 0.0, 0.0))
    with replacing(out) as staged:
        checkpoint.save(staged, best, config, encoder, int8=settings.int8)
        figures = evaluate_examples(SentimentClassifier.from_folder(staged), prepared.dev)
        scale = {} if prepared.scale is None else {"ratings": written(prepared.scale)}
        Recipe(
            data=(Source(named(source), len(prepared.train.targets)),),
            vectors=None if vectors is None else named(str(vectors)),
            examples=len(prepared.train.targets),
            settings=scalars(settings) | scalars(loop_settings) | scale,
        ).write(staged)
        Metrics({"dev": figures}, tables={"epochs": tuple(log)}).write(staged)
    return processes.agree(figures)


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
