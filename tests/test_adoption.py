"""A person's own csv, trained on, seen in the page, published and loaded by its id."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sentiment.classifier import SentimentClassifier
from sentiment.ui.answers import Reader, server_functions
from sentiment.ui.panels import about, compare
from tests.conftest import ROOT, answered
from tests.hub_stub import HubStub
from train.__main__ import app

SETS: dict[str, dict[str, tuple[str, ...]]] = {
    "ham, spam": {
        "ham": ("see you at lunch", "the minutes are attached", "thanks for the call"),
        "spam": ("win a free prize now", "cheap pills, click here", "you won free money"),
    },
    "five kinds": {
        "billing": ("the invoice is wrong", "charge me back twice"),
        "delivery": ("the parcel is late", "where is my parcel"),
        "login": ("my password fails", "cannot log in today"),
        "praise": ("great service folks", "thank you so much"),
        "returns": ("send the shoes back", "how do I return it"),
    },
}
PUBLISH_AND_LOAD = """
import json, sys
from pathlib import Path
import sentiment
from train.publish import publish
for name, folder, text in json.loads(sys.argv[1]):
    publish("me/" + name, Path(folder), tag="v1")
    print(json.dumps(list(sentiment.load("me/" + name, revision="v1").predict(text).logits)))
"""


def test_a_csv_is_trained_on_seen_published_and_loaded(tmp_path: Path) -> None:
    wanted = []
    for number, (title, kinds) in enumerate(SETS.items()):
        data, out = tmp_path / f"{number}.csv", tmp_path / f"model-{number}"
        rows = [(f"{text} {n}", k) for k, texts in kinds.items() for text in texts for n in "abcde"]
        with data.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
        options = "--start nothing --hidden 8 --epochs 4 --seed 1 --language en"
        ran = CliRunner().invoke(
            app, ["fit", "--data", str(data), "--out", str(out), *options.split()]
        )
        assert ran.exit_code == 0, ran.output
        for said in ("majority", "TF-IDF", "trained", "precision", "verdicts on it"):
            assert said in ran.output
        classifier = SentimentClassifier.from_folder(out)
        assert classifier.labels == tuple(kinds)
        text, other = rows[0][0], rows[-1][0]
        seen_in_the_page(classifier, text, other, title)
        wanted.append((f"model-{number}", str(out), text, classifier.predict(text).logits))
    with HubStub() as hub:
        ran_loaded = subprocess.run(
            [sys.executable, "-c", PUBLISH_AND_LOAD, json.dumps([one[:3] for one in wanted])],
            cwd=ROOT,
            env={**os.environ, **hub.environment(tmp_path / "home"), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran_loaded.returncode == 0, ran_loaded.stderr
        loaded = [json.loads(x) for x in ran_loaded.stdout.splitlines() if x.startswith("[")]
        assert loaded == [pytest.approx(logits, abs=1e-5) for *_, logits in wanted]
        for name, kinds in zip(("me/model-0", "me/model-1"), SETS.values(), strict=True):
            card = hub[name].at("v1")[1]["README.md"].decode()  # type: ignore[index]
            assert all(label in card for label in kinds)
            assert "positive" not in card.lower().replace("sentiment", "")


def seen_in_the_page(classifier: SentimentClassifier, text: str, other: str, title: str) -> None:
    """The page speaks of the model's own labels, and never of positive and negative."""
    reader = Reader(classifier)
    calls = {
        call.__name__: answered(call)
        for call in (*server_functions(reader), *compare.functions(reader))
    }
    read = calls["explain"]({"text": text})
    compared = calls["compare"]({"compare": text, "text": other})
    shown: list[Any] = [read, compared, about.facts(reader)]
    for answer in shown:
        assert "message" not in answer, title
        said = json.dumps({k: v for k, v in answer.items() if k != "lanes"})
        assert "positive" not in said, title
        assert "negative" not in said, title
    assert read["target"] in classifier.labels
    assert compared["first"]["target"] == compared["second"]["target"]
    assert shown[-1]["labels"] == list(classifier.labels)
