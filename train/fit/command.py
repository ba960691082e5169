"""python -m train fit: a person's own data, a finished model, the truth about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sentiment.errors import SentimentError
from sentiment.model import CELLS, POOLINGS
from sentiment.options import ReadingOptions, grouped
from train.data.labels import ratings_asked
from train.data.options import LabelOptions
from train.fit.defaults import Asked
from train.fit.distributed import processes
from train.fit.fit import fit
from train.fit.start import NOTHING
from train.fit.texts import DataSettings, FitSettings
from train.measure.truth import shown

FIT_EXAMPLES = """Examples:

\b
  python -m train fit --data reviews.csv --text-column review --label-column stars --ratings \\
      --out runs/mine
  python -m train fit --data mails.jsonl --label-column kind --balance --out runs/mails
  python -m train fit --data stanfordnlp/imdb --out runs/imdb --epochs 3
  python -m train fit --data avis.csv --start nothing --language fr --out runs/avis
  torchrun --nproc-per-node 2 -m train fit --data "big/*.parquet" --stream --out runs/big
  python app.py --model runs/mine
"""


@dataclass(frozen=True, slots=True)
class DataOptions:
    """Which rows, and what their labels mean."""

    source: Annotated[
        str,
        typer.Option("--data", help="File of texts and labels, folder or glob of them, or Hub id."),
    ]
    labels: Annotated[
        str | None,
        typer.Option(help="Names of the labels in their order, with commas: bad,fine,good."),
    ] = None
    balance: Annotated[
        bool, typer.Option("--balance", help="Let every label weigh the same in the loss.")
    ] = False
    more_text: Annotated[
        list[str] | None,
        typer.Option(help="More texts whose words join the vocabulary; may repeat."),
    ] = None
    stream: Annotated[
        bool,
        typer.Option("--stream", help="Keep the tokenised texts on disk: data beyond memory."),
    ] = False
    language: Annotated[
        str | None, typer.Option(help="Language of the texts, for the card: en, fr ...")
    ] = None
    license_name: Annotated[
        str | None, typer.Option("--license", help="Licence of the weights, for the card.")
    ] = None


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What to train: a finished model, or a shape to start from nothing."""

    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            "--from",
            help="embedded, a checkpoint folder, a Hub id, or nothing; under torchrun, which takes "
            "--start for an option of its own, --from.  [default: embedded, "
            "where its language fits and no shape is asked for]",
        ),
    ] = None
    vectors: Annotated[
        Path | None, typer.Option(help="Word vectors to start from: a file in GloVe's format.")
    ] = None
    words: Annotated[int, typer.Option(help="New words in the vocabulary, at most.")] = 30_000
    int8: Annotated[
        bool, typer.Option("--int8", help="Store the embedding in 8 bits: half the file.")
    ] = False
    hidden: Annotated[
        int | None, typer.Option(help="Hidden units.  [default: 256, or the start's]")
    ] = None
    layers: Annotated[
        int | None, typer.Option(help="Recurrent layers.  [default: 1, or the start's]")
    ] = None
    cell: Annotated[
        str | None, typer.Option(help=f"{', '.join(CELLS)}.  [default: lstm, or the start's]")
    ] = None
    bidirectional: Annotated[
        bool, typer.Option("--bidirectional", help="Read from both ends, with units for each.")
    ] = False
    pooling: Annotated[
        str | None,
        typer.Option(
            help=f"What the head reads, with commas: {','.join(POOLINGS)}.  [default: all three]"
        ),
    ] = None
    dropout: Annotated[
        float | None, typer.Option(help="Dropout of inputs and head, 0 to 1.  [default: by start]")
    ] = None


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """How to train; what is left out follows from the size of the data."""

    epochs: Annotated[
        int | None, typer.Option(help="Passes over the data, at most.  [default: by size]")
    ] = None
    patience: Annotated[
        int | None,
        typer.Option(help="Epochs without a better figure before it stops.  [default: by size]"),
    ] = None
    learning_rate: Annotated[
        float | None, typer.Option(help="Peak learning rate.  [default: by start]")
    ] = None
    embedding_learning_rate: Annotated[
        float | None,
        typer.Option(help="That of the word vectors; 0 freezes them.  [default: by size]"),
    ] = None
    batch_size: Annotated[
        int | None, typer.Option(help="Texts in a batch, over all processes.  [default: by size]")
    ] = None
    word_dropout: Annotated[
        float | None,
        typer.Option(help="Chance of a word being read as unknown, 0 to 1.  [default: by start]"),
    ] = None
    bfloat16: Annotated[
        bool | None,
        typer.Option(
            "--bfloat16/--no-bfloat16",
            help="Multiply in 16 bits.  [default: where there is a GPU]",
        ),
    ] = None
    seed: Annotated[int, typer.Option(help="Seed of weights, batches and dropout.")] = 0
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on from the state in OUT, or further with more epochs."),
    ] = False
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a finished model in OUT.")
    ] = False


@grouped
def fit_command(
    data: DataOptions,
    labels: LabelOptions,
    reading: ReadingOptions,
    model: ModelOptions,
    training: LoopOptions,
    out: Annotated[Path, typer.Option(help="Folder to write the checkpoint into.")],
) -> None:
    """Train on labelled texts and write a checkpoint folder that the page opens.

    Training goes on from the embedded weights where they know the data's words. A source
    without a dev split keeps a fixed tenth of each label's texts to measure on: at the end a
    table compares the model there with simpler ones. SIGTERM stops after the batch and keeps the
    state; --resume goes on, on a single CPU process to the weights of an uninterrupted run. The
    last line is the held-out figures as JSON.
    """
    start = chosen_shape(model)
    with processes() as group:
        gpu = group.device.type == "cuda"
        fitted = fit(
            DataSettings(
                data.source,
                labels.text_column,
                labels.label_column,
                tuple(data.labels.split(",")) if data.labels else None,
                ratings_asked(labels.ratings, labels.scale),
                data.balance,
                model.vectors,
                tuple(data.more_text or ()),
                data.stream,
                data.language,
                data.license_name,
                reading.rules,
            ),
            out,
            FitSettings(
                hidden_dim=256 if model.hidden is None else model.hidden,
                layers=1 if model.layers is None else model.layers,
                dropout=model.dropout,
                pooling=tuple(model.pooling.split(",")) if model.pooling else POOLINGS,
                cell=model.cell or "lstm",
                bidirectional=model.bidirectional,
                words=model.words,
                int8=model.int8,
            ),
            Asked(
                training.epochs,
                training.patience,
                training.learning_rate,
                training.embedding_learning_rate,
                training.batch_size,
                training.word_dropout,
                bfloat16=gpu if training.bfloat16 is None else training.bfloat16,
                seed=training.seed,
            ),
            start=start,
            resume=training.resume,
            overwrite=training.overwrite,
            processes=group,
        )
    if fitted is not None:
        typer.echo("\n" + shown(fitted.truth) + "\n")
        typer.echo(json.dumps(fitted.figures.to_dict()))


def chosen_shape(model: ModelOptions) -> str | None:
    """The start, by default nothing where a shape or word vectors are asked for.

    Raises SentimentError where both a start and a shape are asked for.
    """
    shape = {
        "--vectors": model.vectors,
        "--hidden": model.hidden,
        "--layers": model.layers,
        "--cell": model.cell,
        "--bidirectional": model.bidirectional or None,
        "--pooling": model.pooling,
    }
    asked = [name for name, value in shape.items() if value is not None]
    if asked and model.start not in (None, NOTHING):
        raise SentimentError(
            f"{', '.join(asked)} would be another model than --start {model.start}: leave one out"
        )
    return NOTHING if asked else model.start
