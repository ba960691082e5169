"""A checkpoint folder: model.safetensors, config.json and tokenizer.json, read strictly.

Weights are fp16 on disk and fp32 in memory. The embedding may be stored as int8 rows, each with
an fp16 scale, which holds twice the words in the same bytes.
"""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from sentiment.durable import check, listed, place, replacing
from sentiment.errors import CheckpointError as CheckpointError
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig, PackedLSTMClassifier, build
from sentiment.start import uncollected
from sentiment.text import TextEncoder
from sentiment.vetting import Shapes, read_header, read_object, read_tokenizer

WEIGHTS, CONFIG, TOKENIZER = "model.safetensors", "config.json", "tokenizer.json"
TWIN = "rnn.safetensors"
FILES = (WEIGHTS, CONFIG, TOKENIZER)
EMBEDDING, SCALE = "embedding.weight", "embedding.scale"
MODEL_TYPE = "packed-lstm-sentiment"
MAX_CONFIG = 100_000  # bytes
MAX_LAYERS = 64
MAX_LABELS, LABEL_CHARACTERS = 1_000, 200
MAX_PARAMETERS = 500_000_000  # 2 GB of fp32; a config that asks for more is refused unread


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
    """Write the three files and their manifest, together; ``int8``: the embedding in 8-bit rows.

    Other files of a checkpoint that was in the folder go: they tell of other weights.
    """
    with replacing(folder) as staged:
        text = json.dumps({"model_type": MODEL_TYPE, **config.to_dict()}, indent=2)
        (staged / CONFIG).write_text(text + "\n", encoding="utf-8")
        encoder.save(staged / TOKENIZER)
        _write(staged / WEIGHTS, model.state_dict(), int8=int8)


def save_twin(folder: Path, twin: nn.Module) -> None:
    """Write the vanilla-RNN twin without its embedding, which it shares with the model."""
    state = {name: value for name, value in twin.state_dict().items() if name != EMBEDDING}
    with replacing(folder, keep=True) as staged:
        _write(staged / TWIN, state, int8=False)


def _write(path: Path, state: dict[str, Tensor], *, int8: bool) -> None:
    stored = {name: value.detach().cpu().half().contiguous() for name, value in state.items()}
    if int8:
        rows = state[EMBEDDING].detach().cpu().float()  # (V, E)
        scale = _row_scale(rows)  # (V,)
        quantized = (rows / scale.float().unsqueeze(1)).round().clamp(-127, 127)
        stored[EMBEDDING], stored[SCALE] = quantized.to(torch.int8), scale
    path.touch()
    mode = path.stat().st_mode  # the umask's; safetensors would keep the file from all others
    save_file(stored, path, metadata={"format": "pt"})
    path.chmod(stat.S_IMODE(mode))


def fits_int8(weight: Tensor) -> bool:
    """Whether an embedding (V, E) loses nothing as 8-bit rows: it came from a file of such."""
    rows = weight.detach().cpu().float()  # (V, E)
    scale = _row_scale(rows).float().unsqueeze(1)  # (V, 1)
    return bool(((rows / scale).round().clamp(-127, 127) * scale == rows).all())


def _row_scale(rows: Tensor) -> Tensor:
    return (rows.abs().amax(dim=1) / 127).clamp(min=6e-8).half()  # (V,)


@uncollected()
def load(folder: Path) -> Checkpoint:
    """Read a folder strictly.

    Raises FileNotFoundError where the folder or a file is missing and CheckpointError where one
    is damaged, does not fit the others, or holds what no checkpoint of ours holds.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no checkpoint folder at {folder}")
    missing = [name for name in FILES if not place(folder, name).is_file()]
    if missing:
        pickled = sorted(p.name for p in folder.iterdir() if p.suffix in (".bin", ".pt", ".pkl"))
        hint = f"; pickled weights ({', '.join(pickled)}) are never loaded" if pickled else ""
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}{hint}")
    config = _read_config(place(folder, CONFIG))
    model = build_meta(config)
    weights = place(folder, WEIGHTS)
    stored = _checked_header(weights, model, ())
    encoder = read_tokenizer(place(folder, TOKENIZER), config.vocab_size)
    if encoder.vocabulary_size != config.vocab_size:
        raise CheckpointError(
            f"{folder / TOKENIZER}: has {encoder.vocabulary_size} words, "
            f"{CONFIG} says {config.vocab_size}"
        )
    twin, twin_stored = None, Shapes()
    if listed(folder, TWIN) and config.cell == "lstm" and not config.bidirectional:
        twin = build_meta(replace(config, cell="rnn"))
        twin_stored = _checked_header(place(folder, TWIN), twin, (EMBEDDING,))
    check(folder, FILES if twin is None else (*FILES, TWIN))
    _fill(model, weights, stored)
    if twin is not None:
        shared = {EMBEDDING: model.embedding.weight.detach()}
        _fill(twin, place(folder, TWIN), twin_stored, shared)
    return Checkpoint(model, encoder, config, twin)


def build_meta(config: ModelConfig) -> PackedLSTMClassifier:
    """The model's shapes alone, with no memory behind them."""
    with torch.device("meta"):
        return build(config)


def _read_config(path: Path) -> ModelConfig:
    raw = read_object(path, MAX_CONFIG)
    if (kind := raw.pop("model_type", None)) != MODEL_TYPE:
        raise CheckpointError(f"{path}: model_type must be {MODEL_TYPE!r}, got {kind!r}")
    wanted = {field.name for field in fields(ModelConfig)}
    raw.setdefault("bidirectional", False)  # which is not written
    if set(raw) != wanted:
        foreign, absent = sorted(set(raw) - wanted), sorted(wanted - set(raw))
        raise CheckpointError(f"{path}: unexpected keys {foreign}, missing keys {absent}")
    for name in ("pooling", "labels"):
        if not isinstance(raw[name], list) or not all(isinstance(v, str) for v in raw[name]):
            raise CheckpointError(f"{path}: {name} must be a list of names, got {raw[name]!r}")
        raw[name] = tuple(raw[name])
    for name in ("vocab_size", "embed_dim", "hidden_dim", "layers"):
        if isinstance(raw[name], int) and raw[name] > MAX_PARAMETERS:
            raise CheckpointError(f"{path}: {name} is more than {MAX_PARAMETERS:,}")
    if len(raw["labels"]) > MAX_LABELS or any(map(_unfit, raw["labels"])):
        raise CheckpointError(
            f"{path}: labels must be up to {MAX_LABELS:,} names of up to {LABEL_CHARACTERS} "
            "characters"
        )
    try:
        config = ModelConfig(**raw)
    except SentimentError as error:
        raise CheckpointError(f"{path}: {error!s:.300}") from error
    if config.layers > MAX_LAYERS:
        raise CheckpointError(f"{path}: asks for {config.layers:,} layers, at most {MAX_LAYERS}")
    directions = 1 + config.bidirectional
    size = config.vocab_size * config.embed_dim + directions * config.layers * 4 * (
        config.hidden_dim * (config.embed_dim + (1 + directions) * config.hidden_dim)
    )
    size += config.output_dim * len(config.pooling) * config.hidden_dim * directions
    if size > MAX_PARAMETERS:
        raise CheckpointError(f"{path}: asks for {size:,} parameters, at most {MAX_PARAMETERS:,}")
    return config


def _unfit(label: str) -> bool:
    """Whether a label is too long to show, or no text: half a character breaks every answer."""
    return len(label) > LABEL_CHARACTERS or any("\ud800" <= sign <= "\udfff" for sign in label)


def _checked_header(path: Path, model: PackedLSTMClassifier, shared: Iterable[str]) -> Shapes:
    """What a file holds, if it is what the model has but for the ``shared`` tensors."""
    wanted = {n: tuple(t.shape) for n, t in model.state_dict().items() if n not in shared}
    stored = read_header(path)
    if problems := _differences(stored, wanted):
        raise CheckpointError(f"{path}: " + "; ".join(problems))
    return stored


def _fill(
    model: PackedLSTMClassifier, path: Path, stored: Shapes, shared: dict[str, Tensor] | None = None
) -> None:
    """Read the tensors of a header that was checked into the model; raises CheckpointError."""
    state = _read_tensors(path, [name for name in stored if name != SCALE])
    if SCALE in stored:
        state[EMBEDDING] *= _read_tensors(path, [SCALE])[SCALE].unsqueeze(1)
    infinite = [name for name, tensor in state.items() if not _is_finite(tensor)]
    if infinite:
        raise CheckpointError(f"{path}: {', '.join(sorted(infinite))} holds NaN or infinity")
    model.load_state_dict(state | (shared or {}), strict=True, assign=True)
    model.requires_grad_(False).eval()


def _is_finite(tensor: Tensor) -> bool:
    """Whether all values are numbers: the least and the most of NaN is NaN. In one pass."""
    return not tensor.numel() or all(map(math.isfinite, torch.stack(tensor.aminmax()).tolist()))


def _differences(stored: Shapes, wanted: dict[str, tuple[int, ...]]) -> list[str]:
    """What a file's header says against the shapes that the model has."""
    if EMBEDDING in wanted and stored.get(EMBEDDING, ("", ()))[0] == "I8":
        if SCALE not in stored:
            return [f"{EMBEDDING} is in 8 bits and lacks its {SCALE}"]
        wanted = {**wanted, SCALE: wanted[EMBEDDING][:1]}
    problems = [f"missing {name}" for name in sorted(wanted.keys() - stored.keys())]
    problems += [f"unexpected {name:.80}" for name in sorted(stored.keys() - wanted.keys())[:8]]
    for name in sorted(wanted.keys() & stored.keys()):
        kind, shape = stored[name]
        if shape != wanted[name]:
            problems.append(f"{name} has shape {shape}, wanted {wanted[name]}")
        if kind == "I8" and name != EMBEDDING:
            problems.append(f"{name} is in 8 bits, which {EMBEDDING} alone may be")
    return problems


def _read_tensors(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    """Tensors of a file in fp32, one after another, so that none is held twice for long."""
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name).float() for name in names}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a safetensors file: {error}") from error
