"""Interpolate the weights of two checkpoints that share a beginning.

Weights on the way from an older checkpoint to one trained on from it often do better on the old
data at little cost on the new: Wortsman et al. 2022, arXiv:2109.01903.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from sentiment import checkpoint
from sentiment.text import UNKNOWN_ID, TextEncoder


def merged(
    new: checkpoint.Checkpoint, old: checkpoint.Checkpoint, share: float
) -> dict[str, Tensor]:
    """Weights with ``share`` of ``old``'s and the rest of ``new``'s.

    Of the embedding, rows of words that ``old`` lacks stay ``new``'s. Raises ValueError for
    models of other shapes than one another's, or a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share must lie in [0, 1], got {share}")
    first, second = new.model.state_dict(), dict(old.model.state_dict())
    second[checkpoint.EMBEDDING] = _rows_by_word(
        second[checkpoint.EMBEDDING], old.encoder, first[checkpoint.EMBEDDING], new.encoder
    )
    shapes = [{name: tuple(one.shape) for name, one in state.items()} for state in (first, second)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"the models must be of one shape, got {shapes[0]} and {shapes[1]}")
    return {name: torch.lerp(one, second[name], share) for name, one in first.items()}


def _rows_by_word(rows: Tensor, old: TextEncoder, other: Tensor, new: TextEncoder) -> Tensor:
    """Rows (V, E) in ``new``'s order; of words that ``old`` lacks, the ``other`` rows."""
    found = other.clone()
    if rows.shape[1] != other.shape[1]:
        raise ValueError(f"embeddings must be as wide, got {rows.shape[1]} and {other.shape[1]}")
    places = {row: old.word_id(word) for word, row in new.tokenizer.get_vocab().items()}
    known = {row: place for row, place in places.items() if place != UNKNOWN_ID or row == place}
    found[list(known)] = rows[list(known.values())]
    return found


def merge(
    new: Annotated[Path, typer.Argument(help="Checkpoint folder whose vocabulary is kept.")],
    old: Annotated[Path, typer.Argument(help="The one that its training began from.")],
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    share: Annotated[float, typer.Option(help="Of the older weights.")] = 0.15,
    temperature: Annotated[float, typer.Option(help="To divide the logits by, after.")] = 1.0,
) -> None:
    """Write the weights that lie between two checkpoints, by their share."""
    from train.fit.calibrate import fold_temperature

    first, second = checkpoint.load(new), checkpoint.load(old)
    weights = merged(first, second, share)
    first.model.load_state_dict(weights)
    fold_temperature(first.model, temperature)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint.save(out, first.model, first.config, first.encoder, int8=True)
    typer.echo(json.dumps({"share": share, "temperature": temperature}))
