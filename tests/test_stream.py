"""Training data on disk: the same tokens, labels and texts as in memory, none lost."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from sentiment.classifier import SentimentClassifier
from tests.test_fit import OPTIONS, run
from train.data import stream
from train.data.corpus import Corpus
from train.data.labelled import Example
from train.data.stream import ABOUT, prepare, read
from train.data.tables import DataError

KINDS = {"praise": "good great fine", "blame": "bad awful dull", "question": "why how when"}


def rows_of(count: int) -> list[dict[str, Any]]:
    kinds = list(KINDS)
    return [
        {
            "review": f"it is {KINDS[kinds[i % 3]].split()[i // 3 % 3]} number {i}",
            "kind": kinds[i % 3],
        }
        for i in range(count)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    with path.open("w", newline="") as file:
        if path.suffix == ".csv":
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        else:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_every_text_is_on_one_side_with_its_tokens(tmp_path: Path, kind: str) -> None:
    rows = rows_of(300)
    write(tmp_path / f"a.{kind}", rows[:100])
    write(tmp_path / f"b.{kind}", rows[100:])
    prepare(str(tmp_path / f"*.{kind}"), tmp_path / "s", "review", "kind", words=100)
    prepared = read(tmp_path / "s")
    assert prepared.labels == ("blame", "praise", "question")
    dev = {example.text for example in prepared.dev}
    kept = [row for row in rows if row["review"] not in dev]
    assert 5 < len(dev) < 60
    assert len(prepared.train.corpus) == len(kept) == 300 - len(dev)
    ids = prepared.encoder.ids_batch([row["review"] for row in kept])
    wanted, every = Corpus(ids), torch.arange(len(kept))
    for got, want in zip(
        prepared.train.corpus.rectangle(every), wanted.rectangle(every), strict=True
    ):
        assert torch.equal(got, want)
    names = [prepared.labels[int(target)] for target in prepared.train.targets]
    assert names == [row["kind"] for row in kept]
    assert prepared.train.targets.dtype == torch.int64


def test_numbers_spelt_in_a_csv_are_labels_or_ratings(tmp_path: Path) -> None:
    rows = [{"text": f"text {i}", "label": i % 5 + 1} for i in range(200)]
    source = write(tmp_path / "a.csv", [*rows, {"text": "none", "label": ""}])
    prepare(source, tmp_path / "s", "text", "label", words=100, ratings=True)
    prepared = read(tmp_path / "s")
    assert prepared.labels == ("negative", "positive")
    assert set(prepared.train.targets.tolist()) == {0.0, 0.5, 1.0}
    assert {example.target for example in prepared.dev} == {0.0, 1.0}
    assert "none" not in {example.text for example in prepared.dev}


def test_balance_lets_every_label_weigh_the_same(tmp_path: Path) -> None:
    rows = [{"text": f"text {i}", "label": "a" if i % 4 else "b"} for i in range(200)]
    prepare(write(tmp_path / "a.csv", rows), tmp_path / "s", "text", "label", words=100)
    train = read(tmp_path / "s", balance=True).train
    sums = [float(train.weights[train.targets == number].sum()) for number in (0, 1)]
    assert sums == pytest.approx([len(train.targets) / 2] * 2, rel=1e-5)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"review": "x", "label": 1}], "no column 'text'; it has review, label"),
        ([{"text": "", "label": 1}], "no row has both"),
        ([{"text": f"t {i}", "label": 0.5 + i} for i in range(10_500)], "over 10,000 distinct"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(
    tmp_path: Path, rows: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        prepare(write(tmp_path / "a.csv", rows), tmp_path / "s", "text", "label", words=100)


def test_what_was_prepared_of_other_data_is_not_taken(tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", [{"text": f"t {i}", "label": i % 2} for i in range(200)])
    prepare(source, tmp_path / "s", "text", "label", words=100)
    about = (tmp_path / "s" / ABOUT).read_bytes()
    prepare(source, tmp_path / "s", "text", "label", words=100, resume=True)
    assert (tmp_path / "s" / ABOUT).read_bytes() == about
    with pytest.raises(DataError, match="other columns or labels"):
        prepare(source, tmp_path / "s", "text", "label", words=50, resume=True)
    write(tmp_path / "a.csv", [{"text": f"t {i}", "label": 1 - i % 2} for i in range(200)])
    with pytest.raises(DataError, match="was made of other data"):
        prepare(source, tmp_path / "s", "text", "label", words=100, resume=True)


def test_a_preparation_that_was_killed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "a.csv", [{"text": f"t {i}", "label": i % 2} for i in range(200)])
    prepare(source, tmp_path / "s", "text", "label", words=100)
    write(tmp_path / "a.csv", [{"text": f"u {i}", "label": i % 2} for i in range(200)])

    def killed(*_: object) -> list[Example]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stream, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare(source, tmp_path / "s", "text", "label", words=100)
    with pytest.raises(DataError, match="nothing was prepared"):
        read(tmp_path / "s")
    prepare(source, tmp_path / "s", "text", "label", words=100, resume=True)
    assert read(tmp_path / "s").dev[0].text.startswith("u ")


def test_fit_streams_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"  # of which no rule guesses that it has no header
    path.write_text("".join(f"{row['review']}~{row['kind']}\n" for row in rows_of(600)))
    source, out = str(path), tmp_path / "run"
    columns = ["--text-column", "1", "--label-column", "2", "--no-header", "--delimiter", "~"]
    more = tmp_path / "more.txt"
    more.write_text("a splendid thing\n" * 3)
    settings = ["--epochs", "10", "--patience", "10", "--batch-size", "32", *OPTIONS]
    settings += ["--more-text", str(more)]
    run("fit", "--data", source, "--stream", "--out", str(out), *columns, *settings)
    classifier = SentimentClassifier.from_folder(out)
    assert classifier.predict("it is awful").label == "blame"
    assert classifier.encoder.encode("splendid").tokens[0].known
    assert json.loads((out / "metrics.json").read_text())["dev"]["accuracy"] > 0.9
