"""Whether a sentence is plain enough for a rule to know what an edit makes of it.

An edit that turns the meaning is grammatical in many a long sentence and yet contradicts the rest
of it: its reason, its list, its concession, the sentence after it. No rule sees such a link, so
these edits are offered only where nothing can be linked: in a short sentence of one clause that is
the whole text, or that speaks of something it names itself.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sentiment.edits import nouns
from sentiment.edits.clauses import (
    NAMED,
    OBJECTS,
    exclaims,
    plain_around,
    runs_on,
    without_possessive,
)
from sentiment.edits.lexicon import INTENSIFIERS, NEGATORS, Word, lexicon
from sentiment.edits.opinions import CLITICS, COPULAS, DETERMINERS, LINKS, SUBJECTS, OpinionText
from sentiment.edits.words import (
    COMMON,
    CONTENT,
    HELPERS,
    IMPERATIVES,
    LINKING,
    LISTING,
    MADE,
    MODALS,
    RATED,
)

MOST_WORDS = 16
"""Words of the longest sentence in which a negator comes or goes."""
MOST_OPPOSED = 16
"""Words of the longest sentence in which a word turns into its opposite or a neutral one."""
MOST_BESIDE = 12
"""Tokens of the other sentences of a text, which may speak of the same on and on."""
MOST_BEFORE = 6
"""Words of the longest subject, with its helper."""
_ENDS = frozenset({".", "!", "?", "...", "…", ";"})
_UNPLAIN = re.compile(r"[^\w\s'’.,!?…$£€%-]|\.\.|https?:|www\.|_|\s-|-\s|\d[.,]\d|^\W*\d")
_FRONTED = frozenset({"overall", "today", "yesterday", "generally"})
_TOPICAL = frozenset({"the", "my", "our"})
_DETERMINING = DETERMINERS | NAMED | {"these", "those", "your", "its"}
_FAILING = frozenset({"fail", "fails", "failed", "failing"})
_TIED = frozenset({"that", "to", "and", "or", "which", "who", "of", "for", "with", "by"})


class PlainText(OpinionText):
    """A text that knows in which of its sentences an edit says what it is meant to say."""

    def stands(self, kind: str, index: int) -> bool:
        """Whether an edit of that kind at a token leaves a sentence that says what it should."""
        entry = self.opinion_word(index)
        if kind == "intensify":
            odd = self._asks(index) or self._graded_otherwise(index)
            return not odd and (self.words[index] not in COMMON or self._rates(index))
        if kind == "diminish":
            cried = self.word(self.sentence(index)[1]) == "!"
            return entry is not None and not cried and self._plain(index, 40) and self._rates(index)
        if kind == "delete":
            if entry is None and self.word(index - 1) == ",":
                return False  # "best of all is the feature, very helpful"
            return entry is None or (self._plain(index, MOST_WORDS) and self._rates(index))
        if kind == "insert negation":
            listing = self._lists(index)
            return self._plain(index, MOST_WORDS, listing=listing) and self._deniable(index)
        if kind == "remove negation":
            return self._plain(index, MOST_WORDS) and self._removable(index)
        return entry is not None and self._opposable(index, entry)

    def _graded_otherwise(self, index: int) -> bool:
        """Whether "very" would be odd or say less: "such a", "failed to be", "I'm good"."""
        failing = _FAILING & {*self.words[self.sentence(index)[0] : index]}
        odd = failing or {"such", "quite"} & {*self.words[max(0, index - 2) : index]}
        return bool(odd) or (self.words[index] == "good" and self.word(index - 1) in {"'m", "am"})

    def sentence(self, index: int) -> tuple[int, int]:
        """The tokens [start, end) of the sentence around one, without the mark that ends it."""
        start, end = index, index
        while start and not self._parted(start):
            start -= 1
        while end < len(self.words) and self.words[end] not in _ENDS:
            end += 1
            if end < len(self.words) and self._parted(end):
                break
        return start, end

    def _parted(self, index: int) -> bool:
        """Whether a sentence ends before the token: by a mark or a new line."""
        gap = self.text[self.tokens[index - 1].end : self.tokens[index].start]
        return self.words[index - 1] in _ENDS or "\n" in gap

    def _asks(self, index: int) -> bool:
        return self.word(self.sentence(index)[1]) == "?"

    def _plain(self, index: int, most: int, *, listing: bool = False) -> bool:
        """Whether the sentence is short, of one clause, and not tied to another sentence."""
        start, end = self.sentence(index)
        words = self.words[start:end]
        text = self.text[self.tokens[start].start : self.tokens[end - 1].end]
        if _UNPLAIN.search(text) or self._asks(index) or len(words) > most:
            return False
        after_front = 2 if words[0] in _FRONTED and words[1:2] == [","] else 0
        if (not listing and "," in words[after_front:]) or LINKING & set(words[after_front:]):
            return False
        rest = [*self.words[:start], *self.words[end:]]
        if {"!", "?"} & {*rest} and any(word[:1].isalpha() for word in self.words[end + 1 :]):
            return False  # "The tram is late. Wait, what?"
        alone = not any(word[:1].isalnum() for word in rest)
        alone = alone and plain_around(self.text, self.tokens[start].start, text)
        return alone or (len(rest) <= MOST_BESIDE and self._names_its_topic(start, end))

    def _names_its_topic(self, start: int, end: int) -> bool:
        """Whether it judges what it names: "the bar was loud", "we liked the bar"."""
        words = self.words[start:end]
        if len(words) == 4 and words[0] in {"i", "we"} and self.word(end) != "!":
            verb = self.opinion_word(start + 1)
            return verb is not None and words[2] == "the" and words[3] in RATED
        link = next((at for at, word in enumerate(words) if word in COPULAS), 0)
        said = [word for word in words[link + 1 :] if word not in INTENSIFIERS | NEGATORS]
        return 1 < link < 4 and words[0] in _TOPICAL and words[link - 1] in RATED and len(said) == 1

    def _main(self, index: int) -> bool:
        """Whether a plain subject stands before the verb at ``index``: no clause of its own."""
        start, _ = self.sentence(index)
        if self.word(start) in _FRONTED and self.word(start + 1) == ",":
            start += 2
        before = self.words[start:index]
        doing = [
            one
            for earlier, one in pairwise(["", *before])
            if one.endswith("ing") and earlier not in _DETERMINING
        ]
        if not before or len(before) > MOST_BEFORE or doing:
            return False
        if len(before) > 1 and (before[0] in SUBJECTS - {"that", "this"} or "'" in before[-1]):
            return False
        opened = before[0] in _TIED - {"that"} or before[-1] in CONTENT or exclaims(before)
        tied = _TIED | SUBJECTS
        helped = (HELPERS | CLITICS) & set(without_possessive(before))
        return not (opened or tied & set(before[1:]) or helped)

    def _lists(self, index: int) -> bool:
        """Whether the commas behind the token only list adjectives: "a dull , slow film"."""
        _, end = self.sentence(index)
        rest = self.words[index + 1 : end]
        if "," not in rest or self.words[index] in {"has", "have", "had"}:
            return False
        described = [word for word in rest[: rest.index(",")] if word not in INTENSIFIERS]
        if described[:1] in (["a"], ["an"]):
            described = described[1:]
        after = rest[rest.index(",") :]
        opened = {word for joint, word in pairwise(after) if joint in (",", "and")}
        clause = HELPERS | CLITICS | SUBJECTS | _TIED - {"and", "or"} | _DETERMINING | {"one"}
        if rest[0] not in ("a", "an"):  # not "is wild, laughed a lot"
            clause |= {word for word in opened if word.endswith(("ed", "ing"))}
        plain = not clause & opened and not (HELPERS | CLITICS | SUBJECTS) & {*after}
        if rest[0] not in ("a", "an"):  # not "is great, good luck out there", "is nice, very quick"
            plain = plain and "and" in after and len(after) <= 2 * after.count(",") + 3
        return len(described) == 1 and plain

    def _deniable(self, index: int) -> bool:
        start, end = self.sentence(index)
        if self.words[index] in HELPERS | CLITICS:
            rest = self.words[index + 1 : end]
            name = self.tokens[index + 1].text.istitle() if rest else False
            return not name and self._main(index) and not LISTING & set(rest) and not runs_on(rest)
        head = index  # of "a very good film"
        while head + 1 < end and self.opinion_word(head) is None:
            head += 1
        entry = self.opinion_word(head)
        if entry is not None and entry.part == "verb":
            return self._main(head) and self._has_object(head)
        return (
            end - start <= 5 and entry is not None and (entry.part == "noun" or self._rates(head))
        )

    def _removable(self, index: int) -> bool:
        start, end = self.sentence(index)
        word, before = self.words[index], self.words[start:index]
        if sum(one in NEGATORS for one in self.words[start:end]) > 1:
            return False
        if runs_on(self.words[index + 1 : end]) or "and" in self.words[index + 1 : end]:
            return False
        if self.word(index + 1) in {"be", "thought"} and before in ([], ["do"]):
            return False  # "Don't be ...", "Never thought I'd see it"
        if word == "without":
            return 0 < len(before) <= MOST_BEFORE and before[-1] not in LINKS
        if not before:
            after = self.word(index + 1)
            told = after in IMPERATIVES or after.endswith("s") or self.opinion_word(index + 1)
            return word != "never" or bool(told)
        if word == "no":
            return before[-1] in COPULAS | {"'s", "has", "have", "had"} and len(before) <= 3
        if word in ("nothing", "nobody", "nowhere"):
            return before[-1] in COPULAS | {"'s"} and len(before) == 2
        helper = index - 1 if before[-1] in HELPERS | CLITICS | {"ca", "wo", "be"} else index
        if self.word(helper) == "do" and helper > start:
            doer = self.word(helper - 1)
            if doer not in {"i", "you", "we", "they", "people"} and not doer.endswith("s"):
                return False  # "Shh don't spoil it"
        asked = self.word(index + 1) in SUBJECTS | DETERMINERS
        bare = helper == start and not asked  # "Don't buy it.", "Isn't bad."
        return bare or self._main(helper) or (before[-1] in CLITICS and len(before) == 2)

    def _opposable(self, index: int, entry: Word) -> bool:
        """Whether an opinion word stands where its opposite says the opposite of the sentence."""
        if not self._plain(index, MOST_OPPOSED):
            return False
        start, end = self.sentence(index)
        words = self.words[start:end]
        if any(self._judged(at) for at in range(start, end) if at != index):
            return False  # "a nice hotel with beautiful rooms"
        tied = LISTING | MODALS | NEGATORS | {"and", "like", "wish", "wishing"}
        if tied & {*words[: index - start], *words[index - start + 1 :]}:
            return False
        if (HELPERS | CLITICS) & {*words[index - start + 1 :]}:
            return False  # "great service with clerks who are kind"
        if entry.part == "verb":
            return self._only_verb(start, index) and self._has_object(index)
        if entry.part == "noun":
            first = index - (self.word(index - 1) in ("a", "an"))
            return index + 1 == end and (first == start or self._linked(first))
        if entry.part == "adverb":
            made = self.word(index - 1) in MADE or index == start
            return index + 1 == end and index - start <= MOST_BEFORE and made
        return self._rates(index)

    def _judged(self, index: int) -> bool:
        entry = lexicon().get(self.words[index])
        return entry is not None and self.words[index] not in {"like", "work", "works", "well"}

    def _only_verb(self, start: int, index: int) -> bool:
        """Whether but a pronoun, or a determiner and a noun, stands before the verb."""
        before = [word for word in self.words[start:index] if word not in {"really", "will", "do"}]
        if start == index:
            return self.sentence(index)[1] == index + 1  # "Loved."
        if len(before) == 1:
            return before[0] in SUBJECTS - {"that", "this"}
        return len(before) == 2 and before[0] in _DETERMINING

    def _has_object(self, index: int) -> bool:
        """Whether the verb's object is named, or it has none."""
        _, end = self.sentence(index)
        if index + 1 == end:
            return True
        if self.words[index].startswith(("succeed", "fail", "work")):
            return self.words[index + 1 : end] in (["well"], ["fine"])  # or nothing
        if self.word(index + 1) == "you" and index + 2 < end:
            return False  # "i love you raccoon go team"
        named = self.word(index + 1) in OBJECTS and end - index <= 6
        whole = self.words[end - 1] in RATED | OBJECTS or end - index == 3
        return named and whole

    def _rates(self, index: int) -> bool:
        """Whether an adjective says what something is: "is good", "a good film"."""
        start, end = self.sentence(index)
        first = index
        while first > start and self.word(first - 1) in INTENSIFIERS | {"fairly", "slightly"}:
            first -= 1
        if index + 1 == end or self.word(index + 1) in ("today", "here", "again", "overall"):
            return first == start or self._linked(first)
        if first > start and self.word(first - 1) not in _DETERMINING:
            return False
        noun = index + 1
        if self.word(noun) not in RATED and self.word(noun + 1) in RATED:
            noun += 1  # "a good action film"
        before = self.word(first - 2) if first - 2 >= start else ""
        if before in _TIED | {"in", "on", "at", "from"} and self.word(first - 3) != "one":
            return False  # "the love of a good woman"
        ended = noun + 1 == end or self.word(noun + 1) in ("of", "in", "at", "for", "with", "today")
        return self.word(noun) in RATED and ended and nouns.closes(self.words, noun)

    def _linked(self, index: int) -> bool:
        """Whether a subject and a verb like "is" stand before the token."""
        link = index - 1
        if self.word(link) in {"been", "be"}:
            link -= 1
        start, _ = self.sentence(index)
        if self.word(link) not in LINKS | {"has", "have", "had"} or link <= start:
            return False
        short = self.word(link) in CLITICS and link == start + 1
        return short or self._main(link) or self._thought(start, link)

    def _thought(self, start: int, link: int) -> bool:
        """ "I think the lamp is": a clause of two words, then a plain subject."""
        words = self.words[start:link]
        return words[:2] == ["i", "think"] and 0 < len(words) - 2 <= 4 and "and" not in words
