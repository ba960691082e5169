"""What the page sends its scripts: one typed dict an answer.

``tests/scripts/answers.d.ts`` is made of these by ``python -m tests.declarations``, so that the
scripts are checked against the same names. Numbers are raw, in the units that the glossary names.
"""

from __future__ import annotations

from typing import Any, TypedDict

Numbers = list[float | None]
"""(T,) unless said otherwise; null is what JSON has no number for."""


class TokenShown(TypedDict):
    """A token, with the text between it and the token before."""

    text: str
    gap: str
    known: bool


class Verdict(TypedDict):
    """A prediction: ``label`` is what people read, ``leaning`` the likelier of the labels."""

    text: str
    label: str
    leaning: str
    neutral: bool | None
    probability: float | None
    logit: float
    labels: list[str]
    probabilities: list[float]
    notice: str | None


class Running(TypedDict):
    """The head on every prefix, (T,) each; ``flips`` are the words where the sign turns."""

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


class Piece(TypedDict):
    """Words of the text and the logit of these words alone."""

    words: str
    logit: float


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


class Download(TypedDict):
    """A file for the person to keep."""

    name: str
    content: str


class ShortVerdict(TypedDict):
    """A verdict on an edited text."""

    label: str
    probability: float | None
    logit: float


class EditShown(TypedDict):
    """An edit of a text, and why it was made."""

    kind: str
    text: str
    token: int | None
    replacement: str
    reason: str


class EditOffered(EditShown):
    """An edit with what the edited text would read."""

    verdict: ShortVerdict


class Edits(TypedDict):
    """The edits offered of a text."""

    text: str
    tokens: list[TokenShown]
    offered: list[EditOffered]
    note: str | None


class SmallestEdit(TypedDict):
    """The smallest edit that turns the verdict, if one was found."""

    found: bool
    text: str
    label: str
    verdict: str
    logit: float
    edits: list[EditShown]
    candidates: str
    tried: int


class Shuffled(TypedDict):
    """The text's words in another order."""

    text: str


class Side(TypedDict):
    """One of two texts compared."""

    text: str
    verdict: Verdict
    logit: float
    target: str
    tokens: list[TokenShown]
    running: Numbers
    final: float


class AlignedRow(TypedDict):
    """A word against a word, or against none."""

    first: int | None
    second: int | None
    kind: str


class StatePath(TypedDict):
    """States of both texts on two axes, the zero state in front, (T + 1, 2) each."""

    first: list[list[float]]
    second: list[list[float]]
    shares: list[float]


class Compared(TypedDict):
    """Two texts aligned. ``deltas`` are second minus first of a lane by its name, (rows,) each."""

    first: Side
    second: Side
    rows: list[AlignedRow]
    deltas: dict[str, Numbers]
    distances: Numbers
    bias_delta: float
    logit_delta: float
    residual: float
    path: StatePath


class CellLedger(TypedDict):
    """What each word wrote into the cell and what is left of it at the end, (T,) each."""

    written: Numbers
    kept: Numbers
    shares: Numbers
    residual: float


class Reach(TypedDict):
    """Gradient norms at every word, (T,) each."""

    cell: Numbers | None
    forget: Numbers | None
    full: Numbers
    twin_hidden: Numbers | None
    twin_full: Numbers | None
    note: str


class Memory(TypedDict):
    """Gates, cells and hidden states of some units at some words, (units, words) each."""

    text: str
    tokens: list[TokenShown]
    start: int
    stop: int
    hidden: int
    units: list[int]
    worth: Numbers
    states: dict[str, list[Numbers]]
    means: dict[str, Numbers]
    before: Numbers
    gates_residual: float
    ledger: CellLedger
    reach: Reach


class Padded(TypedDict):
    """The verdict at 0, 1, … padding tokens, (K + 1,) each.

    ``classic`` are probabilities by the final state alone; ``turned_at`` is the padding from which
    they give another reading than without.
    """

    text: str
    words: int
    packed: Verdict
    logits: Numbers
    last: Numbers
    probabilities: Numbers | None
    classic: list[float] | None
    moved: Numbers
    state: float
    turned_at: int | None


class BatchRow(TypedDict):
    """A sentence of a batch and its number of tokens."""

    text: str
    length: int


class Costs(TypedDict):
    """LSTM steps that a batch costs, padded to ``width``, bucketed, and packed."""

    width: int
    padded: int
    bucketed: int
    packed: int
    bucket: int


class Batch(Costs):
    """A batch and what it costs."""

    rows: list[BatchRow]


class PaddingExample(TypedDict):
    """A text whose verdict by the final state turns under padding, if one was found."""

    text: str | None


class Timing(TypedDict):
    """How long one way of batching took: the median of ``runs`` and their least, milliseconds."""

    name: str
    median: float
    least: float


class Timed(TypedDict):
    """A batch read in three ways, timed on this machine just now; ``copies`` of it at once."""

    sentences: int
    copies: int
    runs: int
    ways: list[Timing]


class StepTold(TypedDict):
    """A step of a story: what is said, what is shown, and whether it is so of this model."""

    says: str
    holds: bool
    text: str | None
    compare: str | None
    panel: str
    head: int | None
    word: int | None
    phrase: list[int] | None
    padding: int | None
    picture: str | None


class StoryTold(TypedDict):
    """A story with the loaded model's numbers in it."""

    name: str
    title: str
    steps: list[StepTold]


class StoryListed(TypedDict):
    """A story, as the list of them has it."""

    name: str
    title: str
    about: str


class ModelRead(TypedDict):
    """What one of several models makes of a text, word by word, (T,) each.

    ``words`` are the weights of single words where the model is their sum, else null;
    ``shuffled`` is the probability of the same words in another order.
    """

    name: str
    about: str
    probability: float
    probabilities: Numbers
    words: Numbers | None
    shuffled: float


class Models(TypedDict):
    """Several models on one text."""

    text: str
    shuffled: str
    tokens: list[TokenShown]
    models: list[ModelRead]


class Suite(TypedDict):
    """The behavioural suite's result, as ``SuiteResult.to_dict`` lays it out."""

    revision: str
    n: int
    pass_rate: float
    score: float
    best_constant: float
    capabilities: list[dict[str, Any]]


class Table(TypedDict):
    """A table of measured figures."""

    name: str
    columns: list[str]
    rows: list[list[Any]]


class AboutModel(TypedDict):
    """What is known of the loaded model."""

    revision: str
    labels: list[str]
    language: str | None
    datasets: list[str]
    sizes: list[list[Any]]
    tables: list[Table]


class LaneShown(TypedDict):
    """A row of numbers under the words."""

    name: str
    title: str
    term: str
    unit: str
    signed: bool
    at_once: bool
    plain: str


class PanelShown(TypedDict):
    """A panel, as scripts know it."""

    name: str
    title: str
    about_sentence: bool


class Limits(TypedDict):
    """What may be asked at once."""

    characters: int
    tokens: int
    studied: int
    padding: int
    window: int


class Settings(TypedDict):
    """What the scripts need to know of the model and the page."""

    first: Reading
    examples: list[str]
    lanes: list[LaneShown]
    scales: dict[str, float]
    labels: list[str]
    between: str
    language: str | None
    hidden: int
    baselines: list[str]
    panels: list[PanelShown]
    limits: Limits
    stories: list[StoryListed]
    twin: bool
    neutral_zone: list[float]
    space: str | None
    revision: str


class Refusal(TypedDict, total=False):
    """Set where a question was not answered.

    ``busy`` says that asking again helps, after ``seconds`` where that can be told.
    """

    message: str
    busy: bool
    seconds: int
    gone: bool


ANSWERS: dict[str, Any] = {
    "predict": Verdict,
    "explain": Reading,
    "more": More,
    "phrase": Phrase,
    "network": Network,
    "download": Download,
    "compare": Compared,
    "edits": Edits,
    "smallest": SmallestEdit,
    "shuffle": Shuffled,
    "memory": Memory,
    "padding": Padded,
    "batch": Batch,
    "padding_example": PaddingExample,
    "timed": Timed,
    "models": Models,
    "story": StoryTold,
    "suite": Suite,
}
"""What each function that the scripts call by name gives, where it does not refuse."""
