"""Texts of another language than the model's are told apart, and English ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment.behaviour import suite
from sentiment.classifier import SentimentClassifier
from sentiment.languages import NAMES, foreign, language_of
from sentiment.scoring import score_file, score_rows
from sentiment.tables import open_source
from sentiment.ui import api, view
from sentiment.ui.answers import Reader
from sentiment.ui.known import known
from tests.conftest import awaited, tiny_classifier


def sentences() -> dict[str, list[str]]:
    """The foreign sentences, by their language's code."""
    codes = {name: code for code, name in NAMES.items()}
    found: dict[str, list[str]] = {}
    code = ""
    path = Path(__file__).with_name("foreign_sentences.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = codes[line.strip("[]")]
        elif line and not line.startswith("#"):
            found.setdefault(code, []).append(line)
    return found


SENTENCES = sentences()
FRENCH = SENTENCES["fr"][0]


@pytest.mark.parametrize("code", SENTENCES)
def test_nine_sentences_of_ten_are_told_apart(shipped: SentimentClassifier, code: str) -> None:
    texts = SENTENCES[code]
    assert len(texts) >= 20
    assert all(len(text.split()) >= 6 for text in texts)
    faults = [p.fault for p in shipped.predict_batch(texts)]
    told = [fault for fault in faults if fault]
    assert len(told) >= 0.9 * len(texts)
    assert sum(NAMES[code] in fault for fault in told) >= 0.75 * len(told)
    assert language_of(texts) == code


def test_english_is_not(shipped: SentimentClassifier) -> None:
    texts = [case.text for capability in suite() for case in capability.cases]
    texts += [
        "El Mariachi and La Bamba are two of the best films that I have seen in Los Angeles.",
        "The café's crème brûlée and its piña colada were très chic, and worth the price.",
        "Pedro Almodóvar's Todo sobre mi madre is a masterpiece.",
        "Die Hard is the best action film of them all, no question about it.",
        "I asked for the Wiener Schnitzel mit Pommes and got a burger.",
        "Señor González was rude, and so was everybody else at the hotel.",
    ]
    told = [p.text for p in shipped.predict_batch(texts) if p.fault]
    assert len(texts) > 500
    assert len(told) <= 0.005 * len(texts), told
    assert language_of(texts) == "en"


def test_every_way_in_says_so(shipped: SentimentClassifier, tmp_path: Path) -> None:
    reason = "it looks like French, not English, which the model learnt"
    assert shipped.predict(FRENCH).fault == reason
    assert shipped.predict(FRENCH).reading == "unknown"
    marked = shipped.predict_batch(["good", FRENCH, ""], errors="mark")
    assert [p.fault for p in marked] == [None, reason, None]
    (row,), _ = score_rows(shipped, [{"text": FRENCH}])
    assert (row["label"], row["logit"], row["error"]) == (None, None, reason)
    (tmp_path / "a.txt").write_text(f"good\n{FRENCH}\n", encoding="utf-8")
    summary = score_file(shipped, tmp_path / "a.txt", tmp_path / "o.csv")
    assert (summary.rows, summary.failed) == (2, 1)
    assert [row["error"] for row in open_source(tmp_path / "o.csv").rows()] == ["", reason]
    predict, _, _, score = api.endpoints(Reader(shipped))
    assert awaited(predict(FRENCH))["label"] == "unknown"
    assert awaited(score([FRENCH]))[0]["error"] == reason
    assert reason in str(view.verdict(shipped.predict(FRENCH), known(shipped))["notice"])


def test_a_model_of_unknown_or_other_language_judges_by_its_own() -> None:
    assert tiny_classifier().predict(f"good {FRENCH}").fault is None
    text = "The film was much too long and the ending was a disgrace"
    assert foreign(text, "fr", 0.5, list) == "en"
    assert foreign(FRENCH, "fr", 0.5, list) is None
    assert foreign(FRENCH, "en", 0.0, list) is None  # whose words the model knows
    assert language_of(["zzz qqq", "xxx"]) is None
    assert language_of([*SENTENCES["fr"], *SENTENCES["de"]]) is None
