"""The one writer of cards says of weights what their records say, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from sentiment.card import CARD, Terms, completed_card, model_card
from sentiment.classifier import DEFAULT_WEIGHTS
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig
from sentiment.records import Figures, Metrics, Pass, Recipe, Source, Teacher
from train.measure.card import OWN, own_row

BARE = (ModelConfig(vocab_size=12, labels=("ham", "spam")), Recipe(), Metrics())
TOLD = (
    ModelConfig(vocab_size=12, cell="rnn", pooling=("max",), labels=("a", "b", "c")),
    Recipe(
        data=(Source("mine.csv", 90), Source("me/mine", role="reviews")),
        language="fr",
        license="cc0-1.0",
        teachers=(Teacher("a teacher", 7),),
        passes=(Pass("nothing", "python -m train fit", {"seed": 4}, {"accuracy": 0.5}),),
    ),
    Metrics(
        {"dev": Figures(4, 0.75, 0.5, 0.1, 0.2, 0.9, 0.05, 0.15, 0.7, "mine.csv")},
        {"minimal_pairs": {"n": 2, "label": 1}},
        {"known_failures": ({"text": "a | b <i>", "wanted": "a", "probability": 0.2},)},
        {"goals_not_reached": ("accuracy: 75.0 %",)},
    ),
)


def front(card: str) -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(card.split("---\n")[1])
    return loaded


def test_a_card_without_records_claims_nothing() -> None:
    card = model_card("mine", *BARE)
    told = card.lower()
    claims = ("mpnet", "glove", "262", "film", "sst", "imdb", "english", "neutral", "positive")
    assert [claim for claim in claims if claim in told] == []
    assert not {"language", "license", "datasets", "model-index"} & front(card).keys()
    assert "ham and spam texts" in card
    assert "Language of the texts: not recorded. Licence of the weights: not recorded" in card
    assert "Not recorded." in card


def test_a_card_says_what_the_records_say() -> None:
    card = model_card("mine", *TOLD, repository="me/weights", revision="v1")
    data = front(card)
    assert (data["language"], data["license"]) == ("fr", "cc0-1.0")
    assert data["datasets"] == ["me/mine"]
    results = data["model-index"][0]["results"][0]  # type: ignore[index]
    assert results["dataset"] == {"type": "mine.csv", "name": "mine.csv", "split": "dev"}
    assert {one["type"]: one["value"] for one in results["metrics"]} == {
        "accuracy": 0.75,
        "macro_f1": 0.7,
        "log_loss": 0.5,
        "ece": 0.1,
    }
    row = "| held-out texts | 4 | 75.0 | 20.0 to 90.0 | 70.0 | 0.500 | 0.100 (0.050 to 0.150) |"
    assert row in card
    assert "- mine.csv, labelled texts: 90 texts" in card
    assert "7 texts were labelled by a teacher, as soft labels." in card
    assert "1. from nothing; seed 4; accuracy 50.0\n   `python -m train fit`" in card
    assert "a \\| b &lt;i>" in card
    assert "- accuracy: 75.0 %" in card
    assert 'sentiment.load("me/weights", revision="v1")' in card
    assert "vanilla RNN that tells a, b and c texts apart" in card
    assert "head over the max-pool. One output for each of its 3 labels." in card


def test_a_persons_terms_win() -> None:
    terms = Terms("mit", "de", ("you/yours",))
    data = front(model_card("mine", *TOLD, terms=terms))
    assert (data["license"], data["language"], data["datasets"]) == ("mit", "de", ["you/yours"])
    own = "---\nlicense: cc0-1.0\n---\n# Mine\n"
    about = ("mine", *TOLD)
    data = front(completed_card(own, *about, repository="me/w", terms=terms))
    assert data["license"] == "mit"


def test_an_own_card_is_completed_once() -> None:
    own = "---\r\nlicense: cc0-1.0\r\n---\r\n# Mine\n"
    about = ("mine", *TOLD)
    card = completed_card(own, *about, repository="me/w")
    assert front(card)["license"] == "cc0-1.0"
    assert "# Mine" in card
    assert card.count('sentiment.load("me/w")') == 1
    assert completed_card(card, *about, repository="me/w") == card
    with pytest.raises(SentimentError, match="metadata cannot be read"):
        completed_card("---\n{ no yaml\n---\n", *about, repository="me/w")


def test_the_shipped_card_is_what_the_records_give() -> None:
    import sentiment

    written = (DEFAULT_WEIGHTS / CARD).read_text(encoding="utf-8")
    title = written.split("# ", 1)[1].split("\n", 1)[0]
    config = sentiment.load().config
    records = (Recipe.read(DEFAULT_WEIGHTS), Metrics.read(DEFAULT_WEIGHTS))
    assert written == model_card(title, config, *records)


def test_hub_reads_the_metadata(tmp_path: Path) -> None:
    from huggingface_hub import ModelCard

    path = tmp_path / CARD
    path.write_text(model_card("mine", *TOLD, repository="me/w"), encoding="utf-8")
    data = ModelCard.load(path).data
    assert [result.metric_value for result in data.eval_results or []] == [0.75, 0.7, 0.5, 0.1]


def test_the_shipped_table_of_baselines_has_the_shipped_figures() -> None:
    metrics = Metrics.read(DEFAULT_WEIGHTS)
    own = [row for row in metrics.tables["baselines"] if row["baseline"] == OWN]
    assert own == [own_row(metrics)]
