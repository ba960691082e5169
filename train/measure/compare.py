"""python -m train compare-baselines: the default fit beside simpler models, set by set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from sentiment.card import table
from train.data.fingerprint import digest
from train.data.labelled import labelled_data
from train.data.tables import DataError, column, load_table
from train.fit.defaults import Asked
from train.fit.fit import fit, named
from train.fit.texts import DataSettings, FitSettings
from train.measure.metrics import wilson_interval
from train.measure.truth import TF_IDF, figures_of, numbers_of, tf_idf

FEWEST = 40  # rows of a set


def compare_baselines(
    data: Annotated[
        list[str], typer.Option(help="csv, tsv, jsonl or parquet file, or Hub id; may repeat.")
    ],
    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column that holds the label.")] = "label",
    by: Annotated[
        str | None, typer.Option(help="Column whose every value is a set of its own.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Rows of a set, chosen by their hash.")] = 5000,
    seeds: Annotated[int, typer.Option(help="Trainings of a set, of which the mean counts.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Lines of JSON, one a set, to add to.")] = None,
) -> None:
    """Train with the defaults on each set; print one row a set, all on the same held-out texts.

    Accuracy in per cent with its 95 % interval; "trained" is the mean over the seeds.
    """
    rows = []
    for source in data:
        for name, file_rows in sets(source, text_column, label_column, by, limit):
            row = compared(name, file_rows, seeds)
            rows.append(row)
            if out is not None:
                with out.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(row) + "\n")
            typer.echo(table(rows))


def sets(
    source: str, text_column: str, label_column: str, by: str | None, limit: int
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Name and rows of each set: all of the source, or the rows of each value of a column."""
    columns = load_table(source)
    texts, labels = (column(columns, name, source) for name in (text_column, label_column))
    groups = column(columns, by, source) if by else [Path(named(source)).stem] * len(texts)
    found: dict[str, list[dict[str, Any]]] = {}
    for text, label, group in zip(texts, labels, groups, strict=True):
        if isinstance(text, str) and label is not None:
            found.setdefault(str(group), []).append({"text": text, "label": label})
    for name, rows in found.items():
        chosen = sorted(rows, key=lambda row: digest(row["text"]))[:limit]
        if len(chosen) >= FEWEST and len({row["label"] for row in chosen}) > 1:
            yield name, chosen
    if not found:
        raise DataError(f"{source} gives no rows with text and label")


def compared(name: str, rows: Sequence[Mapping[str, Any]], seeds: int) -> dict[str, Any]:
    """One set's row: accuracies of the baselines, of the start and of the default fit."""
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / "set.jsonl"
        lines = (json.dumps({**row, "label": _named(row["label"])}) + "\n" for row in rows)
        file.write_text("".join(lines), encoding="utf-8")
        found = labelled_data(str(file))
        known = [e for e in found.train if len(found.labels) > 2 or e.target != 0.5]
        texts = [e.text for e in found.dev]
        bigrams = tf_idf(
            [e.text for e in known],
            numbers_of(known, found.labels),
            len(found.labels),
            texts,
            ngrams=2,
        )
        numbers = numbers_of(found.dev, found.labels)
        accuracy: dict[str, float] = {}
        trained = []
        for seed in range(seeds):
            fitted = fit(
                DataSettings(str(file)),
                Path(temporary) / f"run-{seed}",
                FitSettings(),
                Asked(seed=seed),
                start=None,
            )
            if fitted is not None:
                accuracy |= {model: one.accuracy for model, one in fitted.truth.figures.items()}
                trained.append(fitted.figures.accuracy)
    right = mean(trained)
    low, high = wilson_interval(round(right * len(numbers)), len(numbers))
    return {
        "set": name,
        "rows": len(rows),
        "labels": len(found.labels),
        "held out": len(numbers),
        "accuracy: majority": accuracy["majority"],
        "accuracy: TF-IDF": accuracy[TF_IDF],
        "accuracy: bigrams": figures_of(bigrams, numbers, found.labels).accuracy,
        "accuracy: start, untrained": accuracy.get("start, untrained"),
        "accuracy: trained": float(np.mean(trained)),
        "low": low,
        "high": high,
    }


def _named(label: Any) -> Any:
    """Targets 0, 1/2 and 1 as the three readings; other labels as they are."""
    readings = {0.0: "negative", 0.5: "neutral", 1.0: "positive"}
    return readings.get(label, label) if isinstance(label, float) else label
