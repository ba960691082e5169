"""A short form of ``python -m tests.crash``: every damage once, a few kills each."""

from __future__ import annotations

import pytest

from tests.crash import DAMAGE, KINDS, OTHER, trial


@pytest.mark.parametrize("damage", [*DAMAGE, *OTHER])
def test_a_damaged_run_ends_in_the_same_bytes_or_a_reason(damage: str) -> None:
    seed = [*DAMAGE, *OTHER].index(damage)
    how, _ = trial(KINDS[seed % len(KINDS)], damage, seed, runs=5)
    assert how == "equal" or how.startswith(("cannot resume", "/"))
