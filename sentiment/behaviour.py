"""A fixed behavioural suite: does the classifier understand negation, contrast and neutrality?

Tests of minimal functionality and of invariance in the manner of CheckList (Ribeiro et al. 2020,
arXiv:2005.04118), from sentence frames of our own that training never saw: train/recipe holds other
frames, and a test compares the two. A reading has three values: negative below 1/3,
positive above 2/3, neutral between (``NEUTRAL_ZONE``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from typing import Protocol

from sentiment.errors import SentimentError
from sentiment.values import NEUTRAL_ZONE, Prediction

EXPECTATIONS = ("negative", "positive", "not negative", "neutral", "same reading")


class Predictor(Protocol):
    """What the suite needs of a classifier."""

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]: ...


@dataclass(frozen=True, slots=True)
class Case:
    """A text with what must hold of it.

    "negative" and "positive" are sides of 1/2, "not negative" is 1/3 or more, "neutral" lies in
    [1/3, 2/3]; "same reading" compares with the three-way reading of ``reference``.
    """

    text: str
    expectation: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """A named group of cases that test one thing."""

    name: str
    description: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that did not hold, with the probability of "positive" that was read."""

    text: str
    expectation: str
    probability: float


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """How many of a capability's cases held; ``low`` and ``high`` bound the rate at 95 %."""

    name: str
    description: str
    n: int
    passed: int
    low: float
    high: float
    failures: tuple[Failure, ...]

    @property
    def pass_rate(self) -> float:
        """Share of cases that held."""
        return self.passed / self.n


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Every capability's result, in the suite's order."""

    results: tuple[CapabilityResult, ...]

    @property
    def n(self) -> int:
        """Number of cases."""
        return sum(result.n for result in self.results)

    @property
    def pass_rate(self) -> float:
        """Share of all cases that held."""
        return sum(result.passed for result in self.results) / self.n

    def to_dict(self) -> dict[str, object]:
        """Plain JSON values."""
        rows = [{**asdict(result), "pass_rate": result.pass_rate} for result in self.results]
        return {"n": self.n, "pass_rate": self.pass_rate, "capabilities": rows}


def reading(probability: float) -> str:
    """The three-way reading of a probability of "positive"."""
    low, high = NEUTRAL_ZONE
    return "negative" if probability < low else "positive" if probability > high else "neutral"


def holds(case: Case, probability: float, reference: float | None = None) -> bool:
    """Whether a probability meets the case. Raises ValueError for an unknown expectation."""
    low, high = NEUTRAL_ZONE
    match case.expectation:
        case "negative":
            return probability < 0.5
        case "positive":
            return probability > 0.5
        case "not negative":
            return probability >= low
        case "neutral":
            return low <= probability <= high
        case "same reading" if reference is not None:
            return reading(probability) == reading(reference)
    raise ValueError(
        f"expectation must be one of {', '.join(EXPECTATIONS)} "
        f"(the last with a reference), got {case.expectation!r}"
    )


def run_suite(
    classifier: Predictor, capabilities: Sequence[Capability] | None = None
) -> SuiteResult:
    """Run the suite, or the given capabilities.

    Raises SentimentError for a classifier with other than two labels, which has no probability of
    "positive".
    """
    chosen = suite() if capabilities is None else tuple(capabilities)
    texts = list(
        dict.fromkeys(
            text
            for capability in chosen
            for case in capability.cases
            for text in (case.text, case.reference)
            if text is not None
        )
    )
    read: dict[str, float] = {}
    for text, prediction in zip(texts, classifier.predict_batch(texts), strict=True):
        if prediction.probability is None:
            raise SentimentError(f"the suite needs two labels, got {', '.join(prediction.labels)}")
        read[text] = prediction.probability
    return SuiteResult(tuple(_result(capability, read) for capability in chosen))


def _result(capability: Capability, read: dict[str, float]) -> CapabilityResult:
    failures = tuple(
        Failure(case.text, case.expectation, read[case.text])
        for case in capability.cases
        if not holds(case, read[case.text], read.get(case.reference or ""))
    )
    n = len(capability.cases)
    low, high = wilson_interval(n - len(failures), n)
    return CapabilityResult(
        capability.name, capability.description, n, n - len(failures), low, high, failures
    )


def wilson_interval(successes: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a share. Wilson 1927."""
    if not count:
        return 0.0, 1.0
    share = successes / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return (0.0 if successes == 0 else low), (1.0 if successes == count else high)


def _with_article(text: str) -> str:
    """ "an" for "a" before a vowel."""
    return re.sub(r"\b([Aa]) (?=[aeiouAEIOU])", r"\1n ", text)


def _fill(frames: str, expectation: str, **fillers: str) -> tuple[Case, ...]:
    """Each line of ``frames`` with each combination of comma-separated fillers, in order."""
    cases: dict[str, Case] = {}
    for line in frames.strip().splitlines():
        frame = line.strip()
        slots = [name for name in fillers if "{" + name + "}" in frame]
        choices = [[part.strip() for part in fillers[name].split(",")] for name in slots]
        for words in product(*choices):
            text = _with_article(frame.format(**dict(zip(slots, words, strict=True))))
            cases.setdefault(text, Case(text, expectation))
    return tuple(cases.values())


_GOOD = "good, impressive, enjoyable, great, pleasant, excellent, nice, wonderful"
_BAD = "bad, awful, disappointing, dreadful, annoying, terrible, mediocre, unpleasant"

_SIMPLE = """
    Her newest record isn't what I'd call {a}.
    You could hardly describe their lasagna as {a}.
    These headphones aren't {a}, I must say.
    His cooking was never {a}.
    Neither my son nor his friends found that tutor {a}.
    We were not served {a} food on that cruise.
    Nobody at our table considered it a {a} evening.
"""
_FAR = """
    I cannot, after four seasons and a Christmas special, tell you that this is a {a} show.
    It would not be right, in light of how long we queued for the ride, to call it {a}.
    I do not believe for one second that anyone who pays for this hotel gets a {a} night.
    Don't tell me that what they put on my plate yesterday evening was {a}.
    There isn't one person among all the relatives I took along who found the musical {a}.
    At no stage of our long journey through the mountains did I find the driver {a}.
    Nor was the lecture that we all had to attend on Tuesday {a}.
    I refuse to say, even with the discount they gave us afterwards, that the stay was {a}.
    No reader that I have spoken with since the book came out says that it is {a}.
"""
_DENIED = """
    My cousin swore that the hotel would be {a}; it wasn't.
    We had all been told how {a} the buffet was going to be. Not so.
"""
_CONTRAST = """
    We had been looking forward to something {a}, and what we were served was {b}.
    From the poster I had imagined a {a} evening. What I sat through was {b}.
    On paper this phone is {a}. In my hands it has been {b}.
    Judging by the reviews it had to be {a}, only it turned out {b}.
    A {a} premise, and such a {b} result.
    For ten minutes I believed this would be {a}. How wrong I was: it is {b}.
"""
_CHANGE = """
    Last year this cafe was {a}, whereas this year it has been {b}.
    Once upon a time their games were {a}; the recent ones are {b}.
    Under the former owner the place was {a}. Since the sale it is just {b}.
    As a child I found these cartoons {a}, yet watching them again I find them {b}.
    Before the last update this app was {a}. It has been {b} ever since.
    The first season was {a} but what they are showing us this autumn is {b}.
"""
_OTHERS = """
    Critics keep calling her {a}. To me she is {b}.
    According to my mother-in-law the soup was {a}, but if you want my own opinion, it was {b}.
    While the rest of the bus raved that the guide was {a}, I must admit he was {b}.
    Let others praise or blame: some say {a}, I say {b}.
    He told everybody that the concert was {a}. I was there, and it was {b}.
"""
_CONCESSION = """
    Granted, the lobby is {a}, but all told this is a {b} hotel.
    Yes, the photography may be {a}; as a whole, however, the picture is {b}.
    The waiters were {a}, I'll give them that. Our meal as such was {b}.
    Notwithstanding a {a} opening, what follows is {b}.
    It is {b}, whatever you may think of its {a} soundtrack.
"""
_QUESTION = """
    You ask whether the sequel is {a}? I would have to say no.
    Would you call that a {a} haircut? Me neither.
    Has the new manager made the shop {a}? Sadly, she hasn't.
    "Was your trip {a}?" "Not in the least."
"""
_LEAVES = """
    I don't remember when I last had such a {a} meal.
    You don't need to be an expert to see that this is {a}.
    There aren't enough words for how {a} this was.
    Never mind the price, this blender is {a}.
    We hadn't been seated for a minute before we saw how {a} the staff were.
    Nobody should be surprised that his latest novel is {a}.
    Without any doubt what we met there was a {a} host.
    Isn't she {a}!
"""
_NEUTRAL_PLAIN = """
    The ferry to the island departs from pier {n}.
    Each box holds {n} pencils.
    Water boils at a lower temperature on a mountain.
    Our office moved to the {n}th floor in spring.
    Most days my uncle drives his {c} van to work.
    She put the {c} folder back on the shelf.
    This cable connects the monitor to the computer.
    They replaced the {c} curtains with blinds.
    The recipe calls for {n} eggs and some flour.
    He was reading a newspaper on the tram.
    The form has to be signed on page {n}.
    Her train was scheduled for half past {n}.
"""
_NEUTRAL_NEGATED = """
    The ferry to the island does not depart from pier {n}.
    Those boxes don't hold {n} pencils.
    Our office hasn't moved to the {n}th floor.
    Most days my uncle does not take his {c} van.
    She did not put the {c} folder back on the shelf.
    This cable doesn't connect the monitor to the computer.
    Nobody has yet replaced those {c} curtains.
    The recipe calls for no eggs.
    He wasn't reading a newspaper on the tram.
    You don't have to sign the form on page {n}.
    Her train wasn't scheduled for half past {n}.
    We have not received the {c} envelope.
"""
_NEUTRAL_WORDS = """
    table, water, Tuesday, seven, walked, because, between, window, paper, street, carried, green,
    according, brother, minutes, kitchen, under, eleven, Norway, bought, sat, looked, tomorrow,
    machine, elbow, listed, doorway, northern, said, read, cotton, the, of, whose, were, airport,
    circle, weekday, computer, envelope, printed, wrote, moved, ten, 1987, people, house, number,
    often, there, above, during, they, with, shelf, bottle, letter, January, sandwich, weekly
"""
_DOUBLE = """
    That show, honestly, wasn't half {b}, you know.
    I can't say I'm un{h} with my new laptop.
    It would be wrong to claim that nobody liked him.
    You won't hear me say the tour was {b}.
    Not once were we {d} during our stay.
    It isn't as though I dislike her voice.
    There was never a {b} minute with that guide.
    Don't think for a moment that we didn't enjoy ourselves.
    Hardly a {b} purchase, this bicycle.
    Nothing about the service could be called {b}.
    Choosing this dentist is a thing I've yet to regret.
    Nor was a single one of us {d} by its finale.
"""

_PROTECTED = {
    "religion": "Christian, Muslim, Jewish, Hindu, Buddhist, Sikh, atheist, Catholic, Mormon",
    "nationality": "Turkish, Mexican, Nigerian, Chinese, German, Iranian, Indian, Polish, Haitian",
    "race": "black, white, Asian, Hispanic, Arab, Latino, Native American, African American",
    "orientation": "gay, lesbian, straight, bisexual, heterosexual, queer, transgender, asexual",
    "gender": "male, female, nonbinary, older, younger",
}
_PROTECTED_FRAMES = """
    Next to the printer sits a {t} secretary.
    We asked the {t} bus driver which stop was ours.
    Two of the candidates for the job are {t}.
    Our landlord, who is {t}, lives upstairs.
    Both surveys were answered by {t} voters from all over the town.
"""


def _opposites(frames: str) -> tuple[Case, ...]:
    """Frames about ``{a}`` that turns into ``{b}``, both ways."""
    good, bad = _GOOD.split(", "), _BAD.split(", ")
    cases = []
    for line in frames.strip().splitlines():
        for number in range(4):
            a, b = good[number * 2], bad[(number * 3 + 1) % 8]
            cases.append(Case(_with_article(line.strip().format(a=a, b=b)), "negative"))
            cases.append(Case(_with_article(line.strip().format(a=b, b=a)), "positive"))
    return tuple(dict.fromkeys(cases))


def _protected() -> tuple[Case, ...]:
    """Each term against the first of its group, in each frame."""
    cases = []
    for line in _PROTECTED_FRAMES.strip().splitlines():
        for group in _PROTECTED.values():
            first, *others = (_with_article(line.strip().format(t=t)) for t in group.split(", "))
            cases += [Case(text, "same reading", first) for text in others]
    return tuple(cases)


@cache
def suite() -> tuple[Capability, ...]:
    """The whole suite, always the same."""
    return (
        Capability(
            "negated praise",
            "A negator beside or near a positive word makes the sentence negative.",
            _fill(_SIMPLE, "negative", a=_GOOD),
        ),
        Capability(
            "negated criticism",
            "A negated negative word is no longer negative.",
            _fill(_SIMPLE, "not negative", a=_BAD),
        ),
        Capability(
            "far negation of praise",
            "The negator stands many words before the praise that it negates.",
            _fill(_FAR, "negative", a=_GOOD),
        ),
        Capability(
            "far negation of criticism",
            "The negator stands many words before the criticism that it negates.",
            _fill(_FAR, "not negative", a=_BAD),
        ),
        Capability(
            "double negation",
            "Two negations, or a negated criticism, leave something that is not negative.",
            _fill(
                _DOUBLE, "not negative", b="bad, boring, dull", h="happy", d="bored, disappointed"
            ),
        ),
        Capability(
            "contrast after an expectation",
            "What was hoped or feared is overruled by what happened.",
            _opposites(_CONTRAST)
            + _fill(_DENIED, "negative", a=_GOOD)
            + _fill(_DENIED, "not negative", a=_BAD),
        ),
        Capability(
            "change over time",
            "The present counts, not the past.",
            _opposites(_CHANGE),
        ),
        Capability(
            "another's opinion",
            "The writer's own opinion counts.",
            _opposites(_OTHERS),
        ),
        Capability(
            "concession",
            "The main clause outweighs what is conceded.",
            _opposites(_CONCESSION),
        ),
        Capability(
            "question and answer",
            'A question answered with "no" is negated.',
            _fill(_QUESTION, "negative", a=_GOOD),
        ),
        Capability(
            "negator that leaves praise",
            "A negator that negates something else leaves the praise as it is.",
            _fill(_LEAVES, "positive", a=_GOOD),
        ),
        Capability(
            "negator that leaves criticism",
            "A negator that negates something else leaves the criticism as it is.",
            _fill(_LEAVES, "negative", a=_BAD),
        ),
        Capability(
            "neutral statement",
            "A plain fact is neither positive nor negative.",
            _fill(_NEUTRAL_PLAIN, "neutral", n="four, six, seven", c="green, small, cotton"),
        ),
        Capability(
            "negated neutral statement",
            "A negated fact is neither positive nor negative.",
            _fill(_NEUTRAL_NEGATED, "neutral", n="four, six, seven", c="green, small, cotton"),
        ),
        Capability(
            "neutral word",
            "A word that says nothing good or bad is neutral.",
            tuple(
                Case(word.strip(), "neutral")
                for word in _NEUTRAL_WORDS.replace("\n", " ").split(",")
                if word.strip()
            ),
        ),
        Capability(
            "protected term",
            "Which group of people a neutral sentence names leaves its reading as it is.",
            _protected(),
        ),
    )


MINIMAL_PAIRS: tuple[tuple[str, str], ...] = (
    ("good", "not good"),
    ("This is a good film.", "This is not a good film."),
    ("I like it.", "I don't like it."),
    ("The food was great.", "The food was not great."),
    ("We enjoyed our stay.", "We did not enjoy our stay."),
    ("A funny comedy.", "Not a funny comedy."),
    ("It is worth the money.", "It is not worth the money."),
    ("The acting is convincing.", "The acting is not convincing."),
    ("I would recommend this hotel.", "I would not recommend this hotel."),
    ("The story makes sense.", "The story makes no sense."),
    ("The staff were friendly.", "The staff were not friendly."),
    ("It works well.", "It does not work well."),
    ("I was impressed.", "I was not impressed."),
    ("The jokes are clever.", "The jokes are never clever."),
    ("She is a great singer.", "She is not a great singer."),
    ("The seats are comfortable.", "The seats are not comfortable."),
    ("I am happy with this phone.", "I am not happy with this phone."),
    ("The ending is satisfying.", "The ending is not satisfying."),
    ("That was fun.", "That was no fun."),
    ("Everyone liked the cake.", "Nobody liked the cake."),
    ("He is a talented director.", "He is not a talented director."),
    ("The plot is interesting.", "The plot is not interesting."),
    ("The soup tastes good.", "The soup does not taste good."),
    ("I want to see it again.", "I don't want to see it again."),
    ("You will love this book.", "You won't love this book."),
    ("The room was clean and nice.", "The room was neither clean nor nice."),
    ("The show has charm.", "The show has no charm."),
    ("This camera is reliable.", "This camera isn't reliable."),
    ("It is a masterpiece.", "It is hardly a masterpiece."),
    ("The service was excellent.", "The service was not excellent."),
    ("These shoes look beautiful.", "These shoes don't look beautiful."),
    ("It was a pleasant flight.", "It was not a pleasant flight."),
    ("The script is original.", "The script isn't original."),
    ("I had a wonderful time.", "I did not have a wonderful time."),
    ("The music is enjoyable.", "The music is not enjoyable."),
    ("She gives a moving performance.", "She doesn't give a moving performance."),
    ("This app is useful.", "This app is not useful."),
    ("It's entertaining.", "It's not entertaining."),
    ("The movie succeeds.", "The movie does not succeed."),
    ("He was polite to us.", "He was not polite to us."),
    ("They did a fine job.", "They did not do a fine job."),
    ("It will make you laugh.", "It will not make you laugh."),
    ("An exciting game.", "Not an exciting game."),
    ("The characters are likable.", "The characters are not likable."),
    ("I trust this company.", "I do not trust this company."),
    ("The lesson was helpful.", "The lesson wasn't helpful."),
    ("It is a perfect gift.", "It is not a perfect gift."),
    ("The coffee is delicious.", "The coffee is not delicious."),
    ("His speech was inspiring.", "His speech was not inspiring."),
    ("This is an amazing place.", "This is not an amazing place."),
)
"""Fifty sentences of praise, each with its negation."""
