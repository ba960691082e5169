"""The layers: every module has its place, imports only from below, and nothing goes in a circle.

Read from the modules' own import statements, those inside functions included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.conftest import ROOT

LAYERS = (
    (
        "sentiment.errors",
        "sentiment.values*",
        "sentiment.cancellation",
        "sentiment.batches",
        "sentiment.kernels",
        "sentiment.palette",
        "sentiment.normalization",
        "sentiment.splitting",
        "sentiment.edits",
        "sentiment.edits.lexicon",
        "sentiment.edits.words",
        "sentiment.word_ids",
        "sentiment.edits.nouns",
        "sentiment.edits.echoes",
        "sentiment.edits.traps",
        "sentiment.languages",
        "sentiment.start",
        "sentiment.cores",
    ),
    ("sentiment.text", "sentiment.model"),
    ("sentiment.slots",),
    ("sentiment.edits.editing", "sentiment.edits.opinions"),
    ("sentiment.edits.clauses",),
    ("sentiment.edits.sentences", "sentiment.edits.forms"),
    ("sentiment.edits.rules", "sentiment.edits.loose"),
    ("sentiment.negation", "sentiment.vetting", "sentiment.durable", "sentiment.legibility"),
    ("sentiment.checkpoint",),
    ("sentiment.records",),
    ("sentiment.card", "sentiment.card_sections"),
    ("sentiment.hub",),
    ("sentiment.explain*",),
    ("sentiment.report", "sentiment.report_tables", "sentiment.frames"),
    ("sentiment.explanation",),
    ("sentiment.comparison",),
    ("sentiment.classifier",),
    ("sentiment.suite",),
    ("sentiment.behaviour",),
    ("sentiment.tables*",),
    ("sentiment.output*",),
    ("sentiment.verdicts",),
    ("sentiment.workers",),
    ("sentiment.schedule",),
    ("sentiment.scoring", "sentiment.options", "sentiment.interrupts"),
    ("train.data*", "train.measure.metrics", "train.measure.truth", "train.foreign"),
    ("train.agreement",),
    ("train.fit*",),
    ("train.recipe*", "train.measure*", "train.publish", "train.importing", "train.export*"),
    ("train.estimator",),
    ("train.bench*",),
    ("train.__main__",),
    ("sentiment.ui*",),
    ("sentiment.__main__",),
    ("app",),
)
"""From the bottom up. A module imports from its own layer and from those below."""

FACADES = ("sentiment", "train")
"""Packages whose ``__init__`` only names what others hold."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "train": ("train.*",),
    "app": (),
    "sentiment.ui": ("sentiment.ui*", "sentiment.__main__", "app"),
    "gradio": ("app", "sentiment.ui.*"),
    "captum": ("sentiment.explain.*",),
    "huggingface_hub": ("sentiment.hub", "train.publish"),
    "datasets": ("train.*", "sentiment.tables.*"),
    "transformers": ("train.*",),
}
"""What only these modules import."""


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the project by its name, parsed."""
    paths = [ROOT / "app.py"]
    paths += [p for folder in ("sentiment", "train") for p in (ROOT / folder).rglob("*.py")]
    found = {}
    for path in paths:
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """Full names that a module imports: modules, or names of modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def edges() -> dict[str, frozenset[str]]:
    """Which modules of the project each module imports."""
    modules = sources()
    found = {}
    for name, tree in modules.items():
        targets = set()
        for full in imported(tree):
            while full and full not in modules:
                full = full.rpartition(".")[0]
            targets.add(full)
        found[name] = frozenset(targets - {name, "", *FACADES})
    return {name: targets for name, targets in found.items() if name not in FACADES}


def layer(name: str) -> int:
    """The number of a module's layer; the first pattern that names it decides."""
    for number, patterns in enumerate(LAYERS):
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return number
    raise AssertionError(f"{name} stands in no layer: give it its place in LAYERS")


def test_every_module_has_its_layer() -> None:
    for name in edges():
        layer(name)


def test_imports_go_down() -> None:
    upward = [
        f"{name} imports {target} from above"
        for name, targets in edges().items()
        for target in targets
        if layer(target) > layer(name)
    ]
    assert upward == []


def test_nothing_imports_in_a_circle() -> None:
    try:
        TopologicalSorter(edges()).prepare()
    except CycleError as error:
        pytest.fail(f"imports go in a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("library", list(ALLOWED))
def test_a_library_stays_where_it_belongs(library: str) -> None:
    users = [
        name
        for name, tree in sources().items()
        if any(f"{full}.".startswith(f"{library}.") for full in imported(tree))
    ]
    patterns = ALLOWED[library]
    assert [n for n in users if not any(fnmatchcase(n, pattern) for pattern in patterns)] == []


def test_every_pattern_names_a_module() -> None:
    names = edges()
    idle = [p for patterns in LAYERS for p in patterns if not any(fnmatchcase(n, p) for n in names)]
    assert idle == []
