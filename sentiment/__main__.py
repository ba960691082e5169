"""python -m sentiment: score files from the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Sentiment of texts by a packed LSTM: score files of any size.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


EXAMPLES = """Examples:

\b
  python -m sentiment score reviews.csv scored.csv --text-column review
  python -m sentiment score "logs/*.jsonl" scored.parquet --resume
  python -m sentiment score stanfordnlp/imdb imdb.jsonl --split test
  python -m sentiment score big.parquet out-0.parquet --shard 0/4
  torchrun --nproc-per-node 2 -m sentiment score big.parquet out.parquet
"""


@app.callback(epilog=EXAMPLES)
def _commands() -> None:
    """Keeps ``score`` a command of its own name."""


@app.command(epilog=EXAMPLES)
def score(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="File, quoted glob, or data set id on the Hub.")
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="File to write: .csv, .tsv, .jsonl or .parquet.")
    ],
    text_column: Annotated[
        str, typer.Option(help="Column that holds the text.", show_default=True)
    ] = "text",
    weights: Annotated[
        str | None,
        typer.Option(help="Checkpoint folder or Hub id.  [default: the embedded weights]"),
    ] = None,
    revision: Annotated[
        str | None, typer.Option(help="Commit, tag or branch of a Hub checkpoint.")
    ] = None,
    split: Annotated[str, typer.Option(help="Split of a Hub data set.")] = "train",
    limit: Annotated[int | None, typer.Option(help="Score the first so many rows only.")] = None,
    shard: Annotated[
        str | None,
        typer.Option(help="Score share I of N (I from 0): every N-th window of rows."),
    ] = None,
    window: Annotated[int, typer.Option(help="Rows held in memory at once.")] = 4096,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a stopped run ended.")
    ] = False,
    bfloat16: Annotated[
        bool,
        typer.Option("--bfloat16", help="Multiply in 16 bits: faster, logits to two decimals."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Score every row of IN into OUT.

    IN is csv, tsv, jsonl (plain or .gz) or parquet, and is streamed: memory does not grow with
    it. OUT keeps every row and column in the order of IN and adds label, probability (of
    "positive"; of the label for more than two labels), logit and error. A row without a usable
    text has its reason under error. OUT appears when it is complete; a stopped run leaves
    OUT.partial, from which --resume goes on. Columns of IN that bear an added name are kept as
    input_label and so on.

    Under torchrun every process scores its share into OUT-00000-of-0000N; column row is the
    number of the row in IN.
    """
    from sentiment.classifier import load
    from sentiment.errors import SentimentError
    from sentiment.scoring import ScoreProgress, score_file, shard_name

    try:
        part = _shard(shard)
        if shard is None and part[1] > 1:
            out = shard_name(out, part)
        classifier = load(weights, revision=revision)

        def show(progress: ScoreProgress) -> None:
            left = progress.seconds_left
            typer.echo(
                f"\r{progress.rows:,} rows, {progress.failed:,} failed, "
                f"{progress.tokens_per_second:,.0f} tokens/s, "
                f"{'' if left is None else _clock(left) + ' left'}   ",
                err=True,
                nl=not sys.stderr.isatty(),
            )

        summary = score_file(
            classifier,
            source,
            out,
            text_column=text_column,
            split=split,
            limit=limit,
            shard=part,
            resume=resume,
            window=window,
            bfloat16=bfloat16,
            on_progress=None if quiet else show,
        )
    except (SentimentError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    speed = summary.tokens / summary.seconds if summary.seconds else 0.0
    typer.echo(
        f"{summary.out}: {summary.rows:,} rows, {summary.failed:,} failed, "
        f"{_clock(summary.seconds)}, {speed:,.0f} tokens/s"
    )


def _shard(text: str | None) -> tuple[int, int]:
    """(i, n) from "i/n", else from torchrun's environment, else the whole."""
    from sentiment.scoring import ScoringError

    if text is None:
        return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal()):
        raise ScoringError(f"--shard wants I/N, such as 0/4, got {text!r}")
    return int(index), int(count)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


if __name__ == "__main__":
    app(prog_name="python -m sentiment")
