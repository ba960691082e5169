"""The memory ledger: how much of the final cell each token wrote and still holds."""

from __future__ import annotations

import torch

from sentiment.explain.gates import replay
from sentiment.explain.reading import Reading
from sentiment.values import Memory, Scores, floats


def memory(reading: Reading) -> Memory:
    """c_T = sum_s (prod_{u>s} f_u) i_s g_s of the top layer, from unrolling c_t = f c + i g."""
    top = reading.of(replay)[-1]
    written = top.input.double() * top.candidate.double()  # (T, H)
    later = top.forget.double().flip(0).cumprod(dim=0).flip(0)  # (T, H), prod_{u>=s} f_u
    later = torch.cat([later[1:], torch.ones_like(later[:1])])  # (T, H), prod_{u>s} f_u
    kept = later * written  # (T, H)
    total = kept.sum(dim=0)  # (H,)
    size = total @ total
    shares = kept @ total / size if size > 0 else torch.zeros(reading.count)
    final = reading.trace.final_cell  # (1, H), from the fused kernel: not of this replay
    cell = total if final is None else final[0].double()  # (H,)
    scale = max(1.0, float(cell.abs().max()))
    return Memory(
        kept=floats(kept),
        written_norms=floats(written.norm(dim=1)),
        kept_norms=floats(kept.norm(dim=1)),
        shares=floats(shares),
        residual=float((total - cell).abs().max()) / scale,
    )


def memory_scores(reading: Reading) -> Scores:
    """The norm of what each token wrote and the final cell still holds, as token scores."""
    return Scores(reading.of(memory).kept_norms)
