"""Everyday sentences known as a whole, and the edits that each allows.

``rules`` asks for each word what may stand beside it. A sentence that has one of
these forms from its first word to its last needs no such doubt: "what a great day", "the soup
tasted awful", "the new one is worse than the old one".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentiment.edits import traps
from sentiment.edits.editing import like
from sentiment.edits.lexicon import FELT, INTENSIFIERS, NEGATORS, lexicon
from sentiment.edits.opinions import CLITICS, COPULAS, SUBJECTS
from sentiment.edits.sentences import PlainText
from sentiment.edits.words import (
    AFTER_ARTICLE,
    CONTENT,
    HELPERS,
    LIKING,
    LINKING,
    LISTING,
    MEASURES,
    OBJECT_STARTS,
    OWNERS,
    PREPOSITIONS,
    QUANTIFIERS,
    QUESTIONS,
    RATED,
    SUBORDINATING,
)
from sentiment.values import Edit

MOST_WORDS = 16
_MARKS = frozenset({".", "!", "...", "…"})
_LINK_VERBS = {
    verb: (helper, lemma)
    for lemma in ("look", "seem", "taste", "sound", "smell")
    for verb, helper in (
        (lemma, "do"),
        (f"{lemma}s", "does"),
        (f"{lemma.removesuffix('e')}ed", "did"),
    )
} | {"feel": ("do", "feel"), "feels": ("does", "feel"), "felt": ("did", "feel")}
_VERBS = "work help leak smell hurt suck last matter fit stink rock crash"
_VERB_FORMS = {
    form: (helper, lemma)
    for lemma in _VERBS.split()
    for form, helper in ((lemma, "do"), (lemma + ("es" if lemma == "crash" else "s"), "does"))
} | {"worked": ("did", "work"), "helped": ("did", "help"), "lasted": ("did", "last")}
_MANNERS = frozenset({"well", "fine", "perfectly", "great", "properly", "flawlessly", "nicely"})
_BY_FAR = frozenset({"much", "far", "way", "significantly", "considerably"})
_POINTING = frozenset({"this", "that"})
_WASTED = frozenset({"time", "money", "space", "paper", "effort", "talent"})
_NO_NOUN = (
    OBJECT_STARTS
    | HELPERS
    | CLITICS
    | LINKING
    | LISTING
    | NEGATORS
    | QUANTIFIERS
    | QUESTIONS
    | SUBORDINATING
    | PREPOSITIONS
    | {"and", "so", "too", "not", ","}
)
_NO_OBJECT = LINKING | LISTING | NEGATORS | QUESTIONS | HELPERS | CLITICS | {"and", ",", "to"}


class FormedText(PlainText):
    """A text whose whole sentence may be of a form that is known."""

    def forms(self) -> Iterator[Edit]:
        """The edits of its form; none of a text of several sentences or of another form."""
        count = len(self.words)
        while count and self.words[count - 1] in _MARKS:
            count -= 1
        plain = re.fullmatch(r"[\w\s'’.,!…]*", self.text) is not None
        if not plain or not 1 < count <= MOST_WORDS or {*self.words[:count]} & _MARKS:
            return
        yield from self._exclaimed(count)
        yield from self._superlative(count)
        yield from self._linked_form(count)
        yield from self._liked(count)
        yield from self._compared(count)
        yield from self._degree_form(count)
        yield from self._denied_phrase(count)
        yield from self._acting(count)
        yield from self._two_clauses(count)

    def _exclaimed(self, count: int) -> Iterator[Edit]:
        """ "What a great day"."""
        words = self.words[:count]
        first = 2 + (words[2:3] in (["very"], ["truly"]))
        if words[0] != "what" or words[1] not in ("a", "an") or not 1 < count - first <= 3:
            return
        if words[-1] in RATED and not {*words[first + 1 :]} & _NO_NOUN:
            yield from self._opposite(first, bare=words[first:] == ["great", "day"])

    def _superlative(self, count: int) -> Iterator[Edit]:
        """ "Best pizza in town", "the worst service ever"."""
        words = self.words[:count]
        at = next((i for i, word in enumerate(words) if word in ("best", "worst")), count)
        before, noun = words[:at], at + 1
        subject = before[:-2] if before[-1:] == ["the"] and before[-2:-1] else []
        linked = before[-2:-1] and before[-2] in COPULAS | CLITICS and self._subject(0, at - 2)
        if before not in ([], ["the"]) and not (linked and subject):
            return
        while noun < count and words[noun] not in RATED and noun < at + 2:
            noun += 1
        named = noun < count and words[noun] in RATED and not {*words[at + 1 : noun]} & _NO_NOUN
        tail = words[noun + 1 :]
        whole = not tail or tail == ["ever"] or (tail[0] in ("in", "of") and len(tail) <= 3)
        seen = (
            tail[:1] == ["i"] and tail[1:2] in (["have"], ["'ve"]) and tail[-1] in ("seen", "had")
        )
        idiom = traps.another_sense(self.words, at) or self.tokens[noun - 1].text.istitle()
        if named and (whole or seen) and (not idiom or noun - 1 == at == 0):
            token = self.tokens[at]
            new = like("worst" if words[at] == "best" else "best", token.text)
            said = f"“{token.text}” turned into “{new}”, its opposite"
            yield self.edit("antonym", at, token.start, token.end, new, said)

    def _linked_form(self, count: int) -> Iterator[Edit]:
        """ "The soup tasted awful": "did not taste awful"."""
        at = self._verb(count, frozenset(_LINK_VERBS))
        if not at or not 1 <= count - at - 1 <= 2 or not self._adjective(count - 1):
            return
        if count - at == 2 or self.words[at + 1] in INTENSIFIERS - {"so", "too", "quite"}:
            yield self._helped(at, *_LINK_VERBS[self.words[at]])

    def _liked(self, count: int) -> Iterator[Edit]:
        """ "I hate waiting", "I really love this town", "we enjoyed the walk along the river"."""
        words = self.words[:count]
        at = next((i for i, word in enumerate(words) if word in LIKING), 0)
        graded = int(words[at - 1] in ("really", "absolutely", "truly"))
        rest = words[at + 1 :]
        if not at or not self._subject(0, at - graded) or not 1 <= len(rest) <= 6:
            return
        told = {*rest} & _NO_OBJECT or {*rest} & LIKING or rest[-1] in PREPOSITIONS - {"in", "on"}
        odd = rest[0] in (OBJECT_STARTS & PREPOSITIONS) | {"very", "u", "ya", "most", "more", "by"}
        odd |= rest[0] in SUBORDINATING | {"of", "as", "for", "with", "from", "into", "than", "up"}
        odd |= rest[:2] in (["me", "a"], ["me", "some"]) or rest[0].endswith("ly")
        odd |= rest[0] == "you" and rest[1:2] not in ([], ["guys"], ["all"], ["both"])
        if words[at] == "like" and not (
            {*words[:1]} & {"i", "we", "you", "they"}
            or (at == 2 and words[0] in OWNERS - _POINTING)
        ):
            odd = True  # "it works like a charm", "that looks like mud"
        if told or odd or traps.another_sense(self.words, at):
            return
        entry, token = lexicon()[words[at]], self.tokens[at]
        new = like(entry.antonym, token.text)
        said = f"“{token.text}” turned into “{new}”, its opposite"
        yield self.edit("antonym", at, token.start, token.end, new, said)
        odd = rest[-1].endswith("ly")
        if not (graded or odd) and not {"lot", "lots", "bit", "much", "many", "every", "all"} & {
            *rest
        }:
            helper = "did" if entry.form == 2 else "does" if entry.form == 1 else "do"
            yield self._helped(at, helper, entry.lemma)

    def _compared(self, count: int) -> Iterator[Edit]:
        """ "The new one is much worse than the old one", "it is better"."""
        words = self.words[:count]
        at = next((i for i, word in enumerate(words) if word in ("better", "worse")), count)
        graded = int(words[at - 1] in _BY_FAR) if at else 0
        link = at - 1 - graded
        rest = words[at + 1 :]
        if at == count or link < 1 or words[link] not in COPULAS | CLITICS:
            return
        if not self._subject(0, link) or (rest and (rest[0] != "than" or len(rest) < 2)):
            return
        ended = rest[1:] and not {*rest[1:]} & (LISTING | NEGATORS | {"but", "and", ",", "because"})
        if not rest or (ended and len(rest) <= 7 and rest[1] != "nothing"):
            token = self.tokens[at]
            new = like("worse" if words[at] == "better" else "better", token.text)
            said = f"“{token.text}” turned into “{new}”, its opposite"
            yield self.edit("antonym", at, token.start, token.end, new, said)

    def _degree_form(self, count: int) -> Iterator[Edit]:
        """ "I am so happy today", "the queue was too long"."""
        words = self.words[:count]
        last = count - 1 - (words[-1] in ("today", "here", "again"))
        link, word = last - 2, words[last]
        if link < 1 or words[link] not in COPULAS | CLITICS or not self._subject(0, link):
            return
        if words[last - 1] == "so" and self._adjective(last, bare=True):
            yield from self._opposite(last, bare=True)
        if words[last - 1] == "too" and word in MEASURES and last == count - 1:
            token = self.tokens[link]
            said = f"“not” after “{token.text}”"
            yield self.edit("insert negation", link, token.end, token.end, " not", said)

    def _denied_phrase(self, count: int) -> Iterator[Edit]:
        """ "A waste of time", "a truly inspiring talk": "not a …"."""
        words = self.words[:count]
        if words[0] not in ("a", "an") or not 3 <= count <= 6:
            return
        wasted = words[-3:-1] == ["waste", "of"] and words[-1] in _WASTED
        inner = words[1:-3] if wasted else words[1:-1]
        plain = not {*inner} & (_NO_NOUN - {"and"}) and inner[:1] != ["and"] != inner[-1:]
        plain = plain and words[1] not in AFTER_ARTICLE | {"must", "day", "week"}
        idiom = any(traps.another_sense(self.words, i) for i in range(1, count - 1))
        named = words[-1] in RATED and not any(t.text.istitle() for t in self.tokens[1:count])
        if plain and not idiom and (wasted or (named and inner)):
            reason = f"“not” before “{self.span(0, count - 1)}”"
            yield self.insert_before("insert negation", 0, "not", reason)

    def _acting(self, count: int) -> Iterator[Edit]:
        """ "The tap leaks", "it works perfectly"."""
        at = self._verb(count, frozenset(_VERB_FORMS))
        if not at:
            return
        rest = self.words[at + 1 : count]
        helper, lemma = _VERB_FORMS[self.words[at]]
        hit = lemma in ("help", "hurt") and rest in (["me"], ["us"], ["you"], ["him"], ["her"])
        if not rest or hit or (lemma in ("work", "fit") and len(rest) == 1 and rest[0] in _MANNERS):
            yield self._helped(at, helper, lemma)

    def _two_clauses(self, count: int) -> Iterator[Edit]:
        """ "The food was great but the service was slow", less one of its clauses."""
        words = self.words[:count]
        if words.count("but") != 1:
            return
        at = words.index("but")
        comma = int(words[at - 1] == ",")
        if not (self._judges(0, at - comma) and self._judges(at + 1, count)):
            return
        cut = self.tokens[at - comma - 1].end
        end = self.tokens[count - 1].end
        said = f"“{self.span(at, count - 1)}” left out"
        yield self.edit("delete", at, cut, end, "", said)
        if words[at + 1] not in SUBJECTS:
            following = self.tokens[at + 1]
            new = like(following.text, self.tokens[0].text)
            said = f"“{self.span(0, at)}” left out"
            yield self.edit("delete", 0, self.tokens[0].start, following.end, new, said)

    def _judges(self, start: int, end: int) -> bool:
        """Whether the tokens are a subject, a verb like "is" and what it is, in a word or three."""
        for at in range(start + 1, end - 1):
            if self.words[at] in COPULAS | set(_LINK_VERBS):
                told = self.words[at + 1 : end]
                plain = len(told) <= 4 and not {*told} & (_NO_NOUN - INTENSIFIERS - {"and", "not"})
                return plain and self._subject(start, at) and "and" not in (told[0], told[-1])
        return False

    def _subject(self, start: int, end: int) -> bool:
        """Whether the tokens are a pronoun, or a determiner and up to three words."""
        words = self.words[start:end]
        if len(words) == 1:
            return words[0] in SUBJECTS
        if not 2 <= len(words) <= 4 or words[0] not in OWNERS:
            return False
        nouns = words[1:]
        if nouns[-1] in CONTENT or nouns[-1].endswith("ly"):
            return False
        return all(word.isalpha() and word not in _NO_NOUN - {"one", "ones"} for word in nouns)

    def _verb(self, count: int, verbs: frozenset[str]) -> int:
        """The place of a verb after the subject, 0 for none; "do" asks for one of several."""
        words = self.words[:count]
        at = next((i for i, word in enumerate(words) if i and word in verbs), 0)
        if not at or not self._subject(0, at):
            return 0
        helper = (_LINK_VERBS | _VERB_FORMS)[words[at]][0]
        many = words[at - 1] in {"i", "you", "we", "they"} or words[at - 1].endswith("s")
        several = many and not words[at - 1].endswith("ss")
        return 0 if helper == "do" and not several else at

    def _adjective(self, index: int, *, bare: bool = False) -> bool:
        entry = lexicon().get(self.words[index]) if bare else self.opinion_word(index)
        return entry is not None and entry.part == "adjective"

    def _opposite(self, index: int, *, bare: bool = False) -> Iterator[Edit]:
        """The adjective's opposite, whatever idiom it would be in with ``bare``."""
        entry = lexicon().get(self.words[index]) if bare else self.opinion_word(index)
        if entry is None or entry.part != "adjective" or not entry.antonym:
            return
        if self.words[index] in FELT and self.words[0] in ("it", "this", "that"):
            return  # "it is so sad"
        token = self.tokens[index]
        new = like(entry.antonym, token.text)
        start, replacement = self.with_article(index, new)
        said = f"“{token.text}” turned into “{new}”, its opposite"
        yield self.edit("antonym", index, start, token.end, replacement, said)

    def _helped(self, at: int, helper: str, lemma: str) -> Edit:
        token = self.tokens[at]
        said = f"“{helper} not” before the verb “{token.text}”"
        new = f"{helper} not {lemma}"
        return self.edit("insert negation", at, token.start, token.end, new, said)
