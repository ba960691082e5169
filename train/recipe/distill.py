"""The shipped model from raw data: teacher, its labels, the student, its temperature, its twin.

Each stage leaves a file and is skipped where that file is: a killed run goes on where it was.
Soft labels of a transformer for an LSTM: Tang et al. 2019, arXiv:1903.12136.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment.errors import SentimentError
from sentiment.model import bfloat16_pays
from train.data.labelled import binary_examples
from train.fit import loop
from train.recipe.mixture import (
    DistillSettings,
    Sources,
    label_reviews,
    teacher_texts,
    texts_to_label,
)
from train.recipe.student import student, twin


def distill(
    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")],
    imdb: Annotated[str, typer.Option(help="Labelled reviews: file, folder or Hub id.")],
    unlabelled: Annotated[str, typer.Option(help="Reviews without labels.")],
    vectors: Annotated[Path, typer.Option(help="GloVe file or folder.")],
    cache: Annotated[Path, typer.Option(help="Where the teacher and its labels are kept.")],
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    general: Annotated[
        str, typer.Option(help="Everyday texts: folder, or Hub ids separated by commas.")
    ] = "",
    teacher: Annotated[
        str, typer.Option(help="Transformer to fine-tune, or a checkpoint folder to learn from.")
    ] = "sentence-transformers/all-mpnet-base-v2",
    teacher_epochs: Annotated[int, typer.Option(help="Passes of the teacher.")] = 1,
    teacher_phrases: Annotated[int, typer.Option(help="It sees beside all sentences.")] = 12_000,
    teacher_general: Annotated[int, typer.Option(help="Everyday texts it sees.")] = 30_000,
    teacher_learning_rate: Annotated[float, typer.Option()] = 2e-5,
    label_hours: Annotated[float, typer.Option(help="At most this long for labelling.")] = 1.0,
    label_reviews_from: Annotated[
        int, typer.Option("--label-reviews", help="Reviews whose sentences are labelled.")
    ] = 30_000,
    epochs: Annotated[int, typer.Option(help="Passes of the student.")] = 6,
    twin_epochs: Annotated[int, typer.Option(help="Passes of the vanilla-RNN twin.")] = 1,
    words: Annotated[int, typer.Option(help="Vocabulary size.")] = 60_000,
    dropout: Annotated[float, typer.Option()] = 0.3,
    constructed: Annotated[int, typer.Option(help="Augmentation sentences.")] = 120_000,
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
    general_gold: Annotated[float, typer.Option(help="The same of everyday texts.")] = 0.6,
    general_own: Annotated[float, typer.Option(help="--own for everyday texts.")] = 0.0,
    review_sentences: Annotated[int, typer.Option(help="Of those with a label.")] = 100_000,
    threads: Annotated[int, typer.Option(help="Threads of the student's training.")] = 1,
    seed: Annotated[int, typer.Option()] = 0,
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint to go on from, when labels have grown.")
    ] = None,
    new_vocabulary: Annotated[
        bool, typer.Option(help="With --start: its rows, but the vocabulary of these sources.")
    ] = False,
    stage: Annotated[str, typer.Option(help="teacher, labels, student, twin or all.")] = "all",
) -> None:
    """Make the shipped weights from raw data, in resumable stages.

    Several teachers: run the stage "labels" once for each; the mean of their labels is learnt.
    Under torchrun that stage's texts are shared among the processes.
    """
    stages = ("teacher", "labels", "student", "twin")
    if stage not in (*stages, "all"):
        raise SentimentError(f"stage must be one of {', '.join(stages)} or all, got {stage!r}")
    todo = stages if stage == "all" else (stage,)
    sources = Sources(sst, imdb, unlabelled, vectors, teacher, cache, general)
    settings = DistillSettings(
        words=words,
        dropout=dropout,
        constructed=constructed,
        unlabelled_reviews=unlabelled_reviews,
        review_chance=review_chance,
        gold=gold,
        own=own,
        general_gold=general_gold,
        general_own=general_own,
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
        model: teaching.SoftLabels
        if teaching.is_ours(Path(teacher)):
            model = teaching.EarlierWeights(Path(teacher))
        else:
            model = teaching.fine_tune(
                teacher,
                teacher_texts(sources, teacher_phrases, teacher_general),
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
        student(
            sources,
            out,
            settings,
            loop_settings,
            start=start,
            new_vocabulary=new_vocabulary,
            resume=True,
        )
    if "twin" in todo:
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
        twin(sources, out, settings, twin_settings, resume=True)
