"""python -m train compare-baselines: the default fit beside simpler models, set by set."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from sentiment.card_sections import table
from sentiment.options import ReadingOptions, grouped
from train.data.fingerprint import digest
from train.data.labelled import Example, labelled_data
from train.data.tables import Columns, DataError, NoSplitError, column, load_table
from train.fit.defaults import Asked
from train.fit.distributed import ALONE, Processes, processes
from train.fit.fit import fit, named
from train.fit.texts import DataSettings, FitSettings
from train.measure.metrics import wilson_interval
from train.measure.truth import TF_IDF, figures_of, numbers_of, tf_idf

FEWEST = 40  # rows of a set
BIGRAMS = "bigrams"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows with "text" and "label" to learn from, and those to measure on."""

    name: str
    train: Sequence[Row]
    held_out: Sequence[Row]


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """Which sets are compared, and how often each is learnt."""

    data: Annotated[
        list[str], typer.Option(help="File, folder of train and dev files, or Hub id; may repeat.")
    ]
    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text"
    label_column: Annotated[str, typer.Option(help="Column that holds the label.")] = "label"
    by: Annotated[
        str | None, typer.Option(help="Column whose every value is a set of its own.")
    ] = None
    limit: Annotated[int, typer.Option(help="Rows of a set, chosen by their hash.")] = 5000
    rows_a_label: Annotated[
        int | None, typer.Option(help="Rows of each label to learn from, drawn anew by each seed.")
    ] = None
    seeds: Annotated[int, typer.Option(help="Trainings of a set, of which the mean counts.")] = 1
    out: Annotated[
        Path | None,
        typer.Option(help="Lines of JSON, one a training; those that it holds are not run again."),
    ] = None


@grouped
def compare_baselines(asked: CompareOptions, reading: ReadingOptions) -> None:
    """Train with the defaults on each set; print one row a set, all on the same held-out texts.

    Held out are the dev split, or a tenth of each label's texts. Accuracy with its 95 % interval;
    figures are means over the seeds. Whoever stops it goes on with the same --out.
    """
    rows = []
    with processes() as group:
        for source in asked.data:
            columns = Columns(asked.text_column, asked.label_column, reading=reading.rules)
            for found in sets(source, columns, asked.by, asked.limit):
                trainings = [
                    trained_once(found, seed, asked.rows_a_label, group, asked.out)
                    for seed in range(asked.seeds)
                ]
                rows.append(summed_up(trainings))
                typer.echo(table(rows))


def sets(source: str, columns: Columns, by: str | None, limit: int) -> Iterator[RowSet]:
    """Each set: all of the source, or the rows of each value of a column.

    Raises DataError for a source that gives no rows with text and label.
    """
    train = _grouped(source, "train", columns, by)
    if not train:
        raise DataError(f"{source} gives no rows with text and label")
    try:
        if Path(source).is_file():
            raise NoSplitError(source)
        dev = _grouped(source, "dev", columns, by)
    except NoSplitError:
        dev = {}
    for name, rows in train.items():
        chosen = sorted(rows, key=lambda row: digest(row["text"]))[:limit]
        if len(chosen) < FEWEST or len({row["label"] for row in chosen}) < 2:
            continue
        held_out = dev.get(name, [])[:limit] or _tenth(chosen)
        texts = {row["text"] for row in held_out}
        yield RowSet(name, [row for row in chosen if row["text"] not in texts], held_out)


def _grouped(source: str, split: str, columns: Columns, by: str | None) -> dict[str, list[Row]]:
    """Rows of one split with text and label, by the value of a column."""
    rows = load_table(source, split, reading=columns.reading)
    texts, labels = (column(rows, name, source) for name in (columns.text, columns.label))
    groups = column(rows, by, source) if by else [Path(named(source)).stem] * len(texts)
    found: dict[str, list[Row]] = {}
    for text, label, group in zip(texts, labels, groups, strict=True):
        there = label is not None and not (isinstance(label, float) and math.isnan(label))
        if isinstance(text, str) and text.strip() and there:
            found.setdefault(str(group), []).append({"text": text, "label": _named(label)})
    return found


def _tenth(rows: Sequence[Row]) -> list[Row]:
    """The tenth of each label's rows whose texts have the least hashes."""
    held_out = []
    for label, count in Counter(row["label"] for row in rows).items():
        own = sorted((r for r in rows if r["label"] == label), key=lambda r: digest(r["text"]))
        held_out += own[: math.ceil(count / 10)]
    return held_out


def _few(rows: Sequence[Row], rows_a_label: int, seed: int) -> list[Row]:
    """So many rows of each label, others for each seed."""
    drawn, taken = list[Row](), Counter[Any]()
    for row in sorted(rows, key=lambda row: digest(f"{seed} {row['text']}")):
        if taken[row["label"]] < rows_a_label:
            taken[row["label"]] += 1
            drawn.append(row)
    return drawn


def trained_once(
    found: RowSet,
    seed: int,
    rows_a_label: int | None = None,
    processes: Processes = ALONE,
    out: Path | None = None,
) -> Row:
    """One training of a set: accuracies of the baselines, of the start and of the default fit.

    Read from ``out`` where it holds this training, else added to it. Raises DataError for several
    ``processes``.
    """
    name: Row = {
        "set": found.name,
        "seed": seed,
        "rows a label": rows_a_label,
        "held out": len(found.held_out),
        "of": digest("\n".join(row["text"] for row in (*found.train, *found.held_out)))[:16],
    }
    for line in out.read_text(encoding="utf-8").splitlines() if out and out.is_file() else ():
        done: Row = json.loads(line)
        if name.items() <= done.items():
            return done
    row = name | _trained(found, seed, rows_a_label, processes)
    if out is not None:
        with out.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")
    return row


def _trained(found: RowSet, seed: int, rows_a_label: int | None, processes: Processes) -> Row:
    rows = _few(found.train, rows_a_label, seed) if rows_a_label else list(found.train)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        folder.mkdir()
        for split, chosen in (("train", rows), ("dev", found.held_out)):
            lines = "".join(json.dumps(row) + "\n" for row in chosen)
            (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
        known = labelled_data(str(folder))
        accuracy = {BIGRAMS: _bigrams(known.train, known.dev, known.labels)}
        begun = time.perf_counter()
        fitted = fit(
            DataSettings(str(folder)),
            Path(temporary) / "run",
            FitSettings(),
            Asked(seed=seed),
            start=None,
            processes=processes,
        )
        spent = time.perf_counter() - begun
    if fitted is None:
        raise DataError("only one process may compare")
    accuracy |= {model: one.accuracy for model, one in fitted.truth.figures.items()}
    return {
        "rows": len(rows),
        "labels": len(known.labels),
        "measured": len(known.dev),
        "accuracy": accuracy,
        "macro-F1": fitted.figures.macro_f1 or 0.0,
        "macro-F1: TF-IDF": fitted.truth.figures[TF_IDF].macro_f1,
        "seconds": round(spent),
    }


def summed_up(trainings: Sequence[Row]) -> Row:
    """A set's row of the table: means over its trainings, the interval of the trained model."""

    def averaged(model: str) -> float | None:
        values = [one["accuracy"][model] for one in trainings if model in one["accuracy"]]
        return mean(values) if values else None

    first, right = trainings[0], [one["accuracy"]["trained"] for one in trainings]
    count = first["measured"]
    low, high = wilson_interval(round(mean(right) * count), count)
    f1 = [one["macro-F1: TF-IDF"] for one in trainings if "macro-F1: TF-IDF" in one]
    return {
        "set": first["set"],
        "rows": first["rows"],
        "labels": first["labels"],
        "held out": count,
        "seeds": len(trainings),
        "accuracy: majority": averaged("majority"),
        "accuracy: TF-IDF": averaged(TF_IDF),
        "accuracy: bigrams": averaged(BIGRAMS),
        "accuracy: start, untrained": averaged("start, untrained"),
        "accuracy: trained": mean(right),
        "low": low,
        "high": high,
        "macro-F1: TF-IDF": mean(f1) if f1 else None,  # earlier lines lack it
        "macro-F1: trained": mean(one["macro-F1"] for one in trainings),
        "spread": float(np.std(right)),
        "seconds": round(mean(one["seconds"] for one in trainings)),
    }


def _bigrams(
    train: Sequence[Example], held_out: Sequence[Example], labels: tuple[str, ...]
) -> float:
    """Accuracy of TF-IDF over words and pairs of words with logistic regression."""
    known = [e for e in train if len(labels) > 2 or e.target != 0.5]
    p = tf_idf(
        [e.text for e in known],
        numbers_of(known, labels),
        len(labels),
        [e.text for e in held_out],
        ngrams=2,
    )
    return figures_of(p, numbers_of(held_out, labels), labels).accuracy


def _named(label: Any) -> Any:
    """Targets 0, 1/2 and 1 as the three readings; other labels as they are."""
    readings: Mapping[float, str] = {0.0: "negative", 0.5: "neutral", 1.0: "positive"}
    return readings.get(label, label) if isinstance(label, float) else label
