"""The table of sets: a stopped comparison goes on, and rows are means over the seeds."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from sentiment.tables import ReadOptions
from train.__main__ import app
from train.data.tables import Columns
from train.fit.defaults import Asked
from train.measure import compare


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of the trainings that ran, each of which is right on 80 % and the seed of 20."""
    seeds: list[int] = []

    def fitted(_data: Any, _out: Path, _settings: Any, asked: Asked, **_: Any) -> SimpleNamespace:
        if asked.seed == 2 and 2 not in seeds:
            seeds.append(2)
            raise KeyboardInterrupt
        seeds.append(asked.seed)
        right = {"majority": 0.5, "TF-IDF + logistic regression": 0.7, "trained": 0.8}
        figures = {
            n: SimpleNamespace(accuracy=a + asked.seed / 20, macro_f1=0.6) for n, a in right.items()
        }
        return SimpleNamespace(
            truth=SimpleNamespace(figures=figures), figures=SimpleNamespace(macro_f1=0.75)
        )

    monkeypatch.setattr(compare, "fit", fitted)
    return seeds


def test_a_stopped_comparison_goes_on(tmp_path: Path, trainings: list[int]) -> None:
    data, out = tmp_path / "mine.csv", tmp_path / "out.jsonl"
    lines = [f"{'good' if n % 2 else 'bad'} number {n}~{n % 2}" for n in range(60)]
    data.write_text("text~label\n" + "\n".join(lines) + "\n")
    command = ["compare-baselines", "--data", str(data), "--seeds", "3", "--out", str(out)]
    command += ["--delimiter", "~"]
    assert CliRunner().invoke(app, command).exit_code != 0
    assert trainings == [0, 1, 2]
    assert len(out.read_text().splitlines()) == 2
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0, ran.output
    assert trainings == [0, 1, 2, 2]
    (found,) = compare.sets(str(data), Columns(reading=ReadOptions(delimiter="~")), None, 5000)
    row = compare.summed_up([compare.trained_once(found, n, out=out) for n in range(3)])
    assert (row["seeds"], row["rows"], row["held out"], row["labels"]) == (3, 54, 6, 2)
    assert row["accuracy: trained"] == pytest.approx(0.85)
    assert row["macro-F1: TF-IDF"] == pytest.approx(0.6)
    assert row["spread"] == pytest.approx(0.05 * (2 / 3) ** 0.5)
    assert row["accuracy: start, untrained"] is None
    data.write_text("text~label\n" + "\n".join(lines[:-1]) + "\n")  # another set
    CliRunner().invoke(app, command)
    assert trainings[4:] == [0, 1, 2]
