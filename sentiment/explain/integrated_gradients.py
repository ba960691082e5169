"""Integrated gradients by Captum, on the embeddings.

Sundararajan et al. 2017, arXiv:1703.01365. No hook touches the model, so threads may share it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sentiment.cancellation import check_cancelled
from sentiment.explain.reading import Reading
from sentiment.text import PADDING_ID, UNKNOWN_ID
from sentiment.values import IntegratedGradients, Scores, floats

FIRST_STEPS, MOST_STEPS = 8, 256
FEW_STEPS = 6  # the first round of a text too long for a second of 9 points after one of 8
MOST_TOKEN_STEPS = 13_000  # of all rounds, under a second's work: 13 gradients over 1,000 tokens
BATCH_TOKENS = 8192  # bounds the memory of one backward pass
ABSOLUTE, RELATIVE = 1e-3, 0.05  # the residual may be the larger of 1e-3 and 5 % of the difference


def _padding(reading: Reading) -> Tensor:
    return reading.model.embedding.weight[PADDING_ID]


def _unknown(reading: Reading) -> Tensor:
    return reading.model.embedding.weight[UNKNOWN_ID]


def _mean(reading: Reading) -> Tensor:
    return reading.model.embedding.weight[UNKNOWN_ID + 1 :].mean(dim=0)


BASELINES: dict[str, Callable[[Reading], Tensor]] = {
    "unknown": _unknown,
    "padding": _padding,
    "mean embedding": _mean,
}


def integrated_gradients(reading: Reading) -> IntegratedGradients:
    """Attribute the target's logit to the tokens, (T,), against the reading's baseline.

    The baseline repeats one embedding T times: "unknown", which stands for any word the model
    never met and so lies within what it was trained on; "padding", which it never reads; or the
    "mean embedding". The gradient jumps where max-pool winners change along the path, so the path
    is cut evenly: 8 midpoints (6 over 764 tokens), then twice the intervals by the trapezoid rule,
    which needs the points between, and so on, each round using all gradients before it, until the
    residual is within max(1e-3, 5 % of the logit difference), or 256 intervals or 13,000 gradients
    by a token, less than a second's work, are done, which ``converged`` then denies. On 15 long
    texts 17 gradients converge in all, 16 at Gauss-Legendre's nodes in 13. An attribution that
    overflows counts as 0, which the residual
    shows. Raises ValueError for another baseline.
    """
    if reading.baseline not in BASELINES:
        raise ValueError(f"baseline must be among {', '.join(BASELINES)}, got {reading.baseline!r}")
    model, count = reading.model, reading.count
    start = BASELINES[reading.baseline](reading).expand_as(reading.embedded)  # (1, T, E)
    with torch.inference_mode():
        lengths = torch.tensor([count])
        baseline_logit = float(model.run(start, lengths).logits[0, reading.target])
    difference = reading.logit - baseline_logit
    tolerance = max(ABSOLUTE, RELATIVE * abs(difference))
    roomy = (2 * FIRST_STEPS + 1) * count <= MOST_TOKEN_STEPS
    first = steps = spent = FIRST_STEPS if roomy else FEW_STEPS
    scores = midpoints(reading, start, steps)  # (T,)
    while True:
        residual = float(scores.sum()) - difference
        more = steps + 1 if steps == first else steps
        enough = steps >= MOST_STEPS or (spent + more) * count > MOST_TOKEN_STEPS
        if enough or abs(residual) <= tolerance:
            return IntegratedGradients(
                floats(scores), residual, tolerance, reading.baseline, baseline_logit, steps
            )
        # The trapezoid rule over 2n intervals is the mean of itself and of the midpoints over n.
        halves = trapezoid if steps == first else midpoints
        scores = (scores + halves(reading, start, steps)) / 2
        steps *= 2
        spent += more


def midpoints(reading: Reading, start: Tensor, steps: int) -> Tensor:
    """Attributions (T,) in float64 from ``start`` (1, T, E), by the midpoints of equal steps."""
    return _along(reading, start, steps, "riemann_middle")


def trapezoid(reading: Reading, start: Tensor, steps: int) -> Tensor:
    """The same by the trapezoid rule over equal steps, whose ends are steps + 1 points."""
    # Captum weighs n points by 1/n, the first and the last by half of it: n - 1 in all
    return _along(reading, start, steps + 1, "riemann_trapezoid") * ((steps + 1) / steps)


def _along(reading: Reading, start: Tensor, points: int, method: str) -> Tensor:
    """Attributions (T,) along the straight path, by one of Captum's rules."""
    # from the part that has it: captum.attr imports pictures, where it is imported at all
    from captum.attr._core.integrated_gradients import (
        IntegratedGradients as CaptumIntegratedGradients,
    )

    model, target, count = reading.model, reading.target, reading.count

    def logit(embedded: Tensor) -> Tensor:
        check_cancelled()
        lengths = torch.full((len(embedded),), count)
        return model.run(embedded, lengths).logits[:, target]  # (B,)

    with torch.enable_grad():
        attributions: Tensor = CaptumIntegratedGradients(logit).attribute(
            reading.embedded,
            start,
            n_steps=points,
            method=method,
            internal_batch_size=max(1, BATCH_TOKENS // count),
        )  # (1, T, E)
    return attributions[0].detach().double().sum(dim=1).nan_to_num(0.0, 0.0, 0.0)


def gradient_scores(reading: Reading) -> Scores:
    """Integrated gradients as token scores, with their residual."""
    found = reading.of(integrated_gradients)
    return Scores(found.scores, residual=found.residual)
