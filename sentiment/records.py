"""What a checkpoint folder says of its own making: training.json and metrics.json.

Both files are one dataclass each, written and read by it alone. A key that no field bears is
ignored on reading, so that files of other releases stay readable; a field of another kind than
is wanted is refused. Earlier releases wrote settings beside the other keys: numbers, names and
truths under unknown keys of training.json are therefore settings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from sentiment.errors import CheckpointError
from sentiment.vetting import read_object

TRAINING, METRICS = "training.json", "metrics.json"

Scalar = str | int | float | bool | None
Row = Mapping[str, Any]


class RecordError(CheckpointError):
    """A training.json or metrics.json that says nothing; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Source:
    """Data that were trained on: its ``name`` (file or Hub id), how many ``texts``, what for."""

    name: str
    texts: int | None = None
    role: str = "labelled texts"


@dataclass(frozen=True, slots=True)
class Teacher:
    """A model whose opinions were learnt: its ``name`` and the number of texts it labelled."""

    name: str
    labels: int


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of the training loop: what it started from, its command, settings and figures.

    ``note`` is what earlier releases wrote in place of all of that.
    """

    start: str | None = None
    command: str = ""
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """training.json: the facts of one training. None and empty mean: not known.

    ``settings`` are those of the last pass, ``examples`` the texts it learnt from,
    ``temperature`` what its logits were divided by, ``fingerprint`` the least hashes of the
    texts learnt from, by which ``train evaluate`` knows them again (never published).
    """

    data: tuple[Source, ...] = ()
    language: str | None = None
    license: str | None = None
    start: str | None = None
    vectors: str | None = None
    teachers: tuple[Teacher, ...] = ()
    examples: int | None = None
    temperature: float | None = None
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    passes: tuple[Pass, ...] = ()
    fingerprint: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Recipe:
        """The recipe in a checkpoint folder; an empty one where it has none.

        Raises RecordError for a file that is no recipe.
        """
        path = folder / TRAINING
        return cls.from_dict(_object(path), str(path))

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], name: str = TRAINING) -> Recipe:
        """The recipe in JSON values, of this release or an earlier one."""
        known = {one.name for one in fields(cls)}
        settings = {
            key: value
            for key, value in raw.items()
            if key not in known and isinstance(value, str | int | float | bool | None)
        }
        data = raw.get("data", ())
        return cls(
            data=(Source(data),)
            if isinstance(data, str)
            else tuple(
                _built(Source, row, f"{name}: data") for row in _list(data, f"{name}: data")
            ),
            **{
                key: _scalar(raw.get(key), kinds, f"{name}: {key}")
                for key, kinds in (
                    ("language", str),
                    ("license", str),
                    ("start", str),
                    ("vectors", str),
                    ("examples", int),
                    ("temperature", float),
                )
            },
            teachers=tuple(
                _built(Teacher, row, f"{name}: teachers")
                for row in _list(raw.get("teachers", ()), f"{name}: teachers")
            ),
            settings=settings | dict(_mapping(raw.get("settings", {}), f"{name}: settings")),
            passes=tuple(
                Pass(note=row) if isinstance(row, str) else _built(Pass, row, f"{name}: passes")
                for row in _list(raw.get("passes", ()), f"{name}: passes")
            ),
            fingerprint=tuple(_list(raw.get("fingerprint", ()), f"{name}: fingerprint")),
        )

    def write(self, folder: Path) -> None:
        """Write training.json into a checkpoint folder."""
        _write(folder / TRAINING, _without_empty(asdict(self)))


def language_in(folder: Path) -> str | None:
    """The language in a checkpoint folder's recipe; None where it says none, or is no recipe."""
    try:
        return Recipe.read(folder).language
    except RecordError:
        return None


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures over ``n`` texts of one split of data.

    ``log_loss`` is in nats, ``ece`` the expected calibration error; ``low`` and ``high`` bound
    the accuracy's 95 % interval, ``ece_low`` and ``ece_high`` that of the calibration error.
    ``macro_f1`` is the mean of the labels' F1. ``data`` names the data set.
    """

    n: int
    accuracy: float
    log_loss: float
    ece: float
    low: float | None = None
    high: float | None = None
    ece_low: float | None = None
    ece_high: float | None = None
    macro_f1: float | None = None
    data: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON values, without what is not known."""
        return _without_empty(asdict(self))


@dataclass(frozen=True, slots=True)
class Metrics:
    """metrics.json: everything measured of one checkpoint, by the name of what was measured.

    In the file all of it stands side by side: an object with an accuracy is a split's figures,
    another object counts something, a list of objects is a table, a list of words remarks.
    """

    splits: Mapping[str, Figures] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Metrics:
        """The metrics in a checkpoint folder; none where it has no such file.

        Raises RecordError for a file that holds no figures, or figures that are no numbers.
        """
        path = folder / METRICS
        return cls.from_dict(_object(path), str(path))

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], name: str = METRICS) -> Metrics:
        """The metrics in JSON values."""
        splits: dict[str, Figures] = {}
        counts: dict[str, Mapping[str, float]] = {}
        tables: dict[str, tuple[Row, ...]] = {}
        remarks: dict[str, tuple[str, ...]] = {}
        for key, value in raw.items():
            if isinstance(value, dict) and "accuracy" in value:
                splits[key] = _figures(value, f"{name}: {key}")
            elif isinstance(value, dict):
                counts[key] = {k: v for k, v in value.items() if _is_number(v)}
            elif isinstance(value, list) and all(isinstance(row, dict) for row in value):
                tables[key] = tuple(value)
            elif isinstance(value, list) and all(isinstance(row, str) for row in value):
                remarks[key] = tuple(value)
        return cls(splits, counts, tables, remarks)

    def to_dict(self) -> dict[str, Any]:
        """JSON values, as metrics.json holds them."""
        return {
            **{name: one.to_dict() for name, one in self.splits.items()},
            **{name: dict(one) for name, one in self.counts.items()},
            **{name: [dict(row) for row in rows] for name, rows in self.tables.items()},
            **{name: list(lines) for name, lines in self.remarks.items()},
        }

    def updated(self, other: Metrics) -> Metrics:
        """These, with what ``other`` measured in place of what bears the same name."""
        return Metrics(
            {**self.splits, **other.splits},
            {**self.counts, **other.counts},
            {**self.tables, **other.tables},
            {**self.remarks, **other.remarks},
        )

    def write(self, folder: Path) -> None:
        """Write metrics.json into a checkpoint folder."""
        _write(folder / METRICS, self.to_dict())


def _figures(raw: Mapping[str, Any], name: str) -> Figures:
    known = {one.name for one in fields(Figures)}
    for key, value in raw.items():
        if key in known - {"data"} and not (value is None or _is_number(value)):
            raise RecordError(f"{name}: {key} must be a number, got {value!r}")
    return Figures(
        **{
            **dict.fromkeys(("log_loss", "ece"), math.nan),
            "n": 0,
            **{key: value for key, value in raw.items() if key in known},
        }
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _scalar(value: Any, kind: type, name: str) -> Any:
    wanted = (int, float) if kind is float else kind
    if value is None or (isinstance(value, wanted) and not isinstance(value, bool)):
        return value
    raise RecordError(f"{name} must be of the kind {kind.__name__}, got {value!r}")


def _list(value: Any, name: str) -> Any:
    if isinstance(value, list | tuple):
        return value
    raise RecordError(f"{name} must be a list, got {value!r}")


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise RecordError(f"{name} must be an object, got {value!r}")


def _built(kind: type, row: Any, name: str) -> Any:
    """A dataclass of a JSON object's known keys."""
    known = {one.name for one in fields(kind)}
    try:
        return kind(**{k: v for k, v in _mapping(row, name).items() if k in known})
    except TypeError as error:
        raise RecordError(f"{name}: {error}") from error


def _object(path: Path) -> dict[str, Any]:
    return read_object(path) if path.is_file() else {}


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known, in the objects of its lists too."""
    return {
        key: [_without_empty(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, tuple)
        else value
        for key, value in values.items()
        if value is not None and value not in ("", (), {})
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
