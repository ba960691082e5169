"""How well the tokenizer fits real text: SST's own splits, and unknown words."""

from __future__ import annotations

from typing import Annotated

import typer

from sentiment.classifier import load
from sentiment.text import UNKNOWN_ID
from train.data.tables import load_table


def coverage(
    source: Annotated[str, typer.Option("--data", help="Folder, file or Hub id.")],
    split: Annotated[str, typer.Option(help="Split of a folder or data set.")] = "dev",
) -> None:
    """Share of sentences split as SST splits them, and of tokens that the vocabulary holds."""
    encoder = load().encoder
    table = load_table(source, split)
    texts = table["text"]
    if "is_sentence" in table:
        texts = [t for t, whole in zip(texts, table["is_sentence"], strict=True) if whole]
        same = sum(
            [token.text for token in encoder.encode(text).tokens] == text.split(" ")
            for text in texts
        )
        typer.echo(f"sentences split as SST splits them: {100 * same / len(texts):.2f} %")
    ids = encoder.ids_batch(texts)
    unknown = sum(sentence.count(UNKNOWN_ID) for sentence in ids)
    tokens = sum(len(sentence) for sentence in ids)
    typer.echo(f"known tokens: {100 * (1 - unknown / tokens):.2f} % of {tokens:,}")
