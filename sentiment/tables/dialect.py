"""What separates and quotes the fields of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = {"csv": ",", "tsv": "\t"}
SAMPLE_LINES = 400
_SEP_LINE = re.compile(r'^"?sep=(.)"?[\r\n]*$', re.IGNORECASE)
_DATA = re.compile(
    r"[-+]?\d+([.,]\d+)*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\S+@\S+\.\S+|https?://\S+"
)
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "blank"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How lines are cut into fields.

    ``quotes`` is False where a quotation mark is a character like others, ``backslash`` tells that
    a mark in a quoted field has a backslash before it rather than a second mark, ``skip_space``
    that a blank stands behind delimiters, ``skip`` how many lines stand before the header, of
    which ``above`` are a title and the like.
    """

    delimiter: str = ","
    quotes: bool = True
    backslash: bool = False
    skip_space: bool = False
    skip: int = 0
    above: int = 0


def sep_line(line: str) -> str | None:
    """The delimiter that Excel's line ``sep=;`` names."""
    found = _SEP_LINE.match(line)
    return found[1] if found else None


def looks_like_data(header: Sequence[str]) -> bool:
    """Whether a first line holds what no header does: numbers, dates, links, long texts."""
    filled = [name for name in header if name]
    return any(len(name) > 80 or _DATA.fullmatch(name) for name in filled)
