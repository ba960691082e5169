"""Integrated gradients by Captum, on the embeddings.

Sundararajan et al. 2017, arXiv:1703.01365. No hook touches the model, so threads may share it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from captum.attr import IntegratedGradients as CaptumIntegratedGradients
from torch import Tensor

from sentiment.explain.reading import Reading
from sentiment.text import PADDING_ID, UNKNOWN_ID
from sentiment.values import IntegratedGradients, floats

FIRST_STEPS, MOST_STEPS = 16, 256
ABSOLUTE, RELATIVE = 1e-3, 0.05  # the residual may be the larger of 1e-3 and 5 % of the difference


def _padding(reading: Reading) -> Tensor:
    return reading.model.embedding.weight[PADDING_ID]


def _unknown(reading: Reading) -> Tensor:
    return reading.model.embedding.weight[UNKNOWN_ID]


def _mean(reading: Reading) -> Tensor:
    return reading.model.embedding.weight[UNKNOWN_ID + 1 :].mean(dim=0)


BASELINES: dict[str, Callable[[Reading], Tensor]] = {
    "padding": _padding,
    "unknown": _unknown,
    "mean embedding": _mean,
}


def integrated_gradients(
    reading: Reading, baseline: str = "padding", *, most_steps: int = MOST_STEPS
) -> IntegratedGradients:
    """Attribute the target's logit to the tokens, (T,), against a baseline sentence.

    The baseline repeats one embedding ("padding", "unknown" or "mean embedding") T times. Steps
    double from 16 until the residual is within max(1e-3, 5 % of the logit difference) or
    ``most_steps`` is reached: max-pool winners change along the path, so more steps do not
    always help at once. Raises ValueError for another baseline.
    """
    if baseline not in BASELINES:
        raise ValueError(f"baseline must be among {', '.join(BASELINES)}, got {baseline!r}")
    model, target = reading.model, reading.target
    count = reading.embedded.shape[1]
    start = BASELINES[baseline](reading).expand_as(reading.embedded)  # (1, T, E)

    def logit(embedded: Tensor) -> Tensor:
        lengths = torch.full((len(embedded),), count)
        return model.run(embedded, lengths).logits[:, target]  # (B,)

    with torch.no_grad():
        baseline_logit = float(logit(start))
    difference = reading.logit - baseline_logit
    tolerance = max(ABSOLUTE, RELATIVE * abs(difference))
    steps = min(FIRST_STEPS, most_steps)
    while True:
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            attributions = CaptumIntegratedGradients(logit).attribute(
                reading.embedded, start, n_steps=steps, internal_batch_size=max(1, 16384 // count)
            )  # (1, T, E)
        scores = attributions[0].detach().double().sum(dim=1)  # (T,)
        residual = float(scores.sum()) - difference
        if abs(residual) <= tolerance or steps >= most_steps:
            return IntegratedGradients(
                floats(scores), residual, tolerance, baseline, baseline_logit, steps
            )
        steps = min(2 * steps, most_steps)
