"""What the Report panel is sent of the behavioural suite."""

from __future__ import annotations

from typing import Any, TypedDict


class Suite(TypedDict):
    """The behavioural suite's result, as ``SuiteResult.to_dict`` lays it out."""

    revision: str
    n: int
    pass_rate: float
    score: float
    best_constant: float
    capabilities: list[dict[str, Any]]
