"""Ids of many texts, each distinct word tokenised once.

Language repeats itself (Zipf), and the tokenizer's rules never look across a blank, but for two: a
line break of HTML may hold one ("<br />"), and an abbreviation keeps its full stop only before
another word. So a text's ids are those of the pieces between its blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from tokenizers import Tokenizer

_BREAK = re.compile(r"<br[^\S\x1c-\x1f]*/?>", re.IGNORECASE)  # blanks as the tokenizer knows them
_HALF_BREAK = (">", "/>")
_FOLLOWER = "x"
_TOGETHER = 64
_LONGEST = 32
_MOST = 50_000


class _Known(NamedTuple):
    """Ids of words: before another word, and at a text's end where they differ."""

    ids: dict[str, list[int]]
    last: dict[str, list[int]]

    def of(self, words: list[str], fresh: _Known) -> list[int]:
        """Ids of a text's words, which are known here or fresh."""
        try:
            ids = [self.ids[word] for word in words]
        except KeyError:
            ids = [self.ids[word] if word in self.ids else fresh.ids[word] for word in words]
        for last in (self.last, fresh.last):
            if last and not last.keys().isdisjoint(words):
                final = next((i for i in reversed(range(len(ids))) if ids[i]), 0)
                ids[final] = last.get(words[final], ids[final])
        return list(chain.from_iterable(ids))


class WordIds:
    """Ids of texts by a tokenizer of this project's rules; others are not cut at blanks.

    Words that the vocabulary does not know are not kept: a person's names and numbers are among
    them.
    """

    def __init__(self, tokenizer: Tokenizer, unknown: int) -> None:
        self._tokenizer, self._unknown = tokenizer, unknown
        self._kept = _Known({}, {})

    def ids_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""
        pieces = [_pieces(text) for text in texts]
        kept = self._kept
        fresh = self._tokenised(
            {one for words in pieces if words for one in words if one not in kept.ids}
        )
        whole = iter(self._ids([t for t, words in zip(texts, pieces, strict=True) if not words]))
        found = [kept.of(words, fresh) if words else next(whole) for words in pieces]
        if len(kept.ids) > _MOST:
            kept = self._kept = _Known({}, {})
        for word, ids in fresh.ids.items():
            if len(word) <= _LONGEST and self._unknown not in ids:
                if word in fresh.last:
                    kept.last[word] = fresh.last[word]
                kept.ids[word] = ids
        return found

    def _tokenised(self, missing: Iterable[str]) -> _Known:
        words = list(missing)
        known = _Known({word: [] for word in words}, {})
        groups = [words[i : i + _TOGETHER] for i in range(0, len(words), _TOGETHER)]
        lines = [" ".join([*group, _FOLLOWER]) for group in groups]
        encoded = self._tokenizer.encode_batch(lines, add_special_tokens=False)
        for group, one in zip(groups, encoded, strict=True):
            ends = list(accumulate(len(word) + 1 for word in group))
            for number, (start, _) in zip(one.ids[:-1], one.offsets[:-1], strict=True):
                known.ids[group[bisect_right(ends, start)]].append(number)
        stopped = [word for word in words if "." in word or not word.isascii()]
        for word, last in zip(stopped, self._ids(stopped), strict=True):
            if last != known.ids[word]:
                known.last[word] = last
        return known

    def _ids(self, texts: list[str]) -> list[list[int]]:
        found = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [one.ids for one in found]


def _pieces(text: str) -> list[str] | None:
    """What stands between blanks; None where a rule looks across one."""
    if "<" in text or ">" in text:
        text = _BREAK.sub(" ", text)
        words = text.split(" ")
        return None if any(word.lstrip().startswith(_HALF_BREAK) for word in words) else words
    return text.split(" ")
