"""python -m train: fit, evaluate."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment.classifier import load
from train import data
from train.ablate import ablate
from train.bench import bench
from train.bench_explain import bench_explain
from train.bench_scoring import bench_scoring
from train.card import card
from train.coverage import coverage
from train.distill import distill
from train.fit import FitSettings, evaluate_examples, fit
from train.loop import Interrupted, LoopSettings
from train.publish import EXAMPLES as PUBLISH_EXAMPLES
from train.publish import publish, publish_space
from train.robustness import evaluate_behaviour

app = typer.Typer(
    help="Train, measure and publish the classifier.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("fit")
def fit_command(
    source: Annotated[str, typer.Option("--data", help="Folder, file or Hub id.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    vectors: Annotated[Path | None, typer.Option(help="GloVe file or folder.")] = None,
    more_text: Annotated[
        list[str] | None, typer.Option(help="More texts whose words join the vocabulary.")
    ] = None,
    text_column: Annotated[str, typer.Option()] = "text",
    label_column: Annotated[str, typer.Option()] = "label",
    words: Annotated[int, typer.Option(help="Vocabulary size.")] = 30_000,
    int8: Annotated[bool, typer.Option(help="Store the embedding in 8 bits.")] = False,
    hidden: Annotated[int, typer.Option(help="Hidden units.")] = 256,
    layers: Annotated[int, typer.Option(help="Recurrent layers.")] = 1,
    dropout: Annotated[float, typer.Option(help="Dropout of inputs and head.")] = 0.5,
    epochs: Annotated[int, typer.Option(help="Passes over the data.")] = 6,
    learning_rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 2e-3,
    seed: Annotated[int, typer.Option()] = 0,
    resume: Annotated[bool, typer.Option(help="Go on from the state in OUT.")] = False,
) -> None:
    """Train on labelled texts and write a checkpoint folder that the page opens."""
    figures = fit(
        source,
        out,
        FitSettings(hidden_dim=hidden, layers=layers, dropout=dropout, words=words, int8=int8),
        LoopSettings(epochs=epochs, learning_rate=learning_rate, seed=seed),
        text_column=text_column,
        label_column=label_column,
        vectors=vectors,
        more_text=more_text,
        resume=resume,
    )
    typer.echo(json.dumps(asdict(figures)))


@app.command()
def evaluate(
    source: Annotated[str | None, typer.Option("--data", help="Folder, file or Hub id.")] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Checkpoint folder; default: the embedded.")
    ] = None,
    text_column: Annotated[str, typer.Option()] = "text",
    label_column: Annotated[str, typer.Option()] = "label",
    split: Annotated[str, typer.Option()] = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="Last line as one JSON object.")] = False,
    suite: Annotated[
        bool,
        typer.Option("--suite", help="Behavioural suite; with --data, robustness on its texts."),
    ] = False,
) -> None:
    """Accuracy, log loss and calibration of a checkpoint on labelled texts."""
    torch.set_num_threads(1)
    classifier = load(weights)
    if suite:
        texts = [e.text for e in data.binary_examples(source, split)] if source else []
        typer.echo(evaluate_behaviour(classifier, texts, as_json=as_json))
        return
    if source is None:
        raise ValueError("name the data with --data, or ask for the --suite")
    examples = data.binary_examples(source, split, text_column, label_column)
    started = time.perf_counter()
    figures = evaluate_examples(classifier, examples)
    seconds = time.perf_counter() - started
    tokens = sum(len(ids) for ids in classifier.encoder.ids_batch([e.text for e in examples]))
    row = {**asdict(figures), "tokens_per_second": tokens / seconds}
    if as_json:
        typer.echo(json.dumps(row))
    else:
        for name, value in row.items():
            typer.echo(f"{name:18} {value:,.4f}")


app.command()(ablate)
app.command()(card)
app.command()(coverage)
app.command()(bench)
app.command("bench-scoring")(bench_scoring)
app.command("bench-explain")(bench_explain)
app.command()(distill)
app.command(epilog=PUBLISH_EXAMPLES)(publish)
app.command("publish-space", epilog=PUBLISH_EXAMPLES)(publish_space)


def main() -> None:
    """Run the command line; expected faults end with one plain line."""
    try:
        app()
    except (data.DataError, FileNotFoundError, ValueError) as error:
        raise SystemExit(f"error: {error}") from error
    except Interrupted as stop:
        print(stop)
        raise SystemExit(143) from stop


if __name__ == "__main__":
    main()
