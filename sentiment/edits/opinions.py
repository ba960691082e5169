"""Which words of a text are opinion words in their place: adjective, noun, verb or adverb.

A lexicon's word counts only where the words beside it leave it its usual sense and part of speech.
"""

from __future__ import annotations

from sentiment.edits import nouns, traps
from sentiment.edits.editing import EditedText
from sentiment.edits.lexicon import INTENSIFIERS, Word, lexicon

AUXILIARIES = {"do", "does", "did", "can", "could", "will", "would", "should", "have", "has"}
COPULAS = {"is", "are", "was", "were", "am"}
CLITICS = {"'s", "'re", "'m"}
LINKS = COPULAS | CLITICS | {"be", "been", "looks", "look", "looked", "seems", "seem", "seemed"}
LINKS |= {"feels", "felt", "tastes", "tasted", "sounds", "sounded"}
SUBJECTS = {"it", "that", "this", "he", "she", "they", "we", "you", "i"}
_LIKERS = SUBJECTS | {
    "to",
    "not",
    "n't",
    "do",
    "did",
    "really",
    "will",
    "who",
    "would",
    "'d",
    "'ll",
}
_LIKERS |= {"can", "also", "never", "always", "people", "just", "still", "could"}
_ADVERBS = {"just", "also", "still", "really", "always", "never"}
DETERMINERS = {"a", "an", "the"}
_PARTICIPLE_ENDS = ("ed", "en", "made", "done", "shot", "put", "told", "cast")
CUT_OFF = {
    "at",
    "of",
    "to",
    "with",
    "by",
    "up",
    "in",
    "for",
    "on",
    "as",
    "from",
    "about",
    "off",
    "out",
}


class OpinionText(EditedText):
    """A text whose opinion words are known in their places."""

    def opinion_word(self, index: int) -> Word | None:
        """The lexicon's entry, unless the words beside it give the word another sense."""
        entry = lexicon().get(self.words[index])
        if entry is None or self._in_a_name(index) or traps.another_sense(self.words, index):
            return None
        checks = {"adjective": self._is_adjective, "verb": self._is_verb, "adverb": self._is_adverb}
        return entry if checks.get(entry.part, self._is_noun)(index) else None

    def _in_a_name(self, index: int) -> bool:
        """Whether the word has a capital that its place in the sentence does not ask for."""
        token = self.tokens[index].text
        begun = self.word(index - 1) in {"", ".", "!", "?", "...", ":", "``", '"', "“"}
        follows = self.tokens[index + 1].text if self.has(index + 1) else ""
        titled = follows[:1].isupper() and not follows.isupper() and follows != "I"
        return (token.istitle() and not begun) or (token.istitle() and titled)

    def _is_adjective(self, index: int) -> bool:
        word, before = self.words[index], self.word(index - 1)
        if word in ("best", "worst"):
            superlative = self.word(index - 2) in COPULAS | {"of"} and before == "the"
            return superlative and nouns.names(self.words, index + 1)
        if word in ("fun", "perfect", "original", "happy", "sad"):
            if before == "the" or (word == "fun" and before not in LINKS | INTENSIFIERS | {"a"}):
                return False  # a noun, where the lexicon has the adjective
            attributive = before in ("a", "an") and nouns.names(self.words, index + 1)
            return attributive or traps.ends(self.words, index)
        return True

    def _is_noun(self, index: int) -> bool:
        """Whether "a" or "an" stands before the noun or before the one word that describes it."""
        word, before, after = self.words[index], self.word(index - 1), self.word(index + 1)
        if word in ("masterpieces", "disasters"):
            return after not in CUT_OFF
        begun = DETERMINERS - {"the"} & {before, self.word(index - 2)} or not before
        whole = traps.ends(self.words, index) or after == "to"
        return bool(begun) and whole and before not in ("natural", "power", "heart", "water")

    def _is_adverb(self, index: int) -> bool:
        after = self.word(index + 1)
        if self.word(index - 1) in ("as", ",", "") or self.words[index] == "well":
            return after.endswith(_PARTICIPLE_ENDS) and self.word(index - 1) != "as"
        return traps.ends(self.words, index) or after in ("made", "done", "shot", "written")

    def _is_verb(self, index: int) -> bool:
        """Whether an opinion verb is one here: after its subject or helper, before its object."""
        word, before, after = self.words[index], self.word(index - 1), self.word(index + 1)
        if not before and not after:
            return True
        begun = before in _LIKERS | {"have", "had", "has", "'ve"} or self._noun_before(index)
        if before in _ADVERBS and self.word(index - 2) not in _LIKERS | {"have", "had", "'ve"}:
            return False  # "just like them"
        if word == "like" and before in ("would", "'d"):
            return False
        if before in ("not", "n't") and self.word(index - 2) not in AUXILIARIES | {"wo"}:
            return False  # "it is not like that"
        if before in ("it", "that", "this", "you") and not self.begins_with_subject(index):
            return False  # "you watch it like a film"
        if word.startswith(("succeed", "fail", "work")):
            return begun and (traps.ends(self.words, index) or after in ("well", "fine"))
        return begun and after[:1].isalpha() and after not in CUT_OFF - {"to"} | {"and", "or"}

    def _noun_before(self, index: int) -> bool:
        """Whether "the/this ... verb" gives the verb at ``index`` a subject just before it."""
        return (
            index >= 2
            and self.word(index - 1)[:1].isalpha()
            and self.word(index - 2) in DETERMINERS | {"this", "my", "his", "her", "their"}
            and lexicon().get(self.word(index - 1)) is None
            and (self.words[index][-1:] in "sd" or self.word(index - 1).endswith("s"))
        )  # "the critics like it", but not "a film like this"

    def begins_with_subject(self, index: int) -> bool:
        """Whether the clause is subject, then the verb at ``index``."""
        before = traps.subject(self.words, index)
        pronoun = len(before) == 1 and before[0] in SUBJECTS
        noun = self._noun_before(index) and len(before) == 2
        return pronoun or noun
