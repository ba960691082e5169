"""A checkpoint is written whole or not at all, at whatever instruction the writer is killed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from sentiment import checkpoint, durable
from sentiment.checkpoint import CheckpointError
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, build
from tests.conftest import tiny_classifier

TEXT = "a good film"


class KilledError(BaseException):
    """Stands for the process's end: no handler of ours may be met on the way."""


def save(folder: Path, seed: int, *, twin: bool = False) -> float:
    """Write the classifier of that seed; its logit."""
    classifier = tiny_classifier(seed, dtype=torch.float32)
    checkpoint.save(folder, classifier.model, classifier.config, classifier.encoder)
    if twin:
        config = ModelConfig(classifier.encoder.vocabulary_size, 8, 12, cell="rnn")
        checkpoint.save_twin(folder, build(config))
    return logit(folder)


def logit(folder: Path) -> float:
    return SentimentClassifier.from_folder(folder).predict(TEXT).logit


def killed_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], int]:
    """Every call that changes the disk counts; the one of that number never returns."""
    taken = 0

    def counting(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal taken
            taken += 1
            if taken == step:
                raise KilledError(name)
            return real(*arguments, **options)

        return call

    for home, name in (
        *((Path, method) for method in ("write_text", "replace", "rename", "unlink", "rmdir")),
        (os, "fsync"),
        (checkpoint, "save_file"),
    ):
        monkeypatch.setattr(home, name, counting(name, getattr(home, name)))
    # A process that is no more clears nothing up.
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    return lambda: taken


def test_a_writer_killed_anywhere_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    old = save(tmp_path / "old", 1, twin=True)
    new = save(tmp_path / "new", 2)
    assert old != new
    seen = set()
    for step in range(1, 200):
        folder = tmp_path / f"killed{step}"
        shutil.copytree(tmp_path / "old", folder)
        with pytest.MonkeyPatch.context() as patch:
            taken = killed_at(patch, step)
            try:
                save(folder, 2)
            except KilledError:
                pass
            else:
                assert taken() < step
                break
        found = logit(folder)
        assert found in (old, new), step
        seen.add(found)
        # One writer after another finds its way: here the killed one's process still lives.
        shutil.rmtree(next(folder.glob(".staged-*"), tmp_path / "none"), ignore_errors=True)
        assert save(folder, 2) == new
        assert checkpoint.load(folder).twin is None, "the old model's twin"
        assert not list(folder.glob(".*"))
    assert seen == {old, new}
    assert step > 15


@pytest.mark.parametrize("name", [*checkpoint.FILES, checkpoint.TWIN])
def test_a_mixture_of_two_checkpoints_is_refused(tmp_path: Path, name: str) -> None:
    save(tmp_path / "one", 1, twin=True)
    save(tmp_path / "two", 2, twin=True)
    if name in (checkpoint.CONFIG, checkpoint.TOKENIZER):
        with (tmp_path / "one" / name).open("a") as file:
            file.write("\n")
    else:
        shutil.copyfile(tmp_path / "two" / name, tmp_path / "one" / name)
    with pytest.raises(CheckpointError, match=rf"{name} is not the file that manifest\.json names"):
        checkpoint.load(tmp_path / "one")


def test_a_folder_without_a_manifest_loads(tmp_path: Path) -> None:
    found = save(tmp_path, 1, twin=True)
    (tmp_path / durable.MANIFEST).unlink()
    assert logit(tmp_path) == found
    assert checkpoint.load(tmp_path).twin is not None


@pytest.mark.parametrize("content", ["", "[]", '{"files": 1}', "[" * 100_000])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    save(tmp_path, 1)
    (tmp_path / durable.MANIFEST).write_text(content)
    with pytest.raises(CheckpointError, match=r"manifest\.json is damaged"):
        checkpoint.load(tmp_path)


def test_what_a_dead_writer_left_is_swept(tmp_path: Path) -> None:
    save(tmp_path, 1)
    (tmp_path / f"{durable.STAGED}{2**22 + 1}").mkdir()  # no process has so high a number
    save(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*checkpoint.FILES, durable.MANIFEST]
    )


def test_the_manifest_names_every_file(tmp_path: Path) -> None:
    save(tmp_path, 1, twin=True)
    files = json.loads((tmp_path / durable.MANIFEST).read_text())["files"]
    assert sorted(files) == sorted([*checkpoint.FILES, checkpoint.TWIN])
