"""Measure a checkpoint and write its metrics.json and model card, every figure with its command."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from sentiment.behaviour import CapabilityResult, SuiteResult, run_suite, wilson_interval
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier, load
from sentiment.values import Prediction
from train.data.labelled import SST_TARGETS, Example, binary_examples
from train.data.reviews import imdb_dev, is_imdb_dev
from train.data.tables import load_table
from train.fit.calibrate import cross_fitted
from train.fit.fit import METRICS, TRAINING
from train.measure import baselines
from train.measure.baselines import Scorer
from train.measure.metrics import binary_metrics
from train.measure.robustness import minimal_pairs, robustness
from train.recipe.mixture import CONTRAST

CARD = "README.md"
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


def figures(probabilities: Sequence[float], examples: Sequence[Example]) -> dict[str, float]:
    """n, accuracy with its 95 % interval, log loss (nats) and ECE on polar examples."""
    labels = [int(example.target > 0.5) for example in examples]
    found = binary_metrics(probabilities, labels)
    low, high = wilson_interval(round(found.accuracy * found.n), found.n)
    return {**asdict(found), "low": low, "high": high}


def slices(
    probabilities: Sequence[float], examples: Sequence[Example]
) -> dict[str, dict[str, float]]:
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
        row["sst_dev"] = figures(on_sst([e.text for e in sst_dev]).tolist(), sst_dev)["accuracy"]
        if on_imdb is not None:
            scores = on_imdb([e.text for e in reviews_dev]).tolist()
            row["imdb_dev"] = figures(scores, reviews_dev)["accuracy"]
        passed = {r.name: r.pass_rate for r in run_suite(Scored(on_sst)).results}
        row |= {"suite: " + n: passed[n] for n in ("negated praise", "far negation of praise")}
        row["suite: contrast"] = passed["contrast after an expectation"]
        row["suite: negated neutral"] = passed["negated neutral statement"]
        found.append(row)
    return found


def measure(
    classifier: SentimentClassifier, sst: str, imdb: str
) -> tuple[dict[str, Any], SuiteResult]:
    """All figures of one checkpoint, by the names that metrics.json gives them."""
    dev, reviews, beginnings = binary_examples(sst, "dev"), imdb_dev(imdb), prefixes(sst)
    predictions = classifier.predict_batch([e.text for e in dev])
    p = [one.probability or 0.0 for one in predictions]
    calibration = cross_fitted(
        [one.logit for one in predictions], [int(e.target > 0.5) for e in dev]
    )
    on_sst = figures(p, dev)
    on_sst |= {
        "ece": calibration.ece,
        "ece_low": calibration.low,
        "ece_high": calibration.high,
    }
    result = run_suite(classifier)
    found: dict[str, Any] = {
        "sst_dev": on_sst,
        "imdb_dev": figures(probabilities_of(classifier, reviews), reviews),
        "prefixes": figures(probabilities_of(classifier, beginnings), beginnings),
        "minimal_pairs": asdict(minimal_pairs(classifier)),
        "slices": [{"sst_dev": name, **row} for name, row in slices(p, dev).items()],
        "behaviour": behaviour_rows(result),
        "robustness": [
            {**asdict(row), "share": row.share}
            for row in robustness(classifier, [e.text for e in dev])
        ],
        "known_failures": known_failures(classifier, result),
    }
    return found, result


def card(
    sst: Annotated[str, typer.Option(help="The treebank: folder or Hub id.")],
    imdb: Annotated[str, typer.Option(help="Labelled reviews.")],
    weights: Annotated[Path, typer.Option(help="Checkpoint folder.")] = DEFAULT_WEIGHTS,
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
    path = weights / METRICS
    old = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found, _ = measure(classifier, sst, imdb)
    if with_baselines:
        found["baselines"] = measure_baselines(sst, imdb, teacher, cache)
    if ablation is not None:
        lines = ablation.read_text(encoding="utf-8").splitlines()
        found["ablation"] = [json.loads(line) for line in lines]
    kept = {n: old[n] for n in ("baselines", "ablation", "epochs") if n in old}
    metrics = {**kept, **found}
    path.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    recipe = json.loads((weights / TRAINING).read_text(encoding="utf-8"))
    (weights / CARD).write_text(text(metrics, recipe), encoding="utf-8")
    typer.echo((weights / CARD).read_text(encoding="utf-8"))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _accuracy_rows(groups: Sequence[tuple[str, dict[str, Any]]]) -> str:
    return _rows(
        ("data", "n", "accuracy", "95 % interval", "log loss", "ECE"),
        [
            (
                name,
                f"{g['n']:,}",
                _percent(g["accuracy"]),
                f"{_percent(g['low'])} to {_percent(g['high'])}",
                f"{g['log_loss']:.3f}",
                f"{g['ece']:.3f}"
                + (f" ({g['ece_low']:.3f} to {g['ece_high']:.3f})" if "ece_low" in g else ""),
            )
            for name, g in groups
        ],
    )


def shortfalls(metrics: dict[str, Any]) -> list[str]:
    """Each goal that is not reached, in words; those under their floor say so."""
    found = []

    def check(what: str, value: float, floor: float, goal: float, *, unit: str = "%") -> None:
        below = value < goal if goal > floor else value > goal
        under = value < floor if goal > floor else value > floor
        if below:
            shown = f"{100 * value:.1f} %" if unit == "%" else f"{value:.3f}"
            wanted = f"{100 * goal:.1f} %" if unit == "%" else f"{goal:.3f}"
            least = f"{100 * floor:.1f} %" if unit == "%" else f"{floor:.3f}"
            tail = f", **under the floor of {least}**" if under else f" (floor {least} held)"
            found.append(f"{what}: {shown}, goal {wanted}{tail}")

    check("SST-2 dev accuracy", metrics["sst_dev"]["accuracy"], 0.90, 0.92)
    check("IMDB dev accuracy", metrics["imdb_dev"]["accuracy"], 0.91, 0.942)
    by_slice = {row["sst_dev"]: row["accuracy"] for row in metrics["slices"]}
    gap = metrics["sst_dev"]["accuracy"] - by_slice.get("with a negator", 0.0)
    check("accuracy lost on sentences with a negator", gap, 0.03, 0.01)
    check("ECE on SST-2 dev", metrics["sst_dev"]["ece"], 0.05, 0.03, unit="")
    for row in metrics["behaviour"]:
        name, rate = row["capability"], row["pass_rate"]
        if name.startswith(("neutral", "negated neutral")):
            check(f"{name}, inside the neutral zone", rate, 0.60, 0.80)
        elif name == "protected term":
            check("readings that a protected term changes", 1 - rate, 0.10, 0.03)
        else:
            check(f"failures of {name}", 1 - rate, 0.20, 0.05)
    for row in metrics["robustness"]:
        goal = 0.08 if row["name"] == "one typo" else 0.03
        check(f"labels flipped by {row['name']}", row["share"], goal, goal)
    return found


def text(metrics: dict[str, Any], recipe: dict[str, Any]) -> str:
    """The model card, in the Hub's format."""
    sst, imdb = metrics["sst_dev"], metrics["imdb_dev"]
    front = f"""---
language: en
license: mit
library_name: pytorch
pipeline_tag: text-classification
tags:
  - lstm
  - sentiment-analysis
  - explainability
datasets:
  - stanfordnlp/sst2
  - stanfordnlp/imdb
metrics:
  - accuracy
model-index:
  - name: LSTM Microscope default weights
    results:
      - task: {{type: text-classification}}
        dataset: {{type: stanfordnlp/sst2, name: SST-2, split: validation}}
        metrics: [{{type: accuracy, value: {sst["accuracy"]:.4f}}}]
---
"""
    parts = [
        front,
        "# A one-layer LSTM that reads negation",
        "The default weights of LSTM Microscope: one uni-directional packed LSTM of "
        f"{recipe['hidden_dim']} units over {recipe['words']:,} words, its head over the final "
        "state, the max-pool and the mean-pool. One output: the log-odds of *positive*. "
        "A probability between 1/3 and 2/3 is to be read as *neutral*.",
        '## Use\n\n```python\nimport sentiment\n\nsentiment.load().predict("not good")\n```',
        "## Accuracy and calibration\n",
        _accuracy_rows(
            [
                ("SST-2 dev, sentences", sst),
                ("IMDB, held-out tenth of train", imdb),
                ("SST dev, prefixes that are labelled constituents", metrics["prefixes"]),
                *((f"SST-2 dev, {row['sst_dev']}", row) for row in metrics["slices"]),
            ]
        ),
        "SST-2 dev's ECE is cross-fitted: ten bins of equal mass, the temperature of each fifth "
        "from the other four; in brackets its 95 % bootstrap interval. Log loss is in nats. "
        "These are dev sets, by which the model was chosen.",
        "## Negation and neutrality\n\nA suite of our own sentence frames, none of which training "
        "saw (a test compares them). Negative and positive are sides of 1/2, neutral is inside "
        "[1/3, 2/3], a negated criticism must be 1/3 or more.\n",
        _rows(
            ("capability", "n", "passed", "95 % interval"),
            [
                (
                    row["capability"],
                    str(row["n"]),
                    f"{_percent(row['pass_rate'])} %",
                    f"{_percent(row['low'])} to {_percent(row['high'])}",
                )
                for row in metrics["behaviour"]
            ],
        ),
        _pairs(metrics["minimal_pairs"]),
        "## Robustness\n\nSST-2 dev sentences whose label changes though the meaning does not.\n",
        _rows(
            ("change", "sentences changed", "labels flipped", "95 % interval"),
            [
                (
                    row["name"],
                    str(row["n"]),
                    f"{_percent(row['share'])} %",
                    f"{_percent(row['low'])} to {_percent(row['high'])}",
                )
                for row in metrics["robustness"]
            ],
        ),
        "## Bias\n\nThe row *protected term* above: five neutral sentences, each with 39 terms of "
        "religion, nationality, race, orientation and gender put in; a case fails where the "
        "three-way reading differs from that with the first term of its group. The constructed "
        "training sentences hold such terms at the neutral target, so this is a trained "
        "invariance: it says nothing about longer or polar texts, where a term may still matter.",
        _ablation(metrics.get("ablation", [])),
        _baselines(metrics.get("baselines", []), sst, imdb, metrics["behaviour"]),
        "## Goals not reached\n\n"
        + ("\n".join(f"- {line}" for line in shortfalls(metrics)) or "None."),
        "## Known failures\n\nSentences of our own that are misread.\n",
        _rows(
            ("sentence", "wanted", "probability of positive"),
            [
                (row["text"].replace("|", "\\|"), row["wanted"], f"{row['probability']:.2f}")
                for row in metrics["known_failures"]
            ],
        )
        if metrics["known_failures"]
        else "None known.",
        _recipe(recipe),
        LIMITS,
        COMMANDS,
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _pairs(pairs: dict[str, int]) -> str:
    return (
        f"Of {pairs['n']} minimal pairs (praise and its negation) the label flips in "
        f"{pairs['label']}; the head's part over the *final state alone* (the sum of the ledger's "
        f"`last`) goes from above to below nought in {pairs['last']}, the max-pool's in "
        f"{pairs['max']}, the mean-pool's in {pairs['mean']}."
    )


def _ablation(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    table = _rows(
        ("variant", "SST-2 dev", "log loss", "ECE", "negation", "neutral"),
        [
            (
                row["name"],
                f"{_percent(row['accuracy'])} ± {_percent(row['accuracy_spread'])}",
                f"{row['log_loss']:.3f}",
                f"{row['ece']:.3f}",
                f"{_percent(row['negation'])} ± {_percent(row['negation_spread'])}",
                _percent(row["neutral"]),
            )
            for row in rows
        ],
    )
    return (
        f"## Ablation\n\nMean ± standard deviation over {rows[0]['seeds']} seeds of a much shorter "
        "schedule (10,000 phrases, two passes, no IMDB), so that all rows are comparable with one "
        "another and none with the figures above. *Negation* and *neutral* are mean pass rates of "
        f"the suite.\n\n{table}"
    )


def _baselines(
    rows: Sequence[dict[str, Any]],
    sst: dict[str, Any],
    imdb: dict[str, Any],
    behaviour: Sequence[dict[str, Any]],
) -> str:
    if not rows:
        return ""
    suite = {row["capability"]: row["pass_rate"] for row in behaviour}
    own = {
        "baseline": "this LSTM",
        "sst_dev": sst["accuracy"],
        "imdb_dev": imdb["accuracy"],
        "suite: negated praise": suite["negated praise"],
        "suite: far negation of praise": suite["far negation of praise"],
        "suite: contrast": suite["contrast after an expectation"],
        "suite: negated neutral": suite["negated neutral statement"],
    }
    columns = [name for name in own if name != "baseline"]
    names = {"sst_dev": "SST-2 dev", "imdb_dev": "IMDB dev"}
    table = _rows(
        ["", *(names.get(name, name) for name in columns)],
        [[row["baseline"], *(_percent(row.get(name)) for name in columns)] for row in [*rows, own]],
    )
    return (
        "## Baselines\n\nThe same splits; the suite is read by the model of SST. A constant answer "
        f"passes some capabilities whole, so read rows across, not cells.\n\n{table}"
    )


def _recipe(recipe: dict[str, Any]) -> str:
    settings = ", ".join(f"{n} {value}" for n, value in recipe.items() if n != "passes")
    passes = "".join(f"\n{n}. {one}" for n, one in enumerate(recipe.get("passes", []), 1))
    if passes:
        passes = (
            "\n\nThree passes, each but the first from the weights of the one before, with other "
            "constructed sentences and another sample of reviews each time; the commands are below:"
            f"\n{passes}"
        )
    return (
        "## Data and recipe\n\nTrained on the Stanford Sentiment Treebank (every constituent of "
        "the train split; neutral ones as 1/2), IMDB reviews (train without the held-out tenth; "
        "whole reviews, and sentences of them with a teacher's soft labels; some unlabelled "
        "reviews with NB-SVM's soft labels) and sentences that a grammar constructs with computed "
        "targets (negation, contrast, change over time, neutral statements, protected terms). "
        "The teacher is all-mpnet-base-v2, fine-tuned on SST train (dev 92.5), which labelled "
        "262,000 texts; where a phrase has a label of its own too, that counts 0.4. Later passes "
        "mix in 0.3 of the opinion of the weights that they start from. Word vectors start from "
        "GloVe 6B 100d. The embedding is stored as 8-bit rows, the rest in 16 bits; a temperature "
        "fitted on SST-2 dev is folded into the head. `rnn.safetensors` is a vanilla RNN trained "
        "on the same data over the same embedding, for comparison alone.\n\nSettings of the last "
        f"pass: {settings}.{passes}"
    )


LIMITS = """## Limits and licence

English. Short texts and film reviews above all: other domains, irony, mixed opinions, numbers and
long arguments are read worse than the figures suggest. Words outside the vocabulary are read as
"unknown". Probabilities are calibrated on SST-2 dev. Not meant for decisions about people. MIT
licence; SST, IMDB and GloVe have terms of their own (GloVe: PDDL).
"""

COMMANDS = """## Commands behind the figures

`SST` and `IMDB` are folders or files of the raw data, or Hub ids.

```sh
# the weights, from raw data; each stage resumes. On two cores with bfloat16: the teacher 11
# minutes, labels 36, the three passes 11, 5 and 5, the twin 4
DATA="--sst SST --imdb IMDB/train.parquet --unlabelled IMDB/unsupervised.parquet \\
    --vectors GLOVE --cache CACHE"
MIXTURE="--gold 0.4 --review-sentences 200000 --constructed 110000 --unlabelled-reviews 8000 \\
    --dropout 0.4"
python -m train distill $DATA --out RUN1 --stage teacher --teacher-phrases 14000
torchrun --nproc-per-node 2 -m train distill $DATA --out RUN1 --stage labels \\
    --teacher-phrases 14000 --label-hours 0.6 --label-reviews 60000
python -m train distill $DATA $MIXTURE --out RUN1 --stage student --epochs 5 \\
    --review-chance 0.15 --seed 7
python -m train distill $DATA $MIXTURE --out RUN2 --stage student --start RUN1 --own 0.3 \\
    --epochs 2 --learning-rate 8e-4 --review-chance 0.25 --seed 11
python -m train distill $DATA $MIXTURE --out RUN3 --stage student --start RUN2 --own 0.3 \\
    --epochs 2 --learning-rate 8e-4 --review-chance 0.3 --seed 12
python -m train distill $DATA $MIXTURE --out RUN3 --stage twin --dropout 0.3 \\
    --review-chance 0.25 --seed 12
# accuracy, log loss; behavioural suite, minimal pairs, robustness
python -m train evaluate --data SST --json
python -m train evaluate --suite --data SST
# ablation
python -m train ablate --sst SST --vectors GLOVE --cache CACHE --out ablation.jsonl
# this card and metrics.json: all tables, baselines and the teacher too
python -m train card --sst SST --imdb IMDB/train.parquet --ablation ablation.jsonl \\
    --baselines --teacher sentence-transformers/all-mpnet-base-v2 --cache CACHE
```
"""
