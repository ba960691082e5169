"""What labels and ratings mean: names however they are spelled, numbers, one scale of ratings."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sentiment.records import Recipe
from train.data.tables import DataError

MAX_LABELS = 100
POLAR = ("negative", "positive")
_POLAR_NAMES = (POLAR, ("neg", "pos"), ("false", "true"), ("no", "yes"))
_RARE = 0.02  # of the rows: a value of fewer is no end of a scale by itself
_FEW = 20  # rows below which nothing is called rare

Scale = tuple[float, float]
"""The least and the greatest rating of a scale."""
USUAL_SCALE: Scale = (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Found:
    """How often a label occurs as it is spelled, and where first: "reviews.csv, line 7"."""

    count: int
    place: str


@dataclass(frozen=True, slots=True)
class Labelling:
    """The labels' names, the target of each spelling (rows of others are left out), the scale of
    ratings if they are such, and what there is to say.
    """

    names: tuple[str, ...]
    targets: dict[Any, float]
    scale: Scale | None
    notes: tuple[str, ...]


def label_of(value: Any) -> Any:
    """A label as it is spelled, blanks around it aside; None for none."""
    if isinstance(value, str):
        return value.strip() or None
    return None if value is None or value != value else value


def number_of(value: Any) -> float | None:
    """The number that a label is or spells."""
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, str) or not re.fullmatch(r"[-+]?(\d+([.,]\d*)?|\.\d+)(e\d+)?", value):
        return None
    return float(value.replace(",", "."))


def scale_of(text: str) -> Scale:
    """The scale that "1..5" (or 1,5 or 1-5) names. Raises DataError for what names none."""
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:\.\.|,|-|:)\s*(-?\d+(?:\.\d+)?)", text.strip())
    if found is None or float(found[1]) >= float(found[2]):
        raise DataError(f"a scale is its least and its greatest rating, such as 1..5, got {text!r}")
    return float(found[1]), float(found[2])


def kept_scale(folder: Path) -> Scale | None:
    """The scale of the ratings that a checkpoint was trained on, which it keeps."""
    kept = Recipe.read(folder).settings.get("ratings")
    return scale_of(kept) if isinstance(kept, str) else None


def ratings_asked(asked: bool, scale: str | None, weights: str | None = None) -> bool | Scale:
    """Whether labels are ratings, and of which scale: the named one, or the checkpoint's."""
    if scale is not None:
        if not asked:
            raise DataError(f"{scale!r} stands for a scale of --ratings; got no --ratings")
        return scale_of(scale)
    return (kept_scale(Path(weights)) or True) if asked and weights else asked


def written(scale: Scale) -> str:
    """A scale as ``scale_of`` reads it."""
    return f"{scale[0]:g}..{scale[1]:g}"


def labelling(
    found: dict[Any, Found],
    source: str,
    *,
    labels: Sequence[str] | None = None,
    ratings: bool | Scale = False,
) -> Labelling:
    """What the labels of some data mean, from how often each occurs and where first.

    ``labels`` gives the names in the order that is wanted; ``ratings`` takes numbers for a scale
    of which the lower half is negative, the upper positive and the middle neither: True finds
    the scale from all values but rare ones far off. Raises DataError for what cannot be learnt.
    """
    if ratings is not False:
        return _ratings(found, source, None if ratings is True else ratings)
    numbers = {value: number_of(value) for value in found}
    if {str(value).casefold() for value in found} <= {"true", "false"}:
        numbers = {value: float(str(value).casefold() == "true") for value in found}
    numeric = all(number is not None for number in numbers.values())
    if labels is None and numeric and all(0 <= n <= 1 for n in numbers.values() if n is not None):
        targets = {value: number for value, number in numbers.items() if number is not None}
        return Labelling(POLAR, targets, None, (_counts(source, _names_of(targets, found)),))
    names, notes = _same(found, labels)
    counts: Counter[str] = Counter()
    for value, name in names.items():
        counts[name] += found[value].count
    if labels is None:
        ordered = _ordered(set(counts), numeric)
    else:
        ordered = tuple(labels)
        if foreign := sorted(set(counts) - set(ordered)):
            place = min((found[v].place for v, n in names.items() if n == foreign[0]), default="")
            raise DataError(
                f"{source}: labels {foreign[:5]} are none of {', '.join(ordered)} ({place})"
            )
    if not 2 <= len(ordered) <= MAX_LABELS:
        hint = "; numbers on a scale want --ratings" if numeric else ""
        raise DataError(
            f"{source}: want 2 to {MAX_LABELS} labels, got {len(ordered)} distinct: "
            f"{', '.join(ordered[:5])}{hint}"
        )
    places = {name: float(number) for number, name in enumerate(ordered)}
    targets = {value: places[name] for value, name in names.items()}
    notes = [*notes, _counts(source, {name: counts[name] for name in ordered})]
    notes += _odd(found, names, counts, source)
    if labels is None and len(ordered) == 2:
        folded = tuple(name.lower() for name in ordered)
        if folded in (*_POLAR_NAMES[:2], ("-1", "1")):
            ordered = POLAR
    return Labelling(ordered, targets, None, tuple(notes))


def _names_of(targets: dict[Any, float], found: dict[Any, Found]) -> dict[str, int]:
    counts = {"negative": 0, "between": 0, "positive": 0}
    for value, target in targets.items():
        which = "negative" if target < 0.5 else "positive" if target > 0.5 else "between"
        counts[which] += found[value].count
    return {name: count for name, count in counts.items() if count or name != "between"}


def _counts(source: str, counts: dict[str, int]) -> str:
    listed = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:MAX_LABELS])
    return f"{source}: labels {listed}"


def spelled(value: Any) -> str:
    """A label's name: whole numbers without a point."""
    number = number_of(value)
    if number is not None and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return str(value).strip()


def _same(
    found: dict[Any, Found], labels: Sequence[str] | None
) -> tuple[dict[Any, str], list[str]]:
    """Each spelling's name: of those that differ by case or blanks alone the commonest."""
    groups: dict[str, Counter[str]] = {}
    for value, one in found.items():
        name = spelled(value)
        groups.setdefault(_folded(name), Counter())[name] += one.count
    given = {_folded(name): name for name in labels or ()}
    chosen, notes = {}, []
    for folded, spellings in groups.items():
        name = min(spellings, key=lambda one: (-spellings[one], one.swapcase()))
        chosen[folded] = given.get(folded, name)
        if len(spellings) > 1:
            others = ", ".join(sorted(set(spellings) - {chosen[folded]}))
            notes.append(
                f"labels that differ by case or blanks alone are one: {others} is {chosen[folded]}"
            )
    return {value: chosen[_folded(spelled(value))] for value in found}, notes


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _odd(
    found: dict[Any, Found], names: dict[Any, str], counts: Counter[str], source: str
) -> list[str]:
    """Notes on labels so rare that they may be slips."""
    total = counts.total()
    odd = [
        name for name, count in counts.items() if total >= _FEW and count <= max(1, total // 1000)
    ]
    return [
        f"{source}: label {name!r} occurs {counts[name]} time{'s' * (counts[name] > 1)} among "
        f"{total:,} ({next(found[v].place for v in found if names[v] == name)}): a slip?"
        for name in odd[:5]
    ]


def _ordered(found: set[str], numeric: bool) -> tuple[str, ...]:
    """Numbers by size, names by the alphabet, but the bad end before neutral before the good."""
    if numeric:
        return tuple(sorted(found, key=float))
    folded = {name.lower(): name for name in found}
    for low, high in _POLAR_NAMES:
        if folded.keys() == {low, "neutral", high}:
            return folded[low], folded["neutral"], folded[high]
    return tuple(sorted(found))


def _ratings(found: dict[Any, Found], source: str, scale: Scale | None) -> Labelling:
    counts: Counter[float] = Counter()
    for value, one in found.items():
        number = number_of(value)
        if number is None or not math.isfinite(number):
            raise DataError(f"{source}: ratings must be numbers, got {value!r} ({one.place})")
        counts[number] += one.count
    named = scale is not None
    if scale is None:
        scale = typical_range(counts)
    low, high = scale
    if low == high:
        raise DataError(f"{source}: all ratings are {low:g}")
    middle = (low + high) / 2
    targets, off = {}, []
    for value, one in found.items():
        number = number_of(value) or 0.0
        if low <= number <= high:
            targets[value] = 0.5 + 0.5 * (number > middle) - 0.5 * (number < middle)
        else:
            off.append((value, one))
    if sum(one.count for _, one in off) > 0.05 * counts.total():
        value, one = off[0]
        raise DataError(
            f"{source}: ratings such as {value} ({one.place}) are off the scale {low:g} to {high:g}"
        )
    sides = {"negative": [], "neither": [], "positive": []}  # type: dict[str, list[float]]
    for number in sorted(n for n in counts if low <= n <= high):
        side = "negative" if number < middle else "positive" if number > middle else "neither"
        sides[side].append(number)
    parts = [
        f"{_listed(numbers)} {side} ({sum(counts[n] for n in numbers):,})"
        for side, numbers in sides.items()
        if numbers
    ]
    how = "" if named else ", as found"
    notes = [f"{source}: ratings {low:g} to {high:g}{how}: {'; '.join(parts)}"]
    notes += [
        f"{source}: rating {value} ({one.place}) is off the scale: {one.count} row"
        f"{'s' * (one.count > 1)} left out"
        for value, one in off[:5]
    ]
    return Labelling(POLAR, targets, scale, tuple(notes))


def _listed(numbers: list[float]) -> str:
    shown = [f"{number:g}" for number in numbers]
    return ", ".join(shown) if len(shown) <= 5 else f"{shown[0]} to {shown[-1]}"


def typical_range(counts: Counter[float]) -> Scale:
    """The range of the values, without rare ones that lie off it.

    It begins as that of the values that are not rare; a rare value widens it where it lies no
    farther off than the range is wide, or than five steps of the scale.
    """
    total = counts.total()
    values = sorted(counts)
    least = max(2, math.ceil(_RARE * total)) if total >= _FEW else 1
    common = [value for value in values if counts[value] >= least] or values
    low, high = common[0], common[-1]
    steps = [b - a for a, b in pairwise(common)]
    step = min(steps, default=1.0)
    for value in sorted(values, key=lambda one: max(low - one, one - high)):
        if max(low - value, value - high) <= max(high - low, 5 * step):
            low, high = min(low, value), max(high, value)
    return low, high
