"""Where an edit would break a sentence or mean something else: the traps of English negation.

Pure rules over lower-case tokens. A negator that licenses "any" or "at all" cannot go (Ladusaw 1980
on negative polarity items), "not just" is no denial, "is not a little creepy" says the opposite,
"moving on" is no praise, "a great deal" has no opposite, and "few will argue that it is good" is
not denied by a "not" behind "will". In doubt an edit is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from sentiment.edits.words import (
    AFTER_ARTICLE,
    AFTER_NOT,
    AFTER_NOTHING,
    ALREADY,
    BEGINNINGS,
    CANNOT,
    CONCEDING,
    CONTRASTS,
    EVERY_NEGATOR,
    FILLED,
    GREETED,
    HELPERS,
    IDIOM_PAIRS,
    LY_ADJECTIVES,
    MARKS,
    NO_INSERTION,
    OATHS,
    OBJECT_STARTS,
    PARTICIPLES,
    POLARITY_ITEMS,
    PREPOSITIONS,
    PRONOUNS,
    QUANTIFIERS,
    QUESTIONS,
    SEGMENT_STARTS,
    SUBORDINATING,
)


def clause(words: Sequence[str], index: int) -> Sequence[str]:
    """The words after one, up to the next mark that ends a clause."""
    end = index + 1
    while end < len(words) and words[end] not in MARKS:
        end += 1
    return words[index + 1 : end]


def whole_clause(words: Sequence[str], index: int) -> Sequence[str]:
    """The words of the clause that holds the one at ``index``, between marks that end one."""
    start = index
    while start and words[start - 1] not in MARKS:
        start -= 1
    return [*words[start : index + 1], *clause(words, index)]


def subject(words: Sequence[str], index: int) -> Sequence[str]:
    """The words before the one at ``index``, from a mark, a comma, "and" or "but" on."""
    start = index
    while start and words[start - 1] not in SEGMENT_STARTS:
        start -= 1
    return words[start:index]


def ends(words: Sequence[str], index: int) -> bool:
    """Whether nothing of its phrase follows the word at ``index``."""
    after = words[index + 1] if index + 1 < len(words) else ""
    return not after or after in SEGMENT_STARTS


def plain_subject(words: Sequence[str], index: int) -> bool:
    """Whether the helper at ``index`` is the first of a main clause that "not" denies whole.

    Not so in "where it should be" or "few will argue"; nor where another helper follows in the
    same clause, as in "what he has made is a film", whose first belongs to the subject.
    """
    before = subject(words, index)
    if before == ["that"]:
        before = []
    if _explained(words, index):
        return False
    refusing = SUBORDINATING | QUANTIFIERS | HELPERS | EVERY_NEGATOR
    pairing = {"either", "whether", "both", "instead", "rather", "unlike"}
    if refusing & set(before) or pairing & set(whole_clause(words, index)):
        return False
    for place in range(index + 1, len(words)):
        if words[place] in SEGMENT_STARTS | SUBORDINATING | {"to"}:
            break
        if words[place] in HELPERS - {"have", "do"} and words[place - 1] not in PRONOUNS:
            return False
    return True


def needs_negator(words: Sequence[str], index: int) -> bool:
    """Whether the rest of the clause holds what only the negator at ``index`` allows."""
    rest = clause(words, index)
    pairs = {("at", "all"), ("a", "bit"), ("a", "thing"), ("a", "word"), ("a", "moment")}
    pairs |= {("a", "second"), ("a", "minute"), ("seem", "to"), ("all", "that"), ("worst", "enemy")}
    pairs |= {("a", "finger"), ("be", "that")}
    pairs |= {("in", span) for span in ("years", "ages", "months", "weeks", "forever")}
    return bool(pairs & set(pairwise(rest))) or bool(POLARITY_ITEMS & set(rest)) or "but" in rest


def no_denial(words: Sequence[str], index: int) -> bool:
    """Whether the negator at ``index`` denies no whole, as in "not just" or "not a little"."""
    after = words[index + 1] if index + 1 < len(words) else ""
    if after in ("a", "the"):
        return index + 2 >= len(words) or words[index + 2] in AFTER_ARTICLE  # "not the only"
    odd = after.endswith("ly") and after not in LY_ADJECTIVES  # "not truly"
    return odd or not after[:1].isalpha() or after in AFTER_NOT


_DEGREES = {"pretty", "rather", "quite", "fairly", "somewhat", "slightly", "so", "too"}


def refuses_not(words: Sequence[str], index: int) -> bool:
    """Whether "not" before the word at ``index`` would be odd or say something else."""
    word = words[index] if index < len(words) else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if not word or word in NO_INSERTION or after == "/":
        return True
    if word.endswith("ly") and word not in LY_ADJECTIVES:
        return True  # "is not easily the best"
    if word in ("a", "an", "the") and after in AFTER_ARTICLE:
        return True  # "is not a little creepy", "is not the only one"
    if re.fullmatch(r"soo+|too+o|ver+r+y+|non-?\w{4,}", word):
        return True  # "is not sooo bad", "is not nonexistent"
    if word == "have" and index and words[index - 1] == "should" and after in ("a", "an"):
        return True  # "kids should have a good time" expects and does not ask
    if word == "be" and after in _DEGREES:
        return True  # "cannot be pretty cute"
    asked = after.endswith(("ed", "en"))  # "should be credited"
    if word == "be" and index and words[index - 1] == "should" and not asked:
        return True  # "this should be interesting" expects and does not ask
    return bool((ALREADY | CONTRASTS) & set(clause(words, index)))


def question(words: Sequence[str], index: int) -> bool:
    """Whether the word stands in a question: its sentence ends so, or begins as one."""
    start, end = index, index
    while start and words[start - 1] not in MARKS:
        start -= 1
    while end < len(words) and words[end] not in MARKS:
        end += 1
    asked = end < len(words) and words[end] == "?"
    return asked or (words[start] in QUESTIONS and index > start and "n't" not in words[start:2])


def another_sense(words: Sequence[str], index: int) -> bool:
    """Whether the words beside it give an opinion word another sense than the lexicon's."""
    word = words[index]
    before = words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if (before, word) in IDIOM_PAIRS or (word, after) in IDIOM_PAIRS:
        return True
    if {"-", "/", "#", "@", "'", "_", "*", "&", "%"} & {before, after}:
        return True
    if before == "as" or "as" in words[index + 1 : index + 4] or after == "enough":
        return True  # "as good as it gets"
    if after == "the" and index + 2 < len(words) and words[index + 2] in OATHS:
        return True  # "annoys the hell out of me"
    wished = {"have", "may", "wish", "hope", "wishing"} & set(words[max(0, index - 4) : index])
    if wished and after in GREETED | {"day", "weekend", "time", "week", "trip", "eid", "year"}:
        return True  # "have a great day"
    if word in ("good", "bad") and before in ("any", "what", "some", "much", "no", "more", "most"):
        return True  # "what good is it"
    if word in ("good", "happy", "great") and GREETED & set(words[index + 1 : index + 4]):
        return True
    return word in PARTICIPLES and after in OBJECT_STARTS


def affirms(words: Sequence[str], index: int) -> bool:
    """Whether the clause holds what no negator may stand over: "too", "already", "every"."""
    whole, rest = set(whole_clause(words, index)), set(clause(words, index))
    return bool((ALREADY | {"either", "whether"}) & whole) or bool(CONTRASTS & rest)


def free(words: Sequence[str], index: int) -> bool:
    """Whether the negator at ``index`` may go and leave a sentence that says the opposite."""
    before = words[index - 1] if index else ""
    word, rest = words[index], clause(words, index)
    if _explained(words, index):
        return False
    if before in ("if", "whether", "or", "why", "for", "all", "but", ",", "--", "and", "/", "next"):
        return False
    if "neither" in words or "nor" in whole_clause(words, index):
        return False
    if before in ("ca", "can", "could") and (CANNOT & set(rest[:2]) or _compared(rest)):
        return False  # "I can't wait", "it could not be better"
    if rest[:1] and (
        rest[0] in ("mind", "worry", "know", "care", "let", "miss", "forget") or "/" in rest[0]
    ):
        return False  # "I don't know if", "never know"
    if {"if", "unless", "but", "even"} & set(subject(words, index)) or _behind_but(words, index):
        return False  # "even if you have never heard of it"
    if before in ("do", "does", "did") and rest[:1] and rest[0] in ("a", "an", "the"):
        return False  # "swallows do not a summer make"
    if before in ("to", "by") or {"too", "so", "than"} & set(rest):
        return False  # "little to no service", "by no means"
    if index > 1 and words[index - 2] == "or":
        return False  # "may or may not"
    helped = before in HELPERS | PRONOUNS | {"'s", "'re", "'m", "'ve", "be", "been"}
    if word in ("hardly", "barely", "scarcely") and ((not helped and before) or _counted(rest)):
        return False  # "barely clad", "barely has two lines"
    if word == "not" and not before and rest[:1] and rest[0] in PREPOSITIONS:
        return False  # "not on your life"
    likened = rest[:1] == ["like"] and before in {
        "is",
        "are",
        "was",
        "were",
        "am",
        "'s",
        "'re",
        "'m",
    }
    if likened or list(rest) == ["it"] or rest[:1] == ["thought"]:
        return False  # "it is not like they came", "this is not it"
    if word == "never" and rest[:1] and rest[0].endswith(("ed", "en", "rd")) and not helped:
        return False  # "music never heard"
    if sum(one in EVERY_NEGATOR for one in whole_clause(words, index)) > 1:
        return False  # "not a chance I won't"
    if {"only", "all", "everyone", "everything", "every"} & set(subject(words, index)):
        return False  # "all that glitters is not gold"
    if word == "without" and before.endswith("ly"):
        return False  # "resolutely without chills"
    if word == "without" and ((rest[:1] and rest[0].endswith("ing")) or not _bare(rest)):
        return False  # "without being", "without a doubt"
    if word == "nowhere" and rest[:1] != ["to"]:
        return False
    if word == "nothing" and rest and rest[0] not in AFTER_NOTHING:
        return False  # "it is nothing on you"
    kept = no_denial(words, index) or needs_negator(words, index) or question(words, index)
    return not kept


def _explained(words: Sequence[str], index: int) -> bool:
    """Whether a colon or semicolon joins the clause to another, which would contradict it."""
    end = index + 1 + len(clause(words, index))
    start = end - len(whole_clause(words, index))
    return bool({":", ";", "--"} & {*words[max(0, start - 1) : start], *words[end : end + 1]})


def _behind_but(words: Sequence[str], index: int) -> bool:
    """Whether "but" opens the clause, which then answers the one before it."""
    start = index - len(subject(words, index))
    return start > 0 and words[start - 1] == "but"


def opposes(words: Sequence[str], index: int) -> bool:
    """Whether the clause sets the word against another: "too many to be good", "rather than"."""
    filled = {words[index - 1], words[index - 2]} & FILLED if index > 1 else set()
    return bool(filled or CONCEDING & set(whole_clause(words, index)))


def denied(words: Sequence[str], index: int) -> bool:
    """Whether a negator stands before the word in its clause: "not unhelpful" says little."""
    before = words[max(0, index - 8) : index]
    return bool(EVERY_NEGATOR & set(before)) or "neither" in before


def listed(words: Sequence[str], index: int) -> bool:
    """Whether a list joins another word to the one at ``index``: "loud , silly and stupid"."""
    joints = {",", "and", "&", "or", "but", "yet", "--"}
    for step in (-1, 1):
        place = index + step
        if not (0 <= place < len(words) and words[place] in joints):
            continue
        while 0 <= place < len(words) and words[place] in joints:
            place += step
        if step < 0 or (0 <= place < len(words) and words[place] not in BEGINNINGS):
            return place >= 0
    return False


def _compared(rest: Sequence[str]) -> bool:
    """Whether the thing is set above or below another: "could not be further from it"."""
    higher = any(one in ("better", "worse", "further") or one.endswith("ier") for one in rest)
    return higher or (len(rest) > 1 and rest[0] == "be" and rest[1].endswith("er"))


def _counted(rest: Sequence[str]) -> bool:
    return any(one in ("two", "enough", "one", "a") or one.isdigit() for one in rest[:3])


def _bare(rest: Sequence[str]) -> bool:
    """Whether a phrase is a noun alone, that "with" takes as "without" does."""
    words = {"a", "the", "an", "question", "fail", "doubt", "hesitation", "warning", "my", "his"}
    return len(rest) == 1 and rest[0] not in words
