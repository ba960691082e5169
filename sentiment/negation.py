"""Minimal pairs and edits: a text to edited texts, each with its reason, and their alignment.

Rules and a small lexicon, no model: an edit is offered only where the grammar is plain enough to
give a sentence that a person would accept, so few are offered rather than many doubtful ones.
``edits.traps`` says where an edit would break the sentence or mean something else. Matching pairs
by hand-made edits: Kaushik et al. 2020, arXiv:1909.12434; Gardner et al. 2020, arXiv:2004.02709.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from sentiment.edits.lexicon import NEGATORS
from sentiment.edits.loose import LooseEditor
from sentiment.edits.rules import Editor
from sentiment.edits.words import EVERY_NEGATOR
from sentiment.values import AlignedTokens, Edit, Token

__all__ = [
    "CLAUSE_ENDS",
    "KINDS",
    "NEGATING",
    "NEGATORS",
    "align",
    "apply",
    "edits",
    "negates",
    "parts_left_out",
    "without_negators",
    "words_edited",
]

KINDS = (
    "insert negation",
    "remove negation",
    "antonym",
    "neutral",
    "delete",
    "intensify",
    "diminish",
)
NEGATING = KINDS[:3]

CLAUSE_ENDS = {".", "!", "?", ";", ":", "...", "--", "(", ")", "but", "though", "although"}
CLAUSE_ENDS |= {"however", "while", "whereas"}
"""Tokens beyond which a negator is not looked for to reach."""
_GRANTING = (
    "a",
    "the",
    "these",
    "those",
    "my",
    "his",
    "her",
    "our",
    "their",
    "your",
    "its",
    "that",
)


def negates(words: Sequence[str], place: int) -> bool:
    """Whether the word (of small letters) negates what follows: "few" does, "a few" does not."""
    granted = words[place] in ("few", "little") and place > 0
    return words[place] in EVERY_NEGATOR and not (granted and words[place - 1] in _GRANTING)


def edits(text: str) -> tuple[Edit, ...]:
    """All edits, in the order of the text, then of ``KINDS``; none for a text without a word."""
    return Editor(text).edits()


def without_negators(text: str) -> tuple[Edit, ...]:
    """The text with one of its negators gone, however long its sentence: to be compared, not read.

    What is left may contradict the rest of its sentence, which ``edits`` never offers.
    """
    return Editor(text).negators_removed()


def words_edited(text: str, chosen: Iterable[int]) -> tuple[Edit, ...]:
    """Each chosen token turned, denied or left out, whatever the grammar: to be compared alone."""
    editor = LooseEditor(text)
    found = [edit for index in chosen if editor.has(index) for edit in editor.words_edited(index)]
    return tuple(edit for edit in dict.fromkeys(found) if edit.text != text)


def parts_left_out(text: str) -> tuple[Edit, ...]:
    """The text without one sentence or clause, as its marks divide it; none of a single part."""
    return tuple(LooseEditor(text).parts_left_out())


def minimal_pairs(text: str) -> tuple[Edit, ...]:
    """Edits that should turn the meaning round: negators in or out, antonyms."""
    return tuple(edit for edit in edits(text) if edit.kind in NEGATING)


def apply(text: str, chosen: Sequence[Edit]) -> str | None:
    """The text under several of its edits at once; None where two touch the same place."""
    ordered = sorted(chosen, key=lambda edit: (edit.start, edit.end))
    for before, after in pairwise(ordered):
        if after.start < before.end or after.start == before.start:
            return None
    for edit in reversed(ordered):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def sentences(text: str) -> tuple[int, ...]:
    """The number of the sentence, from 0 on, that each token of a text stands in."""
    editor = Editor(text)
    starts = [editor.sentence(index)[0] for index in range(len(editor.tokens))]
    numbers = {start: number for number, start in enumerate(dict.fromkeys(starts))}
    return tuple(numbers[start] for start in starts)


def align(first: Sequence[Token], second: Sequence[Token]) -> tuple[AlignedTokens, ...]:
    """Rows of two token sequences for display beside each other, letter case ignored."""
    words, others = ([token.text.lower() for token in tokens] for tokens in (first, second))
    rows: list[AlignedTokens] = []
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for operation, a, a_end, b, b_end in matcher.get_opcodes():
        paired = min(a_end - a, b_end - b)
        kind = "same" if operation == "equal" else "changed"
        rows += [AlignedTokens(a + i, b + i, kind) for i in range(paired)]
        rows += [AlignedTokens(i, None, "removed") for i in range(a + paired, a_end)]
        rows += [AlignedTokens(None, i, "inserted") for i in range(b + paired, b_end)]
    return tuple(rows)
