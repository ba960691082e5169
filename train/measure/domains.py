"""Figures by domain: two classes, three with the neutral zone, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.values import NEUTRAL_ZONE
from train.data.general import GeneralText
from train.fit.calibrate import cross_fitted

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
