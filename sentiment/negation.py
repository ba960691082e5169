"""Minimal pairs and edits: a text to edited texts, each with its reason, and their alignment.

Rules and a small lexicon, no model: an edit is offered only where the grammar is plain enough to
give a sentence that a person would accept, so few are offered rather than many doubtful ones.
Deleting a word is offered where what is left is whole; ``edit_traps`` says where an edit would
mean something else. Matching pairs by hand-made edits: Kaushik et al. 2020,
arXiv:1909.12434; Gardner et al. 2020, arXiv:2004.02709.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise

from sentiment import edit_traps
from sentiment.text import TextEncoder, new_tokenizer
from sentiment.values import AlignedTokens, Edit, Token

KINDS = (
    "insert negation",
    "remove negation",
    "antonym",
    "neutral",
    "delete",
    "intensify",
    "diminish",
)
NEGATING = KINDS[:3]

_ADJECTIVES = """
good bad, great terrible, excellent awful, wonderful dreadful, brilliant stupid, amazing appalling,
funny unfunny, interesting boring, exciting dull, enjoyable tedious, entertaining tiresome,
beautiful ugly, charming charmless, clever dumb, fresh stale, original derivative, smart silly,
strong weak, warm cold, fine poor, engaging tedious, moving unmoving, touching cloying, fun dreary,
delightful dismal, superb lousy, memorable forgettable, convincing unconvincing, best worst,
better worse, perfect flawed, rich thin, sharp blunt, gripping plodding, happy sad,
compelling uninvolving, intelligent mindless, subtle clumsy, refreshing tired, lovely nasty,
fascinating monotonous, satisfying disappointing, impressive unimpressive, pleasant unpleasant,
powerful feeble, fantastic horrible, imaginative unimaginative, likable unlikable,
thoughtful shallow, inspired uninspired, authentic phony, watchable unwatchable, honest dishonest
"""
_VERBS = """
love loves loved loving | hate hates hated hating
like likes liked liking | dislike dislikes disliked disliking
enjoy enjoys enjoyed enjoying | loathe loathes loathed loathing
recommend recommends recommended recommending | criticize criticizes criticized criticizing
admire admires admired admiring | despise despises despised despising
praise praises praised praising | condemn condemns condemned condemning
delight delights delighted delighting | annoy annoys annoyed annoying
succeed succeeds succeeded succeeding | fail fails failed failing | end ends ended ending
"""
_OTHERS = """
masterpiece disaster noun, triumph failure noun, joy bore noun, delight ordeal noun,
success flop noun, treat chore noun, gem dud noun, pleasure pain noun, masterpieces disasters noun,
beautifully badly adverb, brilliantly stupidly adverb, wonderfully terribly adverb,
superbly poorly adverb, cleverly clumsily adverb, perfectly imperfectly adverb, well badly adverb
"""
_NEUTRAL = {
    "adjective": ("ordinary", "average", "normal", "typical", "recent"),
    "noun": ("thing", "story", "day"),
    "nouns": ("things", "stories", "days"),
    "adverb": ("recently", "simply", "usually"),
}
_NEUTRAL_VERBS = """
know knows knew knowing | see sees saw seeing | watch watches watched watching
"""
_COMPARATIVES = {"better", "worse", "best", "worst", "perfect"}  # take no "very"
_EXTREME_WORDS = """
great terrible excellent awful wonderful dreadful brilliant amazing appalling superb
    fantastic horrible delightful dismal fascinating unwatchable
"""
_EXTREME = set(_EXTREME_WORDS.split())  # "truly" rather than "very", and by no means "slightly"
_INTENSIFIERS = {"very", "really", "so", "truly", "extremely", "quite", "incredibly", "too"}
_DIMINISHERS = {"slightly", "somewhat", "fairly", "rather", "barely", "hardly", "mildly"}
NEGATORS = {"not", "n't", "never", "no", "hardly", "barely", "scarcely", "without", "nothing"}
NEGATORS |= {"nobody", "nowhere", "neither", "nor"}
_POSITIVE_FORMS = {
    "without": "with",
    "nothing": "something",
    "nobody": "somebody",
    "nowhere": "somewhere",
    "no": "some",
}
_PLAIN_NEGATORS = {"not", "n't", "never", "hardly", "barely", "scarcely"}  # may simply go
_FULL_FORMS = {"ca": "can", "wo": "will", "sha": "shall"}  # can't, won't, shan't
_AFTER_NO = {"longer", "one", "doubt", "matter", "more", "less", "wonder", "way"}
_AFTER_NO |= {"thanks", "thank"}  # no "some longer"
_BEFORE_NO_DEGREE = {"as", "more", "most", "less", "how", "that", "this", "of"}
_LIKERS = {"i", "you", "we", "they", "who", "to", "not", "n't", "do", "did", "really", "will"}
_LIKERS |= {"would", "'d", "'ll", "might", "may", "can", "also", "never", "always", "people"}
_OTHER_SENSES = {("fine", "print"), ("rich", "in"), ("great", "deal"), ("good", "deal")}
_AUXILIARIES = {"do", "does", "did", "can", "could", "will", "would", "should", "have", "has"}
_COPULAS = {"is", "are", "was", "were", "am"}
_MODALS = {"can", "could", "will", "would", "should", "must", "may", "might"}
_HAVE = {"has", "have", "had"}
_CLITICS = {"'s", "'re", "'m", "'ll"}
_SUBJECTS = {"it", "that", "this", "there", "here", "he", "she", "they", "we", "you", "i", "what"}
_CLAUSE_STARTS = {",", ";", ":", ".", "!", "?", "--", "...", "and", "but", "or", "yet", "(", "``"}
_BEFORE_NOT = _AUXILIARIES | _COPULAS | _MODALS | _HAVE | _CLITICS | {"", "be", "been", "ca"}
_DETERMINERS = {"a", "an", "the"}
_POSSESSIVES = {"this", "that", "my", "your", "his", "her", "its", "their", "our"}
CLAUSE_ENDS = {".", "!", "?", ";", ":", "...", "--", "(", ")", "but", "though", "although"}
CLAUSE_ENDS |= {"however", "while", "whereas"}
"""Tokens beyond which a negator is not looked for to reach."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A lexicon entry: part of speech, antonym, neutral word; of a verb, its form 0 to 3."""

    part: str
    antonym: str
    neutral: tuple[str, ...]
    positive: bool
    lemma: str = ""
    form: int = -1  # love, loves, loved, loving


def edits(text: str) -> tuple[Edit, ...]:
    """All edits, in the order of the text, then of ``KINDS``; none for a text without a word."""
    return _Editor(text).edits()


def minimal_pairs(text: str) -> tuple[Edit, ...]:
    """Edits that should turn the meaning round: negators in or out, antonyms."""
    return tuple(edit for edit in edits(text) if edit.kind in NEGATING)


def apply(text: str, chosen: Sequence[Edit]) -> str | None:
    """The text under several of its edits at once; None where two touch the same place."""
    ordered = sorted(chosen, key=lambda edit: (edit.start, edit.end))
    for before, after in pairwise(ordered):
        if after.start < before.end or after.start == before.start:
            return None
    for edit in reversed(ordered):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def align(first: Sequence[Token], second: Sequence[Token]) -> tuple[AlignedTokens, ...]:
    """Rows of two token sequences for display beside each other, letter case ignored."""
    words, others = ([token.text.lower() for token in tokens] for tokens in (first, second))
    rows: list[AlignedTokens] = []
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for operation, a, a_end, b, b_end in matcher.get_opcodes():
        paired = min(a_end - a, b_end - b)
        kind = "same" if operation == "equal" else "changed"
        rows += [AlignedTokens(a + i, b + i, kind) for i in range(paired)]
        rows += [AlignedTokens(i, None, "removed") for i in range(a + paired, a_end)]
        rows += [AlignedTokens(None, i, "inserted") for i in range(b + paired, b_end)]
    return tuple(rows)


class _Editor:
    """One text, its tokens and the edits that its grammar allows."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _encoder().encode(text).tokens
        self.words = [token.text.lower().replace("’", "'") for token in self.tokens]

    def edits(self) -> tuple[Edit, ...]:
        found = [edit for index in range(len(self.tokens)) for edit in self._at(index)]
        return tuple(dict.fromkeys(edit for edit in found if edit.text != self.text))

    def _at(self, index: int) -> Iterator[Edit]:
        yield from self._insert_negation(index)
        yield from self._remove_negation(index)
        entry = self._entry(index)
        if entry:
            yield from self._swap(index, entry)
        if self._has(index + 1):
            yield from self._delete(index, entry)
        if entry and entry.part == "adjective":
            yield from self._degree(index)

    def _word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def _entry(self, index: int) -> _Word | None:
        """The lexicon's entry, unless the words beside it give the word another sense."""
        word, before, after = self.words[index], self._word(index - 1), self._word(index + 1)
        critics = before.endswith("s") and self._noun(index)  # "the critics like it"
        if word == "like" and before not in _LIKERS and not critics:
            return None  # "a film like this", "feels like"
        if word == "well" and before in ("as", ",", ""):
            return None
        if word == "fun" and before not in _COPULAS | _CLITICS | _INTENSIFIERS | {"a", ""}:
            return None  # a noun, where the lexicon has the adjective
        if word == "well" and not after.endswith(("ed", "en", "made", "done", "shot")):
            return None
        if edit_traps.another_sense(self.words, index):
            return None
        return _lexicon().get(word) if (word, after) not in _OTHER_SENSES else None

    def _is_word(self, index: int) -> bool:
        return self._word(index)[:1].isalpha()

    def _edit(
        self, kind: str, index: int, start: int, end: int, replacement: str, reason: str
    ) -> Edit:
        text = self.text[:start] + replacement + self.text[end:]
        return Edit(kind, text, index, start, end, replacement, reason)

    def _without(self, kind: str, index: int, reason: str) -> Edit:
        """A token and its space gone; the head of a text hands its capital to the next word."""
        start, end = self._with_space(index)
        token = self.tokens[index]
        if index == 0 and self._is_word(1) and token.text.istitle() and self.words[0] != "i":
            following = self.tokens[1]
            capital = following.text[0].upper() + following.text[1:]
            return self._edit(kind, 0, start, following.end, capital, reason)
        return self._edit(kind, index, start, end, "", reason)

    def _insert_before(self, kind: str, index: int, words: str, reason: str) -> Edit:
        """``words`` before a token, which at the head of a sentence hands over its capital."""
        token = self.tokens[index]
        if index == 0 and token.text[:1].isupper() and not token.text[1:2].isupper():
            lowered = token.text if token.text == "I" else token.text[0].lower() + token.text[1:]
            return self._edit(
                kind, index, token.start, token.end, f"{words.capitalize()} {lowered}", reason
            )
        return self._edit(kind, index, token.start, token.start, f"{words} ", reason)

    def _insert_negation(self, index: int) -> Iterator[Edit]:
        word, kind = self.words[index], "insert negation"
        if NEGATORS & {word, *edit_traps.whole_clause(self.words, index)}:
            return
        if edit_traps.question(self.words, index):
            return
        if self._can_be_negated(index) and not edit_traps.refuses_not(self.words, index + 1):
            end = self.tokens[index].end
            reason = f"“not” after “{self.tokens[index].text}”"
            yield self._edit(kind, index, end, end, " not", reason)
            return
        entry = self._entry(index)
        if entry is None:
            return
        before = self._word(index - 1)
        if self._word(index - 2) in _AUXILIARIES and before in _SUBJECTS:
            return  # a question: "Do you like it?"
        if edit_traps.affirms(self.words, index):
            return
        if entry.part == "verb" and entry.form < 3 and (before in _SUBJECTS or self._noun(index)):
            token = self.tokens[index]
            helper = "did" if entry.form == 2 else "does" if entry.form == 1 else "do"
            yield self._edit(
                kind,
                index,
                token.start,
                token.end,
                f"{helper} not {entry.lemma}",
                f"“{helper} not” before the verb “{token.text}”",
            )
        elif entry.part in ("adjective", "noun"):
            start = index
            while start and self._word(start - 1) in _INTENSIFIERS:
                start -= 1
            if start and self._word(start - 1) in _DETERMINERS:
                start -= 1
            bare = start == index or self._word(start) not in _DETERMINERS
            if bare and edit_traps.names(self.words, index + 1):
                return  # "not good film"
            if start == 0 or self._word(start - 1) in _CLAUSE_STARTS:
                reason = f"“not” before “{self._span(start, index)}”"
                yield self._insert_before(kind, start, "not", reason)

    def _noun(self, index: int) -> bool:
        """Whether "the/this ... verb" gives the verb at ``index`` a subject just before it."""
        return (
            index >= 2
            and self._is_word(index - 1)
            and self._word(index - 2) in _DETERMINERS | {"this", "my", "his", "her", "their"}
            and _lexicon().get(self._word(index - 1)) is None
        )

    def _can_be_negated(self, index: int) -> bool:
        """Whether "not" may follow: an auxiliary after its subject and before its complement."""
        word, before, after = self.words[index], self._word(index - 1), self._word(index + 1)
        if index == 0 or not self._is_word(index + 1) or after in _SUBJECTS or before == "to":
            return False
        if word in _CLITICS:
            return before in _SUBJECTS and word != "'ll"
        if before in _CLAUSE_STARTS or not self._is_word(index - 1):
            return False
        if word in _HAVE:
            return before not in _MODALS and (after == "been" or after.endswith("ed"))
        return word in _COPULAS or (word in _MODALS and after not in _DETERMINERS)

    def _remove_negation(self, index: int) -> Iterator[Edit]:
        word, token, kind = self.words[index], self.tokens[index], "remove negation"
        if word in NEGATORS and not edit_traps.free(self.words, index):
            return
        if word == "n't":
            auxiliary = self.tokens[index - 1] if index else None
            full = _FULL_FORMS.get(self._word(index - 1))
            reason = f"“{token.text}” removed"
            if auxiliary and full:
                replacement = _like(full, auxiliary.text)
                yield self._edit(kind, index, auxiliary.start, token.end, replacement, reason)
            elif auxiliary and self._word(index - 1) != "ai":
                start, end = token.start, token.end
                if auxiliary.end < token.start:  # "are n't interested", as treebanks write it
                    start, end = self._with_space(index)
                yield self._edit(kind, index, start, end, "", reason)
        elif word in _PLAIN_NEGATORS:
            if word == "not" and self._word(index - 1) not in _BEFORE_NOT:
                return  # "sorry not buying it", "( not that )"
            yield self._without(kind, index, f"“{token.text}” removed")
        elif word in _POSITIVE_FORMS and (
            word != "no" or (self._is_word(index + 1) and self._word(index + 1) not in _AFTER_NO)
        ):
            positive = _like(_POSITIVE_FORMS[word], token.text)
            reason = f"“{token.text}” turned into “{positive}”"
            yield self._edit(kind, index, token.start, token.end, positive, reason)

    def _swap(self, index: int, entry: _Word) -> Iterator[Edit]:
        before, after = self._word(index - 1), self._word(index + 1)
        if entry.part == "verb" and (
            after in ("to", "in", "at", "with", "by", "up") or not self._governs(index)
        ):
            return  # "fails to move": its opposite takes "in"
        graded = before in _BEFORE_NO_DEGREE | {"too", "so"}
        compared = before in ("more", "most", "less", "least") and len(entry.antonym) < 6
        opposed = before != "too" and not compared  # "more silly", but "smarter"
        swaps = [("antonym", entry.antonym, "its opposite")] if opposed else []
        if not graded and self.words[index] not in _COMPARATIVES - {"perfect"}:
            reason = "a word without a verdict"  # not "by far the ordinary", "ordinary than"
            attributive = edit_traps.names(self.words, index + 1)
            attributive = attributive and before in _DETERMINERS | _POSSESSIVES
            swaps += [
                ("neutral", new, reason)
                for new in entry.neutral
                if attributive or new not in ("typical", "recent")
            ]
        token = self.tokens[index]
        for kind, word, reason in swaps:
            new = _like(word, token.text)
            start, replacement = self._with_article(index, new)
            said = f"“{token.text}” turned into “{new}”, {reason}"
            yield self._edit(kind, index, start, token.end, replacement, said)

    def _governs(self, index: int) -> bool:
        """Whether an opinion verb is one here: after its subject or helper, before its object."""
        before, after = self._word(index - 1), self._word(index + 1)
        begun = before in _LIKERS | _SUBJECTS | {"just", "still", "'d", "'ve", "have", "had", "has"}
        if not before and not after:
            return True
        return (begun or self._noun(index)) and after[:1].isalpha() and after not in ("and", "or")

    def _delete(self, index: int, entry: _Word | None) -> Iterator[Edit]:
        """A word of degree before what it grades, or an adjective before its noun, goes."""
        word, before, after = self.words[index], self._word(index - 1), self._word(index + 1)
        following = _lexicon().get(after)
        degree = word in _INTENSIFIERS | _DIMINISHERS and following is not None
        degree = degree and following is not None and following.part in ("adjective", "adverb")
        if word in ("so", "too") or before in NEGATORS | {"how", "as"}:
            degree = False  # "so good that", "too good to", "not very good" says less
        attributive = (
            entry is not None
            and entry.part == "adjective"
            and before
            in _DETERMINERS | {"this", "that", "my", "your", "his", "her", "its", "their"}
            and word not in _COMPARATIVES
            and edit_traps.names(self.words, index + 1)
        )
        if not degree and not attributive:
            return
        token, following_token = self.tokens[index], self.tokens[index + 1]
        reason = f"“{token.text}” deleted"
        if before in ("a", "an"):
            article = self.tokens[index - 1]
            wanted = "an" if after[:1] in "aeiou" else "a"
            new = _like(wanted, article.text, title=True)
            gap = self.text[token.end : following_token.start]
            yield self._edit(
                "delete", index, article.start, following_token.start, f"{new}{gap}", reason
            )
        else:
            yield self._without("delete", index, reason)

    def _degree(self, index: int) -> Iterator[Edit]:
        word, token = self.words[index], self.tokens[index]
        before = self._word(index - 1)
        if word in _COMPARATIVES or before in NEGATORS | _BEFORE_NO_DEGREE:
            return
        lesser = "fairly" if self._entry_positive(index) else "slightly"
        offers = [("intensify", "very"), ("diminish", lesser)]
        for kind, new in [("intensify", "truly")] if word in _EXTREME else offers:
            if before in _INTENSIFIERS | _DIMINISHERS:
                old = self.tokens[index - 1]
                same = _INTENSIFIERS if kind == "intensify" else _DIMINISHERS
                if before in same:
                    continue
                new = _like(new, old.text)
                start, replacement = self._with_article(index - 1, new)
                reason = f"“{old.text}” turned into “{new}”"
                yield self._edit(kind, index, start, old.end, replacement, reason)
            elif index == 0:
                yield self._insert_before(kind, 0, new, f"“{new}” before “{token.text}”")
            else:
                start, replacement = self._with_article(index, new)
                reason = f"“{new}” before “{token.text}”"
                gap = "" if start == token.start else self.text[start : token.start]
                article = replacement[: -len(new)] if gap else ""
                yield self._edit(kind, index, start, token.start, f"{article}{new} ", reason)

    def _entry_positive(self, index: int) -> bool:
        entry = self._entry(index)
        return entry is not None and entry.positive

    def _with_article(self, index: int, new: str) -> tuple[int, str]:
        """``new`` for a token, with the "a" or "an" before it where that must change."""
        token = self.tokens[index]
        if self._word(index - 1) in ("a", "an"):
            article = self.tokens[index - 1]
            wanted = "an" if new[:1].lower() in "aeiou" else "a"
            if self._word(index - 1) != wanted:
                gap = self.text[article.end : token.start]
                return article.start, f"{_like(wanted, article.text, title=True)}{gap}{new}"
        return token.start, new

    def _with_space(self, index: int) -> tuple[int, int]:
        """A token's span with the space after it or, at a sentence's end, before it."""
        token = self.tokens[index]
        start, end = token.start, token.end
        after = self.text[end : self.tokens[index + 1].start] if self._has(index + 1) else None
        before = self.text[self.tokens[index - 1].end : start] if index else None
        if after is not None and after.isspace() and before != "":
            end += len(after)
        elif before is not None and before.isspace():
            start -= len(before)
        return start, end

    def _has(self, index: int) -> bool:
        return index < len(self.tokens)

    def _span(self, first: int, last: int) -> str:
        return self.text[self.tokens[first].start : self.tokens[last].end]


def _like(word: str, model: str, *, title: bool = False) -> str:
    """``word`` with the capitals of ``model``."""
    if len(model) > 1 and model.isupper() and not title:
        return word.upper()
    return word.capitalize() if model[:1].isupper() else word


@cache
def _encoder() -> TextEncoder:
    return TextEncoder(new_tokenizer(()))


@cache
def _lexicon() -> dict[str, _Word]:
    entries: dict[str, _Word] = {}
    for pair in _ADJECTIVES.replace("\n", " ").split(","):
        positive, negative = pair.split()
        for word, antonym in ((positive, negative), (negative, positive)):
            good = word == positive
            entries.setdefault(word, _Word("adjective", antonym, _NEUTRAL["adjective"], good))
    for line in _VERBS.strip().splitlines():
        one, other, *own_neutral = (side.split() for side in line.split("|"))
        neutral = own_neutral or [forms.split() for forms in _NEUTRAL_VERBS.split("|")]
        for words, antonyms in ((one, other), (other, one)):
            for form, word in enumerate(words):
                plain = tuple(forms[form] for forms in neutral)
                found = _Word("verb", antonyms[form], plain, words is one, words[0], form)
                entries.setdefault(word, found)
    for triple in _OTHERS.replace("\n", " ").split(","):
        positive, negative, part = triple.split()
        for word, antonym in ((positive, negative), (negative, positive)):
            plural = "nouns" if word in ("masterpieces", "disasters") else part
            entries.setdefault(word, _Word(part, antonym, _NEUTRAL[plural], word == positive))
    return entries
