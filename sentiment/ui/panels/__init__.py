"""The panels of the page, in the order of their tabs."""

from sentiment.ui.panel import Panel
from sentiment.ui.panels import about, compare, memory, padding, read, report, score

PANELS: tuple[Panel, ...] = (
    read.PANEL,
    compare.PANEL,
    memory.PANEL,
    padding.PANEL,
    report.PANEL,
    score.PANEL,
    about.PANEL,
)
