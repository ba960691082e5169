"""Many texts to verdicts, in constant memory: files, globs of files and Hub data sets.

Rows are read in windows (``sentiment.tables``). Each window is scored in batches of like length
and written as one part (``sentiment.output``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment.model import bfloat16_pays
from sentiment.output import ADDED, ROW, Parts, kept_names
from sentiment.tables import SURPLUS, Row, Source, TableError, open_source
from sentiment.values import Encoding

if TYPE_CHECKING:
    from sentiment.classifier import SentimentClassifier

WINDOW = 4096
MAX_CHARACTERS = 100_000
"""A longer text gets an error: its hidden states would break the promise of constant memory."""

ScoringError = TableError


@dataclass(frozen=True, slots=True)
class ScoreProgress:
    """How far a run is. ``seconds_left`` is None while the size of the source is unknown."""

    rows: int
    failed: int
    tokens: int
    seconds: float
    seconds_left: float | None

    @property
    def tokens_per_second(self) -> float:
        """Tokens scored per second since the start of this run."""
        return self.tokens / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What a run wrote.

    ``failed`` of the ``rows`` have an ``error`` instead of a verdict; ``resumed`` of them were
    written by an earlier run. ``tokens`` and ``seconds`` are of this run. ``truncated`` tells
    that the row limit was reached before the source ended.
    """

    out: Path
    rows: int
    failed: int
    resumed: int
    tokens: int
    seconds: float
    truncated: bool


def score_rows(
    classifier: SentimentClassifier,
    rows: Sequence[Row],
    text_column: str = "text",
    *,
    first_row: int | None = None,
    bfloat16: bool = False,
) -> tuple[list[Row], int]:
    """Rows with ``label``, ``probability``, ``logit`` and ``error`` added, and the tokens read.

    A row whose text is missing, no string, without words or too long gets only an ``error``.
    With two labels ``probability`` and ``logit`` are those of the second ("positive"), with more
    those of the given label. Columns of these names that the row has already move to
    ``input_label`` and so on. ``first_row``, if given, numbers the rows in a column ``row``.
    ``bfloat16`` as ``SentimentClassifier.logits``.
    """
    added = ADDED if first_row is None else (*ADDED, ROW)
    errors = [row.get(SURPLUS) or _text_error(row, text_column) for row in rows]
    good = [i for i, error in enumerate(errors) if error is None]
    ids = classifier.encoder.ids_batch([rows[i][text_column] for i in good])
    for i, sentence in zip(good, ids, strict=True):
        if not sentence:
            errors[i] = "no words to read"
    good = [i for i in good if errors[i] is None]
    ids = [sentence for sentence in ids if sentence]
    verdicts: dict[int, tuple[str, float, float]] = {}
    rows_of_logits = classifier.logits(ids, bfloat16=bfloat16)
    for i, sentence, logits in zip(good, ids, rows_of_logits, strict=True):
        one = classifier.prediction(Encoding(rows[i][text_column], tuple(sentence), ()), logits)
        probability = max(one.probabilities) if one.probability is None else one.probability
        verdicts[i] = (one.label, probability, one.logit)
    scored = []
    for i, row in enumerate(rows):
        numbered = {} if first_row is None else {ROW: first_row + i}
        named = zip(kept_names(row, added), row.values(), strict=True)
        kept = {name: value for name, value in named if name != SURPLUS}
        verdict = (*verdicts.get(i, (None, None, None)), errors[i])
        scored.append(numbered | kept | dict(zip(ADDED, verdict, strict=True)))
    return scored, sum(map(len, ids))


def score_file(
    classifier: SentimentClassifier,
    source: str | Path,
    out: str | Path,
    *,
    text_column: str = "text",
    split: str = "train",
    limit: int | None = None,
    shard: tuple[int, int] = (0, 1),
    resume: bool = False,
    window: int = WINDOW,
    bfloat16: bool = False,
    on_progress: Callable[[ScoreProgress], None] | None = None,
) -> ScoreSummary:
    """Score every row of ``source`` into ``out``, in the order of the input.

    ``source`` is a csv, tsv, jsonl (each may end in .gz) or parquet file, a glob of such files,
    or a data set's id on the Hub, of which ``split`` is read. ``out`` ends in .csv, .tsv, .jsonl
    or .parquet; it appears when it is complete, and what lay there is replaced. ``shard`` (i, n)
    scores every n-th window only, from window i, and adds the column ``row``, the row's number
    in the source. ``resume`` goes on where a stopped run with the same arguments ended.
    ``bfloat16`` multiplies in 16 bits, where the processor does.
    Raises TableError for sources and outputs that cannot be used, and for bfloat16 elsewhere.
    """
    index, count = shard
    if not 0 <= index < count:
        raise TableError(f"a shard is i/n with 0 <= i < n, got {index}/{count}")
    if window < 1 or (limit is not None and limit < 1):
        raise TableError(f"window and limit must be at least 1, got {window} and {limit}")
    if bfloat16 and not bfloat16_pays(classifier.model.embedding.weight.device):
        raise TableError("this processor does not multiply in bfloat16: score without it")
    reader, out = open_source(source, split), Path(out)
    reader.check_column(text_column)
    if any(out.resolve() == file.resolve() for file in reader.files):
        raise TableError(f"{out} is the input; name another output")
    if out.is_dir():
        raise TableError(f"{out} is a folder; name a file to write")
    out.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        "source": str(source),
        "files": [[str(file), file.stat().st_size] for file in reader.files],
        "text_column": text_column,
        "split": split,
        "limit": limit,
        "shard": list(shard),
        "window": window,
        "weights": classifier.revision,
        "bfloat16": bfloat16,
    }
    parts = Parts(out, reader, settings, resume=resume, numbered=count > 1)
    resumed, tokens, started = parts.rows, 0, time.perf_counter()
    first_fraction: float | None = None
    windows = reader.windows(window, limit, shard)
    for piece in islice(windows, parts.count, None):
        rows = piece.rows
        if not parts.count and not any(text_column in row for row in rows):
            names = ", ".join(name for name in rows[0] if name != SURPLUS)
            raise TableError(f"no row has a column {text_column!r}; the first has {names}")
        numbered = piece.start if count > 1 else None
        scored, read = score_rows(
            classifier, rows, text_column, first_row=numbered, bfloat16=bfloat16
        )
        parts.write(scored)
        tokens += read
        if on_progress is not None:
            seconds = time.perf_counter() - started
            left = None
            if piece.fraction:
                first_fraction = piece.fraction if first_fraction is None else first_fraction
                gone = piece.fraction - (first_fraction if resumed else 0.0)
                left = seconds * (1 - piece.fraction) / gone if gone > 0 else None
            on_progress(ScoreProgress(parts.rows, parts.failed, tokens, seconds, left))
    parts.finish()
    seconds = time.perf_counter() - started
    return ScoreSummary(out, parts.rows, parts.failed, resumed, tokens, seconds, reader.truncated)


def _text_error(row: Row, column: str) -> str | None:
    if column not in row:
        return f"no column {column!r} in this row"
    text = row[column]
    if text is None:
        return "no text"
    if not isinstance(text, str):
        return f"text must be a string, got {type(text).__name__}"
    if not text.strip():
        return "empty text"
    if len(text) > MAX_CHARACTERS:
        return f"text of {len(text):,} characters; at most {MAX_CHARACTERS:,}"
    return None


def shard_name(out: Path, shard: tuple[int, int]) -> Path:
    """``out`` with the shard's number in its name, as data sets on the Hub have it."""
    return out.with_name(f"{out.stem}-{shard[0]:05}-of-{shard[1]:05}{out.suffix}")


__all__ = [
    "ADDED",
    "MAX_CHARACTERS",
    "ScoreProgress",
    "ScoreSummary",
    "ScoringError",
    "Source",
    "open_source",
    "score_file",
    "score_rows",
    "shard_name",
]
