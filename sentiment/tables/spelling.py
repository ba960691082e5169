"""How a file of text is spelled, so that what is added to it can be spelled the same way.

A row that a strict reader reads keeps the text that it came from; with what a spelling says, an
output of the same kind has the input's very bytes, and behind each row what was added.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sentiment.tables.dialect import Dialect
from sentiment.tables.encoding import Coding

END = "\r\n"
"""The characters that line ends are made of."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """What an output of the same kind takes over.

    ``above`` is the text above the header, ``header`` the header's own with its line end, None
    where there is none or where it must be written anew; ``line_end`` ends lines that are.
    ``dialect`` is None for JSON.
    """

    kind: str
    coding: Coding
    dialect: Dialect | None = None
    above: str = ""
    header: str | None = None
    line_end: str = "\n"

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        found = asdict(self)
        found["coding"]["mark"] = self.coding.mark.hex()
        return found

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Spelling:
        """What ``to_dict`` gave."""
        coding, dialect = found["coding"], found["dialect"]
        return cls(
            **{
                **found,
                "coding": Coding(**{**coding, "mark": bytes.fromhex(coding["mark"])}),
                "dialect": None if dialect is None else Dialect(**dialect),
            }
        )


def without_end(line: str) -> tuple[str, str]:
    """A record's text and its line end, "" at the end of a file that lacks it."""
    body = line.rstrip(END)
    return body, line[len(body) :]


def of_width(line: str | None, found: int, width: int, delimiter: str) -> str | None:
    """A record's text with gaps or without surplus empty fields at its end; None where such
    fields are more than delimiters.
    """
    if line is None or found == width:
        return line
    body, end = without_end(line)
    if found < width:
        return body + delimiter * (width - found) + end
    surplus = delimiter * (found - width)
    return body.removesuffix(surplus) + end if body.endswith(surplus) else None
