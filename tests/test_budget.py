"""The process's memory is bounded: long work is refused first, then ended."""

from __future__ import annotations

import pytest

from sentiment.ui.budget import VARIABLE, Budget, budget, resident, trim
from sentiment.ui.limits import BusyError


def test_the_budget_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert budget() == 1_000_000_000
    monkeypatch.setenv(VARIABLE, "2500")
    assert budget() == 2_500_000_000
    for wrong in ("much", "-5", "10"):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(ValueError, match="megabytes"):
            budget()


def test_long_work_is_refused_first_and_ended_last() -> None:
    held, done = [500], list[str]()
    watched = Budget(
        lambda: done.append("forget"), lambda: done.append("end"), most=1000, held=lambda: held[0]
    )
    watched.check()
    watched.look()
    assert done == []
    held[0] = 900
    with pytest.raises(BusyError, match="memory"):
        watched.check()
    watched.look()
    assert done == ["forget"]
    held[0] = 990
    watched.look()
    assert done == ["forget", "end", "forget"]


@pytest.mark.parametrize(("told", "refused"), [("", False), ("1000", True)])
def test_large_libraries_leave_room_where_no_budget_is_told(
    monkeypatch: pytest.MonkeyPatch, told: str, refused: bool
) -> None:
    """torch with CUDA holds 870 MB before anybody asks: every explanation was refused."""
    monkeypatch.setenv(VARIABLE, told)
    watched = Budget(lambda: None, lambda: None, held=lambda: 870_000_000)
    watched.settle()
    if refused:
        with pytest.raises(BusyError):
            watched.check()
    else:
        watched.check()


def test_free_memory_is_given_back() -> None:
    trim()
    before = resident()
    held = [bytes(60_000) for _ in range(2_000)]  # below what malloc maps by itself
    kept = held[::500]
    grown = resident()
    assert grown > before + 60_000_000
    del held
    trim()
    assert resident() < before + 60_000_000
    assert kept
