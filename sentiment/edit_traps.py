"""Where an edit would break a sentence or mean something else: the traps of English negation.

Pure rules over lower-case tokens. A negator that licenses "any" or "at all" cannot go (Ladusaw 1980
on negative polarity items), "not just" is no denial, "is not a little creepy" says the opposite,
"moving on" is no praise, "razor sharp" no opposite.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_POLARITY_ITEMS = """
any anybody anyone anything anymore anywhere ever yet either much whatsoever slightest bother budge
nor long until till else help least less more longer exactly necessarily enough quite really
"""
POLARITY_ITEMS = frozenset(_POLARITY_ITEMS.split())
"""Words that a negator before them licenses, or whose sense it changes."""
_AFTER_NOT = """
just so only a all every everyone everything even too very always simply merely because that to
particularly especially entirely exactly quite really necessarily if as unlike without for in the
one once until till more less than much many nearly completely totally fully overly terribly yet
surprisingly alone least most unusual uncommon bad long far
"""
_AFTER_NOT_WORDS = frozenset(_AFTER_NOT.split())
_NO_INSERTION = """
so too just only still also already almost nearly quite as like rather somewhat slightly pretty
fairly always often sometimes even simply merely all both some certainly definitely clearly
obviously probably perhaps maybe one once now far much more most less least well really truly
indeed surely supposed eventually honestly doubtless undoubtedly arguably apparently finally
ultimately frankly luckily sadly unfortunately hopefully something somebody someone somewhere
going about to in on at by for from of up what how why where when who that
"""
_NO_INSERTION_WORDS = frozenset(_NO_INSERTION.split())
_QUESTION_STARTS = """
who whom whose what which when where why how do does did is are was were am can could will would
should shall have has had may might must
"""
_QUESTIONS = frozenset(_QUESTION_STARTS.split())
_PARTICIPLES = """
moving engaging touching gripping satisfying refreshing inspired tired entertaining boring exciting
charming compelling fascinating tiring disappointing convincing warm amazing appalling happy sad
impressive rich fresh weak strong
"""
_OBJECT_STARTS = """
a an the this that these those it them him her us me you his its my your our their to of in on at
by from with into up down away out off over forward back through along around towards toward about
for as than like one ones each all
"""
_PARTICIPLE_WORDS, _OBJECT_START_WORDS = (
    frozenset(_PARTICIPLES.split()),
    frozenset(_OBJECT_STARTS.split()),
)
_IDIOMS = """
razor sharp, fine print, fine line, fine art, fine arts, fine dining, rich in, great deal,
good deal, good old, good luck, good morning, good night, good evening, good afternoon, good time,
good will, good bit, good many, good part, great many, common good, for good, as good, so good,
no good, good for, good to, good at, good as, well as, well worth, well known, well over, as well,
very well, well beyond, well into, well before, well aware, well off, fresh air, fresh from,
warm up, strong language, strong winds, weak spot, cold war, cold weather, cold water, cold blood,
smart phone, smart watch, smart tv, smart home, happy birthday, happy hour, happy ending,
happy endings, happy to, sad to, dull roar, dull blade, sharp turn, sharp contrast, sharp left,
sharp right, sharp knife, thin air, thin ice, rich people, the rich, the weak, the strong,
the good, the bad, bad guy, bad guys, bad boy, bad luck, good guy, good guys, worst case,
at best, at worst, best known, best friend, best friends, best seller, best man, best of,
the best, the worst, do best, original version, original series, original cast, original film,
silly putty, ugly duckling, so bad, too bad, not bad, how bad, perfect storm, loved ones,
loved one, so much, fun of, like a, too good, better than, better off, better to, had better,
or worse, or better, worse than, get better, got better, getting better, get worse, much better
"""
_IDIOM_PAIRS = frozenset(
    (pair.split()[0], pair.split()[1]) for pair in _IDIOMS.replace("\n", " ").split(",")
)
_NEGATORS = {"not", "n't", "never", "no", "hardly", "barely", "scarcely", "without", "nothing"}
_NEGATORS |= {"nobody", "nowhere", "neither", "nor", "none", "nothing", "cannot"}
_OATHS = {"hell", "crap", "heck", "shit", "fuck"}
_GREETED = {"morning", "afternoon", "evening", "night", "riddance", "friday", "grief", "heavens"}
_MARKS = {".", "!", "?", ";", ":", "...", "--", "(", ")"}
_ALREADY = {"too", "also", "already", "still", "some", "so"}
_AFTER_ARTICLE = {"little", "bit", "few", "lot", "great", "most", "pretty", "fairly", "rather"}
_AFTER_ARTICLE |= {"quite", "truly", "really", "somewhat"}
_CANNOT = {"wait", "stand", "beat", "resist", "afford", "complain", "go", "get"}


def clause(words: Sequence[str], index: int) -> Sequence[str]:
    """The words after one, up to the next mark that ends a clause."""
    end = index + 1
    while end < len(words) and words[end] not in _MARKS:
        end += 1
    return words[index + 1 : end]


def needs_negator(words: Sequence[str], index: int) -> bool:
    """Whether the rest of the clause holds what only the negator at ``index`` allows."""
    rest = clause(words, index)
    pairs = {("at", "all"), ("a", "bit"), ("a", "thing")} & set(pairwise(rest))
    return bool(pairs) or bool(POLARITY_ITEMS & set(rest)) or "but" in rest


def no_denial(words: Sequence[str], index: int) -> bool:
    """Whether the negator at ``index`` denies no whole, as in "not just" or "not a little"."""
    after = words[index + 1] if index + 1 < len(words) else ""
    return not after[:1].isalpha() or after in _AFTER_NOT_WORDS


def refuses_not(words: Sequence[str], index: int) -> bool:
    """Whether "not" before the word at ``index`` would be odd or say something else."""
    after = words[index + 1] if index + 1 < len(words) else ""
    if index >= len(words) or words[index] in _NO_INSERTION_WORDS:
        return True
    if words[index] in ("a", "the") and after in _AFTER_ARTICLE:
        return True  # "is not a little creepy", "is not a pretty amazing film"
    return bool(_ALREADY & set(clause(words, index)))


def question(words: Sequence[str], index: int) -> bool:
    """Whether the word stands in a question: its sentence ends so, or begins as one."""
    start, end = index, index
    while start and words[start - 1] not in _MARKS:
        start -= 1
    while end < len(words) and words[end] not in _MARKS:
        end += 1
    asked = end < len(words) and words[end] == "?"
    return asked or (words[start] in _QUESTIONS and index > start)


def another_sense(words: Sequence[str], index: int) -> bool:
    """Whether the words beside it give an opinion word another sense than the lexicon's."""
    word = words[index]
    before = words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if (before, word) in _IDIOM_PAIRS or (word, after) in _IDIOM_PAIRS:
        return True
    if "-" in (before, after) or before in ("#", "@", "'") or after in ("#", "@"):
        return True
    if after == "the" and index + 2 < len(words) and words[index + 2] in _OATHS:
        return True  # "annoys the hell out of me"
    if word == "good" and _GREETED & set(words[index + 1 : index + 3]):
        return True
    return word in _PARTICIPLE_WORDS and after in _OBJECT_START_WORDS


def whole_clause(words: Sequence[str], index: int) -> Sequence[str]:
    """The words of the clause that holds the one at ``index``, between marks that end one."""
    start = index
    while start and words[start - 1] not in _MARKS:
        start -= 1
    return [*words[start : index + 1], *clause(words, index)]


def affirms(words: Sequence[str], index: int) -> bool:
    """Whether the clause holds what no negator may stand over: "too", "already", "some"."""
    return bool(_ALREADY & set(whole_clause(words, index)))


def free(words: Sequence[str], index: int) -> bool:
    """Whether the negator at ``index`` may go and leave a sentence that says the opposite."""
    before = words[index - 1] if index else ""
    if before in ("if", "whether", "or", "why", "for", "all", "but", ",", "--", "and"):
        return False
    if "neither" in words or "nor" in whole_clause(words, index):
        return False
    if before in ("ca", "can") and any(word in _CANNOT for word in clause(words, index)[:2]):
        return False  # "I can't wait"
    if before == "to" or "too" in clause(words, index):
        return False  # "little to no service"
    if sum(word in _NEGATORS for word in whole_clause(words, index)) > 1:
        return False  # "not a chance I won't"
    kept = no_denial(words, index) or needs_negator(words, index) or question(words, index)
    return not kept


def names(words: Sequence[str], index: int) -> bool:
    """Whether the word at ``index`` looks like the noun that an adjective stands before."""
    word = words[index] if index < len(words) else ""
    if not word[:1].isalpha() or word in _OBJECT_START_WORDS | _NO_INSERTION_WORDS | _QUESTIONS:
        return False
    return word not in {"and", "or", "but", "nor", "if", "enough", "not", "n't"}
