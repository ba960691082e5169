"""A text under edit: its words, and one edit of it with spaces, articles and capitals in order."""

from __future__ import annotations

from functools import cache

from sentiment.text import TextEncoder, new_tokenizer
from sentiment.values import Edit


class EditedText:
    """One text and its tokens; lower-case words beside them, "" outside the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _encoder().encode(text).tokens
        self.words = [token.text.lower().replace("’", "'") for token in self.tokens]
        letters = [letter for letter in text if letter.isalpha()]
        self.capitals = len(letters) > 3 and all(letter.isupper() for letter in letters)

    def word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def edit(
        self, kind: str, index: int, start: int, end: int, replacement: str, reason: str
    ) -> Edit:
        replacement = replacement.upper() if self.capitals else replacement
        text = self.text[:start] + replacement + self.text[end:]
        return Edit(kind, text, index, start, end, replacement, reason)

    def without(self, kind: str, index: int, reason: str) -> Edit:
        """A token and its space gone; the head of a text hands its capital to the next word."""
        start, end = self.with_space(index)
        token = self.tokens[index]
        if self.word(index + 1)[:1].isalpha() and token.text.istitle():
            following = self.tokens[index + 1]
            capital = following.text[0].upper() + following.text[1:]
            return self.edit(kind, index, token.start, following.end, capital, reason)
        return self.edit(kind, index, start, end, "", reason)

    def insert_before(self, kind: str, index: int, words: str, reason: str) -> Edit:
        """``words`` before a token, which at the head of a sentence hands over its capital."""
        token = self.tokens[index]
        if token.text[:1].isupper() and not token.text[1:2].isupper():
            lowered = token.text[0].lower() + token.text[1:]
            return self.edit(
                kind, index, token.start, token.end, f"{words.capitalize()} {lowered}", reason
            )
        return self.edit(kind, index, token.start, token.start, f"{words} ", reason)

    def with_article(self, index: int, new: str) -> tuple[int, str]:
        """``new`` for a token, with the "a" or "an" before it where that must change."""
        token = self.tokens[index]
        if self.word(index - 1) in ("a", "an"):
            article = self.tokens[index - 1]
            wanted = article_of(new.lower())
            if self.word(index - 1) != wanted:
                gap = self.text[article.end : token.start]
                return article.start, f"{like(wanted, article.text, title=True)}{gap}{new}"
        return token.start, new

    def with_space(self, index: int) -> tuple[int, int]:
        """A token's span with the space after it or, at a sentence's end, before it."""
        token = self.tokens[index]
        start, end = token.start, token.end
        after = self.text[end : self.tokens[index + 1].start] if self.has(index + 1) else None
        before = self.text[self.tokens[index - 1].end : start] if index else None
        if after is not None and after.isspace() and before != "":
            end += len(after)
        elif before is not None and before.isspace():
            start -= len(before)
        return start, end

    def has(self, index: int) -> bool:
        return index < len(self.tokens)

    def span(self, first: int, last: int) -> str:
        return self.text[self.tokens[first].start : self.tokens[last].end]


def article_of(word: str) -> str:
    """The article before a word: "an honest man", "a useful thing"."""
    if word.startswith(("honest", "hour")):
        return "an"
    vowel = word[:1] in tuple("aeiou") and not word.startswith(("use", "uni", "euro", "one"))
    return "an" if vowel or word.startswith(("unim", "unin")) else "a"


def like(word: str, model: str, *, title: bool = False) -> str:
    """``word`` with the capitals of ``model``."""
    if len(model) > 1 and model.isupper() and not title:
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


@cache
def _encoder() -> TextEncoder:
    return TextEncoder(new_tokenizer(()))
