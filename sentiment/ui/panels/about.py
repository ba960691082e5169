"""The About panel: what is known of the loaded model, from the files beside its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from sentiment.classifier import SentimentClassifier
from sentiment.errors import CheckpointError
from sentiment.ui.answers import Reader
from sentiment.ui.contract import AboutModel, Table
from sentiment.ui.drawn import drawn
from sentiment.ui.panel import Panel
from sentiment.vetting import read_object

METRICS = "metrics.json"
TITLES = {
    "sst_dev": "SST-2 dev",
    "imdb_dev": "IMDB, held-out tenth",
    "dev": "dev",
    "prefixes": "SST dev, labelled prefixes",
    "minimal_pairs": "Minimal pairs whose label turns, and whose parts change sign",
    "slices": "Slices of SST-2 dev",
    "behaviour": "Behavioural suite",
    "robustness": "Robustness: labels that turn though the meaning does not",
    "explanations": "Which explanation to trust: every method judged on SST dev, the best first",
    "pair_signs": "Minimal pairs: in how many the words of the negation get a negative score",
    "domains": "Everyday English, held-out texts by domain",
    "known_failures": "Known failures",
    "baselines": "Baselines on the same splits",
    "ablation": "Ablation: a far shorter schedule, comparable within this table alone",
    "polar": "polar texts",
    "neutral_inside": "neutral inside the zone",
    "vader_accuracy": "accuracy of VADER",
    "vader_macro_recall": "macro recall of VADER",
    "nb_svm_accuracy": "accuracy of NB-SVM",
    "n": "texts",
    "log_loss": "log loss, nats",
    "ece": "calibration error (ECE)",
    "low": "95 % from",
    "high": "95 % to",
    "ece_low": "ECE 95 % from",
    "ece_high": "ECE 95 % to",
    "name": "variant",
    "share": "turned",
    "accuracy_spread": "± accuracy",
    "negation_spread": "± negation",
}
"""What the page calls the groups and columns of metrics.json."""
SHARES = {"accuracy", "low", "high", "share", "pass_rate", "negation", "neutral", "sst_dev"}
SHARES |= {"imdb_dev", "accuracy_spread", "negation_spread", "neutral_inside", "macro_recall"}
SHARES |= {"integrated_gradients_share", "shapley_share"}
SHARES |= {"vader_accuracy", "vader_macro_recall", "nb_svm_accuracy"}


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    drawn("about", facts(reader))
    if reader.known.card:
        with gr.Accordion("The model card in full", open=False):
            gr.Markdown(reader.known.card)


def facts(reader: Reader) -> AboutModel:
    """Sizes, revision, data and every measured table that the checkpoint carries."""
    classifier, known = reader.classifier, reader.known
    model = classifier.model
    recurrence = model.recurrence
    return {
        "revision": classifier.revision,
        "repository": classifier.repository,
        "load": loading(classifier),
        "card": bool(known.card),
        "labels": list(known.labels),
        "language": known.language_name,
        "datasets": list(known.datasets),
        "license": known.license,
        "sizes": [
            ["words it knows", classifier.encoder.vocabulary_size - 2],
            ["embedding features", recurrence.input_size],
            ["cell", model.kind],
            ["hidden units", model.width],
            ["layers", recurrence.num_layers],
            ["parts the head sees", " + ".join(model.pooling)],
            ["weights", sum(parameter.numel() for parameter in model.parameters())],
        ],
        "tables": _measured(classifier),
    }


def _measured(classifier: SentimentClassifier) -> list[Table]:
    if classifier.folder is None:
        return []
    try:
        return tables(classifier.folder / METRICS)
    except CheckpointError:
        if classifier.repository is None:
            raise
        return []  # on the Hub a file of this name may be another tool's


def loading(classifier: SentimentClassifier) -> str:
    """The line of Python that loads this model."""
    if classifier.revision == "embedded":
        return "sentiment.load()"
    if classifier.repository is None:
        return 'sentiment.load("folder/of/the/checkpoint")'
    return f'sentiment.load("{classifier.repository}", revision="{classifier.revision}")'


def tables(path: Path) -> list[Table]:
    """Tables of the measured figures: one of the plain groups, one of each list of groups."""
    if not path.is_file():
        return []
    metrics = read_object(path)
    groups = {n: _numbers(v) for n, v in metrics.items() if isinstance(v, dict) and _numbers(v)}
    measured = [{"data": TITLES.get(n, n), **v} for n, v in groups.items() if "accuracy" in v]
    others = {n: [v] for n, v in groups.items() if "accuracy" not in v}
    found = [_table("Accuracy and calibration", measured)]
    both: dict[str, Any] = metrics | others
    for name, value in both.items():
        rows = value if isinstance(value, list) else []
        if rows and all(isinstance(row, dict) for row in rows) and name != "epochs":
            found.append(_table(TITLES.get(name, name), [_plain(row) for row in rows]))
    return [table for table in found if table["rows"]]


def _numbers(group: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in group.items() if isinstance(v, int | float)}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in row.items() if isinstance(v, int | float | str)}


def _table(name: str, rows: list[dict[str, Any]]) -> Table:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return {
        "name": name.replace("_", " "),
        "columns": [TITLES.get(column, column.replace("_", " ")) for column in columns],
        "rows": [[_cell(column, row.get(column)) for column in columns] for row in rows],
    }


def _cell(column: str, value: Any) -> Any:
    if isinstance(value, float) and (column in SHARES or column.startswith("suite: ")):
        return f"{100 * value:.1f} %"
    return value


PANEL = Panel("about", "About", build)
