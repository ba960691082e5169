"""Checkpoint folders: exact round trips, and every kind of damage named."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sentiment import checkpoint
from sentiment.checkpoint import CheckpointError
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier
from sentiment.durable import MANIFEST
from sentiment.model import ModelConfig, build
from sentiment.text import TextEncoder, new_tokenizer
from tests.conftest import tiny_classifier

ENCODER = TextEncoder(new_tokenizer(["not", "good", "film", "is", "a"]))
CONFIG = ModelConfig(ENCODER.vocabulary_size, 6, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    checkpoint.save(tmp_path, build(CONFIG), CONFIG, ENCODER)
    return tmp_path


def edit_config(folder: Path, **changes: object) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    path = folder / "config.json"
    raw = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in {**raw, **changes}.items() if v is not ...}))


def edit_weights(folder: Path, **changes: torch.Tensor | None) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    path = folder / "model.safetensors"
    state = {**load_file(path), **{k.replace("__", "."): v for k, v in changes.items()}}
    save_file({k: v for k, v in state.items() if v is not None}, path)


def test_saving_what_was_loaded_changes_no_byte(folder: Path, tmp_path: Path) -> None:
    loaded = checkpoint.load(folder)
    again = tmp_path / "again"
    checkpoint.save(again, loaded.model, loaded.config, loaded.encoder)
    for name in checkpoint.FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize("int8", [False, True])
def test_weights_survive_within_their_rounding(tmp_path: Path, int8: bool) -> None:
    torch.manual_seed(0)
    model = build(CONFIG)
    checkpoint.save(tmp_path, model, CONFIG, ENCODER, int8=int8)
    loaded = checkpoint.load(tmp_path).model
    for name, value in model.state_dict().items():
        stored = loaded.state_dict()[name]
        assert stored.dtype == torch.float32
        step = value.abs().amax(-1, keepdim=True) / 254 if int8 and "embed" in name else 0.0
        assert bool(((stored - value).abs() <= step + 1.1e-3 * value.abs() + 1e-7).all()), name
    assert bool((loaded.embedding.weight[0] == 0).all())


def test_the_twin_shares_the_embedding(folder: Path) -> None:
    twin = build(ModelConfig(CONFIG.vocab_size, 6, 5, cell="rnn"))
    checkpoint.save_twin(folder, twin)
    assert "embedding.weight" not in load_file(folder / "rnn.safetensors")
    loaded = checkpoint.load(folder)
    assert loaded.twin is not None
    assert torch.equal(loaded.twin.embedding.weight, loaded.model.embedding.weight)


@pytest.mark.parametrize("name", checkpoint.FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        checkpoint.load(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no checkpoint folder at .*absent"):
        checkpoint.load(tmp_path / "absent")


@pytest.mark.parametrize("name", checkpoint.FILES)
@pytest.mark.parametrize("damage", ["empty", "cut", "noise"])
def test_a_damaged_file_is_named(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    broken = {"empty": b"", "cut": whole[: len(whole) // 2], "noise": b"\xff\xfe\x00" * 50}
    path.write_bytes(broken[damage])
    with pytest.raises(CheckpointError, match=name):
        checkpoint.load(folder)


def test_pickled_weights_are_never_read(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(FileNotFoundError, match=r"pytorch_model\.bin.* never loaded"):
        checkpoint.load(folder)
    (folder / "model.safetensors").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"surprise": 1}, r"unexpected keys \['surprise'\]"),
        ({"hidden_dim": ...}, r"missing keys \['hidden_dim'\]"),
        ({"hidden_dim": "5"}, "hidden_dim must be a whole number"),
        ({"hidden_dim": 10**6}, "parameters, at most"),
        ({"model_type": "bert"}, "model_type must be"),
        ({"pooling": "max"}, "pooling must be a list"),
        ({"cell": "elman"}, "cell must be among"),
        ({"bidirectional": "yes"}, "bidirectional must be true or false"),
        ({"bidirectional": True}, "missing lstm.bias_hh_l0_reverse"),
        ({"vocab_size": 9}, r"embedding.weight has shape \(7, 6\), wanted \(9, 6\)"),
        ({"hidden_dim": 6}, "lstm.weight_hh_l0 has shape"),
    ],
)
def test_a_foreign_config_is_refused(
    folder: Path, changes: dict[str, object], message: str
) -> None:
    edit_config(folder, **changes)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(folder)


def test_wrong_tensors_are_all_named(folder: Path) -> None:
    edit_weights(folder, fc__weight=None, stray=torch.zeros(2), fc__bias=torch.zeros(3))
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(folder)
    for part in ("missing fc.weight", "unexpected stray", "fc.bias has shape (3,), wanted (1,)"):
        assert part in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(folder: Path, value: float) -> None:
    edit_weights(folder, fc__bias=torch.full((1,), value))
    with pytest.raises(CheckpointError, match=r"fc\.bias holds NaN or infinity"):
        checkpoint.load(folder)


def test_shipped_weights_fit_their_budget(shipped: SentimentClassifier) -> None:
    total = sum(path.stat().st_size for path in DEFAULT_WEIGHTS.iterdir())
    assert total < 12_000_000
    assert shipped.revision == "embedded"


def test_more_layers_than_any_model_has_are_refused_at_once(folder: Path) -> None:
    edit_config(folder, layers=20_000)
    with pytest.raises(CheckpointError, match="asks for 20,000 layers, at most 64"):
        checkpoint.load(folder)


def test_eight_bits_want_their_scale(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, build(CONFIG), CONFIG, ENCODER, int8=True)
    edit_weights(tmp_path, embedding__scale=None)
    with pytest.raises(CheckpointError, match=r"in 8 bits and lacks its embedding\.scale"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"film":4', '"film":1000000', "ids must be 0 to 6, each once"),
        ('"unk_token":"<unk>"', '"unk_token":"<none>"', "unknown word must be '<unk>'"),
    ],
)
def test_a_tokenizer_that_cannot_serve_is_refused(
    folder: Path, old: str, new: str, message: str
) -> None:
    path = folder / "tokenizer.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(folder)


def test_every_file_has_the_umasks_mode(tmp_path: Path) -> None:
    tiny_classifier(dtype=torch.float32).save_pretrained(tmp_path / "saved")
    (tmp_path / "plain").touch()
    modes = {file.stat().st_mode for file in (tmp_path / "saved").iterdir() if file.is_file()}
    assert modes == {(tmp_path / "plain").stat().st_mode}
