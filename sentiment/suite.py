"""The sentences of the behavioural suite, read from suite.txt and minimal_pairs.txt.

suite.txt says in its head how a line is written. Slots are filled with every filler, so that the
suite is always the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

EXPECTATIONS = ("negative", "positive", "neutral", "not negative", "not positive")

_SLOT = re.compile(r"\{([\w ]+(?:\|[\w ]*)*)\}")
_FILLERS = re.compile(r"\{([\w ]+)\} = (.+)")
_HEADER = re.compile(r"\[(.+?)\] (.+)")
_SENTENCE = re.compile(
    rf"(opposite|{'|'.join(EXPECTATIONS)})(?: (typo)| ~(\d\.\d+))?: (.+?)(?: => (.+))?"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A text with what must hold of it.

    "negative", "neutral" and "positive" are readings, "not negative" and "not positive" the two
    others. With a ``reference`` the text must also have the reading of that text, and with a
    ``tolerance`` a probability no further from its than that.
    """

    text: str
    expectation: str
    reference: str | None = None
    tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """A named group of cases that test one thing."""

    name: str
    description: str
    cases: tuple[Case, ...]


@cache
def suite() -> tuple[Capability, ...]:
    """The whole suite, always the same."""
    return tuple(parse(_file("suite.txt")))


def parse(text: str) -> Iterator[Capability]:
    """The capabilities of a suite's text. Raises ValueError for a line of no known form."""
    fillers: dict[str, tuple[str, ...]] = {}
    head: re.Match[str] | None = None
    cases: dict[Case, None] = {}
    # Fillers first: a list may stand below the sentence that uses it.
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for line in lines:
        if match := _FILLERS.fullmatch(line):
            fillers[match[1]] = tuple(word.strip() for word in match[2].split(","))
    for line in lines:
        if _FILLERS.fullmatch(line):
            continue
        if match := _HEADER.fullmatch(line):
            if head:
                yield Capability(head[1], head[2], tuple(cases))
            head, cases = match, {}
        elif head and (match := _SENTENCE.fullmatch(line)):
            cases.update(dict.fromkeys(_cases(match, fillers)))
        else:
            raise ValueError(f"not a line of a suite: {line!r}")
    if head:
        yield Capability(head[1], head[2], tuple(cases))


def _cases(line: re.Match[str], fillers: Mapping[str, tuple[str, ...]]) -> Iterator[Case]:
    expectation, typo, tolerance, template, changed = line.groups()
    if expectation == "opposite":
        yield from _opposites(template, fillers["good"], fillers["bad"])
        return
    for reference, text in _filled(template, fillers):
        if changed:
            yield Case(changed, expectation, text)
        elif typo:
            yield Case(swapped(text), expectation, text)
        else:
            yield Case(text, expectation, reference, float(tolerance) if tolerance else None)


def _filled(
    template: str, fillers: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str | None, str]]:
    """Each text of a template, with the one that it is compared with where a slot is varied."""
    slots = list(dict.fromkeys(_SLOT.findall(template)))
    varied = [slot for slot in slots if "|" in slot]
    plain = [slot for slot in slots if "|" not in slot]
    for words in product(*(fillers[slot] for slot in plain)):
        text = template
        for slot, word in zip(plain, words, strict=True):
            text = text.replace("{" + slot + "}", word)
        if not varied:
            yield None, with_article(text)
            continue
        for group in varied[0].split("|"):
            if not group:
                continue
            first, *others = (
                with_article(text.replace("{" + varied[0] + "}", word)) for word in fillers[group]
            )
            yield from ((first, other) for other in others)


def _opposites(template: str, good: tuple[str, ...], bad: tuple[str, ...]) -> Iterator[Case]:
    """A sentence about ``{a}`` that turns into ``{b}``, both ways."""
    for number in range(4):
        praise, blame = good[number * 2], bad[(number * 3 + 1) % len(bad)]
        yield Case(with_article(template.format(a=praise, b=blame)), "negative")
        yield Case(with_article(template.format(a=blame, b=praise)), "positive")


def with_article(text: str) -> str:
    """``text`` with "an" before a vowel and "a" before another letter."""
    text = re.sub(r"\b([Aa]) (?=[aeioAEIO]|[Uu]n(?!i))", r"\1n ", text)
    return re.sub(r"\b([Aa])n (?=[^aeiouAEIOU\W]|uni)", r"\1 ", text)


def swapped(text: str) -> str:
    """``text`` with the two middle letters of its longest word in each other's place."""
    longest = max(re.finditer(r"[^\W\d_]+", text), key=lambda match: len(match[0]))
    middle = longest.start() + len(longest[0]) // 2
    places = [i for i in range(middle, longest.start(), -1) if text[i - 1] != text[i]]
    i = places[0]
    return text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :]


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if " | " not in line or line.startswith("#"):
            continue
        praise, negated, *words = line.split(" | ")
        for word in words[0].split(", ") if words else ("",):
            yield with_article(praise.format(word)), with_article(negated.format(word))


MINIMAL_PAIRS: tuple[tuple[str, str], ...] = tuple(_pairs(_file("minimal_pairs.txt")))
"""Sentences of praise, each with its negation."""
