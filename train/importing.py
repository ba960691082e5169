"""python -m train import: a classic Embedding -> LSTM -> Linear state_dict as a checkpoint here.

GRU and vanilla RNN layers, one direction or two, and a head over pooled states come in as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import POOLINGS, ModelConfig, PackedLSTMClassifier, build, pad
from sentiment.options import ReadingOptions, grouped
from sentiment.records import Recipe
from sentiment.text import PADDING, RULES, TREEBANK, UNKNOWN, TextEncoder, new_tokenizer
from train.agreement import EQUAL, Choices, ExpectedLogits, agreeing_choices, expected_logits
from train.data.tables import DataError
from train.foreign import Parts, parts_of, read_state, read_vocabulary, renamed, splitter

PADDINGS = (PADDING, "<PAD>", "[PAD]", "<padding>", "pad", "")
UNKNOWNS = (UNKNOWN, "<UNK>", "[UNK]", "<OOV>", "<oov>", "<unknown>", "unk")
SAMPLES = ("a good film", "not good at all", "I did not like the ending, but the cast is great .")


def imported(
    state: Mapping[str, Tensor],
    vocabulary: Mapping[str, int],
    labels: Sequence[str] | None = None,
    *,
    padding: str | None = None,
    unknown: str | None = None,
    pooling: Sequence[str] | None = None,
    rule: str = TREEBANK,
    backward_first: bool = False,
) -> SentimentClassifier:
    """A classifier with the same weights, its rows in our order: padding, unknown, words.

    Two outputs become one, their difference. Without a word for what is unknown that row is the
    mean of all. ``pooling`` names what the head reads, by default the final state, or, of three
    parts, all; ``rule`` splits texts; ``backward_first`` as in ``Choices``. Raises DataError where
    vocabulary, labels, pooling and tensors do not fit.
    """
    parts = parts_of(state)
    pools = _pooling(parts, pooling)
    if backward_first and not (parts.bidirectional and "last" in pools):
        raise DataError("backward first is said of a head over the final states of two directions")
    words, rows = _rows(parts, vocabulary, padding, unknown)
    weight, bias, names = _head(parts, labels)
    if backward_first:
        weight = _forward_first(weight, pools.index("last"), parts.hidden_dim)
    encoder = TextEncoder(new_tokenizer(words, rule))
    config = ModelConfig(
        vocab_size=encoder.vocabulary_size,
        embed_dim=parts.embedding.shape[1],
        hidden_dim=parts.hidden_dim,
        layers=parts.layers,
        pooling=pools,
        cell=parts.cell,
        labels=names,
        bidirectional=parts.bidirectional,
    )
    model = build(config)
    model.load_state_dict(
        {
            "embedding.weight": rows,
            **{f"{parts.cell}.{name}": value for name, value in parts.recurrent.items()},
            "fc.weight": weight,
            "fc.bias": bias,
        }
    )
    return SentimentClassifier(model.eval(), encoder, names)


def _rows(
    parts: Parts, vocabulary: Mapping[str, int], padding: str | None, unknown: str | None
) -> tuple[list[str], Tensor]:
    """The words in the order of their rows, and the embedding in our order, (2 + words, E)."""
    count = len(parts.embedding)
    if high := [word for word, row in vocabulary.items() if not 0 <= row < count]:
        raise DataError(
            f"the vocabulary's {high[0]!r} is row {vocabulary[high[0]]} of an embedding of "
            f"{count} rows"
        )
    pad_word = padding or next((word for word in PADDINGS if word in vocabulary), None)
    unknown_word = unknown or next((word for word in UNKNOWNS if word in vocabulary), None)
    special = {pad_word, unknown_word, PADDING, UNKNOWN}
    words = [w for w in sorted(vocabulary, key=vocabulary.__getitem__) if w not in special]
    row = (
        parts.embedding[vocabulary[unknown_word]]
        if unknown_word is not None and unknown_word in vocabulary
        else parts.embedding.mean(0)
    )
    rows = parts.embedding[[vocabulary[word] for word in words]]
    return words, torch.cat([torch.zeros_like(row)[None], row[None], rows])


def _head(parts: Parts, labels: Sequence[str] | None) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Weight, bias and labels of the head; two outputs become one, their difference."""
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
    return weight, bias, names


def _forward_first(weight: Tensor, pool: int, hidden_dim: int) -> Tensor:
    """A head (O, P * 2H) whose columns over both directions of one pool change places."""
    start = 2 * pool * hidden_dim
    middle, end = start + hidden_dim, start + 2 * hidden_dim
    halves = weight[:, middle:end], weight[:, start:middle]
    return torch.cat([weight[:, :start], *halves, weight[:, end:]], dim=1)


def _pooling(parts: Parts, asked: Sequence[str] | None) -> tuple[str, ...]:
    usual = {1: ("last",), len(POOLINGS): POOLINGS}
    pooling = tuple(asked) if asked else usual.get(parts.pools, ())
    if len(pooling) != parts.pools:
        raise DataError(
            f"the head reads {parts.pools} pooled parts; name as many of {', '.join(POOLINGS)} in "
            f"their order, got {', '.join(pooling) or 'none'}"
        )
    return pooling


def greatest_difference(
    state: Mapping[str, Tensor],
    vocabulary: Mapping[str, int],
    classifier: SentimentClassifier,
    texts: Sequence[str] = SAMPLES,
    unknown: str | None = None,
    rule: str = TREEBANK,
    backward_first: bool = False,
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
        if backward_first:
            last = torch.cat(last.chunk(2)[::-1])
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


@grouped
def import_command(
    state: Annotated[Path, typer.Option(help="state_dict: .pt, .pth or .safetensors.")],
    vocabulary: Annotated[
        Path, typer.Option(help="Its words: .json (list, dict, tokenizer.json ...) or .txt.")
    ],
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    reading: ReadingOptions,
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
    backward_first: Annotated[
        bool,
        typer.Option(
            "--backward-first",
            help="Its head reads the backward direction first: torch.cat((hidden[-1], "
            "hidden[-2]), dim=1).",
        ),
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="THEIRS=OURS: what a tensor, or all under a name, is called here: embedding, "
            "lstm (gru, rnn), fc; nothing leaves it out. May repeat."
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(help="Table of text and logits that your own model gave, to compare with."),
    ] = None,
) -> None:
    """Bring a model of the classic class Embedding -> LSTM, GRU or RNN -> Linear.

    One direction or two. The share of your words that the rule of tokenization can give is
    printed, and how far the verdicts on three texts lie from those of your own tensors; --check
    compares with what your own model says, and where it says otherwise looks for the
    tokenization, pooling and order of directions that agree.
    """
    _check_choices(out, tokenization)
    tensors, words = renamed(read_state(state), _names(name)), read_vocabulary(vocabulary)
    names = labels.split(",") if labels else None
    parts = parts_of(tensors)
    pools = _pooling(parts, pooling.split(",") if pooling else None)
    asked = Choices(tokenization, pools, backward_first)

    def made(choices: Choices) -> SentimentClassifier:
        return imported(
            tensors,
            words,
            names,
            padding=padding,
            unknown=unknown,
            pooling=choices.pooling,
            rule=choices.rule,
            backward_first=choices.backward_first,
        )

    def gap(classifier: SentimentClassifier) -> float:
        return greatest_difference(
            tensors, words, classifier, SAMPLES, unknown, tokenization, backward_first
        )

    wanted = None if check is None else expected_logits(check, reading.rules)
    classifier = made(asked)
    before = gap(classifier)
    classifier.save_pretrained(out)
    Recipe(start=f"import of {state.name}").write(out)
    saved = SentimentClassifier.from_folder(out)
    reached = sum(splitter(tokenization)(word) == [word] for word in words) / len(words)
    typer.echo(
        f"a {saved.model.kind} whose head reads {' + '.join(saved.model.pooling)}\n"
        f"logits on {len(SAMPLES)} texts lie within {before:.1e} of your tensors', "
        f"{gap(saved):.1e} once stored in 16 bits; {reached:.1%} of your {len(words):,} words are "
        "words here"
    )
    if wanted is not None and not _told_equal(saved, wanted):
        found = agreeing_choices(made, asked, wanted, both=parts.bidirectional)
        typer.echo(
            "NOT THE SAME MODEL: a class that reads output[:, -1] of two directions, padding "
            "without lengths, or another way to split texts"
            if found is None
            else f"NOT THE SAME MODEL: with {found} it is; import it so into another folder"
        )


def _names(pairs: Sequence[str] | None) -> dict[str, str]:
    """Pairs THEIRS=OURS as a mapping; DataError for what is none."""
    found = {}
    for pair in pairs or ():
        theirs, equals, ours = pair.partition("=")
        if not (theirs and equals):
            raise DataError(
                f"--name wants THEIRS=OURS, such as encoder.table=embedding, got {pair!r}"
            )
        found[theirs] = ours
    return found


def _check_choices(out: Path, tokenization: str) -> None:
    if (out / checkpoint.WEIGHTS).is_file():
        raise DataError(f"{out} holds a finished model; choose another folder")
    if tokenization not in RULES:
        raise DataError(f"--tokenization is one of {', '.join(RULES)}, got {tokenization!r}")


def _told_equal(classifier: SentimentClassifier, wanted: ExpectedLogits) -> bool:
    """Print how far the logits lie from those wanted; whether they are equal."""
    gap = wanted.gap(classifier)
    typer.echo(f"logits on {len(wanted.texts)} texts lie within {gap:.1e} of your own model's")
    return gap <= EQUAL
