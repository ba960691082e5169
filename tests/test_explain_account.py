"""The sentence in words, replayed: every claim of a thousand texts against prefixes read afresh."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from sentiment import negation
from sentiment.classifier import SentimentClassifier
from sentiment.explain.ablation import state_ablation
from sentiment.explain.account import FUNCTION_WORDS, VISIBLE, account, speaks
from sentiment.explain.alone import LONGEST
from sentiment.explain.reading import Reading
from sentiment.negation import CLAUSE_ENDS, NEGATORS
from sentiment.values import Turn
from tests.conftest import tiny_classifier
from tests.explaining import read, scaled

NUMBER = r"(\d\.\d\d)"
READS = "(negative|neutral|positive)"
CLAUSE = re.compile(
    rf"(?:it turned (?P<times>twice|\d+ times); in the end )?"
    rf"(?:“(?P<earlier>.+?)” made it (?P<was>{READS}) \((?P<stood>{NUMBER})\), then )?"
    rf"(?:“(?P<name>.+?)” (?P<verb>turned|made) it (?P<became>{READS})"
    rf"|it slid to (?P<slid>{READS})"
    rf"|it (?P<mark>turned|became) (?P<closed>{READS}) at the mark “(?P<sign>.+?)”)"
    rf", from (?P<before>{NUMBER})(?P<ahead> before any word)? to (?P<after>{NUMBER})"
    rf"(?P<small>, a step too small to name a word for)?"
    rf"(?::? ?(?P<how>the (?:word|phrase) alone reads|side by side these words read)"
    rf" (?P<together>{NUMBER})"
    rf"(?:, “(?P<last>.+?)” alone (?P<alone>{NUMBER}))?"
    rf"|, though “(?P<end>.+?)” alone reads (?P<only>{NUMBER})"
    rf"|, though the word alone reads (?P<against>{NUMBER}): those before turn it)?"
    rf"(?:; most of that step came through the (?P<part>max|mean)-pool)?\.",
    re.IGNORECASE,
)
PIECES = (
    "the film was is not n't never very good bad great awful dull fine plot but it at . , ! xyzzy"
)
SPOKEN = """
the film service printer dinner was is not never no very really good great wonderful bad awful
terrible boring clever slow but and it I we a without all of waste loved hated , . ! funny did
recommend fresh nothing hardly
"""


def band(p: float) -> str:
    return "negative" if p < 1 / 3 else "positive" if p > 2 / 3 else "neutral"


def texts(pieces: Sequence[str], count: int, seed: int) -> list[str]:
    """Random texts of 1 to 12 pieces, clitics joined to the word before."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        text = " ".join(generator.choice(pieces, size=generator.integers(1, 13)))
        made.append(text.replace(" n't", "n't"))
    return made


class Replay:
    """One account beside numbers of its own, from texts read afresh."""

    def __init__(self, classifier: SentimentClassifier, reading: Reading) -> None:
        self.classifier, self.reading = classifier, reading
        self.text, self.tokens = reading.encoding.text, reading.encoding.tokens
        self.words = [token.text.lower().replace("’", "'") for token in self.tokens]
        # By their ids: a text that is cut behind "etc." has another last token.
        prefixes = [reading.encoding.ids[:end] for end in range(1, len(self.tokens) + 1)]
        bias = float(classifier.model.fc.bias.detach()[0])
        logits = [bias, *(row[0] for row in classifier.logits(prefixes))]
        self.odds = [float(1 / (1 + np.exp(-logit))) for logit in logits]
        self.bands = [band(p) for p in self.odds]
        self.steps = [t for t, (a, b) in enumerate(pairwise(self.bands)) if a != b]
        self.turns = [t for t in self.steps if t > 0]
        self.found = account(reading)

    def probabilities(self, some: Sequence[str]) -> list[float]:
        found = [one.probability for one in self.classifier.predict_batch(some)]
        return [p for p in found if p is not None]

    def alone(self, start: int, end: int) -> float:
        text = self.text[self.tokens[start].start : self.tokens[end - 1].end]
        return self.probabilities([text])[0]

    def same(self, said: str, truth: float) -> None:
        assert abs(float(said) - truth) <= 0.00501, (self.text, self.found.sentence, truth)

    def check(self) -> str:
        """Hold every claim to the numbers; gives back the kind of sentence."""
        said, found = self.found.sentence, self.found
        assert list(found.turns) == self.turns
        name = "“(?P<name>.+)”"
        if only := re.fullmatch(rf"{name} alone reads {READS} \({NUMBER}\)\.", said):
            assert len(self.tokens) == 1
            assert (only[1], only[2]) == (self.tokens[0].text, self.bands[1])
            self.same(only[3], self.odds[1])
            return "one word"
        if still := re.fullmatch(
            rf"Nothing turned it: it reads {READS} after every word, between {NUMBER} and "
            rf"{NUMBER}\.",
            said,
        ):
            assert set(self.bands) == {still[1]}
            self.same(still[2], min(self.odds[1:]))
            self.same(still[3], max(self.odds[1:]))
            return "nothing"
        if first := re.fullmatch(
            rf"{name} alone makes it {READS} \({NUMBER}\); nothing after changes that\.", said
        ):
            assert first[1] == self.tokens[0].text
            assert speaks(first[1])
            assert self.bands[0] != first[2]
            assert set(self.bands[1:]) == {first[2]}
            assert abs(self.odds[1] - self.odds[0]) >= VISIBLE
            self.same(first[3], self.odds[1])
            return "first word"
        if len(self.tokens) % 3:  # enough of them, as the test's time allows
            self.inside()
        clause = CLAUSE.fullmatch(said)
        assert clause, said
        assert found.last is not None
        self.clause(clause, found.last)
        return f"{found.last.kind}{' in a pool' if found.last.part else ''}"

    def inside(self) -> None:
        """Hold the sentence on hidden state and cell to the cell's own equations."""
        found, last = state_ablation(self.reading), self.found.last
        if last is None or last.kind in ("small", "close") or last.end == 1:
            assert found is None
            return
        assert found is not None
        assert found.token == last.end - 1
        without = blanked(self.reading, found.token)
        assert abs(without[""] - self.odds[found.token + 1]) < 1e-5
        said = (found.intact, found.hidden, found.cell, found.both)
        assert np.allclose(list(without.values()), said, atol=1e-5), (self.text, without, said)
        kept = {names: band(p) == last.reading for names, p in without.items()}
        word, told = self.tokens[found.token].text, found.sentence
        carrier = re.search(r"the (hidden state|cell) that (?:“.+”|the words before) left", told)
        if kept["hc"]:
            assert f"“{word}” needs no state before it" in told
            self.same(told[-5:-1], without["hc"])
        elif kept["h"] and kept["c"]:
            assert "is enough" in told
        elif not (kept["h"] or kept["c"]):
            assert "it takes both" in told
        else:
            assert carrier is not None
            assert carrier[1] == ("hidden state" if kept["c"] else "cell")
            assert f"meets “{word}” with" in told
            lost, still = ("h", "c") if kept["c"] else ("c", "h")
            self.same(re.findall(NUMBER, told)[-3], without[lost])
            self.same(told[-5:-1], without[still])
        assert told.startswith("Why: ")
        if named := re.search(r"that “(.+)” (?:left|hands)", told):
            assert named[1] == self.tokens[found.token - 1].text
            assert self.words[found.token - 1] in NEGATORS

    def clause(self, said: re.Match[str], turn: Turn) -> None:
        became = (said["became"] or said["slid"] or said["closed"]).lower()
        assert turn.start <= self.steps[-1] < turn.end
        assert self.bands[turn.start] != became
        assert set(self.bands[turn.end :]) == {became}  # it holds
        self.same(said["before"], self.odds[turn.start])
        assert (said["ahead"] is not None) == (turn.start == 0)
        assert said["verb"] in (None, "turned" if turn.start else "made")
        assert said["mark"] in (None, "turned" if turn.start else "became")
        assert said["sign"] in (None, self.tokens[turn.token].text)
        self.same(said["after"], self.odds[turn.end])
        visible = abs(self.odds[turn.end] - self.odds[turn.start]) >= VISIBLE
        assert visible == (said["small"] is None)
        assert (said["closed"] is not None) == (
            said["small"] is None and not speaks(self.words[self.steps[-1]])
        )
        count = len(self.turns)
        times = {None: None, "twice": 2}.get(said["times"]) or int(
            (said["times"] or "0 ")[:-5] or 0
        )
        assert times == (count if count > 2 or (count == 2 and not said["earlier"]) else 0)
        self.earlier(said)
        if said["name"] is None:
            return
        assert all(speaks(word) for word in self.words[turn.start : turn.end])
        if turn.kind == "pair":
            self.pair(said, turn, became)
        else:
            span = self.text[self.tokens[turn.start].start : self.tokens[turn.end - 1].end]
            assert said["name"] == span
            if said["together"] is not None:
                whole = self.alone(turn.start, turn.end)
                self.same(said["together"], whole)
                assert band(whole) == became
        word = self.alone(turn.end - 1, turn.end)
        if said["alone"] is not None:
            assert said["last"] == self.tokens[turn.end - 1].text
            self.same(said["alone"], word)
            assert band(word) != became
        if said["only"] is not None:
            assert (turn.start, turn.end) == (0, len(self.tokens))
            assert said["end"] == self.tokens[turn.end - 1].text
            self.same(said["only"], word)
            assert band(word) != became
        if said["against"] is not None:
            self.same(said["against"], word)
            assert {band(word), became} == {"negative", "positive"}
        if turn.kind == "plain" and self.words[turn.token] in FUNCTION_WORDS:
            assert band(word) == became or not self.explaining(turn.token, became)
        self.part(said["part"], turn)

    def earlier(self, said: re.Match[str]) -> None:
        if said["earlier"] is None:
            return
        turn = self.found.earlier
        assert turn is not None
        assert turn.start <= self.steps[-2] < turn.end
        assert self.bands[turn.start] != said["was"]
        assert self.bands[turn.end] == said["was"]
        self.same(said["stood"], self.odds[turn.end])
        assert abs(self.odds[turn.end] - self.odds[turn.start]) >= VISIBLE
        assert said["earlier"].split(" … ")[-1].split()[-1].endswith(self.tokens[turn.end - 1].text)

    def pair(self, said: re.Match[str], turn: Turn, became: str) -> None:
        negator, word = said["name"].split(" … ")
        assert turn.negator is not None
        place = turn.negator[1] - 1
        assert negation.negates(self.words, place)  # "rarely" too
        assert not CLAUSE_ENDS & set(self.words[place : turn.token])
        assert negator.lower().replace("’", "'").endswith(self.words[place])
        together = self.probabilities([f"{negator} {word}"])[0]
        self.same(said["together"], together)
        assert band(together) == became

    def explaining(self, token: int, became: str) -> list[int]:
        """Starts of phrases that end at a token, read so alone and met another reading."""
        found = []
        for start in range(token - 1, max(-1, token - LONGEST), -1):
            if not speaks(self.words[start]):
                break
            glued = start and self.tokens[start].start == self.tokens[start - 1].end
            visible = abs(self.odds[token + 1] - self.odds[start]) >= VISIBLE
            met = self.bands[start] != became
            if not glued and visible and met and band(self.alone(start, token + 1)) == became:
                found.append(start)
        return found

    def part(self, said: str | None, turn: Turn) -> None:
        model, ids = self.classifier.model, self.reading.encoding.ids
        width = model.recurrence.hidden_size

        def parts(count: int) -> np.ndarray:
            if count == 0:
                return np.zeros(len(model.pooling))
            with torch.no_grad():
                embedded = model.embedding(torch.tensor([ids[:count]]))
                pooled = model.run(embedded, torch.tensor([count])).pooled[0]
            products = (pooled * model.fc.weight[0]).double().view(-1, width)
            return products.sum(dim=1).detach().numpy()

        steps = parts(turn.end) - parts(turn.start)
        shares = dict(zip(model.pooling, steps / steps.sum(), strict=True))
        news = [p for p in ("max", "mean") if "last" in shares and shares.get(p, 0) > 0.5]
        assert news[:1] == ([said] if said else [])


def blanked(reading: Reading, token: int) -> dict[str, float]:
    """The verdict after a token whose step begins without hidden state ("h"), cell ("c"), both."""
    model = reading.model
    weights = [
        [
            getattr(model.recurrence, f"{name}_l{layer}").detach().double()
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        for layer in range(model.recurrence.num_layers)
    ]
    zero = torch.zeros(model.recurrence.hidden_size).double()

    def stepped(x: Tensor, state: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
        after = []
        for (w, r, b, d), (hidden, cell) in zip(weights, state, strict=True):
            i, f, g, o = (w @ x + b + r @ hidden + d).chunk(4)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            x = o.sigmoid() * cell.tanh()
            after.append((x, cell))
        return after

    state, tops = [(zero, zero)] * len(weights), []
    inputs = reading.embedded[0].double()
    for x in inputs[:token]:
        state = stepped(x, state)
        tops.append(state[-1][0])
    found = {}
    for names in ("", "h", "c", "hc"):
        kept = [(h * float("h" not in names), c * float("c" not in names)) for h, c in state]
        all_tops = torch.stack([*tops, stepped(inputs[token], kept)[-1][0]])
        pools = {"last": all_tops[-1], "max": all_tops.max(dim=0).values, "mean": all_tops.mean(0)}
        head = torch.cat([pools[part] for part in model.pooling])
        logit = model.fc.weight[0].detach().double() @ head + model.fc.bias[0].detach()
        found[names] = float(logit.sigmoid())
    return found


def replayed(classifier: SentimentClassifier, some: Sequence[str]) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for text in some:
        kind = Replay(classifier, read(classifier, text)).check()
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def vivid(seed: int, **shape: object) -> SentimentClassifier:
    """A random classifier whose verdicts cross the three readings often."""
    classifier = scaled(tiny_classifier(seed, **shape), 3.0)  # type: ignore[arg-type]
    with torch.no_grad():
        classifier.model.fc.weight.mul_(4.0)
    return classifier


def test_every_claim_on_texts_of_random_models() -> None:
    kinds: dict[str, int] = {}
    for seed in range(10):
        found = replayed(vivid(seed), texts(PIECES.split(), 60, seed))
        kinds = {kind: kinds.get(kind, 0) + found.get(kind, 0) for kind in kinds | found}
    for pooling in (("last",), ("max",), ("mean", "max"), ("last", "mean")):
        replayed(vivid(9, pooling=pooling), texts(PIECES.split(), 50, 9))
    wanted = {"one word", "nothing", "first word", "word", "phrase", "plain", "close", "small"}
    assert wanted <= set(kinds), kinds
    assert any(kind.endswith("in a pool") for kind in kinds), kinds


def test_every_claim_where_no_phrase_is_looked_for(
    shipped: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sentiment.explain.account", "tests.test_explain_account"):
        monkeypatch.setattr(import_module(name), "LONGEST", 1)
    kinds: dict[str, int] = {}
    for seed in (21, 24, 25, 26, 29):
        found = replayed(vivid(seed), texts(PIECES.split(), 60, seed))
        kinds = {kind: kinds.get(kind, 0) + found.get(kind, 0) for kind in kinds | found}
    assert {"pair", "pair in a pool"} & set(kinds), kinds
    monkeypatch.setattr(negation, "NEGATORS", set())
    assert replayed(shipped, ["not good", "It was never clever"]) == {"against": 2}


def test_every_claim_on_texts_of_the_shipped_weights(shipped: SentimentClassifier) -> None:
    kinds = replayed(shipped, texts(SPOKEN.split(), 300, 0))
    assert {"nothing", "first word", "word", "phrase"} <= set(kinds), kinds


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Terrible service.", "“Terrible” alone makes it negative"),
        ("The service was terrible.", "“terrible” turned it negative"),
        ("not good", "“not good” made it negative, from 0.50 before any word"),
        ("not good", "though “good” alone reads 0.9"),
        ("Few of the rooms I saw were clean.", "“Few … clean” turned it negative"),
    ],
)
def test_plain_words(shipped: SentimentClassifier, text: str, claim: str) -> None:
    told = account(read(shipped, text)).sentence
    assert claim in told, told
    assert Replay(shipped, read(shipped, text)).check()


def test_not_acts_through_the_hidden_state(shipped: SentimentClassifier) -> None:
    told = state_ablation(read(shipped, "not good"))
    assert told is not None
    assert "meets “good” with the hidden state that “not” left" in told.sentence
    replayed(vivid(3, layers=2), texts(PIECES.split(), 30, 3))


@pytest.mark.parametrize(
    "text",
    [
        "not bad at all",
        "The start is great, but the film is not good.",
        "I do not think that the printer we bought for the office was clever.",
        "It isn't clever, is it?",
        "😍😍😍 :)",
        "!!!",
        "Would I go back? No.",
        "The table is made of wood.",
    ],
)
def test_what_is_said_of_odd_sentences_is_so(shipped: SentimentClassifier, text: str) -> None:
    assert Replay(shipped, read(shipped, text)).check()


@pytest.mark.parametrize("text", ["He is gay.", "She is a Muslim woman.", "My neighbour is deaf."])
def test_neutral_texts_on_people_are_not_said_to_turn(
    shipped: SentimentClassifier, text: str
) -> None:
    replay = Replay(shipped, read(shipped, text))
    replay.check()
    still = set(replay.bands) == {"neutral"}
    assert still == replay.found.sentence.startswith("Nothing turned it")


def test_more_labels_have_a_largest_step() -> None:
    classifier = tiny_classifier(8, labels=("bad", "so-so", "good"))
    reading = read(classifier, "the film , was awful")
    found = account(reading)
    assert (found.turns, found.last, found.start) == ((), None, None)
    ids = reading.encoding.ids
    prefixes = reading.reread([ids[:end] for end in range(1, reading.count + 1)])
    logits = [reading.bias, *prefixes[:, reading.target].tolist()]
    steps = {t: abs(logits[t + 1] - logits[t]) for t in (0, 1, 3, 4)}
    token = max(steps, key=steps.__getitem__)
    assert f"Of the words “{reading.encoding.tokens[token].text}” moved" in found.sentence


def test_marks_are_no_words_and_emoticons_are() -> None:
    marks, words = ". , ! -- ... `` '' (", ":) 👏 a 7 n't"
    assert not any(speaks(mark) for mark in marks.split())
    assert all(speaks(word) for word in words.split())


def test_the_end_of_a_word_is_not_said_to_read_alone(shipped: SentimentClassifier) -> None:
    for text in ("U dont respond at all", "It doesn’t but she won’t make you worried"):
        replayed(shipped, [text])
        assert "“nt” alone" not in account(read(shipped, text)).sentence
