"""The words that edits know: opposites, words without a verdict, negators, and their forms.

Small on purpose: only pairs of which each is the other's opposite wherever ``traps`` lets the
edit stand. A pair whose words have a second everyday sense (warm, sharp, rich, tired) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

ADJECTIVES = """
good bad, great terrible, excellent awful, wonderful dreadful, brilliant stupid, amazing appalling,
funny unfunny, interesting boring, exciting dull, enjoyable tedious, entertaining tiresome,
beautiful ugly, charming charmless, clever dumb, fresh stale, original derivative, smart silly,
strong weak, engaging tedious, fun boring, delightful dismal, superb lousy,
memorable forgettable, convincing unconvincing, best worst, happy sad,
compelling uninvolving, intelligent stupid, intelligent mindless, graceful clumsy, lovely horrible,
gripping plodding,
fascinating boring, satisfying disappointing, impressive unimpressive, pleasant unpleasant,
powerful feeble, fantastic horrible, imaginative unimaginative, likable unlikable,
thoughtful thoughtless, uplifting depressing, authentic phony, watchable unwatchable,
honest dishonest, reliable unreliable, friendly unfriendly, polite rude, helpful unhelpful,
comfortable uncomfortable, useful useless, tasty tasteless,
clean dirty, kind unkind, delicious disgusting, gorgeous hideous, spacious cramped,
relaxing stressful, healthy unhealthy, attractive unattractive,
effective ineffective, efficient inefficient, successful unsuccessful, worthwhile pointless,
sturdy flimsy, delighted disappointed, pleased displeased, satisfied dissatisfied,
lucky unlucky, fast slow, quiet noisy, generous stingy
"""
PRAISING = """
awesome awful, comfy uncomfortable, hilarious unfunny, cute ugly, perfect terrible, nice unpleasant
"""
BLAMING = """
poor good, confusing clear, dreary delightful, horrid lovely, loud quiet, unfair fair,
expensive cheap, frustrating satisfying, bland tasty, annoying delightful, nasty nice, unsafe safe
"""
"""Adjectives whose opposite has another opposite, or other senses."""
VERBS = """
love loves loved loving | hate hates hated hating
like likes liked liking | dislike dislikes disliked disliking
enjoy enjoys enjoyed enjoying | hate hates hated hating
admire admires admired admiring | despise despises despised despising
delight delights delighted delighting | annoy annoys annoyed annoying
succeed succeeds succeeded succeeding | fail fails failed failing
recommend recommends recommended recommending |
work works worked working |
"""
NOUNS = """
masterpiece disaster, triumph failure, joy bore, delight ordeal, success flop, treat chore,
gem dud, pleasure pain
"""
PLURALS = "masterpieces disasters"
ADVERBS = """
beautifully badly, superbly poorly, brilliantly badly, wonderfully badly, cleverly clumsily,
well badly
"""
NEUTRAL_BEFORE_NOUN = ("ordinary", "average", "normal", "typical")
NEUTRAL_ALONE = ("ordinary", "average", "normal")
_EXTREME_WORDS = """
great terrible excellent awful wonderful dreadful brilliant amazing appalling superb
fantastic horrible delightful dismal fascinating unwatchable lousy gripping perfect flawed useless
awesome gorgeous hideous hilarious disgusting delicious delighted pointless horrid
"""
FELT = frozenset(
    [
        "happy",
        "sad",
        "delighted",
        "disappointed",
        "pleased",
        "displeased",
        "satisfied",
        "dissatisfied",
        "lucky",
    ]
)
"""What a person is, of whom no word without a verdict is said."""
EXTREME = frozenset(_EXTREME_WORDS.split())
"""Adjectives with "truly" rather than "very", and by no means "slightly"."""
WITHOUT_DEGREE = frozenset(
    ["best", "worst", "perfect", "flawed", "original", "derivative", "authentic", "phony"]
)
INTENSIFIERS = frozenset(
    ["very", "really", "so", "truly", "extremely", "quite", "incredibly", "too"]
)
DIMINISHERS = frozenset(["slightly", "somewhat", "fairly", "rather", "barely", "hardly", "mildly"])
NEGATORS = {"not", "n't", "never", "no", "hardly", "barely", "scarcely", "without", "nothing"}
NEGATORS |= {"nobody", "nowhere", "neither", "nor"}
POSITIVE_FORMS = {
    "without": "with",
    "nothing": "something",
    "nobody": "somebody",
    "nowhere": "somewhere",
    "no": "some",
}
PLAIN_NEGATORS = frozenset({"not", "n't", "never", "hardly", "barely", "scarcely"})
"""Negators that may simply go."""
FULL_FORMS = {"ca": "can", "wo": "will", "sha": "shall"}
"""What is left of can't, won't, shan't, in full."""
_UNCOUNTED = """
plot charm humor humour style suspense tension sense water food help service money time space room
hope love joy energy passion depth substance talent support parking breakfast information music
action logic wit originality evidence progress news value quality power interest truth beauty fun
warmth magic chemistry life light air sugar salt milk bread coffee tea traffic noise rain snow
"""
UNCOUNTED = frozenset(_UNCOUNTED.split())
"""Nouns with "some" in the singular: "some charm", but not "some lift"."""


@dataclass(frozen=True, slots=True)
class Word:
    """An entry: part of speech, opposite ("" for none); of a verb, its lemma and form 0 to 3."""

    part: str
    antonym: str
    positive: bool
    lemma: str = ""
    form: int = -1  # love, loves, loved, loving


@cache
def lexicon() -> dict[str, Word]:
    """Every opinion word that edits know; of two entries for one word the first."""
    entries: dict[str, Word] = {}
    for part, listed in (
        ("adjective", ADJECTIVES),
        ("noun", NOUNS),
        ("nouns", PLURALS),
        ("adverb", ADVERBS),
    ):
        for positive, negative in _pairs(listed):
            entries.setdefault(positive, Word(part, negative, True))
            entries.setdefault(negative, Word(part, positive, False))
    for listed, praising in ((PRAISING, True), (BLAMING, False)):
        for word, opposite in _pairs(listed):
            entries.setdefault(word, Word("adjective", opposite, praising))
    for line in VERBS.strip().splitlines():
        ours, theirs = (side.split() for side in line.split("|"))
        for words, antonyms in ((ours, theirs), (theirs, ours)):
            for form, word in enumerate(words):
                antonym = antonyms[form] if antonyms else ""
                found = Word("verb", antonym, words is ours, words[0], form)
                entries.setdefault(word, found)
    return entries


def _pairs(listed: str) -> Iterator[tuple[str, str]]:
    for pair in listed.replace("\n", " ").split(","):
        positive, negative = pair.split()
        yield positive, negative
