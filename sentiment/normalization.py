"""How a person's characters are read: the tokenizer's normaliser, rule by rule.

Quotation marks, dashes and apostrophes become the treebank's, entities the characters they stand
for, "@name" and a link one word each, "#great" is "great", "sooooo" is "so", an emoji loses skin
tone and companions. All of it lies in tokenizer.json and every offset still points at the
person's own text. The library keeps exact offsets only where a replacement starts from a single
character, so each rule rewrites one character or deletes some: where several become one, the
first is marked, the middle ones deleted and the last rewritten, so that the span holds them all.
"""

from __future__ import annotations

from tokenizers import Regex, normalizers

_MARK = "\ue000"  # private use: a text's own ones are replaced first
_LETTER = r"\p{L}"

_AUXILIARIES = "do|does|did|is|was|were|are|have|has|had|would|could|should|must|need|ca|wo|ai"

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "\u20e3"  # the keycap around a digit
)

# Accents of Latin, Greek and Cyrillic; the vowel signs of other scripts are letters there.
_ACCENTS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"

# Apostrophes that compatibility decomposition would turn into a space and an accent.
_APOSTROPHES = "´ʹʻʼʽˈ՚ꞌ᾽᾿"

# Single characters that compatibility decomposition would tear into several words ("⑴", "½").
_TORN = (
    "["
    "\u00bc-\u00be\u013f\u0140\u0149\u2034\u2036\u2037\u2047-\u2049\u2057\u2100\u2101"
    "\u2103\u2105\u2106\u2109\u2150-\u215f\u2189\u222c\u222d\u222f\u2230\u2469-\u24b5"
    "\u2a0c\u2a74-\u2a76\u3200-\u321e\u3220-\u3243\u3251-\u325f\u32b1-\u32cb\u3358-\u3370"
    "\u3378\u3379\u339f-\u33a8\u33ae\u33af\u33c2\u33c6\u33c7\u33d8\u33de-\u33fe"
    "\ufdfa\ufdfb\ufe19\ufe30\U0001d15e-\U0001d164\U0001d1bb-\U0001d1c0"
    "\U0001f100-\U0001f10a\U0001f110-\U0001f12a\U0001f240-\U0001f248"
    "]"
)

_ENTITIES = (
    (r"#0*39|#x0*27|apos|[lr]squo|#821[67]|#x201[89]", "'"),
    (r"[lr]?dquo|quot|#0*34|#x0*22|#822[01]|#x201[cd]", '"'),
    (r"lt|#0*60|#x0*3c", "<"),
    (r"gt|#0*62|#x0*3e", ">"),
    (r"nbsp|#160|#xa0|ensp|emsp|thinsp", " "),
    (r"hellip|#8230|#x2026", "…"),
    (r"[mn]dash|#821[12]|#x201[34]", "—"),
)

# Words that keep a doubled letter where it is drawn out: "goooood" is "good" but "sooo" is "so".
_DOUBLED = """
aggravating agree ahh all amiss annoy apple arrogant ass asshole attack attitude awesomeness aww
ball balloon battle bee been beer beginning better between bitter bless bliss blood bloom blooper
boo book boom boot boss bottom bubble buddy bull bullshit bullying bunny butter buzz call cannot
carry cartoon cheer cheese chill choose class classy coffee common cool crappy creep creepy daddy
deep depress depressing difficult dinner disappoint disappointing discuss dizzy doll doom door
dress dull eek eerie effort egg embarrass engross especially excellent fall feel feeling feet fell
fizz flee flood floor fluffy food fool foot free freezing full funnier funniest funny giggle gloom
goddamn good goose goosebumps grass greedy green groom groovy gross guess hall hammer happen
happier happiest happily happy hell hello hill hmm hobby hood hook hoot hopefully horrible
horrific hurray hurry ill immediate impossible impress impressive indeed innocent irritate issue
jazz jeering jeez jelly keep kill killer killing kiss kitty lesson letter literally little look
loose loss marry matter meet mess messy middle mirror miss missing mmm mommy mood moon muddle
mummy need noon odd off offend offer office ooh ooze pass passion passionate pathetically pee peek
piss pizza pool poop poor possible press pretty proof puddle puff pull puppy puzzle queen really
recommend roll room root rotten rubbish ruthless sassy school screen see seek seem seen sell
sexually shall sheer sheesh shitty shoo shoot shopping silly skill sleep sleepy small smell smooth
sobbing soon soothe sorry spell spook spooky spoon steep stiff still stool street stress stuff
stunning success sudden suffer summer sunny support suppose sweet swell swimming tall tell
terrible terrific three thrill tomorrow too tool toot tooth totally tree troll unhappy unless
upsetting usually village wall weed week weekend weep well whee wheel wiggle will winner winning
witty woo wood woohoo wool worried worry yell yellow yummy zoo zoom zzz
"""


def _replace(pattern: str, content: str) -> normalizers.Replace:
    return normalizers.Replace(Regex(pattern), content)


def _keeps_two(letters: str) -> normalizers.Replace:
    """A marked run of one of ``letters`` in a word of the list loses its mark: two are left."""
    cases = []
    edge = rf"{_LETTER}{_MARK}"
    for word in _DOUBLED.split():
        for place, letter in enumerate(word[:-1], start=1):
            if letter in letters and letter == word[place]:
                before = word[:place] + _MARK
                # a later letter of the word may be drawn out as well
                after = "".join(f"{one}(?:{_MARK}{one})?" for one in word[place:])
                cases.append(
                    rf"(?<=^{before}|[^{edge}]{before})"
                    rf"(?={after}(?:s|y|ly|ness|er|est|ed|ing)?(?![{edge}]))"
                )
    return _replace(rf"{_MARK}(?:{'|'.join(cases)})", "")


def _keep_one(letters: str) -> list[normalizers.Replace]:
    """A marked run of one of ``letters`` keeps one: the last, or the first of a word."""
    return [
        _replace(rf"[{letters}]{_MARK}(?<={_LETTER}[{letters}]{_MARK})", ""),
        _replace(rf"{_MARK}[{letters}](?<=[{letters}]{_MARK}[{letters}])", ""),
    ]


def _elongation() -> list[normalizers.Replace]:
    """Runs of three letters or more become two in the words above, one in all others.

    Vowels first: what stands before a drawn-out consonant must be plain to be found in the list.
    """
    numerals = r"(?<!\b[iwx]{2})(?<!\b[vx]ii)"
    return [
        _replace(rf"({_LETTER})(?<=\1\1)(?=\1){numerals}", _MARK),
        _replace(rf"{_MARK}(?={_MARK})", ""),
        *_keep_one("aiuy"),
        _keeps_two("eo"),
        *_keep_one("eo"),
        _keeps_two("bcdfghjklmnpqrstvwxz"),
        *_keep_one(_LETTER),
    ]


def _entity_rules() -> list[normalizers.Replace]:
    """``&#39;`` and its like, "&amp;" first since it may hide another."""
    tail = _replace(rf"{_MARK}#?\w+;", "")
    return [
        _replace(r"&(?=(?i:amp|#0*38|#x0*26);)", f"&{_MARK}"),
        tail,
        *(_replace(rf"&(?=(?i:{names});)", f"{one}{_MARK}") for names, one in _ENTITIES),
        tail,
    ]


def _spanning(start: str, middle: str, last: str, word: str) -> list[normalizers.Replace]:
    """Rules that make one ``word`` of all that ``start`` (one character) opens."""
    return [
        _replace(start, _MARK),
        _replace(rf"(?<={_MARK}){middle}+(?={last})", ""),
        _replace(rf"(?<={_MARK}){last}", word[1:]),
        _replace(_MARK, word[0]),
    ]


NORMALIZER = normalizers.Sequence(
    [
        _replace(_MARK, "□"),
        _replace(r"(?i)<br\s*/?>", " "),
        *_entity_rules(),
        normalizers.Replace("‼", "!"),
        # Spaces keep a quotation mark apart from another beside it, of which it has no part.
        _replace(r"[“„‟«]", " `` "),
        _replace(r"[”»″]", " '' "),
        _replace(rf"[{_APOSTROPHES}]", "'"),
        _replace(_TORN, "□"),
        normalizers.NFKD(),
        _replace(f"[{_ACCENTS}]", ""),
        normalizers.Lowercase(),
        # An emoji without its skin tone and what is joined to it.
        _replace(r"(?<=\p{So})[\ufe0f\x{1f3fb}-\x{1f3ff}]+", ""),
        _replace(r"(?<=\p{So})(?:\u200d\p{So})+", ""),
        _replace(rf"[{_INVISIBLE}]", ""),
        _replace(r"\p{Cc}", " "),
        _replace(r"[‘’‛′ʼ]|`(?<!``)(?!`)", "'"),
        *_spanning(
            rf"(?:h(?=ttps?://\S)|w(?=ww\.\S))(?<![{_LETTER}\p{{N}}].)",
            r"\S",
            rf"[{_LETTER}\p{{N}}/_]",
            "http",
        ),
        *_spanning(rf"@(?=\w)(?<![{_LETTER}\p{{N}}_.@]@)", r"\w", r"\w", "@user"),
        _replace(rf"#(?={_LETTER})(?<![{_LETTER}\p{{N}}&]#)", ""),
        _replace(r"[–—―]", "--"),
        _replace(r"[‐‑−]", "-"),
        _replace(r"(?<=--)-", ""),
        _replace(r"(?<=\.\.\.)\.", ""),
        _replace(r"(?<=^\.|[^.]\.)\.(?!\.)", ".."),
        _replace(r"(?<=[:;=][)(]|[:;=][-'][)(])[)(]+", ""),  # ":))))"
        *_elongation(),
        _replace(rf"(?<=\b(?:{_AUXILIARIES})n)t\b", "'t"),  # "dont"
        _replace(r"m\b(?<=\bim)", "'m"),
        _replace(r"r(?=e\b)(?<=\b(?:you|they)r)", "'r"),
        _replace(r"v(?=e\b)(?<=\b(?:i|you|we|they|could|should|would)v)", "'v"),
        _replace(r"l(?=l\b)(?<=\b(?:you|they|that)l)", "'l"),
        _replace(r"s\b(?<=\b(?:that|what|there|she)s)", "'s"),
    ]
)
"""Text as the vocabulary knows it; see the module's own words."""
