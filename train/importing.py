"""python -m train import: a classic Embedding -> LSTM -> Linear state_dict as a checkpoint here.

GRU and vanilla RNN layers, one direction or two, and a head over pooled states come in as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch import Tensor, nn

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import POOLINGS, ModelConfig, PackedLSTMClassifier, build, pad
from sentiment.records import Recipe
from sentiment.text import PADDING, RULES, TREEBANK, UNKNOWN, TextEncoder, new_tokenizer
from sentiment.text import words as treebank_words
from train.data.tables import DataError, column, load_table

PADDINGS = (PADDING, "<PAD>", "[PAD]", "<padding>", "pad", "")
UNKNOWNS = (UNKNOWN, "<UNK>", "[UNK]", "<OOV>", "<oov>", "<unknown>", "unk")
EQUAL = 0.02
"""Largest gap of a logit that 16 bits explain."""
_KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
SAMPLES = ("a good film", "not good at all", "I did not like the ending, but the cast is great .")
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


def parts_of(state: Mapping[str, Tensor]) -> Parts:
    """What is embedding, recurrence and head, by names and shapes.

    Raises DataError for other cells, projections, a head that reads one direction of two, and
    where embedding or head cannot be told.
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
        raise DataError(f"no recurrent layer among {', '.join(list(state)[:8])}")
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
    table = _only(tables, f"an embedding (V, {embed})")
    width = hidden * (1 + both)
    widths = {width * count for count in range(1, len(POOLINGS) + 1)}
    rest = {n: v for n, v in matrices.items() if n != table}
    if both and any(value.shape[1] == hidden for value in rest.values()):
        raise DataError("the head reads one direction of two, which no model here does")
    heads = {n: v for n, v in rest.items() if v.shape[1] in widths}
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


def imported(
    state: Mapping[str, Tensor],
    vocabulary: Mapping[str, int],
    labels: Sequence[str] | None = None,
    *,
    padding: str | None = None,
    unknown: str | None = None,
    pooling: Sequence[str] | None = None,
    rule: str = TREEBANK,
) -> SentimentClassifier:
    """A classifier with the same weights, its rows in our order: padding, unknown, words.

    Two outputs become one, their difference. Without a word for what is unknown that row is the
    mean of all. ``pooling`` names what the head reads, by default the final state, or, of three
    parts, all; ``rule`` splits texts. Raises DataError where vocabulary, labels, pooling and
    tensors do not fit.
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
    encoder = TextEncoder(new_tokenizer(words, rule))
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=parts.embedding.shape[1],
        hidden_dim=parts.hidden_dim,
        layers=parts.layers,
        pooling=_pooling(parts, pooling),
        cell=parts.cell,
        labels=names,
        bidirectional=parts.bidirectional,
    )
    model = build(config)
    model.load_state_dict(
        {
            "embedding.weight": torch.cat([torch.zeros_like(row)[None], row[None], rows]),
            **{f"{parts.cell}.{name}": value for name, value in parts.recurrent.items()},
            "fc.weight": weight,
            "fc.bias": bias,
        }
    )
    return SentimentClassifier(model.eval(), encoder, names)


def _pooling(parts: Parts, asked: Sequence[str] | None) -> tuple[str, ...]:
    usual = {1: ("last",), len(POOLINGS): POOLINGS}
    pooling = tuple(asked) if asked else usual.get(parts.pools, ())
    if len(pooling) != parts.pools:
        raise DataError(
            f"the head reads {parts.pools} pooled parts; name as many of {', '.join(POOLINGS)} in "
            f"their order, got {', '.join(pooling) or 'none'}"
        )
    return pooling


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


def greatest_difference(
    state: Mapping[str, Tensor],
    vocabulary: Mapping[str, int],
    classifier: SentimentClassifier,
    texts: Sequence[str] = SAMPLES,
    unknown: str | None = None,
    rule: str = TREEBANK,
) -> float:
    """The greatest gap of a logit between the foreign tensors, run as they are, and ours.

    Each text goes alone, so that no padding comes in: an unpacked class reads on over it.
    """
    parts = parts_of(state)
    name = unknown or next((word for word in UNKNOWNS if word in vocabulary), None)
    mean, gap = parts.embedding.mean(0), 0.0
    for text in texts:
        words = splitter(rule)(text)
        found = [vocabulary.get(word, vocabulary.get(name or "", -1)) for word in words]
        rows = torch.stack([parts.embedding[row] if row >= 0 else mean for row in found])
        states, last = parts.states(rows)
        pools = {"last": last, "max": states.amax(dim=0), "mean": states.mean(dim=0)}
        pooled = torch.cat([pools[part] for part in classifier.model.pooling])
        theirs = pooled @ parts.weight.T + parts.bias  # (O,)
        if len(theirs) == 2:
            theirs = theirs[1:] - theirs[:1]
        ids, lengths = pad(classifier.encoder.ids_batch([text]))
        model: PackedLSTMClassifier = classifier.model
        with torch.no_grad():
            ours = model(ids, lengths)[0]
        gap = max(gap, float((theirs - ours).abs().max()))
    return gap


def checked_logits(classifier: SentimentClassifier, check: Path) -> tuple[int, float]:
    """Number of texts, and the greatest gap from the logits that the person's own model gave.

    ``check`` is a table with columns "text" and "logits": a number, or one a label in a list.
    Raises DataError for others.
    """
    table = load_table(str(check))
    texts = [str(text) for text in column(table, "text", str(check))]
    gap = 0.0
    ours = classifier.predict_batch(texts)
    for text, given, prediction in zip(
        texts, column(table, "logits", str(check)), ours, strict=True
    ):
        theirs = json.loads(given) if isinstance(given, str) else given
        theirs = theirs if isinstance(theirs, list) else [theirs]
        own = [prediction.logit] if len(prediction.labels) == 2 else list(prediction.logits)
        if len(theirs) == 2 and len(own) == 1:
            theirs = [theirs[1] - theirs[0]]
        if len(theirs) != len(own):
            raise DataError(
                f"{check}: want {len(own)} logits a text, got {theirs} of {text[:20]!r}"
            )
        gap = max(gap, *(abs(a - b) for a, b in zip(theirs, own, strict=True)))
    return len(texts), gap


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
    pooling: Annotated[
        str | None,
        typer.Option(
            help=f"What its head reads, with commas: {','.join(POOLINGS)}.  [default: the final "
            "state, of both directions where there are two]"
        ),
    ] = None,
    tokenization: Annotated[
        str, typer.Option(help=f"How it splits a text: {', '.join(RULES)}.")
    ] = TREEBANK,
    check: Annotated[
        Path | None,
        typer.Option(help="Table of text and logits that your own model gave, to compare with."),
    ] = None,
) -> None:
    """Bring a model of the classic class Embedding -> LSTM, GRU or RNN -> Linear.

    One direction or two. The share of your words that the rule of tokenization can give is
    printed, and how far the verdicts on three texts lie from those of your own tensors; --check
    compares with what your own model says.
    """
    if (out / checkpoint.WEIGHTS).is_file():
        raise DataError(f"{out} holds a finished model; choose another folder")
    if tokenization not in RULES:
        raise DataError(f"--tokenization is one of {', '.join(RULES)}, got {tokenization!r}")
    tensors, words = read_state(state), read_vocabulary(vocabulary)
    names = labels.split(",") if labels else None
    classifier = imported(
        tensors,
        words,
        names,
        padding=padding,
        unknown=unknown,
        pooling=pooling.split(",") if pooling else None,
        rule=tokenization,
    )
    compared: dict[str, Any] = {"unknown": unknown, "rule": tokenization}
    before = greatest_difference(tensors, words, classifier, **compared)
    classifier.save_pretrained(out)
    Recipe(start=f"import of {state.name}").write(out)
    saved = SentimentClassifier.from_folder(out)
    after = greatest_difference(tensors, words, saved, **compared)
    reached = sum(splitter(tokenization)(word) == [word] for word in words) / len(words)
    typer.echo(
        f"a {saved.model.kind} whose head reads {' + '.join(saved.model.pooling)}\n"
        f"logits on {len(SAMPLES)} texts lie within {before:.1e} of your tensors', {after:.1e} "
        f"once stored in 16 bits; {reached:.1%} of your {len(words):,} words are words here"
    )
    if check is not None:
        count, gap = checked_logits(saved, check)
        typer.echo(
            f"logits on {count} texts of {check.name} lie within {gap:.1e} of your own model's"
        )
        if gap > EQUAL:
            typer.echo(
                "NOT THE SAME MODEL: another --tokenization or --pooling, or a class that reads "
                "output[:, -1] of two directions, or padding without lengths"
            )
