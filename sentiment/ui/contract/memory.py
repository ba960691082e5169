"""What the Memory panel is sent: gates and cells, what is kept, and how far back it reaches."""

from __future__ import annotations

from typing import TypedDict

from sentiment.ui.contract.words import Numbers, TokenShown


class CellLedger(TypedDict):
    """What each word wrote into the cell and what is left of it at the end, (T,) each."""

    written: Numbers
    kept: Numbers
    shares: Numbers
    residual: float


class Reach(TypedDict):
    """Gradient norms at every word, (T,) each."""

    cell: Numbers | None
    forget: Numbers | None
    full: Numbers
    twin_hidden: Numbers | None
    twin_full: Numbers | None
    note: str


class Memory(TypedDict):
    """Gates, cells and hidden states of some units at some words, (units, words) each."""

    text: str
    tokens: list[TokenShown]
    start: int
    stop: int
    hidden: int
    units: list[int]
    worth: Numbers
    states: dict[str, list[Numbers]]
    means: dict[str, Numbers]
    before: Numbers
    gates_residual: float
    ledger: CellLedger
    reach: Reach
