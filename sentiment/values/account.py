"""What is said of a reading, what edits do to it, and which words of two texts belong together."""

from __future__ import annotations

from dataclasses import dataclass


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
    the positions at which the reading changed from that after the word before. ``last`` is the
    step that holds, which may be that from ``start`` over the first word, and ``earlier`` the one
    before it; None where there is none or, of ``earlier``, no word to name.
    """

    start: float | None
    turns: tuple[int, ...]
    last: Turn | None
    earlier: Turn | None
    sentence: str


@dataclass(frozen=True, slots=True)
class StateAblation:
    """What the last turn's word, ``token``, makes of the verdict with states before it set to zero.

    Probabilities after the word: ``intact`` as it is, ``hidden`` without the hidden state handed to
    it, ``cell`` without the cell, ``both`` without either. What the pools hold of the words before
    stays. ``carrier`` is the one of the two that the turn needs, "hidden state" or "cell"; None
    where it needs both, neither or any. ``sentence`` says that in words.
    """

    token: int
    intact: float
    hidden: float
    cell: float
    both: float
    carrier: str | None
    sentence: str


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
class MinimalPair:
    """A text's own minimal pair: one edit, and the change of the logit that it makes.

    ``grammar`` is "plain" for an edit that leaves a plain sentence, "word" for a word, "part" for
    a part that was changed whatever is left; ``tried`` says of how many it moves the logit most.
    """

    edit: Edit
    change: float
    grammar: str
    tried: int


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


@dataclass(frozen=True, slots=True)
class AlignedTokens:
    """One row of two aligned texts: positions in each, None where a text has no counterpart.

    ``kind`` is "same", "changed", "removed" or "inserted".
    """

    first: int | None
    second: int | None
    kind: str
