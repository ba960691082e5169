"""What one person may ask of the page at once, checked where the answer is made."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from sentiment.classifier import SentimentClassifier
from sentiment.errors import SentimentError
from sentiment.explanation import Explanation

MAX_CHARACTERS, MAX_TOKENS = 5_000, 1_000
MOST_BOTH_WAYS = 200
MAX_FILE_BYTES, MAX_ROWS = 20_000_000, 50_000
MAX_BATCH = 256
"""Most texts in one call of the score endpoint."""
MOST_QUICK = 8_000
"""Tokens times steps up to which a question is a quick one: half a second of one core."""
_TOKEN = re.compile(r"\w+|[^\w\s]")


class RefusedError(SentimentError):
    """A question that the page does not answer; the message tells a person what to do."""


class BusyError(RefusedError):
    """Too many questions at once; asking again after ``seconds`` helps."""

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(f"{what} Try again in {seconds} s.")
        self.seconds = seconds


def checked_text(text: object, classifier: SentimentClassifier) -> str:
    """``text`` if it can be read and explained; raises RefusedError that says what is wanted."""
    text = well_formed(short_text(text))
    count, most = len(classifier.encoder.encode(text).ids), most_tokens(classifier)
    if count > most:
        raise RefusedError(
            f"This text has {count:,} words; the microscope reads up to {most:,}. "
            "Shorten it and try again."
        )
    if count == 0:
        raise RefusedError("Type at least one word, or pick an example.")
    return text


def short_text(text: object) -> str:
    """``text`` if it is one, of a bounded length; raises RefusedError that says what is wanted."""
    if not isinstance(text, str):
        raise RefusedError(f"A text must be a string, got {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise RefusedError(
            f"This text has {len(text):,} characters; the microscope reads up to "
            f"{MAX_CHARACTERS:,}. Shorten it and try again."
        )
    return text


def cost(texts: Iterable[object], steps: int) -> int:
    """Tokens times steps of a question, judged before it is read: words and other signs count."""
    found = (len(_TOKEN.findall(t, 0, MAX_CHARACTERS)) for t in texts if isinstance(t, str))
    return steps * max(1, sum(found))


def most_tokens(classifier: SentimentClassifier) -> int:
    """Most words of a text; fewer for a model of two directions, which reads each prefix anew."""
    return MOST_BOTH_WAYS if classifier.model.recurrence.bidirectional else MAX_TOKENS


def well_formed(text: str) -> str:
    """``text`` with each half of a character, which no answer can carry, replaced by "�"."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class RecentExplanations:
    """The explanations asked for last, so that a second question on one text starts warm.

    Bounded by tokens rather than by number, since an explanation's size grows with them.
    """

    def __init__(self, most_tokens: int = 2_000) -> None:
        self._most_tokens = most_tokens
        self._kept: OrderedDict[tuple[str, ...], Explanation] = OrderedDict()
        self._tokens = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...], make: Callable[[], Explanation]) -> Explanation:
        """The explanation under ``key``, made where it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._tokens += len(made.tokens)
                while self._tokens > self._most_tokens and len(self._kept) > 1:
                    self._tokens -= len(self._kept.popitem(last=False)[1].tokens)
        return made

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()
            self._tokens = 0
