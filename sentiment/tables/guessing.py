"""A table's dialect, guessed from its first lines.

A candidate is good in so far as lines have the header's number of fields under it: the pattern
score of CleverCSV (van den Burg et al. 2019, arXiv:1811.11242) without its types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sentiment.tables.delimited import records
from sentiment.tables.dialect import DELIMITERS, Dialect, sep_line
from sentiment.tables.header import MOST_ABOVE, rows_above, rows_are_named
from sentiment.tables.options import ReadOptions

_QUOTED = '"[^"]*"'
CANDIDATES = (",", ";", "\t", "|")


def guess(sample: Sequence[str], kind: str, options: ReadOptions) -> Dialect:
    """The dialect of a table's first lines; ``kind``, csv or tsv, decides between equals."""
    named = sep_line(sample[0]) if sample else None
    first = int(named is not None)
    delimiter = options.delimiter or named
    if options.skip_rows is not None:
        above = min(options.skip_rows, len(sample) - first)
    else:
        above = _above(sample[first:], delimiter) if options.header else 0
    lines = [line for line in sample[first + above :] if line.strip()]
    if delimiter is None:
        delimiter = _delimiter(lines, DELIMITERS.get(kind, ","))
    found = Dialect(delimiter)
    if any(re.search(re.escape(delimiter) + ' +"', line) for line in lines):
        spaced = replace(found, skip_space=True)
        if _score(lines, spaced)[0] >= _score(lines, found)[0]:
            found = spaced
    if any('\\"' in line for line in lines):
        escaped = replace(found, backslash=True)
        ranks = [(_score(lines, one)[0], -_misfits(lines, one)) for one in (found, escaped)]
        if ranks[1] > ranks[0]:
            found = escaped
    if delimiter == "\t" and not found.backslash and not _is_quoted(lines):
        found = replace(found, quotes=False)
    return replace(found, skip=first + above, above=above)


def _above(sample: Sequence[str], delimiter: str | None) -> int:
    """How many lines stand above the header; blank ones before a table count where others do."""
    kept = [i for i, line in enumerate(sample[: 2 * MOST_ABOVE]) if line.strip()]
    for candidate in CANDIDATES if delimiter is None else (delimiter,):
        found = [records([sample[i]], Dialect(candidate), None) for i in kept]
        if above := rows_above([one[0].fields if one else [] for one in found], cells=False):
            return kept[above]
    return 0


def _delimiter(lines: list[str], usual: str) -> str:
    ranked = sorted(CANDIDATES, key=lambda candidate: candidate != usual)
    scored = [(_score(lines, Dialect(candidate)), candidate) for candidate in ranked]
    best, candidate = max(scored, key=lambda one: one[0])  # the first of equals
    if best[0] > 0:
        return candidate
    return " " if blanks_separate(lines) else usual


def blanks_separate(lines: Sequence[str], *, surely: bool = False) -> bool:
    """Whether lines are a table as R's ``write.table`` writes one: fields in quotation marks with
    a blank between them, as many in every row.

    ``surely`` wants marks around all names of the header, for texts have quotations, too.
    """
    dialect = Dialect(" ", backslash=any('\\"' in line for line in lines))
    found = records([line for line in lines if line.strip()], dialect, None)
    if len(found) < 3 or any(one.loose or one.error for one in found[:-1]):
        return False
    found = found[:-1] if len(found) > 3 else found
    names = " ?" + _QUOTED + f"( {_QUOTED})+" if surely else f".*{_QUOTED}.*"
    if not re.fullmatch(names, (found[0].text or "").rstrip("\r\n")):
        return False
    width = len(found[0].fields) + rows_are_named(found)
    return width > 1 and all(len(one.fields) == width for one in found[1:])


def _score(lines: list[str], dialect: Dialect) -> tuple[float, int]:
    """Share of the records with the header's number of fields, if those are two or more."""
    found = records(lines, dialect, None)
    if len(found) > 2:
        found.pop()  # the sample's end may have cut it
    if not found or len(found[0].fields) < 2:
        return 0.0, 0
    width = len(found[0].fields)
    if rows_are_named(found):
        return 1.0, width + 1
    whole = [one for one in found if not one.loose and _is_of(one.fields, width)]
    return round(len(whole) / len(found), 2), width


def _misfits(lines: list[str], dialect: Dialect) -> int:
    """How many rows, the last with them, lack fields or have marks that no writer makes."""
    found = records(lines, dialect, None)
    width = len(found[0].fields) + rows_are_named(found)
    return sum(one.loose or not _is_of(one.fields, width) for one in found[1:])


def _is_of(fields: list[str], width: int) -> bool:
    """Whether a row has so many fields, surplus empty ones at its end aside."""
    return len(fields) >= width and not any(fields[width:])


def _is_quoted(lines: list[str]) -> bool:
    """Whether every mark in these lines of a tsv is one that a writer of quotes makes."""
    found = records(lines, Dialect("\t"), None)
    if any(one.loose for one in found[:-1]):
        return False
    text = "".join(lines)
    marked = (field for one in found for field in one.fields if '"' in field)
    return all('"' + field.replace('"', '""') + '"' in text for field in marked)
