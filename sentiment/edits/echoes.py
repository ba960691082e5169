"""What follows a word and would contradict, or lose its sense by, an edit of that word.

Pure rules over lower-case tokens, as in ``traps``; in doubt an edit is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sentiment.edits.lexicon import INTENSIFIERS, lexicon
from sentiment.edits.traps import clause
from sentiment.edits.words import EVERY_NEGATOR

_SINGLING = {"especially", "particularly", "notably", "mainly"}
_ROOMY = {"great", "excellent", "lovely", "amazing"}
_ROOMY |= {"clean", "spacious", "large", "big", "small", "huge", "beautiful", "nice", "modern"}
_LICENSED = {"any", "anything", "anyone", "anybody", "anytime", "anywhere", "ever"}
_MEASURED = {"many", "much", "plenty", "lots", "full"}
_QUOTED = (
    "dark and stormy night",
    "best of times",
    "worst of times",
    "fine mess",
    "wonderful life",
    "small world",
    "get over it",
)


def after_denial(words: Sequence[str], index: int) -> bool:
    """Whether the rest of the clause would not stand behind a "not" at ``index``."""
    rest = clause(words, index)
    pairs = set(pairwise(rest))
    licensed = set() if "recommend" in rest else _LICENSED
    if words[index] == "can" and rest and rest[0] in {"help", "wait", "stand", "resist"}:
        return True  # "can help that happen"
    if words[0] in ("a", "an") and rest[:1] == ["the"]:
        return True  # "a great trip was the swim with the seals"
    if (",", "and") in pairs or (_SINGLING | licensed | {"which", "$", "£", "€"}) & set(rest):
        return True  # "is hypnotic , and he fosters", "is phenomenal , especially the women"
    if EVERY_NEGATOR - {"few", "little"} & set(rest) or (rest[:1] == ["right"] and len(rest) > 1):
        return True  # "is second to none", "is right out of a comedy"
    if any((word, "with") in pairs for word in _ROOMY) and rest[0] not in ("a", "an", "the"):
        return True  # "is clean with free parking"
    if {"quite", "pretty", "rather"} & set(rest) or (
        {"been", "be"} & set(rest) and "better" in rest
    ):
        return True  # "can do it quite easily", "should have been a lot better"
    if sum(word in INTENSIFIERS for word in rest) > 1 or any(one == two for one, two in pairs):
        return True  # "are super super odd"
    repeated = any(words[i] == words[i + 2] for i in range(index, len(words) - 2))
    if repeated or rest[-2:] == ["for", "you"]:
        return True  # "a terrible , terrible film", "that is life for you"
    if rest[:1] in (["nt"], ["way"]) or (
        rest[:1] == ["very"] and rest[1:2] and rest[1][:2] == "un"
    ):
        return True  # "wouldnt", "is way overrated", "is very unnecessary"
    praised = rest[rest.index("that") :] if "that" in rest[1:] else []
    if rest and rest[0] not in ("a", "an", "the") and any(word in lexicon() for word in praised):
        return True  # "was helpful with advice that was delightful"
    following = index + 1 + len(rest)
    if words[following + 1 : following + 2] == ["even"]:
        return True  # "is beautiful . Even the birds sing"
    said = " ".join(rest)
    return any(quoted in said for quoted in _QUOTED)


def after_opposite(words: Sequence[str], index: int) -> bool:
    """Whether what the word's phrase goes on to say fits itself alone: "of many missed chances"."""
    rest = clause(words, index)
    if list(rest[:2]) == ["piece", "of"]:
        return True  # "a disgusting piece of filth"
    return any(one in ("of", "with") and two in _MEASURED for one, two in pairwise(rest))


def after_degree(words: Sequence[str], index: int) -> bool:
    """Whether the word is graded already: "pleasant and engaging enough", "more of a dumb idea"."""
    if any(word.endswith("ing") for word in words[index + 1 : index + 2]):
        return True  # "is fast closing in"
    more = list(words[max(0, index - 3) : index]) in (["more", "of", "a"], ["more", "of", "an"])
    return more or "enough" in words[index + 1 : index + 5]
