"""What every kind of output shares: the columns that are added, and how parts become one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sentiment.tables import Rows, Spelling

ADDED = ("label", "leaning", "probability", "logit", "error")
ROW = "row"  # added where a shard is scored
KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class AddedColumns:
    """Which columns are added: ADDED, a probability of each of ``labels``, a number of the row."""

    numbered: bool = False
    labels: tuple[str, ...] = ()

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The columns behind those of the input."""
        return (*ADDED, *map(probability_column, self.labels))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are added, and that no column of the input keeps."""
        return (*self.verdicts, ROW) if self.numbered else self.verdicts


def probability_column(label: str) -> str:
    """The column of one label's probability."""
    return f"probability_{label}"


@dataclass(frozen=True, slots=True)
class Added:
    """The verdicts' columns of a window of rows; ``first_row`` numbers them where it is given.

    ``each`` has the probabilities of each label, where they are asked for.
    """

    labels: Sequence[str | None]
    leanings: Sequence[str | None]
    probabilities: Sequence[float | None]
    logits: Sequence[float | None]
    errors: Sequence[str | None]
    first_row: int | None = None
    each: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    @property
    def which(self) -> AddedColumns:
        """Which columns these are."""
        return AddedColumns(self.first_row is not None, tuple(self.each))

    def columns(self) -> tuple[Sequence[Any], ...]:
        """In the order of ``which.verdicts``."""
        five = (self.labels, self.leanings, self.probabilities, self.logits, self.errors)
        return (*five, *self.each.values())

    def numbers(self) -> list[int] | None:
        """The rows' numbers in the source."""
        if self.first_row is None:
            return None
        return list(range(self.first_row, self.first_row + len(self.errors)))


def kept_names(names: Iterable[str], added: Sequence[str]) -> list[str]:
    """The input's columns under names that no added column bears."""
    names = list(names)
    kept = []
    for name in names:
        if name in added:
            name = f"input_{name}"
            while name in names:
                name = f"input_{name}"
        kept.append(name)
    return kept


class Format:
    """Writes windows of rows as parts, and joins parts to one file.

    ``spelling`` says how a file of text is spelled, None where it is none.
    """

    spelling: Spelling | None = None

    def columns(self) -> list[str] | None:
        """What must outlive a stopped run."""
        return None

    def resume(self, columns: list[str] | None, first: Path) -> None:
        """Take up what a stopped run's ``columns`` gave, and its first part."""

    def write(self, file: IO[bytes], rows: Rows, added: Added) -> None:
        """Write one part."""
        raise NotImplementedError

    def begin(self, joined: IO[bytes]) -> None:
        """Write what stands before the parts."""

    def join(self, joined: IO[bytes], parts: Iterable[Path]) -> None:
        """Write all parts, one behind the other."""
        self.begin(joined)
        for part in parts:
            with part.open("rb") as piece:
                while chunk := piece.read(1 << 20):
                    joined.write(chunk)
