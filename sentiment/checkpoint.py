"""A checkpoint folder: model.safetensors, config.json and tokenizer.json, read strictly.

Weights are fp16 on disk and fp32 in memory. The embedding may be stored as int8 rows, each with
an fp16 scale, which holds twice the words in the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.text import TextEncoder

WEIGHTS, CONFIG, TOKENIZER = "model.safetensors", "config.json", "tokenizer.json"
TWIN = "rnn.safetensors"
FILES = (WEIGHTS, CONFIG, TOKENIZER)
EMBEDDING, SCALE = "embedding.weight", "embedding.scale"
MODEL_TYPE = "packed-lstm-sentiment"
MAX_LAYERS = 64
MAX_PARAMETERS = 500_000_000  # 2 GB of fp32; a config that asks for more is refused unread


class CheckpointError(SentimentError):
    """A checkpoint that cannot be trusted; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A loaded folder. ``twin`` is the vanilla RNN trained beside the LSTM, where there is one."""

    model: PackedLSTMClassifier
    encoder: TextEncoder
    config: ModelConfig
    twin: PackedLSTMClassifier | None = None


def save(
    folder: Path, model: nn.Module, config: ModelConfig, encoder: TextEncoder, *, int8: bool = False
) -> None:
    """Write the three files; ``int8`` stores the embedding as 8-bit rows."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"model_type": MODEL_TYPE, **config.to_dict()}, indent=2)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
    encoder.save(folder / TOKENIZER)
    _write(folder / WEIGHTS, model.state_dict(), int8=int8)


def save_twin(folder: Path, twin: nn.Module) -> None:
    """Write the vanilla-RNN twin without its embedding, which it shares with the model."""
    state = {name: value for name, value in twin.state_dict().items() if name != EMBEDDING}
    _write(folder / TWIN, state, int8=False)


def _write(path: Path, state: dict[str, Tensor], *, int8: bool) -> None:
    stored = {name: value.detach().cpu().half().contiguous() for name, value in state.items()}
    if int8:
        rows = state[EMBEDDING].detach().cpu().float()  # (V, E)
        scale = _row_scale(rows)  # (V,)
        quantized = (rows / scale.float().unsqueeze(1)).round().clamp(-127, 127)
        stored[EMBEDDING], stored[SCALE] = quantized.to(torch.int8), scale
    partial = path.with_suffix(".partial")
    save_file(stored, partial, metadata={"format": "pt"})
    partial.replace(path)


def fits_int8(weight: Tensor) -> bool:
    """Whether an embedding (V, E) loses nothing as 8-bit rows: it came from a file of such."""
    rows = weight.detach().cpu().float()  # (V, E)
    scale = _row_scale(rows).float().unsqueeze(1)  # (V, 1)
    return bool(((rows / scale).round().clamp(-127, 127) * scale == rows).all())


def _row_scale(rows: Tensor) -> Tensor:
    return (rows.abs().amax(dim=1) / 127).clamp(min=6e-8).half()  # (V,)


def load(folder: Path) -> Checkpoint:
    """Read a folder strictly.

    Raises FileNotFoundError where the folder or a file is missing and CheckpointError where one
    is damaged, does not fit the others, or holds what no checkpoint of ours holds.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no checkpoint folder at {folder}")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        pickled = sorted(p.name for p in folder.iterdir() if p.suffix in (".bin", ".pt", ".pkl"))
        hint = f"; pickled weights ({', '.join(pickled)}) are never loaded" if pickled else ""
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}{hint}")
    config = _read_config(folder / CONFIG)
    try:
        encoder = TextEncoder.from_file(folder / TOKENIZER)
    except SentimentError as error:
        raise CheckpointError(f"{folder / TOKENIZER}: {error}") from error
    if encoder.vocabulary_size != config.vocab_size:
        raise CheckpointError(
            f"{folder / TOKENIZER}: has {encoder.vocabulary_size} words, "
            f"{CONFIG} says {config.vocab_size}"
        )
    model = _fill(build_meta(config), folder / WEIGHTS)
    twin = None
    if (folder / TWIN).is_file() and config.cell == "lstm":
        twin_config = replace(config, cell="rnn")
        shared = {EMBEDDING: model.embedding.weight.detach()}
        twin = _fill(build_meta(twin_config), folder / TWIN, shared)
    return Checkpoint(model, encoder, config, twin)


def build_meta(config: ModelConfig) -> PackedLSTMClassifier:
    """The model's shapes alone, with no memory behind them."""
    with torch.device("meta"):
        return build(config)


def _read_config(path: Path) -> ModelConfig:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CheckpointError(f"{path}: not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise CheckpointError(f"{path}: must be an object, got {type(raw).__name__}")
    if (kind := raw.pop("model_type", None)) != MODEL_TYPE:
        raise CheckpointError(f"{path}: model_type must be {MODEL_TYPE!r}, got {kind!r}")
    wanted = {field.name for field in fields(ModelConfig)}
    if set(raw) != wanted:
        foreign, absent = sorted(set(raw) - wanted), sorted(wanted - set(raw))
        raise CheckpointError(f"{path}: unexpected keys {foreign}, missing keys {absent}")
    for name in ("pooling", "labels"):
        if not isinstance(raw[name], list) or not all(isinstance(v, str) for v in raw[name]):
            raise CheckpointError(f"{path}: {name} must be a list of names, got {raw[name]!r}")
        raw[name] = tuple(raw[name])
    try:
        config = ModelConfig(**raw)
    except SentimentError as error:
        raise CheckpointError(f"{path}: {error}") from error
    if config.layers > MAX_LAYERS:
        raise CheckpointError(f"{path}: asks for {config.layers:,} layers, at most {MAX_LAYERS}")
    size = config.vocab_size * config.embed_dim + config.layers * 4 * config.hidden_dim * (
        config.embed_dim + 2 * config.hidden_dim
    )
    if size > MAX_PARAMETERS:
        raise CheckpointError(f"{path}: asks for {size:,} parameters, at most {MAX_PARAMETERS:,}")
    return config


def _fill(
    model: PackedLSTMClassifier, path: Path, shared: dict[str, Tensor] | None = None
) -> PackedLSTMClassifier:
    stored = _read_tensors(path)
    scale = stored.pop(SCALE, None)
    state = {name: tensor.float() for name, tensor in stored.items()} | (shared or {})
    if scale is not None and EMBEDDING in stored:
        if stored[EMBEDDING].dtype != torch.int8 or scale.shape != stored[EMBEDDING].shape[:1]:
            raise CheckpointError(f"{path}: {SCALE} does not fit {EMBEDDING}")
        state[EMBEDDING] *= scale.float().unsqueeze(1)
    elif stored.get(EMBEDDING, torch.empty(0)).dtype == torch.int8:
        raise CheckpointError(f"{path}: {EMBEDDING} is in 8 bits and lacks its {SCALE}")
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    got = {name: tuple(tensor.shape) for name, tensor in state.items()}
    problems = [f"missing {name}" for name in sorted(wanted.keys() - got.keys())]
    problems += [f"unexpected {name}" for name in sorted(got.keys() - wanted.keys())]
    problems += [
        f"{name} has shape {got[name]}, wanted {wanted[name]}"
        for name in sorted(wanted.keys() & got.keys())
        if got[name] != wanted[name]
    ]
    problems += [
        f"{name} holds NaN or infinity"
        for name, tensor in sorted(state.items())
        if not torch.isfinite(tensor).all()
    ]
    if problems:
        raise CheckpointError(f"{path}: " + "; ".join(problems))
    model.load_state_dict(state, strict=True, assign=True)
    return model.requires_grad_(False).eval()


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a safetensors file: {error}") from error
