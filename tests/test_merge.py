"""Weights between two checkpoints, of unlike vocabularies too."""

from __future__ import annotations

import pytest
import torch
from typer.testing import CliRunner

from sentiment import checkpoint
from sentiment.model import ModelConfig, build
from sentiment.text import TextEncoder, new_tokenizer
from train.__main__ import app
from train.recipe.merge import merged


def saved(folder, words, seed, hidden_dim=3):
    torch.manual_seed(seed)
    encoder = TextEncoder(new_tokenizer(words))
    config = ModelConfig(vocab_size=encoder.vocabulary_size, embed_dim=4, hidden_dim=hidden_dim)
    folder.mkdir()
    checkpoint.save(folder, build(config), config, encoder)
    return checkpoint.load(folder)


def test_weights_lie_between_the_two_and_rows_go_by_word(tmp_path):
    new = saved(tmp_path / "new", ["good", "fresh", "bad"], 1)
    old = saved(tmp_path / "old", ["bad", "lost", "good"], 2)
    weights = merged(new, old, 0.25)
    first, second = new.model.state_dict(), old.model.state_dict()
    torch.testing.assert_close(
        weights["fc.weight"], 0.75 * first["fc.weight"] + 0.25 * second["fc.weight"]
    )
    rows, mine, other = (state["embedding.weight"] for state in (weights, first, second))
    torch.testing.assert_close(rows[2], 0.75 * mine[2] + 0.25 * other[4])  # good
    torch.testing.assert_close(rows[3], mine[3])  # fresh
    torch.testing.assert_close(rows[1], 0.75 * mine[1] + 0.25 * other[1])  # unknown
    with pytest.raises(ValueError, match="share must lie in"):
        merged(new, old, 1.5)
    with pytest.raises(ValueError, match="of one shape"):
        merged(new, saved(tmp_path / "wide", ["good"], 3, hidden_dim=5), 0.5)


def test_the_command_writes_a_checkpoint_with_a_temperature(tmp_path):
    new = saved(tmp_path / "new", ["good"], 1)
    saved(tmp_path / "old", ["good"], 2)
    folders = [str(tmp_path / name) for name in ("new", "old", "out")]
    arguments = ["merge", *folders[:2], "--out", folders[2], "--share", "0", "--temperature", "2"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    found = checkpoint.load(tmp_path / "out").model
    torch.testing.assert_close(found.fc.weight, new.model.fc.weight / 2, atol=1e-3, rtol=1e-3)
