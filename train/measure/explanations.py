"""Which explanation to trust: every method on the constituents of SST's dev split.

Labels of phrases and the network's own verdicts judge the methods: what is a phrase worth, did a
negator turn it, which words does the verdict rest on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from sentiment import negation
from sentiment.classifier import DEFAULT_WEIGHTS, SentimentClassifier, load
from sentiment.explain import integrated_gradients
from sentiment.explain.alone import LONGEST
from sentiment.explain.decomposition import decompose
from sentiment.explain.faithfulness import judged
from sentiment.explain.hierarchy import joined
from sentiment.explain.lanes import ranked_scores
from sentiment.explain.reading import Reading
from sentiment.explanation import Explanation
from sentiment.records import Metrics
from sentiment.values import FloatArray, floats, plain
from train.data.tables import load_table
from train.measure.constituents import LabelledSentence, Modified, Span, modified, sentences
from train.measure.figures import Case, Figure, auc, figure, mean, shares, told

MYERSON = "Myerson values of runs read alone"


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
            n
            for n in joined(explanation.reading, decomposed).nodes
            if n.children and n.end - n.start <= LONGEST
        ]
        node = max(nodes, key=lambda node: abs(node.joint), default=None)
        old = set(range(node.start, node.end)) if node else set()
        for method, held in (("read alone", places), ("decomposition", old)):
            hit = bool(held & negators and held & turned)
            self.cases["strongest interaction spans the negation", method].append(
                Case(number, float(hit), True)
            )

    def words(self, number: int, explanation: Explanation) -> None:
        """Comprehensiveness and sufficiency of every method, and of random rankings."""
        reading = explanation.reading
        padded = replace(reading, baseline="padding").of(integrated_gradients)
        chained = replace(explanation.lanes[0], name=MYERSON, scores=myerson(explanation))
        found = judged(
            reading,
            [
                *reading.of(ranked_scores),
                explanation.lane("replacement"),
                replace(chained, name="integrated gradients, from padding", scores=padded.scores),
                chained,
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


def decomposed(reading: Reading, spans: Sequence[Span]) -> list[float]:
    """The share in context of every span, by which Singh et al. 2019 join phrases."""
    shares: list[float] = decompose(reading, spans)[0].sum(dim=1).tolist()
    return shares


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
    weights: Annotated[
        Path, typer.Option(help="Checkpoint folder.", show_default="the embedded weights")
    ] = DEFAULT_WEIGHTS,
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


def _ranked(question: str) -> bool:
    return question.startswith(("phrases", "turned"))


def _sums(scores: NDArray[np.float64], spans: Sequence[Span]) -> list[float]:
    return [float(scores[start:end].sum()) for start, end in spans]
