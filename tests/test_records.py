"""training.json and metrics.json: what is written is read, and earlier files stay readable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentiment.classifier import DEFAULT_WEIGHTS
from sentiment.errors import CheckpointError
from sentiment.records import Figures, Metrics, Pass, Recipe, RecordError, Source, Teacher


def test_a_recipe_is_read_as_it_was_written(tmp_path: Path) -> None:
    recipe = Recipe(
        data=(Source("a", 3), Source("b")),
        language="en",
        teachers=(Teacher("t", 4),),
        temperature=0.5,
        settings={"hidden_dim": 4, "bfloat16": False},
        passes=(Pass("nothing", "python", {"seed": 1}, {"accuracy": 0.5}),),
        fingerprint=("00ff",),
    )
    recipe.write(tmp_path)
    assert Recipe.read(tmp_path) == recipe
    assert Recipe.read(tmp_path / "absent") == Recipe()
    Recipe().write(tmp_path)
    assert json.loads((tmp_path / "training.json").read_text()) == {}


def test_metrics_are_read_as_they_were_written(tmp_path: Path) -> None:
    metrics = Metrics(
        {"dev": Figures(4, 0.5, 0.7, 0.1, macro_f1=0.4)},
        {"pairs": {"n": 3}},
        {"rows": ({"name": "a", "share": 0.5},)},
        {"goals": ("one",)},
    )
    metrics.write(tmp_path)
    assert Metrics.read(tmp_path) == metrics
    assert "low" not in json.loads((tmp_path / "metrics.json").read_text())["dev"]
    other = Metrics({"dev": Figures(5, 0.6, 0.7, 0.1)})
    assert metrics.updated(other).splits["dev"].n == 5
    assert metrics.updated(other).counts == metrics.counts


def test_files_of_earlier_releases_stay_readable(tmp_path: Path) -> None:
    old = {"words": 9, "data": "mine.csv", "passes": ["one", "two"], "later": {"any": 1}}
    recipe = Recipe.from_dict(old)
    assert recipe.settings == {"words": 9}
    assert recipe.data == (Source("mine.csv"),)
    assert [one.note for one in recipe.passes] == ["one", "two"]
    metrics = Metrics.from_dict({"dev": {"accuracy": 1, "other": "x"}, "odd": 3})
    assert metrics.splits["dev"].accuracy == 1
    assert Metrics.read(DEFAULT_WEIGHTS).splits["sst_dev"].n == 872
    assert Recipe.read(DEFAULT_WEIGHTS).language == "en"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "must be an object"),
        ("{", "not JSON"),
        ('{"language": 3}', "language must be of the kind str, got 3"),
        ('{"examples": true}', "examples must be of the kind int"),
        ('{"data": 4}', "data must be a list, got 4"),
        ('{"data": [3]}', "data must be an object, got 3"),
        ('{"teachers": [{"name": "a"}]}', "teachers: .*labels"),
        ('{"settings": []}', "settings must be an object"),
    ],
)
def test_a_recipe_of_another_kind_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "training.json").write_text(content)
    with pytest.raises(CheckpointError, match=message):
        Recipe.read(tmp_path)


def test_figures_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(RecordError, match="dev: accuracy must be a number, got nan"):
        Metrics.from_dict({"dev": {"accuracy": float("nan")}})
