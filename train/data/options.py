"""Options of every command that reads labelled texts: which columns, and a scale of ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """Where a row's text and label stand, and whether labels are a scale."""

    text_column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text"
    label_column: Annotated[
        str, typer.Option(help="Column that holds the label: names, numbers, or 0 and 1.")
    ] = "label"
    ratings: Annotated[
        bool,
        typer.Option("--ratings", help="Labels are a scale: lower half negative, upper positive."),
    ] = False
    scale: Annotated[
        str | None,
        typer.Argument(
            metavar="[LOW..HIGH]", help="The scale's ends, behind --ratings: --ratings 1..5."
        ),
    ] = None
