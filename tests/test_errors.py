"""Expected faults have one root and one line; a fault of the program keeps its traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import sentiment
from sentiment import scoring
from sentiment.__main__ import app
from sentiment.checkpoint import CheckpointError
from sentiment.classifier import EmptyTextError
from sentiment.errors import SentimentError
from sentiment.hub import HubError
from sentiment.tables import TableError
from sentiment.ui.limits import BusyError, RefusedError

TREE = (CheckpointError, HubError, TableError, EmptyTextError, RefusedError)


def test_every_expected_fault_has_one_root() -> None:
    assert sentiment.SentimentError is SentimentError
    for kind in TREE:
        assert kind.__bases__ == (SentimentError,)
    assert issubclass(BusyError, RefusedError)


def test_a_fault_of_the_program_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a fault of the program")

    monkeypatch.setattr(scoring, "score_file", broken)
    result = CliRunner().invoke(app, ["score", "in.csv", str(tmp_path / "out.csv")])
    assert isinstance(result.exception, ValueError)
    assert "error:" not in result.output


def test_a_fault_of_the_person_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["score", str(tmp_path / "none.csv"), str(tmp_path / "o.csv")])
    assert result.exit_code == 1
    assert result.output.splitlines() == [f"error: no file at {tmp_path / 'none.csv'}"]
