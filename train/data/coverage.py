"""How well the tokenizer fits real text: SST's own splits, and unknown words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from sentiment.classifier import load
from sentiment.options import ReadingOptions, grouped
from sentiment.text import UNKNOWN_ID
from train.data.tables import DataError, column, load_table


@dataclass(frozen=True, slots=True)
class CoverageOptions:
    """Which texts are looked at."""

    source: Annotated[str, typer.Option("--data", help="Folder, file or Hub id.")]
    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text"
    split: Annotated[str, typer.Option(help="Split of a folder or data set.")] = "dev"


@grouped
def coverage(asked: CoverageOptions, reading: ReadingOptions) -> None:
    """Share of sentences split as SST splits them, and of tokens that the vocabulary holds."""
    encoder = load().encoder
    table = load_table(asked.source, asked.split, reading=reading.rules)
    texts = column(table, asked.text_column, asked.source)
    if "is_sentence" in table:
        texts = [t for t, whole in zip(texts, table["is_sentence"], strict=True) if whole]
        same = sum(
            [token.text for token in encoder.encode(text).tokens] == text.split(" ")
            for text in texts
        )
        typer.echo(f"sentences split as SST splits them: {100 * same / len(texts):.2f} %")
    ids = encoder.ids_batch([text for text in texts if isinstance(text, str)])
    unknown = sum(sentence.count(UNKNOWN_ID) for sentence in ids)
    tokens = sum(len(sentence) for sentence in ids)
    if not tokens:
        raise DataError(f"{asked.source} has no word under {asked.text_column!r}")
    typer.echo(f"known tokens: {100 * (1 - unknown / tokens):.2f} % of {tokens:,}")
