"""A model from elsewhere: its tensors told apart, its vocabulary read, its texts split as it does.

Classes of the kind Embedding -> LSTM, GRU or RNN -> Linear, over one state or pooled ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sentiment.model import POOLINGS
from sentiment.text import TREEBANK
from sentiment.text import words as treebank_words
from train.data.tables import DataError

_KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
CELL_ROWS = {4: "lstm", 3: "gru", 1: "rnn"}
_LAYERS: dict[str, Callable[..., nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
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
    bidirectional: bool

    @property
    def hidden_dim(self) -> int:
        """Units of one direction."""
        return self.recurrent["weight_hh_l0"].shape[1]

    @property
    def pools(self) -> int:
        """How many pooled parts the head reads."""
        return self.weight.shape[1] // (self.hidden_dim * (1 + self.bidirectional))

    def states(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states (T, H) and the final one (H,), by torch's layers on embeddings (T, E)."""
        layer = _LAYERS[self.cell](
            rows.shape[1],
            self.hidden_dim,
            self.layers,
            batch_first=True,
            bidirectional=self.bidirectional,
        )
        layer.load_state_dict(dict(self.recurrent))
        with torch.no_grad():
            states, final = layer(rows[None])
        final = final[0] if isinstance(final, tuple) else final  # (L * directions, 1, H)
        ends = final[-2:] if self.bidirectional else final[-1:]
        return states[0], ends[:, 0].flatten()


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


def renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """The tensors under other names: ``names`` maps a name, or the start of one before a dot.

    To nothing maps what is to be left out. Raises DataError for a name that no tensor has, and
    where two would bear one name.
    """
    found: dict[str, Tensor] = {}
    used: set[str] = set()
    for name, value in state.items():
        fitting = [old for old in names if name == old or name.startswith(old + ".")]
        old = max(fitting, key=len, default=None)
        used.update(() if old is None else (old,))
        new = name if old is None else names[old] and names[old] + name[len(old) :]
        if new in found:
            raise DataError(f"two tensors would be named {new}")
        if new:
            found[new] = value
    if unused := [old for old in names if old not in used]:
        raise DataError(f"no tensor is named {unused[0]}; there are {', '.join(list(state)[:20])}")
    return found


def parts_of(state: Mapping[str, Tensor]) -> Parts:
    """What is embedding, recurrence and head, by names and shapes.

    Our own names, "embedding.weight" and "fc.weight", go before shapes. Raises DataError for other
    cells, projections, a head that reads one direction of two, and where embedding or
    head cannot be told.
    """
    recurrent: dict[str, Tensor] = {}
    others: dict[str, Tensor] = {}
    for name, value in state.items():
        found = _RECURRENT.search(name)
        if found is None:
            others[name] = value
        else:
            recurrent[f"{found[1]}_{found[2]}_l{found[3]}{found[4] or ''}"] = value
    if "weight_hh_l0" not in recurrent:
        raise DataError(
            f"no recurrent layer (weight_ih_l0 …) among {', '.join(list(state)[:8])}: say by "
            "--name THEIRS=OURS which it is"
        )
    rows, hidden = recurrent["weight_hh_l0"].shape
    cell = CELL_ROWS.get(rows // hidden)
    if cell is None or rows % hidden:
        raise DataError(f"weight_hh_l0 has shape {(rows, hidden)}: no LSTM, no GRU and no RNN")
    both = "weight_hh_l0_reverse" in recurrent
    layers = sum(n.startswith("weight_hh_l") and "_reverse" not in n for n in recurrent)
    for layer in range(layers):  # a layer without biases adds nothing
        for kind in ("ih", "hh"):
            for end in ("", "_reverse") if both else ("",):
                recurrent.setdefault(f"bias_{kind}_l{layer}{end}", torch.zeros(rows))
    embed = recurrent["weight_ih_l0"].shape[1]
    matrices = {name: value for name, value in others.items() if value.dim() == 2}
    tables = {n: v for n, v in matrices.items() if v.shape[1] == embed and "embed" in n.lower()}
    tables = tables or {n: v for n, v in matrices.items() if v.shape[1] == embed}
    tables = {n: v for n, v in tables.items() if n == "embedding.weight"} or tables
    table = _only(tables, f"an embedding (V, {embed})")
    width = hidden * (1 + both)
    widths = {width * count for count in range(1, len(POOLINGS) + 1)}
    rest = {n: v for n, v in matrices.items() if n != table}
    if both and any(value.shape[1] == hidden for value in rest.values()):
        raise DataError("the head reads one direction of two, which no model here does")
    heads = {n: v for n, v in rest.items() if v.shape[1] in widths}
    heads = {n: v for n, v in heads.items() if n == "fc.weight"} or heads
    head = _only(heads, f"a head (labels, {width} or a few times that)")
    bias = others.get(head.removesuffix("weight") + "bias")
    weight = others[head]
    bias = torch.zeros(len(weight)) if bias is None else bias
    left = set(others) - {table, head, head.removesuffix("weight") + "bias"}
    if left:
        raise DataError(f"tensors that this class has no place for: {', '.join(sorted(left))}")
    return Parts(others[table], recurrent, weight, bias, cell, layers, both)


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


def splitter(rule: str) -> Callable[[str], list[str]]:
    """A rule as the library has it that it comes from, to hold our tokenizer against."""
    rules: dict[str, Callable[[str], list[str]]] = {
        TREEBANK: treebank_words,
        "whitespace": lambda text: text.split(),
        "lowercase": lambda text: text.lower().split(),
        "basic_english": _basic_english,
        "keras": lambda text: [word for word in _keras(text).split(" ") if word],
    }
    return rules[rule]


def _basic_english(text: str) -> list[str]:
    """torchtext's tokenizer of that name."""
    text = text.lower()
    for sign in ("'", ".", ",", "(", ")", "!", "?"):
        text = text.replace(sign, f" {sign} ")
    for old, new in (('"', ""), ("<br />", " "), (";", " "), (":", " ")):
        text = text.replace(old, new)
    return text.split()


def _keras(text: str) -> str:
    """Keras's text_to_word_sequence, before it splits at blanks."""
    return text.lower().translate({ord(sign): " " for sign in _KERAS_FILTERS})
