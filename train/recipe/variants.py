"""Variants of sentences for a teacher to label: other words in their places, cuts and splices.

A student learns more from many sentences that a teacher has read than from few (Tang et al. 2019,
arXiv:1903.12136, section 3.3). The label is the teacher's opinion of the variant itself, so a
variant may turn the verdict, and need not be good English. Sentences that differ by a word for
what people are get one label, the mean of theirs (after Garg et al. 2019, arXiv:1809.10610).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

NEAREST = 10
LEAST_COSINE = 0.45
REPLACED = 0.22
"""Share of the words that have neighbours which a variant replaces."""

_ENDINGS = ("ing", "ed", "ly", "est", "er", "s", "")
_WORD = re.compile(r"\w+(?:['’]\w+)*|\W+")
_LINKS = (
    ", but ",
    ". ",
    ". But ",
    ", and ",
    " although ",
    " because ",
    "! ",
    "; ",
    ", yet ",
    ", so ",
)
_PEOPLE = (
    ("gay", "lesbian", "straight", "bisexual", "queer", "transgender", "heterosexual", "asexual"),
    ("black", "white", "asian", "arab", "latino", "hispanic"),
    ("male", "female", "nonbinary", "older", "younger"),
    ("deaf", "blind", "disabled", "autistic", "dyslexic", "diabetic"),
    ("christian", "muslim", "jewish", "hindu", "buddhist", "sikh", "catholic", "mormon", "atheist"),
)
_GROUP = {word: group for group in _PEOPLE for word in group}
_NAMED = re.compile(rf"\b({'|'.join(_GROUP)})\b", re.IGNORECASE)
_BARE_NUMBER = re.compile(
    r"(?<![\d.,/:$£€-])\b(?:[2-9]|10)\b(?!\s*(?:/|out of|of|stars?|points?|-|:|%|[.,]\d))"
)
_GRAMMAR = """
a an the i you he she it we they me him her us them my your his its our their this that is are was
were be been do does did has have had having will would can could shall should may might must not
no never nor neither nothing nobody none without hardly barely scarcely cannot but although though
however and or if so as than too very just only more most less least of to in on at by for from
with about into"""


def neighbours(
    texts: Iterable[str], names: Sequence[str], table: Tensor, most: int = 24_000
) -> dict[str, list[str]]:
    """For each of the ``most`` commonest words of ``texts`` that has two, its nearest words.

    Nearest by cosine in ``table`` (N, E), whose rows are those of ``names``; among the same words,
    with the same ending, so that a form mostly stays a form. Words of grammar have none.
    """
    counts = Counter(word for text in texts for word in re.findall("[a-z]+", text.lower()))
    place = {name: row for row, name in enumerate(names)}
    grammar = set(_GRAMMAR.split())
    known = [w for w, _ in counts.most_common(most) if w in place and w not in grammar]
    rows = functional.normalize(table[[place[w] for w in known]].float(), dim=1)  # (K, E)
    kinds = [next(i for i, end in enumerate(_ENDINGS) if w.endswith(end)) for w in known]
    kind = torch.tensor(kinds)  # (K,)
    found = {}
    for start in range(0, len(known), 2000):
        part = torch.arange(start, min(start + 2000, len(known)))
        cosine = rows[part] @ rows.T  # (P, K)
        cosine[kind[part].unsqueeze(1) != kind] = -1
        cosine[torch.arange(len(part)), part] = -1
        values, places = cosine.topk(min(NEAREST, len(known)), dim=1)  # (P, NEAREST)
        for row, near, close in zip(part.tolist(), places.tolist(), values.tolist(), strict=True):
            kept = [known[i] for i, value in zip(near, close, strict=True) if value > LEAST_COSINE]
            if len(kept) >= 2:
                found[known[row]] = kept
    return found


def variant(
    text: str, near: Mapping[str, Sequence[str]], others: Sequence[str], generator: random.Random
) -> str:
    """``text`` with some words replaced; now and then cut, joined to one of ``others``, or short
    of a word."""
    parts = _WORD.findall(text)
    places = [i for i, part in enumerate(parts) if part[0].isalnum()]
    known = [i for i in places if parts[i].lower() in near]
    chosen = [i for i in known if generator.random() < REPLACED]
    for i in chosen or known[:1]:
        other = generator.choice(near[parts[i].lower()])
        parts[i] = other.capitalize() if parts[i].istitle() else other
    draw = generator.random()
    if draw < 0.12 and len(places) >= 6:
        first = generator.randrange(len(places) - 3)
        last = generator.randrange(first + 2, len(places))
        parts = parts[places[first] : places[last] + 1]
    elif draw < 0.22 and others:
        pair = ["".join(parts), generator.choice(others)]
        generator.shuffle(pair)
        return pair[0].rstrip(" .!?") + generator.choice(_LINKS) + pair[1]
    elif draw < 0.3 and places:
        parts[generator.choice(places)] = ""
    return " ".join("".join(parts).split())


def with_other_people(text: str, generator: random.Random, most: int = 3) -> list[str]:
    """``text``, and with its first word for what people are changed for up to ``most`` others."""
    if (match := _NAMED.search(text)) is None:
        return [text]
    others = [word for word in _GROUP[match[0].lower()] if word != match[0].lower()]
    chosen = generator.sample(others, min(most, len(others)))
    return [text, *(text[: match.start()] + word + text[match.end() :] for word in chosen)]


def with_other_numbers(text: str, generator: random.Random) -> str | None:
    """``text`` with each number from 2 to 10 that is no mark, price or time changed for another
    of any size; None where there is no such number."""
    if not _BARE_NUMBER.search(text):
        return None

    def other(_: re.Match[str]) -> str:
        most = generator.choice((10, 10, 120, 3000))
        return str(generator.randint(2, most))

    return _BARE_NUMBER.sub(other, text)


def alike(labels: Mapping[str, float]) -> dict[str, float]:
    """The labels; texts that differ by a word for what people are have the mean of theirs."""
    groups: dict[str, list[str]] = {}
    for text in labels:
        if match := _NAMED.search(text):
            place = _PEOPLE.index(_GROUP[match[0].lower()])
            key = f"{text[: match.start()]}\0{place}{text[match.end() :]}"
            groups.setdefault(key, []).append(text)
    found = dict(labels)
    for texts in groups.values():
        mean = sum(labels[text] for text in texts) / len(texts)
        found |= dict.fromkeys(texts, mean)
    return found
