"""The lanes: every number that stands under a word, listed once for every view.

JSON, HTML export, page, Compare and the faithfulness meter read this list. A new token-scoring
method is a function from a reading to ``Scores``, and one entry here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sentiment.explain.decomposition import decomposition_scores
from sentiment.explain.deletion import deletion_scores, replacement_scores
from sentiment.explain.gates import gated
from sentiment.explain.integrated_gradients import gradient_scores
from sentiment.explain.ledger import last_scores, ledger_scores, mean_scores
from sentiment.explain.memory import memory_scores
from sentiment.explain.pooling import contribution_scores, share_scores
from sentiment.explain.reach import gradient_norms
from sentiment.explain.reading import Method, Reading
from sentiment.explain.relevance import relevance_scores
from sentiment.explain.shapley import MOST_TOKENS, SHORT, shapley_scores
from sentiment.explain.states import cell_scores, change_scores, norm_scores
from sentiment.values import Scores, TokenScores


@dataclass(frozen=True, slots=True)
class Lane:
    """One number a word: its name, unit and sign, and the method that finds it.

    ``key`` is its name in the page's scripts and addresses, ``title`` that on the page and
    ``term`` its entry in the glossary; by default both are the name. ``scale`` is a fixed full
    height; without one, lanes of one unit share a scale that fits them. ``at_once`` lanes are
    cheap enough for every keystroke, the others are studies. ``most`` is the largest number of
    tokens that the method takes; ``page`` that for which the page finds the lane, 0 for never.
    ``gated`` lanes need the gates of an LSTM of one direction. ``ranked`` ones take part in the
    faithfulness meter, which leaves out parts of other lanes and what deletion tells better, in
    texts of up to ``judged`` tokens; ``strip`` ones are drawn in the HTML export.
    """

    name: str
    key: str
    unit: str
    method: Method[Scores]
    signed: bool = True
    title: str = ""
    term: str = ""
    scale: float | None = None
    at_once: bool = True
    most: int | None = None
    page: int | None = None
    gated: bool = False
    ranked: bool = True
    judged: int | None = None
    strip: bool = False

    def __call__(self, reading: Reading, /) -> TokenScores:
        """What the lane's method finds in a reading, with all that is needed to read it."""
        found = reading.of(self.method)
        return TokenScores(
            self.name, found.values, self.unit, self.signed, found.residual, found.run
        )


LANES = (
    Lane("integrated gradients", "gradients", "logit", gradient_scores, strip=True),
    Lane("ledger", "ledger", "logit", ledger_scores, strip=True),
    Lane(
        "final-state contribution",
        "last",
        "logit",
        last_scores,
        title="ledger: final state",
        term="ledger",
        ranked=False,
    ),
    Lane(
        "max-pool contribution",
        "pool",
        "logit",
        contribution_scores,
        title="ledger: max-pool",
        term="pool contribution",
        strip=True,
    ),
    Lane(
        "mean-pool contribution",
        "mean",
        "logit",
        mean_scores,
        title="ledger: mean-pool",
        term="ledger",
        ranked=False,
    ),
    Lane("deletion", "deletion", "logit", deletion_scores, at_once=False, strip=True),
    Lane("Shapley values", "shapley", "logit", shapley_scores, at_once=False, most=MOST_TOKENS),
    Lane("LRP", "relevance", "logit", relevance_scores, at_once=False, gated=True),
    Lane(
        "replacement",
        "replacement",
        "logit",
        replacement_scores,
        at_once=False,
        page=0,
        ranked=False,
    ),
    Lane(
        "contextual decomposition",
        "phrase",
        "logit",
        decomposition_scores,
        title="share in context",
        term="share in context",
        at_once=False,
        page=128,
        judged=SHORT,
        strip=True,
        gated=True,
    ),
    Lane(
        "max-pool wins",
        "wins",
        "share of channels",
        share_scores,
        signed=False,
        scale=0.75,
        strip=True,
    ),
    Lane("hidden norm", "norm", "‖h‖", norm_scores, signed=False, strip=True),
    Lane("state change", "change", "‖Δh‖", change_scores, signed=False),
    Lane("cell norm", "cell", "‖c‖", cell_scores, signed=False, term="cell", gated=True),
    Lane(
        "gradient norm",
        "gradient",
        "logit / embedding",
        gradient_norms,
        signed=False,
        at_once=False,
        page=0,
    ),
    Lane(
        "memory kept",
        "kept",
        "‖Δc_T‖",
        memory_scores,
        signed=False,
        at_once=False,
        page=0,
        gated=True,
    ),
)


def apt(reading: Reading) -> tuple[Lane, ...]:
    """The lanes that the reading's model has gates for, and its text is short enough for."""
    has_gates, count = gated(reading.model), reading.count
    return tuple(
        lane
        for lane in LANES
        if (has_gates or not lane.gated) and (lane.most is None or count <= lane.most)
    )


def lanes(reading: Reading) -> tuple[TokenScores, ...]:
    """Token scores of the lanes that are there at once."""
    return tuple(reading.of(lane) for lane in apt(reading) if lane.at_once)


def token_scores(reading: Reading) -> tuple[TokenScores, ...]:
    """Token scores of every lane, those that are there at once first."""
    studies = (reading.of(lane) for lane in apt(reading) if not lane.at_once)
    return (*reading.of(lanes), *studies)


def ranked_scores(reading: Reading) -> tuple[TokenScores, ...]:
    """Token scores of the lanes that the faithfulness meter ranks in short texts."""
    return tuple(reading.of(lane) for lane in apt(reading) if lane.ranked)


def judged_lanes(reading: Reading) -> tuple[Lane, ...]:
    """The lanes that the faithfulness meter ranks in this text."""
    count = reading.count
    return tuple(
        lane
        for lane in apt(reading)
        if lane.ranked and (lane.judged is None or count <= lane.judged)
    )


def judged_scores(reading: Reading) -> tuple[TokenScores, ...]:
    """Token scores of the lanes that the faithfulness meter ranks in this text."""
    return tuple(reading.of(lane) for lane in judged_lanes(reading))
