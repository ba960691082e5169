"""Training data on disk: the same tokens, labels and texts as in memory, none lost."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch

from sentiment.classifier import SentimentClassifier
from tests.test_fit import OPTIONS, run
from train.data import held_out, stream
from train.data.corpus import Corpus
from train.data.labelled import Example
from train.data.stream import ABOUT, prepare, read
from train.data.tables import DataError
from train.fit.distributed import ALONE
from train.fit.start import NOTHING
from train.fit.texts import DataSettings, FitSettings, split_texts

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
    dev = {example.text for example in prepared.held_out}
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
    assert {example.target for example in prepared.held_out} == {0.0, 1.0}
    assert "none" not in {example.text for example in prepared.held_out}


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
    assert read(tmp_path / "s").held_out[0].text.startswith("u ")


def lines_of(rows: list[tuple[str, object]]) -> str:
    return "".join(f"{text},{label}\n" for text, label in rows)


def spam(count: int) -> list[tuple[str, object]]:
    """Labels in several spellings, texts that come again, rows without a text or a label."""
    spellings = ("spam", "ham", "Spam ", "ham", "SPAM", "ham")
    rows: list[tuple[str, object]] = [
        (f"offer number {i % (count - 9)}", spellings[i % 6]) for i in range(count)
    ]
    return [
        *rows,
        ("offer 3", ""),
        (" ", "ham"),
        ("...", "spam"),
        *[(f"{how} odd", "eggs") for how in ("so", "too", "as")],
    ]


def stars(count: int) -> list[tuple[str, object]]:
    values = ("1", "5.0", "3", '"4"', "2")
    rows: list[tuple[str, object]] = [(f"film {i % 70} here", values[i % 5]) for i in range(count)]
    return [*rows, ("a slip", "55")]


def files(folder: Path, **contents: str) -> str:
    for name, content in contents.items():
        (folder / name.replace("_", ".")).write_text(content)
    return str(folder)


SOURCES: dict[str, tuple[Callable[[Path], str], dict[str, Any]]] = {
    "one file": (lambda f: files(f, a_csv="text,label\n" + lines_of(spam(200))) + "/a.csv", {}),
    "a row with a comma too many": (
        lambda f: (
            files(f, a_csv="text,label\n" + lines_of([*spam(90), ("a, b", "ham")])) + "/a.csv"
        ),
        {},
    ),
    "files of a glob": (
        lambda f: (
            files(
                f,
                a_csv="text,label\n" + lines_of(spam(120)),
                b_csv="text,label\n" + lines_of(spam(60)),
            )
            + "/*.csv"
        ),
        {},
    ),
    "ratings": (
        lambda f: files(f, a_csv="text,label\n" + lines_of(stars(150))) + "/a.csv",
        {"ratings": True},
    ),
    "between 0 and 1": (
        lambda f: write(
            f / "a.jsonl", [{"text": f"so {i}", "label": (i % 5) / 4} for i in range(120)]
        ),
        {"balance": True},
    ),
    "several labels, balanced": (
        lambda f: write(f / "a.jsonl", rows_of(140)),
        {"text_column": "review", "label_column": "kind", "balance": True},
    ),
    "a folder with a dev split": (
        lambda f: files(
            f,
            train_csv="text,label\n" + lines_of(spam(150)),
            validation_csv="text,label\n" + lines_of([("an offer", "SPAM"), ("mail", "ham")] * 6),
        ),
        {},
    ),
    "ratings and a dev split": (
        lambda f: files(
            f,
            train_csv="text,label\n" + lines_of(stars(150)),
            dev_csv="text,label\n" + lines_of([("a film", "4"), ("film", "3"), ("so", "2")]),
        ),
        {"ratings": True},
    ),
    "a folder without one": (
        lambda f: files(f, train_csv="text,label\n" + lines_of(spam(150))),
        {},
    ),
    "trees": (
        lambda f: files(
            f,
            **{
                f"{split}_csv": "text,rating,is_sentence\n"
                + "".join(f"film {i},{i % 5},{i % 2 == 0}\n" for i in range(80))
                for split in ("train", "dev")
            },
        ),
        {},
    ),
}


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("kind", SOURCES)
def test_streamed_rows_labels_and_notes_are_those_in_memory(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    many: bool,
) -> None:
    if many:  # so that some of them choose the epoch
        monkeypatch.setattr(held_out, "CHOOSE_FROM", 60)
        monkeypatch.setattr(stream, "CHOOSE_FROM", 60)
    made, options = SOURCES[kind]
    source = made(tmp_path)
    capsys.readouterr()
    found, said = [], []
    for streamed in (False, True):
        data = DataSettings(source, stream=streamed, **options)
        state = tmp_path / f"state-{streamed}"
        split, _ = split_texts(data, state, FitSettings(words=99), NOTHING, False, ALONE)
        found.append(split)
        said.append(capsys.readouterr().out)
    one, other = found
    assert said[0] == said[1]
    assert said[0].strip() or kind == "trees"
    assert bool(one.choose) == many
    assert (one.labels, one.scale) == (other.labels, other.scale)
    assert one.held_out == other.held_out
    assert [(e.text, e.target) for e in one.choose] == [(e.text, e.target) for e in other.choose]
    assert one.encoder.tokenizer.to_str() == other.encoder.tokenizer.to_str()
    assert (one.first, one.fingerprint) == (other.first, other.fingerprint)
    assert not ({e.text for e in one.held_out} & set(one.first)) or kind == "trees"
    if not many:
        assert [(e.text, e.target) for e in one.learnt] == [
            (e.text, e.target) for e in other.learnt
        ]
        assert [e.weight for e in one.learnt] == pytest.approx([e.weight for e in other.learnt])
    for name in ("flat", "lengths"):
        assert torch.equal(*(getattr(split.train_set.corpus, name) for split in found)), name
    assert torch.equal(one.train_set.targets, other.train_set.targets)
    torch.testing.assert_close(one.train_set.weights, other.train_set.weights)


def test_a_streamed_run_ends_with_the_weights_of_one_in_memory(tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", rows_of(90))
    columns = ["--text-column", "review", "--label-column", "kind"]
    said, weights = [], []
    for extra in ([], ["--stream"]):
        out = tmp_path / f"run{len(extra)}"
        how = [*columns, *OPTIONS, "--epochs", "2", *extra]
        said.append(run("fit", "--data", source, "--out", str(out), *how).stdout)
        weights.append((out / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]
    tables = [re.sub(r"tokens_per_second \S+", "", one) for one in said]
    assert tables[0] == tables[1]


def test_a_data_set_on_the_hub_keeps_its_dev_split_when_it_is_streamed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    splits = {
        "train": [{"text": f"film {i}", "label": i % 2} for i in range(20)],
        "validation": [{"text": "so good", "label": 1}, {"text": "so bad", "label": 0}],
    }

    def load_dataset(_: str, *, split: str, streaming: bool) -> Any:
        assert streaming
        if split not in splits:
            raise ValueError(f"Bad split: {split}. Available splits: {list(splits)}")
        return datasets.Dataset.from_list(splits[split]).to_iterable_dataset()

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    prepare("someone/reviews", tmp_path / "s", "text", "label", words=20)
    prepared = read(tmp_path / "s")
    assert [e.text for e in prepared.held_out] == ["so good", "so bad"]
    assert len(prepared.train.targets) == 20
    del splits["validation"]
    prepare("someone/reviews", tmp_path / "s", "text", "label", words=20)
    prepared = read(tmp_path / "s")
    assert (len(prepared.held_out), len(prepared.train.targets)) == (2, 18)


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
