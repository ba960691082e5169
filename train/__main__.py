"""python -m train: the commands that train, measure and publish."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment.classifier import load
from sentiment.errors import SentimentError
from train.bench.bench import bench
from train.bench.explain import bench_explain
from train.bench.scoring import bench_scoring
from train.data.coverage import coverage
from train.data.labelled import binary_examples, labelled_examples
from train.data.labels import Scale, kept_scale, scale_of
from train.data.tables import DataError
from train.fit.distributed import processes
from train.fit.fit import FitSettings, evaluate_examples, fit
from train.fit.loop import Interrupted, LoopSettings
from train.measure.ablate import ablate
from train.measure.card import card
from train.measure.domains import domains
from train.measure.explanations import explain_eval
from train.measure.robustness import evaluate_behaviour
from train.publish import EXAMPLES as PUBLISH_EXAMPLES
from train.publish import publish, publish_space
from train.recipe.distill import distill
from train.recipe.merge import merge

app = typer.Typer(
    help="Train, measure and publish the classifier.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    epilog="""Examples:

\b
  python -m train fit --data reviews.csv --label-column stars --ratings --out runs/mine
  python -m train evaluate --weights runs/mine --data reviews.csv --label-column stars --ratings
  python -m train publish --repo me/mine --weights runs/mine --tag v1
""",
)


FIT_EXAMPLES = """Examples:

\b
  python -m train fit --data reviews.csv --text-column review --label-column stars --ratings \\
      --out runs/mine
  python -m train fit --data mails.jsonl --label-column kind --balance --out runs/mails
  python -m train fit --data stanfordnlp/imdb --out runs/imdb --epochs 3
  torchrun --nproc-per-node 2 -m train fit --data "big/*.parquet" --stream --out runs/big
  python app.py --model runs/mine
"""


@app.command("fit", epilog=FIT_EXAMPLES)
def fit_command(
    source: Annotated[
        str,
        typer.Option("--data", help="File of texts and labels, folder or glob of them, or Hub id."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write the checkpoint into.")],
    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text",
    label_column: Annotated[
        str, typer.Option(help="Column that holds the label: names, numbers, or 0 and 1.")
    ] = "label",
    labels: Annotated[
        str | None,
        typer.Option(help="Names of the labels in their order, with commas: bad,fine,good."),
    ] = None,
    ratings: Annotated[
        bool,
        typer.Option("--ratings", help="Labels are a scale: lower half negative, upper positive."),
    ] = False,
    scale: Annotated[
        str | None,
        typer.Argument(
            metavar="[LOW..HIGH]", help="The scale's ends, behind --ratings: --ratings 1..5."
        ),
    ] = None,
    balance: Annotated[
        bool, typer.Option("--balance", help="Let every label weigh the same in the loss.")
    ] = False,
    vectors: Annotated[
        Path | None, typer.Option(help="Word vectors to start from: a file in GloVe's format.")
    ] = None,
    more_text: Annotated[
        list[str] | None,
        typer.Option(help="More texts whose words join the vocabulary; may repeat."),
    ] = None,
    words: Annotated[int, typer.Option(help="Words in the vocabulary, at most.")] = 30_000,
    int8: Annotated[
        bool, typer.Option("--int8", help="Store the embedding in 8 bits: half the file.")
    ] = False,
    hidden: Annotated[int, typer.Option(help="Hidden units.")] = 256,
    layers: Annotated[int, typer.Option(help="Recurrent layers.")] = 1,
    dropout: Annotated[float, typer.Option(help="Dropout of inputs and head, 0 to 1.")] = 0.5,
    epochs: Annotated[int, typer.Option(help="Passes over the data, at most.")] = 6,
    patience: Annotated[
        int, typer.Option(help="Epochs without a better dev accuracy before it stops.")
    ] = 3,
    learning_rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 2e-3,
    batch_size: Annotated[int, typer.Option(help="Texts in a batch, over all processes.")] = 128,
    bfloat16: Annotated[
        bool | None,
        typer.Option(
            "--bfloat16/--no-bfloat16",
            help="Multiply in 16 bits.  [default: where there is a GPU]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights, batches and dropout.")] = 0,
    stream: Annotated[
        bool,
        typer.Option("--stream", help="Keep the tokenised texts on disk: data beyond memory."),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the state that a stopped run left in OUT.")
    ] = False,
) -> None:
    """Train on labelled texts and write a checkpoint folder that the page opens.

    A source without a dev split gives a fixed tenth of each label's texts to it; the epoch with
    the best dev accuracy is kept. SIGTERM stops after the batch and keeps the state; --resume
    goes on to the same weights as an uninterrupted run. The last line is the dev figures as JSON.
    """
    with processes() as group:
        figures = fit(
            source,
            out,
            FitSettings(hidden_dim=hidden, layers=layers, dropout=dropout, words=words, int8=int8),
            LoopSettings(
                epochs=epochs,
                patience=patience,
                learning_rate=learning_rate,
                batch_size=batch_size,
                bfloat16=group.device.type == "cuda" if bfloat16 is None else bfloat16,
                seed=seed,
            ),
            text_column=text_column,
            label_column=label_column,
            labels=labels.split(",") if labels else None,
            ratings=_ratings(ratings, scale),
            balance=balance,
            vectors=vectors,
            more_text=more_text,
            stream=stream,
            resume=resume,
            processes=group,
        )
    if group.first:
        typer.echo(json.dumps(figures.to_dict()))


EVALUATE_EXAMPLES = """Examples:

\b
  python -m train evaluate --data reviews.csv --text-column review --json
  python -m train evaluate --weights runs/mine --data stanfordnlp/sst2
  python -m train evaluate --suite
"""


@app.command(epilog=EVALUATE_EXAMPLES)
def evaluate(
    source: Annotated[
        str | None,
        typer.Option("--data", help="File of texts and labels, folder or glob of them, or Hub id."),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Checkpoint folder or Hub id.  [default: the embedded]")
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text",
    label_column: Annotated[
        str, typer.Option(help="Column that holds the label: 0 and 1, or the model's labels.")
    ] = "label",
    ratings: Annotated[
        bool,
        typer.Option("--ratings", help="Labels are a scale: lower half negative, upper positive."),
    ] = False,
    scale: Annotated[
        str | None,
        typer.Argument(
            metavar="[LOW..HIGH]", help="The scale's ends, behind --ratings: --ratings 1..5."
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="Split of a folder or Hub data set.")] = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="Last line as one JSON object.")] = False,
    suite: Annotated[
        bool,
        typer.Option("--suite", help="Behavioural suite; with --data, robustness on its texts."),
    ] = False,
    bfloat16: Annotated[
        bool, typer.Option("--bfloat16", help="Multiply in 16 bits, as score does when asked to.")
    ] = False,
) -> None:
    """Accuracy, log loss and calibration of a checkpoint on labelled texts.

    Log loss is in nats; ece is the expected calibration error over ten bins of equal mass.
    """
    torch.set_num_threads(1)
    classifier = load(weights)
    if suite:
        texts = [e.text for e in binary_examples(source, split)] if source else []
        typer.echo(evaluate_behaviour(classifier, texts, as_json=as_json))
        return
    if source is None:
        raise SentimentError("name the data with --data, or ask for the --suite")
    examples = labelled_examples(
        source,
        split,
        text_column,
        label_column,
        classifier.labels,
        ratings=_ratings(ratings, scale, weights),
    )
    started = time.perf_counter()
    figures = evaluate_examples(classifier, examples, bfloat16=bfloat16)
    seconds = time.perf_counter() - started
    tokens = sum(len(ids) for ids in classifier.encoder.ids_batch([e.text for e in examples]))
    neutral = len(examples) - figures.n
    if neutral:
        typer.echo(f"{neutral:,} texts of neither label (one half) are left out", err=True)
    row = {**figures.to_dict(), "tokens_per_second": tokens / seconds}
    if neutral:
        row["left_out"] = neutral
    if as_json:
        typer.echo(json.dumps(row))
    else:
        for name, value in row.items():
            typer.echo(f"{name:18} {value:,.4f}")


def _ratings(asked: bool, scale: str | None, weights: str | None = None) -> bool | Scale:
    """Whether labels are ratings, and of which scale: the named one, or the checkpoint's."""
    if scale is not None:
        if not asked:
            raise DataError(f"{scale!r} stands for a scale of --ratings; got no --ratings")
        return scale_of(scale)
    return (kept_scale(Path(weights)) or True) if asked and weights else asked


app.command()(ablate)
app.command()(card)
app.command()(coverage)
app.command()(domains)
app.command("explain-eval")(explain_eval)
app.command()(bench)
app.command("bench-scoring")(bench_scoring)
app.command("bench-explain")(bench_explain)
app.command()(distill)
app.command()(merge)
app.command(epilog=PUBLISH_EXAMPLES)(publish)
app.command("publish-space", epilog=PUBLISH_EXAMPLES)(publish_space)


def main() -> None:
    """Run the command line; expected faults end with one plain line."""
    try:
        app()
    except (SentimentError, OSError) as error:
        raise SystemExit(f"error: {error}") from error
    except Interrupted as stop:
        print(stop)
        raise SystemExit(143) from stop


if __name__ == "__main__":
    main()
