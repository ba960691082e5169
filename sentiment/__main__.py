"""The command line, ``lstm-microscope`` or ``python -m sentiment``: the page, score, train."""

from __future__ import annotations

import os
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment import __version__
from sentiment.cores import usable_cores
from sentiment.options import ReadingOptions, grouped
from sentiment.start import uncollected

if TYPE_CHECKING:
    from sentiment.scoring import ScoreProgress, ScoreSummary

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


MOST_PROCESSES = 8
"""That score unless told otherwise: each holds a copy of the model."""

EXAMPLES = """Examples:

\b
  lstm-microscope --model runs/mine
  python -m sentiment score reviews.csv scored.csv --text-column review
  python -m sentiment score "logs/*.jsonl" scored.parquet --resume
  python -m sentiment score stanfordnlp/imdb imdb.jsonl --split test
  python -m sentiment score big.parquet out-0.parquet --shard 0/4
  torchrun --nproc-per-node 2 -m sentiment score big.parquet out.parquet
  python -m sentiment merge "out-*-of-00002.parquet" out.parquet
"""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"lstm-microscope {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def page(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Option(
            help="Checkpoint folder or Hub id.  [default: MODEL_ID, else the embedded weights]"
        ),
    ] = None,
    revision: Annotated[
        str | None, typer.Option(help="Commit, tag or branch of a Hub checkpoint.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port.  [default: the first free one from 7860]")
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            help="Another checkpoint on the same sentence, in Compare; may be repeated.  "
            "[default: BESIDE_MODEL_IDS]"
        ),
    ] = None,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it and end.")
    ] = False,
) -> None:
    """See how a packed LSTM reads a sentence and makes up its mind.

    Without a command this opens the page, on the model of --model.
    """
    if context.invoked_subcommand is not None:
        if given := [
            name for name in ("model", "revision", "port", "beside") if context.params[name]
        ]:
            raise typer.BadParameter(
                f"--{given[0]} is of the page; options of {context.invoked_subcommand} follow it"
            )
        return
    from sentiment.errors import SentimentError

    with uncollected():  # until the page is there
        from sentiment.ui.serve import serve

        try:
            serve(model, revision, port, beside or ())
        except (SentimentError, OSError) as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1) from error


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """Which rows are scored, and by which model."""

    text_column: Annotated[
        str, typer.Option(help="Column that holds the text.", show_default=True)
    ] = "text"
    weights: Annotated[
        str | None,
        typer.Option(help="Checkpoint folder or Hub id.  [default: the embedded weights]"),
    ] = None
    revision: Annotated[
        str | None, typer.Option(help="Commit, tag or branch of a Hub checkpoint.")
    ] = None
    split: Annotated[str, typer.Option(help="Split of a Hub data set.")] = "train"
    limit: Annotated[int | None, typer.Option(help="Score the first so many rows only.")] = None
    shard: Annotated[
        str | None,
        typer.Option(help="Score share I of N (I from 0): every N-th window of rows."),
    ] = None
    window: Annotated[int, typer.Option(help="Rows held in memory at once.")] = 4096
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run ended.")] = (
        False
    )
    bfloat16: Annotated[
        bool,
        typer.Option("--bfloat16", help="Multiply in 16 bits: faster, logits to two decimals."),
    ] = False
    safe_for_spreadsheets: Annotated[
        bool,
        typer.Option(
            "--safe-for-spreadsheets",
            help="Put an apostrophe before cells that a spreadsheet would run as formulas.",
        ),
    ] = False
    probabilities: Annotated[
        bool,
        typer.Option("--probabilities", help="Add the probability of each label in a column."),
    ] = False
    processes: Annotated[
        int | None,
        typer.Option(
            help="Processes that share the work once it lasts longer than their start.  "
            "[default: one a core, at most 8; 1 on a GPU, under torchrun and of a --shard]"
        ),
    ] = None
    device: Annotated[
        str | None, typer.Option(help="Where to compute: cpu, cuda, cuda:1 …  [default: cpu]")
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False


@app.command(epilog=EXAMPLES)
@grouped
def score(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="File, quoted glob, or data set id on the Hub.")
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="File to write: .csv, .tsv, .jsonl or .parquet.")
    ],
    asked: ScoreOptions,
    reading: ReadingOptions,
) -> None:
    """Score every row of IN into OUT.

    IN is csv, tsv, txt (one text a line), JSON (lines, an array or an object with a list in it),
    parquet or xlsx; those of text may be packed by gzip, zstd or zip. What it is, its encoding and
    its delimiter are told by content. It is streamed: memory does not grow with it. The text
    column may be a path into nested values, such as review.text.

    OUT keeps every row and column in the order of IN, byte for byte where it is csv, tsv or jsonl
    as IN is (else in UTF-8, csv with commas; rows that cannot be read as they stand are written
    anew), and adds label (negative, neutral or positive), leaning (negative or positive),
    probability (of "positive"; of the label for more than two labels), logit and error. A row
    without a usable text, or of unknown words alone, has its reason under error. OUT appears when
    it is complete; a stopped run leaves OUT.partial, from which --resume goes on. Columns of IN
    that bear an added name are kept as input_label and so on. OUT opened in a spreadsheet runs
    what IN's cells tell it to: --safe-for-spreadsheets keeps it from that.

    Under torchrun every process scores its share into OUT-00000-of-0000N; column row is the
    number of the row in IN; merge makes one file of them.
    """
    from sentiment.errors import SentimentError
    from sentiment.interrupts import interruptible

    def work() -> ScoreSummary:  # libraries and weights too: they take longest on a busy machine
        from sentiment.classifier import load
        from sentiment.scoring import score_file, shard_name

        part = _shard(asked.shard)
        whole = asked.shard is not None or part[1] == 1
        classifier = load(asked.weights, revision=asked.revision)
        return score_file(
            classifier if asked.device is None else classifier.to(asked.device),
            source,
            out if whole else shard_name(out, part),
            text_column=asked.text_column,
            split=asked.split,
            limit=asked.limit,
            shard=part,
            resume=asked.resume,
            window=asked.window,
            bfloat16=asked.bfloat16,
            options=reading.rules,
            safe_for_spreadsheets=asked.safe_for_spreadsheets,
            probabilities=asked.probabilities,
            processes=_processes(asked, part),
            on_progress=None if asked.quiet else _show,
        )

    try:
        summary = interruptible(work, f"stopped; {out} is not complete: --resume goes on with it")
    except (SentimentError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    for note in summary.notes:
        typer.echo(f"note: {note}", err=True)
    speed = summary.tokens / summary.seconds if summary.seconds else 0.0
    typer.echo(
        f"{summary.out}: {summary.rows:,} rows, {summary.failed:,} failed, "
        f"{_clock(summary.seconds)}, {speed:,.0f} tokens/s"
    )


@app.command(epilog=EXAMPLES)
def merge(
    shards: Annotated[str, typer.Argument(metavar="SHARDS", help="Quoted glob of all shards.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, of their ending.")],
) -> None:
    """Make one file of the shards that several processes scored, in the order of their input."""
    from glob import glob

    from sentiment.errors import SentimentError
    from sentiment.output import merge_shards

    try:
        rows = merge_shards([Path(name) for name in glob(shards)], out)
    except (SentimentError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{out}: {rows:,} rows")


@app.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def train(context: typer.Context) -> None:
    """Train, measure and publish: every command of python -m train."""
    sys.argv[1:] = context.args
    try:
        runpy.run_module("train", run_name="__main__", alter_sys=True)
    except ModuleNotFoundError as error:
        message = f"error: {error}: training wants pip install 'lstm-microscope[train]'"
        typer.echo(message, err=True)
        raise typer.Exit(1) from error


def _shard(text: str | None) -> tuple[int, int]:
    """(i, n) from "i/n", else from torchrun's environment, else the whole."""
    from sentiment.scoring import ScoringError

    if text is None:
        return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal()):
        raise ScoringError(f"--shard wants I/N, such as 0/4, got {text!r}")
    return int(index), int(count)


def _processes(asked: ScoreOptions, shard: tuple[int, int]) -> int:
    """How many were asked for; of a share 1, since whoever scores the others may be here too."""
    if asked.processes is not None:
        return asked.processes
    if shard[1] > 1 or not (asked.device or "cpu").startswith("cpu"):
        return 1
    return min(usable_cores(), MOST_PROCESSES)


def _show(progress: ScoreProgress) -> None:
    left = progress.seconds_left
    typer.echo(
        f"\r{progress.rows:,} rows, {progress.failed:,} failed, "
        f"{progress.tokens_per_second:,.0f} tokens/s, "
        f"{'' if left is None else _clock(left) + ' left'}   ",
        err=True,
        nl=not sys.stderr.isatty(),
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


if __name__ == "__main__":
    app()
