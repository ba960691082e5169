"""What the Read panel is sent of one text: its lanes, its phrases, and its network."""

from __future__ import annotations

from typing import TypedDict

from sentiment.ui.contract.words import Numbers, Piece, TokenShown, Verdict


class Running(TypedDict):
    """The head on every prefix, (T,) each; ``flips`` are the words where the verdict turns.

    It turns between negative, neutral and positive, or, of more labels, where another leads.
    """

    logits: Numbers
    probabilities: Numbers | None
    last: Numbers
    max: Numbers
    mean: Numbers
    bias: float
    flips: list[int]


class Ghost(TypedDict):
    """The text without its negator, read by the same network; (T,) along the text's own words.

    Null where a word has no counterpart. ``words`` are those that are gone.
    """

    text: str
    words: str
    logit: float
    logits: Numbers
    probabilities: Numbers | None


class Mechanism(TypedDict):
    """Why the verdict turned at its last turn: what the word ``token`` needs of the state before.

    ``carrier`` is the part of the state that it takes, null where that is not one alone, and
    ``blanked`` the probability after the word without it.
    """

    sentence: str
    token: int
    carrier: str | None
    blanked: float | None


class Network(TypedDict):
    """The network at every word: hidden states (T, H), and the head's weights (H,) of each part.

    ``units`` are the hidden units in the head's order, those of most weight first; states and
    weights follow it. Gates are means over the units, (T,); null for a network without.
    """

    text: str
    units: list[int]
    hidden: list[Numbers]
    weights: dict[str, Numbers]
    bias: float
    forget: Numbers | None
    input: Numbers | None
    cell: Numbers | None


class Gradients(TypedDict):
    """How integrated gradients were found."""

    residual: float
    tolerance: float
    converged: bool
    steps: int
    baseline: str
    baseline_logit: float


class Sum(TypedDict):
    """What a sum adds to the parts shown, and what it leaves over."""

    bias: float
    residual: float


class WonUnit(TypedDict):
    """A hidden unit whose maximum a word holds."""

    unit: int
    contribution: float
    margin: float | None
    runner_up: int | None


class MethodMeasured(TypedDict):
    """A method's faithfulness on one text."""

    name: str
    comprehensiveness: float
    sufficiency: float
    comprehensiveness_percentile: float
    sufficiency_percentile: float


class FaithfulnessMeter(TypedDict):
    """Every method's faithfulness, beside that of random rankings."""

    label: str
    probability: float
    random: int
    random_comprehensiveness: float
    random_sufficiency: float
    methods: list[MethodMeasured]


class Interplay(TypedDict):
    """The two pieces that read most otherwise together, by ``joint``, than each alone.

    ``score`` is the logit of both read together; tokens between them, if any, were left out.
    """

    start: int
    end: int
    score: float
    joint: float
    words: str
    first: Piece
    second: Piece


class Reading(TypedDict):
    """What the Read panel draws first of a text."""

    text: str
    target: str
    revision: str
    verdict: Verdict
    logit: float
    sentence: str
    mechanism: Mechanism | None
    tokens: list[TokenShown]
    lanes: dict[str, Numbers]
    running: Running
    ghost: Ghost | None
    gradients: Gradients
    ledger: Sum
    channels: list[list[WonUnit]]
    runs: dict[str, int]
    faithfulness: FaithfulnessMeter | None
    interplay: Interplay | None


class More(TypedDict):
    """What takes longer: more lanes and studies of the same text.

    ``runs`` are the lanes of a long text that score runs of so many words, not words.
    """

    lanes: dict[str, Numbers]
    runs: dict[str, int]
    faithfulness: FaithfulnessMeter | None
    interplay: Interplay | None


class PhraseAlone(TypedDict):
    """A phrase read as a text of its own; one word has no halves."""

    logit: float
    probability: float
    interaction: float
    first: Piece | None
    second: Piece | None


class PhraseShare(TypedDict):
    """What a phrase adds within its text by contextual decomposition, in logits."""

    score: float
    rest: float
    last: float
    max: float
    mean: float
    bias: float
    residual: float
    interaction: float


class Phrase(TypedDict):
    """A phrase read alone, and its share in context, if the model's cell has one."""

    start: int
    end: int
    alone: PhraseAlone
    share: PhraseShare | None
    words: str
