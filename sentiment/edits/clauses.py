"""Where a clause begins, ends and runs on: pure rules over the lower-case words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from sentiment.edits.lexicon import INTENSIFIERS, lexicon
from sentiment.edits.opinions import CLITICS, DETERMINERS, SUBJECTS
from sentiment.edits.words import EXCLAIMED, HELPERS, PREPOSITIONS

NAMED = frozenset({"the", "this", "my", "our", "their", "his", "her"})
OBJECTS = NAMED | {"these", "those", "your", "its", "it", "him", "them", "you", "me", "us"}
_FELT = frozenset({"love", "hate", "like", "loved", "hated"})
_SAID = SUBJECTS | {"there", "here", "what", "who", "how", "where", "let", "that", "this", "one"}
_PRAISE = frozenset({"job", "work", "one", "try", "post", "point"})
_RELATIVE = frozenset({"that", "who", "which"})
_MORE = frozenset({"much", "more", "better", "worse", "less", "far"})
_ACTING = SUBJECTS - {"that", "this", "it"}
_BEHIND = PREPOSITIONS | {"to", "for", "off", "up", "out"}
_ONES = frozenset(
    [
        "best",
        "worst",
        "thing",
        "things",
        "one",
        "only",
        "first",
        "way",
        "kind",
        "everything",
        "all",
        "reason",
    ]
)
_NOMINAL = OBJECTS | {"a", "an", "one", "all"}


def without_possessive(subject: list[str]) -> list[str]:
    """A subject less the "'s" between two of its nouns: "the film's cast", but not "it's"."""
    return [
        word
        for place, word in enumerate(subject)
        if word != "'s" or not 0 < place < len(subject) - 1 or subject[place - 1] in _SAID
    ]


def runs_on(words: list[str]) -> bool:
    """Whether a second clause follows, joined by "and" or by nothing."""
    joint = words.index("and") if "and" in words else len(words)
    graded = all(word in INTENSIFIERS for word in words[: max(0, joint - 1)])
    if joint == 0 or (graded and joint < len(words) - 2 and words[joint - 1] not in DETERMINERS):
        return True  # "can and will", "is good and works fine"
    if _told_on(words):
        return True
    verbs = HELPERS | CLITICS
    for place, (one, following) in enumerate(pairwise(words)):
        if one == "and" and (following in SUBJECTS | verbs | {"worth"} or following[-2:] == "ly"):
            return True
        if place and one in _FELT and following in OBJECTS:
            return True  # "that's cute love it"
        praised = one in {"nice", "good", "great"} and following in _PRAISE
        if place and praised and words[place - 1] not in DETERMINERS | INTENSIFIERS:
            return True  # "that's dope nice job"
        if following in verbs and not _RELATIVE & set(words[: place + 1]):
            return True
    return False


def _told_on(words: Sequence[str]) -> bool:
    """Whether a subject of its own, a verb or a comparison follows: "is cute i want it"."""
    for place, (one, following) in enumerate(pairwise(words)):
        if one == "and" and (following in _MORE | OBJECTS or _joins_verb(words, place)):
            return True  # "is covered and much better", "is a bore and his jokes fall flat"
        seen = {*words[: place + 1]}
        shown = bool(_RELATIVE & seen or (_ONES & seen and _NOMINAL & seen))
        shown |= any(word.endswith("est") for word in seen)
        if following in _ACTING and not shown:
            return True  # but not "is the best i have seen"
    return False


def _joins_verb(words: Sequence[str], joint: int) -> bool:
    """Whether what follows "and" is more than one more of what stands before it.

    So in "is encouraging it and working with them", "is a family of five and stayed there".
    """
    following, after = words[joint + 1], words[joint + 2 :]
    if len(after) > 2 and words[0] not in DETERMINERS and "of" not in words[:joint]:
        return True
    done = following.endswith(("ed", "en", "ing")) or following in {"put", "made", "went", "had"}
    held = following.endswith("s") and {*after[:1]} & (OBJECTS | DETERMINERS | _BEHIND)
    entry = lexicon().get(following)
    praised = entry is not None and entry.part == "adjective" and not after
    rated = praised and words[0] in ("a", "an")  # "is a nice size and comfortable"
    alike = words[joint - 1][-2:] == following[-2:] or not after
    return bool(held or rated or (done and not alike))


def exclaims(subject: Sequence[str]) -> bool:
    """Whether what stands before a verb is more, or less, than its subject.

    "Cool the band is", "Simply does", "Gone are", "In the corner is".
    """
    first, alone = subject[0], len(subject) == 1
    entry = lexicon().get(first)
    cried = first in EXCLAIMED or re.fullmatch(r"(hey|wow|yay|aw|oh|ah|no)\1*(.)\2*", first)
    judged = entry is not None and entry.part == "adjective"
    turned = alone and first.endswith(("ly", "ed")) and first not in {"family", "feed", "speed"}
    return bool(cried or judged or turned or first in PREPOSITIONS)


def plain_around(text: str, start: int, sentence: str) -> bool:
    """Whether nothing but marks of an ordinary sentence stands around the only sentence."""
    outside = text[:start] + text[start + len(sentence) :]
    return not re.search(r"[^\s.!?…]", outside)
