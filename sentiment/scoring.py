"""Many texts to verdicts, in constant memory: files, globs of files and Hub data sets.

Rows are read in windows (``sentiment.tables``). Each window is scored in batches of like length
and written as one part (``sentiment.output``).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment.kernels import one_thread
from sentiment.model import bfloat16_pays
from sentiment.output import (
    ADDED,
    ROW,
    Added,
    AddedColumns,
    Parts,
    finished,
    kept_names,
    note_finished,
    refuse_other_count,
    shard_name,
)
from sentiment.schedule import MAX_CHARACTERS, Schedule
from sentiment.tables import (
    MISSING,
    ObjectRows,
    ReadOptions,
    Row,
    Rows,
    Source,
    TableError,
    Window,
    open_source,
    paths,
)
from sentiment.verdicts import Asked, Verdict

if TYPE_CHECKING:
    from sentiment.classifier import SentimentClassifier

WINDOW = 4096

_FIELDS = ("labels", "leanings", "probabilities", "logits", "errors")
"""Those of ``Added`` in the order of a verdict."""

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
    that the row limit was reached before the source ended. ``notes`` say how the source was
    read, where its name does not tell.
    """

    out: Path
    rows: int
    failed: int
    resumed: int
    tokens: int
    seconds: float
    truncated: bool
    notes: tuple[str, ...] = ()


def score_rows(
    classifier: SentimentClassifier,
    rows: Sequence[Row],
    text_column: str = "text",
    *,
    first_row: int | None = None,
    bfloat16: bool = False,
    probabilities: bool = False,
) -> tuple[list[Row], int]:
    """Rows with ``label``, ``leaning``, ``probability``, ``logit`` and ``error`` added, and the
    tokens read.

    ``label`` is the reading: negative, neutral or positive; ``leaning`` the side it leans to.
    A row whose text is missing, no string, without words, of unknown words alone, in another
    language or script than the model's or too long gets only an ``error``. ``text_column`` may be
    a dotted path into nested dicts. With two labels ``probability`` and ``logit`` are those of the
    second ("positive"), with more those of the given label; ``probabilities`` adds that of each
    label, ``probability_`` before its name. Columns of these names that the row has already move
    to ``input_label`` and so on. ``first_row``, if given, numbers the rows in a column ``row``.
    ``bfloat16`` as ``SentimentClassifier.logits``.
    """
    count = len(rows)
    given = ObjectRows(rows, [None] * count, range(1, count + 1), [None] * count)
    added, tokens = score_window(
        classifier,
        given,
        text_column,
        first_row=first_row,
        bfloat16=bfloat16,
        probabilities=probabilities,
    )
    names, verdicts = added.which.names, added.which.verdicts
    scored = []
    for i, (row, verdict) in enumerate(zip(rows, zip(*added.columns(), strict=True), strict=True)):
        numbered = {} if first_row is None else {ROW: first_row + i}
        kept = dict(zip(kept_names(row, names), row.values(), strict=True))
        scored.append(numbered | kept | dict(zip(verdicts, verdict, strict=True)))
    return scored, tokens


def score_window(
    classifier: SentimentClassifier,
    rows: Rows,
    text_column: str,
    *,
    first_row: int | None = None,
    bfloat16: bool = False,
    probabilities: bool = False,
    on_batch: Callable[[], None] | None = None,
) -> tuple[Added, int]:
    """The verdicts on one window of rows, and the tokens read; as ``score_rows``.

    ``on_batch`` is called before every step of some thousand tokens; what it raises ends the work.
    """
    asked = Asked(bfloat16, probabilities)
    window = Window(first_row or 0, rows, None)
    with Schedule(classifier, asked, text_column, on_batch=on_batch) as schedule:
        ((_, found, tokens),) = schedule.scored(iter([window]))
    return _added(classifier, found, asked, first_row), tokens


def _added(
    classifier: SentimentClassifier,
    found: Sequence[Verdict],
    asked: Asked,
    first_row: int | None,
) -> Added:
    """The verdicts as columns."""
    labels = classifier.labels if asked.probabilities else ()
    names = AddedColumns(labels=labels).verdicts
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    given, each = columns[: len(ADDED)], columns[len(ADDED) :]
    return Added(
        **dict(zip(_FIELDS, given, strict=True)),
        first_row=first_row,
        each=dict(zip(labels, each, strict=True)),
    )


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
    options: ReadOptions | None = None,
    safe_for_spreadsheets: bool = False,
    probabilities: bool = False,
    processes: int = 1,
    on_progress: Callable[[ScoreProgress], None] | None = None,
    on_batch: Callable[[], None] | None = None,
    on_part: Callable[[Rows, Added], None] | None = None,
) -> ScoreSummary:
    """Score every row of ``source`` into ``out``, in the order of the input.

    ``source`` is a file, a glob of files of one kind, or a data set's id on the Hub, of which
    ``split`` is read; kinds, encodings and delimiters are told by content, and ``options`` say
    otherwise. ``text_column`` may reach into nested values by a dotted path. ``out`` ends in .csv,
    .tsv, .jsonl or .parquet; it appears when it is complete, and what lay there is replaced.
    ``shard`` (i, n) scores every n-th window only, from window i, and adds the column ``row``, the
    row's number in the source. ``resume`` goes on where a stopped run with the same arguments,
    input and weights ended. ``bfloat16`` multiplies in 16 bits, where the processor does.
    ``safe_for_spreadsheets`` writes cells of csv and tsv that a spreadsheet would take for a
    formula with an apostrophe before them. ``probabilities`` and ``on_batch`` as ``score_window``;
    ``on_part`` is given each window with its verdicts. ``processes`` of one thread each share the
    work once it lasts longer than their start, each with a copy of the model, and write the same
    bytes whatever their number; a program that asks for several guards its main module, as
    ``multiprocessing`` wants it.

    Of csv, tsv and JSON lines scored into the same kind, what the input has comes back byte for
    byte, in its encoding and with its byte order mark, delimiter, quotes and line ends. Rows that
    no strict reader reads, cells made safe and names that give way to an added one are written
    anew. Another kind is written in UTF-8, csv with commas.
    Raises TableError for sources and outputs that cannot be used, and for bfloat16 elsewhere.
    """
    _check_arguments(classifier, shard, window, limit, processes, bfloat16=bfloat16)
    reader, out = open_source(source, split, options), Path(out)
    _check_places(reader, out, text_column)
    labels = classifier.labels if probabilities else ()
    columns = AddedColumns(shard[1] > 1, labels)
    if resume:
        refuse_other_count(out)
    settings: Row = {
        "source": str(source),
        "input": [[str(file), *_fingerprint(file)] for file in reader.files],
        "text_column": text_column,
        "split": split,
        "limit": limit,
        "shard": list(shard),
        "window": window,
        "weights": _weights_hash(classifier),
        "bfloat16": bfloat16,
        "safe_for_spreadsheets": safe_for_spreadsheets,
        "probabilities": list(labels),
        "reading": repr(options or ReadOptions()),
        "spelling": "the input's where it is of the same kind",
    }
    if resume and columns.numbered and (there := finished(out, settings)) is not None:
        rows, failed = there
        return ScoreSummary(out, rows, failed, rows, 0, 0.0, False, ("was complete already",))
    before = [file.stat().st_mtime_ns for file in reader.files]
    parts = Parts(out, reader, settings, resume=resume, added=columns, safe=safe_for_spreadsheets)
    try:
        clock = _Clock(parts, parts.rows, time.perf_counter(), on_progress)
        windows = reader.windows(window, limit, shard)
        ahead = _checked(islice(windows, parts.count, None), text_column, begun=parts.count > 0)
        asked = Asked(bfloat16, probabilities)
        with (
            one_thread(),
            Schedule(
                classifier, asked, text_column, processes=processes, on_batch=on_batch
            ) as schedule,
        ):
            for piece, found, read in schedule.scored(ahead):
                start = piece.start if columns.numbered else None
                added = _added(classifier, found, asked, start)
                parts.write(piece.rows, added)
                if on_part is not None:
                    on_part(piece.rows, added)
                clock.tick(read, piece.fraction)
        if before != [file.stat().st_mtime_ns for file in reader.files]:
            raise TableError(f"{source} was written to while it was read; score it again")
        rows, failed = parts.rows, parts.failed
        parts.finish()
        if columns.numbered:
            note_finished(out, settings, rows, failed, parts.spelling)
    finally:
        parts.close()
    notes = (*reader.notes, *schedule.notes())
    return ScoreSummary(
        out, rows, failed, clock.resumed, clock.tokens, clock.seconds, reader.truncated, notes
    )


@dataclass(slots=True)
class _Clock:
    """Tokens and time of a run, told after every part."""

    parts: Parts
    resumed: int
    started: float
    on_progress: Callable[[ScoreProgress], None] | None
    tokens: int = 0
    first_fraction: float | None = None

    @property
    def seconds(self) -> float:
        """Since the start of this run."""
        return time.perf_counter() - self.started

    def tick(self, tokens: int, fraction: float | None) -> None:
        """Count a part's tokens and tell how far the source is read."""
        self.tokens += tokens
        if self.on_progress is None:
            return
        seconds, left = self.seconds, None
        if fraction:
            if self.first_fraction is None:
                self.first_fraction = fraction
            gone = fraction - (self.first_fraction if self.resumed else 0.0)
            left = seconds * (1 - fraction) / gone if gone > 0 else None
        parts = self.parts
        self.on_progress(ScoreProgress(parts.rows, parts.failed, self.tokens, seconds, left))


def _check_arguments(
    classifier: SentimentClassifier,
    shard: tuple[int, int],
    window: int,
    limit: int | None,
    processes: int,
    *,
    bfloat16: bool,
) -> None:
    index, count = shard
    if not 0 <= index < count:
        raise TableError(f"a shard is i/n with 0 <= i < n, got {index}/{count}")
    if window < 1 or (limit is not None and limit < 1):
        raise TableError(f"window and limit must be at least 1, got {window} and {limit}")
    device = classifier.model.embedding.weight.device
    if processes < 1 or (processes > 1 and device.type != "cpu"):
        raise TableError(
            f"processes must be at least 1, on {device.type} no more, got {processes}"
            if device.type != "cpu"
            else f"processes must be at least 1, got {processes}"
        )
    if bfloat16 and not bfloat16_pays(device):
        raise TableError("this processor does not multiply in bfloat16: score without it")


def _check_places(reader: Source, out: Path, text_column: str) -> None:
    """Raise TableError where the column is missing or ``out`` no place; make its folder."""
    reader.check_column(text_column)
    if any(out.resolve() == file.resolve() for file in reader.files):
        raise TableError(f"{out} is the input; name another output")
    if out.is_dir():
        raise TableError(f"{out} is a folder; name a file to write")
    out.parent.mkdir(parents=True, exist_ok=True)


def _checked(windows: Iterator[Window], text_column: str, *, begun: bool) -> Iterator[Window]:
    """The windows; the first is looked at before it is scored, unless a stopped run did."""
    for window in windows:
        if not begun:
            _check_objects(window.rows, text_column)
            begun = True
        yield window


def _check_objects(rows: Rows, text_column: str) -> None:
    """Raise TableError where no row of the first window has the column, or none could be read."""
    if not isinstance(rows, ObjectRows) or not len(rows):
        return
    whole = [row for row, error in zip(rows.objects, rows.errors, strict=True) if error is None]
    if not whole:
        raise TableError(f"no row can be read: {rows.errors[0]}")
    if all(value is MISSING for value in rows.values(text_column)):
        names = ", ".join(paths(whole[0])[:50])
        raise TableError(f"no row has a column {text_column!r}; the first has {names}")


def _fingerprint(file: Path) -> tuple[int, str]:
    """A file's bytes and their hash."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "blake2b").hexdigest()[:32]
        return content.tell(), digest


@lru_cache(maxsize=4)
def _weights_hash(classifier: SentimentClassifier) -> str:
    """The hash of all that a verdict depends on: weights, words and labels."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(classifier.model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    digest.update(classifier.encoder.tokenizer.to_str().encode())
    digest.update(repr((classifier.labels, classifier.config)).encode())
    return digest.hexdigest()


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
