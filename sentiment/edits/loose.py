"""Edits of one word, or of one part, that ask no rule of grammar: what is left may not read well.

They show what a word does in a text of which ``rules`` finds no plain edit, and are said to be
what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from sentiment.edits.editing import EditedText, like
from sentiment.edits.lexicon import FULL_FORMS, NEGATORS, POSITIVE_FORMS, lexicon
from sentiment.edits.words import (
    HELPERS,
    MARKS,
    OBJECT_STARTS,
    PRONOUNS,
    QUANTIFIERS,
    SUBORDINATING,
)
from sentiment.values import Edit

_HELPERS = HELPERS | {"'s", "'re", "'m"}
_NOT_BEFORE = OBJECT_STARTS | PRONOUNS | QUANTIFIERS | SUBORDINATING | _HELPERS | NEGATORS
_NOT_BEFORE |= {"and", "or", "but", "of", "to", "in", "on", "at", "for", "with", "from", "by"}
_JOINTS = MARKS | {","}
_OPENING = frozenset({"but", "though", "although", "while", "whereas", "because"})


class LooseEditor(EditedText):
    """One text, its tokens and what comes of taking, denying or turning one of them."""

    def words_edited(self, index: int) -> Iterator[Edit]:
        """A token's own edits: its negation in or out, its opposite, and the text without it."""
        word, token = self.words[index], self.tokens[index]
        if word in NEGATORS | {"none"}:
            yield from self._affirmed(index)
        entry = lexicon().get(word)
        if entry is not None and entry.antonym:
            new = like(entry.antonym, token.text)
            start, replacement = self.with_article(index, new)
            reason = f"“{token.text}” turned into “{new}”"
            yield self.edit("antonym", index, start, token.end, replacement, reason)
        yield from self._denied(index)
        yield self.without("delete", index, f"“{token.text}” left out")

    def parts_left_out(self) -> Iterator[Edit]:
        """The text without one of its parts: a sentence, or what stands between two marks."""
        starts = [0]
        for index in range(1, len(self.tokens)):
            ended = self.words[index - 1] in _JOINTS and self.words[index] not in _JOINTS
            if ended or self.words[index] in _OPENING:
                starts.append(index)
        starts = [s for s, after in zip(starts, [*starts[1:], None], strict=True) if s != after]
        for number, first in enumerate(starts if len(starts) > 1 else ()):
            yield self._left_out(first, [*starts, len(self.tokens)][number + 1])

    def _affirmed(self, index: int) -> Iterator[Edit]:
        word, token, kind = self.words[index], self.tokens[index], "remove negation"
        if word in POSITIVE_FORMS or word == "none":
            new = like(POSITIVE_FORMS.get(word, "all"), token.text)
            reason = f"“{token.text}” turned into “{new}”"
            yield self.edit(kind, index, token.start, token.end, new, reason)
        elif word == "n't" and index:
            helper = self.tokens[index - 1]
            new = FULL_FORMS.get(self.words[index - 1], helper.text)
            reason = f"“{token.text}” removed"
            yield self.edit(kind, index, helper.start, token.end, like(new, helper.text), reason)
        else:
            yield self.without(kind, index, f"“{token.text}” removed")

    def _denied(self, index: int) -> Iterator[Edit]:
        word, token, kind = self.words[index], self.tokens[index], "insert negation"
        if {word, self.word(index - 1), self.word(index + 1)} & NEGATORS:
            return
        if word in _HELPERS:
            asked = self.word(index + 1) in PRONOUNS - {"there"}  # "was it not worth it?"
            last = index + asked
            if self.word(last + 1)[:1].isalpha():
                end = self.tokens[last].end
                said = f"“not” after “{self.span(index, last)}”"
                yield self.edit(kind, index, end, end, " not", said)
        elif word.isalpha() and len(word) > 2 and word not in _NOT_BEFORE:
            yield self.insert_before(kind, index, "not", f"“not” before “{token.text}”")

    def _left_out(self, first: int, end: int) -> Edit:
        """The tokens from ``first`` to before ``end`` gone; what then begins gets their capital."""
        start = self.tokens[first].start
        reason = f"“{self.span(first, end - 1)}” left out"
        if end == len(self.tokens):
            before = self.text[:start].rstrip(" ,;:-–—")
            mark = self.words[-1] if self.words[-1] in (".", "!", "?") else ""
            mark = "" if before.endswith((".", "!", "?", "…")) else mark
            return self.edit("delete", first, len(before), len(self.text), mark, reason)
        following = self.tokens[end]
        head = self.text[following.start]
        capital = head.upper() if self.tokens[first].text[:1].isupper() else head
        return self.edit("delete", first, start, following.start + 1, capital, reason)
