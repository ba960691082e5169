"""How often a change that leaves the meaning alone changes the label."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sentiment import explain
from sentiment.behaviour import MINIMAL_PAIRS, best_constant, run_suite, wilson_interval
from sentiment.classifier import SentimentClassifier
from sentiment.negation import NEGATORS
from train.recipe.grammar import NEUTRAL

Perturbation = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Flips:
    """Of ``n`` changed texts ``flipped`` got another label; 95 % bounds of the share."""

    name: str
    n: int
    flipped: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of changed texts whose label changed."""
        return self.flipped / self.n if self.n else 0.0


def typo(text: str, generator: random.Random) -> str:
    """Two neighbouring letters swapped in one word of four letters or more."""
    places = [
        m.start() + i for m in re.finditer(r"[^\W\d_]{4,}", text) for i in range(len(m[0]) - 1)
    ]
    places = [i for i in places if text[i] != text[i + 1]]
    if not places:
        return text
    i = generator.choice(places)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def casing(text: str, generator: random.Random) -> str:
    """All capitals, or Title Case."""
    return text.upper() if generator.random() < 0.5 else text.title()


def punctuation(text: str, generator: random.Random) -> str:
    """The final mark taken away, or another one put there."""
    bare = re.sub(r"[\s.!?]+$", "", text)
    return bare + generator.choice(("", ".", " .", "!", " ..."))


_NAMES = frozenset(name for name in NEUTRAL["name"] if " " not in name)
_COMMON = "John|David|Michael|James|Robert|Jack|Steven|Tom|Peter|Paul|Chris|Adam|Martin|George|Mary"
_FIRST = re.compile(rf"\b({_COMMON}|{'|'.join(sorted(_NAMES))})\b", re.IGNORECASE)


def names(text: str, generator: random.Random) -> str:
    """Each first name replaced by another."""
    chosen = sorted(_NAMES)
    return _FIRST.sub(lambda _: generator.choice(chosen), text)


def numbers(text: str, generator: random.Random) -> str:
    """Each number replaced by another of as many digits."""
    return re.sub(r"\d+", lambda m: "".join(str(generator.randint(1, 9)) for _ in m[0]), text)


_CONTRACTIONS = (
    (r"\bdo n't\b|\bdon't\b", "do not"),
    (r"\bdoes n't\b|\bdoesn't\b", "does not"),
    (r"\bdid n't\b|\bdidn't\b", "did not"),
    (r"\bis n't\b|\bisn't\b", "is not"),
    (r"\bwas n't\b|\bwasn't\b", "was not"),
    (r"\bare n't\b|\baren't\b", "are not"),
    (r"\bca n't\b|\bcan't\b", "can not"),
    (r"\bwo n't\b|\bwon't\b", "will not"),
    (r"\bcould n't\b|\bcouldn't\b", "could not"),
    (r"\bwould n't\b|\bwouldn't\b", "would not"),
    (r"\bit 's\b|\bit's\b", "it is"),
    (r"\bthat 's\b|\bthat's\b", "that is"),
    (r"\bthere 's\b|\bthere's\b", "there is"),
    (r"\bthey 're\b|\bthey're\b", "they are"),
    (r"\byou 're\b|\byou're\b", "you are"),
    (r"\bi 'm\b|\bi'm\b", "i am"),
)


def contractions(text: str, _: random.Random) -> str:
    """Each contraction written out."""
    for pattern, long in _CONTRACTIONS:
        text = re.sub(pattern, long, text, flags=re.IGNORECASE)
    return text


PERTURBATIONS: dict[str, Perturbation] = {
    "one typo": typo,
    "casing": casing,
    "punctuation": punctuation,
    "names": names,
    "numbers": numbers,
    "contractions": contractions,
}


def robustness(
    classifier: SentimentClassifier, texts: Sequence[str], seed: int = 0
) -> tuple[Flips, ...]:
    """Label flips under each perturbation, over the texts that it changes."""
    before = {t: p.label for t, p in zip(texts, classifier.predict_batch(texts), strict=True)}
    rows = []
    for name, perturb in PERTURBATIONS.items():
        generator = random.Random(seed)
        pairs = [(text, perturb(text, generator)) for text in before]
        pairs = [(old, new) for old, new in pairs if old != new]
        after = classifier.predict_batch([new for _, new in pairs]) if pairs else []
        flipped = sum(before[old] != new.label for (old, _), new in zip(pairs, after, strict=True))
        rows.append(Flips(name, len(pairs), flipped, *wilson_interval(flipped, len(pairs))))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class PairFlips:
    """Of ``n`` minimal pairs: in how many the label flips, and each part of the head's ledger.

    ``right`` of them have their praise read as positive, ``right_last`` of those flip in both
    label and final-state part.
    """

    n: int
    right: int
    right_last: int
    label: int
    last: int
    max: int
    mean: int


def minimal_pairs(
    classifier: SentimentClassifier, pairs: Sequence[tuple[str, str]] = MINIMAL_PAIRS
) -> PairFlips:
    """In how many pairs (praise, its negation) a part goes from above to below nought.

    The parts are sums over tokens of the explanation's ledger, without the bias.
    """
    counts = {"right": 0, "right_last": 0, "label": 0, "last": 0, "max": 0, "mean": 0}
    for pair in pairs:
        praise, negated = (_parts(classifier, text) for text in pair)
        flips = {part: praise[part] > 0 > negated[part] for part in praise}
        for part, turned in flips.items():
            counts[part] += turned
        counts["right"] += praise["label"] > 0
        counts["right_last"] += flips["label"] and flips["last"]
    return PairFlips(len(pairs), **counts)


def pair_signs(
    classifier: SentimentClassifier, pairs: Sequence[tuple[str, str]] = MINIMAL_PAIRS
) -> list[dict[str, str | int | float]]:
    """In which share of the pairs read right the negator and the negated word score below nought.

    By integrated gradients and by Shapley values, in the negated text. The negated word is that
    word of both texts which integrated gradients rank first in the praise.
    """
    found: dict[str, list[tuple[bool, bool]]] = {"negator": [], "negated word": []}
    for praise, negated in pairs:
        before, after = classifier.explain(praise), classifier.explain(negated)
        shapley = after.shapley
        if before.logit <= 0 or shapley is None:
            continue
        words = [token.text.lower() for token in after.tokens]
        scores = (after.integrated_gradients.scores, shapley.scores)
        ranked = sorted(
            range(len(before.tokens)), key=lambda t: -before.integrated_gradients.scores[t]
        )
        kept = [w for t in ranked if (w := before.tokens[t].text.lower()) in words]
        places = {
            "negator": [t for t, word in enumerate(words) if word in NEGATORS],
            "negated word": [words.index(kept[0])] if kept else [],
        }
        for what, where in places.items():
            if where:
                ours, theirs = (bool(values[where].sum() < 0) for values in scores)
                found[what].append((ours, theirs))
    return [
        {
            "word": what,
            "n": len(signs),
            "integrated_gradients_share": sum(one for one, _ in signs) / max(1, len(signs)),
            "shapley_share": sum(one for _, one in signs) / max(1, len(signs)),
        }
        for what, signs in found.items()
    ]


def _parts(classifier: SentimentClassifier, text: str) -> dict[str, float]:
    """The logit, as "label", and the sum of each part of its ledger."""
    encoding = classifier.checked(classifier.encoder.encode(text))
    reading = explain.read(classifier.model, encoding, classifier.labels)
    ledger = reading.of(explain.ledger)
    sums = {part: float(getattr(ledger, part).sum()) for part in ("last", "max", "mean")}
    return {"label": reading.logit, **sums}


def evaluate_behaviour(
    classifier: SentimentClassifier, texts: Sequence[str], *, as_json: bool = False
) -> str:
    """The suite, the minimal pairs and, on ``texts``, robustness: a table, or one JSON object."""
    result, pairs = run_suite(classifier), minimal_pairs(classifier)
    flips = robustness(classifier, texts) if texts else ()
    if as_json:
        rows = {
            "suite": result.to_dict(),
            "minimal_pairs": asdict(pairs),
            "robustness": [{**asdict(row), "share": row.share} for row in flips],
        }
        return json.dumps(rows)
    lines = [f"{'capability':42}{'cases':>6}{'passed':>8}   95 % interval"]
    lines += [
        f"{r.name:42}{r.n:6}{100 * r.pass_rate:7.1f}%   {100 * r.low:.1f} to {100 * r.high:.1f}"
        + (f"; reading kept in {100 * r.kept / r.compared:.1f} %" if r.compared else "")
        for r in result.results
    ]
    lines.append(f"{'all':42}{result.n:6}{100 * result.pass_rate:7.1f}%")
    lines.append(
        f"negative, positive and neither weighed alike: {100 * result.score:.1f} %; the best "
        f"constant answer: {100 * best_constant().score:.1f} %"
    )
    lines.append(
        f"minimal pairs that flip, of {pairs.n}: label {pairs.label}; of the ledger's parts "
        f"last {pairs.last}, max {pairs.max}, mean {pairs.mean}; label and last in "
        f"{pairs.right_last} of {pairs.right} whose praise is read right"
    )
    lines += [f"{r.name:42}{r.n:6}{100 * r.share:7.1f}% labels flipped" for r in flips]
    return "\n".join(lines)
