"""What words and phrases are worth: scores, shares, interactions, how faithful they are."""

from __future__ import annotations

from dataclasses import dataclass

from sentiment.values.base import FloatArray, floats


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
    """Shapley values of the tokens against a text of one unknown word. Unit: logit.

    A token that is absent is left out of the text.

    ``errors`` is the standard error of each, from ``permutations`` drawn with ``seed``: of the mean
    over them or, for over 24 tokens, of a regression over coalitions that begin and end them. It is
    zero, and ``permutations`` None, where all coalitions were read. ``reference_logit`` is that of
    the unknown word, as which a text without tokens is read; ``residual`` is
    sum(scores) - (logit - reference_logit), rounding alone.
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
class Deletion:
    """What changes when a token goes: logit minus the logit of the text without it.

    A text of one token has nothing left to read: it is read as one unknown word. In long texts
    tokens go in runs of ``run`` neighbours, each of which bears an equal part of the change.
    Unit: logit.
    """

    scores: FloatArray  # (T,)
    run: int


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
class HierarchyNode:
    """Tokens [start, end) joined at one step; ``children`` are indices of the joined nodes.

    ``score`` is the logit of the phrase read alone, ``joint`` the score minus the scores of the
    children: the interaction that joined them. Leaves have no children and joint 0.
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
    After Singh et al. 2019, arXiv:1806.05337, with phrases read alone for their decomposition.
    """

    nodes: tuple[HierarchyNode, ...]
    run: int


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
