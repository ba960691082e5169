"""What explaining costs: every part against its goal, on one core."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import torch
import typer

from sentiment.classifier import SentimentClassifier, load
from sentiment.explanation import Explanation
from train.data.labelled import binary_examples

Value = TypeVar("Value")

SENTENCE = (
    "this film is not as good as people say , and the ending is a dreadful bore , but i loved it ."
)
STUDIES = (
    "gates",
    "memory",
    "gradient_reach",
    "deletion",
    "shapley",
    "relevance",
    "interactions",
    "hierarchy",
    "faithfulness",
)
"""In an order in which the last finds the scores of those before it."""
READ_TOGETHER = ("deletion", "shapley", "interactions", "hierarchy", "faithfulness")
SHARE = "contextual decomposition"
GOALS = {20: (150.0, 12.0), 60: (150.0, 12.0), 230: (1500.0, 15.0)}
"""By tokens: milliseconds of all studies, and predictions that an explanation may take."""
LONG = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """A measured cost and the goal it is held to."""

    name: str
    value: float
    goal: float
    unit: str


def bench_explain(
    source: Annotated[
        str | None, typer.Option("--data", help="Data set whose dev sentences are explained.")
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="Checkpoint; default: the embedded.")] = None,
    repeats: Annotated[int, typer.Option(help="Runs of each, of which the fastest counts.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    only: Annotated[
        str | None, typer.Option("--only", help="studies: the time of each; memory: its growth.")
    ] = None,
) -> None:
    """Measure what explanations cost in time and memory, one thread.

    Run it on an idle machine. Example: python -m train bench-explain --only studies
    """
    if only not in (None, "studies", "memory"):
        raise typer.BadParameter(f"--only is studies or memory, got {only!r}")
    torch.set_num_threads(1)
    classifier = load(weights)
    classifier.explain("not good").to_dict()  # imports and first-call costs
    found = []
    if only != "studies":
        found += growth(classifier)
    if only != "memory":
        found += [cost for count in GOALS for cost in studies(classifier, count, repeats)]
    if only is None:
        found += costs(classifier, repeats)
    if source is not None:
        found.append(everything(classifier, dev_sentences(source, 20), "dev sentences"))
    if as_json:
        typer.echo(json.dumps([asdict(cost) for cost in found]))
        return
    for cost in found:
        typer.echo(f"{cost.name:52} {cost.value:8.1f} {cost.unit}   goal {cost.goal:g}")


def costs(classifier: SentimentClassifier, repeats: int) -> list[Cost]:
    """Times of the Read panel, of all parts, of edits and of all spans of nine tokens."""
    twenty, long, nine = text(20), text(230), text(9)
    spans = [(start, end) for start in range(9) for end in range(start + 1, 10)]
    explanation = classifier.explain(nine)
    found = [
        Cost("Read panel, 20 tokens", best(classifier.explain, twenty, repeats), 50, "ms"),
        Cost("Read panel, 230 tokens", best(classifier.explain, long, repeats), 400, "ms"),
        Cost("all 45 spans of 9 tokens", best(explanation.phrases, spans, repeats), 60, "ms"),
        everything(classifier, [twenty] * repeats, "20 tokens"),
    ]
    edits = min(seconds(lambda e: e.smallest_edit, classifier, twenty) for _ in range(repeats))
    return [*found, Cost("one- and two-word edits, 20 tokens", 1000 * edits, 1500, "ms")]


def everything(classifier: SentimentClassifier, texts: Sequence[str], name: str) -> Cost:
    """The median time of all parts but edits, the Read panel's included."""
    times = []
    for one in texts:
        started = time.perf_counter()
        explanation = classifier.explain(one)
        explanation.find_studies()
        for part in STUDIES:
            getattr(explanation, part)
        explanation.token_scores()
        times.append(time.perf_counter() - started)
    return Cost(f"all but edits, {name}, median", 1000 * float(np.median(times)), 400, "ms")


def studies(classifier: SentimentClassifier, count: int, repeats: int) -> list[Cost]:
    """Every study of a text of ``count`` tokens in processor time, the fastest of each; and of all.

    All are found as ``to_dict`` does, and the share in context of every token, which of over 24
    the faithfulness meter does not ask for. And how many predictions an explanation takes.
    """
    one, goals = text(count), GOALS[count]
    fastest = defaultdict[str, float](lambda: float("inf"))

    def timed(name: str, work: Callable[[], Value]) -> Value:
        started = time.process_time()
        found = work()
        fastest[name] = min(fastest[name], 1000 * (time.process_time() - started))
        return found

    for _ in range(repeats):
        timed("predict", partial(classifier.predict, one))
        explanation = classifier.explain(one)
        for study in STUDIES:
            timed(study, partial(getattr, explanation, study))
        explanation = timed("explain", partial(classifier.explain, one))
        for study in set(STUDIES) - set(READ_TOGETHER):
            timed(f"{study}, with all", partial(getattr, explanation, study))
        timed("read together", explanation.find_studies)
        timed("share in context", partial(explanation.lane, SHARE))
    names = (*STUDIES, "read together", "share in context")
    apart = [f"{study}, with all" for study in STUDIES if study not in READ_TOGETHER]
    whole = sum(fastest[name] for name in (*apart, "read together", "share in context"))
    ratio = fastest["explain"] / fastest["predict"]
    return [
        *(Cost(f"{name}, {count} tokens", fastest[name], goals[0], "ms") for name in names),
        Cost(f"every study, {count} tokens", whole, goals[0], "ms"),
        Cost(f"explain, {count} tokens", ratio, goals[1], "x predict"),
    ]


def growth(classifier: SentimentClassifier) -> list[Cost]:
    """What each study of 1,000 tokens adds to the largest resident size of the process."""
    one = text(LONG)
    explanation = classifier.explain(one)
    works: dict[str, Callable[[], object]] = {
        "prediction": partial(classifier.predict, one),
        "Read panel with integrated gradients": partial(classifier.explain, one),
    }
    names = (*STUDIES, "smallest_edit")
    works |= {name: partial(getattr, explanation, name) for name in names}
    return [
        Cost(f"memory, {LONG} tokens, {name}", grown(work), 500, "MB")
        for name, work in works.items()
    ]


def grown(work: Callable[[], object]) -> float:
    """How far the resident size rises above where it was while the work runs, in MB.

    Where the system cannot forget an earlier peak, only what rises above that.
    """
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")  # the peak is what is resident now
    before = _peak()
    work()
    return _peak() - before


def best(function: Callable[..., object], argument: object, repeats: int) -> float:
    """The fastest of several calls, in milliseconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        function(argument)
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


def seconds(
    part: Callable[[Explanation], object], classifier: SentimentClassifier, one: str
) -> float:
    """The time of a part beyond the Read panel, on a fresh explanation."""
    explanation = classifier.explain(one)
    started = time.perf_counter()
    part(explanation)
    return time.perf_counter() - started


def text(count: int) -> str:
    """A text of that many tokens."""
    words = SENTENCE.split()
    return " ".join((words * (count // len(words) + 1))[:count])


def dev_sentences(source: str, count: int) -> list[str]:
    """The dev sentences whose length is nearest to 20 tokens."""
    texts = [example.text for example in binary_examples(source, "dev")]
    return sorted(texts, key=lambda one: abs(len(one.split()) - 20))[:count]


def _peak() -> float:
    """The largest resident size, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, else kilobytes
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
