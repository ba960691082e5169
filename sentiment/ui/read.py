"""The Read panel: a verdict, and word by word how it came about. Drawn by scripts/read.js."""

from __future__ import annotations

from sentiment.ui.drawn import drawn


def build() -> None:
    """Add the panel to the tab that is being built."""
    drawn("read")
