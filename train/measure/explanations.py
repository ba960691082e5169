"""Which explanation to trust: every method on the constituents of SST's dev split.

Labels of phrases and the network's own verdicts judge the methods: what is a phrase worth, did a
negator turn it, which words does the verdict rest on. Intervals are 95 % bootstrap over sentences.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from sentiment import negation
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier, load
from sentiment.explain import integrated_gradients
from sentiment.explain.alone import LONGEST
from sentiment.explain.faithfulness import judged
from sentiment.explain.lanes import ranked_scores
from sentiment.explanation import Explanation
from sentiment.records import Metrics
from sentiment.values import FloatArray, floats, plain
from train.data.tables import load_table

RESAMPLES = 500
MYERSON = "Myerson values of runs read alone"
QUESTIONS = {
    "phrases": "what is a phrase worth? AUC against its label",
    "phrases against their sentence": "the same, of phrases labelled against their sentence",
    "turned or intensified": "did a negator turn it? AUC against intensifiers",
    "turned or kept": "the same, against negators that leave the label",
    "strongest interaction spans the negation": "the strongest interaction spans the negation",
    "comprehensiveness": "probability lost without the words ranked first (comprehensiveness)",
    "sufficiency": "probability lost with those words alone (sufficiency; lower is better)",
    "converges on long texts": "integrated gradients converge on long texts",
    "share of the logit's variance": "which part carries the verdict? share of its variance",
}
"""In the words of the page and the card, in their order there."""
MOST_BEFORE = 3  # words of a negator or intensifier before what it is about
INTENSIFIERS = frozenset({"very", "really", "so", "too", "quite", "extremely", "truly", "more"})

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence, its rating and the ratings (0 to 4, 2 neutral) of its constituents."""

    text: str
    rating: int
    spans: dict[Span, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """One method's answer to one question, with the bounds of a 95 % interval."""

    question: str
    method: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Case:
    """A number that a method gave in a sentence, beside the truth it is to tell (1 or 0)."""

    sentence: int
    score: float
    truth: bool


def sentences(source: str) -> list[LabelledSentence]:
    """The dev sentences of a treebank laid out as SST's: constituents with token spans."""
    table = load_table(source, "dev")
    spans: dict[int, dict[Span, int]] = defaultdict(dict)
    whole: dict[int, tuple[str, int]] = {}
    for number, text, rating, start, end, is_sentence in zip(
        *(table[name] for name in ("sentence_id", "text", "rating", "start", "end", "is_sentence")),
        strict=True,
    ):
        spans[number][start, end] = rating
        if is_sentence:
            whole[number] = (text, rating)
    return [LabelledSentence(*whole[number], spans[number]) for number in sorted(whole)]


def auc(cases: Sequence[Case]) -> float:
    """The chance that a true case scores above a false one, ties counted half; nan without both."""
    scores = np.array([case.score for case in cases])
    truth = np.array([case.truth for case in cases], dtype=bool)
    if truth.all() or not truth.any():
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[places]  # 1 for the lowest
    positives, negatives = int(truth.sum()), int((~truth).sum())
    above = ranks[truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def mean(cases: Sequence[Case]) -> float:
    """The mean score."""
    return float(np.mean([case.score for case in cases])) if cases else float("nan")


def figure(
    question: str, method: str, cases: Sequence[Case], statistic: Callable[[Sequence[Case]], float]
) -> Figure:
    """A statistic with its interval: sentences, which hold several cases each, are resampled."""
    groups: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.sentence].append(case)
    numbers, generator = list(groups), np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES if numbers else 0):
        chosen = generator.choice(len(numbers), size=len(numbers))
        found = statistic([case for index in chosen for case in groups[numbers[index]]])
        if found == found:  # a resample without both kinds has no AUC
            drawn.append(found)
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (float("nan"), float("nan"))
    return Figure(question, method, statistic(cases), float(low), float(high), len(cases))


@dataclass(frozen=True, slots=True)
class Modified:
    """A constituent AB of a modifier A and a constituent B, and what A did to B's label."""

    whole: Span
    part: Span
    kind: str  # "turned", "kept" or "intensified"
    sign: int  # of B


def modified(sentence: LabelledSentence) -> list[Modified]:
    """Negators and intensifiers with the polar constituent they stand before."""
    words = sentence.text.lower().split()
    found = []
    for (start, end), rating in sentence.spans.items():
        for place in range(start + 1, min(start + MOST_BEFORE, end - 1) + 1):
            inner = sentence.spans.get((place, end), 2)
            if inner == 2:
                continue
            before = words[start:place]
            sign = 1 if inner > 2 else -1
            if before[-1] in INTENSIFIERS and len(before) == 1:
                found.append(Modified((start, end), (place, end), "intensified", sign))
            elif negation.NEGATORS & set(before) and rating != 2:
                kind = "turned" if (rating > 2) != (inner > 2) else "kept"
                found.append(Modified((start, end), (place, end), kind, sign))
                break
    return found


class Study:
    """Cases gathered sentence by sentence, by question and method."""

    def __init__(self, classifier: SentimentClassifier) -> None:
        self.classifier = classifier
        self.cases: dict[tuple[str, str], list[Case]] = defaultdict(list)
        self.parts: list[list[float]] = []  # last, max, mean of each sentence

    def add(self, number: int, sentence: LabelledSentence) -> bool:
        """Explain one sentence; False where its words are not the treebank's."""
        explanation = self.classifier.explain(sentence.text)
        if len(explanation.tokens) != len(sentence.text.split()):
            return False
        self.phrases(number, sentence, explanation)
        self.negations(number, sentence, explanation)
        self.words(number, explanation)
        running = explanation.running
        self.parts.append([float(p[-1]) for p in (running.last, running.max, running.mean)])
        return True

    def add_negations(self, number: int, sentence: LabelledSentence) -> None:
        """The negations of a sentence that is not explained otherwise; they are rare."""
        if any(one.kind != "intensified" for one in modified(sentence)):
            explanation = self.classifier.explain(sentence.text)
            if len(explanation.tokens) == len(sentence.text.split()):
                self.negations(number, sentence, explanation)

    def phrases(self, number: int, sentence: LabelledSentence, explanation: Explanation) -> None:
        """What every polar constituent of two words or more is worth, by every method."""
        count = len(explanation.tokens)
        spans = [
            span
            for span, rating in sentence.spans.items()
            if rating != 2 and 1 < span[1] - span[0] < count
        ]
        if not spans:
            return
        shapley = explanation.shapley
        reading = explanation.encoding.ids
        without = self.classifier.logits([reading[:s] + reading[e:] for s, e in spans])
        worth: dict[str, list[float]] = {
            "read alone": [explanation.read_alone(*span).logit for span in spans],
            "decomposition in context": [one.score for one in explanation.phrases(spans)],
            "integrated gradients, summed": _sums(explanation.integrated_gradients.scores, spans),
            "LRP, summed": _sums(explanation.relevance.scores, spans),
            "deletion of the phrase": [explanation.logit - row[0] for row in without],
        }
        if shapley is not None:
            worth["Shapley values, summed"] = _sums(shapley.scores, spans)
            worth[f"{MYERSON}, summed"] = _sums(myerson(explanation), spans)
        for method, scores in worth.items():
            for span, score in zip(spans, scores, strict=True):
                case = Case(number, score, sentence.spans[span] > 2)
                self.cases["phrases", method].append(case)
                if sentence.rating != 2 and case.truth != (sentence.rating > 2):
                    self.cases["phrases against their sentence", method].append(case)

    def negations(self, number: int, sentence: LabelledSentence, explanation: Explanation) -> None:
        """Whether interactions tell turned phrases from intensified and from kept ones."""
        turned = []
        for one in modified(sentence):
            spans = [one.whole, (one.whole[0], one.part[0]), one.part]
            alone = [explanation.read_alone(*span).logit for span in spans]
            shares = [share.score for share in explanation.phrases(spans)]
            for method, (both, first, second) in (
                ("read alone", alone),
                ("decomposition", shares),
            ):
                case = Case(number, -one.sign * (both - first - second), one.kind == "turned")
                for other in ("intensified", "kept"):
                    if one.kind in ("turned", other):
                        self.cases[f"turned or {other}", method].append(case)
            if one.kind == "turned":
                turned.append(one)
        if turned:
            one = max(turned, key=lambda one: one.whole[1] - one.whole[0])
            self.strongest(number, one, explanation)

    def strongest(self, number: int, one: Modified, explanation: Explanation) -> None:
        """Whether the strongest interaction joins a negator with what it turns."""
        words = [token.text.lower() for token in explanation.tokens]
        start, place = one.whole[0], one.part[0]
        negators = {t for t in range(start, place) if words[t] in negation.NEGATORS}
        turned = set(range(*one.part))
        best = explanation.interactions[0]
        places = {*range(*best.first), *range(*best.second)}
        nodes = [
            n for n in explanation.hierarchy.nodes if n.children and n.end - n.start <= LONGEST
        ]
        joined = max(nodes, key=lambda node: abs(node.joint), default=None)
        old = set(range(joined.start, joined.end)) if joined else set()
        for method, held in (("read alone", places), ("decomposition", old)):
            hit = bool(held & negators and held & turned)
            self.cases["strongest interaction spans the negation", method].append(
                Case(number, float(hit), True)
            )

    def words(self, number: int, explanation: Explanation) -> None:
        """Comprehensiveness and sufficiency of every method, and of random rankings."""
        reading = explanation.reading
        padded = replace(reading, baseline="padding").of(integrated_gradients)
        joined = replace(explanation.lanes[0], name=MYERSON, scores=myerson(explanation))
        found = judged(
            reading,
            [
                *reading.of(ranked_scores),
                replace(joined, name="integrated gradients, from padding", scores=padded.scores),
                joined,
            ],
        )
        rows = [(one.name, one.comprehensiveness, one.sufficiency) for one in found.methods]
        rows.append(
            (
                "random",
                float(found.random_comprehensiveness.mean()),
                float(found.random_sufficiency.mean()),
            )
        )
        for method, comprehensiveness, sufficiency in rows:
            self.cases["comprehensiveness", method].append(Case(number, comprehensiveness, True))
            self.cases["sufficiency", method].append(Case(number, sufficiency, True))

    def figures(self) -> list[Figure]:
        """Every question's answers, the parts' shares of the logit's variance last."""
        found = [
            figure(question, method, cases, auc if _ranked(question) else mean)
            for (question, method), cases in self.cases.items()
        ]
        return found + shares(np.array(self.parts))


def myerson(explanation: Explanation) -> FloatArray:
    """Myerson values of the tokens on their chain, (T,): Shapley values where only neighbours join.

    A coalition is worth the sum of its runs of neighbours, each read alone, less one unknown word.
    With the dividend of a run [s, e), its worth less those of [s + 1, e) and [s, e - 1) plus that
    of [s + 1, e - 1), dealt out evenly over its tokens, they are exact. Myerson 1977,
    doi:10.1287/moor.2.3.225; for models over text Chen et al. 2019, arXiv:1808.02610.
    An ablation: they are judged beside the lanes, and are none.
    """
    ids = explanation.encoding.ids
    count = len(ids)
    spans = [(start, end) for start in range(count) for end in range(start + 1, count + 1)]
    empty, *rows = explanation.reading.reread([(), *(ids[start:end] for start, end in spans)])
    target = explanation.reading.target
    worth = {
        span: float(row[target] - empty[target]) for span, row in zip(spans, rows, strict=True)
    }
    scores = np.zeros(count)
    for start, end in spans:
        inner = worth.get((start + 1, end - 1), 0.0)
        dividend = worth[start, end] - worth.get((start + 1, end), 0.0)
        dividend += inner - worth.get((start, end - 1), 0.0)
        scores[start:end] += dividend / (end - start)
    return floats(scores)


def shares(parts: NDArray[np.float64]) -> list[Figure]:
    """Each part's covariance with the logit over its variance, from parts (N, 3); they sum to 1."""
    generator = np.random.default_rng(0)

    def share(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = rows - rows.mean(axis=0)
        logits = centred.sum(axis=1)
        size = float((logits**2).sum())  # zero where all sentences are alike
        found: NDArray[np.float64] = (centred * logits[:, None]).sum(axis=0)
        return found / size if size > 0 else np.full(3, np.nan)

    drawn = [share(parts[generator.choice(len(parts), len(parts))]) for _ in range(RESAMPLES)]
    kept = [row for row in drawn if not np.isnan(row).any()] or [np.full(3, np.nan)]
    low, high = np.percentile(kept, [2.5, 97.5], axis=0)
    names = ("final state", "max-pool", "mean-pool")
    return [
        Figure("share of the logit's variance", *row, len(parts))
        for row in zip(names, share(parts).tolist(), low.tolist(), high.tolist(), strict=True)
    ]


def convergence(classifier: SentimentClassifier, texts: Sequence[str]) -> list[Figure]:
    """How often integrated gradients converge on long texts, by baseline."""
    found = []
    for baseline in ("unknown", "padding"):
        cases = []
        for number, text in enumerate(texts):
            held = classifier.explain(text, baseline=baseline).integrated_gradients.converged
            cases.append(Case(number, float(held), True))
        found.append(figure("converges on long texts", f"from {baseline}", cases, mean))
    return found


def long_texts(source: str, count: int) -> list[str]:
    """The first texts of the training split of 600 to 2,500 characters."""
    texts = [text for text in load_table(source, "train")["text"] if 600 <= len(text) <= 2500]
    return texts[:count]


def explain_eval(
    data: Annotated[str, typer.Option(help="Treebank with constituents: folder or Hub id.")],
    weights: Annotated[Path, typer.Option(help="Checkpoint folder.")] = DEFAULT_WEIGHTS,
    most: Annotated[int, typer.Option("--sentences", help="Sentences, drawn with a seed.")] = 400,
    long: Annotated[str | None, typer.Option(help="Long texts: folder, file or Hub id.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Add the figures to the checkpoint's metrics.json.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Judge the explanation methods by a treebank's labels and by the model's own verdicts.

    Negations, which are rare, come from all sentences.

    Example: python -m train explain-eval --data data/sst --long data/imdb
    """
    torch.set_num_threads(1)
    classifier = load(weights)
    study = Study(classifier)
    every = sentences(data)
    order = np.random.default_rng(0).permutation(len(every)).tolist()
    used = sum(study.add(number, every[number]) for number in order[:most])
    for number in order[most:]:
        study.add_negations(number, every[number])
    found = study.figures()
    if long is not None:
        found += convergence(classifier, long_texts(long, 30))
    if write:
        table = Metrics(tables={"explanations": told(found)})
        Metrics.read(weights).updated(table).write(weights)
    if as_json:
        rows = [plain(one) for one in found]
        typer.echo(json.dumps({"sentences": used, "figures": rows}))
        return
    typer.echo(f"{used} of {len(order[:most])} sentences, whose words are the treebank's")
    said = ""
    for one in sorted(found, key=lambda one: one.question):
        if one.question != said:
            said = one.question
            typer.echo(said)
        typer.echo(
            f"  {one.method:36} {one.value:6.3f}  {one.low:.3f} to {one.high:.3f}  n {one.n}"
        )


def told(found: Sequence[Figure]) -> tuple[dict[str, Any], ...]:
    """Rows of a table: question by question, the best method first."""
    rows: list[dict[str, Any]] = []
    for question, words in QUESTIONS.items():
        asked = [one for one in found if one.question == question]
        lower = question == "sufficiency"
        ranked = sorted(asked, key=lambda one: one.value if lower else -one.value)
        rows += [
            {
                "question": words,
                "method": one.method,
                "value": round(one.value, 3),
                "interval": f"{one.low:.3f} to {one.high:.3f}",
                "n": one.n,
            }
            for one in ranked
        ]
    return tuple(rows)


def _ranked(question: str) -> bool:
    return question.startswith(("phrases", "turned"))


def _sums(scores: NDArray[np.float64], spans: Sequence[Span]) -> list[float]:
    return [float(scores[start:end].sum()) for start, end in spans]
