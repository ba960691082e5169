"""Publish a checkpoint, with its card, or the Space itself: one commit each, or nothing."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from sentiment import hub
from sentiment.checkpoint import CheckpointError
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier
from sentiment.hub import CARD, METRICS, READ, TRAINING, Figure
from sentiment.vetting import read_object

ROOT = Path(__file__).parent.parent
STAGED = Path("runs/publish")
SPACE = ("app.py", "requirements.txt", "README.md", "LICENSE")
METRIC_NAMES = {"accuracy": "accuracy", "f1": "f1", "log_loss": "log_loss", "ece": "ece"}
LIMITS = """## Limits

Trained on short English film reviews unless the recipe says otherwise: other languages, other
domains, irony, comparisons and long arguments are read worse than the figures suggest. Words
outside the vocabulary are read as "unknown". Probabilities are calibrated on data like that of
training alone. Not meant for decisions about people.
"""

EXAMPLES = """Examples:

\b
  hf auth login
  python -m train publish --repo me/sst-lstm --dry-run
  python -m train publish --repo me/sst-lstm --weights runs/sst --tag v1 --private
  python -m train publish-space --repo me/lstm-microscope
"""


def publish(
    repo: Annotated[str, typer.Option(help="Repository on the Hub: user/name, or name.")],
    weights: Annotated[
        Path, typer.Option(help="Checkpoint folder.", show_default="the embedded weights")
    ] = DEFAULT_WEIGHTS,
    private: Annotated[bool, typer.Option("--private", help="Only you can see it.")] = False,
    tag: Annotated[str | None, typer.Option(help="Tag of the commit, such as v1.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=f"Write what would go to {STAGED}/NAME; no network.")
    ] = False,
    license_name: Annotated[str, typer.Option("--license", help="Licence of the weights.")] = "mit",
    language: Annotated[str, typer.Option(help="Language of the texts.")] = "en",
    dataset: Annotated[
        list[str] | None, typer.Option(help="Hub id of a data set trained on; may repeat.")
    ] = None,
) -> None:
    """Publish a checkpoint folder with its card to the Hub and print the commit to pin.

    The folder is loaded and tried first. The card has the figures of metrics.json as
    model-index results, a snippet that runs, and limits; a README.md in the folder is used
    instead, with results and snippet added where it has none. Log in with `hf auth login` or
    set HF_TOKEN. A stopped run has published nothing and may be repeated.
    """
    hub.check_name(repo)
    if dry_run:
        folder = _emptied(STAGED / repo.rsplit("/", 1)[-1])
        files = stage(weights, folder, repo, tag, license_name, language, dataset or [])
        return _show(folder, files)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = stage(weights, folder, repo, tag, license_name, language, dataset or [])
        published = hub.publish_folder(
            folder, repo, files=files, stale=hub.WRITTEN, private=private, tag=tag
        )
    typer.echo(f"published {published.url}")
    typer.echo(f'sentiment.load("{published.repository}", revision="{published.commit}")')
    return None


def publish_space(
    repo: Annotated[str, typer.Option(help="Space on the Hub: user/name, or name.")],
    weights: Annotated[
        Path, typer.Option(help="Checkpoint folder to embed.", show_default="the embedded weights")
    ] = DEFAULT_WEIGHTS,
    private: Annotated[bool, typer.Option("--private", help="Only you can see it.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=f"Write what would go to {STAGED}/NAME; no network.")
    ] = False,
) -> None:
    """Publish the page as a Gradio Space: app.py, sentiment/ and what they need, nothing else.

    Files of the Space that no longer belong to it go with the same commit.
    """
    hub.check_name(repo)
    if dry_run:
        folder = _emptied(STAGED / repo.rsplit("/", 1)[-1])
        return _show(folder, stage_space(folder, weights))
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = stage_space(folder, weights)
        published = hub.publish_folder(
            folder, repo, files=files, stale=("*",), private=private, kind="space"
        )
    typer.echo(f"published {published.url} at {published.commit}")
    return None


def stage(
    weights: Path,
    folder: Path,
    repository: str,
    tag: str | None = None,
    license_name: str = "mit",
    language: str | None = "en",
    datasets: list[str] | None = None,
) -> list[str]:
    """Put what is published into ``folder``; gives the files' names.

    Raises as ``checkpoint.load`` for weights that do not load, CheckpointError for weights or
    figures that are no numbers.
    """
    classifier = SentimentClassifier.from_folder(weights)
    tried = classifier.predict("not good").logits
    if not all(math.isfinite(logit) for logit in tried):
        raise CheckpointError(f"{weights}: the verdict on 'not good' is {tried}")
    recipe, measured = _copy_recipe(weights, folder), _json(weights / METRICS)
    source = recipe.get("data", "unnamed")
    for name in (*READ, METRICS):
        if (weights / name).is_file():
            shutil.copyfile(weights / name, folder / name)
    found = figures(measured, (datasets or [source])[0])
    if not found:
        typer.echo(f"note: no figures in {weights / METRICS}", err=True)
    if (weights / CARD).is_file():
        own = (weights / CARD).read_text(encoding="utf-8")
        text = hub.completed_card(own, repository, classifier.labels, revision=tag, figures=found)
    else:
        text = hub.card(
            repository,
            classifier.labels,
            revision=tag,
            figures=found,
            notes=f"{_recipe_table(recipe)}\n{LIMITS}",
            license_name=license_name,
            language=language,
            datasets=datasets or [],
        )
    (folder / CARD).write_text(text, encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def stage_space(folder: Path, weights: Path = DEFAULT_WEIGHTS) -> list[str]:
    """Put what the Space runs into ``folder``; gives the files' names."""
    SentimentClassifier.from_folder(weights)
    for name in SPACE:
        shutil.copyfile(ROOT / name, folder / name)
    shutil.copytree(
        ROOT / "sentiment",
        folder / "sentiment",
        ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.partial", "weights", ".*"),
    )
    embedded = folder / "sentiment" / "weights"
    shutil.copytree(weights, embedded, ignore=_foreign_to_weights)
    _copy_recipe(weights, embedded)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _foreign_to_weights(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name not in hub.WRITTEN]


def figures(measured: dict[str, Any], dataset: str) -> list[Figure]:
    """Results for the card: every object of metrics.json that has an accuracy is a split."""
    found = []
    for split, row in measured.items():
        if not isinstance(row, dict) or "accuracy" not in row:
            continue
        for key, metric in METRIC_NAMES.items():
            value = row.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                if not math.isfinite(value):
                    raise CheckpointError(f"{METRICS}: {split} {key} must be a number, got {value}")
                found.append(Figure(dataset, split, metric, float(value)))
    return found


def _copy_recipe(weights: Path, folder: Path) -> dict[str, Any]:
    """Write training.json without the folders of the machine that trained; gives it back."""
    recipe = _json(weights / TRAINING)
    source = recipe.get("data")
    if isinstance(source, str) and not hub.is_repository(source):
        recipe["data"] = Path(source).name
    if recipe:
        text = json.dumps(recipe, indent=2) + "\n"
        (folder / TRAINING).write_text(text, encoding="utf-8")
    return recipe


def _recipe_table(recipe: dict[str, Any]) -> str:
    if not recipe:
        return ""
    rows = "".join(
        f"| {name} | {value} |\n"
        for name, value in recipe.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    )
    return f"## Recipe\n\n| setting | value |\n|---|---|\n{rows}"


def _json(path: Path) -> dict[str, Any]:
    return read_object(path) if path.is_file() else {}


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _show(folder: Path, files: list[str]) -> None:
    for name in files:
        typer.echo(f"{(folder / name).stat().st_size:>12,} bytes  {name}")
    typer.echo(f"nothing was published; this would be: {folder}")
