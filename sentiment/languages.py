"""Telling a text's language by its commonest words, for languages of Latin letters.

Function words are near half of any running text, and few are those of two languages (Grefenstette
1995, "Comparing two language identification schemes"). A word that English has counts for
English alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

NAMES = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "sv": "Swedish",
    "pl": "Polish",
    "tr": "Turkish",
}
"""Languages that are told apart, by their codes (ISO 639-1)."""

_COMMON = {
    "en": """
the a an and or but of to in on at for with it its is was are were be been not no this that i
you he she they we me my your our his her their as by from so very all there what if than too
just has have had do does did can could will would about which who when how them then more most
some any out up only into over after because even like one these those am i'm it's don't good
bad great
""",
    "fr": """
le la les des du une et est dans qui que qu'il qu'on il elle ils elles nous vous je j'ai c'est
n'est n'a pas ne plus très trop bien avec sans aussi mais ou où ce cet cette ces ça sur par au
aux son sa ses leur leurs mon ma mes notre votre était été être avoir fait faire tout tous toute
toutes peu beaucoup même comme si rien jamais encore après avant depuis chez donc quand sont ont
suis ai avait d'un d'une l'on quel quelle bon bonne mauvais mauvaise
""",
    "de": """
der das dem des und ist nicht ich ein eine einen einem einer sie wir ihr es zu zum zur auf für
mit von vom aber auch sehr nur noch schon wie wenn dass daß weil kein keine keinen mich mir sich
haben habe hatte hatten wird werden wurde wurden war's sind bei nach aus über unter oder doch
nie immer alles etwas nichts gut gute guter schlecht schlechte mehr hier mein meine kann leider
mal bis durch ohne diese dieser dieses im
""",
    "es": """
el los las una unos unas es que en por para pero muy más mas con sin del al lo le les se su sus
mi mis me no está estaba estoy son fue ser era hay han he ha había todo todos toda todas nada
nunca nadie este esta esto estos estas ese esa como cuando porque bien mal bueno buena malo mala
también ya si sí hasta desde donde tan tanto mucho mucha muchos poco yo nos ni gracias tiene
""",
    "it": """
il lo gli un una uno è che di del della dello dei delle degli da dal dalla nel nella nei con per
non più piu molto ma mi ti ci si sono era stato stata ho hai ha hanno abbiamo anche questo
questa questi queste quello quella come quando perché perche tutto tutti tutta bene male bello
bella buono buona niente nessuno mai sempre al alla allo agli sul sulla dopo prima senza troppo
poco dove ed mio mia miei
""",
    "pt": """
os as um uma uns umas é que do da dos das no na nos nas em por para com sem mas muito mais não
nao foi era ser estar está estava são sou tem tinha ter há ao aos à às meu minha meus minhas seu
sua eu ele ela eles nós isso isto este esta esse essa tudo todos toda nada nunca ninguém também
como quando porque bem mal bom boa já só até depois pelo pela produto
""",
    "nl": """
de het een en van ik je wij ze zij hij niet geen dat dit deze die er zijn was waren ben heb
heeft hebben had wordt worden maar ook nog wel zeer erg heel voor met naar aan bij uit om te
over op als dan wat wie waar hoe mijn jouw onze ons alles niets iets nooit altijd goed goede
slecht slechte meer veel weer door zonder kan kunnen moet gaat
""",
    "sv": """
och det är att en ett som på av för med inte jag du vi ni de den han hon var har hade blir blev
till från om men så mycket bra dålig dåligt dåliga också eller när hur vad vilken denna detta
dessa mig dig sig min mitt mina vår våra kan ska skulle aldrig alltid alla allt inget ingen
efter utan över under mer än här där bara
""",
    "pl": """
ze na do nie się jest są był była było były to że jak ale tak co od za po dla bardzo już tylko
przez przy bez czy jego jej ich mnie mi mój moja moje ten ta te tego tej tym które który która
nic nigdy nikt wszystko zawsze bo więc jeszcze też dobry dobra dobrze zły źle polecam niestety
oraz aby gdy
""",
    "tr": """
ve bir bu çok da de ile için ama ne gibi daha en değil var yok mı mi mu mü ben sen biz siz onlar
her hiç kadar sonra önce ki şey olarak olan oldu ise veya bana beni benim bize çünkü iyi kötü
güzel diye bile artık hep asla göre ürün
""",
}
_CODES: dict[str, tuple[str, ...]] = {}
_SHARED = {"a"}
for _code, _words in _COMMON.items():
    for _word in _words.split():
        if _CODES.get(_word) == ("en",):
            _SHARED.add(_word)
        else:
            _CODES[_word] = (*_CODES.get(_word, ()), _code)
_WORD = re.compile(r"[^\W\d_]+(?:['’´`][^\W\d_]+)*")
_NO_LANGUAGE = re.compile(r"https?://\S+|[@#]\w+|\{link\}")
_UNKNOWN_SHARE, _MANY_UNKNOWN = 0.05, 0.5
_LEAST_WORDS = 3
_LEAST_SHARE = 0.1


def words_in(text: str) -> list[str]:
    """The words of a text in lower case, those of links, names and tags aside."""
    bare = _NO_LANGUAGE.sub(" ", text.lower())
    return [word.replace("’", "'") for word in _WORD.findall(bare)]


def foreign(
    text: str, own: str, unknown_share: float, unknown: Callable[[], Iterable[str]]
) -> str | None:
    """The language of a text that is not in ``own``, "" where it is told only that; else None.

    ``unknown_share`` of its tokens a model's vocabulary lacks: a text whose words it knows is none
    of another language. ``unknown`` gives those tokens; one that has letters with marks speaks for
    any language but English. Two words must speak for another language, and more than for
    ``own``; where the model knows not half of the text, one.
    """
    if unknown_share < _UNKNOWN_SHARE:
        return None
    words = words_in(text)
    if len(words) < _LEAST_WORDS:
        return None
    counts = Counter(code for word in words for code in _CODES.get(word, ()))
    spoken = counts.pop(own, 0)
    best, most = max(counts.items(), key=lambda one: one[1], default=("", 0))
    distinct = sum(best in _CODES.get(word, ()) for word in set(words))
    marked = 0
    if own == "en" and not text.isascii():
        lacking = {token.lower() for token in unknown()}
        marked = sum(
            word not in _CODES and not word.isascii() and word in lacking for word in words
        )
    wanted = 1 if unknown_share >= _MANY_UNKNOWN else 2
    if distinct + marked < wanted or most + marked <= spoken:
        return None
    clear = distinct > 1 and sum(count == most for count in counts.values()) == 1
    return best if clear else ""


def language_of(texts: Iterable[str]) -> str | None:
    """The code of the language that most of some texts are in; None where that is not plain."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        words = words_in(text)
        total += len(words)
        found = (_CODES.get(word, ()) for word in words if word not in _SHARED)
        counts.update(codes[0] for codes in found if len(codes) == 1)
    if not counts:
        return None
    (best, most), *others = counts.most_common(2)
    second = others[0][1] if others else 0
    return best if most >= _LEAST_SHARE * total and most > 3 * second else None
