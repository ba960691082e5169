"""What the About panel is sent of the loaded model."""

from __future__ import annotations

from typing import Any, TypedDict


class Table(TypedDict):
    """A table of measured figures."""

    name: str
    columns: list[str]
    rows: list[list[Any]]


class AboutModel(TypedDict):
    """What is known of the loaded model."""

    revision: str
    repository: str | None
    load: str
    card: bool
    labels: list[str]
    language: str | None
    datasets: list[str]
    license: str | None
    sizes: list[list[Any]]
    tables: list[Table]
