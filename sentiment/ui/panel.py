"""What the page asks of a panel: one object, listed once in ``panels``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sentiment.ui.answers import Answered, Reader

PANELS_FOLDER = Path(__file__).parent / "panels"


def always(reader: Reader) -> bool:
    """A panel for models of every kind."""
    return True


def nothing_asked(reader: Reader) -> list[Answered]:
    """The functions of a panel whose scripts ask nothing of their own."""
    return []


@dataclass(frozen=True)
class Panel:
    """A tab of the page.

    ``name`` stands in the address (``?panel=``) and names the script ``panels/<name>.js``, which
    draws the panel; ``title`` is the tab's. ``build`` adds the panel's elements to the tab that is
    being built; ``functions`` gives the server functions that the script calls by name.
    ``about_sentence`` says whether the panel is about the sentence that the bar above it holds,
    ``offered`` whether it is there for the reader's model.
    """

    name: str
    title: str
    build: Callable[[Reader], None]
    functions: Callable[[Reader], list[Answered]] = nothing_asked
    about_sentence: bool = False
    offered: Callable[[Reader], bool] = always

    @property
    def script(self) -> Path:
        """The script that draws the panel."""
        return PANELS_FOLDER / f"{self.name}.js"
