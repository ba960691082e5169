"""The one palette: orange for negative, blue for positive, on the page and in the export."""

from __future__ import annotations

LIGHT = {
    "negative": "#b4530a",
    "positive": "#1d5fbf",
    "zero": "#475569",
    "zone": "#64748b2b",
    "ink": "#1e293b",
    "quiet": "#475569",
    "faint": "#6b7280",
    "line": "#d5dce6",
    "card": "#f8fafc",
    "page": "#ffffff",
    "mark": "#0f172a",
}
DARK = {
    "negative": "#f59e4b",
    "positive": "#7db3ff",
    "zero": "#a9b6c8",
    "zone": "#94a3b833",
    "ink": "#e2e8f0",
    "quiet": "#a9b6c8",
    "faint": "#8190a5",
    "line": "#3b4a60",
    "card": "#172033",
    "page": "#0b1120",
    "mark": "#f8fafc",
}


def variables(colors: dict[str, str]) -> str:
    """The colours as CSS variables, for the inside of a rule."""
    return " ".join(f"--{name}: {color};" for name, color in colors.items())


PAGE_CSS = f":root {{ {variables(LIGHT)} }}\n.dark {{ {variables(DARK)} }}\n"
"""For a page that sets the class ``dark`` itself, as Gradio's does."""

DOCUMENT_CSS = f""":root {{ {variables(LIGHT)} color-scheme: light; }}
@media (prefers-color-scheme: dark) {{
  :root {{ {variables(DARK)} color-scheme: dark; }}
}}
"""
"""For a document that follows the reader's system."""
