"""Measure a checkpoint of film reviews; write its metrics.json and the card that tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from sentiment.behaviour import CapabilityResult, SuiteResult, run_suite
from sentiment.card import CARD, model_card
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier, load
from sentiment.records import Figures, Metrics, Recipe
from sentiment.values import Prediction
from train.data.labelled import SST_TARGETS, Example, binary_examples
from train.data.reviews import imdb_dev, is_imdb_dev
from train.data.tables import load_table
from train.fit.calibrate import cross_fitted
from train.measure import baselines
from train.measure.baselines import Scorer
from train.measure.domains import domain_rows
from train.measure.goals import shortfalls
from train.measure.metrics import binary_metrics, with_interval
from train.measure.robustness import minimal_pairs, pair_signs, robustness
from train.publish import public_name
from train.recipe.mixture import CONTRAST

NEGATOR = re.compile(
    r"\b(not|no|never|nothing|nobody|none|neither|nor|without|hardly|barely|scarcely|cannot)\b|"
    r"n['’]t\b",
    re.IGNORECASE,
)

SENTENCES: tuple[tuple[str, str], ...] = (
    ("not good", "negative"),
    ("not bad at all", "not negative"),
    ("I can't honestly say that this was a good film.", "negative"),
    ("I thought it would be good, but it was not.", "negative"),
    ("I used to hate this place, but now I love it.", "positive"),
    ("The food wasn't bad, and the service was excellent.", "positive"),
    ("Nobody in the audience laughed, and neither did I.", "negative"),
    ("This is not, by any stretch of the imagination, a comfortable chair.", "negative"),
    ("I don't dislike it.", "not negative"),
    ("You won't regret buying this camera.", "positive"),
    ("There is nothing to like about this hotel.", "negative"),
    ("There is nothing wrong with this hotel.", "not negative"),
    ("It could have been a great story, but the ending ruins it.", "negative"),
    ("It never gets boring.", "positive"),
    ("Hardly a masterpiece.", "negative"),
    ("No other restaurant in town comes close to this one.", "positive"),
    ("The battery does not last long enough to be useful.", "negative"),
    ("I did not expect to enjoy this as much as I did.", "positive"),
    ("Without the wonderful cast this film would be unwatchable.", "not negative"),
    ("I have never eaten such delicious noodles.", "positive"),
    ("Not one of the promised improvements has arrived.", "negative"),
    ("The train does not stop at this station.", "neutral"),
)
"""Sentences with negation of our own, and what they should be read as."""
SUITE_COLUMNS = {
    "negated praise": "negated praise",
    "far negation of praise": "far negation of praise",
    "contrast": "contrast after an expectation",
    "negated neutral": "negated neutral statement",
}
"""Columns of the baselines' table and the suite's capabilities that they show."""
OWN = "this LSTM"


class Scored:
    """A baseline as the behavioural suite's predictor."""

    def __init__(self, score: Scorer) -> None:
        self.score = score

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        """Predictions that hold nothing but the probability and the label."""
        labels = ("negative", "positive")
        return [
            Prediction(text, labels[int(p > 0.5)], 0.0, float(p), (), labels, (), (1 - p, p))
            for text, p in zip(texts, self.score(texts), strict=True)
        ]


def figures(
    probabilities: Sequence[float], examples: Sequence[Example], data: str | None = None
) -> Figures:
    """Accuracy with its 95 % interval, log loss and ECE on polar examples."""
    labels = [int(example.target > 0.5) for example in examples]
    return replace(with_interval(binary_metrics(probabilities, labels)), data=data)


def slices(probabilities: Sequence[float], examples: Sequence[Example]) -> dict[str, Figures]:
    """Figures of the sentences with and without a negator, with contrast, short and long."""
    chosen = {
        "with a negator": [bool(NEGATOR.search(e.text)) for e in examples],
        "without a negator": [not NEGATOR.search(e.text) for e in examples],
        "with a negator or contrast": [bool(CONTRAST.search(e.text)) for e in examples],
        "up to 10 words": [len(e.text.split()) <= 10 for e in examples],
        "11 to 25 words": [10 < len(e.text.split()) <= 25 for e in examples],
        "more than 25 words": [len(e.text.split()) > 25 for e in examples],
    }
    return {
        name: figures(
            [p for p, kept in zip(probabilities, mask, strict=True) if kept],
            [e for e, kept in zip(examples, mask, strict=True) if kept],
        )
        for name, mask in chosen.items()
        if any(mask)
    }


def prefixes(source: str) -> list[Example]:
    """Beginnings of dev sentences that are constituents with a polar label, of two words up."""
    rows = load_table(source, "dev")
    return [
        Example(text, SST_TARGETS[rating])
        for text, rating, start, end, whole in zip(
            *(rows[name] for name in ("text", "rating", "start", "end", "is_sentence")), strict=True
        )
        if start == 0 and end >= 2 and not whole and rating != 2
    ]


def probabilities_of(classifier: SentimentClassifier, examples: Sequence[Example]) -> list[float]:
    """Probabilities of "positive"."""
    predictions = classifier.predict_batch([e.text for e in examples])
    return [p.probability for p in predictions if p.probability is not None]


def behaviour_rows(result: SuiteResult) -> list[dict[str, Any]]:
    """The suite as plain rows."""

    def row(one: CapabilityResult) -> dict[str, Any]:
        return {
            "capability": one.name,
            "n": one.n,
            "passed": one.passed,
            "pass_rate": one.pass_rate,
            "low": one.low,
            "high": one.high,
            "compared": one.compared,
            "kept": one.kept,
        }

    return [row(one) for one in result.results]


def known_failures(
    classifier: SentimentClassifier, result: SuiteResult, each: int = 2
) -> list[dict[str, Any]]:
    """Sentences of our own that are misread: all of ``SENTENCES``, some of each capability."""
    from sentiment.behaviour import Case, holds

    rows = []
    for text, wanted in SENTENCES:
        p = classifier.predict(text).probability or 0.0
        if not holds(Case(text, wanted), p):
            rows.append({"text": text, "wanted": wanted, "probability": round(p, 3)})
    for one in result.results:
        rows += [
            {"text": f.text, "wanted": f.expectation, "probability": round(f.probability, 3)}
            for f in one.failures[:: max(1, len(one.failures) // each)][:each]
        ]
    return rows


def measure_baselines(
    sst: str, imdb: str, teacher: str | None, cache: Path | None
) -> list[dict[str, Any]]:
    """The baselines' dev figures and suite pass rates; each data set's own train split is used."""
    phrases, labels = baselines.polar(binary_examples(sst, "train"))
    rows = load_table(imdb)
    reviews = [
        (t, y) for t, y in zip(rows["text"], rows["label"], strict=True) if not is_imdb_dev(t)
    ]
    texts, marks = [t for t, _ in reviews], [y for _, y in reviews]
    sst_dev, reviews_dev = binary_examples(sst, "dev"), imdb_dev(imdb)
    vader = baselines.vader()
    pairs: list[tuple[str, Scorer, Scorer | None]] = [
        ("majority", baselines.majority(labels), baselines.majority(marks)),
        ("VADER", vader, vader),
        (
            "bag of words",
            baselines.bag_of_words(phrases, labels),
            baselines.bag_of_words(texts, marks),
        ),
        (
            "NB-SVM, bigrams",
            baselines.NaiveBayesSVM(2, strength=1.0).fit(phrases, labels),
            baselines.NaiveBayesSVM(2, strength=1.0, min_count=2).fit(texts, marks),
        ),
    ]
    if teacher is not None and cache is not None:
        pairs.append(("teacher", baselines.fine_tuned_teacher(teacher, cache), None))
    found = []
    for name, on_sst, on_imdb in pairs:
        row: dict[str, Any] = {"baseline": name}
        row["sst_dev"] = figures(on_sst([e.text for e in sst_dev]).tolist(), sst_dev).accuracy
        if on_imdb is not None:
            scores = on_imdb([e.text for e in reviews_dev]).tolist()
            row["imdb_dev"] = figures(scores, reviews_dev).accuracy
        passed = {r.name: r.pass_rate for r in run_suite(Scored(on_sst)).results}
        row |= {f"suite: {short}": passed[name] for short, name in SUITE_COLUMNS.items()}
        found.append(row)
    return found


def own_row(metrics: Metrics) -> dict[str, Any]:
    """The measured checkpoint's own row of the baselines' table."""
    passed = {row["capability"]: row["pass_rate"] for row in metrics.tables["behaviour"]}
    return {
        "baseline": OWN,
        "sst_dev": metrics.splits["sst_dev"].accuracy,
        "imdb_dev": metrics.splits["imdb_dev"].accuracy,
        **{f"suite: {short}": passed[name] for short, name in SUITE_COLUMNS.items()},
    }


def measure(classifier: SentimentClassifier, sst: str, imdb: str) -> Metrics:
    """All figures of one checkpoint."""
    dev, reviews, beginnings = binary_examples(sst, "dev"), imdb_dev(imdb), prefixes(sst)
    predictions = classifier.predict_batch([e.text for e in dev])
    p = [one.probability or 0.0 for one in predictions]
    calibration = cross_fitted(
        [one.logit for one in predictions], [int(e.target > 0.5) for e in dev]
    )
    result = run_suite(classifier)
    return Metrics(
        splits={
            "sst_dev": replace(
                figures(p, dev, public_name(sst)),
                ece=calibration.ece,
                ece_low=calibration.low,
                ece_high=calibration.high,
            ),
            "imdb_dev": figures(probabilities_of(classifier, reviews), reviews, public_name(imdb)),
            "prefixes": figures(probabilities_of(classifier, beginnings), beginnings),
        },
        counts={"minimal_pairs": asdict(minimal_pairs(classifier))},
        tables={
            "slices": tuple(
                {"sst_dev": name, **one.to_dict()} for name, one in slices(p, dev).items()
            ),
            "behaviour": tuple(behaviour_rows(result)),
            "pair_signs": tuple(pair_signs(classifier)),
            "robustness": tuple(
                {**asdict(row), "share": row.share}
                for row in robustness(classifier, [e.text for e in dev])
            ),
            "known_failures": tuple(known_failures(classifier, result)),
        },
    )


def card(
    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")],
    imdb: Annotated[str, typer.Option(help="Labelled reviews.")],
    weights: Annotated[
        Path, typer.Option(help="Checkpoint folder.", show_default="the embedded weights")
    ] = DEFAULT_WEIGHTS,
    general: Annotated[
        str | None, typer.Option(help="Everyday texts, for the table by domain.")
    ] = None,
    ablation: Annotated[Path | None, typer.Option(help="What ablate wrote.")] = None,
    teacher: Annotated[str | None, typer.Option(help="Transformer behind the teacher.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Where the teacher is kept.")] = None,
    with_baselines: Annotated[
        bool, typer.Option("--baselines", help="Measure the baselines again.")
    ] = False,
) -> None:
    """Measure a checkpoint on dev data; write metrics.json and README.md beside its weights."""
    torch.set_num_threads(1)
    classifier = load(weights)
    found = measure(classifier, sst, imdb)
    if general is not None:
        rows = tuple(domain_rows(classifier, general, trained=with_baselines))
        found = found.updated(Metrics(tables={"domains": rows}))
    found = found.updated(Metrics(remarks={"goals_not_reached": tuple(shortfalls(found))}))
    if with_baselines:
        simpler = tuple(measure_baselines(sst, imdb, teacher, cache))
        found = found.updated(Metrics(tables={"baselines": simpler}))
    if ablation is not None:
        lines = ablation.read_text(encoding="utf-8").splitlines()
        found = found.updated(Metrics(tables={"ablation": tuple(map(json.loads, lines))}))
    metrics = Metrics.read(weights).updated(found)
    others = [row for row in metrics.tables.get("baselines", ()) if row["baseline"] != OWN]
    if others:
        metrics = metrics.updated(Metrics(tables={"baselines": (*others, own_row(metrics))}))
    metrics.write(weights)
    text = model_card(weights.resolve().name, classifier.config, Recipe.read(weights), metrics)
    (weights / CARD).write_text(text, encoding="utf-8")
    typer.echo(text)
