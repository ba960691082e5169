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
from train import __main__ as training
from train.data.labelled import labelled_data
from train.data.tables import DataError, NoSplitError
from train.data.vocabulary import load_vectors

TREE = (CheckpointError, HubError, TableError, EmptyTextError, RefusedError, DataError)


def test_every_expected_fault_has_one_root() -> None:
    assert sentiment.SentimentError is SentimentError
    for kind in TREE:
        assert kind.__bases__ == (SentimentError,)
    assert issubclass(BusyError, RefusedError)
    assert issubclass(NoSplitError, DataError)


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


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        (ValueError("a fault of the program"), ValueError),
        (DataError("a fault of the person"), SystemExit),
        (HubError("a fault of the person"), SystemExit),
        (PermissionError("a fault of the person"), SystemExit),
    ],
)
def test_training_tells_the_two_kinds_apart(
    fault: Exception, ending: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise fault

    monkeypatch.setattr(training, "app", broken)
    with pytest.raises(ending, match=str(fault)):
        training.main()


def test_a_damaged_dev_file_is_not_taken_for_none(tmp_path: Path) -> None:
    lines = "".join(f"text {i},{i % 2}\n" for i in range(40))
    (tmp_path / "train.csv").write_text("text,label\n" + lines)
    assert labelled_data(str(tmp_path)).dev
    (tmp_path / "dev.csv").write_bytes(b"")
    with pytest.raises(DataError, match=r"dev\.csv"):
        labelled_data(str(tmp_path))


@pytest.mark.parametrize("line", ["the 0.1 oops", "the 0.1", "\xff"])
def test_a_line_that_is_no_vector_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(f"a 0.1 0.2\n{line}\n", encoding="latin-1")
    with pytest.raises(DataError, match=r"vectors\.txt: line"):
        load_vectors(path)
