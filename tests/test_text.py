"""Tokenisation: spans, contractions, unicode variants, properties of any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from sentiment.checkpoint import TOKENIZER
from sentiment.classifier import DEFAULT_WEIGHTS
from sentiment.text import UNKNOWN_ID, TextEncoder, new_tokenizer, words

ENCODER = TextEncoder(
    new_tokenizer(["not", "good", "do", "n't", "it", "'s", "can", "...", "--", "film", "."])
)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=60) | st.text(
    alphabet="not'’n`\"“»-–—…. \t\n<br/>:)(D3é\u0301\u200d\ufe0f👍🏽\x00", max_size=60
)
ANY_TEXT |= st.lists(
    st.sampled_from(
        [
            "&#39;",
            "&amp;",
            "&quot;",
            "@bob",
            "http://",
            "www.",
            "soooo",
            "goood",
            "d",
            "#",
            " ",
            "🤷🏽\u200d♀️",
            "🇬🇧",
            "\ue000",
            "\u200b",
            "ooo",
            "aaa",
            ":)))",
            "dont",
            "´",
            "III",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("don't", "do n't"),
        ("I can't", "i ca n't"),
        ("It's Ann's", "it 's ann 's"),
        ("cannot", "can not"),
        ("they'll we've I'd I'm you're", "they 'll we 've i 'd i 'm you 're"),
        ("isn’t it‘s it`s", "is n't it 's it 's"),
        ("dont wasnt cant wont", "do n't was n't ca n't wo n't"),
        ("well-made, really!", "well-made , really !"),
        ("good...bad", "good ... bad"),
        ("good… bad.. worse.....", "good ... bad ... worse ..."),
        ("yes -- no — maybe --- so", "yes -- no -- maybe -- so"),
        ("“great” ``film''", "`` great '' `` film ''"),
        ("`«so»'", "' `` so '' '"),
        (":-) :( ;) <3 :D", ":-) :( ;) <3 :d"),
        ("Great<br /><br>film", "great film"),
        ("café NAÏVE ﬁlm ＦＵＬＬ", "cafe naive film full"),
        ("Mr. Smith of the U.S. paid 1,000.50", "mr. smith of the u.s. paid 1,000.50"),
        ("the U.S… etc… Dr...", "the u . s ... etc ... dr ..."),
        ("No. Never.", "no . never ."),
        ("film.The end", "film . the end"),
        ("rock 'n' roll in the '70s", "rock 'n' roll in the '70s"),
        ("O'Neill's 2-D and/or", "o'neill 's 2-d and/or"),
        ("so\u00adft ze\u200bro\u200d \u2066a\u2069", "soft zero a"),
        ("isn´t it\u02bcs it＇s Im youre thats", "is n't it 's it 's i 'm you 're that 's"),
        ("It&#39;s &quot;x&quot; AT&amp;T &amp;lt;3 a&nbsp;b", 'it \'s " x " at & t <3 a b'),
        ("sooooo goooood, COOOOLLLL", "so good , cool"),
        ("reeeallllly looooove yesss nooo aww tooo", "really love yes no aww too"),
        ("Henry VIII, Part III, www, hmmmm, 1000", "henry viii , part iii , www , hmm , 1000"),
        ("#Great day, not C# or #1", "great day , not c # or # 1"),
        ("@Bob_x thanks @a, mail a@b.com", "@user thanks @user , mail a @ b . com"),
        ("see HTTPS://t.co/Ab?x=1). www.a.com/x!", "see http ) . http !"),
        ("👍🏽👍 🤷🏽\u200d♀️ ❤️\u200d🔥 ☺️ 🇬🇧🇫🇷 1️⃣", "👍 👍 🤷 ❤ ☺ 🇬🇧 🇫🇷 1"),
        (":)))) :'( :-)) (: ^_^ </3 (see it): x", ":) :'( :-) (: ^_^ </3 ( see it ) : x"),
    ],
)
def test_splits_as_the_treebank_does(text: str, wanted: str) -> None:
    assert words(text) == wanted.split(" ")


def test_spans_keep_the_persons_own_words() -> None:
    text = "It’s  NOT\n“Good”… isn't 👍🏽"
    tokens = ENCODER.encode(text).tokens
    assert [token.text for token in tokens] == [
        *("It", "’s", "NOT", "“", "Good", "”", "…", "is", "n't", "👍🏽")
    ]
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_spans_hold_all_that_was_rewritten() -> None:
    text = (
        "@bob_x: sooooo GOOOOD&#39;s AT&amp;T https://t.co/ab, #great 👍🏽 cafe\u0301 🤷🏽\u200d♀️"
    )
    assert [token.text for token in ENCODER.encode(text).tokens] == [
        *("@bob_x", ":", "sooooo", "GOOOOD", "&#39;s", "AT", "&amp;", "T", "https://t.co/ab"),
        *(",", "great", "👍🏽", "cafe\u0301", "🤷🏽\u200d♀️"),
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The film was GOOOOOOD!", "The film was good!"),
        ("I don&#39;t like it &amp; you", "I don't like it & you"),
        ("I don\u00b4t, won\u02bct, can\u2019t", "I don't, won't, can't"),
        ("b\u200bad\ufeff fi\u200dlm", "bad film"),
        ("#terrible #film", "terrible film"),
        ("\ue000 bad", "□ bad"),
    ],
)
def test_reads_as_the_plain_form(text: str, plain: str) -> None:
    assert words(text) == words(plain)


def test_unknown_words_are_marked() -> None:
    tokens = ENCODER.encode("not xylophagous").tokens
    assert [token.known for token in tokens] == [True, False]
    assert ENCODER.encode("zzz").ids == (UNKNOWN_ID,)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\x00", "<br />", "\u200b", "\ufe0f"])
def test_text_without_a_word_has_no_token(text: str) -> None:
    assert ENCODER.encode(text).ids == ()


@given(ANY_TEXT)
@settings(max_examples=300, deadline=None)
def test_spans_are_ordered_disjoint_and_inside(text: str) -> None:
    encoding = ENCODER.encode(text)
    end = 0
    for token in encoding.tokens:
        assert end <= token.start < token.end <= len(text)
        assert token.text == text[token.start : token.end]
        end = token.end
    assert len(encoding.ids) == len(encoding.tokens)
    assert [i != UNKNOWN_ID for i in encoding.ids] == [t.known for t in encoding.tokens]


@given(st.lists(ANY_TEXT, max_size=5))
@settings(max_examples=100, deadline=None)
def test_same_ids_alone_and_in_a_batch(texts: list[str]) -> None:
    alone = [ENCODER.encode(text) for text in texts]
    assert ENCODER.encode_batch(texts) == alone
    assert ENCODER.ids_batch(texts) == [list(encoding.ids) for encoding in alone]


ODD_WORDS = [
    "mr.",
    "(St.",
    "U.S.",
    "\u200b",
    "<br",
    "/>",
    ">",
    "\u3000>",
    "<BR />",
    "\t",
    "www.",
    ".",
]
ODD_WORDS += [
    "n't",
    "dont",
    "good",
    "zzz",
    "&",
    "amp;",
    "@bob",
    ":",
    ")",
    "...",
    "e\u0301",
    "x" * 40,
]


@given(st.lists(st.lists(st.sampled_from(ODD_WORDS) | ANY_TEXT, max_size=6).map(" ".join)))
@settings(max_examples=200, deadline=None)
def test_words_tokenised_once_give_the_ids_of_whole_texts(texts: list[str]) -> None:
    words_known = TextEncoder(new_tokenizer(["mr.", "mr", ".", "st", "good", "br", "<", ">", "/"]))
    for _ in range(2):  # the second time from memory
        got = words_known.ids_batch(texts)
        assert got == [list(words_known.encode(text).ids) for text in texts]


def test_the_embedded_weights_tokenise_each_word_once() -> None:
    encoder = TextEncoder.from_file(DEFAULT_WEIGHTS / TOKENIZER)
    assert encoder._words is not None
    texts = ["A good, good film by Mr. Zzyzx <br /> of the U.S. Mr."] * 2
    assert encoder.ids_batch(texts) == [list(encoder.encode(text).ids) for text in texts]


@given(ANY_TEXT)
@settings(max_examples=100, deadline=None)
def test_case_never_matters(text: str) -> None:
    ascii_text = text.encode("ascii", "ignore").decode()
    assert words(ascii_text.upper()) == words(ascii_text.lower())


def test_file_round_trip(tmp_path: Path) -> None:
    ENCODER.save(tmp_path / "tokenizer.json")
    again = TextEncoder.from_file(tmp_path / "tokenizer.json")
    text = "It isn't “good”… :-)"
    assert again.encode(text) == ENCODER.encode(text)
    assert again.vocabulary_size == ENCODER.vocabulary_size


def test_damaged_tokenizer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match="not a tokenizer file"):
        TextEncoder.from_file(path)


def test_a_text_must_be_a_string() -> None:
    with pytest.raises(TypeError, match="must be a str, got int"):
        ENCODER.encode(3)  # type: ignore[arg-type]


def test_a_hundred_thousand_characters() -> None:
    assert len(ENCODER.encode("not good " * 11_112).ids) == 22_224
    assert len(ENCODER.encode("x" * 100_000).ids) == 1


def test_tokenizer_files_keep_their_own_normaliser(tmp_path: Path) -> None:
    """A checkpoint of an earlier day reads text as it did when it was trained."""
    old = new_tokenizer(["#", "good", "sooo"])
    old.normalizer = normalizers.Lowercase()
    TextEncoder(old).save(tmp_path / "tokenizer.json")
    again = TextEncoder.from_file(tmp_path / "tokenizer.json")
    assert [token.known for token in again.encode("#GOOD sooo soo").tokens] == [
        *(True, True, True, False)
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("मुझे यह फिल्म पसंद", ["मुझे", "यह", "फिल्म", "पसंद"]),
        ("ภาพยนตร์เรื่องนี้ ดีมาก", ["ภาพยนตร์เรื่องนี้".replace("ำ", "ํา"), "ดีมาก"]),
        ("がっかり だ", ["か\u3099っかり", "た\u3099"]),
        ("Café naïve RẤT Ž", ["cafe", "naive", "rat", "z"]),
    ],
)
def test_vowel_signs_stay_and_latin_accents_go(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted
    tokens = TextEncoder(new_tokenizer(wanted)).encode(text).tokens
    assert [token.known for token in tokens] == [True] * len(wanted)
    assert [token.text for token in tokens] == text.split()
