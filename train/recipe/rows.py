"""Rows of the embedding settled by rule: names share one, a misspelt word has that of its word.

A reading that depends on whose name a sentence holds is a bias (Prabhakaran et al. 2019,
arXiv:1910.04210): words of one list get the mean of their rows, so that none can differ. A word
of which two neighbouring letters changed places is unknown to a vocabulary of whole words; the
commonest words that carry a verdict get such forms as words of their own, with their row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from sentiment import checkpoint
from sentiment.classifier import SentimentClassifier
from sentiment.model import build
from sentiment.text import UNKNOWN_ID, TextEncoder, new_tokenizer, words
from train.data.vocabulary import count_words
from train.recipe.written import written_examples

NUMBERS = (
    tuple(str(n) for n in range(11, 1_000) if n != 100),
    tuple(str(n) for n in range(1_000, 2_100)),
)
"""Numbers that are no marks out of ten or a hundred, and years."""
NAMES = Path(__file__).with_name("names.txt")


def name_lists() -> tuple[tuple[str, ...], ...]:
    """Lists of names.txt: each of words that share a row, a list a paragraph."""
    lines = NAMES.read_text(encoding="utf-8").strip().split("\n")
    text = "\n".join(line for line in lines if not line.startswith("#"))
    return tuple(tuple(part.replace("\n", " ").split(", ")) for part in text.split("\n\n"))


def transposed(word: str) -> Iterator[str]:
    """The forms of ``word`` of which two neighbouring letters, not the first, changed places."""
    for i in range(1, len(word) - 1):
        if word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def telling_words(
    classifier: SentimentClassifier, texts: Iterable[str], least: float = 1.0
) -> list[str]:
    """Words of five letters and more whose logit, read alone, is ``least`` from that of nothing
    known, the commonest of ``texts`` first."""
    counts = count_words(texts)
    known = [
        word
        for word, _ in counts.most_common()
        if len(word) >= 5 and word.isascii() and word.isalpha() and _id(classifier, word)
    ]
    rows = [[_id(classifier, word)] for word in known]
    logits = classifier.logits([[UNKNOWN_ID], *rows])
    nothing = logits[0][0]
    return [
        word for word, row in zip(known, logits[1:], strict=True) if abs(row[0] - nothing) >= least
    ]


def _id(classifier: SentimentClassifier, word: str) -> int:
    found = classifier.encoder.word_id(word)
    return 0 if found == UNKNOWN_ID else found


def with_rows(
    begun: checkpoint.Checkpoint, more: dict[str, str], alike: Sequence[Sequence[str]] = ()
) -> checkpoint.Checkpoint:
    """The checkpoint with new words, each with the row of a known one, and lists that share a row.

    ``more`` gives the known word of each new one; of ``alike`` words that are not known are left.
    """
    vocabulary = begun.encoder.tokenizer.get_vocab()
    ordered = sorted(vocabulary, key=vocabulary.__getitem__)[2:]
    fresh = [word for word in more if word not in vocabulary and words(word) == [word]]
    encoder = TextEncoder(new_tokenizer([*ordered, *fresh]))
    rows = begun.model.embedding.weight.detach()  # (V, E)
    sources = [begun.encoder.word_id(more[word]) for word in fresh]
    table = torch.cat([rows, rows[sources]])  # (V + N, E)
    for group in alike:
        places = [place for word in group if (place := encoder.word_id(word)) != UNKNOWN_ID]
        if places:
            table[places] = table[places].mean(dim=0)
    config = replace(begun.config, vocab_size=encoder.vocabulary_size)
    state = {**begun.model.state_dict(), checkpoint.EMBEDDING: table}
    model = build(config)
    model.load_state_dict(state)
    return replace(begun, model=model, config=config, encoder=encoder)


def rows_command(
    weights: Annotated[Path, typer.Argument(help="Checkpoint folder.")],
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")],
    misspelt: Annotated[int, typer.Option(help="Most misspelt forms to add as words.")] = 7_000,
) -> None:
    """Let names share a row, and give misspelt forms of telling words that of their word."""
    begun = checkpoint.load(weights)
    classifier = SentimentClassifier(begun.model, begun.encoder)
    telling = telling_words(classifier, (one.text for one in written_examples()))
    forms = [(form, word) for word in telling for form in transposed(word)]
    known = begun.encoder.tokenizer.get_vocab()
    more = dict(reversed([pair for pair in forms if pair[0] not in known][:misspelt]))
    names = name_lists()
    for group in names:
        one = next((name for name in group if name in known), None)
        if one is not None:
            more |= {name: one for name in group if name not in known}
    found = with_rows(begun, more, [*names, *NUMBERS])
    checkpoint.save(out, found.model, found.config, found.encoder, int8=True)
    typer.echo(
        f"{found.encoder.vocabulary_size:,} words, {len(more):,} of them new: names, and forms of "
        f"{len(telling):,} telling words with two letters transposed"
    )
