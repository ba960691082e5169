"""The page's questions and their answers: one method a question, plain JSON in and out.

The scripts reach these methods over Gradio's component server. Every one checks its limits
itself, awaits its turn at a gate, and answers a fault with a message for the person.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from starlette.responses import Response

from sentiment.classifier import SentimentClassifier
from sentiment.errors import AbsentError, SentimentError
from sentiment.explain import BASELINES
from sentiment.explanation import Explanation
from sentiment.ui import view
from sentiment.ui.allowance import Allowance
from sentiment.ui.budget import Budget, no_room
from sentiment.ui.contract import Reading
from sentiment.ui.gate import MOST_SECONDS, NICE, Gate
from sentiment.ui.ghost import ghost
from sentiment.ui.guard import WRONG, log_fault
from sentiment.ui.known import known
from sentiment.ui.limits import (
    MAX_CHARACTERS,
    MOST_QUICK,
    BusyError,
    RecentExplanations,
    RefusedError,
    checked_text,
    cost,
    short_text,
)
from sentiment.ui.several import Beside
from sentiment.ui.visitors import visitor

Question = dict[str, Any]
Answer = Mapping[str, object]
Answered = Callable[[Any], Awaitable[Response]]
Result = TypeVar("Result")

_log = logging.getLogger(__name__)
_BASELINES = tuple(BASELINES)
MOST_STUDIED, MOST_JOINED = 200, 60
"""Words up to which every word gets a phrase score, and neighbours are joined to phrases."""
VERDICT, READING, STUDY, REPORT = 1, 20, 200, 350
"""Steps a token, as measured, a verdict's being one: see ``limits.cost``."""
WORK_A_SECOND, MOST_WORK = 32_000, 3_200_000
"""Tokens times steps that an address may ask for, a second and at once: all of two cores, and 100
seconds of them. Verdicts are free."""
MOST_NAMES = 20
"""Values of a question that count."""
WHOLE = MOST_QUICK + 1
"""Steps of a question that is long whatever its text."""


class Reader:
    """A classifier behind the page's limits, shared by every panel and endpoint.

    Verdicts, explanations and studies pass through gates of their own, and what is long, of
    whichever kind, through another, so that the slow ones never hold up the quick ones.
    """

    def __init__(self, classifier: SentimentClassifier, beside: Sequence[Beside] = ()) -> None:
        self.classifier = classifier
        self.beside = tuple(beside)
        # One thread each: Python lets one compute at a time, and several wake each other at every
        # step of torch, which takes longer than the step itself.
        self.verdicts = Gate("verdicts", workers=1, waiting=256, of_session=8, of_address=64)
        self.explanations = Gate(
            "explanations", workers=1, waiting=128, of_session=8, of_address=48, nice=2
        )
        quick = (self.verdicts, self.explanations)
        self.studies = Gate(
            "studies",
            workers=1,
            waiting=64,
            of_session=4,
            of_address=24,
            nice=NICE // 2,
            gives_way_to=(self.explanations,),
        )
        self.long = Gate(
            "long",
            workers=1,
            waiting=16,
            of_session=1,
            of_address=4,
            nice=NICE,
            gives_way_to=(*quick, self.studies),
        )
        self.previews = Gate(
            "previews", workers=1, waiting=32, of_session=3, of_address=6, nice=NICE
        )
        self.files = Gate(
            "files",
            workers=1,
            waiting=16,
            of_session=2,
            of_address=4,
            nice=NICE,
            gives_way_to=quick,
        )
        self.work = Allowance(WORK_A_SECOND, MOST_WORK)
        self.known = known(classifier)
        self._recent = RecentExplanations()
        self.budget = Budget(self._recent.clear, self.end_long_work)

    async def turn(
        self, work: Callable[[], Result], texts: Sequence[object], steps: int, follows: str = ""
    ) -> Result:
        """Do work on texts that takes so many steps a token, once it is its turn.

        Raises as ``Gate.run``, whose ``follows`` it takes.
        """
        asking = visitor()
        if steps == VERDICT:
            return await self.verdicts.run(asking, work)
        taken = cost(texts, steps)
        if seconds := self.work.seconds(asking.address):
            raise BusyError("Your address has asked for much work.", min(seconds, MOST_SECONDS))
        if taken > MOST_QUICK:
            gate = self.long
        else:
            gate = self.studies if steps >= STUDY else self.explanations
        if gate in (self.studies, self.long):
            self.budget.check()
        self.work.take(asking.address, taken)
        try:
            return await gate.run(asking, work, follows)
        except BusyError:  # nothing was done
            self.work.take(asking.address, -taken)
            raise

    async def read_file(self, work: Callable[[], Result], *, score: bool = False) -> Result:
        """Look at a person's file, or score it, once it is its turn. Raises as ``Gate.run``."""
        self.budget.check()
        return await (self.files if score else self.previews).run(visitor(), work)

    def gone_on(self, text: str) -> None:
        """The session that asks just now reads another text: what followed older ones ends."""
        for gate in (self.studies, self.long):
            gate.end_older(visitor(), text)

    def end_long_work(self) -> None:
        """Have all work end that can be large."""
        for gate in (self.long, self.studies, self.files, self.previews):
            gate.cancel_all(no_room)

    def text(self, question: Question, name: str = "text") -> str:
        """A text of the question, within the limits; raises RefusedError."""
        return checked_text(question.get(name), self.classifier)

    def explain(self, question: Question, name: str = "text") -> Explanation:
        """The explanation that a question is about; raises RefusedError."""
        text = self.text(question, name)
        target, baseline = self.target(question), question.get("baseline") or _BASELINES[0]
        if baseline not in _BASELINES:
            raise RefusedError(f"A baseline is one of {', '.join(BASELINES)}.")
        return self._recent.get(
            (text, target or "", baseline),
            lambda: self.classifier.explain(text, target=target, baseline=baseline),
        )

    def target(self, question: Question) -> str | None:
        """The label to explain, None for the default; raises RefusedError for no label."""
        target = question.get("target") or None
        if target is not None and target not in self.classifier.labels:
            labels = ", ".join(self.classifier.labels)
            raise RefusedError(f"A target is one of {labels}.")
        return target if len(self.classifier.labels) > 2 else None


def answering(
    reader: Reader,
    answer: Callable[[Question], Answer],
    name: str,
    *,
    steps: int = READING,
    texts: Sequence[str] = ("text",),
    begins: bool = False,
    follows: bool = False,
) -> Answered:
    """``answer`` behind a gate, its faults as messages, under the name the scripts call it by.

    ``steps`` a token of the question's ``texts`` say how long it takes. One that ``begins`` a
    reading ends what ``follows`` an older one in the session: the page would throw that away, and
    the newest would wait behind it. The answer is written as
    JSON by the thread that made it: a long one must not hold up the server.
    """

    def written(question: Question) -> bytes:
        return _json(answer(question))

    async def answered(questions: Any) -> Response:
        try:
            question = questions[0] if isinstance(questions, list) and questions else questions
            if not isinstance(question, dict):
                raise RefusedError("A question must be an object with a text.")
            question, questions = _small(question, texts), None
            asked = [question.get(text) for text in texts]
            text = str(question.get("text"))
            if begins:
                reader.gone_on(text)
            content = await reader.turn(
                lambda: written(question), asked, steps, text if follows else ""
            )
        except BusyError as error:
            content = _json({"message": str(error), "busy": True, "seconds": error.seconds})
        except SentimentError as error:
            content = _json({"message": str(error)})
        except Exception as error:
            log_fault(_log, error, name)
            content = _json({"message": WRONG})
        return Response(content, media_type="application/json")

    answered.__name__ = name
    answered.__dict__["steps"] = steps
    return answered


def _small(question: Question, texts: Sequence[str]) -> Question:
    """What a question can be about, without what else was sent: it may wait in line for long.

    Raises RefusedError for a text that is too long, before it waits.
    """
    for name in texts:
        if question.get(name) is not None:
            short_text(question[name])
    return {
        name: value[: MAX_CHARACTERS + 1] if isinstance(value, str) else value
        for name, value in islice(question.items(), MOST_NAMES)
        if value is None or isinstance(value, str | int | float)
    }


def _json(answer: Answer) -> bytes:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def server_functions(reader: Reader) -> list[Answered]:
    """The functions that the Read panel's scripts call by name."""

    def predict(question: Question) -> Answer:
        return view.verdict(reader.classifier.predict(reader.text(question)), reader.known)

    def explain(question: Question) -> Answer:
        return reading_answer(reader, question)

    def more(question: Question) -> Answer:
        explanation = reader.explain(question)
        count = len(explanation.tokens)
        if 1 < count <= MOST_JOINED:
            explanation.find_studies(hierarchy=False)
        studied, lanes = 1 < count <= MOST_STUDIED, view.study_lanes(explanation)
        return {
            "lanes": {key: view.numbers(lane.scores) for key, lane in lanes.items()},
            "runs": {key: lane.run for key, lane in lanes.items() if lane.run > 1},
            "faithfulness": view.faithfulness(explanation.faithfulness) if studied else None,
            "interplay": view.interplay(explanation) if 1 < count <= MOST_JOINED else None,
        }

    def phrase(question: Question) -> Answer:
        explanation = reader.explain(question)
        start, end = question.get("start"), question.get("end")
        count = len(explanation.tokens)
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= count):
            raise RefusedError(f"A phrase is a span of the {count} words.")
        alone = explanation.read_alone(start, end)
        spans = [(start, end)]
        if end - start > 1:
            spans += [(start, alone.split), (alone.split, end)]
        words = [explanation.encoding.text_of(*span) for span in spans]
        try:
            share = explanation.phrase(start, end)
        except AbsentError:
            share = None
        return view.phrase(share, alone, words)

    def download(question: Question) -> Answer:
        explanation = reader.explain(question)
        if question.get("kind") == "html":
            return {"name": "explanation.html", "content": explanation.to_html()}
        content = json.dumps(explanation.to_dict(), indent=1, ensure_ascii=False)
        return {"name": "explanation.json", "content": content}

    return [
        answering(reader, predict, "predict", steps=VERDICT),
        answering(reader, explain, "explain", begins=True),
        answering(reader, phrase, "phrase"),
        answering(reader, more, "more", steps=STUDY, follows=True),
        answering(reader, download, "download", steps=REPORT),
    ]


def reading_answer(reader: Reader, question: Question) -> Reading:
    """What the Read panel draws first of a text."""
    explanation = reader.explain(question)
    return view.reading(explanation, reader.known, ghost(reader.classifier, explanation))
