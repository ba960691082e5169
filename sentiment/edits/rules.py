"""The edits that each word of a text allows, by its part of speech and the words beside it."""

from __future__ import annotations

from collections.abc import Iterator

from sentiment.edits import echoes, nouns, traps
from sentiment.edits.editing import article_of, like
from sentiment.edits.forms import FormedText
from sentiment.edits.lexicon import (
    DIMINISHERS,
    EXTREME,
    FELT,
    FULL_FORMS,
    INTENSIFIERS,
    NEGATORS,
    NEUTRAL_ALONE,
    NEUTRAL_BEFORE_NOUN,
    PLAIN_NEGATORS,
    POSITIVE_FORMS,
    WITHOUT_DEGREE,
    Word,
)
from sentiment.edits.opinions import (
    AUXILIARIES,
    CLITICS,
    COPULAS,
    CUT_OFF,
    DETERMINERS,
    LINKS,
    SUBJECTS,
)
from sentiment.edits.words import IMPERATIVES, NO_ALONE, NO_PARTICIPLE
from sentiment.values import Edit

_MODALS = {"can", "will", "would", "should"}  # "must not" and "may not" deny something else
_HAVE = {"has", "have", "had"}
_CLAUSE_STARTS = {",", ";", ":", ".", "!", "?", "--", "...", "and", "but", "or", "yet", "(", "``"}
_BEFORE_NOT = AUXILIARIES | COPULAS | _HAVE | CLITICS
_BEFORE_NOT |= {"", "be", "been", "ca", "wo", "sha", "must", "may", "might", "'ll", "'ve"}
_STAYING = {"'ll", "'ve", "ai", "sha"}
_OWNING = {"my", "your", "its", "their", "our"}
_POSSESSIVES = {"this", "that", "his", "her"} | _OWNING
_OBJECTS = {"this", "these", "the", "his", "him", "them", "you"} | _OWNING - {"its"}
_BEFORE_NO_DEGREE = {"as", "more", "most", "less", "least", "how", "that", "this", "of"}


class Editor(FormedText):
    """One text, its tokens and the edits that its grammar allows."""

    def edits(self) -> tuple[Edit, ...]:
        """Those edits that leave a sentence which says what it is meant to say."""
        ruled = [edit for edit in self.all_edits() if self.stands(edit.kind, edit.token)]
        texts = {edit.text for edit in ruled}
        formed = [edit for edit in self.forms() if edit.text not in texts]
        return tuple(sorted([*ruled, *formed], key=lambda edit: edit.token))

    def all_edits(self) -> tuple[Edit, ...]:
        """Every edit that its grammar allows."""
        found = [edit for index in range(len(self.tokens)) for edit in self._at(index)]
        return tuple(dict.fromkeys(edit for edit in found if edit.text != self.text))

    def negators_removed(self) -> tuple[Edit, ...]:
        """Every negator taken out where the grammar allows, whatever else its clause says."""
        found = [e for i in range(len(self.tokens)) for e in self._remove_negation(i, free=True)]
        return tuple(dict.fromkeys(found))

    def _at(self, index: int) -> Iterator[Edit]:
        entry = self.opinion_word(index)
        yield from self._insert_negation(index, entry)
        yield from self._remove_negation(index)
        if entry:
            yield from self._swap(index, entry)
        if self.has(index + 1):
            yield from self._delete(index, entry)
        if entry and entry.part == "adjective":
            yield from self._degree(index, entry)

    def _insert_negation(self, index: int, entry: Word | None) -> Iterator[Edit]:
        word, token, kind = self.words[index], self.tokens[index], "insert negation"
        if NEGATORS & {word, *traps.whole_clause(self.words, index)}:
            return
        if traps.question(self.words, index) or echoes.after_denial(self.words, index):
            return
        if self._can_be_negated(index):
            said = " not" if word != "can" else "not"  # "cannot"
            said = said.upper() if len(word) > 1 and token.text.isupper() else said
            reason = f"“not” after “{token.text}”"
            yield self.edit(kind, index, token.end, token.end, said, reason)
        elif entry and traps.affirms(self.words, index):
            return
        elif entry and entry.part == "verb" and entry.form < 3:
            if self.begins_with_subject(index) and self.word(index + 1) != "to":
                helper = "did" if entry.form == 2 else "does" if entry.form == 1 else "do"
                yield self.edit(
                    kind,
                    index,
                    token.start,
                    token.end,
                    f"{helper} not {entry.lemma}",
                    f"“{helper} not” before the verb “{token.text}”",
                )
        elif entry and entry.part in ("adjective", "noun"):
            yield from self._deny_phrase(index, entry)

    def _deny_phrase(self, index: int, entry: Word) -> Iterator[Edit]:
        """ "Not" before "a very good film", where that is all there is."""
        start, last = index, index
        while start and self.word(start - 1) in INTENSIFIERS - {"so", "too"}:
            start -= 1
        determined = bool(start) and self.word(start - 1) in ("a", "an")
        start -= determined
        if determined and entry.part == "adjective":
            last += 1
        whole = start == 0
        ended = self.word(last + 1) in {"", ".", "!"} and nouns.names([*self.words, ""], last)
        if whole and ended:
            reason = f"“not” before “{self.span(start, index)}”"
            yield self.insert_before("insert negation", start, "not", reason)

    def _can_be_negated(self, index: int) -> bool:
        """Whether "not" may follow: a helper after its subject and before its complement."""
        word, before, after = self.words[index], self.word(index - 1), self.word(index + 1)
        if index == 0 or not after[:1].isalpha() or after in SUBJECTS or before == "to":
            return False
        if traps.refuses_not(self.words, index + 1):
            return False
        if not traps.plain_subject(self.words, index):
            return False
        if word in CLITICS:
            return before in SUBJECTS
        owned = before in _OWNING or before in DETERMINERS  # "the will"
        if owned or before in _CLAUSE_STARTS or not before[:1].isalpha():
            return False
        if before in ("there", "here"):
            return False
        if word in _HAVE:
            return after == "been" or (after.endswith("ed") and after not in NO_PARTICIPLE)
        fits = word in _MODALS and after not in DETERMINERS | {"rather"}
        fits = fits and not (word == "would" and after in ("love", "like"))
        return word in COPULAS or fits

    def _remove_negation(self, index: int, *, free: bool = False) -> Iterator[Edit]:
        word, token, kind = self.words[index], self.tokens[index], "remove negation"
        if word not in NEGATORS or not (free or traps.free(self.words, index)):
            return
        before, after = self.word(index - 1), self.word(index + 1)
        if word == "n't":
            yield from self._open_contraction(index)
        elif word in PLAIN_NEGATORS:
            if word == "not" and before not in _BEFORE_NOT:
                return  # "sorry not buying it", "( not that )"
            yield self.without(kind, index, f"“{token.text}” removed")
        elif word in POSITIVE_FORMS:
            if word == "no" and not nouns.takes_some(after):
                return
            if not (before or free) and after in NO_ALONE:
                return
            positive = like(POSITIVE_FORMS[word], token.text)
            reason = f"“{token.text}” turned into “{positive}”"
            yield self.edit(kind, index, token.start, token.end, positive, reason)

    def _open_contraction(self, index: int) -> Iterator[Edit]:
        """ "Isn't" to "is", "won't" to "will"; "don't buy it" to "buy it"."""
        token, kind = self.tokens[index], "remove negation"
        helper, after = self.word(index - 1), self.word(index + 1)
        if not index or helper not in _BEFORE_NOT - {""} or helper in _STAYING:
            return
        reason, auxiliary = f"“{token.text}” removed", self.tokens[index - 1]
        full = FULL_FORMS.get(helper)
        if full:
            new = like(full, auxiliary.text)
            yield self.edit(kind, index, auxiliary.start, token.end, new, reason)
        elif helper == "do" and self.word(index - 2) in {"", ".", "!", "?"}:
            if after in IMPERATIVES:
                following = self.tokens[index + 1]
                new = like(following.text, auxiliary.text)
                said = f"“{self.span(index - 1, index)}” removed"
                yield self.edit(kind, index, auxiliary.start, following.end, new, said)
        else:
            start, end = token.start, token.end
            if auxiliary.end < token.start:  # "are n't interested", as treebanks write it
                start, end = self.with_space(index)
            yield self.edit(kind, index, start, end, "", reason)

    def _swap(self, index: int, entry: Word) -> Iterator[Edit]:
        before, after = self.word(index - 1), self.word(index + 1)
        if entry.part == "verb" and after in CUT_OFF:
            return  # "fails to move": its opposite takes "in"
        compared = before in ("more", "most", "less", "least") and len(entry.antonym) < 6
        opposed = bool(entry.antonym) and not compared  # "more silly", but "smarter"
        opposed = opposed and not traps.opposes(self.words, index)
        opposed = opposed and not echoes.after_opposite(self.words, index)
        doubled = entry.antonym.startswith("un") or entry.antonym.endswith("less")
        doubled = doubled or self.words[index] in FELT
        if doubled and traps.denied(self.words, index):
            opposed = False  # "they are not unfunny"
        if entry.antonym in self.words:
            opposed = False  # "a good film that happened to good actors"
        if self.words[index] in FELT and {"it", "this", "that"} & {*self.words[:index]}:
            opposed = False  # "it is so sad"
        if entry.part == "adjective" and traps.listed(self.words, index):
            opposed = False  # "loud, clever, stupid and pointless"
        swaps = [("antonym", entry.antonym, "its opposite")] if opposed else []
        plain = "a word without a verdict"
        swaps += [("neutral", new, plain) for new in self._neutral(index, entry)]
        token = self.tokens[index]
        for kind, word, reason in swaps:
            new = like(word, token.text)
            start, replacement = self.with_article(index, new)
            said = f"“{token.text}” turned into “{new}”, {reason}"
            yield self.edit(kind, index, start, token.end, replacement, said)

    def _neutral(self, index: int, entry: Word) -> tuple[str, ...]:
        """Words without a verdict that fit in the place of an opinion word."""
        before, after = self.word(index - 1), self.word(index + 1)
        if entry.part == "verb":
            told = after in _OBJECTS or (after == "it" and traps.ends(self.words, index + 1))
            fits = self.begins_with_subject(index) and told and entry.form < 3
            fits = fits and not {"much", "lot", "when", "how", "so"} & set(self.words[index:])
            fits = fits and (entry.form < 2 or nouns.seen(self.words, index))
            plain = {0: "know", 1: "knows", 2: "saw"}
            return (plain[entry.form],) if fits and entry.antonym else ()
        if entry.part != "adjective" or self.words[index] in WITHOUT_DEGREE:
            return ()
        if traps.opposes(self.words, index) or traps.listed(self.words, index):
            return ()
        if self.words[max(0, index - 3) : index] == ["one", "of", "the"]:
            return ()
        if before in DETERMINERS | _POSSESSIVES and nouns.names(self.words, index + 1):
            whole = nouns.closes(self.words, index + 1)  # not "a typical complete picture"
            return NEUTRAL_BEFORE_NOUN if whole else ()
        alone = before in LINKS and traps.ends(self.words, index)
        return NEUTRAL_ALONE if alone and self.words[index] not in FELT else ()

    def _delete(self, index: int, entry: Word | None) -> Iterator[Edit]:
        """A word of degree before what it grades, or an adjective before its noun, goes."""
        word, before, after = self.words[index], self.word(index - 1), self.word(index + 1)
        following = self.opinion_word(index + 1)
        degree = word in (INTENSIFIERS | DIMINISHERS) - NEGATORS - {"so", "too"}
        degree = degree and following is not None and following.part in ("adjective", "adverb")
        if NEGATORS & set(self.words[:index]) or before in ("how", "as"):
            degree = False  # "not very good" says less
        attributive = (
            entry is not None
            and entry.part == "adjective"
            and before in DETERMINERS | _POSSESSIVES - {"that"}
            and word not in ("best", "worst")
            and nouns.names(self.words, index + 1)
            and not nouns.light(self.words, index + 1)
            and nouns.closes(self.words, index + 1)
            and not self.tokens[index + 1].text.istitle()
            and not traps.denied(self.words, index)
            and self.word(index - 2) not in CUT_OFF
            and not (self.word(index - 2).endswith("ly") or self.word(index - 2) in SUBJECTS)
        )  # not "on a note", "is truly a week", "makes it a class"
        if not degree and not attributive:
            return
        token, following_token = self.tokens[index], self.tokens[index + 1]
        reason = f"“{token.text}” deleted"
        if before in ("a", "an"):
            article = self.tokens[index - 1]
            new = like(article_of(after), article.text, title=True)
            gap = self.text[token.end : following_token.start]
            yield self.edit(
                "delete", index, article.start, following_token.start, f"{new}{gap}", reason
            )
        else:
            yield self.without("delete", index, reason)

    def _degree(self, index: int, entry: Word) -> Iterator[Edit]:
        word, token, before = self.words[index], self.tokens[index], self.word(index - 1)
        if word in WITHOUT_DEGREE or NEGATORS & set(traps.whole_clause(self.words, index)):
            return
        if traps.listed(self.words, index) and self.words.count(word) > 1:
            return  # "a bad, bad, bad film"
        if traps.opposes(self.words, index) or echoes.after_degree(self.words, index):
            return  # "too mad to be fairly interesting"
        lesser = "fairly" if entry.positive else "slightly"
        offers = [("intensify", "very"), ("diminish", lesser)]
        for kind, new in [("intensify", "truly")] if word in EXTREME else offers:
            if before in (INTENSIFIERS | DIMINISHERS) - {"too", "so"}:
                old = self.tokens[index - 1]
                same = INTENSIFIERS if kind == "intensify" else DIMINISHERS
                if before in same or self.word(index - 2) in _BEFORE_NO_DEGREE - {"of"}:
                    continue
                new = like(new, old.text)
                start, replacement = self.with_article(index - 1, new)
                reason = f"“{old.text}” turned into “{new}”"
                yield self.edit(kind, index, start, old.end, replacement, reason)
            elif index == 0 and (nouns.names(self.words, 1) or traps.ends(self.words, 0)):
                yield self.insert_before(kind, 0, new, f"“{new}” before “{token.text}”")
            elif before in LINKS or (before in ("a", "an") and word not in FELT):
                start, replacement = self.with_article(index, new)
                reason = f"“{new}” before “{token.text}”"
                gap = "" if start == token.start else self.text[start : token.start]
                article = replacement[: -len(new)] if gap else ""
                yield self.edit(kind, index, start, token.start, f"{article}{new} ", reason)
