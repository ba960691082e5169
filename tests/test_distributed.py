"""Several processes do what one does: real torchrun, gloo, on sentences of our own."""

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
import torch
from safetensors.torch import load_file

from sentiment.records import Recipe
from tests.commands import ran
from tests.conftest import ROOT, tiny_classifier
from train.__main__ import main
from train.fit.distributed import ALONE, Processes

TORCHRUN = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
OPTIONS = [
    "--dropout",
    "0",
    "--learning-rate",
    "0.02",
    "--word-dropout",
    "0",
    "--patience",
    "99",
    "--batch-size",
    "25",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences of unlike lengths in a number that no batch size divides."""
    path = tmp_path_factory.mktemp("toy")
    generator = random.Random(0)
    for split, count in (("train", 203), ("dev", 20)):
        rows = []
        for _ in range(count):
            word = generator.choice(["good", "great", "bad", "awful"])
            text = "it is " + word + " film" * generator.randint(0, 5)
            rows.append({"text": text, "label": int(word in ("good", "great"))})
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (path / f"{split}.jsonl").write_text(lines)
    return path


def fit(folder: Path, out: Path, start: Path | None = None) -> list[str]:
    begun = ["--hidden", "8"] if start is None else ["--from", str(start)]
    given = [*begun, "--epochs", "12", *OPTIONS]
    return ["fit", "--data", str(folder), "--out", str(out), *given]


def on_two(folder: Path, out: Path, start: Path | None = None) -> list[str]:
    return [sys.executable, "-m", *TORCHRUN, "train", *fit(folder, out, start)]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def said(command: list[str]) -> str:
    """What a run over two processes that ends well prints."""
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def losses(out: Path) -> list[float]:
    lines = (out / "state" / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


@pytest.fixture(scope="module")
def alone(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """The losses of twelve epochs in one process."""
    out = tmp_path_factory.mktemp("alone")
    ran(main, *fit(folder, out))
    return losses(out)


def test_two_processes_have_the_losses_of_one(folder: Path, tmp_path: Path) -> None:
    """From a finished model, whose word vectors have sparse gradients."""
    start = tmp_path / "start"
    tiny_classifier(labels=("a", "b"), dtype=torch.float32).save_pretrained(start)
    one, two = tmp_path / "one", tmp_path / "two"
    ran(main, *fit(folder, one, start))
    said(on_two(folder, two, start))
    assert Recipe.read(two).settings["lazy_embedding"] is True
    assert losses(two) == pytest.approx(losses(one), abs=1e-5)
    assert len(set(losses(one))) == 12
    tables = [
        load_file(out / "model.safetensors")["embedding.weight"].float() for out in (one, two)
    ]
    torch.testing.assert_close(*tables, atol=1e-3, rtol=0)


def test_two_processes_stop_cleanly_and_one_goes_on(
    folder: Path, alone: list[float], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        on_two(folder, tmp_path),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    state = tmp_path / "state" / "training_state.pt"
    limit = time.monotonic() + 120
    while not state.exists() and time.monotonic() < limit:
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) != 0
    done = len(losses(tmp_path))
    assert done < 12
    assert not (tmp_path / "model.safetensors").exists()
    ran(main, *fit(folder, tmp_path), "--resume")
    # of the epoch in which it stopped, the log has the loss of the rest alone
    assert losses(tmp_path)[:done] == pytest.approx(alone[:done], abs=1e-5)
    assert losses(tmp_path)[done + 1 :] == pytest.approx(alone[done + 1 :], abs=1e-5)


def test_memory_and_sockets_sum_alike() -> None:
    assert "the same" in said([sys.executable, "-m", *TORCHRUN, "tests.summing"])


def test_shares_are_a_partition() -> None:
    indexes = torch.arange(7)
    shares = [Processes(rank, 3).share(indexes).tolist() for rank in range(3)]
    assert sorted(index for share in shares for index in share) == indexes.tolist()
    assert ALONE.share(indexes) is indexes
    assert ALONE.sum([1.5, 2]) == [1.5, 2]
    assert ALONE.sum_gradients([], numbers=[1.5, 2]) == [1.5, 2]
    assert ALONE.agree("x") == "x"
