"""What the page is sent of its stories."""

from __future__ import annotations

from typing import TypedDict


class StepTold(TypedDict):
    """A step of a story: what is said, what is shown, and whether it is so of this model."""

    says: str
    holds: bool
    text: str | None
    compare: str | None
    panel: str
    head: int | None
    word: int | None
    phrase: list[int] | None
    padding: int | None
    picture: str | None
    look: str | None


class StoryTold(TypedDict):
    """A story with the loaded model's numbers in it."""

    name: str
    title: str
    steps: list[StepTold]


class StoryListed(TypedDict):
    """A story, as the list of them has it."""

    name: str
    title: str
    about: str
