"""What the recipe records of itself in training.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sentiment.records import Figures, Pass, Recipe, Source, Teacher
from train.fit.fit import named, scalars
from train.fit.loop import LoopSettings
from train.recipe.mixture import DistillSettings, Sources, cached_reviews
from train.recipe.teacher import cached_labels


def teachers(cache: Path) -> tuple[Teacher, ...]:
    """Who labelled how many texts: each folder of the cache is named after its teacher."""
    folders = sorted({part.parent for part in cache.rglob("labels-*.jsonl")})
    found = [Teacher(folder.name, len(cached_labels(folder))) for folder in folders]
    reviews = len(cached_reviews(cache))
    return (*found, *([Teacher("NB-SVM over bigrams", reviews)] if reviews else []))


def recorded(
    sources: Sources,
    settings: DistillSettings,
    loop_settings: LoopSettings,
    figures: Mapping[str, Figures],
    start: Path | None,
) -> Recipe:
    """The student's recipe; its last pass tells what it has otherwise than the one before.

    The first pass tells what it has otherwise than the defaults.
    """
    settled = scalars(settings) | scalars(loop_settings)
    before = Recipe() if start is None else Recipe.read(start)
    usual = before.settings or scalars(DistillSettings()) | scalars(LoopSettings())
    one = Pass(
        start=named(str(sources.vectors if start is None else start)),
        settings={name: value for name, value in settled.items() if usual.get(name) != value},
        figures={name: found.accuracy for name, found in figures.items()},
    )
    general = [Source(named(sources.general), role="everyday texts")] if sources.general else []
    return Recipe(
        data=(
            Source(named(sources.sst), role="treebank, every constituent"),
            Source(named(sources.imdb), role="labelled reviews without the held-out tenth"),
            Source(named(sources.unlabelled), role="reviews without labels"),
            *general,
            Source(
                "constructed sentences",
                settings.constructed,
                "targets by grammar, protected terms neutral",
            ),
        ),
        language="en",
        license="mit",
        start=None if start is None else named(str(start)),
        vectors=named(str(sources.vectors)),
        teachers=teachers(sources.cache),
        settings=settled,
        passes=(*before.passes, one),
    )
