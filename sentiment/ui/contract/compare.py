"""What the Compare panel is sent: edits of a text, and two texts aligned."""

from __future__ import annotations

from typing import TypedDict

from sentiment.ui.contract.words import Numbers, ShortVerdict, TokenShown, Verdict


class EditShown(TypedDict):
    """An edit of a text, and why it was made."""

    kind: str
    text: str
    token: int | None
    replacement: str
    reason: str


class EditOffered(EditShown):
    """An edit with what the edited text would read."""

    verdict: ShortVerdict


class OwnPair(EditOffered):
    """The text's own minimal pair, and in words why it is this one."""

    said: str


class Edits(TypedDict):
    """The edits offered of a text, and its own minimal pair; where it has none, ``own_note``."""

    text: str
    tokens: list[TokenShown]
    offered: list[EditOffered]
    own: OwnPair | None
    own_note: str | None
    note: str | None


class SmallestEdit(TypedDict):
    """The smallest edit that turns the verdict, if one was found."""

    found: bool
    text: str
    label: str
    verdict: str
    logit: float
    edits: list[EditShown]
    candidates: str
    tried: int


class Shuffled(TypedDict):
    """The text's words in another order."""

    text: str


class Side(TypedDict):
    """One of two texts compared; ``running`` logits (T,) go out from ``bias``."""

    text: str
    verdict: Verdict
    logit: float
    target: str
    tokens: list[TokenShown]
    bias: float
    running: Numbers
    final: float


class AlignedRow(TypedDict):
    """A word against a word, or against none."""

    first: int | None
    second: int | None
    kind: str


class StatePath(TypedDict):
    """States of both texts on two axes, the zero state in front, (T + 1, 2) each."""

    first: list[list[float]]
    second: list[list[float]]
    shares: list[float]


class Compared(TypedDict):
    """Two texts aligned. ``deltas`` are second minus first of a lane by its name, (rows,) each."""

    first: Side
    second: Side
    rows: list[AlignedRow]
    deltas: dict[str, Numbers]
    distances: Numbers
    bias_delta: float
    logit_delta: float
    residual: float
    path: StatePath
