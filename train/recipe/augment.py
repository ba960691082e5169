"""Sentences about negation, contrast, neutrality and daily life, with computed targets.

A finite data set of film reviews shows an LSTM too few negators far from what they negate and
hardly any plain statement of daily life, so it learns shortcuts that a behavioural suite exposes
(Ribeiro et al. 2020, arXiv:2005.04118). The frames are in ``train.recipe.grammar``; what fills them
comes from word lists and, where given, from the treebank's own labelled constituents.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sentiment import text as words_of
from train.data.labelled import Example
from train.recipe.grammar import NEUTRAL, POLAR, Frame, frames

PROTECTED = ("religion", "race", "nation", "orientation", "gender", "disability")
_TERMS = frozenset({"group", "groups", "disability"})
_LAST_WORD = re.compile(r"(?<=\s)([a-z]{3,})([.!]*)$")
_SLOT = re.compile(r"\{(!?)(\w+)\}")
_INNERMOST = re.compile(r"\(([^()]*)\)")
_SPACES = re.compile(r"\s+")
_BEFORE_PUNCTUATION = re.compile(r"\s+((?![:;]-?[()/|DPp'\]@o])[,.;:!?])")

SHARES = {
    "plain": 1.3,
    "negation": 2.5,
    "far negation": 5.0,
    "double negation": 2.0,
    "negator that leaves the verdict": 4.0,
    "contrast after an expectation": 3.5,
    "change over time": 2.5,
    "comparison and degree": 1.0,
    "question and answer": 1.0,
    "terms in a polar sentence": 0.5,
    "neutral": 3.5,
    "negated neutral": 4.5,
    "protected terms": 3.2,
    "everyday facts": 6.0,
    "negated everyday facts": 4.0,
    "mild statements": 0.8,
    "daily news": 0.8,
    "everyday praise and complaint": 4.0,
    "implied praise and complaint": 3.0,
    "answers": 2.0,
    "opinion holders": 2.0,
    "comparatives": 2.0,
    "wishes": 1.5,
    "denials": 2.0,
    "praise behind a negator": 2.0,
    "rhetorical questions": 1.2,
    "irony": 1.0,
    "emoji and emoticons": 3.0,
    "protected terms in daily life": 4.0,
    "polar sentences with a term": 3.0,
    "opinions in many frames": 6.0,
    "negation in many frames": 5.0,
    "dull statements": 3.0,
}
"""How many sentences each capability gets, relative to "plain"."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What fills the slots: by slot, (positive, negative) fillers and neutral ones."""

    polar: Mapping[str, tuple[Sequence[str], Sequence[str]]] = field(default_factory=lambda: POLAR)
    neutral: Mapping[str, Sequence[str]] = field(default_factory=lambda: NEUTRAL)


def treebank_lexicon(examples: Iterable[Example], nouns: Sequence[str] = ()) -> Lexicon:
    """The word lists, with adjectives, noun phrases, phrases and sentences of a treebank added.

    Polarity is the examples' own: targets 1 and 0. Adjectives are single words that look like
    one by their ending. ``nouns`` are added to the neutral ones.
    """
    polar: dict[str, tuple[list[str], list[str]]] = {
        slot: (list(positive), list(negative)) for slot, (positive, negative) in POLAR.items()
    }
    for example in examples:
        if example.target not in (0.0, 1.0):
            continue
        side = int(example.target == 0.0)
        words = example.text.lower().split()
        if len(words) == 1 and _ADJECTIVE.search(words[0]) and words[0].isalpha():
            polar["adj"][side].append(words[0])
        if _NEGATOR.search(example.text.lower()) or not words[-1][-1].isalnum():
            continue
        if words[0] in ("a", "an") and 2 <= len(words) <= 7:
            polar["np"][side].append(" ".join(words))
        if 2 <= len(words) <= 8 and words[0] not in ("and", "but", "or", "of", "to"):
            polar["phrase"][side].append(" ".join(words))
        if 5 <= len(words) <= 14 and words[0] in _SUBJECTS and words[1] in _VERBS:
            polar["sentence"][side].append(" ".join(words))
    neutral = {**NEUTRAL, "rare": tuple(nouns) or NEUTRAL["item"]}
    return Lexicon({slot: (tuple(a), tuple(b)) for slot, (a, b) in polar.items()}, neutral)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def neutral_nouns(
    texts: Sequence[str], labels: Sequence[float], *, least: int = 12, bound: float = 0.35
) -> list[str]:
    """Words that stand behind a determiner and as often in positive as in negative texts.

    ``least`` is the fewest occurrences, ``bound`` the largest log-ratio of the two counts.
    """
    total: Counter[str] = Counter()
    nouns: Counter[str] = Counter()
    sides: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for text, label in zip(texts, labels, strict=True):
        words = words_of.words(text)
        sides[int(label > 0.5)].update(set(words))
        total.update(words)
        for before, word, after in zip(words, words[1:], words[2:], strict=False):
            if before in _DETERMINERS and after in _AFTER_NOUN:
                nouns[word] += 1
    prior = math.log((sides[1].total() + 1) / (sides[0].total() + 1))
    return [
        word
        for word, count in sorted(total.items())
        if count >= least
        and word.isalpha()
        and len(word) >= 3
        and nouns[word] / count > 0.2
        and abs(math.log((sides[1][word] + 2) / (sides[0][word] + 2)) - prior) < bound
    ]


_DETERMINERS = _set("a an the his her their my our this that")
_AFTER_NOUN = _set("is was of in and . , on at for to with from or where who which has had")
_ADJECTIVE = re.compile(r"(ful|able|ible|ous|ive|less|ing|ish|ant|ent|ic|some|ary|ny)$")
_NEGATOR = re.compile(
    r"\b(not|no|never|nothing|nobody|neither|nor|none|without|hardly|barely|cannot|but|yet|"
    r"however|although|though|despite|too|if|would|could|should)\b|n't"
)
_SUBJECTS = _set("it this that there he she they we you")
_VERBS = _set("is are was were 's 're has have does makes will gets feels works")


class Generator:
    """Draws sentences from frames. The same seed and lexicon give the same sentences."""

    def __init__(self, lexicon: Lexicon | None = None, seed: int = 0) -> None:
        self.lexicon = lexicon or Lexicon()
        self.random = random.Random(seed)
        self.terms = random.Random(seed + 1)  # apart, so that a sentence can be had with others
        self.by_capability: dict[str, list[Frame]] = {}
        for frame in frames():
            self.by_capability.setdefault(frame.capability, []).append(frame)

    def sentence(self, frame: Frame, *, positive: bool) -> str:
        """One text of ``frame`` with the slots filled for that polarity."""
        template = self.choose(frame.template)
        for _ in range(4):  # fillers may bring slots of their own
            if not _SLOT.search(template):
                break
            template = _SLOT.sub(
                lambda match: self.filler(match[2], positive=positive ^ bool(match[1])), template
            )
        return tidy(template)

    def choose(self, template: str) -> str:
        """The template with one alternative of each ``(a|b)`` kept."""
        while match := _INNERMOST.search(template):
            choice = self.random.choice(match[1].split("|"))
            template = template[: match.start()] + choice + template[match.end() :]
        return template

    def filler(self, slot: str, *, positive: bool) -> str:
        """One filler. Raises KeyError for a slot there is none of."""
        pick = self.random.choice
        if slot in _TERMS:
            pick = self.terms.choice
            group = pick(PROTECTED) if slot == "group" else slot
            return pick(self.lexicon.neutral[group])
        if slot == "items":
            return pick(self.lexicon.neutral["item"]).split()[-1] + "s"
        if slot == "item" and "rare" in self.lexicon.neutral and self.random.random() < 0.4:
            slot = "rare"
        if slot == "clause" or (slot == "aside" and self.random.random() < 0.6):
            return self.choose(pick(_BETWEEN[slot]))
        if slot in self.lexicon.neutral:
            return pick(self.lexicon.neutral[slot])
        fillers = self.lexicon.polar[slot][0 if positive else 1]
        own = _COMPOSED.get(slot)
        if own and (not fillers or self.random.random() < 0.5):
            return self.choose(pick(own))
        if slot == "adj" and self.random.random() < 0.7:  # common words often, rare ones too
            return pick(POLAR["adj"][0 if positive else 1])
        return pick(fillers)

    def examples(self, count: int, *, surroundings: Sequence[str] = ()) -> Iterator[Example]:
        """About ``count`` distinct examples, shared among capabilities by ``SHARES``.

        ``surroundings`` are texts without polarity, one of which goes before or after a fifth of
        the sentences. A sentence with a protected term comes with two other terms as well.
        """
        seen: set[str] = set()
        total = sum(SHARES.values())
        for capability, share in SHARES.items():
            chosen = self.by_capability[capability]
            for number in range(round(count * share / total)):
                frame = chosen[number % len(chosen)]
                has_term = any(match[2] in _TERMS for match in _SLOT.finditer(frame.template))
                state = self.random.getstate() if has_term else None
                for _ in range(3 if has_term else 1):
                    if state is not None:
                        self.random.setstate(state)
                    example = self.example(frame, surroundings)
                    if example.text not in seen:
                        seen.add(example.text)
                        yield example

    def example(self, frame: Frame, surroundings: Sequence[str] = ()) -> Example:
        """A sentence of ``frame`` in either polarity: bare, with a mark, or among others."""
        positive = self.random.random() < 0.5
        text = self.sentence(frame, positive=positive)
        target = frame.positive if positive else frame.negative
        chance = self.random.random()
        if chance < 0.2:
            text = self.surrounded(text, surroundings)
        elif chance < 0.55 and text[-1].isalnum():
            text += self.random.choice((".", " .", "!", ".", "..."))
        if self.random.random() < 0.08:
            text = self.decorated(text)
        return Example(text, target)

    def decorated(self, text: str) -> str:
        """``text`` with what leaves its verdict alone: an address, a tag, a name, a thing."""
        pick = self.random.choice
        match pick(("url", "handle", "tag", "last word", "emoji")):
            case "url":
                return f"{text} {pick(self.lexicon.neutral['url'])}"
            case "handle":
                return f"{pick(self.lexicon.neutral['handle'])} {text}"
            case "tag":
                return f"{text} {pick(self.lexicon.neutral['tag'])}"
            case "last word":
                return _LAST_WORD.sub(r"#\1\2", text)
        return f"{text} {pick(self.lexicon.neutral['dull_emoji'])}"

    def surrounded(self, text: str, surroundings: Sequence[str]) -> str:
        """``text`` with a neutral sentence before or behind it."""
        if surroundings and self.random.random() < 0.5:
            neutral = self.random.choice(surroundings)
        else:
            capability = self.random.choice(("neutral", "everyday facts"))
            frame = self.random.choice(self.by_capability[capability][20:40])
            neutral = self.sentence(frame, positive=True)
        first, second = (neutral, text) if self.random.random() < 0.6 else (text, neutral)
        return f"{first.rstrip(' .')}. {second}"


_BETWEEN = {  # what may stand between a negator and what it negates
    "aside": (
        "after {number} {things} (and|or) (a|the) {nadj} {item}",
        "having {seen} (the|a) {nadj} {item} {time}",
        "(given|considering|in view of) (the|our|my) {nadj} {item}( and the {item}| {place}|)",
        "with (the|a) {nadj} {item}( and a {item}|) {place}",
        "(after|before|during) (the|our|a) {item} (to the {item}|{place}|from the {item})",
        "(as|since|while|now that) {name} {seen} (the|a) {item} {time}",
        "as the {role} (told|showed|asked) us {time}",
        "for all the {items} (we|they) {seen} {time}",
        "with {number} {items}, {number} {items} and a {role}",
        "(which|as) (we|i|they) {seen} {time} (with|for) {name}",
    ),
    "clause": (
        "that (we|they|i|{name}) {seen} {time}",
        "which {does} {time}",
        "(we|i|they) {seen} {place} {time}",
        "about (a|the) {role} and (a|the) {item}",
        "with the {nadj} {item}( {place}|)",
        "from the {item} {place}",
        "that (my|our|the) {role} {seen} (before|after) the {item}",
        "(for|by) which (we|they|i) {seen} a {nadj} {item}",
    ),
}

_COMPOSED = {
    "np": (
        "a {adj} {thing}",
        "a {int} {adj} {thing}",
        "a {noun}",
        "{adj} {things}",
        "a {adj} {thing}",
    ),
    "phrase": ("{adj} {things}", "a {adj} {thing}", "the {thing} is {adj}", "{adj} and {adj}"),
    "sentence": (
        "the {thing} (is|was) {adj}",
        "(it|this) is {np}",
        "{verdict}",
        "the {things} are {adj} and the {thing} is {int} {adj}",
        "i {liked} the {thing}",
    ),
}


def tidy(text: str) -> str:
    """One space between words, none before punctuation, "an" before a vowel."""
    text = _BEFORE_PUNCTUATION.sub(r"\1", _SPACES.sub(" ", text)).strip()
    text = re.sub(r"([,;:])\s*([,.;:!?])", r"\2", text)
    text = re.sub(r"\ba (?=[aeio]|un(?!i)|hour|honest)", "an ", text, flags=re.IGNORECASE)
    return re.sub(r"\ban (?=(?!hour|honest)[^aeiou\W])", "a ", text)


def skeleton(text: str) -> str:
    """The frame of a sentence: its function words in order, all else as ``_``.

    Two suites that share no skeleton share no template, whatever fills their slots.
    """
    words = [w if w in _FUNCTION else "_" for w in re.findall(r"[a-z']+|\d+", text.lower())]
    return re.sub(r"_( _)+", "_", " ".join(words))


_FUNCTION = _set(
    """a an the this that these those it its it's is isn't was wasn't are aren't were weren't be
    been being am i'm i i've we you they he she my our your his her their me us them do don't does
    doesn't did didn't have haven't has hasn't had hadn't will won't would wouldn't can can't cannot
    could couldn't should shouldn't may might must not no never nobody nothing none neither nor no
    hardly scarcely barely without but yet however although though even despite in spite of while
    whereas because if when until before after once now then used to as than more less so too very
    and or for with at on by from about into over out up there here what who why how which all any
    some each one only just instead still again far anything everyone everything whatever whoever
    whichever wherever whenever"""
)
