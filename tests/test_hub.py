"""Checkpoints to and from the Hub: the real client against a loopback stub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from typer.testing import CliRunner

from sentiment import checkpoint, durable, hub
from sentiment.__main__ import app
from sentiment.checkpoint import CheckpointError
from sentiment.classifier import SentimentClassifier
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, build
from sentiment.ui.answers import Reader
from sentiment.ui.panels import about
from tests.conftest import ROOT, tiny_classifier
from tests.hub_stub import TOKEN, HubStub

WORKER = """
import json, os, sys, traceback
import sentiment
from sentiment import hub
from sentiment.classifier import SentimentClassifier
for line in sys.stdin:
    job = json.loads(line)
    os.environ.pop("HF_TOKEN", None)
    os.environ.update({"HF_TOKEN": job["token"]} if job["token"] else {})
    try:
        answer = {"result": eval(job["code"], globals())}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
"""


@dataclass
class Client:
    """A process of its own in which the Hub's real client runs, asked for one value at a time."""

    stub: HubStub
    process: subprocess.Popen[str]

    def ask(self, code: str, token: str | None = TOKEN) -> Any:
        """The value of an expression in that process; its errors raise RuntimeError here."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"code": code, "token": token}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with HubStub() as stub:
        environment = stub.environment(tmp_path_factory.mktemp("home"), token=None)
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=ROOT,
            env={**os.environ, **environment, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        yield Client(stub, process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(autouse=True)
def _no_faults_left(client: Client) -> Iterator[None]:
    yield
    client.stub.faults.clear()
    client.stub.requests.clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder of a tiny model."""
    path = tmp_path_factory.mktemp("checkpoint")
    tiny_classifier(dtype=torch.float32).save_pretrained(path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """The files that the Hub holds: a commit there is whole by itself and needs no manifest."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != durable.MANIFEST}


def test_push_then_pull_gives_the_same_bytes_and_predictions(client: Client, folder: Path) -> None:
    push = f"SentimentClassifier.from_pretrained({str(folder)!r}).push_to_hub('me/same', tag='v1')"
    sha = client.ask(push)
    files = client.stub["me/same"].at("v1")
    assert files is not None
    assert files[0] == sha
    for name, raw in contents(folder).items():
        assert files[1][name] == raw
    pulled, revision = client.ask("[str(part) for part in hub.fetch('me/same', 'v1')]")
    assert revision == sha
    assert contents(Path(pulled)) == contents(folder) | {"README.md": files[1]["README.md"]}
    text = "the film was not good"
    got = client.ask(f"sentiment.load('me/same', revision={sha!r}).predict({text!r}).logit")
    assert got == SentimentClassifier.from_folder(folder).predict(text).logit
    assert client.ask(f"sentiment.load('me/same', revision={sha!r}).revision") == sha
    assert 'revision="v1"' in files[1]["README.md"].decode()


def test_a_pinned_commit_in_the_cache_needs_no_network(client: Client, folder: Path) -> None:
    sha = client.stub.add("me/pinned", contents(folder))
    client.ask("sentiment.load('me/pinned').revision")
    client.stub.requests.clear()
    assert client.ask(f"sentiment.load('me/pinned', revision={sha!r}).revision") == sha
    assert client.stub.requests == []


def test_a_branch_follows_the_hub_and_falls_back_on_the_cache(client: Client, folder: Path) -> None:
    first = client.stub.add("me/moving", contents(folder))
    assert client.ask("sentiment.load('me/moving').revision") == first
    second = client.stub.add("me/moving", contents(folder) | {"README.md": b"new"})
    assert client.ask("sentiment.load('me/moving').revision") == second
    client.stub.faults["GET /api/models/me/moving"] = 503
    assert client.ask("sentiment.load('me/moving').revision") == second


def test_what_a_card_on_the_hub_says_is_known(client: Client, folder: Path) -> None:
    card = "---\nlanguage: de\nlicense: mit\n---\n# Mails \xff\n".encode("latin-1")
    others = {"README.md": card, "metrics.json": b"[1, 2]"}
    sha = client.stub.add("me/carded", contents(folder) | others)
    pulled, repository = client.ask(
        "(lambda c: [str(c.folder), c.repository])(sentiment.load('me/carded'))"
    )
    assert repository == "me/carded"
    facts = about.facts(Reader(SentimentClassifier.from_folder(Path(pulled), sha, repository)))
    assert (facts["language"], facts["license"], facts["card"]) == ("German", "mit", True)
    assert facts["load"] == f'sentiment.load("me/carded", revision="{sha}")'
    assert facts["tables"] == []  # figures of another shape than ours
    bare = about.facts(Reader(SentimentClassifier.from_folder(folder)))
    assert (bare["card"], bare["repository"]) == (False, None)


def test_only_the_files_of_a_checkpoint_are_fetched(client: Client, folder: Path) -> None:
    files = contents(folder) | {"evil.bin": b"x", "code.py": b"raise SystemExit"}
    client.stub.add("me/more", files)
    pulled = client.ask("str(hub.fetch('me/more')[0])")
    assert set(contents(Path(pulled))) == {"model.safetensors", "config.json", "tokenizer.json"}


def spoiled(folder: Path, **changes: Any) -> dict[str, bytes]:
    """The folder's files with keys of config.json changed."""
    files = contents(folder)
    config = json.loads(files["config.json"]) | changes
    return files | {"config.json": json.dumps(config).encode()}


def with_nan(folder: Path) -> dict[str, bytes]:
    files = contents(folder)
    state = load(files["model.safetensors"])
    state["fc.bias"].fill_(float("nan"))
    return files | {"model.safetensors": save(state)}


def without(folder: Path, name: str) -> dict[str, bytes]:
    return {key: raw for key, raw in contents(folder).items() if key != name}


@pytest.mark.parametrize(
    ("number", "change", "message"),
    [
        (0, lambda f: without(f, "tokenizer.json"), "lacks tokenizer.json"),
        (
            1,
            lambda f: without(f, "model.safetensors") | {"pytorch_model.bin": b"\x80"},
            r"pickled weights \(pytorch_model.bin\) are never loaded",
        ),
        (2, lambda f: contents(f) | {"model.safetensors": b"\x80\x04."}, "not a safetensors file"),
        (3, with_nan, "fc.bias holds NaN"),
        (4, lambda f: spoiled(f, hidden_dim=13), "has shape"),
        (5, lambda f: spoiled(f, hidden_dim=10**6), "asks for"),
        (6, lambda f: spoiled(f, auto_map={"AutoModel": "code.py"}), "unexpected keys"),
        (7, lambda f: spoiled(f, model_type="bert"), "model_type must be"),
        (8, lambda f: contents(f) | {"config.json": b"[" * 200_000}, "config.json has 200,000 byt"),
    ],
)
def test_untrustworthy_checkpoints_are_refused_with_the_reason(
    client: Client, folder: Path, number: int, change: Any, message: str
) -> None:
    client.stub.add(f"me/bad{number}", change(folder))
    with pytest.raises(RuntimeError, match=rf"(?:CheckpointError|HubError): .*{message}"):
        client.ask(f"sentiment.load('me/bad{number}')")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sentiment.load('me/absent')", "HubError: .*no such repository"),
        ("sentiment.load('me/there', revision='v9')", "HubError: .*no such revision"),
        ("sentiment.load('./runs/none')", "FileNotFoundError: no checkpoint folder"),
        ("sentiment.load('a/b/c')", "FileNotFoundError: no checkpoint folder"),
        ("sentiment.load('sentiment/weights', revision='v1')", "a revision belongs to a repos"),
        ("sentiment.load(revision='v1')", "embedded weights have no other revision"),
    ],
)
def test_what_cannot_be_found_says_so(
    client: Client, folder: Path, code: str, message: str
) -> None:
    client.stub.add("me/there", contents(folder))
    with pytest.raises(RuntimeError, match=message):
        client.ask(code)


def test_a_private_repository_wants_a_login(client: Client, folder: Path) -> None:
    client.stub.add("me/secret", contents(folder))
    client.stub["me/secret"].private = True
    with pytest.raises(RuntimeError, match=r"HubError: .*hf auth login"):
        client.ask("sentiment.load('me/secret')", token=None)
    assert client.ask("sentiment.load('me/secret').labels") == ["negative", "positive"]


def test_an_interrupted_download_is_finished_by_the_next(client: Client, folder: Path) -> None:
    sha = client.stub.add("me/broken", contents(folder))
    client.stub.faults["GET /me/broken/resolve/.*/model.safetensors"] = 404
    with pytest.raises(RuntimeError, match=r"HubError|EntryNotFound"):
        client.ask("sentiment.load('me/broken')")
    client.stub.faults.clear()
    assert client.ask(f"sentiment.load('me/broken', revision={sha!r}).revision") == sha


def push(name: str, extra: str = "") -> str:
    return f"sentiment.load().push_to_hub({name!r}{extra})"


@pytest.mark.parametrize(
    ("code", "token", "message"),
    [
        (push("me/bad name"), TOKEN, "a repository is named user/name"),
        (push("me/out"), None, "not logged in"),
        (push("me/out"), "hf_other", "hf auth login"),
        (push("me/tagged", ", tag='v1'"), TOKEN, "has the tag 'v1' already"),
        (push("me/tagged", ", private=True"), TOKEN, "exists and is public"),
    ],
)
def test_what_cannot_be_published_leaves_the_hub_as_it_was(
    client: Client, folder: Path, code: str, token: str | None, message: str
) -> None:
    if "models/me/tagged" not in client.stub.repositories:
        sha = client.stub.add("me/tagged", contents(folder))
        client.stub["me/tagged"].tags["v1"] = sha
    before = {name: len(r.commits) for name, r in client.stub.repositories.items()}
    with pytest.raises(RuntimeError, match=f"HubError: .*{message}"):
        client.ask(code, token=token)
    assert {name: len(r.commits) for name, r in client.stub.repositories.items()} == before


@pytest.mark.parametrize("stage", ["PUT /upload/", "POST /api/models/me/torn\\d/commit"])
def test_an_interrupted_push_publishes_nothing_and_may_be_repeated(
    client: Client, folder: Path, stage: str
) -> None:
    name = f"me/torn{len(stage) % 10}"
    client.stub.faults[stage] = 403
    code = f"sentiment.load({str(folder)!r}).push_to_hub({name!r}, tag='v1')"
    with pytest.raises(RuntimeError, match="HubError"):
        client.ask(code)
    repository = client.stub[name]
    assert (set(repository.commits[-1][1]), repository.tags) == ({".gitattributes"}, {})
    client.stub.faults.clear()
    sha = client.ask(code)
    assert repository.tags == {"v1": sha}


def test_a_push_whose_tag_failed_is_completed_by_the_next(client: Client, folder: Path) -> None:
    code = f"sentiment.load({str(folder)!r}).push_to_hub('me/untagged', tag='v1')"
    client.stub.faults["POST /api/models/me/untagged/tag"] = 500
    with pytest.raises(RuntimeError, match=r"published as [0-9a-f]{40}, but not tagged 'v1'"):
        client.ask(code)
    client.stub.faults.clear()
    commits = len(client.stub["me/untagged"].commits)
    sha = client.ask(code)
    assert len(client.stub["me/untagged"].commits) == commits  # nothing was sent twice
    assert client.stub["me/untagged"].tags == {"v1": sha}


def test_files_of_an_older_checkpoint_go(client: Client, folder: Path) -> None:
    client.stub.add("me/older", contents(folder) | {"rnn.safetensors": b"x", "notes.txt": b"y"})
    client.ask(f"sentiment.load({str(folder)!r}).push_to_hub('me/older')")
    files = client.stub["me/older"].commits[-1][1]
    assert "rnn.safetensors" not in files
    assert "notes.txt" in files


def test_the_hub_out_of_reach_is_quick_and_clear(tmp_path: Path) -> None:
    with HubStub() as stub:
        environment = stub.environment(tmp_path)
    result = subprocess.run(
        [sys.executable, "-c", "import sentiment; sentiment.load('me/far')"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (
        "the Hub cannot be reached and the local cache does not" in result.stderr.splitlines()[-1]
    )


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("twin", [False, True])
def test_saving_what_was_loaded_gives_the_same_bytes(
    tmp_path: Path, int8: bool, twin: bool
) -> None:
    classifier = tiny_classifier(labels=("bad", "so so", "good"), dtype=torch.float32)
    checkpoint.save(
        tmp_path / "a", classifier.model, classifier.config, classifier.encoder, int8=int8
    )
    if twin:
        fields = {**classifier.config.to_dict(), "cell": "rnn"}
        fields |= {"pooling": classifier.config.pooling, "labels": classifier.labels}
        checkpoint.save_twin(
            tmp_path / "a",
            build(ModelConfig(**fields)),  # type: ignore[arg-type]
        )
    SentimentClassifier.from_pretrained(tmp_path / "a").save_pretrained(tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_model_is_the_one_asked_for_else_the_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_ID", raising=False)
    monkeypatch.delenv("MODEL_REVISION", raising=False)
    assert hub.chosen_model(None) == (None, None)
    monkeypatch.setenv("MODEL_ID", "me/space")
    monkeypatch.setenv("MODEL_REVISION", "v1")
    assert hub.chosen_model(None) == ("me/space", "v1")
    assert hub.chosen_model("runs/mine") == ("runs/mine", None)
    assert hub.chosen_model(None, "v2") == ("me/space", "v2")
    monkeypatch.delenv("MODEL_ID")
    assert hub.chosen_model(None, "v2") == (None, "v2")


def test_what_the_hub_lacks_is_no_damaged_checkpoint() -> None:
    assert issubclass(hub.HubError, SentimentError)
    assert not issubclass(hub.HubError, CheckpointError)


def test_the_page_says_in_one_line_what_it_cannot_open(tmp_path: Path) -> None:
    with HubStub() as stub:
        environment = {**os.environ, **stub.environment(tmp_path), "MODEL_ID": "me/absent"}
        result = subprocess.run(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: me/absent@main: no such repository")
    assert "Traceback" not in result.stderr


def test_a_revision_of_no_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_ID", raising=False)
    result = CliRunner().invoke(app, ["--revision", "v1"])
    assert result.exit_code == 1
    assert result.output.splitlines() == ["error: the embedded weights have no other revision"]


def test_a_data_set_out_of_reach_is_quick_and_clear(client: Client) -> None:
    with pytest.raises(RuntimeError, match=r"HubError: nobody/data: no such repository"):
        client.ask("hub.check_dataset('nobody/data')")
    client.stub.faults["GET /api/datasets/"] = 503
    with pytest.raises(RuntimeError, match=r"nobody/data: the Hub answered 503"):
        client.ask("hub.check_dataset('nobody/data')")
