"""Stories: short guided readings, each a file that a lecturer can add to.

A story is a TOML file in ``stories``, told in the order of the file names. Its ``sentences`` are
sets of named texts: the first set of which every claim of every step is true of the loaded model
is told, else the first, and each step then says whether its claims hold. What a step says may
hold ``{name}`` for a text and ``{measure:name}`` for a figure of the model on it; a claim compares
two of these, or one with a number or a word. ``measures.py`` has the measures.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sentiment.classifier import SentimentClassifier
from sentiment.errors import SentimentError
from sentiment.ui.contract import StepTold, StoryTold
from sentiment.ui.measures import Measured

FOLDER = Path(__file__).parent / "stories"
_NUMBER = re.compile(r"[-+]?[\d.]+(?:/\d+)?")
_BRACED = re.compile(r"\{([^{}]+)\}")
_CLAIM = re.compile(r"(.+?) (<|>|=|!=) (.+)")
_STEP_NAMES = {
    "says", "sentence", "panel", "compare", "head", "word", "phrase", "padding", "picture", "look",
    "claims"
}  # fmt: skip
LOOKS = ("stage", "network", "kept", "reach", "drift")
"""Parts of the page that a step can be about: they are brought into sight above it."""


class StoryError(SentimentError):
    """A story's file that cannot be told, with what is wrong in it."""


@dataclass(frozen=True)
class Step:
    """One step: what is said, and what the page shows meanwhile.

    ``sentence`` and ``compare`` are names of texts; ``head`` and ``word`` are words of the
    sentence, ``phrase`` some of its words in a row. ``picture`` is one of the drawn ones, ``look``
    one of ``LOOKS``.
    """

    says: str
    claims: tuple[str, ...]
    sentence: str | None = None
    compare: str | None = None
    panel: str = "read"
    head: str | None = None
    word: str | None = None
    phrase: str | None = None
    padding: int | None = None
    picture: str | None = None
    look: str | None = None


@dataclass(frozen=True)
class Story:
    """A story as its file has it; ``name`` is the file's, without number and ending."""

    name: str
    title: str
    about: str
    sentences: tuple[Mapping[str, str], ...]
    steps: tuple[Step, ...]


@cache
def stories() -> tuple[Story, ...]:
    """All stories, in the order of their files. Raises StoryError."""
    return tuple(parse(path) for path in sorted(FOLDER.glob("*.toml")))


def parse(path: Path) -> Story:
    """A story's file. Raises StoryError for what is missing in it, or not known."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        steps = tuple(_step(step) for step in told["steps"])
        sentences = tuple(dict(each) for each in told.get("sentences", [{}]))
        name = re.sub(r"^\d+-", "", path.stem)
        story = Story(name, told["title"], told["about"], sentences, steps)
    except (KeyError, TypeError, ValueError) as error:
        raise StoryError(f"{path.name}: {error!r}") from error
    for each in sentences:
        for step in steps:
            for named in (step.sentence, step.compare):
                if named is not None and named not in each:
                    raise StoryError(f"{path.name}: no sentence {named!r} among {sorted(each)}")
    return story


def _step(step: dict[str, Any]) -> Step:
    if unknown := set(step) - _STEP_NAMES:
        raise ValueError(f"a step has {sorted(_STEP_NAMES)}, got {sorted(unknown)}")
    if step.get("look", LOOKS[0]) not in LOOKS:
        raise ValueError(f"look is one of {LOOKS}, got {step['look']!r}")
    return Step(**{**step, "claims": tuple(step.get("claims", ()))})


def told(story: Story, classifier: SentimentClassifier) -> StoryTold:
    """The story with the loaded model's own numbers, and whether each step is true of it."""
    best: StoryTold | None = None
    for sentences in story.sentences:
        measured = Measured(classifier, sentences)
        steps = [_told(step, sentences, measured) for step in story.steps]
        answer: StoryTold = {"name": story.name, "title": story.title, "steps": steps}
        if all(step["holds"] for step in steps):
            return answer
        best = best or answer
    if best is None:
        raise StoryError(f"{story.name} has no sentences")
    return best


def holds(claim: str, measured: Measured) -> bool:
    """Whether a claim is true. Raises StoryError for one of no known form."""
    match = _CLAIM.fullmatch(claim)
    if match is None:
        raise StoryError(f"a claim is “a < b”, “a > b”, “a = b” or “a != b”, got {claim!r}")
    first, sign, second = _operand(match[1], measured), match[2], _operand(match[3], measured)
    if sign in "<>":
        if isinstance(first, str) or isinstance(second, str):
            raise StoryError(f"words have no order: {claim!r}")
        return first < second if sign == "<" else first > second
    return (first == second) == (sign == "=")


def _operand(text: str, measured: Measured) -> float | str:
    if ":" in text:
        return measured.value(text)
    if _NUMBER.fullmatch(text):
        over, _, under = text.partition("/")
        return float(over) / float(under or 1)
    return text


def _told(step: Step, sentences: Mapping[str, str], measured: Measured) -> StepTold:
    text = sentences[step.sentence] if step.sentence else None

    def filled(match: re.Match[str]) -> str:
        inside = match[1]
        return measured.shown(inside) if ":" in inside else sentences[inside]

    return {
        "says": _BRACED.sub(filled, step.says),
        "holds": all(holds(claim, measured) for claim in step.claims),
        "text": text,
        "compare": sentences[step.compare] if step.compare else None,
        "panel": step.panel,
        "head": measured.place(text, step.head),
        "word": measured.place(text, step.word),
        "phrase": _span(measured, text, step.phrase),
        "padding": step.padding,
        "picture": step.picture,
        "look": step.look,
    }


def _span(measured: Measured, text: str | None, phrase: str | None) -> list[int] | None:
    if text is None or phrase is None:
        return None
    words: Sequence[str] = phrase.split()
    first = measured.place(text, words[0])
    last = measured.place(text, words[-1])
    return None if first is None or last is None else [first, last + 1]
