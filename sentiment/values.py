"""The frozen values that cross module borders. Nothing here knows torch or gradio.

T is the number of tokens, H of hidden units. Arrays are float64 (or int64) numpy and read-only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

POLAR = ("negative", "positive")
"""The labels between which there is a neutral reading."""
UNKNOWN_READING = "unknown"
"""The reading of a text of which the model knows nothing."""
NEUTRAL_ZONE = (1 / 3, 2 / 3)
"""Probabilities of "positive", ends included, that the page calls neutral."""


def _plain(values: ArrayLike) -> ArrayLike:
    """A tensor as an array, anything else as it is; asked by name, since torch stays outside."""
    return values.numpy() if hasattr(values, "numpy") else values


def shortened(text: str, most: int = 60) -> str:
    """The beginning of a text, for showing."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def floats(values: ArrayLike) -> FloatArray:
    """A read-only float64 copy."""
    array = np.array(_plain(values), dtype=np.float64)
    array.setflags(write=False)
    return array


def integers(values: ArrayLike) -> IntArray:
    """A read-only int64 copy."""
    array = np.array(_plain(values), dtype=np.int64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the person's own text: ``text == original[start:end]``.

    ``known`` is False where the vocabulary lacks it and the model reads "unknown" instead.
    """

    text: str
    start: int
    end: int
    known: bool


@dataclass(frozen=True, slots=True)
class Encoding:
    """A text as the model reads it: one id per token."""

    text: str
    ids: tuple[int, ...]
    tokens: tuple[Token, ...]

    def text_of(self, start: int, end: int) -> str:
        """The person's own text from token ``start`` to before token ``end``, at least one."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def glued(self, index: int) -> bool:
        """Whether a token follows the one before it without a space, as "n't" in "don't"."""
        return index > 0 and self.tokens[index].start <= self.tokens[index - 1].end


@dataclass(frozen=True, slots=True, repr=False)
class Prediction:
    """A verdict.

    ``reading`` is what people see: negative, neutral or positive; ``label`` leans one way
    whatever the probability, and is what accuracy over two classes counts. With two labels,
    ``logit`` is the log-odds of the second ("positive"), ``probability`` its sigmoid and ``label``
    its sign. With more, ``probability`` is None and ``logit`` is the winner's. ``probabilities``
    and ``logits`` have one entry per label in every case; for two labels the first logit is 0 by
    convention, so that softmax(logits) = probabilities.

    ``error`` says why a text has none: then ``label`` is empty, ``logit`` is not a number and
    there are neither logits nor probabilities. ``fault`` says why the model can tell nothing of a
    text that it has read: its numbers mean nothing.
    """

    text: str
    label: str
    logit: float
    probability: float | None
    tokens: tuple[Token, ...]
    labels: tuple[str, ...]
    logits: tuple[float, ...]
    probabilities: tuple[float, ...]
    error: str | None = None
    fault: str | None = None

    def __repr__(self) -> str:
        said = f"error={self.error!r}" if self.error else f"{self.reading!r}, {self._numbers()}"
        return f"Prediction({said}, text={shortened(self.text)!r})"

    def _repr_html_(self) -> str:
        said = self.error or f"{self.reading}, {self._numbers()}"
        return f"<q>{escape(shortened(self.text))}</q>: {escape(said)}"

    def _numbers(self) -> str:
        probability = max(self.probabilities) if self.probability is None else self.probability
        return f"probability={probability:.4f}, logit={self.logit:+.4f}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values of every field, of ``reading``, ``leaning`` and ``neutral``."""
        seen = {"reading": self.reading, "leaning": self.leaning, "neutral": self.neutral}
        return {**plain(self), **seen}

    @property
    def leaning(self) -> str:
        """The label: the sign of the logit, also where the reading is neutral or unknown."""
        return self.label

    @property
    def reading(self) -> str:
        """What people see: one of negative, neutral and positive, by ``NEUTRAL_ZONE``.

        Other labels have no word between them, so the label itself. "unknown" where nothing is
        known of the text, or it could not be read.
        """
        if self.fault is not None or self.error is not None:
            return UNKNOWN_READING
        return "neutral" if self.neutral and self.labels == POLAR else self.label

    @property
    def neutral(self) -> bool | None:
        """Whether the probability of "positive" lies in [1/3, 2/3]; None for more labels."""
        if self.probability is None:
            return None
        return NEUTRAL_ZONE[0] <= self.probability <= NEUTRAL_ZONE[1]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What a token-scoring method finds; ``residual`` and ``run`` as in ``TokenScores``."""

    values: FloatArray  # (T,)
    residual: float | None = None
    run: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class TokenScores:
    """One number per token, with all that is needed to read it.

    ``unit`` is the unit of a score; ``signed`` says whether the sign matters (positive pushes
    towards the target label). ``residual`` is what the method's law leaves over, in the same
    unit; None where the numbers are definitions that no law can contradict. In a long text a method
    may score runs of ``run`` tokens, of which each bears an equal part.
    """

    name: str
    scores: FloatArray  # (T,)
    unit: str
    signed: bool
    residual: float | None = None
    run: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class IntegratedGradients:
    """Integrated gradients of the target's logit with respect to the embeddings, per token.

    ``residual`` is sum(scores) - (logit - baseline_logit); ``tolerance`` what it may be at most.
    Sundararajan et al. 2017, arXiv:1703.01365.
    """

    scores: FloatArray  # (T,)
    residual: float
    tolerance: float
    baseline: str
    baseline_logit: float
    steps: int
    unit: str = "logit"
    signed: bool = True

    @property
    def converged(self) -> bool:
        """Whether completeness holds within the tolerance."""
        return abs(self.residual) <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class Shapley:
    """Shapley values of the tokens against a text of as many unknown words. Unit: logit.

    ``errors`` is the standard error of each, from ``permutations`` drawn with ``seed``; zeros,
    and ``permutations`` None, where all coalitions were read. ``reference_logit`` is that of the
    unknown words; ``residual`` is sum(scores) - (logit - reference_logit), rounding alone.
    """

    scores: FloatArray  # (T,)
    errors: FloatArray  # (T,)
    reference_logit: float
    residual: float
    permutations: int | None
    seed: int

    @property
    def exact(self) -> bool:
        """Whether every coalition was read."""
        return self.permutations is None


@dataclass(frozen=True, slots=True, eq=False)
class Relevance:
    """Layer-wise relevance of the tokens to the logit, biases dealt out. Unit: logit.

    ``initial`` is what the zero state before the first word absorbed, by the biases and by
    ``epsilon``, which steadies the divisions: sum(scores) + initial = logit. ``residual`` is
    sum(scores) - logit. Arras et al. 2017, arXiv:1706.07206.
    """

    scores: FloatArray  # (T,)
    initial: float
    residual: float
    epsilon: float


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The logit as an exact sum: bias + last + max + mean parts over all tokens.

    ``last`` is telescoped: w_last . (h_t - h_{t-1}), so it credits position t's *state*, not
    token t as the cause. Parts that the head lacks are zeros. Unit: logit.
    """

    last: FloatArray  # (T,)
    max: FloatArray  # (T,)
    mean: FloatArray  # (T,)
    bias: float
    residual: float

    @property
    def total(self) -> FloatArray:
        """The three parts together, (T,)."""
        return floats(self.last + self.max + self.mean)


@dataclass(frozen=True, slots=True, eq=False)
class Pooling:
    """The max-pool as a tournament of tokens for channels (hidden units).

    ``winners`` is the first position of each channel's maximum; ``runners_up`` the best other
    position (-1 for one token) and ``margins`` how far behind it is (infinite for one token).
    ``contributions`` are w_max * h at the winner, in logits. ``shares`` is the part of all
    channels that each token wins; it sums to 1. ``weighted_shares`` weighs channels by their
    absolute contribution.
    """

    winners: IntArray  # (H,)
    runners_up: IntArray  # (H,)
    margins: FloatArray  # (H,)
    contributions: FloatArray  # (H,)
    shares: FloatArray  # (T,)
    weighted_shares: FloatArray  # (T,)
    token_contributions: FloatArray  # (T,)


@dataclass(frozen=True, slots=True, eq=False)
class RunningVerdict:
    """The head on every prefix: ``logits[t]`` is the verdict after reading tokens 0 to t.

    The three parts and the bias sum to the logit of the target. ``probabilities`` are the target's:
    the sigmoid of that logit for two labels, the softmax over all labels for more. ``flips`` are
    the positions whose verdict (label) differs from that of the position before. Exact, since h_t
    depends on the prefix alone.
    """

    logits: FloatArray  # (T,)
    probabilities: FloatArray  # (T,)
    last: FloatArray  # (T,)
    max: FloatArray  # (T,)
    mean: FloatArray  # (T,)
    bias: float
    flips: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayerGates:
    """One LSTM layer replayed: what its gates did at every step.

    c_t = forget * c_{t-1} + input * candidate; h_t = output * tanh(c_t). Gates lie in [0, 1],
    the candidate in [-1, 1]. Hochreiter & Schmidhuber 1997; Gers et al. 2000 (forget gate).
    """

    input: FloatArray  # (T, H)
    forget: FloatArray  # (T, H)
    candidate: FloatArray  # (T, H)
    output: FloatArray  # (T, H)
    cell: FloatArray  # (T, H)
    hidden: FloatArray  # (T, H)


@dataclass(frozen=True, slots=True, eq=False)
class Gates:
    """Gates of every layer, lowest first; the plain names are those of the top layer.

    ``residual`` is the largest difference between a replayed top hidden state and that of the
    forward pass which made the verdict.
    """

    layers: tuple[LayerGates, ...]
    residual: float

    @property
    def input(self) -> FloatArray:
        """How much of the candidate is written, (T, H)."""
        return self.layers[-1].input

    @property
    def forget(self) -> FloatArray:
        """How much of the cell is kept, (T, H)."""
        return self.layers[-1].forget

    @property
    def candidate(self) -> FloatArray:
        """What is offered for writing, (T, H)."""
        return self.layers[-1].candidate

    @property
    def output(self) -> FloatArray:
        """How much of the cell is shown, (T, H)."""
        return self.layers[-1].output

    @property
    def cell(self) -> FloatArray:
        """The cell state, (T, H)."""
        return self.layers[-1].cell

    @property
    def hidden(self) -> FloatArray:
        """The hidden state, (T, H)."""
        return self.layers[-1].hidden


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """The top layer's final cell as an exact sum over tokens.

    c_T = sum of ``kept``, kept_s = (prod_{u>s} f_u) * i_s * g_s: what token s wrote and the
    later forget gates left of it. ``written_norms`` and ``kept_norms`` are the norms of i_s * g_s
    and kept_s; ``shares`` is kept_s . c / |c|^2 with c that sum, signed, which sums to 1 (zeros for
    an empty cell). ``residual`` is the largest absolute difference of a unit of c_T, as the forward
    pass left it, from the sum.
    """

    kept: FloatArray  # (T, H)
    written_norms: FloatArray  # (T,)
    kept_norms: FloatArray  # (T,)
    shares: FloatArray  # (T,)
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class PhraseScore:
    """Contextual decomposition: the part of the logit that tokens [start, end) made.

    ``score`` is S(beta), the phrase's part, itself the sum of ``last``, ``max`` and ``mean``;
    ``rest`` is S(gamma), all that other tokens and their interplay made. score + rest + bias +
    residual = logit. ``interaction`` is the score less the scores of its single tokens, each
    decomposed in the same context: 0 for one token, large where a word turns another (negation).
    A share in context is not what the phrase reads by itself: that is ``ReadAlone``. Unit: logit.
    Murdoch et al. 2018, arXiv:1801.05453; pooling as in Singh et al. 2019, arXiv:1806.05337.
    """

    start: int
    end: int
    score: float
    rest: float
    last: float
    max: float
    mean: float
    bias: float
    residual: float
    interaction: float


@dataclass(frozen=True, slots=True)
class ReadAlone:
    """Tokens [start, end) read by themselves, as if they were the whole text.

    ``logit`` is the target's, ``probability`` the target's among the labels. ``split`` is the
    token before which the phrase AB falls into the halves A and B whose interaction
    z(AB) - z(A) - z(B) is largest in size; ``interaction`` is that one, and ``first_logit`` and
    ``second_logit`` are z(A) and z(B). One token has no halves: split is its start, the
    interaction 0 and the halves' logits None. Unit: logit.
    """

    start: int
    end: int
    logit: float
    probability: float
    split: int
    first_logit: float | None
    second_logit: float | None
    interaction: float


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two pieces of a text that together read otherwise than each by itself.

    ``first`` and ``second`` are spans [start, end): neighbours, or a negator and a later word
    that were read side by side without what stands between them. ``interaction`` is
    ``logit`` - ``first_logit`` - ``second_logit``, all of the target and each piece read alone.
    """

    first: tuple[int, int]
    second: tuple[int, int]
    logit: float
    first_logit: float
    second_logit: float
    interaction: float

    @property
    def apart(self) -> bool:
        """Whether other words stand between the two pieces."""
        return self.first[1] < self.second[0]


@dataclass(frozen=True, slots=True)
class Turn:
    """A step of the running verdict into another reading, at ``token``, and what explains it.

    [start, end) are the words named, the token last or, if it is a negator, what it negates;
    ``before`` is the probability ahead of them, ``after`` that behind them, ``reading`` what it
    became: negative, neutral or positive by ``NEUTRAL_ZONE``. ``kind`` says what is known of the
    words read alone: "word" reads so by itself; "phrase" does, where its last word by itself does
    not; "pair" is the span ``negator`` and the token, which do when read side by side; "against"
    is a word that by itself reads the other way; "plain" is none of these; "close" is a step at a
    mark, "small" one too small to name a word for. ``together`` and ``alone`` are the
    probabilities of phrase or pair, and of the last word; ``part`` is the pool that made most of
    the step's logit, where it is not the final state.
    """

    token: int
    start: int
    end: int
    before: float
    after: float
    reading: str
    kind: str
    together: float | None = None
    alone: float | None = None
    negator: tuple[int, int] | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """How the verdict came about: the turns of the running verdict, and a sentence that says it.

    ``start`` is the probability before the first word, the head on an empty state; None, without
    turns, for a model of more than two labels, which has no three readings. ``turns`` are
    the positions at which the reading changed, ``last`` the one that holds and ``earlier`` the
    one before it, None where there is none or, of ``earlier``, no word to name.
    """

    start: float | None
    turns: tuple[int, ...]
    last: Turn | None
    earlier: Turn | None
    sentence: str


@dataclass(frozen=True, slots=True)
class HierarchyNode:
    """Tokens [start, end) joined at one step; ``children`` are indices of the joined nodes.

    ``joint`` is score minus the scores of the children: the interaction that joined them.
    Leaves have no children and joint 0.
    """

    start: int
    end: int
    score: float
    joint: float
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Phrases found bottom-up: neighbours join that interact most strongly with each other.

    Nodes stand in the order of joining: leaves from left to right first, the whole text last.
    A leaf is one token, or ``run`` tokens for a text too long for one leaf a token.
    After agglomerative contextual decomposition, Singh et al. 2019, arXiv:1806.05337.
    """

    nodes: tuple[HierarchyNode, ...]
    run: int


@dataclass(frozen=True, slots=True, eq=False)
class Deletion:
    """What changes when a token goes: logit minus the logit of the text without it.

    ``scores`` deletes, ``replacements`` puts "unknown" in the token's place. A text of one token
    has nothing left to read: its deletion is the replacement. In long texts tokens go in runs of
    ``run`` neighbours, each of which bears an equal part of the change. Unit: logit.
    """

    scores: FloatArray  # (T,)
    replacements: FloatArray  # (T,)
    run: int


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of a text: original[start:end] became ``replacement``, for a ``reason``.

    ``kind`` is one of "insert negation", "remove negation", "antonym", "neutral", "delete",
    "intensify", "diminish". ``text`` is the whole edited text; the span may be empty, for an
    insertion, and takes in what must change beside the word: a space, an article, a capital.
    ``token`` is the word that the edit is about.
    """

    kind: str
    text: str
    token: int
    start: int
    end: int
    replacement: str
    reason: str


@dataclass(frozen=True, slots=True)
class SmallestEdit:
    """The smallest edit that turns the verdict, among stated candidates.

    Single edits of all words were tried first, then pairs of edits over the ``pair_tokens``
    (positions with the largest deletion scores). ``edits`` is empty where none turned it; then
    ``text``, ``label`` and ``logit`` are those of the original. Of several in the same
    number of edits the one that changes the fewest characters is given, without a deletion if
    there is one. ``candidates`` says in words what
    was tried, ``tried`` how many texts were read.
    """

    edits: tuple[Edit, ...]
    text: str
    label: str
    logit: float
    candidates: str
    tried: int
    pair_tokens: tuple[int, ...]

    @property
    def found(self) -> bool:
        """Whether an edit turned the verdict."""
        return bool(self.edits)


@dataclass(frozen=True, slots=True, eq=False)
class GradientReach:
    """How far back the gradient reaches: its norm at each token, for a logarithmic axis.

    ``full`` is |dz/dx_t| of the whole head, x_t the embedding. ``cell`` is
    |d(w_last . h_T)/dc_t| of the top LSTM layer, the total derivative, by the hidden states too;
    ``forget`` is that part of it which went through the cells alone, by the product of the forget
    gates: the constant error carousel. ``twin_hidden`` is |d(w_last . h_T)/dh_t| of the vanilla
    RNN twin, ``twin_full`` the twin's |dz/dx_t|. The twin's are None where the checkpoint has no
    twin, and ``cell``, ``forget`` and ``twin_hidden`` where the head has no final-state part;
    ``note`` then says so.
    """

    full: FloatArray  # (T,)
    cell: FloatArray | None  # (T,)
    forget: FloatArray | None  # (T,)
    twin_full: FloatArray | None  # (T,)
    twin_hidden: FloatArray | None  # (T,)
    note: str


@dataclass(frozen=True, slots=True)
class MethodFaithfulness:
    """How well one ranking of tokens finds what the verdict rests on.

    ``comprehensiveness`` is the mean fall in probability when its top tokens are deleted (higher
    is better), ``sufficiency`` when only they are kept (lower is better). The percentiles say
    what part of the random rankings the method beats, ties counted half.
    """

    name: str
    comprehensiveness: float
    sufficiency: float
    comprehensiveness_percentile: float
    sufficiency_percentile: float


@dataclass(frozen=True, slots=True, eq=False)
class Faithfulness:
    """AOPC comprehensiveness and sufficiency of every token-scoring method, and their agreement.

    ``label`` is the class whose probability is meant: the predicted one of two, else the target.
    Tokens are ranked by score towards it. Top parts are ``fractions`` of the tokens, rounded up,
    equal ones counted once; an empty remainder is read as "unknown". ``random_*`` are the
    same figures for random rankings drawn with ``seed``. ``agreement`` is Spearman's rank
    correlation between methods (M, M), 0 where a method ties all tokens. Not comparable across
    models. DeYoung et al. 2020, arXiv:1911.03429.
    """

    label: str
    probability: float
    methods: tuple[MethodFaithfulness, ...]  # M
    fractions: tuple[float, ...]
    random_comprehensiveness: FloatArray  # (R,)
    random_sufficiency: FloatArray  # (R,)
    agreement: FloatArray  # (M, M)
    seed: int


@dataclass(frozen=True, slots=True)
class AlignedTokens:
    """One row of two aligned texts: positions in each, None where a text has no counterpart.

    ``kind`` is "same", "changed", "removed" or "inserted".
    """

    first: int | None
    second: int | None
    kind: str


def plain(value: Any) -> Any:
    """Frozen values and arrays as JSON values; numbers that JSON lacks become None.

    ``kept`` of a memory, a (T, H) matrix, is left out: its norms and shares say it by token.
    """
    if is_dataclass(value):
        names = [field.name for field in fields(value) if field.name != "kept"]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
