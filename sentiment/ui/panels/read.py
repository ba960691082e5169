"""The Read panel: a verdict, and word by word how it came about. Drawn by read.js."""

from __future__ import annotations

from sentiment.ui.answers import Reader, server_functions
from sentiment.ui.drawn import drawn
from sentiment.ui.panel import Panel


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("read")


PANEL = Panel("read", "Read", build, server_functions, about_sentence=True)
