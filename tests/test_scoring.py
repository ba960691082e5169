"""Scoring of files: nothing lost or reordered, bad rows named, stopped runs resumed."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sentiment import checkpoint
from sentiment.__main__ import app
from sentiment.classifier import SentimentClassifier
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, bfloat16_pays
from sentiment.output import merge_shards
from sentiment.scoring import (
    ADDED,
    MAX_CHARACTERS,
    ScoreProgress,
    ScoringError,
    score_file,
    score_rows,
    shard_name,
)
from sentiment.text import UNKNOWN_ID
from tests.commands import ran
from tests.conftest import ROOT, WORDS, tiny_classifier
from train.bench.scoring import measure, synthetic


class _StoppedError(Exception):
    pass


LEXICON = [word for word in WORDS.split() if word.isalpha()]
CLASSIFIER = tiny_classifier()


def sentences(count: int) -> list[str]:
    """Distinct texts of unlike lengths, each with a known word and an unknown one."""
    return [
        " ".join(LEXICON[(i * 7 + k * 3) % len(LEXICON)] for k in range(1 + i * i % 9)) + f" n{i}"
        for i in range(count)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as the file's name says, by other code than the package's."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
        return path
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", newline="") as file:
        if ".jsonl" in path.name:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
        else:
            delimiter = "\t" if ".tsv" in path.name else ","
            table = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
            table.writeheader()
            table.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """All rows of an output."""
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    with path.open(newline="") as file:
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in file]
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "csv.gz", "jsonl.gz"])
@pytest.mark.parametrize("out_kind", ["csv", "tsv", "jsonl", "parquet"])
def test_every_row_and_column_comes_back_in_order(tmp_path: Path, kind: str, out_kind: str) -> None:
    rows = [{"text": text, "id": f"{i:03}"} for i, text in enumerate(sentences(50))]
    source, out = write(tmp_path / f"in.{kind}", rows), tmp_path / f"out.{out_kind}"
    summary = score_file(CLASSIFIER, source, out, window=8)
    assert (summary.rows, summary.failed, summary.truncated) == (50, 0, False)
    scored = read(out)
    assert list(scored[0]) == ["text", "id", *ADDED]
    assert [{"text": row["text"], "id": row["id"]} for row in scored] == rows
    for row, wanted in zip(scored, CLASSIFIER.predict_batch(sentences(50)), strict=True):
        assert (row["label"], row["leaning"]) == (wanted.reading, wanted.leaning)
        assert float(row["logit"]) == pytest.approx(wanted.logit, abs=1e-9)
        assert float(row["probability"]) == pytest.approx(wanted.probability, abs=1e-9)
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["good", "bad"], pa.large_string()),
            "when": pa.array([1, 2], pa.timestamp("ns")),
            "tags": pa.array([["a"], []], pa.list_(pa.string())),
            "small": pa.array([1, None], pa.int8()),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "money": pa.array([1, 2], pa.decimal128(9, 2)),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    score_file(CLASSIFIER, tmp_path / "in.parquet", tmp_path / "out.parquet")
    scored = pq.read_table(tmp_path / "out.parquet")
    assert scored.select(table.column_names).equals(table)
    assert scored.schema.field("probability").type == pa.float64()


def test_bad_rows_have_their_reason_and_are_counted(tmp_path: Path) -> None:
    lines = [
        '{"text": "good", "id": 1}',
        '{"text": null, "id": 2}',
        '{"text": "", "id": 3}',
        '{"text": 5, "id": 4}',
        '{"id": 5}',
        '{"text": "\\u200b", "id": 6}',
        "not json",
        json.dumps({"text": "good " * MAX_CHARACTERS, "id": 8}),
        '{"text": "bad", "id": 9}',
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    summary = score_file(CLASSIFIER, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert (summary.rows, summary.failed) == (9, 7)
    scored = read(tmp_path / "out.jsonl")
    assert [row["label"] is None for row in scored] == [False] + 7 * [True] + [False]
    errors = [row["error"] for row in scored]
    for error, part in zip(
        errors[1:8],
        ("no text", "empty", "got int", "no column", "no words", "not JSON", "characters"),
        strict=True,
    ):
        assert part in error
    assert scored[6]["input_line"] == "not json"
    assert scored[3]["text"] == 5


def test_a_csv_row_with_too_many_fields_is_kept_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('text,id\ngood,1\nnot, good,2\nbad\n"good\nlines",4\n')
    summary = score_file(CLASSIFIER, tmp_path / "in.csv", tmp_path / "out.csv")
    scored = read(tmp_path / "out.csv")
    assert (summary.rows, summary.failed) == (4, 1)
    assert "3 fields, the header has 2: ['2']" in scored[1]["error"]
    assert [row["id"] for row in scored] == ["1", " good", "", "4"]
    assert scored[3]["text"] == "good\nlines"


def test_words_like_na_and_numbers_stay_text(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,id\nNA,007\nnull,1e3\n12,True\nNA good,-0\n")
    score_file(CLASSIFIER, tmp_path / "in.csv", tmp_path / "out.parquet")
    scored = read(tmp_path / "out.parquet")
    assert [(row["text"], row["id"]) for row in scored] == [
        ("NA", "007"),
        ("null", "1e3"),
        ("12", "True"),
        ("NA good", "-0"),
    ]
    assert [row["error"] for row in scored] == [
        *["none of its words is known to the model"] * 3,
        None,
    ]


def test_columns_of_an_added_name_are_kept_under_another() -> None:
    (row,), _ = score_rows(CLASSIFIER, [{"text": "good", "label": 1, "input_label": 2}])
    assert (row["input_input_label"], row["input_label"]) == (1, 2)
    assert row["label"] in ("negative", "neutral", "positive")
    assert row["leaning"] in CLASSIFIER.labels


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=30)), max_size=12))
def test_no_row_is_lost_whatever_it_holds(texts: list[object]) -> None:
    rows = [{"text": text, "id": i} for i, text in enumerate(texts)]
    scored, tokens = score_rows(CLASSIFIER, rows)
    assert [row["id"] for row in scored] == list(range(len(texts)))
    assert all((row["label"] is None) == (row["error"] is not None) for row in scored)
    read_tokens = [
        len(CLASSIFIER.encoder.encode(str(row["text"])).ids) for row in scored if row["label"]
    ]
    assert tokens == sum(read_tokens)


def test_more_than_two_labels_give_the_winners_probability() -> None:
    classifier = tiny_classifier(labels=("bad", "so so", "good"))
    (row,), _ = score_rows(classifier, [{"text": "a great film"}])
    wanted = classifier.predict("a great film")
    assert row["label"] == wanted.label
    assert row["probability"] == max(wanted.probabilities)


def test_globs_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name, texts in (("b", ["good"]), ("a", ["bad", "fine"]), ("c", ["dull"])):
        write(tmp_path / f"{name}.csv", [{"text": text} for text in texts])
    score_file(CLASSIFIER, tmp_path / "[a-c].csv", tmp_path / "out.jsonl", window=2)
    assert [row["text"] for row in read(tmp_path / "out.jsonl")] == ["bad", "fine", "good", "dull"]


@pytest.mark.parametrize("count", [2, 3])
def test_shards_together_are_the_whole(tmp_path: Path, count: int) -> None:
    rows = [{"text": text} for text in sentences(45)]
    source = write(tmp_path / "in.jsonl", rows)
    pieces = []
    for index in range(count):
        out = tmp_path / f"{index}.parquet"
        score_file(CLASSIFIER, source, out, shard=(index, count), window=4)
        pieces += read(out)
    pieces.sort(key=lambda row: row["row"])
    assert [row["row"] for row in pieces] == list(range(45))
    assert [row["text"] for row in pieces] == sentences(45)


def _sharded(folder: Path, kind: str, count: int, texts: list[str]) -> list[Path]:
    source = write(folder / "in.jsonl", [{"text": text, "id": i} for i, text in enumerate(texts)])
    outs = [shard_name(folder / f"out.{kind}", (index, count)) for index in range(count)]
    for index, out in enumerate(outs):
        score_file(CLASSIFIER, source, out, shard=(index, count), window=4)
    return outs


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_merged_shards_are_what_one_process_writes(tmp_path: Path, kind: str) -> None:
    texts = [*sentences(45), 'a line\nbroken, "quoted"', "", "=1+1"]
    outs = _sharded(tmp_path, kind, 3, texts)
    whole, merged = tmp_path / f"whole.{kind}", tmp_path / f"merged.{kind}"
    score_file(CLASSIFIER, tmp_path / "in.jsonl", whole, window=4)
    ran = CliRunner().invoke(app, ["merge", str(tmp_path / f"out-*-of-00003.{kind}"), str(merged)])
    assert ran.exit_code == 0, ran.output
    assert "48 rows" in ran.output
    if kind == "parquet":
        assert pq.read_table(merged).equals(pq.read_table(whole))
    else:
        assert merged.read_bytes() == whole.read_bytes()
    with pytest.raises(ScoringError, match="shards are missing: 1"):
        merge_shards([outs[0], outs[2]], merged)
    renamed = [out.rename(tmp_path / f"{number}.{kind}") for number, out in enumerate(outs)]
    with pytest.raises(ScoringError, match="row 4 is missing"):
        merge_shards([renamed[0], renamed[2]], merged)
    with pytest.raises(ScoringError, match="is no shard"):
        merge_shards([whole], tmp_path / f"again.{kind}")


def test_another_number_of_processes_does_not_start_again_unsaid(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [{"text": text} for text in sentences(30)])
    out = tmp_path / "out.csv"

    def stop(progress: ScoreProgress) -> None:
        raise _StoppedError

    shard: Any = {"window": 4, "resume": True}
    with pytest.raises(_StoppedError):
        score_file(
            CLASSIFIER, source, shard_name(out, (1, 2)), shard=(1, 2), on_progress=stop, **shard
        )
    first = score_file(CLASSIFIER, source, shard_name(out, (0, 2)), shard=(0, 2), **shard)
    for other, wanted in ((out, 1), (shard_name(out, (0, 3)), 3)):
        with pytest.raises(ScoringError, match=f"had 2 processes, this one has {wanted}"):
            score_file(CLASSIFIER, source, other, shard=(0, wanted), **shard)
    again = score_file(CLASSIFIER, source, first.out, shard=(0, 2), **shard)
    assert (again.rows, again.resumed, again.notes) == (16, 16, ("was complete already",))
    rest = score_file(CLASSIFIER, source, shard_name(out, (1, 2)), shard=(1, 2), **shard)
    assert (rest.rows, rest.resumed) == (14, 4)
    for path in tmp_path.glob("out-*"):
        path.unlink()
    with pytest.raises(_StoppedError):
        score_file(CLASSIFIER, source, out, on_progress=stop, **shard)
    with pytest.raises(ScoringError, match="had 1 processes, this one has 2"):
        score_file(CLASSIFIER, source, shard_name(out, (0, 2)), shard=(0, 2), **shard)


@pytest.mark.parametrize("out_kind", ["csv", "jsonl", "parquet"])
def test_each_label_has_its_probability_where_it_is_asked_for(
    tmp_path: Path, out_kind: str
) -> None:
    kinds = ("bill", "parcel", "praise")
    classifier = tiny_classifier(labels=kinds)
    rows = [{"text": "good film", "probability_bill": "mine"}, {"text": "", "probability_bill": ""}]
    source, out = write(tmp_path / "in.csv", rows), tmp_path / f"out.{out_kind}"
    score_file(classifier, source, out, probabilities=True)
    names = [f"probability_{kind}" for kind in kinds]
    scored = read(out)
    assert list(scored[0]) == ["text", "input_probability_bill", *ADDED, *names]
    wanted = classifier.predict("good film").probabilities
    assert [float(scored[0][name]) for name in names] == pytest.approx(wanted)
    assert {scored[1][name] for name in names} <= {"", None}
    again, _ = score_rows(classifier, [{"text": "good film"}], probabilities=True)
    assert [again[0][name] for name in names] == pytest.approx(wanted)


def test_a_device_that_is_not_there_is_named() -> None:
    classifier = SentimentClassifier(CLASSIFIER.model, CLASSIFIER.encoder, language="en")
    moved = classifier.to("cpu")
    assert moved.predict("good").logit == classifier.predict("good").logit
    kept = {name: value for name, value in vars(classifier).items() if name != "model"}
    assert {name: vars(moved)[name] for name in kept} == kept
    for device in ("cuda:99", "abacus"):
        with pytest.raises(SentimentError, match=f"cannot compute on '{device}'"):
            CLASSIFIER.to(device)


def test_a_hub_data_set_is_streamed_and_its_shards_are_numbered_as_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = datasets.Dataset.from_list([{"text": t} for t in sentences(10)]).to_iterable_dataset()
    monkeypatch.setattr(datasets, "load_dataset", lambda *_, **__: stream)
    whole = tmp_path / "all.parquet"
    score_file(CLASSIFIER, "someone/reviews", whole, window=3)
    assert [row["text"] for row in read(whole)] == sentences(10)
    rows = []
    for i in range(2):
        out = tmp_path / f"{i}.jsonl"
        cut = score_file(CLASSIFIER, "someone/reviews", out, shard=(i, 2), window=2, limit=7)
        assert cut.truncated
        rows += read(out)
    rows.sort(key=lambda row: row["row"])
    assert [row["row"] for row in rows] == list(range(7))
    assert [row["text"] for row in rows] == sentences(7)


def test_the_row_limit_tells_that_more_was_there(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [{"text": text} for text in sentences(20)])
    cut = score_file(CLASSIFIER, source, tmp_path / "a.csv", limit=7, window=4)
    assert (cut.rows, cut.truncated) == (7, True)
    whole = score_file(CLASSIFIER, source, tmp_path / "b.csv", limit=20, window=4)
    assert (whole.rows, whole.truncated) == (20, False)


def test_progress_counts_rows_and_ends_with_nothing_left(tmp_path: Path) -> None:
    source = write(tmp_path / "in.parquet", [{"text": text} for text in sentences(20)])
    seen: list[ScoreProgress] = []
    score_file(CLASSIFIER, source, tmp_path / "o.csv", window=5, on_progress=seen.append)
    assert [progress.rows for progress in seen] == [5, 10, 15, 20]
    assert seen[-1].seconds_left == 0
    assert seen[-1].tokens_per_second > 0


ANY_TEXT = st.text(max_size=20).filter(lambda text: "\r" not in text)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=8),
    st.sampled_from(["csv", "tsv", "jsonl", "parquet"]),
    st.sampled_from(["csv", "tsv", "jsonl", "parquet"]),
)
def test_whatever_a_file_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    kind: str,
    out_kind: str,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    wanted = [{"text": text, "note": note} for text, note in rows]
    source = write(folder / f"in.{kind}", wanted)
    summary = score_file(CLASSIFIER, source, folder / f"out.{out_kind}", window=3)
    got = [{"text": r["text"], "note": r["note"]} for r in read(folder / f"out.{out_kind}")]
    assert got == wanted
    assert summary.rows == len(rows)


@pytest.mark.parametrize("out_kind", ["csv", "jsonl", "parquet"])
def test_hostile_lines_are_rows_like_others(tmp_path: Path, out_kind: str) -> None:
    lines = ['{"text": "good \\ud800 film"}', "[" * 100_000, f'{{"text": {"9" * 5000}}}', '"x"']
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, '{"text": "bad"}']))
    summary = score_file(CLASSIFIER, tmp_path / "in.jsonl", tmp_path / f"out.{out_kind}")
    assert (summary.rows, summary.failed) == (5, 3)
    scored = read(tmp_path / f"out.{out_kind}")
    assert [bool(row["label"]) for row in scored] == [True, False, False, False, True]


@pytest.mark.parametrize("out_kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_stopped_run_leaves_no_output_and_resumes_to_the_same_bytes(
    tmp_path: Path, kind: str, out_kind: str
) -> None:
    source = write(tmp_path / f"in.{kind}", [{"text": text} for text in sentences(30)])
    whole, out = tmp_path / f"whole.{out_kind}", tmp_path / f"out.{out_kind}"
    score_file(CLASSIFIER, source, whole, window=4)

    def stop(progress: ScoreProgress) -> None:
        if progress.rows == 12:
            raise _StoppedError

    with pytest.raises(_StoppedError):
        score_file(CLASSIFIER, source, out, window=4, on_progress=stop)
    assert not out.exists()
    with pytest.raises(ScoringError, match="window differ"):
        score_file(CLASSIFIER, source, out, window=5, resume=True)
    with (tmp_path / f"{out.name}.partial" / "done.txt").open("a") as log:
        log.write("4")  # a line cut short as the machine went down
    summary = score_file(CLASSIFIER, source, out, window=4, resume=True)
    assert (summary.rows, summary.resumed) == (30, 12)
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "out", "message"),
    [
        ("in.csv", "review\ngood\n", "out.csv", "no column 'text'; the source has review"),
        ("in.jsonl", '{"review": "good"}\n', "out.csv", "no row has a column 'text'"),
        ("in.jsonl", "good\n", "out.csv", "line 1 is not JSON"),
        ("in.csv", "", "out.csv", "is empty; want rows"),
        ("in.csv", "text,text\na,b\n", "out.csv", "twice"),
        ("in.parquet", "text", "out.csv", "not a parquet file"),
        ("in.pdf", "%PDF-1.7", "out.csv", "is a PDF"),
        ("in.csv", "text\ngood\n", "out.txt", "output must end in"),
        ("in.csv", "text\ngood\n", "in.csv", "is the input"),
    ],
)
def test_unusable_sources_and_outputs_are_refused(
    tmp_path: Path, name: str, content: str, out: str, message: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ScoringError, match=message):
        score_file(CLASSIFIER, tmp_path / name, tmp_path / out)
    assert (tmp_path / name).read_text() == content


def test_columns_that_change_their_kind_are_refused_for_parquet(tmp_path: Path) -> None:
    rows = [{"text": "good", "id": i if i < 5 else "x"} for i in range(10)]
    source = write(tmp_path / "in.jsonl", rows)
    with pytest.raises(ScoringError, match=r"write to \.jsonl"):
        score_file(CLASSIFIER, source, tmp_path / "out.parquet", window=5)
    score_file(CLASSIFIER, source, tmp_path / "out.jsonl", window=5)
    assert [row["id"] for row in read(tmp_path / "out.jsonl")] == [row["id"] for row in rows]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny classifier as a checkpoint folder."""
    folder = tmp_path_factory.mktemp("weights")
    model = CLASSIFIER.model
    config = ModelConfig(CLASSIFIER.encoder.vocabulary_size, 8, 12)
    checkpoint.save(folder, model, config, CLASSIFIER.encoder)
    return folder


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sentiment", *arguments]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m sentiment ...`` in a process of its own."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_command_line_scores_a_file(tmp_path: Path, weights: Path) -> None:
    source = write(tmp_path / "in.csv", [{"review": text} for text in sentences(9)])
    out = tmp_path / "out.parquet"
    result = run(
        "score", str(source), str(out), "--text-column", "review", "--weights", str(weights)
    )
    assert result.returncode == 0, result.stderr
    assert "9 rows, 0 failed" in result.stdout
    assert "tokens/s" in result.stderr
    loaded = SentimentClassifier.from_folder(weights)
    assert [row["label"] for row in read(out)] == [
        p.reading for p in loaded.predict_batch(sentences(9))
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.csv", "out.csv"], "error: no file at absent.csv"),
        (["absent.csv", "out.csv", "--shard", "2/2"], "error: a shard is i/n"),
        (["absent.csv", "out.csv", "--shard", "two"], "error: --shard wants I/N"),
        (["absent.csv", "out.csv", "--weights", "./absent"], "error: no checkpoint folder"),
        (["nobody/nothing-here", "out.csv"], "error: no file or glob at 'nobody/nothing-here'"),
    ],
)
def test_command_line_faults_end_with_one_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["score", *arguments])
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert len(result.stderr.splitlines()) == 1


def test_each_process_of_torchrun_scores_its_share(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.jsonl", [{"text": text} for text in sentences(12)])
    out = tmp_path / "out.jsonl"
    for rank in range(2):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", "2")
        arguments = ("score", str(source), str(out), "--weights", str(weights), "--window", "3")
        ran(app, *arguments)
    parts = [read(shard_name(out, (rank, 2))) for rank in range(2)]
    rows = sorted((row for part in parts for row in part), key=lambda row: row["row"])
    assert [row["text"] for row in rows] == sentences(12)
    assert shard_name(out, (0, 2)).name == "out-00000-of-00002.jsonl"


def test_a_killed_command_resumes(tmp_path: Path, weights: Path) -> None:
    texts = sentences(3000)
    source = write(tmp_path / "in.csv", [{"text": text} for text in texts])
    out = tmp_path / "out.csv"
    arguments = ("score", str(source), str(out), "--weights", str(weights), "--window", "20")
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL
    )
    part, limit = tmp_path / "out.csv.partial" / "part-00000003", time.monotonic() + 60
    while not part.exists() and time.monotonic() < limit:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert part.exists()
    assert not out.exists()
    ran(app, *arguments, "--resume")
    assert [row["text"] for row in read(out)] == texts


def test_the_command_computes_where_it_is_told_to(tmp_path: Path, weights: Path) -> None:
    source = write(tmp_path / "in.csv", [{"text": text} for text in sentences(9)])
    plain, out = tmp_path / "plain.csv", tmp_path / "out.csv"
    own = ("--weights", str(weights))
    ran(app, "score", str(source), str(plain), *own)
    ran(app, "score", str(source), str(out), *own, "--device", "cpu")
    assert out.read_bytes() == plain.read_bytes()
    out.unlink()
    refused = ran(app, "score", str(source), str(out), *own, "--device", "cuda:99", check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: cannot compute on 'cuda:99': ")
    assert refused.stderr.count("\n") == 1
    assert not out.exists()


def test_sixteen_bits_give_the_same_verdicts_or_are_refused(
    tmp_path: Path, shipped: SentimentClassifier
) -> None:
    texts = ["A good film.", "This is not good at all.", "It rains."] * 20 + ["not " * 90 + "bad"]
    source = write(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    out = tmp_path / "out.jsonl"
    if not bfloat16_pays():
        with pytest.raises(ScoringError, match="does not multiply in bfloat16"):
            score_file(shipped, source, out, bfloat16=True)
        with pytest.raises(ValueError, match="does not multiply in bfloat16"):
            shipped.logits([[2, 3]], bfloat16=True)
        return
    score_file(shipped, source, out, bfloat16=True)
    rounded = [json.loads(line) for line in out.read_text().splitlines()]
    exact, _ = score_rows(shipped, [{"text": text} for text in texts])
    for row, wanted in zip(rounded, exact, strict=True):
        assert row["label"] == wanted["label"]
        assert row["logit"] == pytest.approx(wanted["logit"], abs=0.1)
    assert [row["logit"] for row in rounded] != [row["logit"] for row in exact]


def test_an_output_that_is_a_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [{"text": "good"}])
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(ScoringError, match="is a folder; name a file to write"):
        score_file(CLASSIFIER, source, tmp_path / "out.csv")


def test_help_is_quick_and_has_examples() -> None:
    started = time.perf_counter()
    result = run("score", "--help")
    assert time.perf_counter() - started < 3  # half a second on a quiet machine
    assert "Examples:" in result.stdout
    code = "import sentiment.__main__, sys; print(*{n.split('.')[0] for n in sys.modules})"
    imports = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "torch" not in imports.stdout.split()


def test_the_bench_finds_every_row_in_constant_memory(weights: Path) -> None:
    figures = measure(20_000, 8, weights)
    encoder = SentimentClassifier.from_folder(weights).encoder
    unread = sum(
        all(encoder.word_id(word) == UNKNOWN_ID for word in text.split())
        for _, text in synthetic(20_000, 8)
    )
    assert (figures.rows, figures.failed, figures.in_order) == (20_000, unread, True)
    assert figures.peak_megabytes < 1_500


class Verdicts:
    """What README maps over the partitions of a cluster: one model a worker, batches of rows."""

    def __init__(self, weights: str) -> None:
        import sentiment

        self.classifier = sentiment.load(weights)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        verdicts = self.classifier.predict_batch(list(batch["text"]), errors="mark")
        return batch | {"logit": [verdict.logit for verdict in verdicts]}


@pytest.mark.filterwarnings("default")
def test_ray_maps_predict_batch_over_partitions(weights: Path) -> None:
    ray = pytest.importorskip("ray", reason="ray is optional")
    data = pytest.importorskip("ray.data")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        rows = [{"text": text, "id": i} for i, text in enumerate([*sentences(39), ""])]
        mapped = data.from_items(rows).map_batches(
            Verdicts, fn_constructor_args=(str(weights),), batch_size=16, concurrency=(1, 8)
        )
        got = {row["id"]: row["logit"] for row in mapped.take_all()}
    finally:
        ray.shutdown()
    wanted = SentimentClassifier.from_folder(weights).predict_batch(sentences(39))
    assert [got[i] for i in range(39)] == pytest.approx([p.logit for p in wanted], abs=1e-5)
    assert np.isnan(got[39])


@pytest.mark.filterwarnings("default")
def test_spark_maps_predict_batch_over_partitions(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyspark = pytest.importorskip("pyspark", reason="pyspark is optional")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = str(weights)

    def verdicts(texts: Iterator[str]) -> list[Any]:
        import sentiment

        return sentiment.load(folder).predict_batch(list(texts), errors="mark")

    with pyspark.SparkContext("local[2]") as context:
        found = context.parallelize([*sentences(9), ""], 2).mapPartitions(verdicts).collect()
    wanted = SentimentClassifier.from_folder(weights).predict_batch(sentences(9))
    assert [p.logit for p in found[:9]] == pytest.approx([p.logit for p in wanted], abs=1e-5)
    assert np.isnan(found[9].logit)
