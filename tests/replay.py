"""Replay the sentence in words on many real texts: every claim against numbers found afresh.

    python -m tests.replay TEXTS.parquet --first 0 --count 500

reads the column "text" of a parquet file (only sentences, where a treebank says which are), in a
fixed order, and prints how many claims of each kind held; each that does not is printed as a fault.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import torch
import typer

import sentiment
from tests.test_explain_account import replayed


def main(
    path: Annotated[Path, typer.Argument(help="A parquet file with a column of texts.")],
    first: Annotated[int, typer.Option(help="The first text, in the order drawn.")] = 0,
    count: Annotated[int, typer.Option(help="How many texts.")] = 500,
    most: Annotated[int, typer.Option(help="The longest text, in characters.")] = 300,
    seed: Annotated[int, typer.Option(help="Of the order.")] = 13,
) -> None:
    """Replay every claim about the texts, and exit with 1 where one is false."""
    torch.set_num_threads(1)
    table = pq.read_table(path).to_pydict()
    whole = table.get("is_sentence", [True] * len(table["text"]))
    texts = sorted(
        {one for one, kept in zip(table["text"], whole, strict=True) if kept and len(one) <= most}
    )
    random.Random(seed).shuffle(texts)
    classifier, kinds, faults = sentiment.load(), Counter[str](), 0
    chosen = [one for one in texts if classifier.encoder.encode(one).ids][first : first + count]
    for text in chosen:
        try:
            kinds.update(replayed(classifier, [text]))
        except AssertionError as error:
            faults += 1
            print(f"FALSE: {text!r}: {error}")
    print(f"{len(chosen)} texts, {faults} false:", dict(kinds.most_common()))
    sys.exit(bool(faults))


if __name__ == "__main__":
    typer.run(main)
