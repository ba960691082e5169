"""Judge a checkpoint's files by size and structure, before anything is built from them.

A file from elsewhere may be made to hurt: a tensor of a gigabyte that takes no room on disk, a
tokenizer whose rules multiply a letter by a million, JSON a thousand levels deep. What lies here
reads at most a bounded header or a bounded file, and compares it with what this package writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, NoReturn

from tokenizers import Tokenizer, models

from sentiment.errors import CheckpointError, SentimentError
from sentiment.text import RULES, UNKNOWN, UNKNOWN_ID, TextEncoder, new_tokenizer

MAX_JSON = 1_000_000
"""Most bytes of config.json, metrics.json or the header of a safetensors file."""
MAX_TOKENIZER = 200_000_000
TOKENIZER_BYTES_A_WORD = 256
ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I8": 1}
TOKENIZER_KEYS = {
    *("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer"),
    *("post_processor", "decoder", "model"),
}
# How texts were read before, so that checkpoints of earlier versions load. When the rules of
# sentiment/text.py or normalization.py change, the digest they had joins the list (a test says it).
EARLIER_RULES = {
    "e34af8d1c85d339703dd7490bc0d01a20c5f89d1917f279daa054209077e84aa",
    "89eb267bb649e3801c817b76144387ca935895d0a47057fe7816064e15064161",
    "a13d2053914e87e5bc716e390c1382c7d17a301d9128d09e90cfd78a94d85a22",
    "f9ef8fb740ffbf0f25b3fc6a380ed452105ac6c97c65f7c7d29c32c5a5179ca6",
}

Shapes = dict[str, tuple[str, tuple[int, ...]]]
"""Tensors by name: how their items are stored (safetensors' name for it), and their shape."""


def read_object(path: Path, most: int = MAX_JSON) -> dict[str, Any]:
    """The JSON object in a file of at most ``most`` bytes; raises CheckpointError for all else."""
    return _object(path, _bytes(path, most))


def read_header(path: Path) -> Shapes:
    """What a safetensors file says that it holds, true to its size; no tensor is read.

    Raises CheckpointError for another kind of file, and for parts that overlap or leave gaps.
    The layout: huggingface.co/docs/safetensors.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, MAX_JSON):
            raise CheckpointError(f"{path}: not a safetensors file: no header of its size")
        try:
            raw = _object(path, file.read(length))
        except CheckpointError as error:
            raise CheckpointError(f"{path}: not a safetensors file: {error}") from error
    raw.pop("__metadata__", None)
    found: Shapes = {}
    spans = []
    for name, entry in raw.items():
        kind, shape, span = _entry(path, name, entry)
        found[name] = kind, shape
        spans.append(span)
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise CheckpointError(f"{path}: not a safetensors file: tensors overlap or leave gaps")
        end = stop
    if end != size - 8 - length:
        raise CheckpointError(
            f"{path}: not a safetensors file: {size - 8 - length:,} bytes of tensors, "
            f"its header says {end:,}"
        )
    return found


def read_tokenizer(path: Path, vocabulary_size: int) -> TextEncoder:
    """The tokenizer of tokenizer.json, if its rules are ones that this package writes.

    ``vocabulary_size`` bounds the size of the file. Raises CheckpointError.
    """
    most = min(MAX_TOKENIZER, MAX_JSON + TOKENIZER_BYTES_A_WORD * vocabulary_size)
    content = _bytes(path, most)
    raw = _object(path, content)
    if set(raw) != TOKENIZER_KEYS:
        raise CheckpointError(f"{path}: not a tokenizer file of this package: its parts differ")
    for part in ("truncation", "padding", "added_tokens", "post_processor", "decoder"):
        if raw[part]:
            raise CheckpointError(f"{path}: {part} must be empty, as this package writes it")
    model = raw["model"]
    if not isinstance(model, dict) or model.get("type") != "WordLevel":
        raise CheckpointError(f"{path}: the tokenizer must be of whole words (WordLevel)")
    if rules_digest(raw) not in EARLIER_RULES | _own_rules():
        raise CheckpointError(
            f"{path}: its normalizer and pre_tokenizer are none that this package writes: "
            "a foreign rule may multiply a text or never end"
        )
    try:
        return TextEncoder(_built(raw), model.get("vocab"))
    except SentimentError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except BaseException as error:  # a panic of the library is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise CheckpointError(f"{path}: not a tokenizer file: {type(error).__name__}") from error


def _built(raw: dict[str, Any]) -> Tokenizer:
    """The tokenizer of a file that is parsed already, so that its words are not parsed twice."""
    model = raw["model"]
    words = model.get("vocab")
    if not isinstance(words, dict) or any(type(number) is not int for number in words.values()):
        raise SentimentError("its vocab must give each word a whole number")
    bare = {**raw, "model": {**model, "vocab": {UNKNOWN: UNKNOWN_ID}}}
    tokenizer = Tokenizer.from_str(json.dumps(bare))  # judges all but the words
    tokenizer.model = models.WordLevel(words, unk_token=model["unk_token"])
    return tokenizer


def rules_digest(raw: Mapping[str, Any]) -> str:
    """SHA-256 of the rules by which a tokenizer.json reads a text, without its words."""
    rules = [raw["normalizer"], raw["pre_tokenizer"], raw["decoder"]]
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


@cache
def _own_rules() -> frozenset[str]:
    return frozenset(rules_digest(json.loads(new_tokenizer((), rule).to_str())) for rule in RULES)


def _entry(path: Path, name: str, entry: Any) -> tuple[str, tuple[int, ...], tuple[int, int]]:
    """Kind, shape and place of one tensor of a header."""
    wrong = CheckpointError(f"{path}: not a safetensors file: {name!r:.80} is not described")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise wrong
    kind, shape, span = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not _sizes(shape) or not _sizes(span) or len(span) != 2 or len(shape) > 8:
        raise wrong
    if not isinstance(kind, str) or kind not in ITEM_BYTES:
        wanted = ", ".join(ITEM_BYTES)
        raise CheckpointError(f"{path}: {name!r:.80} is stored as {kind!r:.20}, not as {wanted}")
    if span[1] - span[0] != prod(shape) * ITEM_BYTES[kind]:
        raise wrong
    return kind, tuple(shape), (span[0], span[1])


def _sizes(found: Any) -> bool:
    return isinstance(found, list) and all(
        isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 2**48 for one in found
    )


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise CheckpointError(f"{path}: more than {most:,} bytes")
    return content


def _object(path: Path, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(
            content.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:  # bad UTF-8, bad JSON, digits without end
        raise CheckpointError(f"{path}: not JSON: {error!s:.200}") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{path}: must be an object, got {type(found).__name__}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ: one given twice means one thing here, another elsewhere."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
