"""The command lines of training, on sentences of our own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file
from typer.testing import CliRunner

from sentiment.classifier import SentimentClassifier
from sentiment.records import Metrics, Recipe
from tests.commands import Ran, ran
from tests.conftest import ROOT
from train.__main__ import app, main
from train.data.labelled import Example
from train.data.tables import DataError
from train.fit.fit import evaluate_examples

GOOD, BAD = ["good", "great", "fine", "lovely"], ["bad", "awful", "poor", "dull"]


def run(*arguments: str, check: bool = True) -> Ran:
    """``python -m train ...`` in this process."""
    return ran(main, *arguments, check=check)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learnable toy: adjectives, half of them negated."""
    path = tmp_path_factory.mktemp("toy")
    generator = random.Random(0)
    for split, count in (("train", 400), ("dev", 60)):
        rows = []
        for _ in range(count):
            word, negated = generator.choice(GOOD + BAD), generator.random() < 0.5
            text = f"it is {'not ' if negated else ''}{word}{' film' * generator.randint(0, 3)}"
            rows.append({"text": text, "label": int((word in GOOD) != negated)})
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (path / f"{split}.jsonl").write_text(lines)
    return path


OPTIONS = ["--hidden", "16", "--dropout", "0.1", "--learning-rate", "0.02"]


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "run"
    run("fit", "--data", str(folder), "--out", str(out), "--epochs", "30", *OPTIONS)
    return out


def test_fit_learns_negation_and_writes_a_checkpoint(trained: Path) -> None:
    classifier = SentimentClassifier.from_folder(trained)
    assert classifier.predict("it is good").label == "positive"
    assert classifier.predict("it is not good film").label == "negative"
    metrics = json.loads((trained / "metrics.json").read_text())
    assert metrics["dev"]["accuracy"] > 0.9
    assert Recipe.read(trained).settings["hidden_dim"] == 16


def test_evaluate_prints_the_figures_of_the_saved_weights(trained: Path, folder: Path) -> None:
    out = run("evaluate", "--weights", str(trained), "--data", str(folder), "--json").stdout
    row = json.loads(out.splitlines()[-1])
    assert set(row) == {"n", "accuracy", "log_loss", "ece", "tokens_per_second"}
    wanted = json.loads((trained / "metrics.json").read_text())["dev"]
    assert (row["n"], row["accuracy"]) == (60, wanted["accuracy"])


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM])
def test_a_stopped_run_resumes_to_the_same_weights(
    trained: Path, folder: Path, tmp_path: Path, kind: signal.Signals
) -> None:
    arguments = ["fit", "--data", str(folder), "--out", str(tmp_path), "--epochs", "30", *OPTIONS]
    process = subprocess.Popen(
        [sys.executable, "-m", "train", *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    state = tmp_path / "state" / "training_state.pt"
    limit = time.monotonic() + 120
    while not state.exists() and time.monotonic() < limit:
        time.sleep(0.005)
    process.send_signal(kind)
    said, _ = process.communicate(timeout=60)
    assert state.exists()
    assert not (tmp_path / "model.safetensors").exists()
    if kind == signal.SIGTERM:
        assert process.returncode == 143
        assert "go on with --resume" in said
    run(*arguments, "--resume")
    resumed, whole = (load_file(p / "model.safetensors") for p in (tmp_path, trained))
    assert all(bool((resumed[name] == whole[name]).all()) for name in whole)


def test_a_csv_of_ones_own_gives_a_model_of_many_labels(tmp_path: Path) -> None:
    generator = random.Random(1)
    kinds = {"praise": GOOD, "blame": BAD, "question": ["why", "how", "when", "who"]}
    with (tmp_path / "mine.csv").open("w") as file:
        file.write("review,kind\n")
        for _ in range(450):
            kind = generator.choice(list(kinds))
            more = " film" * generator.randint(0, 4)
            file.write(f'"it is, {generator.choice(kinds[kind])}{more}",{kind}\n')
    out = tmp_path / "run"
    columns = ["--text-column", "review", "--label-column", "kind"]
    source = ["--data", str(tmp_path / "mine.csv"), *columns]
    settings = ["--epochs", "12", "--patience", "12", "--batch-size", "32", *OPTIONS]
    result = run("fit", *source, "--out", str(out), "--balance", *settings)
    assert "texts are kept for it" in result.stdout
    classifier = SentimentClassifier.from_folder(out)
    assert classifier.labels == ("blame", "praise", "question")
    verdict = classifier.predict("it is why")
    assert verdict.label == "question"
    assert (verdict.probability, len(verdict.probabilities)) == (None, 3)
    explanation = classifier.explain("it is lovely", target="praise")
    parts = explanation.ledger.last + explanation.ledger.max + explanation.ledger.mean
    assert parts.sum() + explanation.ledger.bias == pytest.approx(explanation.logit, abs=1e-4)
    shown = run("evaluate", "--weights", str(out), *source, "--json", "--write").stdout
    assert "was trained on: only its" in shown.splitlines()[0]
    row = json.loads(shown.splitlines()[-1])
    measured = Metrics.read(out)
    assert (row["n"], row["accuracy"]) == (measured.splits["dev"].n, 1.0)
    assert measured.splits["mine"].macro_f1 == 1.0
    assert f"| mine | {row['n']} | 100.0 |" in (out / "README.md").read_text()
    told = [one["model"] for one in measured.tables["comparison"]]
    assert told == ["majority", "TF-IDF + logistic regression", "trained"]
    assert [one["label"] for one in measured.tables["per_label"]] == ["blame", "praise", "question"]
    again = run("fit", *source, "--out", str(out), check=False)
    assert "--overwrite replaces it" in again.stderr


def test_ratings_train_a_model_of_two_labels(tmp_path: Path) -> None:
    rows = [
        {"text": f"{word} film {i}", "label": rating}
        for i in range(30)
        for word, rating in (("awful", 1), ("dull", 2), ("film", 3), ("fine", 4), ("great", 5))
    ]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "run"
    source = ["--data", str(tmp_path / "mine.jsonl"), "--ratings"]
    run("fit", *source, "--out", str(out), "--epochs", "12", "--batch-size", "32", *OPTIONS)
    classifier = SentimentClassifier.from_folder(out)
    assert classifier.labels == ("negative", "positive")
    assert classifier.predict("great film").label == "positive"
    assert classifier.predict("awful film").label == "negative"
    assert [one.name for one in Recipe.read(out).data] == ["mine.jsonl"]


def test_fit_starts_from_the_embedded_weights_and_trains_further(tmp_path: Path) -> None:
    generator = random.Random(2)
    rows = []
    for number in range(80):
        word, negated = generator.choice(GOOD + BAD), generator.random() < 0.5
        text = f"blorb {number} is {'not ' if negated else ''}{word}"
        rows.append({"text": text, "label": int((word in GOOD) != negated)})
    path, out = tmp_path / "mine.jsonl", tmp_path / "run"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["fit", "--data", str(path), "--out", str(out), "--batch-size", "36"]
    first = run(*arguments, "--epochs", "1").stdout
    assert "starting from the embedded weights" in first
    assert "start, untrained" in first
    recipe = Recipe.read(out)
    assert (recipe.start, recipe.language) == ("embedded", "en")
    classifier = SentimentClassifier.from_folder(out)
    assert classifier.encoder.word_id("blorb") == classifier.encoder.vocabulary_size - 1
    assert classifier.predict("blorb 3 is not good").label == "negative"
    run(*arguments, "--epochs", "2", "--resume")
    further = Recipe.read(out)
    assert further.settings["epochs"] == 2
    assert len(Metrics.read(out).tables["epochs"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "{folder}", "--start", "embedded", "--hidden", "8"], "would be another model"),
        (["--data", "./absent"], "no file at"),
        (["--data", "{folder}", "--text-column", "review"], "has no column 'review'"),
        (["--data", "{folder}", "--resume"], "nothing to resume"),
        (["--data", "{folder}", "--labels", "a,b"], "none of a, b"),
    ],
)
def test_faults_end_with_one_plain_line(
    folder: Path,
    tmp_path: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = [argument.format(folder=folder) for argument in arguments]
    monkeypatch.setattr(sys, "argv", ["train", "fit", "--out", str(tmp_path / "out"), *given])
    with pytest.raises(SystemExit) as stopped:
        main()
    line = str(stopped.value)
    assert line.startswith("error: ")
    assert message in line
    assert "\n" not in line


def test_a_fault_of_the_command_line_has_no_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "train",
            "fit",
            "--out",
            str(tmp_path / "out"),
            "--data",
            "./absent",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: no file at")
    assert "Traceback" not in result.stderr


def test_targets_of_one_half_are_neither_right_nor_wrong(
    shipped: SentimentClassifier, tmp_path: Path
) -> None:
    polar = [Example("a wonderful film", 1.0), Example("an awful film", 0.0)]
    found = evaluate_examples(shipped, [*polar, Example("it opens on friday", 0.5)])
    assert found == evaluate_examples(shipped, polar)
    with pytest.raises(DataError, match="got 1 targets of one half"):
        evaluate_examples(shipped, [Example("it opens on friday", 0.5)])
    data = tmp_path / "data.csv"
    data.write_text("text,label\na wonderful film,1\nan awful film,0\nit opens on friday,0.5\n")
    run = CliRunner().invoke(app, ["evaluate", "--data", str(data), "--json"])
    row = json.loads(run.stdout.splitlines()[-1])
    assert (row["n"], row["accuracy"], row["left_out"]) == (2, 1.0, 1)
    assert "1 texts of neither label (one half) are left out" in run.stderr
    assert "unknown_words" not in row


def test_texts_that_score_gives_no_verdict_on_are_counted(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    foreign = "Das Essen war leider kalt und die Bedienung sehr unfreundlich"
    texts = ["a wonderful film", "an awful film", foreign, "Очень плохо", "xqzzv wvvkq", "хорошо"]
    lines = [f"{text};{int(i % 2)}" for i, text in enumerate(texts)]
    data.write_text("text;label\n" + "\n".join(lines) + "\n", encoding="utf-16")
    run = CliRunner().invoke(app, ["evaluate", "--data", str(data), "--json"])
    row = json.loads(run.stdout.splitlines()[-1])
    assert (row["n"], row["other_language"], row["unknown_words"]) == (6, 3, 1)
    assert "3 of 6 texts are in another language or script than the model's" in run.stderr
    assert "1 of 6 texts have no word that the model knows" in run.stderr
