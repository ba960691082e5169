"""A model taken elsewhere says what it said here: the ONNX graph and the exported program."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from sentiment.classifier import SentimentClassifier
from sentiment.model import POOLINGS, ModelConfig, build, pad
from sentiment.values import Encoding
from tests.conftest import tiny_classifier
from train.__main__ import app
from train.data.tables import DataError

onnx = pytest.importorskip("onnx", reason="onnx is optional")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is optional")

from train.export.command import GRAPH, INT8, PROGRAM, checked, export  # noqa: E402
from train.export.graph import OPSET, onnx_model  # noqa: E402
from train.export.program import exported_program  # noqa: E402
from train.export.runtime import graph_logits  # noqa: E402

IDS = [[2, 3, 4, 5, 6], [3], [5, 6, 7], [2, 2, 8, 2, 2, 2, 9]]
POLAR, KINDS = ("negative", "positive"), ("bill", "parcel", "praise")


def classifier_of(
    cell: str, *, both: bool, layers: int, pooling: tuple[str, ...], labels: tuple[str, ...]
) -> SentimentClassifier:
    encoder = tiny_classifier(dtype=torch.float32).encoder
    torch.manual_seed(1)
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=5,
        hidden_dim=6,
        layers=layers,
        pooling=pooling,
        cell=cell,
        labels=labels,
        bidirectional=both,
    )
    return SentimentClassifier(build(config), encoder, labels)


@pytest.mark.parametrize("labels", [POLAR, KINDS])
@pytest.mark.parametrize("pooling", [("last",), POOLINGS, ("mean", "max")])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_graph_has_the_models_logits_whatever_the_padding(
    cell: str, both: bool, layers: int, pooling: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    classifier = classifier_of(cell, both=both, layers=layers, pooling=pooling, labels=labels)
    graph = onnx_model(classifier)
    assert [one.version for one in graph.opset_import] == [OPSET]
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    wanted = np.array(classifier.logits(IDS))
    rectangle, lengths = pad(IDS)
    padded = np.pad(rectangle.numpy(), ((0, 0), (0, 3)), constant_values=4)  # never read
    for ids in (rectangle.numpy(), padded):
        logits, p = session.run(None, {"ids": ids, "lengths": lengths.numpy()})
        assert np.abs(logits - wanted).max() < 1e-4
        told = [
            classifier.prediction(one, row) for one, row in zip(_read(IDS), wanted, strict=True)
        ]
        assert p == pytest.approx(np.array([one.probabilities for one in told]), abs=1e-5)
    for row, one in enumerate(IDS):
        given = {"ids": np.array([one]), "lengths": np.array([len(one)])}
        assert np.abs(session.run(["logits"], given)[0] - wanted[row]).max() < 1e-4


def _read(ids: list[list[int]]) -> list[Encoding]:
    return [Encoding("", tuple(one), ()) for one in ids]


def test_the_exported_program_has_them_too(tmp_path: Path) -> None:
    classifier = classifier_of("lstm", both=True, layers=1, pooling=POOLINGS, labels=KINDS)
    torch.export.save(exported_program(classifier.model), tmp_path / PROGRAM)
    program = torch.export.load(tmp_path / PROGRAM).module()
    wanted = torch.tensor(classifier.logits(IDS))
    torch.testing.assert_close(program(*pad(IDS)), wanted, atol=1e-5, rtol=0)
    torch.testing.assert_close(program(*pad(IDS[3:])), wanted[3:], atol=1e-5, rtol=0)


def test_the_command_writes_a_folder_that_needs_none_of_our_code(tmp_path: Path) -> None:
    weights, out, data = tmp_path / "weights", tmp_path / "out", tmp_path / "dev.csv"
    classifier = tiny_classifier(dtype=torch.float32)
    classifier.save_pretrained(weights)
    texts = ["a good film", "bad", "not good at all", "good good good film"]
    labels = [classifier.predict(text).label for text in texts]
    data.write_text(
        "text,label\n" + "".join(f"{t},{k}\n" for t, k in zip(texts, labels, strict=True))
    )
    arguments = ["export", "--weights", str(weights), "--out", str(out)]
    refused = CliRunner().invoke(app, [*arguments, "--int8"])
    assert isinstance(refused.exception, DataError)
    assert "--int8 wants --data" in str(refused.exception)
    ran = CliRunner().invoke(app, [*arguments, "--int8", "--data", str(data)])
    assert ran.exit_code == 0, ran.output
    assert "model.onnx         accuracy 100.00% of 4 texts" in ran.output
    assert "model.int8.onnx    accuracy" in ran.output
    assert json.loads((out / "config.json").read_text())["labels"] == list(classifier.labels)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    ids = tokenizer.encode(texts[2]).ids
    session = onnxruntime.InferenceSession(str(out / GRAPH), providers=["CPUExecutionProvider"])
    given = {"ids": np.array([ids]), "lengths": np.array([len(ids)])}
    logit = session.run(["logits"], given)[0].item()
    saved = SentimentClassifier.from_folder(weights)
    assert logit == pytest.approx(saved.predict(texts[2]).logit, abs=1e-4)
    assert np.abs(graph_logits(out / INT8, saved, texts)).max() > 0
    again = CliRunner().invoke(app, ["export", "--out", str(weights)])
    assert "holds a model of ours" in str(again.exception)


def test_without_a_runtime_the_graph_is_written_and_called_unchecked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = tiny_classifier(dtype=torch.float32)
    export(classifier, tmp_path)
    monkeypatch.setattr("train.export.command.runtime_installed", lambda: False)
    assert checked(classifier, tmp_path) == ["not checked: onnxruntime is not installed"]
