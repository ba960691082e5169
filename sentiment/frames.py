"""Explanations and comparisons as pandas tables, for those who have pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sentiment.errors import SentimentError
from sentiment.values import AlignedTokens, Token, TokenScores

if TYPE_CHECKING:
    import pandas


def frame(columns: Mapping[str, Sequence[Any]]) -> pandas.DataFrame:
    """A table of named columns. Raises SentimentError where pandas is not installed."""
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise SentimentError("to_frame wants pip install pandas") from error
    return pandas.DataFrame(dict(columns))


def token_columns(tokens: Sequence[Token]) -> dict[str, list[Any]]:
    """The words, their spans in the text, and whether the vocabulary holds them."""
    return {
        "token": [token.text for token in tokens],
        "start": [token.start for token in tokens],
        "end": [token.end for token in tokens],
        "known": [token.known for token in tokens],
    }


def lane_columns(lanes: Sequence[TokenScores]) -> dict[str, Sequence[float]]:
    """One column a lane, under its name."""
    return {lane.name: lane.scores.tolist() for lane in lanes}


def row_columns(
    rows: Sequence[AlignedTokens], first: Sequence[Token], second: Sequence[Token]
) -> dict[str, list[Any]]:
    """The rows of an alignment: their kind, and the word of each side, None where it has none."""
    return {
        "kind": [row.kind for row in rows],
        "first": [None if row.first is None else first[row.first].text for row in rows],
        "second": [None if row.second is None else second[row.second].text for row in rows],
    }
