"""A hostile checkpoint is refused before it costs anything."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from sentiment import checkpoint
from sentiment.checkpoint import CheckpointError
from sentiment.classifier import DEFAULT_WEIGHTS
from sentiment.text import new_tokenizer
from sentiment.ui.panels.about import tables
from sentiment.vetting import EARLIER_RULES, read_header, read_tokenizer, rules_digest
from tests.conftest import tiny_classifier
from tests.fuzz_checkpoint import fuzz


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    classifier = tiny_classifier(dtype=torch.float32)
    checkpoint.save(tmp_path, classifier.model, classifier.config, classifier.encoder)
    return tmp_path


def edit_tokenizer(folder: Path, **changes: Any) -> None:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def edit_header(folder: Path, **changes: Any) -> None:
    path = folder / "model.safetensors"
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    for name, change in changes.items():
        header[name.replace("__", ".")] |= change
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])


def refused(folder: Path, message: str) -> None:
    """Loading ends with the message, at the cost of less than 100 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load(folder)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


BOMB = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 100}
WORDS = {"type": "WordLevel", "vocab": {"<pad>": 0, "<unk>": 1}, "unk_token": "<unk>"}
SLOW = {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Removed", "invert": True}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normalizer": {"type": "Sequence", "normalizers": [BOMB] * 3}}, "none that this package"),
        ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": ""}}, "none that this pa"),
        ({"normalizer": None}, "none that this package writes"),
        ({"pre_tokenizer": SLOW}, "none that this package writes"),
        ({"decoder": {"type": "Fuse"}}, "decoder must be empty"),
        ({"post_processor": {"type": "ByteLevel"}}, "post_processor must be empty"),
        ({"added_tokens": [{"id": 2, "content": "a"}]}, "added_tokens must be empty"),
        ({"model": {"type": "Unigram", "vocab": []}}, "of whole words"),
        ({"model": WORDS | {"vocab": ["<pad>", "<unk>"]}}, "give each word a whole number"),
        ({"model": WORDS | {"vocab": {"<pad>": 0, "<unk>": True}}}, "a whole number"),
        ({"model": WORDS | {"vocab": {"<pad>": 0, "<unk>": 1.0}}}, "a whole number"),
        ({"model": WORDS | {"vocab": {"<pad>": 0, "<unk>": -1}}}, "not a tokenizer file"),
        ({"model": WORDS | {"vocab": {"<pad>": 0, "<unk>": 2**32}}}, "not a tokenizer file"),
        ({"model": WORDS | {"vocab": {"<pad>": 0, "<unk>": 1, "a": 1}}}, "0 to 2, each once"),
        ({"model": WORDS | {"unk_token": None}}, "not a tokenizer file"),
        ({"model": {"type": "WordLevel", "vocab": {"<pad>": 0, "<unk>": 1}}}, "not a tokenizer"),
        ({"extra": 1}, "its parts differ"),
    ],
)
def test_a_foreign_tokenizer_is_refused(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    edit_tokenizer(folder, **changes)
    refused(folder, message)


def test_a_tokenizer_is_what_the_library_reads_in_its_file() -> None:
    path = DEFAULT_WEIGHTS / "tokenizer.json"
    size = Tokenizer.from_file(str(path)).get_vocab_size()
    vetted = read_tokenizer(path, size).tokenizer
    assert vetted.to_str() == Tokenizer.from_file(str(path)).to_str()


def test_the_rules_of_earlier_versions_are_known() -> None:
    shipped = json.loads((DEFAULT_WEIGHTS / "tokenizer.json").read_text(encoding="utf-8"))
    own = json.loads(new_tokenizer(()).to_str())
    assert rules_digest(shipped) in {*EARLIER_RULES, rules_digest(own)}


def test_a_sparse_tensor_is_refused_unread(folder: Path) -> None:
    edit_header(folder, fc__bias={"shape": [250_000_000], "data_offsets": [0, 10**9]})
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(2 * 10**9)
    refused(folder, "not a safetensors file|fc.bias has shape")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dtype": "I64"}, "is stored as 'I64'"),
        ({"dtype": "I8"}, "is not described"),
        ({"shape": [2]}, "is not described"),
        ({"shape": [-1]}, "is not described"),
        ({"shape": [1] * 9}, "is not described"),
        ({"data_offsets": [0, 2]}, "overlap or leave gaps"),
        ({"data_offsets": [2**60, 2**60 + 2]}, "is not described"),
    ],
)
def test_a_header_that_lies_is_refused(folder: Path, changes: dict[str, Any], message: str) -> None:
    edit_header(folder, fc__bias=changes)
    refused(folder, message)


def test_the_header_says_what_the_file_holds(folder: Path) -> None:
    assert read_header(folder / "model.safetensors")["fc.bias"] == ("F16", (1,))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", "[" * 50_000, "config.json: not JSON"),
        ("config.json", '{"a": ' * 10_000, "config.json: not JSON"),
        ("config.json", '{"layers": ' + "9" * 5000 + "}", "config.json: not JSON"),
        ("config.json", '{"dropout": NaN}', "NaN is no number"),
        ("config.json", '{"layers": 1, "layers": 2}', "a key is given twice"),
        ("config.json", " " * 200_000 + "{}", "more than 100,000 bytes"),
        ("tokenizer.json", " " * 3_000_000, "tokenizer.json: more than"),
        ("model.safetensors", "\xff" * 16, "no header of its size"),
    ],
)
def test_a_file_made_to_hurt_is_refused(
    folder: Path, name: str, content: str, message: str
) -> None:
    (folder / name).write_bytes(content.encode("latin-1"))
    refused(folder, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 10**4000}, "vocab_size is more than"),
        ({"dropout": 10**400}, "dropout must lie in"),
        ({"labels": [f"label {i}" for i in range(2000)]}, "labels must be up to 1,000"),
        ({"labels": ["bad", "x" * 201]}, "names of up to 200 characters"),
        ({"labels": ["bad", "\ud800"]}, "labels must be up to"),
        ({"hidden_dim": 400_000_000, "layers": 64}, "parameters, at most"),
    ],
)
def test_a_config_beyond_bounds_is_refused(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    refused(folder, message)


@pytest.mark.parametrize("content", ["[1]", "{", '{"dev": NaN}', "\xff", "[" * 100_000])
def test_broken_figures_are_named(folder: Path, content: str) -> None:
    (folder / "metrics.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(CheckpointError, match=r"metrics\.json"):
        tables(folder / "metrics.json")


def test_no_mutation_does_more_than_be_refused_or_read() -> None:
    outcome = fuzz(first=0, count=300, most_seconds=5)
    assert outcome.broken == {}
    assert outcome.refused > 150
