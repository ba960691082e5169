"""python -m train import: a classic Embedding -> LSTM -> Linear state_dict as a checkpoint here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch import Tensor, nn

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import ModelConfig, PackedLSTMClassifier, build, pad
from sentiment.records import Recipe
from sentiment.text import PADDING, UNKNOWN, TextEncoder, new_tokenizer
from sentiment.text import words as split_words
from train.data.tables import DataError

PADDINGS = (PADDING, "<PAD>", "[PAD]", "<padding>", "pad", "")
UNKNOWNS = (UNKNOWN, "<UNK>", "[UNK]", "<OOV>", "<oov>", "<unknown>", "unk")
SAMPLES = ("a good film", "not good at all", "I did not like the ending, but the cast is great .")
_RECURRENT = re.compile(r"(?:^|\.)(weight|bias)_(ih|hh)_l(\d+)(_reverse)?$")


@dataclass(frozen=True, slots=True)
class Parts:
    """The tensors of a foreign state_dict: embedding (V, E), recurrent ones by our names, head."""

    embedding: Tensor
    recurrent: Mapping[str, Tensor]
    weight: Tensor
    bias: Tensor
    cell: str
    layers: int


def read_state(path: Path) -> dict[str, Tensor]:
    """Tensors by name of a .safetensors file, or of a pickle read with ``weights_only``.

    A state_dict inside a dict ("state_dict", "model_state_dict", "model") is found. Raises
    DataError for anything else.
    """
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return dict(load_file(path))
    try:
        loaded: Any = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # the unpickler raises many kinds
        raise DataError(
            f"{path}: not a state_dict that is safe to read: save model.state_dict(), not the "
            f"model: {str(error).splitlines()[0]}"
        ) from error
    for name in ("state_dict", "model_state_dict", "model"):
        if isinstance(loaded, dict) and isinstance(loaded.get(name), dict):
            loaded = loaded[name]
    if not isinstance(loaded, dict) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise DataError(f"{path}: want a state_dict of tensors, got {type(loaded).__name__}")
    return {name: value.float() for name, value in loaded.items()}


def parts_of(state: Mapping[str, Tensor]) -> Parts:
    """What is embedding, recurrence and head, by names and shapes.

    Raises DataError for bidirectional layers, GRU cells, projections, and where embedding or
    head cannot be told.
    """
    recurrent: dict[str, Tensor] = {}
    others: dict[str, Tensor] = {}
    for name, value in state.items():
        found = _RECURRENT.search(name)
        if found is None:
            others[name] = value
        elif found[4]:
            raise DataError(f"{name}: bidirectional layers cannot be imported yet")
        else:
            recurrent[f"{found[1]}_{found[2]}_l{found[3]}"] = value
    if "weight_hh_l0" not in recurrent:
        raise DataError(f"no recurrent layer among {', '.join(list(state)[:8])}")
    rows, hidden = recurrent["weight_hh_l0"].shape
    if rows == 3 * hidden:
        raise DataError("a GRU cannot be imported yet; LSTM and RNN (tanh) can")
    cell = {4: "lstm", 1: "rnn"}.get(rows // hidden)
    if cell is None or rows % hidden:
        raise DataError(f"weight_hh_l0 has shape {(rows, hidden)}: no LSTM and no RNN")
    layers = sum(name.startswith("weight_hh_l") for name in recurrent)
    for layer in range(layers):  # a layer without biases adds nothing
        for kind in ("ih", "hh"):
            recurrent.setdefault(f"bias_{kind}_l{layer}", torch.zeros(rows))
    embed = recurrent["weight_ih_l0"].shape[1]
    matrices = {name: value for name, value in others.items() if value.dim() == 2}
    tables = {n: v for n, v in matrices.items() if v.shape[1] == embed and "embed" in n.lower()}
    tables = tables or {n: v for n, v in matrices.items() if v.shape[1] == embed}
    table = _only(tables, f"an embedding (V, {embed})")
    heads = {n: v for n, v in matrices.items() if v.shape[1] == hidden and n != table}
    head = _only(heads, f"a head (labels, {hidden})")
    bias = others.get(head.removesuffix("weight") + "bias")
    weight = others[head]
    bias = torch.zeros(len(weight)) if bias is None else bias
    left = set(others) - {table, head, head.removesuffix("weight") + "bias"}
    if left:
        raise DataError(f"tensors that this class has no place for: {', '.join(sorted(left))}")
    return Parts(others[table], recurrent, weight, bias, cell, layers)


def _only(found: Mapping[str, Tensor], wanted: str) -> str:
    if len(found) != 1:
        shapes = ", ".join(f"{name} {tuple(value.shape)}" for name, value in found.items())
        raise DataError(f"want one tensor as {wanted}, got {shapes or 'none'}")
    return next(iter(found))


def read_vocabulary(path: Path) -> dict[str, int]:
    """Words and their rows: a list, a dict (word to number, or number to word), a torchtext-like
    {"itos": [...]} or {"stoi": {...}}, a Keras word_index, a tokenizer.json, or one word a line.

    Raises DataError for another content.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        return {word: row for row, word in enumerate(text.rstrip("\n").split("\n"))}
    raw: Any = json.loads(text)
    if isinstance(raw, dict):
        for key in ("itos", "stoi", "word_index"):
            raw = raw.get(key, raw) if isinstance(raw, dict) else raw
    if isinstance(raw, dict) and isinstance(raw.get("model"), dict):
        raw = raw["model"].get("vocab", raw)
    if isinstance(raw, dict) and isinstance(raw.get("config"), dict):  # Keras's to_json
        raw = json.loads(raw["config"].get("word_index", "{}"))
    if isinstance(raw, list) and all(isinstance(word, str) for word in raw):
        return {word: row for row, word in enumerate(raw)}
    if isinstance(raw, dict) and raw and all(isinstance(row, int) for row in raw.values()):
        return dict(raw)
    if isinstance(raw, dict) and raw and all(isinstance(word, str) for word in raw.values()):
        return {word: int(row) for row, word in raw.items()}
    raise DataError(f"{path}: want a list of words or a dict of words and numbers")


def imported(
    state: Mapping[str, Tensor],
    vocabulary: Mapping[str, int],
    labels: Sequence[str] | None = None,
    *,
    padding: str | None = None,
    unknown: str | None = None,
) -> SentimentClassifier:
    """A classifier with the same weights, its rows in our order: padding, unknown, words.

    Two outputs become one, their difference. Without a word for what is unknown that row is the
    mean of all. Raises DataError where vocabulary, labels and tensors do not fit.
    """
    parts = parts_of(state)
    count = len(parts.embedding)
    if high := [word for word, row in vocabulary.items() if not 0 <= row < count]:
        raise DataError(
            f"the vocabulary's {high[0]!r} is row {vocabulary[high[0]]} of an embedding of "
            f"{count} rows"
        )
    pad_word = padding or next((word for word in PADDINGS if word in vocabulary), None)
    unknown_word = unknown or next((word for word in UNKNOWNS if word in vocabulary), None)
    special = {pad_word, unknown_word}
    words = [w for w in sorted(vocabulary, key=vocabulary.__getitem__) if w not in special]
    words = [w for w in words if w not in (PADDING, UNKNOWN)]
    weight, bias = parts.weight, parts.bias
    outputs = len(weight)
    names = tuple(labels or ())
    if not names:
        polar = ("negative", "positive")
        names = polar if outputs <= 2 else tuple(f"label {n}" for n in range(outputs))
    if len(names) != max(outputs, 2):
        raise DataError(f"the head has {outputs} outputs; got {len(names)} labels")
    if outputs == 2:
        weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
    row = (
        parts.embedding[vocabulary[unknown_word]]
        if unknown_word is not None and unknown_word in vocabulary
        else parts.embedding.mean(0)
    )
    rows = parts.embedding[[vocabulary[word] for word in words]]
    encoder = TextEncoder(new_tokenizer(words))
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=parts.embedding.shape[1],
        hidden_dim=parts.recurrent["weight_hh_l0"].shape[1],
        layers=parts.layers,
        pooling=("last",),
        cell=parts.cell,
        labels=names,
    )
    model = build(config)
    prefix = "lstm." if parts.cell == "lstm" else "rnn."
    model.load_state_dict(
        {
            "embedding.weight": torch.cat([torch.zeros_like(row)[None], row[None], rows]),
            **{prefix + name: value for name, value in parts.recurrent.items()},
            "fc.weight": weight,
            "fc.bias": bias,
        }
    )
    return SentimentClassifier(model.eval(), encoder, names)


def greatest_difference(
    state: Mapping[str, Tensor],
    vocabulary: Mapping[str, int],
    classifier: SentimentClassifier,
    texts: Sequence[str] = SAMPLES,
    unknown: str | None = None,
) -> float:
    """The greatest gap of a logit between the foreign tensors, run as they are, and ours.

    Each text goes alone, so that no padding comes in: an unpacked class reads on over it.
    """
    parts = parts_of(state)
    layer = {"lstm": nn.LSTM, "rnn": nn.RNN}[parts.cell](
        parts.embedding.shape[1],
        parts.recurrent["weight_hh_l0"].shape[1],
        parts.layers,
        batch_first=True,
    )
    layer.load_state_dict(dict(parts.recurrent))
    name = unknown or next((word for word in UNKNOWNS if word in vocabulary), None)
    gap = 0.0
    for text in texts:
        found = [vocabulary.get(word, vocabulary.get(name or "", -1)) for word in split_words(text)]
        mean = parts.embedding.mean(0)
        rows = torch.stack([parts.embedding[row] if row >= 0 else mean for row in found])
        with torch.no_grad():
            theirs = layer(rows[None])[0][0, -1] @ parts.weight.T + parts.bias  # (O,)
            if len(theirs) == 2:
                theirs = theirs[1:] - theirs[:1]
            ids, lengths = pad(classifier.encoder.ids_batch([text]))
            model: PackedLSTMClassifier = classifier.model
            ours = model(ids, lengths)[0]
        gap = max(gap, float((theirs - ours).abs().max()))
    return gap


def import_command(
    state: Annotated[Path, typer.Option(help="state_dict: .pt, .pth or .safetensors.")],
    vocabulary: Annotated[
        Path, typer.Option(help="Its words: .json (list, dict, tokenizer.json ...) or .txt.")
    ],
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    labels: Annotated[
        str | None, typer.Option(help="Names of the labels in the order of the outputs, commas.")
    ] = None,
    padding: Annotated[str | None, typer.Option(help="Its padding word.  [default: found]")] = None,
    unknown: Annotated[
        str | None, typer.Option(help="Its word for what is unknown.  [default: found]")
    ] = None,
) -> None:
    """Bring a model of the classic class Embedding -> LSTM or RNN -> Linear(final state).

    Texts are split by the rules of this project; the share of your words that these rules can
    give is printed, and how far the verdicts on three texts lie from your own tensors'.
    """
    if (out / checkpoint.WEIGHTS).is_file():
        raise DataError(f"{out} holds a finished model; choose another folder")
    tensors, words = read_state(state), read_vocabulary(vocabulary)
    names = labels.split(",") if labels else None
    classifier = imported(tensors, words, names, padding=padding, unknown=unknown)
    before = greatest_difference(tensors, words, classifier, unknown=unknown)
    classifier.save_pretrained(out)
    Recipe(start=f"import of {state.name}").write(out)
    saved = SentimentClassifier.from_folder(out)
    after = greatest_difference(tensors, words, saved, unknown=unknown)
    reached = sum(split_words(word) == [word] for word in words) / len(words)
    typer.echo(
        f"logits on {len(SAMPLES)} texts lie within {before:.1e} of your model's, {after:.1e} once "
        f"stored in 16 bits; {reached:.1%} of your {len(words):,} words are words here"
    )
