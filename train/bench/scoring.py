"""Does scoring keep its promises at scale: constant memory, no row lost, none out of order?"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import typer

from sentiment.classifier import DEFAULT_WEIGHTS
from sentiment.tables import open_source

LEXICON = (
    "the film is not good but it was never dull and i would see it again with my friends "
    "because acting plot music great awful slow fine bad worst best of all"
)
WORDS = LEXICON.split()
WRITERS: dict[str, Any] = {"parquet": pq.ParquetWriter, "csv": pa.csv.CSVWriter}
SCHEMA = pa.schema([("id", pa.int64()), ("text", pa.string())])


@dataclass(frozen=True, slots=True)
class ScoringFigures:
    """What a run took. ``peak_megabytes`` is the resident memory of the process that reads and
    writes; others that score beside it have their own copy of the model."""

    rows: int
    failed: int
    seconds: float
    rows_per_second: float
    tokens_per_second: float
    peak_megabytes: float
    in_order: bool


def bench_scoring(
    rows: Annotated[int, typer.Option(help="Rows of synthetic text.")] = 1_000_000,
    words: Annotated[int, typer.Option(help="Mean words of a row; lengths vary from 1.")] = 8,
    weights: Annotated[
        Path, typer.Option(help="Checkpoint folder.", show_default="the embedded weights")
    ] = DEFAULT_WEIGHTS,
    kind: Annotated[str, typer.Option(help="parquet or csv.")] = "parquet",
    processes: Annotated[
        int | None, typer.Option(help="Processes that share the work.  [default: one a core]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score a synthetic file with the real command line and check every row.

    Exits with 1 where a row was lost or out of order. Every thousandth row has no text.
    Example: python -m train bench-scoring --rows 20000
    """
    figures = measure(rows, words, weights, kind, processes)
    if as_json:
        typer.echo(json.dumps(asdict(figures)))
    else:
        for name, value in asdict(figures).items():
            typer.echo(
                f"{name:18} {value:,.1f}" if isinstance(value, float) else f"{name:18} {value:,}"
            )
    if not figures.in_order or figures.rows != rows:
        raise typer.Exit(1)


def measure(
    rows: int, words: int, weights: Path, kind: str = "parquet", processes: int | None = None
) -> ScoringFigures:
    """Write, score and check ``rows`` rows of parquet or csv in a temporary folder."""
    if kind not in WRITERS:
        raise ValueError(f"the kind must be one of {', '.join(WRITERS)}, got {kind!r}")
    with TemporaryDirectory() as temporary:
        source, out = Path(temporary, f"in.{kind}"), Path(temporary, f"out.{kind}")
        with WRITERS[kind](source, SCHEMA) as writer:
            texts_left = synthetic(rows, words)
            while part := list(islice(texts_left, 20_000)):
                ids, texts = zip(*part, strict=True)
                writer.write_table(pa.table([ids, texts], schema=SCHEMA))
        command = [sys.executable, "-m", "sentiment", "score", str(source), str(out), "--quiet"]
        command += [] if processes is None else ["--processes", str(processes)]
        started = time.perf_counter()
        with TemporaryFile("w+", encoding="utf-8") as said:
            process = subprocess.Popen(
                [*command, "--weights", str(weights)], stdout=said, stderr=subprocess.STDOUT
            )
            # The usage of this child: that of all children is the largest one's, whoever it was.
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - started
            said.seek(0)
            output = said.read()
        if process.returncode:
            raise RuntimeError(f"scoring failed: {output}")
        peak = usage.ru_maxrss
        speed = re.search(r"([\d,]+) tokens/s", output)
        count, failed, in_order = check(out, rows, words)
    return ScoringFigures(
        rows=count,
        failed=failed,
        seconds=seconds,
        rows_per_second=count / seconds,
        tokens_per_second=float(speed[1].replace(",", "")) if speed else 0.0,
        peak_megabytes=peak / (1e6 if sys.platform == "darwin" else 1e3),
        in_order=in_order,
    )


def synthetic(rows: int, words: int) -> Iterator[tuple[int, str]]:
    """Numbered texts of random words, the same at every call."""
    generator = random.Random(0)
    for number in range(rows):
        length = generator.randint(1, 2 * words - 1)
        text = " ".join(generator.choices(WORDS, k=length))
        yield number, "" if number % 1000 == 999 else text


def check(out: Path, rows: int, words: int) -> tuple[int, int, bool]:
    """Rows and failed rows of the output, and whether it is the input row by row."""
    wanted = synthetic(rows, words)
    count, failed, in_order = 0, 0, True
    for row in open_source(out).rows():
        label, error = row["label"] or None, row["error"] or None
        count += 1
        failed += error is not None
        in_order &= (int(row["id"]), row["text"]) == next(wanted, None)
        in_order &= (label is None) == (error is not None)
        in_order &= row["text"] != "" or label is None
    return count, failed, in_order and next(wanted, None) is None
