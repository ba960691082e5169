"""The shipped model from raw data: teacher, its labels, the student, its temperature, its twin.

Each stage leaves a file and is skipped where that file is: a killed run goes on where it was.
Soft labels of a transformer for an LSTM: Tang et al. 2019, arXiv:1903.12136.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, PackedLSTMClassifier, bfloat16_pays, build
from sentiment.text import TextEncoder
from train.data.labelled import SST_TARGETS, Example, binary_examples
from train.data.reviews import is_imdb_dev, review_sentences
from train.data.tables import load_table
from train.data.vocabulary import count_words, initial_embedding, load_vectors
from train.fit import loop
from train.fit.calibrate import fold_temperature, mildest_temperature
from train.fit.fit import METRICS, TRAINING, evaluate_examples, make_encoder, training_set
from train.measure.metrics import binary_metrics
from train.recipe.augment import Generator, neutral_nouns, treebank_lexicon

CONTRAST = re.compile(
    r"\b(not|no|never|nothing|neither|nor|without|hardly|barely|but|although|though|however|"
    r"despite|instead|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the raw data lie: folders, files or Hub ids. ``teacher`` is a transformer's.

    ``cache`` has a folder for each teacher, named after it, and the labels of reviews.
    """

    sst: str
    imdb: str
    unlabelled: str
    vectors: Path
    teacher: str
    cache: Path


@dataclass(frozen=True, slots=True)
class DistillSettings:
    """The student's shape and its mixture of texts.

    ``gold`` is the share of the treebank's own target where a phrase has a soft label too, and
    ``own`` the share in a soft label of the checkpoint that training starts from (its knowledge
    and the teachers' together: an ensemble, and born-again training, Furlanello et al. 2018,
    arXiv:1805.04770).
    ``constructed`` counts augmentation sentences; ``reviews`` whole labelled reviews (all of
    them where negative) and ``unlabelled_reviews`` those with NB-SVM's soft label.
    ``review_tokens`` cuts reviews in training alone, ``review_chance`` is how likely a text of
    ``long_text`` tokens or more is read in an epoch: reviews take most of the time, and are
    learnt in fewer passes than sentences.
    """

    words: int = 60_000
    hidden_dim: int = 256
    dropout: float = 0.3
    gold: float = 0.5
    own: float = 0.5
    constructed: int = 60_000
    review_sentences: int = 100_000
    unlabelled_reviews: int = 15_000
    review_tokens: int = 240
    review_chance: float = 0.4
    long_text: int = 60
    repeat_sentences: int = 3


def teacher_texts(sources: Sources, phrases: int = 12_000, seed: int = 0) -> list[Example]:
    """What a teacher is fine-tuned on: every sentence, and a sample of so many phrases.

    Two thirds of the phrases are long and polar, the rest neutral or short.
    """
    rows = load_table(sources.sst, "train")
    sentences = [
        Example(text, SST_TARGETS[rating])
        for text, rating, whole in zip(
            rows["text"], rows["rating"], rows["is_sentence"], strict=True
        )
        if whole
    ]
    found = [e for e in binary_examples(sources.sst, "train") if e.target in (0, 0.5, 1)]
    long = [e for e in found if len(e.text.split()) >= 5]
    pools = (
        ([e for e in long if e.target != 0.5], 16 * phrases // 24),
        ([e for e in long if e.target == 0.5], 5 * phrases // 24),
        ([e for e in found if len(e.text.split()) <= 4], 3 * phrases // 24),
    )
    generator = random.Random(seed)
    return sentences + [e for pool, n in pools for e in generator.sample(pool, min(n, len(pool)))]


def texts_to_label(sources: Sources, reviews: int = 30_000, seed: int = 0) -> list[str]:
    """Sentences first, then chunks of long phrases and of review sentences in turn.

    Sentences are taken from so many ``reviews``; half of them, while they last, hold a negator or
    a word of contrast.
    """
    generator = random.Random(seed)
    rows = load_table(sources.sst, "train")
    sentences = [t for t, whole in zip(rows["text"], rows["is_sentence"], strict=True) if whole]
    phrases = [e.text for e in binary_examples(sources.sst, "train")]
    long = [text for text in phrases if len(text.split()) >= 4]
    generator.shuffle(long)
    pool = [t for t in load_table(sources.imdb)["text"] if not is_imdb_dev(t)]
    pool += load_table(sources.unlabelled)["text"]
    generator.shuffle(pool)
    found = review_sentences(pool[:reviews], 5, 30)
    contrast = [text for text in found if CONTRAST.search(text)]
    plain = [text for text in found if not CONTRAST.search(text)]
    generator.shuffle(contrast)
    generator.shuffle(plain)
    mixed = [text for pair in zip(contrast, plain, strict=False) for text in pair]
    size = 800
    chunks = [
        text
        for start in range(0, max(len(long), len(mixed)), size)
        for text in long[start : start + size] + mixed[start : start + size]
    ]
    return sentences + chunks


def mixture(
    sources: Sources,
    settings: DistillSettings,
    labels: dict[str, float],
    reviews: dict[str, float],
    seed: int = 0,
) -> list[Example]:
    """Every example of the student, in no particular order."""
    rows = load_table(sources.sst, "train")
    whole = {t for t, is_whole in zip(rows["text"], rows["is_sentence"], strict=True) if is_whole}
    phrases = binary_examples(sources.sst, "train")
    generator = random.Random(seed)
    mixed: list[Example] = []
    for example in phrases:
        target = example.target
        if (soft := labels.get(example.text)) is not None:
            target = settings.gold * target + (1 - settings.gold) * soft
        copies = settings.repeat_sentences if example.text in whole else 1
        mixed += [Example(example.text, target)] * copies
    known = {example.text for example in phrases}
    others = [Example(text, soft) for text, soft in labels.items() if text not in known]
    mixed += generator.sample(others, min(settings.review_sentences, len(others)))
    table = load_table(sources.imdb)
    labelled = [
        Example(text, float(label))
        for text, label in zip(table["text"], table["label"], strict=True)
        if not is_imdb_dev(text)
    ]
    mixed += labelled
    soft_reviews = [Example(text, soft) for text, soft in reviews.items()]
    mixed += generator.sample(soft_reviews, min(settings.unlabelled_reviews, len(soft_reviews)))
    neutral = [e.text for e in phrases if e.target == 0.5 and 3 <= len(e.text.split()) <= 12]
    sample = generator.sample(labelled, min(8000, len(labelled)))
    nouns = neutral_nouns([e.text for e in sample], [e.target for e in sample])
    lexicon = treebank_lexicon(phrases, nouns)
    mixed += Generator(lexicon, seed).examples(settings.constructed, surroundings=neutral)
    return mixed


def with_own_labels(
    labels: dict[str, float],
    own: SentimentClassifier,
    phrases: Sequence[Example],
    settings: DistillSettings,
) -> dict[str, float]:
    """Soft labels with ``settings.own`` of ``own``'s opinion; alone where no teacher has one."""
    texts = list(dict.fromkeys([*labels, *(phrase.text for phrase in phrases)]))
    opinions = torch.tensor(own.logits(own.encoder.ids_batch(texts))).squeeze(1).sigmoid().tolist()
    return {
        text: settings.own * opinion + (1 - settings.own) * labels.get(text, opinion)
        for text, opinion in zip(texts, opinions, strict=True)
    }


def imdb_dev(source: str) -> list[Example]:
    """The fixed tenth of IMDB's train split."""
    table = load_table(source)
    return [
        Example(text, float(label))
        for text, label in zip(table["text"], table["label"], strict=True)
        if is_imdb_dev(text)
    ]


def cached_reviews(cache: Path) -> dict[str, float]:
    """NB-SVM's soft labels of whole reviews, by text; none where the file is not there yet."""
    path = cache / "reviews.jsonl"
    if not path.is_file():
        return {}
    # splitlines would also cut at the line separators that reviews may hold
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    rows = [json.loads(line) for line in lines]
    return {row["text"]: row["soft_label"] for row in rows}


def label_reviews(sources: Sources) -> dict[str, float]:
    """Let NB-SVM, trained on the labelled reviews, label the others; kept in the cache."""
    from train.measure.baselines import NaiveBayesSVM

    if found := cached_reviews(sources.cache):
        return found
    table = load_table(sources.imdb)
    kept = [
        (text, label)
        for text, label in zip(table["text"], table["label"], strict=True)
        if not is_imdb_dev(text)
    ]
    model = NaiveBayesSVM(2, strength=1.0, min_count=2)
    model.fit([text for text, _ in kept], [label for _, label in kept])
    texts = load_table(sources.unlabelled)["text"]
    labels = dict(zip(texts, model(texts).tolist(), strict=True))
    lines = (
        json.dumps({"text": text, "soft_label": round(value, 4)}, ensure_ascii=False) + "\n"
        for text, value in labels.items()
    )
    (sources.cache / "reviews.jsonl").write_text("".join(lines), encoding="utf-8")
    return labels


def student_encoder(
    sources: Sources, settings: DistillSettings, examples: Sequence[Example]
) -> tuple[TextEncoder, Tensor]:
    """The vocabulary, and the embedding (V, E) that the vectors give it."""
    phrases = binary_examples(sources.sst, "train")
    constructed = Generator(treebank_lexicon(phrases)).examples(60_000)
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


def train_student(
    sources: Sources,
    out: Path,
    settings: DistillSettings,
    loop_settings: loop.LoopSettings,
    *,
    cell: str = "lstm",
    shared: tuple[TextEncoder, Tensor] | None = None,
    start: Path | None = None,
    resume: bool = False,
) -> PackedLSTMClassifier:
    """Train one student into ``out``, or, with ``shared``, a twin on a frozen embedding.

    ``start`` is a checkpoint folder to go on from instead of word vectors.
    """
    labels, reviews = _cached(sources)
    begun = checkpoint.load(start) if start is not None and shared is None else None
    if begun is not None and settings.own:
        own = SentimentClassifier(begun.model, begun.encoder)
        labels = with_own_labels(labels, own, binary_examples(sources.sst, "train"), settings)
    examples = mixture(sources, settings, labels, reviews, loop_settings.seed)
    state = out / f"state-{cell}"
    state.mkdir(parents=True, exist_ok=True)
    saved = state / "start.pt"
    if shared is not None:
        encoder, weight = shared
    elif begun is not None:
        encoder, weight = begun.encoder, begun.model.embedding.weight
    elif saved.is_file():
        weight = torch.load(saved, weights_only=True)
        encoder = TextEncoder.from_file(state / checkpoint.TOKENIZER)
    else:
        encoder, weight = student_encoder(sources, settings, examples)
        encoder.save(state / checkpoint.TOKENIZER)
        torch.save(weight, saved)
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=int(weight.shape[1]),
        hidden_dim=settings.hidden_dim,
        dropout=settings.dropout,
        cell=cell,
    )
    torch.manual_seed(loop_settings.seed)
    model = build(config)
    model.embedding.weight.data.copy_(weight)
    if begun is not None:
        model.load_state_dict(begun.model.state_dict())
    dev = [e for e in binary_examples(sources.sst, "dev") if e.target != 0.5]
    reviews_dev = imdb_dev(sources.imdb)
    if shared is not None:
        model.embedding.weight.requires_grad_(False)
    resume = resume and (state / loop.STATE).is_file()
    train_set = training_set(encoder, examples, settings.review_tokens)
    long = train_set.corpus.lengths >= settings.long_text  # (N,)
    train_set = replace(train_set, chance=torch.where(long, settings.review_chance, 1.0))
    best, log = loop.train(
        model,
        train_set,
        two_evaluations(encoder, dev, reviews_dev),
        loop_settings,
        state,
        resume=resume,
    )
    if shared is not None:
        checkpoint.save_twin(out, best)
        return best
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
        "imdb_dev": asdict(evaluate_examples(classifier, reviews_dev)),
    }
    report = {**figures, "epochs": log}
    (out / METRICS).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures), flush=True)
    return best


def _cached(sources: Sources) -> tuple[dict[str, float], dict[str, float]]:
    from train.recipe.teacher import cached_labels

    return cached_labels(sources.cache), cached_reviews(sources.cache)


def distill(
    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")],
    imdb: Annotated[str, typer.Option(help="Labelled reviews: file, folder or Hub id.")],
    unlabelled: Annotated[str, typer.Option(help="Reviews without labels.")],
    vectors: Annotated[Path, typer.Option(help="GloVe file or folder.")],
    cache: Annotated[Path, typer.Option(help="Where the teacher and its labels are kept.")],
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    teacher: Annotated[
        str, typer.Option(help="Transformer to fine-tune.")
    ] = "sentence-transformers/all-mpnet-base-v2",
    teacher_epochs: Annotated[int, typer.Option(help="Passes of the teacher.")] = 1,
    teacher_phrases: Annotated[int, typer.Option(help="It sees beside all sentences.")] = 12_000,
    teacher_learning_rate: Annotated[float, typer.Option()] = 2e-5,
    label_hours: Annotated[float, typer.Option(help="At most this long for labelling.")] = 1.0,
    label_reviews_from: Annotated[
        int, typer.Option("--label-reviews", help="Reviews whose sentences are labelled.")
    ] = 30_000,
    epochs: Annotated[int, typer.Option(help="Passes of the student.")] = 6,
    twin_epochs: Annotated[int, typer.Option(help="Passes of the vanilla-RNN twin.")] = 1,
    words: Annotated[int, typer.Option(help="Vocabulary size.")] = 60_000,
    dropout: Annotated[float, typer.Option()] = 0.3,
    constructed: Annotated[int, typer.Option(help="Augmentation sentences.")] = 60_000,
    unlabelled_reviews: Annotated[int, typer.Option(help="Reviews labelled by NB-SVM.")] = 15_000,
    word_dropout: Annotated[float, typer.Option()] = 0.05,
    review_chance: Annotated[float, typer.Option(help="Of a review, in an epoch.")] = 0.4,
    last_state: Annotated[float, typer.Option(help="Weight of the final state's own loss.")] = 0.2,
    learning_rate: Annotated[float, typer.Option()] = 2e-3,
    batch_size: Annotated[int, typer.Option()] = 64,
    batch_tokens: Annotated[int, typer.Option(help="Of a batch, with padding.")] = 4096,
    lazy_embedding: Annotated[bool, typer.Option(help="Update only the words of a batch.")] = True,
    bfloat16: Annotated[
        bool | None,
        typer.Option(
            "--bfloat16/--no-bfloat16",
            help="Multiply in 16 bits.  [default: where the processor does]",
        ),
    ] = None,
    gold: Annotated[float, typer.Option(help="Share of the treebank's own labels.")] = 0.5,
    own: Annotated[float, typer.Option(help="Share of --start's own opinion in a label.")] = 0.5,
    review_sentences: Annotated[int, typer.Option(help="Of those with a label.")] = 100_000,
    threads: Annotated[int, typer.Option(help="Threads of the student's training.")] = 1,
    seed: Annotated[int, typer.Option()] = 0,
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint to go on from, when labels have grown.")
    ] = None,
    stage: Annotated[str, typer.Option(help="teacher, labels, student, twin or all.")] = "all",
) -> None:
    """Make the shipped weights from raw data, in resumable stages.

    Several teachers: run the stage "labels" once for each; the mean of their labels is learnt.
    Under torchrun that stage's texts are shared among the processes.
    """
    stages = ("teacher", "labels", "student", "twin")
    if stage not in (*stages, "all"):
        raise ValueError(f"stage must be one of {', '.join(stages)} or all, got {stage!r}")
    todo = stages if stage == "all" else (stage,)
    sources = Sources(sst, imdb, unlabelled, vectors, teacher, cache)
    settings = DistillSettings(
        words=words,
        dropout=dropout,
        constructed=constructed,
        unlabelled_reviews=unlabelled_reviews,
        review_chance=review_chance,
        gold=gold,
        own=own,
        review_sentences=review_sentences,
    )
    loop_settings = loop.LoopSettings(
        epochs=epochs,
        learning_rate=learning_rate,
        word_dropout=word_dropout,
        batch_size=batch_size,
        patience=epochs,
        bfloat16=bfloat16_pays() if bfloat16 is None else bfloat16,
        batch_tokens=batch_tokens,
        last_state=last_state,
        lazy_embedding=lazy_embedding,
        seed=seed,
    )
    if "teacher" in todo or "labels" in todo:
        from train.recipe import teacher as teaching

        own_cache = cache / Path(teacher).name
        model = teaching.fine_tune(
            teacher,
            teacher_texts(sources, teacher_phrases),
            binary_examples(sst, "dev"),
            own_cache,
            epochs=teacher_epochs,
            learning_rate=teacher_learning_rate,
        )
        if "labels" in todo:
            deadline = time.time() + 3600 * label_hours
            texts = texts_to_label(sources, label_reviews_from)
            rank, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
            teaching.label(model, texts[rank::count], own_cache, deadline=deadline)
            if rank == 0:
                label_reviews(sources)
    torch.set_num_threads(threads)
    if "student" in todo:
        train_student(sources, out, settings, loop_settings, start=start, resume=True)
    if "twin" in todo:
        loaded = checkpoint.load(out)
        weight = loaded.model.embedding.weight.clone()
        twin_settings = replace(
            loop_settings,
            epochs=twin_epochs,
            patience=twin_epochs,
            batch_size=128,
            embedding_learning_rate=0.0,
            last_state=0.0,
            lazy_embedding=False,
            bfloat16=False,  # only the LSTM has a fused kernel for it
        )
        settings = replace(settings, review_chance=review_chance / 4)
        train_student(
            sources, out, settings, twin_settings, cell="rnn", shared=(loaded.encoder, weight)
        )
