"""Figures by domain: two classes, three with the neutral zone, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier, load
from sentiment.text import UNKNOWN_ID
from sentiment.values import NEUTRAL_ZONE
from train.data.general import GeneralText, load_general
from train.fit.calibrate import cross_fitted
from train.measure.baselines import NaiveBayesSVM, vader

FEWEST = 20  # of a class, for a figure over it


@dataclass(frozen=True, slots=True)
class DomainFigures:
    """Figures of one domain; None where it has too few texts of a class for one.

    ``accuracy`` is of the ``polar`` texts, by the side of 1/2; ``neutral_inside`` the share of
    the ``neutral`` ones within the neutral zone; ``macro_recall`` the mean recall of negative,
    neutral and positive, told apart by the zone; ``ece`` that of the polar texts, each with the
    temperature that the others ask for.
    """

    polar: int
    neutral: int
    accuracy: float | None
    neutral_inside: float | None
    macro_recall: float | None
    ece: float | None


def domain_figures(
    probabilities: Sequence[float],
    texts: Sequence[GeneralText],
    *,
    by: str = "domain",
    calibration: bool = False,
) -> dict[str, DomainFigures]:
    """Figures of each domain, or ``by`` "source" of each source; all texts need a target.

    ``calibration`` also fits the ECE, which takes a second a domain.
    """
    p = np.asarray(probabilities, dtype=float)
    y = np.array([one.target for one in texts], dtype=float)
    groups = np.array([getattr(one, by) for one in texts])
    return {
        str(name): _figures(p[groups == name], y[groups == name], calibration)
        for name in dict.fromkeys(groups.tolist())
    }


def _figures(p: np.ndarray, y: np.ndarray, calibration: bool) -> DomainFigures:
    low, high = NEUTRAL_ZONE
    read = np.where(p < low, 0.0, np.where(p > high, 1.0, 0.5))
    polar = y != 0.5
    recalls = {
        target: float((read == target)[y == target].mean())
        for target in (0.0, 0.5, 1.0)
        if (y == target).sum() >= FEWEST
    }
    enough = polar.sum() >= FEWEST
    ece = None
    if calibration and enough and len(set(y[polar])) == 2:
        clipped = p[polar].clip(1e-6, 1 - 1e-6)
        logits = np.log(clipped / (1 - clipped))
        ece = cross_fitted(logits.tolist(), y[polar].astype(int).tolist(), resamples=1).ece
    return DomainFigures(
        int(polar.sum()),
        int((~polar).sum()),
        float(((p > 0.5) == (y > 0.5))[polar].mean()) if enough else None,
        recalls.get(0.5),
        float(np.mean(list(recalls.values()))) if len(recalls) == 3 else None,
        ece,
    )


def probabilities_of(classifier: SentimentClassifier, texts: Sequence[GeneralText]) -> list[float]:
    """Probabilities of "positive"; of a text without a word, those of one unknown word."""
    ids = classifier.encoder.ids_batch([one.text for one in texts])
    rows = np.array(classifier.logits([row or [UNKNOWN_ID] for row in ids]))[:, 0]  # (N,)
    found: list[float] = (1 / (1 + np.exp(-rows))).tolist()
    return found


def domain_rows(
    classifier: SentimentClassifier, source: str, *, by: str = "domain", trained: bool = False
) -> list[dict[str, str | int | float | None]]:
    """Figures of the dev split by domain, ours and VADER's, as plain rows.

    With ``trained`` also the accuracy of NB-SVM, fitted on the polar texts of the train split.
    """
    texts = [one for one in load_general(source, "dev") if one.target is not None]
    ours = domain_figures(probabilities_of(classifier, texts), texts, by=by, calibration=True)
    scores = vader()([one.text for one in texts]).tolist()
    theirs = domain_figures(scores, texts, by=by)
    rows: list[dict[str, str | int | float | None]] = [
        {
            by: name,
            **asdict(figures),
            "neutral": figures.neutral or None,
            "vader_accuracy": theirs[name].accuracy,
            "vader_macro_recall": theirs[name].macro_recall,
        }
        for name, figures in ours.items()
    ]
    if trained:
        polar = [one for one in load_general(source) if one.target in (0.0, 1.0)]
        model = NaiveBayesSVM(2, strength=1.0, min_count=2)
        model.fit([one.text for one in polar], [int(one.target == 1.0) for one in polar])
        found = domain_figures(model([one.text for one in texts]).tolist(), texts, by=by)
        for row in rows:
            row["nb_svm_accuracy"] = found[str(row[by])].accuracy
    return rows


def domains(
    general: Annotated[str, typer.Option(help="Everyday texts: folder, or Hub ids.")],
    weights: Annotated[
        Path, typer.Option(help="Checkpoint folder.", show_default="the embedded weights")
    ] = DEFAULT_WEIGHTS,
    by: Annotated[str, typer.Option(help="domain or source.")] = "domain",
    trained: Annotated[
        bool, typer.Option("--baselines", help="NB-SVM, fitted on the train split, too.")
    ] = False,
) -> None:
    """Figures of a checkpoint on everyday texts, domain by domain, beside VADER's."""
    if by not in ("domain", "source"):
        raise ValueError(f"--by must be domain or source, got {by!r}")
    for row in domain_rows(load(weights), general, by=by, trained=trained):
        shown = (f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values() if v != "")
        typer.echo("  ".join(f"{name} {value}" for name, value in zip(row, shown, strict=True)))
