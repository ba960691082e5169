"""What the network did with one text, and with two side by side.

An ``Explanation`` holds the numbers of the Read panel; the longer studies are found on first
access, by the methods of ``sentiment.explain``, and kept. ``to_dict`` lays all of it out as plain
JSON values, which ``to_html`` draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sentiment import explain, frames, report
from sentiment.errors import AbsentError
from sentiment.explain import Lane, Reading
from sentiment.report_tables import number
from sentiment.values import (
    Account,
    AlignedTokens,
    Deletion,
    Encoding,
    Faithfulness,
    FloatArray,
    Gates,
    GradientReach,
    GRUGates,
    Hierarchy,
    IntegratedGradients,
    Interaction,
    Ledger,
    Memory,
    MinimalPair,
    PhraseScore,
    Pooling,
    Prediction,
    ReadAlone,
    Relevance,
    RunningVerdict,
    Shapley,
    SmallestEdit,
    StateAblation,
    Token,
    TokenScores,
    floats,
    plain,
    shortened,
)

if TYPE_CHECKING:
    import pandas

SCHEMA = 1
PARTS = (
    "token_scores",
    "interactions",
    "memory",
    "deletion",
    "gradient_reach",
    "faithfulness",
    "hierarchy",
)
"""Lazy parts that ``to_dict`` gives by default."""
MOST_INTERACTIONS = 20
"""How many interactions, the strongest, ``to_dict`` gives."""
MATRICES = ("hidden_states", "gates", "smallest_edit")
"""Lazy parts that it gives when asked: (T, H) arrays, and the search for an edit."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation:
    """Everything the network did with one text, for one target label.

    The parts of the Read panel are here at once; the others are computed on first access, through
    a private reference to the reading, which keeps what it found. Threads may share it.
    Pickled, it takes the model along, once for all of one pickle; ``to_dict`` is small.
    """

    prediction: Prediction
    target: str
    logit: float
    revision: str
    hidden_states: FloatArray  # (T, H), of the top layer
    hidden_norms: FloatArray  # (T,), |h_t|
    state_changes: FloatArray  # (T,), |h_t - h_{t-1}|, h_0 = 0
    cell_norms: FloatArray | None  # (T,), |c_t|; None but for an LSTM of one direction
    pooling: Pooling
    ledger: Ledger
    running: RunningVerdict
    integrated_gradients: IntegratedGradients
    _reading: Reading

    def __repr__(self) -> str:
        return f"Explanation(target={self.target!r}, prediction={self.prediction!r})"

    def _repr_html_(self) -> str:
        return report.framed(report.render(self.to_dict(())))

    @property
    def text(self) -> str:
        """The person's own text."""
        return self.prediction.text

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The T tokens, with their spans in the text."""
        return self.prediction.tokens

    @property
    def encoding(self) -> Encoding:
        """The text, its ids and its tokens, as the model reads it."""
        return self._reading.encoding

    @property
    def reading(self) -> Reading:
        """The model's reading of the text, from which the methods of ``explain`` start."""
        return self._reading

    @property
    def running_logits(self) -> FloatArray:
        """The logit after each prefix, (T,)."""
        return self.running.logits

    @property
    def gates(self) -> Gates:
        """Gates, candidate and cell of every layer at every token; AbsentError without an LSTM."""
        return self._reading.of(explain.gates)

    @property
    def gru_gates(self) -> GRUGates:
        """Reset and update gates of every layer at every token; AbsentError without a GRU."""
        return self._reading.of(explain.gru_gates)

    @property
    def forward_states(self) -> FloatArray:
        """Hidden states that depend on the prefix alone, (T, H): of two directions the forward."""
        states = self.hidden_states
        return states if self._reading.one_way else states[:, : states.shape[1] // 2]

    @property
    def memory(self) -> Memory:
        """How much of the final cell each token wrote and holds; AbsentError as ``phrase``."""
        return self._reading.of(explain.memory)

    @property
    def deletion(self) -> Deletion:
        """Leave-one-out scores."""
        return self._reading.of(explain.deletion)

    @property
    def shapley(self) -> Shapley | None:
        """Shapley values of the tokens; None for a text of over 60."""
        return self._reading.of(explain.shapley)

    @property
    def relevance(self) -> Relevance:
        """Layer-wise relevance of the tokens; AbsentError as ``phrase``."""
        return self._reading.of(explain.relevance)

    @property
    def gradient_reach(self) -> GradientReach:
        """Gradient norms by token, beside the vanilla RNN twin's."""
        return self._reading.of(explain.gradient_reach)

    @property
    def faithfulness(self) -> Faithfulness:
        """Every token-scoring method against random rankings."""
        return self._reading.of(explain.faithfulness)

    @property
    def hierarchy(self) -> Hierarchy:
        """Phrases read alone, joined bottom-up by what they do to each other."""
        return self._reading.of(explain.hierarchy)

    @property
    def smallest_edit(self) -> SmallestEdit:
        """One or two edits of words that turn the verdict, if any of the candidates does."""
        return self._reading.of(explain.smallest_edit)

    @property
    def minimal_pair(self) -> MinimalPair | None:
        """The edit of one place that moves the logit most; None where none moves it."""
        return self._reading.of(explain.minimal_pair)

    def phrase(self, start: int, end: int) -> PhraseScore:
        """Contextual decomposition of tokens [start, end).

        Raises ValueError for an empty span, AbsentError for all but an LSTM of one direction.
        """
        return self.phrases([(start, end)])[0]

    def phrases(self, spans: Sequence[tuple[int, int]]) -> tuple[PhraseScore, ...]:
        """The same for many spans in one batch."""
        return explain.phrases(self._reading, tuple(spans))

    def interaction(self, start: int, end: int) -> float:
        """The phrase's score in context less its single tokens' scores in the same context."""
        return self.phrase(start, end).interaction

    def read_alone(self, start: int, end: int) -> ReadAlone:
        """Tokens [start, end) read as a text of their own; ValueError for an empty span."""
        return explain.read_alone(self._reading, [(start, end)])[0]

    @property
    def short_phrases(self) -> tuple[ReadAlone, ...]:
        """All phrases of up to five tokens read alone, by start, then end."""
        return self._reading.of(explain.short_phrases)

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What pieces of the text do to each other when read together, strongest first."""
        return self._reading.of(explain.interactions)

    @property
    def lanes(self) -> tuple[TokenScores, ...]:
        """The Read panel's token scores, each with unit and sign; cheap."""
        return self._reading.of(explain.lanes)

    def token_scores(self) -> tuple[TokenScores, ...]:
        """The token scores of every method, ``lanes`` first."""
        return self._reading.of(explain.token_scores)

    @property
    def available_lanes(self) -> tuple[Lane, ...]:
        """The lanes that a model of this kind has, found or not."""
        return explain.apt(self._reading)

    def lane(self, name: str) -> TokenScores:
        """The token scores of one available lane alone; ValueError for another name."""
        lanes = {lane.name: lane for lane in self.available_lanes}
        if name not in lanes:
            raise ValueError(f"a lane is one of {', '.join(lanes)}, got {name!r}")
        return self._reading.of(lanes[name])

    @property
    def account(self) -> Account:
        """Which words turned the running verdict, and a sentence that says so."""
        return self._reading.of(explain.account)

    @property
    def state_ablation(self) -> StateAblation | None:
        """Whether the last turn needs the hidden state or the cell handed to its word."""
        return self._reading.of(explain.state_ablation)

    def find_studies(self, *, hierarchy: bool = True) -> None:
        """Find deletion, Shapley values, interactions, faithfulness and the hierarchy at once.

        What several of them read is read once, in a text of up to 64 tokens: in two thirds of the
        time that they take one by one.
        """
        explain.together(self._reading, phrases=hierarchy)

    def to_dict(self, parts: Sequence[str] = PARTS) -> dict[str, Any]:
        """Plain JSON values of the Read panel's parts and of ``parts``, which are computed now.

        ``parts`` may name any of ``PARTS`` and ``MATRICES``; ValueError for others. Infinite
        margins (of a text of one token) become None, and so do parts that a model of this kind has
        none of.
        """
        if foreign := [part for part in parts if part not in PARTS + MATRICES]:
            raise ValueError(f"parts must be among {', '.join(PARTS + MATRICES)}, got {foreign}")
        if {"faithfulness", "interactions"} <= {*parts}:
            self.find_studies(hierarchy="hierarchy" in parts)
        prediction = self.prediction
        document = {
            "schema": SCHEMA,
            "text": self.text,
            "label": prediction.reading,
            "leaning": prediction.leaning,
            "neutral": prediction.neutral,
            "probability": prediction.probability,
            "labels": plain(prediction.labels),
            "logits": plain(prediction.logits),
            "probabilities": plain(prediction.probabilities),
            "target": self.target,
            "logit": self.logit,
            "revision": self.revision,
            "account": plain(self.account),
            "state_ablation": plain(self.state_ablation),
            "tokens": plain(self.tokens),
            "hidden_norms": plain(self.hidden_norms),
            "state_changes": plain(self.state_changes),
            "cell_norms": plain(self.cell_norms),
            "pooling": plain(self.pooling),
            "ledger": plain(self.ledger),
            "running": plain(self.running),
            "integrated_gradients": plain(self.integrated_gradients),
            "lanes": plain(self.token_scores() if "token_scores" in parts else self.lanes),
            "strip": [lane.name for lane in explain.LANES if lane.strip],
        }
        lazy = [part for part in parts if part not in ("token_scores", "interactions")]
        studies = {part: plain(self._present(part)) for part in lazy}
        if "interactions" in parts:
            studies["interactions"] = plain(self.interactions[:MOST_INTERACTIONS])
        return document | studies

    def _present(self, part: str) -> Any:
        """A part by its name; None where a model of this kind has none."""
        try:
            return getattr(self, part)
        except AbsentError:
            return None

    def to_frame(self) -> pandas.DataFrame:
        """One row a token: its span, the running verdict, and each lane of the Read panel.

        Raises SentimentError where pandas is not installed.
        """
        running = {
            "running logit": self.running.logits.tolist(),
            "running probability": self.running.probabilities.tolist(),
        }
        tokens, lanes = frames.token_columns(self.tokens), frames.lane_columns(self.lanes)
        return frames.frame({**tokens, **running, **lanes})

    def to_html(self) -> str:
        """A self-contained page that opens offline."""
        return report.render(self.to_dict())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison:
    """Two explanations, aligned token by token; every delta is second minus first.

    ``last``, ``max``, ``mean`` are deltas of the ledger's parts per row, where a text without a
    token in the row counts 0. logit_delta = bias_delta + sum of the three + residual.
    ``distances`` and ``cosines`` compare, row by row, the two hidden states after all that each
    text has read so far (h = 0 before its first token; the cosine with 0 is 0).
    """

    first: Explanation
    second: Explanation
    rows: tuple[AlignedTokens, ...]  # R
    last: FloatArray  # (R,)
    max: FloatArray  # (R,)
    mean: FloatArray  # (R,)
    integrated_gradients: FloatArray  # (R,)
    bias_delta: float
    logit_delta: float
    residual: float
    distances: FloatArray  # (R,)
    cosines: FloatArray  # (R,)

    def __repr__(self) -> str:
        first, second = (shortened(side.text, 30) for side in (self.first, self.second))
        return f"Comparison({first!r}, {second!r}, logit_delta={self.logit_delta:+.4f})"

    def _repr_html_(self) -> str:
        pages = (report.render(side.to_dict(())) for side in (self.first, self.second))
        said = f"second less first: {number(self.logit_delta, signed=True)} logits"
        return "".join(report.framed(page) for page in pages) + f"<p>{said}</p>"

    @property
    def total(self) -> FloatArray:
        """Deltas of the three parts together, (R,)."""
        return floats(self.last + self.max + self.mean)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with the Read panel's parts of both explanations."""
        sides = {"first": self.first.to_dict(()), "second": self.second.to_dict(())}
        deltas = {f.name: plain(getattr(self, f.name)) for f in fields(self) if f.name not in sides}
        return {"schema": SCHEMA, **sides, **deltas, "total": plain(self.total)}

    def to_frame(self) -> pandas.DataFrame:
        """One row an aligned pair of tokens, with every delta; raises as that of Explanation."""
        deltas = {
            name: getattr(self, name).tolist()
            for name in (
                *("last", "max", "mean", "total"),
                *("integrated_gradients", "distances", "cosines"),
            )
        }
        return frames.frame(
            {**frames.row_columns(self.rows, self.first.tokens, self.second.tokens), **deltas}
        )
