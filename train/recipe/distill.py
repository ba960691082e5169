"""The shipped model from raw data: teacher, its labels, the student, its temperature, its twin.

Each stage leaves a file and is skipped where that file is: a killed run goes on where it was.
Soft labels of a transformer for an LSTM: Tang et al. 2019, arXiv:1903.12136.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment.errors import SentimentError
from sentiment.model import bfloat16_pays
from sentiment.options import ReadingOptions, grouped
from train.data.labels import ratings_asked
from train.data.options import LabelOptions
from train.data.tables import Columns
from train.fit import loop
from train.recipe.mixture import (
    DistillSettings,
    Sources,
    label_reviews,
    teacher_texts,
    texts_to_label,
    variants_to_label,
)
from train.recipe.student import student, twin

STAGES = ("teacher", "labels", "student", "twin")


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Where the raw data lie."""

    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")]
    imdb: Annotated[str, typer.Option(help="Labelled reviews: file, folder or Hub id.")]
    unlabelled: Annotated[str, typer.Option(help="Reviews without labels.")]
    vectors: Annotated[Path, typer.Option(help="GloVe file or folder.")]
    cache: Annotated[Path, typer.Option(help="Where the teacher and its labels are kept.")]
    general: Annotated[
        str, typer.Option(help="Everyday texts: folder, or Hub ids separated by commas.")
    ] = ""


@dataclass(frozen=True, slots=True)
class TeacherOptions:
    """The transformer that labels, and what it labels."""

    teacher: Annotated[
        str, typer.Option(help="Transformer to fine-tune, or a checkpoint folder to learn from.")
    ] = "sentence-transformers/all-mpnet-base-v2"
    teacher_epochs: Annotated[int, typer.Option(help="Passes of the teacher.")] = 1
    teacher_phrases: Annotated[int, typer.Option(help="It sees beside all sentences.")] = 12_000
    teacher_general: Annotated[int, typer.Option(help="Everyday texts it sees.")] = 30_000
    teacher_written: Annotated[int, typer.Option(help="Times it sees each written sentence.")] = 2
    teacher_learning_rate: Annotated[float, typer.Option()] = 2e-5
    label_hours: Annotated[float, typer.Option(help="At most this long for labelling.")] = 1.0
    label_reviews: Annotated[int, typer.Option(help="Reviews whose sentences are labelled.")] = (
        30_000
    )
    variants: Annotated[
        int, typer.Option(help="Variants of each written sentence to label, fewer of others.")
    ] = 0


@dataclass(frozen=True, slots=True)
class MixtureOptions:
    """What the student learns from."""

    words: Annotated[int, typer.Option(help="Vocabulary size.")] = 60_000
    constructed: Annotated[int, typer.Option(help="Augmentation sentences.")] = 120_000
    written: Annotated[int, typer.Option(help="Times that each written sentence is in.")] = 6
    unlabelled_reviews: Annotated[int, typer.Option(help="Reviews labelled by NB-SVM.")] = 15_000
    review_sentences: Annotated[int, typer.Option(help="Of those with a label.")] = 100_000
    review_chance: Annotated[float, typer.Option(help="Of a review, in an epoch.")] = 0.4
    gold: Annotated[float, typer.Option(help="Share of the treebank's own labels.")] = 0.5
    own: Annotated[float, typer.Option(help="Share of --start's own opinion in a label.")] = 0.5
    general_gold: Annotated[float, typer.Option(help="The same of everyday texts.")] = 0.6
    general_own: Annotated[float, typer.Option(help="--own for everyday texts.")] = 0.0


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How the student learns."""

    epochs: Annotated[int, typer.Option(help="Passes of the student.")] = 6
    twin_epochs: Annotated[int, typer.Option(help="Passes of the vanilla-RNN twin.")] = 1
    dropout: Annotated[float, typer.Option()] = 0.3
    word_dropout: Annotated[float, typer.Option()] = 0.05
    last_state: Annotated[float, typer.Option(help="Weight of the final state's own loss.")] = 0.2
    learning_rate: Annotated[float, typer.Option()] = 2e-3
    batch_size: Annotated[int, typer.Option()] = 64
    batch_tokens: Annotated[int, typer.Option(help="Of a batch, with padding.")] = 4096
    lazy_embedding: Annotated[bool, typer.Option(help="Update only the words of a batch.")] = True
    bfloat16: Annotated[
        bool | None,
        typer.Option(
            "--bfloat16/--no-bfloat16",
            help="Multiply in 16 bits.  [default: where the processor does]",
        ),
    ] = None
    threads: Annotated[int, typer.Option(help="Threads of the student's training.")] = 1
    seed: Annotated[int, typer.Option()] = 0
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint to go on from, when labels have grown.")
    ] = None
    new_vocabulary: Annotated[
        bool, typer.Option(help="With --start: its rows, but the vocabulary of these sources.")
    ] = False


@grouped
def distill(
    sources: SourceOptions,
    teacher: TeacherOptions,
    mixture: MixtureOptions,
    training: TrainingOptions,
    labels: LabelOptions,
    reading: ReadingOptions,
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    stage: Annotated[str, typer.Option(help="teacher, labels, student, twin or all.")] = "all",
) -> None:
    """Make the shipped weights from raw data, in resumable stages.

    Several teachers: run the stage "labels" once for each; the mean of their labels is learnt.
    Under torchrun that stage's texts are shared among the processes. The columns are those of
    --imdb and --unlabelled.
    """
    if stage not in (*STAGES, "all"):
        raise SentimentError(f"stage must be one of {', '.join(STAGES)} or all, got {stage!r}")
    todo = STAGES if stage == "all" else (stage,)
    columns = Columns(
        labels.text_column,
        labels.label_column,
        ratings_asked(labels.ratings, labels.scale),
        reading.rules,
    )
    data = Sources(**asdict(sources), teacher=teacher.teacher, columns=columns)
    if "teacher" in todo or "labels" in todo:
        _teach(data, teacher, label="labels" in todo)
    settings = DistillSettings(**asdict(mixture), dropout=training.dropout)
    loop_settings = _loop_settings(training)
    torch.set_num_threads(training.threads)
    if "student" in todo:
        student(
            data,
            out,
            settings,
            loop_settings,
            start=training.start,
            new_vocabulary=training.new_vocabulary,
            resume=True,
        )
    if "twin" in todo:
        twin_settings = replace(
            loop_settings,
            epochs=training.twin_epochs,
            patience=training.twin_epochs,
            batch_size=128,
            embedding_learning_rate=0.0,
            last_state=0.0,
            lazy_embedding=False,
            bfloat16=False,  # only the LSTM has a fused kernel for it
        )
        settings = replace(settings, review_chance=settings.review_chance / 4)
        twin(data, out, settings, twin_settings, resume=True)


def _teach(sources: Sources, options: TeacherOptions, *, label: bool) -> None:
    """Fine-tune the teacher, or take the finished one, and let it ``label``."""
    from train.recipe import teacher as teaching

    cache = sources.cache / Path(options.teacher).name
    model: teaching.SoftLabels
    if teaching.is_ours(Path(options.teacher)):
        model = teaching.EarlierWeights(Path(options.teacher))
    else:
        model = teaching.fine_tune(
            options.teacher,
            teacher_texts(
                sources,
                options.teacher_phrases,
                options.teacher_general,
                written=options.teacher_written,
            ),
            sources.phrases("dev"),
            cache,
            epochs=options.teacher_epochs,
            learning_rate=options.teacher_learning_rate,
        )
    if label:
        deadline = time.time() + 3600 * options.label_hours
        texts = texts_to_label(sources, options.label_reviews)
        if options.variants:
            texts += variants_to_label(sources, options.variants)
        rank, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        teaching.label(model, texts[rank::count], cache, deadline=deadline)
        if rank == 0:
            label_reviews(sources)


def _loop_settings(training: TrainingOptions) -> loop.LoopSettings:
    return loop.LoopSettings(
        epochs=training.epochs,
        patience=training.epochs,
        learning_rate=training.learning_rate,
        word_dropout=training.word_dropout,
        batch_size=training.batch_size,
        batch_tokens=training.batch_tokens,
        bfloat16=bfloat16_pays() if training.bfloat16 is None else training.bfloat16,
        last_state=training.last_state,
        lazy_embedding=training.lazy_embedding,
        seed=training.seed,
    )
