"""Edits: grammatical ones by example, lawful ones for any text, and alignment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.negation import (
    KINDS,
    NEGATING,
    align,
    apply,
    edits,
    minimal_pairs,
    sentences,
    without_negators,
)
from sentiment.text import TextEncoder, new_tokenizer
from sentiment.values import Edit, Token

WORDS = """
A a an the I it film plot is isn't can't won't cannot not never no Very very good GREAT awful loved
likes hate masterpiece badly without nothing , . ! but don't 's “bad” 🙂 it's
"""
PIECES = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)


def of_kind(text: str, kind: str) -> list[str]:
    return [edit.text for edit in edits(text) if edit.kind == kind]


def words(text: str) -> tuple[Token, ...]:
    return TextEncoder(new_tokenizer(())).encode(text).tokens


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("insert negation", "good", ["not good"]),
        ("insert negation", "Very good!", ["Not very good!"]),
        ("insert negation", "This is a good film.", ["This is not a good film."]),
        ("insert negation", "A good film.", ["Not a good film."]),
        ("insert negation", "I loved it", ["I did not love it"]),
        ("insert negation", "The film succeeds", ["The film does not succeed"]),
        ("insert negation", "It's great", ["It's not great"]),
        ("insert negation", "You should see it", ["You should not see it"]),
        ("insert negation", "It has failed to move", ["It has not failed to move"]),
        ("insert negation", "The hotel's rooms are dark.", ["The hotel's rooms are not dark."]),
        ("insert negation", "That's what is dark.", []),
        ("insert negation", "The hotel's stiffness is unlikely to help.", []),
        ("antonym", "Wishing the old king a wonderful birthday", []),
        ("insert negation", "It is not good", []),
        ("insert negation", "Is it good", []),
        ("insert negation", "The film's good side", []),
        ("insert negation", "I have a plan", []),
        ("insert negation", "a chair", []),
        ("remove negation", "not good", ["good"]),
        ("remove negation", "Never boring", ["Boring"]),
        ("remove negation", "It isn't clever", ["It is clever"]),
        ("remove negation", "It can't fail", ["It can fail"]),
        ("remove negation", "It WON'T do", ["It WILL do"]),
        ("remove negation", "It cannot fail", ["It can fail"]),
        ("remove negation", "It isn’t clever", ["It is clever"]),
        ("remove negation", "a mess without charm", ["a mess with charm"]),
        ("remove negation", "There is no plot.", ["There is some plot."]),
        ("remove negation", "No, it is good", []),
        ("remove negation", "not only good", []),
        ("antonym", "a good film", ["a bad film"]),
        ("antonym", "An awful film", ["An excellent film"]),
        ("antonym", "a great film", ["a terrible film"]),
        ("antonym", "AN AWFUL FILM", ["AN EXCELLENT FILM"]),
        ("antonym", "I hated it", ["I loved it"]),
        ("delete", "not good", []),
        ("delete", "Very good.", ["Good."]),
        ("delete", "an awful film", ["a film"]),
        ("delete", "The film is awful.", []),
        ("delete", "a really ugly end", ["an ugly end"]),
        ("intensify", "a good film", ["a very good film"]),
        ("intensify", "Good film", ["Very good film"]),
        ("intensify", "an awful film", ["a truly awful film"]),
        ("intensify", "very good", []),
        ("intensify", "not good", []),
        ("diminish", "a good film", ["a fairly good film"]),
        ("diminish", "an ugly film", ["a slightly ugly film"]),
        ("diminish", "A really ugly film", ["A slightly ugly film"]),
        ("diminish", "an awful film", []),
        ("diminish", "the better film", []),
    ],
)
def test_by_example(kind: str, text: str, expected: list[str]) -> None:
    assert of_kind(text, kind) == expected


def test_neutral_words_fit_their_place() -> None:
    assert "an ordinary film" in of_kind("a good film", "neutral")
    assert "A typical film" in of_kind("An awful film", "neutral")
    assert "He knows it" in of_kind("He loves it", "neutral")
    assert of_kind("A masterpiece.", "neutral") == []


@pytest.mark.parametrize(
    "text",
    [
        "It is not good at all.",
        "It isn't any good.",
        "I haven't seen it yet.",
        "He doesn't like it much.",
        "I don't like it either.",
        "It is not just good.",
        "not so much funny as sad",
        "It is not a little creepy.",
        "not only good",
        "It is not all bad.",
        "if nothing else, it is funny",
        "nothing but good",
        "It is no longer good.",
        "Isn't it good?",
        "neither good nor bad",
        "not exactly clever",
    ],
)
def test_a_negator_that_the_sentence_needs_stays(text: str) -> None:
    assert of_kind(text, "remove negation") == []
    assert of_kind(text, "delete") == []


@pytest.mark.parametrize(
    "text",
    [
        "It is a little good.",
        "It is so good.",
        "It is too good to be true.",
        "I loved it too.",
        "Is the film good?",
        "What is so good about it?",
        "The story is never good and not bad.",
        "It is like a good film.",
        "The cast is phenomenal, especially the women.",
        "The whole is hypnotic, and he fosters moments of intimacy.",
        "It's hard to imagine acting that could be any flatter.",
        "It was a dark and stormy night.",
        "He is way overrated.",
        "I wouldnt mind a good film.",
        "The talk is very unnecessary.",
        "The weather is beautiful. Even the birds sing.",
    ],
)
def test_no_negator_where_it_would_be_odd(text: str) -> None:
    assert of_kind(text, "insert negation") == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Her tongue is razor sharp.", "sharp"),
        ("He is moving to Rome.", "moving"),
        ("They were touching the wall.", "touching"),
        ("I am tired of it.", "tired"),
        ("It fails to move.", "fails"),
        ("Good morning to you.", "good"),
        ("We need fresh air.", "fresh"),
        ("She bought a smart phone.", "smart"),
        ("It looks like a film.", "like"),
        ("My best friend came.", "best"),
    ],
)
def test_another_sense_has_no_opposite(text: str, word: str) -> None:
    place = text.lower().index(word)
    changed = [edit for edit in edits(text) if edit.kind not in NEGATING[:2]]
    assert [edit for edit in changed if edit.start <= place < edit.end] == []


def test_what_follows_a_word_holds_its_edits() -> None:
    assert of_kind("a delightful comedy with plenty of bite", "antonym") == []
    assert of_kind("A depressing movie of many missed opportunities.", "antonym") == []
    assert of_kind("a delightful comedy", "antonym") != []
    assert of_kind("A pleasant and engaging enough sit.", "intensify") == []
    assert of_kind("We're good here.", "intensify") == []
    assert of_kind("It was more of a dumb idea.", "intensify") == []
    assert of_kind("WE ARE WINNING THIS GAME", "insert negation") == [
        "WE ARE NOT WINNING THIS GAME"
    ]
    assert of_kind("A thriller resolutely without chills.", "remove negation") == []


def test_antonyms_go_both_ways_for_the_commonest_words() -> None:
    for one, other in (("good", "bad"), ("loved", "hated"), ("masterpiece", "disaster")):
        assert of_kind(one, "antonym") == [other]
        assert of_kind(other, "antonym") == [one]


@given(st.one_of(PIECES, st.text(max_size=40)))
def test_every_edit_is_what_it_says(text: str) -> None:
    found = edits(text)
    for edit in found:
        assert edit.kind in KINDS
        assert edit.text == text[: edit.start] + edit.replacement + text[edit.end :] != text
        assert 0 <= edit.start <= edit.end <= len(text)
        assert edit.token < len(words(text))
        assert edit.reason
        assert apply(text, [edit]) == edit.text
    assert len(set(found)) == len(found)
    assert [edit for edit in found if edit.kind in NEGATING] == list(minimal_pairs(text))


@given(PIECES, st.data())
def test_two_edits_at_once_are_both_there_or_refused(text: str, data: st.DataObject) -> None:
    found = edits(text)
    if not found:
        return
    one, other = (data.draw(st.sampled_from(found)) for _ in range(2))
    both = apply(text, [one, other])
    assert both == apply(text, [other, one])
    if both is None:
        assert max(one.start, other.start) <= max(min(one.end, other.end), 0) or one == other
    else:
        first, second = sorted((one, other), key=lambda edit: edit.start)
        middle = text[first.end : second.start]
        assert both == (
            text[: first.start]
            + first.replacement
            + middle
            + second.replacement
            + text[second.end :]
        )


def test_edits_that_touch_are_refused() -> None:
    text = "not good"
    delete_both = [
        Edit("delete", "good", 0, 0, 4, "", "r"),
        Edit("delete", "not", 1, 3, 8, "", "r"),
    ]
    assert apply(text, delete_both) is None
    insert_both = [
        Edit("intensify", "not very good", 1, 4, 4, "very ", "r"),
        Edit("diminish", "not slightly good", 1, 4, 4, "slightly ", "r"),
    ]
    assert apply(text, insert_both) is None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("good", "not good", [(None, 0, "inserted"), (0, 1, "same")]),
        ("not good", "Good", [(0, None, "removed"), (1, 0, "same")]),
        ("a good film", "a bad film", [(0, 0, "same"), (1, 1, "changed"), (2, 2, "same")]),
        ("", "a", [(None, 0, "inserted")]),
        ("fine", "not at all", [(0, 0, "changed"), (None, 1, "inserted"), (None, 2, "inserted")]),
        ("", "", []),
    ],
)
def test_alignment_by_example(
    first: str, second: str, expected: list[tuple[int | None, int | None, str]]
) -> None:
    rows = align(words(first), words(second))
    assert [(row.first, row.second, row.kind) for row in rows] == expected


@given(PIECES, PIECES)
def test_alignment_keeps_every_token_in_order(first: str, second: str) -> None:
    one, other = words(first), words(second)
    rows = align(one, other)
    assert [row.first for row in rows if row.first is not None] == list(range(len(one)))
    assert [row.second for row in rows if row.second is not None] == list(range(len(other)))
    for row in rows:
        if row.kind == "same":
            assert row.first is not None
            assert row.second is not None
            assert one[row.first].text.lower() == other[row.second].text.lower()
        assert (row.kind == "removed") == (row.second is None)
        assert (row.kind == "inserted") == (row.first is None)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("It's a film like this.", "dislike"),
        ("It feels like a dream.", "watch"),
        ("It is fun as well.", "badly"),
        ("It is no longer funny.", "some longer"),
        ("Do you like it?", "do not like"),
        ("It is by far the best film.", "the ordinary"),
        ("It was a lot of fun.", "dreary"),
        ("It is not that good.", "very good"),
    ],
)
def test_a_word_in_another_sense_is_left_alone(text: str, never: str) -> None:
    assert not [edit.text for edit in edits(text) if never in edit.text]


def test_a_verb_is_still_one() -> None:
    assert "The critics dislike it." in [e.text for e in edits("The critics like it.")]
    assert "I do not like it." in [e.text for e in edits("I like it.")]


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("A bad thing of a story .", "thing of a thing"),
        ("A treat of the title.", "day of the title"),
        ("His affection for the original .", "the fairly original"),
        ("A thoroughly enjoyable comedy.", "thoroughly very"),
        ("It is derivative , overlong -- yet surprisingly entertaining .", "is not derivative"),
        ("The elbows stick out where the knees should be .", "should not"),
        ("He has bitten off more than he could chew.", "could not"),
        ("None of the cast are given air.", "are not"),
        ("Few will argue that it is long.", "will not"),
        ("All of them are good.", "are not good"),
        ("The last thing I want is rain.", "is not"),
        ("It was many of the students' choice.", "was not many"),
        ("The uncommitted need n't waste their time.", "need waste"),
        ("The niche he has carved is a small one.", "has not carved"),
        ("Even if you have never heard of him, stay.", "you have heard"),
        ("It's not til September.", "it's til"),
        ("You never know.", "You know."),
        ("I don't know if it is open.", "I do know if"),
        ("They are not funny performers.", "not unfunny"),
        ("Average, I'm afraid.", "not afraid"),
        ("Loud , silly , stupid and pointless .", "smart"),
        ("What good is it?", "What bad"),
        ("Too many jokes to keep it interesting .", "boring"),
        ("You watch it like a film.", "dislike"),
        ("They know nothing, just like Schultz.", "dislike"),
        ("It's nothing on you.", "something on"),
        ("It contains no wit, only gags.", "some wit"),
        ("The answer is clear : not enough .", "is not clear"),
        ("This is n't a movie ; it 's a symptom .", "'s not a symptom"),
        ("I'd like a cup of tea.", "dislike"),
        ("Have a great day!", "typical day"),
        ("May you have a happy birthday.", "sad"),
        ("By no means perfect.", "some means"),
        ("A crowd of barely clad bodies.", "of clad"),
        ("A film that may or may not work.", "may or may work"),
        ("The music was never heard.", "was unheard"),
        ("In a good way.", "in a way"),
        ("It starts on a good note.", "on a note"),
        ("It either works or it will fail.", "will not"),
        ("Both films are long.", "are not"),
        ("I'm kind of late, and it is kind of odd.", "not kind of"),
        ("There is no lift.", "some lift"),
        ("Let's go, it could be better.", "could not be"),
        ("It could not be better.", "could be better"),
        ("We enjoyed the walk.", "saw the walk"),
        ("Never a dull moment.", "exciting moment"),
        ("A great deal of noise.", "terrible deal"),
        ("The Good Girl is long.", "Bad Girl"),
        ("It is as good as it gets.", "as bad as"),
        ("Not so much a film as a poem.", "so much"),
        ("She is too mad to be interesting.", "fairly interesting"),
        ("One of the great crimes.", "normal crimes"),
        ("The guide was funny and patient.", "average and"),
        ("A fun -- but bad -- movie.", "dreary"),
        ("A bad film that happened to good people.", "good film"),
        ("Don't miss it.", "Miss it"),
        ("He has n't an original bone.", "derivative bone"),
    ],
)
def test_what_reading_edits_by_the_hundred_found(text: str, never: str) -> None:
    found = [edit.text for edit in edits(text)]
    assert not [edited for edited in found if never.lower() in edited.lower() and edited != text]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("remove negation", "Don't buy it.", "Buy it."),
        ("remove negation", "Never order fish.", "Order fish."),
        ("remove negation", "There were no problems.", "There were some problems."),
        ("insert negation", "You can feel it.", "You cannot feel it."),
        ("insert negation", "The heating works well.", "The heating does not work well."),
        ("antonym", "It was the best trip.", "It was the worst trip."),
        ("antonym", "She is an honest person.", "She is a dishonest person."),
        ("neutral", "It was an honest answer.", "It was a typical answer."),
    ],
)
def test_what_stays_offered(kind: str, text: str, expected: str) -> None:
    assert expected in of_kind(text, kind)


TURNING = (*NEGATING, "neutral")


def turned(text: str) -> list[str]:
    return [edit.text for edit in edits(text) if edit.kind in TURNING]


@pytest.mark.parametrize(
    "text",
    [
        "It 's a bad film because there 's no plot .",
        "The results , if not memorable , are at least interesting .",
        "These guys seem great but they 're not funny .",
        "The film holds promise , but its delivery is a mess .",
        "While the cast is good , the story is hard to love .",
        "An impossible task but they are true to it .",
        "De La Soul were disappointing. Lazy performance.",
        "Wonderful book, I recommend it.",
        "Thank you! Your wife is kind.",
        "@united your site is slow",
        "I love this show! Thanks for sharing.",
        "They can and will turn on a dime .",
        "This is good for the kitchen and has a bright screen",
        "Stay there it’s been good luck",
        "The bottom line is the piece works brilliantly .",
        "the crime they have committed together",
        "Sorry not my fault.",
        "The bed is comfy and I want it to stay that way",
        "And we do n't avert our eyes for a moment .",
        "Shh don't spoil it for us",
        "Never thought I'd see the day!",
        "I can't believe he has to play",
        "Don't forget the bread.",
        "That's cute love it!",
        "It is a likable story , told with competence .",
        "The slapstick is labored , and the bigger setpieces flat .",
        "Four men are arrested over the attack, police say.",
        "Don't be getting notions",
        "It is loud. Never order fish.",
        "The case is great and works fine with the phone.",
        "I have never seen a good match in forever.",
        "The movie is without intent .",
        "This was wild, laughed the entire post",
    ],
)
def test_no_turn_of_a_sentence_that_hangs_on_another(text: str) -> None:
    assert turned(text) == []


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("He set it up for the love of a good woman .", "bad woman"),
        ("It gives the genre a bad name .", "very bad"),
        ("Have a great one!", "truly"),
        ("Nah, I'm good.", "very"),
        ("Such a beautiful shot.", "very"),
        ("Beautiful day in Rome!", "fairly"),
        ("He gave a banal , virulently unpleasant talk .", "pleasant talk"),
        ("The movie is virtually unwatchable .", "virtually watchable"),
        ("Truly honest emotions .", "dishonest"),
        ("It has some strong supporting players .", "weak"),
        ("It starts at an interesting topic .", "at a topic"),
        ("That's quite an impressive list!", "quite a very"),
        ("He was their useful idiot.", "very useful"),
        ("God is good. Amen.", "fairly"),
        ("Props to the guy for being honest", "dishonest"),
        ("That's dope nice job", "not dope"),
        ("It failed to present the material in an interesting way.", "very interesting"),
        ("They are soon off to the coast.", "not soon"),
        ("Best of all is the lamp, very helpful.", ", helpful"),
        ("I'm good. Stay warm.", "very good"),
        ("Cats can be pretty cute", "cannot be pretty"),
        ("This should be interesting.", "should not"),
        ("I should be back tomorrow", "should not"),
        ("This is kinda cute", "not kinda"),
        (
            "I liked the book. The mix of tales and maps and notes was long, and I read on.",
            "not like",
        ),
    ],
)
def test_no_word_in_a_place_that_asks_for_another(text: str, never: str) -> None:
    assert not [edit.text for edit in edits(text) if never in edit.text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It 's a wonderful , sobering drama .", "It 's not a wonderful , sobering drama ."),
        ("The staff was friendly. We had soup.", "The staff was not friendly. We had soup."),
        ("We loved the food. It was late.", "We hated the food. It was late."),
        ("Overall, the film is good.", "Overall, the film is bad."),
        ("One of the best films of the year .", "One of the worst films of the year ."),
        ("I think the lamp is ugly.", "I think the lamp is beautiful."),
        ("Uber is fun and cheap.", "Uber is not fun and cheap."),
    ],
)
def test_a_plain_sentence_is_turned(text: str, expected: str) -> None:
    assert expected in turned(text)


def test_a_negator_goes_from_any_sentence_to_be_compared_with_it() -> None:
    text = "We came late. It was not clean."
    assert [edit.text for edit in without_negators(text)] == [text.replace("not ", "")]
    assert not of_kind(text, "remove negation")


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("The start is great, but the film is not good.", "the film is good."),
        ("It was fun but isn't good.", "but is good."),
        ("I thought it would be good, but it was not.", "but it was."),
    ],
)
def test_a_negator_behind_but_goes_too(text: str, without: str) -> None:
    assert any(edit.text.endswith(without) for edit in without_negators(text))


def test_sentences_are_numbered() -> None:
    assert sentences("Good. It's\nbad ! fine") == (0, 0, 1, 1, 2, 2, 3)
