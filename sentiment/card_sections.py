"""Sections of a model card's body in Markdown: the network, its figures, its making, its limits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sentiment.model import ModelConfig, kind_of
from sentiment.records import Figures, Metrics, Recipe, Row
from sentiment.values import POLAR

SPLITS = {
    "sst_dev": "SST-2 dev, sentences",
    "imdb_dev": "IMDB, held-out tenth of train",
    "prefixes": "SST dev, prefixes that are labelled constituents",
    "dev": "held-out texts",
}
TABLES = {
    "comparison": (
        "Against simpler models",
        "The same training and held-out texts for all.",
    ),
    "per_label": ("Label by label", ""),
    "confusion": ("Confusion matrix", "Rows are the texts' labels, columns the model's verdicts."),
    "worst_errors": (
        "Worst errors",
        "Held-out texts whose label the model gave the least probability.",
    ),
    "slices": ("Accuracy by kind of sentence", ""),
    "domains": (
        "Everyday English, by domain",
        "Held-out texts. Accuracy is of polar texts, by the side of 1/2; *neutral inside* the part "
        "of neutral ones within [1/3, 2/3]; *macro recall* the mean over negative, neutral and "
        "positive; ECE is cross-fitted. VADER: Hutto & Gilbert 2014, its compound score on the "
        "same scale; NB-SVM over uni- and bigrams, fitted on the same everyday texts.",
    ),
    "behaviour": (
        "Negation and neutrality",
        "A suite of sentences of our own. A case wants a reading: negative below 1/3, neutral "
        "inside [1/3, 2/3], positive above, or one of two. Where cases are *compared* with another "
        "form of themselves, *kept* counts those whose reading stays (with a protected term, the "
        "probability too, within 0.05), and a case passes that is kept and right. It says nothing "
        "about longer texts.",
    ),
    "explanations": (
        "Which explanation to trust",
        "Every method on the dev split of the treebank, the best first, with 95 % bootstrap "
        "intervals over sentences. A phrase *read alone* is a text of its own to the model. "
        "AUC: the chance that the method puts a positive phrase above a negative one, 0.5 for a "
        "guess. `python -m train explain-eval --data SST --long IMDB --write`",
    ),
    "pair_signs": (
        "Minimal pairs: which way the words point",
        "Of the pairs whose praise is read as positive, the share in which the method gives the "
        "negator, and the word that it negates, a negative score in the negated text.",
    ),
    "robustness": (
        "Robustness",
        "Sentences whose label changes though the meaning does not.",
    ),
    "ablation": (
        "Ablation",
        "Mean and standard deviation over the seeds of a much shorter schedule, so that all rows "
        "are comparable with one another and none with the figures above. *Negation* and "
        "*neutral* are mean pass rates of the suite.",
    ),
    "baselines": (
        "Baselines",
        "The same splits. A constant answer passes some capabilities whole, so read rows across, "
        "not cells.",
    ),
    "known_failures": ("Known failures", "Sentences that are misread."),
}
UNSHOWN = ("epochs",)
_SHARE = re.compile(
    r"accuracy|pass_rate|share|negation|neutral|precision|recall|f1|low|high|_dev|suite", re.I
)


def description(config: ModelConfig) -> str:
    """The network in a sentence or two: cell, size, head and outputs."""
    cell = kind_of(config.cell, config.bidirectional)
    parts = {"last": "the final state", "max": "the max-pool", "mean": "the mean-pool"}
    heads = [parts[part] for part in config.pooling]
    head = heads[0] if len(heads) == 1 else f"{', '.join(heads[:-1])} and {heads[-1]}"
    layers = "one layer" if config.layers == 1 else f"{config.layers} layers"
    labels = ", ".join(config.labels[:-1]) + f" and {config.labels[-1]}"
    outputs = (
        f"One output: the log-odds of *{config.labels[1]}*."
        if config.output_dim == 1
        else f"One output for each of its {len(config.labels)} labels."
    )
    if config.labels == POLAR:
        outputs += " A probability between 1/3 and 2/3 is to be read as *neutral*."
    return (
        f"A packed {cell} that tells {labels} texts apart: {layers} of {config.hidden_dim} units "
        f"over {config.vocab_size - 2:,} words, its head over {head}. {outputs}"
    )


def figures(metrics: Metrics) -> list[str]:
    """What was measured, a section each: the splits, then tables, counts and remarks."""
    return [
        _splits(metrics),
        *(_table(n, rows) for n, rows in metrics.tables.items() if n not in UNSHOWN),
        *(_counts(n, row) for n, row in metrics.counts.items()),
        *(_remarks(n, lines) for n, lines in metrics.remarks.items()),
    ]


def _splits(metrics: Metrics) -> str:
    if not metrics.splits:
        return ""
    rows = []
    for name, one in metrics.splits.items():
        row: dict[str, Any] = {"data": SPLITS.get(name, name.replace("_", " ")), "n": one.n}
        row["accuracy"] = _shown("accuracy", one.accuracy)
        row["95 % interval"] = _interval(one)
        if one.macro_f1 is not None:
            row["macro-F1"] = _shown("macro_f1", one.macro_f1)
        row["log loss"] = _shown("log_loss", one.log_loss)
        row["ECE"] = _shown("ece", one.ece)
        if one.ece_low is not None and one.ece_high is not None:
            row["ECE"] += f" ({one.ece_low:.3f} to {one.ece_high:.3f})"
        rows.append(row)
    return (
        f"## Accuracy and calibration\n\n{table(rows)}\n\nAccuracy is in per cent, log loss in "
        "nats; ECE is the expected calibration error over ten bins of equal mass. An ECE with an "
        "interval is cross-fitted: the temperature of each fifth comes from the other four."
    )


def _interval(one: Figures) -> str:
    if one.low is None or one.high is None:
        return "–"
    return f"{100 * one.low:.1f} to {100 * one.high:.1f}"


def _table(name: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    title, words = TABLES.get(name, (name.replace("_", " ").capitalize(), ""))
    return "\n\n".join(part for part in (f"## {title}", words, table(rows)) if part)


def table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table; shares in per cent, other fractions to three places."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [[name.replace("_", " ") for name in columns], ["---"] * len(columns)]
    lines += [[_shown(name, row.get(name)) for name in columns] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _shown(name: str, value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, float):
        return f"{100 * value:.1f}" if _SHARE.search(name) else f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{100 * value:.1f}" if _SHARE.search(name) and value in (0, 1) else f"{value:,}"
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def _counts(name: str, row: Mapping[str, float]) -> str:
    title = {
        "minimal_pairs": "Minimal pairs: praise and its negation",
    }.get(name, name.replace("_", " ").capitalize())
    words = {
        "minimal_pairs": "How many pairs there are (n), in how many the label flips, and in how "
        "many the head's part over the final state alone (last), the max-pool and the mean-pool "
        "goes from above to below nought.",
    }.get(name, "")
    return "\n\n".join(part for part in (f"## {title}", words, table([row])) if part)


def _remarks(name: str, lines: Sequence[str]) -> str:
    title = name.replace("_", " ").capitalize()
    return f"## {title}\n\n" + ("\n".join(f"- {line}" for line in lines) or "None.")


def making(recipe: Recipe) -> str:
    """The section of data and recipe: what the weights were made from, pass by pass."""
    said = []
    if recipe.data:
        said.append("Trained on:\n\n" + "\n".join(_source(one) for one in recipe.data))
    said += [
        f"{one.labels:,} texts were labelled by {one.name}, as soft labels."
        for one in recipe.teachers
    ]
    if recipe.start:
        said.append(f"Training started from {recipe.start}.")
    if recipe.vectors:
        said.append(f"Word vectors started from {recipe.vectors}.")
    if recipe.examples is not None:
        said.append(f"The last pass learnt from {recipe.examples:,} texts.")
    if recipe.temperature is not None:
        said.append(
            f"Logits were divided by the temperature {recipe.temperature:.3f}, fitted on held-out "
            "texts."
        )
    if recipe.passes:
        said.append("Passes, in their order:\n\n" + "\n".join(_passes(recipe)))
    if recipe.settings:
        settings = ", ".join(f"{name} {value}" for name, value in recipe.settings.items())
        said.append(f"Settings of the last pass: {settings}.")
    return "## Data and recipe\n\n" + "\n\n".join(said or ["Not recorded."])


def _source(one: Any) -> str:
    count = "" if one.texts is None else f": {one.texts:,} texts"
    return f"- {one.name}, {one.role}{count}"


def _passes(recipe: Recipe) -> list[str]:
    lines = []
    for number, one in enumerate(recipe.passes, 1):
        said = [one.note] if one.note else []
        if one.start:
            said.append(f"from {one.start}")
        if one.settings:
            said.append(", ".join(f"{name} {value}" for name, value in one.settings.items()))
        if one.figures:
            said.append(", ".join(f"{name} {_shown(name, v)}" for name, v in one.figures.items()))
        command = f"\n   `{one.command}`" if one.command else ""
        lines.append(f"{number}. {'; '.join(said)}{command}")
    return lines


def limits(recipe: Recipe, language: str | None, licence: str | None) -> str:
    """The section of limits and licence."""
    texts = " and ".join(dict.fromkeys(one.name for one in recipe.data)) or "data not recorded"
    said = [
        f"Language of the texts: {language or 'not recorded'}. Licence of the weights: "
        f"{licence or 'not recorded'}; the data have terms of their own.",
        f"Trained on {texts}: texts of other kinds, irony, comparisons and long arguments are "
        "read worse than the figures suggest. Words outside the vocabulary are read as "
        '"unknown". Probabilities are calibrated on data like that of training, if at all. Not '
        "meant for decisions about people.",
    ]
    return "## Limits and licence\n\n" + "\n\n".join(said)
