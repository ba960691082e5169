"""Whether a model can say anything of a text: are there known words, of its script and language?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property, lru_cache

from sentiment.languages import NAMES, foreign
from sentiment.text import UNKNOWN_ID, TextEncoder

NO_WORDS = "no words to read"
UNKNOWN_WORDS = "none of its words is known to the model"
_EMOTICON = re.compile(r"[:;=].{1,3}|.{1,3}[:;=]|</?3|\^_*\^|-_+-")
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # letters and a symbol that show nothing
_LAST_LATIN = "\u024f"


class _Meaning(dict[int, bool]):
    """For each id whether it is a word, number, emoji or emoticon, and no mere punctuation.

    Found where it is asked for: to go through a whole vocabulary would hold up every start.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        super().__init__()
        self._word = encoder.tokenizer.id_to_token

    def __missing__(self, number: int) -> bool:
        word = self._word(number) or ""
        found = number > UNKNOWN_ID and (
            any(map(_has_meaning, word)) or bool(_EMOTICON.fullmatch(word))
        )
        self[number] = found
        return found


class Legibility:
    """What a vocabulary knows."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self._meaning = _Meaning(encoder)

    @cached_property
    def latin(self) -> bool:
        """Whether the vocabulary's words are of Latin letters."""
        first = [word[0] for word in self.encoder.tokenizer.get_vocab() if word[:1].isalpha()]
        return sum(letter <= _LAST_LATIN for letter in first) > 0.9 * len(first)

    def fault(self, text: str, ids: Sequence[int], language: str | None = None) -> str | None:
        """Why nothing can be said of a text with these ids, or None.

        ``language`` is the code of the one that the model learnt, None where that is not known.
        """
        known = any(self._meaning[i] for i in ids)
        unknown = ids.count(UNKNOWN_ID)
        if known and not unknown and text.isascii():
            return None
        if not known and (not unknown or not any(map(_shows_meaning, text))):
            return NO_WORDS
        if self.latin and not text.isascii() and _is_foreign(text):
            return "most of its letters are of a script that the model does not read"
        if not known:
            return UNKNOWN_WORDS
        if language not in NAMES or not unknown:
            return None
        other = foreign(text, language, unknown / len(ids), lambda: self._unknown(text))
        if other is None:
            return None
        what = f"{NAMES[other]}, not" if other else "another language than"
        return f"it looks like {what} {NAMES[language]}, which the model learnt"

    def _unknown(self, text: str) -> list[str]:
        return [token.text for token in self.encoder.encode(text).tokens if not token.known]


@lru_cache(maxsize=4)
def legibility(encoder: TextEncoder) -> Legibility:
    """What an encoder's vocabulary knows."""
    return Legibility(encoder)


def _has_meaning(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) == "So"


def _shows_meaning(character: str) -> bool:
    return _has_meaning(character) and character not in _BLANK


def _is_foreign(text: str) -> bool:
    """Whether most letters are other than Latin, whatever their style."""
    if text.isascii():  # most texts: their letters need not be counted
        return False
    letters = [c for c in unicodedata.normalize("NFKD", text) if c.isalpha()]
    return 2 * sum(c > _LAST_LATIN for c in letters) > len(letters)
