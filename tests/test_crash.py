"""A short form of ``python -m tests.crash`` and ``tests.crash_fit``: a few kills each."""

from __future__ import annotations

import pytest

from tests import crash_fit
from tests.crash import DAMAGE, KINDS, OTHER, trial


@pytest.mark.parametrize("damage", [*DAMAGE, *OTHER])
def test_a_damaged_run_ends_in_the_same_bytes_or_a_reason(damage: str) -> None:
    seed = [*DAMAGE, *OTHER].index(damage)
    how, _ = trial(KINDS[seed % len(KINDS)], damage, seed, runs=5)
    assert how == "equal" or how.startswith(("cannot resume", "/"))


@pytest.mark.parametrize(("work", "damage"), [("fit", "garbled"), ("stream", "none")])
def test_killed_training_ends_in_the_same_weights_or_a_reason(work: str, damage: str) -> None:
    how, _ = crash_fit.trial(work, damage, 3, runs=3)
    assert how == "equal" or "damaged" in how or "made of" in how
