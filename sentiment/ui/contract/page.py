"""What the whole page is sent: its settings, and refusals of any question."""

from __future__ import annotations

from typing import TypedDict

from sentiment.ui.contract.read import Reading
from sentiment.ui.contract.stories import StoryListed


class LaneShown(TypedDict):
    """A row of numbers under the words."""

    name: str
    title: str
    term: str
    unit: str
    signed: bool
    at_once: bool
    plain: str


class PanelShown(TypedDict):
    """A panel, as scripts know it."""

    name: str
    title: str
    about_sentence: bool


class Limits(TypedDict):
    """What may be asked at once."""

    characters: int
    tokens: int
    studied: int
    padding: int
    window: int


class Settings(TypedDict):
    """What the scripts need to know of the model and the page."""

    first: Reading
    examples: list[str]
    lanes: list[LaneShown]
    scales: dict[str, float]
    labels: list[str]
    between: str
    language: str | None
    hidden: int
    baselines: list[str]
    panels: list[PanelShown]
    limits: Limits
    stories: list[StoryListed]
    twin: bool
    neutral_zone: list[float]
    space: str | None
    revision: str


class Refusal(TypedDict, total=False):
    """Set where a question was not answered.

    ``busy`` says that asking again helps, after ``seconds`` where that can be told.
    """

    message: str
    busy: bool
    seconds: int
    gone: bool
