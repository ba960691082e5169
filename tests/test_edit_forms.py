"""Everyday sentences have their edits; traps that reading by the hundred found have none."""

from __future__ import annotations

import pytest

from sentiment.negation import NEGATING, edits

FORMS = """
What a great day! | What a terrible day!
Best pizza in town. | Worst pizza in town.
Worst service ever. | Best service ever.
It's the worst movie I've ever seen. | It's the best movie I've ever seen.
The soup tasted awful. | The soup did not taste awful.
The garden looks wonderful. | The garden does not look wonderful.
I hate waiting. | I love waiting.
I love pizza | I hate pizza
I really enjoyed the walk along the river. | I really hated the walk along the river.
The kids like the pool. | The kids do not like the pool.
The new version is worse than the old one. | The new version is better than the old one.
I am so happy today. | I am so sad today.
The queue was too long. | The queue was not too long.
A waste of time. | Not a waste of time.
A wildly inconsistent film. | Not a wildly inconsistent film.
The tap leaks. | The tap does not leak.
It works perfectly. | It does not work perfectly.
The food was great but the service was slow. | The food was great.
The food was great, but the service was slow. | The service was slow.
I would recommend it to anyone. | I would not recommend it to anyone.
I can recommend this shop. | I cannot recommend this shop.
Nice place! | Unpleasant place!
The bathroom was dirty. | The bathroom was clean.
The sound is poor. | The sound is good.
The tea is delicious. | The tea is disgusting.
REALLY UGLY. | NOT REALLY UGLY.
A GREAT FILM | NOT A GREAT FILM
I HATE IT | I DO NOT HATE IT
"""
TRAPS = """
No worries.
No gracias
It's a bad, bad film and my jokes fall flat.
It can be good and looks at the past.
We're encouraging it and working with them.
It was covered earlier and much better.
Heyyyy cool the band is back tonight.
We are a family of five and stayed in June.
The hero is a bore and his innocence is odd.
The third is the good girl and refuses to sing.
Our room was a nice size and comfortable.
Gone are the manners of old.
Across the street is the park.
Simply doesn't have any depth.
This is adorable I want an update.
They are the dancers I GUARANTEE IT
The bands are sick, good luck out there.
Breakfast was excellent, great variety, good service.
Rooms are spacious especially the bathroom.
It was full of people which was expected.
I would do anything to see the concert.
That's the free market for you!
Our army is second to none.
It could have been better.
That has gotta hurt.
The twilight is sooo bad.
It is darn near unwatchable.
That is beyond disgusting.
The ace is fantastic outside the first act.
It is clean with free parking.
Kids should have a good time.
Don't hold your breath!
Not on your life.
She barely has two lines to rub together.
The staff could not be nicer.
It could not be further from the truth.
This film certainly isn't it!
I never thought that his show was all that great.
Isn't it a relief!
It's not like the policy differs.
Actions do not a hero make.
I would not recommend it to my worst enemy.
The will factor splits the gang.
YOUR FEELINGS CHANGE LIKE THE WEATHER
That looks like total garbage.
The staff is so-so.
A nice piece of work.
It is so sad.
The poor car.
You were past bored.
A great trip was the swim with the seals.
The humour is non-existent.
The genre is DEAD get over it!
One is a singer, one a baker and one a maid.
We can help that happen.
The concierge was helpful with a tip that was delightful.
We never had to lift a finger with our bags.
The beds were very nice extremely soft.
It cannot be that high in demand.
I love you raccoon go team
The car is coming. Wait, what? Look!
It should have been a lot better.
You can do this online quite easily.
We would def go back.
Good food at the hotel some have a star.
"""


@pytest.mark.parametrize("line", FORMS.strip().splitlines())
def test_an_everyday_sentence_has_its_edit(line: str) -> None:
    text, edited = line.split(" | ")
    assert edited in [edit.text for edit in edits(text)]


@pytest.mark.parametrize("text", TRAPS.strip().splitlines())
def test_what_an_edit_would_break_has_none(text: str) -> None:
    assert [edit.text for edit in edits(text) if edit.kind in NEGATING] == []


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("A very nice hotel with beautiful rooms.", "unpleasant"),
        ("Great service with clerks who are kind.", "Terrible"),
        ("I liked the film a lot.", "did not"),
        ("I loved every word.", "did not"),
        ("His eyebrows are too precious", "not too"),
        ("It was better than nothing.", "worse"),
        ("What a day for a good walk!", "bad"),
        ("You're a disgusting piece of filth.", "delicious"),
        ("They had botched it badly!", "beautifully"),
        ("It would make it a bad class.", "a class"),
        ("It was kind of terrific.", "very"),
        ("He is fast closing in on her.", "very"),
        ("You're professional cheaters.", "very"),
        ("She saved the poor girl.", "very"),
        ("The room had a safe.", "very"),
    ],
)
def test_a_form_stays_within_what_it_knows(text: str, never: str) -> None:
    assert not [edit.text for edit in edits(text) if never in edit.text.replace(text, "")]


def test_each_form_reads_on_from_its_capital_and_keeps_its_mark() -> None:
    left = [e for e in edits("The food was great, but the tea was cold!") if e.kind == "delete"]
    assert [e.text for e in left] == ["The tea was cold!", "The food was great!"]
    assert all("left out" in e.reason for e in left)
