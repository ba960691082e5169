"""Publish a checkpoint, with its card, or the Space itself: one commit each, or nothing."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from sentiment import hub
from sentiment.card import CARD, Terms, completed_card, model_card
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier
from sentiment.errors import SentimentError
from sentiment.records import METRICS, TRAINING, Metrics, Recipe
from sentiment.values import POLAR

ROOT = Path(__file__).parent.parent
STAGED = Path("runs/publish")
SPACE = ("app.py", "README.md", "LICENSE")
REQUIREMENTS, LOCK = "requirements.txt", "requirements.lock"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
_CUDA = re.compile(r"nvidia-|cuda-|triton$")
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
    license_name: Annotated[
        str | None,
        typer.Option("--license", help="Licence of the weights.  [default: training.json's]"),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the texts.  [default: training.json's]")
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="Hub id of a data set trained on; may repeat.  [default: the same]"),
    ] = None,
) -> None:
    """Publish a checkpoint folder with its card to the Hub and print the commit to pin.

    The folder is loaded and tried first. The card says what training.json and metrics.json
    say, the figures as model-index results too, and has a snippet that runs; a README.md in the
    folder is used instead, with results and snippet added where it has none. Log in with
    `hf auth login` or set HF_TOKEN. A stopped run has published nothing and may be repeated.
    """
    hub.check_name(repo)
    terms = Terms(license_name, language, tuple(dataset or ()))
    if dry_run:
        folder = _emptied(STAGED / repo.rsplit("/", 1)[-1])
        files = stage(weights, folder, repo, tag, terms)
        return _show(folder, files)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = stage(weights, folder, repo, tag, terms)
        published = hub.publish_folder(
            folder, repo, files=files, stale=hub.CONTENTS, private=private, tag=tag
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
    terms: Terms | None = None,
) -> list[str]:
    """Put what is published into ``folder``; gives the files' names.

    Raises as ``checkpoint.load`` for weights that do not load, SentimentError for weights or
    figures that are no numbers.
    """
    classifier = SentimentClassifier.from_folder(weights)
    tried = classifier.predict("not good").logits
    if not all(math.isfinite(logit) for logit in tried):
        raise SentimentError(f"{weights}: the verdict on 'not good' is {tried}")
    recipe, metrics = public_recipe(weights), Metrics.read(weights)
    for name in hub.CONTENTS:
        if (weights / name).is_file():
            shutil.copyfile(weights / name, folder / name)
    if recipe != Recipe():
        recipe.write(folder)
    if not metrics.splits:
        typer.echo(f"note: no figures in {weights / METRICS}", err=True)
    own = weights / CARD
    name = repository.rsplit("/", 1)[-1]
    about = (name, classifier.config, recipe, metrics)
    if own.is_file():
        kept = own.read_text(encoding="utf-8")
        text = completed_card(kept, *about, repository=repository, revision=tag, terms=terms)
    else:
        text = model_card(*about, repository=repository, revision=tag, terms=terms)
    (folder / CARD).write_text(text, encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def stage_space(folder: Path, weights: Path = DEFAULT_WEIGHTS) -> list[str]:
    """Put what the Space runs into ``folder``; gives the files' names.

    The README of a Space with other weights than the embedded ones speaks of them.
    """
    classifier = SentimentClassifier.from_folder(weights)
    for name in SPACE:
        shutil.copyfile(ROOT / name, folder / name)
    if weights.resolve() != DEFAULT_WEIGHTS:
        own = space_readme(classifier.labels, public_recipe(weights))
        (folder / CARD).write_text(own, encoding="utf-8")
    (folder / REQUIREMENTS).write_text(space_requirements(), encoding="utf-8")
    shutil.copytree(
        ROOT / "sentiment",
        folder / "sentiment",
        ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.partial", "weights", ".*"),
    )
    embedded = folder / "sentiment" / "weights"
    shutil.copytree(weights, embedded, ignore=_foreign_to_weights)
    if (embedded / TRAINING).is_file():
        public_recipe(weights).write(embedded)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def space_readme(labels: Sequence[str], recipe: Recipe) -> str:
    """The README of a Space over a person's own weights: their labels, data, language, licence."""
    import yaml  # type: ignore[import-untyped]

    front = yaml.safe_load((ROOT / CARD).read_text(encoding="utf-8").split("---\n")[1])
    if tuple(labels) != POLAR:
        front["tags"] = [tag for tag in front["tags"] if tag != "sentiment-analysis"]
    front |= {"license": recipe.license} if recipe.license else {}
    said = [
        f"A network that tells {', '.join(labels)} apart, read word by word.",
        f"Data: {', '.join(one.name for one in recipe.data)}." if recipe.data else "",
        f"Language: {recipe.language}." if recipe.language else "",
        f"Licence of the weights: {recipe.license or 'not stated'}.",
        "See [the About panel](?panel=about) for its figures.",
    ]
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n# {front['title']}\n\n" + "\n".join(s for s in said if s) + "\n"


def space_requirements() -> str:
    """Every version that the Space installs, as requirements.lock has it, torch without CUDA.

    A Space installs names of its own in the same step, so that no hashes can be asked for there.
    """
    lock = (ROOT / LOCK).read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", lock, re.M)
    kept = [f"{name}=={version}" for name, version in pins if not _CUDA.match(name)]
    return "\n".join([f"--extra-index-url {CPU_WHEELS}", *kept]) + "\n"


def _foreign_to_weights(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name not in hub.CONTENTS]


def public_recipe(weights: Path) -> Recipe:
    """The recipe without folders of the machine that trained, and without texts' hashes."""
    recipe = Recipe.read(weights)
    return replace(
        recipe,
        data=tuple(replace(one, name=public_name(one.name)) for one in recipe.data),
        teachers=tuple(replace(one, name=public_name(one.name)) for one in recipe.teachers),
        start=None if recipe.start is None else public_name(recipe.start),
        vectors=None if recipe.vectors is None else public_name(recipe.vectors),
        fingerprint=(),
    )


def public_name(name: str) -> str:
    """A Hub id as it is, of a file or folder its last part alone."""
    return name if hub.is_repository(name) else Path(name).name


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _show(folder: Path, files: list[str]) -> None:
    for name in files:
        typer.echo(f"{(folder / name).stat().st_size:>12,} bytes  {name}")
    typer.echo(f"nothing was published; this would be: {folder}")
