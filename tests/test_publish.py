"""Publishing from the command line: the real client in a subprocess against a loopback stub."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from typer.testing import CliRunner

from sentiment.card import Terms
from sentiment.classifier import SentimentClassifier
from tests.conftest import ROOT, tiny_classifier
from tests.hub_stub import HubStub
from train.__main__ import app
from train.publish import stage, stage_space


@pytest.fixture(scope="module")
def stub() -> Iterator[HubStub]:
    with HubStub() as hub:
        yield hub


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A checkpoint folder as ``train fit`` leaves it."""
    folder = tmp_path / "run"
    tiny_classifier(dtype=torch.float32).save_pretrained(folder)
    measured = {"dev": {"n": 4, "accuracy": 0.75, "log_loss": 0.5, "ece": 0.1}, "epochs": []}
    (folder / "metrics.json").write_text(json.dumps(measured))
    (folder / "training.json").write_text(json.dumps({"data": "../secret/place/mine.csv"}))
    (folder / "state").mkdir()
    (folder / "notes.txt").write_text("not for others")
    return folder


def run(
    stub: HubStub, home: Path, *arguments: str, token: str | None = "hf_loopback"
) -> subprocess.CompletedProcess[str]:
    """``python -m train ...`` in a process whose Hub is the stub."""
    return subprocess.run(
        [sys.executable, "-m", "train", *arguments],
        cwd=ROOT,
        env={**os.environ, **stub.environment(home, token=token), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_publish_writes_one_commit_whose_sha_loads(
    stub: HubStub, weights: Path, tmp_path: Path
) -> None:
    result = run(
        stub, tmp_path, "publish", "--repo", "me/mine", "--weights", str(weights), "--tag", "v1"
    )
    assert result.returncode == 0, result.stderr
    repository = stub["me/mine"]
    assert len(repository.commits) == 2  # the one that made it, and ours
    sha, files = repository.commits[-1]
    assert f'sentiment.load("me/mine", revision="{sha}")' in result.stdout
    assert repository.tags == {"v1": sha}
    assert files["model.safetensors"] == (weights / "model.safetensors").read_bytes()
    assert set(files) - {".gitattributes"} == {
        "README.md",
        "config.json",
        "metrics.json",
        "model.safetensors",
        "tokenizer.json",
        "training.json",
    }
    assert "hf_loopback" not in result.stdout + result.stderr
    assert b"hf_loopback" not in b"".join(files.values())
    assert b"secret" not in b"".join(files.values())
    code = (
        f"import sentiment; c = sentiment.load('me/mine', revision='{sha}');"
        "print(c.predict('not good').logit)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **stub.environment(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = SentimentClassifier.from_folder(weights).predict("not good").logit
    assert float(loaded.stdout) == wanted


def test_publish_space_sends_what_the_page_needs_and_nothing_else(
    stub: HubStub, tmp_path: Path
) -> None:
    stub.add("me/space", {"old.py": b"stale", ".gitattributes": b""}, kind="space")
    result = run(stub, tmp_path, "publish-space", "--repo", "me/space")
    assert result.returncode == 0, result.stderr
    files = stub["spaces/me/space"].commits[-1][1]
    assert {"app.py", "requirements.txt", "README.md", "sentiment/ui/page.py"} <= set(files)
    assert "sentiment/weights/model.safetensors" in files
    tops = {name.split("/")[0] for name in files}
    assert tops == {"app.py", "requirements.txt", "README.md", "LICENSE", "sentiment"} | {
        ".gitattributes"
    }
    assert not [name for name in files if "pycache" in name]
    lines = files["requirements.txt"].decode().splitlines()
    assert {"torch==2.13.0", "gradio==6.31.0", "captum==0.9.0"} <= set(lines)
    assert all("==" in line for line in lines[1:])
    assert not [line for line in lines if line.startswith(("nvidia-", "triton"))]


@pytest.mark.parametrize(
    ("arguments", "token", "message"),
    [
        (["--repo", "not a name"], "hf_loopback", "a repository is named user/name"),
        (["--repo", "me/x"], None, "not logged in"),
        (["--repo", "me/x", "--weights", "absent"], None, "no checkpoint folder at absent"),
    ],
)
def test_faults_end_with_one_line_before_anything_is_sent(
    arguments: list[str], token: str | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment.hub.get_token", lambda: token)
    result = CliRunner().invoke(app, ["publish", *arguments])
    assert result.exit_code != 0
    assert message in str(result.exception)


def test_dry_run_writes_what_would_be_pushed(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["publish", "--repo", "me/mine", "--weights", str(weights), "--dry-run"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "runs" / "publish" / "mine"
    for path in folder.iterdir():
        assert path.name in result.stdout
    assert SentimentClassifier.from_folder(folder).predict("good").label


def test_the_card_has_metadata_results_and_a_snippet_that_runs(
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "staged"
    folder.mkdir()
    stage(weights, folder, "me/mine", "v1", terms=Terms("mit", "en", ("stanfordnlp/sst2",)))
    card = ModelCard.load(folder / "README.md")
    assert card.data.license == "mit"
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.datasets == ["stanfordnlp/sst2"]
    results = {r.metric_type: r.metric_value for r in card.data.eval_results or []}
    assert results == {"accuracy": 0.75, "log_loss": 0.5, "ece": 0.1}
    assert "## Limits" in card.text
    assert "mine.csv" in card.text
    snippet = re.search(r"```python\n(.+?)```", card.text, re.S)
    assert snippet is not None
    assert len([line for line in snippet[1].splitlines() if line]) == 4

    def load(name: str, revision: str | None = None) -> SentimentClassifier:
        assert (name, revision) == ("me/mine", "v1")
        return SentimentClassifier.from_folder(folder)

    monkeypatch.setattr("sentiment.load", load, raising=False)
    exec(snippet[1], {})
    assert capsys.readouterr().out.split()[0] in ("positive", "negative")


def test_a_card_of_ones_own_is_completed(weights: Path, tmp_path: Path) -> None:
    (weights / "README.md").write_text("---\nlicense: cc0-1.0\n---\n# Mine\n")
    folder = tmp_path / "staged"
    folder.mkdir()
    stage(weights, folder, "me/mine")
    card = ModelCard.load(folder / "README.md")
    assert card.data.license == "cc0-1.0"
    assert [result.metric_value for result in card.data.eval_results or []] == [0.75, 0.5, 0.1]
    assert card.text.strip().startswith("# Mine")
    assert 'sentiment.load("me/mine")' in card.text
    (weights / "README.md").write_text((folder / "README.md").read_text())
    stage(weights, folder, "me/mine")
    assert (folder / "README.md").read_text() == (weights / "README.md").read_text()
    (weights / "README.md").write_text("---\n{ no yaml\n---\n")
    with pytest.raises(ValueError, match="metadata cannot be read"):
        stage(weights, folder, "me/mine")


def test_a_space_of_other_weights_speaks_of_them(tmp_path: Path) -> None:
    weights, folder = tmp_path / "mails", tmp_path / "space"
    tiny_classifier(labels=("ham", "spam"), dtype=torch.float32).save_pretrained(weights)
    (weights / "training.json").write_text('{"data": "mails.csv", "language": "de"}')
    folder.mkdir()
    assert "README.md" in stage_space(folder, weights)
    card = ModelCard.load(folder / "README.md")
    assert card.data.to_dict()["sdk"] == "gradio"
    assert "sentiment-analysis" not in (card.data.tags or [])
    for said in ("ham, spam", "mails.csv", "Language: de", "not stated"):
        assert said in card.text
    assert "not good" not in card.text


def test_the_staged_space_runs_on_its_own(tmp_path: Path) -> None:
    stage_space(tmp_path)
    code = "import app, sentiment; print(sentiment.load().predict('good').label)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.stdout.strip() == "positive", result.stderr
