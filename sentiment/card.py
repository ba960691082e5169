"""The one writer of model cards: what training.json and metrics.json say, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sentiment.card_sections import description, figures, limits, making
from sentiment.errors import SentimentError
from sentiment.model import ModelConfig
from sentiment.records import Figures, Metrics, Recipe
from sentiment.values import POLAR

CARD = "README.md"
METRIC_NAMES = ("accuracy", "macro_f1", "log_loss", "ece")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person says of weights beyond their own record; None keeps what the record says."""

    license: str | None = None
    language: str | None = None
    datasets: tuple[str, ...] = ()


def model_card(
    name: str,
    config: ModelConfig,
    recipe: Recipe,
    metrics: Metrics,
    *,
    repository: str | None = None,
    revision: str | None = None,
    terms: Terms | None = None,
) -> str:
    """The card of a checkpoint, in the Hub's format: metadata, then Markdown.

    ``repository`` and ``revision`` go into the snippet that loads it; without, it loads the
    embedded weights. Licence, language and data are named where ``terms`` or the recipe has them.
    """
    terms = terms or Terms()
    language, licence = terms.language or recipe.language, terms.license or recipe.license
    front = {
        "language": language,
        "license": licence,
        "library_name": "lstm-microscope",
        "pipeline_tag": "text-classification",
        "tags": ["text-classification", "explainability", config.cell, "pytorch", "safetensors"]
        + (["sentiment-analysis"] if config.labels == POLAR else []),
        "datasets": list(terms.datasets) or [one.name for one in recipe.data if "/" in one.name],
        "metrics": [n for n in METRIC_NAMES if _measured(metrics, n)],
        "model-index": _model_index(name, recipe, metrics, terms),
    }
    parts = [
        f"# {name}",
        description(config),
        "## Use\n\n" + snippet(config.labels, repository, revision),
        *figures(metrics),
        making(recipe),
        limits(recipe, language, licence),
    ]
    return _joined(front, "\n\n".join(part.strip("\n") for part in parts if part))


def completed_card(
    text: str,
    name: str,
    config: ModelConfig,
    recipe: Recipe,
    metrics: Metrics,
    *,
    repository: str,
    revision: str | None = None,
    terms: Terms | None = None,
) -> str:
    """A card of one's own, with results where its metadata has none, and the snippet if need be.

    What ``terms`` says goes into the metadata. Raises SentimentError for a card whose metadata
    is no YAML.
    """
    terms = terms or Terms()
    front, body = _parted(text)
    if not front.get("model-index") and (found := _model_index(name, recipe, metrics, terms)):
        front["model-index"] = found
    front |= {
        key: value
        for key, value in (
            ("license", terms.license),
            ("language", terms.language),
            ("datasets", list(terms.datasets)),
        )
        if value
    }
    if repository not in body:
        body = f"{body.rstrip()}\n\n## From the Hub\n\n" + snippet(
            config.labels, repository, revision
        )
    return _joined(front, body)


def snippet(
    labels: Sequence[str], repository: str | None = None, revision: str | None = None
) -> str:
    """Four lines of Python that load the model and predict."""
    pinned = "" if revision is None else f', revision="{revision}"'
    score = "verdict.probability" if len(labels) == 2 else "verdict.probabilities"
    named = "" if repository is None else f'"{repository}"{pinned}'
    return f"""```python
import sentiment

classifier = sentiment.load({named})
verdict = classifier.predict("not good")
print(verdict.label, {score})
```
"""


def _measured(metrics: Metrics, name: str) -> bool:
    return any(_number(one, name) is not None for one in metrics.splits.values())


def _number(one: Figures, name: str) -> float | None:
    value: float | None = getattr(one, name)
    return value if value == value else None


def _model_index(name: str, recipe: Recipe, metrics: Metrics, terms: Terms) -> list[dict[str, Any]]:
    named = next(iter([*terms.datasets, *(one.name for one in recipe.data)]), "unnamed")
    results = [
        {
            "task": {"type": "text-classification"},
            "dataset": {"type": one.data or named, "name": one.data or named, "split": split},
            "metrics": [
                {"type": metric, "value": round(value, 6)}
                for metric in METRIC_NAMES
                if (value := _number(one, metric)) is not None
            ],
        }
        for split, one in metrics.splits.items()
    ]
    return [{"name": name, "results": results}] if results else []


def _joined(front: Mapping[str, Any], body: str) -> str:
    import yaml  # type: ignore[import-untyped]

    kept = {key: value for key, value in front.items() if value}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---\n\n{body.strip()}\n"


def _parted(text: str) -> tuple[dict[str, Any], str]:
    """Metadata and body of a card."""
    import yaml

    found = re.match(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", text, re.S | re.M)
    if found is None:
        return {}, text
    try:
        front = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        raise SentimentError(f"{CARD}: its metadata cannot be read: {error}") from error
    if not isinstance(front, dict | None):
        raise SentimentError(f"{CARD}: its metadata cannot be read: want keys, got {front!r}")
    return front or {}, text[found.end() :]
