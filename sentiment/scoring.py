"""Many texts to verdicts, in constant memory: files, globs of files and Hub data sets.

Rows are read in windows. Each window is scored in batches of like length and written as one part
beside the output; when all parts are there they become the output in one rename. A run that was
stopped goes on behind its last part.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sentiment.model import bfloat16_pays
from sentiment.values import Encoding

if TYPE_CHECKING:
    from sentiment.classifier import SentimentClassifier

Row = dict[str, Any]

ADDED = ("label", "probability", "logit", "error")
ROW = "row"  # added where a shard is scored
KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
DELIMITERS = {"csv": ",", "tsv": "\t"}
WINDOW = 4096
MAX_CHARACTERS = 100_000
"""A longer text gets an error: its hidden states would break the promise of constant memory."""


class ScoringError(ValueError):
    """A source or output that cannot be used; the message says what was got and what is wanted."""


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


@dataclass(frozen=True, slots=True)
class _Window:
    """Successive rows of the source, the first of which is row number ``start``."""

    start: int
    rows: list[Row]
    fraction: float | None  # of the source read so far


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
    errors = [row.get(_SURPLUS) or _text_error(row, text_column) for row in rows]
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
        named = zip(_kept_names(row, added), row.values(), strict=True)
        kept = {name: value for name, value in named if name != _SURPLUS}
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
    Raises ScoringError for sources and outputs that cannot be used, and for bfloat16 elsewhere.
    """
    index, count = shard
    if not 0 <= index < count:
        raise ScoringError(f"a shard is i/n with 0 <= i < n, got {index}/{count}")
    if window < 1 or (limit is not None and limit < 1):
        raise ScoringError(f"window and limit must be at least 1, got {window} and {limit}")
    if bfloat16 and not bfloat16_pays(classifier.model.embedding.weight.device):
        raise ScoringError("this processor does not multiply in bfloat16: score without it")
    reader, out = open_source(source, split), Path(out)
    reader.check_column(text_column)
    if any(out.resolve() == file.resolve() for file in reader.files):
        raise ScoringError(f"{out} is the input; name another output")
    if out.is_dir():
        raise ScoringError(f"{out} is a folder; name a file to write")
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
    parts = _Parts(out, reader, settings, resume=resume, numbered=count > 1)
    resumed, tokens, started = parts.rows, 0, time.perf_counter()
    first_fraction: float | None = None
    windows = reader.windows(window, limit, shard)
    for piece in islice(windows, parts.count, None):
        rows = piece.rows
        if not parts.count and not any(text_column in row for row in rows):
            names = ", ".join(name for name in rows[0] if name != _SURPLUS)
            raise ScoringError(f"no row has a column {text_column!r}; the first has {names}")
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


def _kept_names(names: Iterable[str], added: Sequence[str]) -> list[str]:
    """The input's columns under names that no added column bears."""
    names = list(names)
    kept = []
    for name in names:
        if name in added:
            name = f"input_{name}"
            while name in names:
                name = f"input_{name}"
        kept.append(name)
    return kept


_SURPLUS = "\0surplus"  # marks a csv row with more fields than the header; never written


class Source:
    """Rows with their columns. ``truncated`` is known once the windows have been read."""

    files: tuple[Path, ...] = ()
    truncated = False

    def rows(self) -> Iterator[Row]:
        """All rows in order."""
        raise NotImplementedError

    def fraction(self) -> float | None:
        """Share of the source read so far, where it can be told."""
        return None

    def columns(self) -> list[str] | None:
        """The columns' names, where the source states them."""
        return None

    def schema(self) -> Any:
        """The columns' Arrow schema, where the source has one."""
        return None

    def check_column(self, name: str) -> None:
        """Raise ScoringError, listing the columns there are, where ``name`` is none of them."""
        columns = self.columns()
        if columns is not None and name not in columns:
            raise ScoringError(f"no column {name!r}; the source has {', '.join(columns)}")

    def windows(self, size: int, limit: int | None, shard: tuple[int, int]) -> Iterator[_Window]:
        """Every n-th window of ``size`` rows."""
        index, count = shard
        rows = self.rows() if limit is None else islice(self.rows(), limit)
        source, start, number = iter(rows), 0, 0
        while piece := list(islice(source, size)):
            if number % count == index:
                yield _Window(start, piece, self.fraction())
            start, number = start + len(piece), number + 1
        if limit is not None and start == limit:
            self.truncated = next(self.rows_behind(limit), None) is not None

    def rows_behind(self, count: int) -> Iterator[Row]:
        """Rows from number ``count`` on."""
        return islice(self.rows(), count, None)


class _TextFiles(Source):
    """csv, tsv and jsonl files, plain or gzipped, all of one kind."""

    def __init__(self, files: Sequence[Path], kind: str) -> None:
        self.files = tuple(files)
        self.kind = kind
        self._sizes = [file.stat().st_size for file in files]
        self._before = 0
        self._raw: IO[bytes] | None = None

    def rows(self) -> Iterator[Row]:
        self._before = 0
        header = self.columns()
        for file, size in zip(self.files, self._sizes, strict=True):
            with self._open(file) as lines:
                if self.kind == "jsonl":
                    yield from _json_rows(lines)
                else:
                    yield from _csv_rows(lines, DELIMITERS[self.kind], header or [], file)
            self._before += size

    @contextmanager
    def _open(self, file: Path) -> Iterator[IO[str]]:
        with file.open("rb") as raw:
            self._raw = raw
            plain: Any = gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else raw
            with io.TextIOWrapper(
                plain, encoding="utf-8-sig", errors="replace", newline=""
            ) as lines:
                yield lines
        self._raw = None

    def fraction(self) -> float | None:
        total = sum(self._sizes)
        position = 0 if self._raw is None or self._raw.closed else self._raw.tell()
        return min(1.0, (self._before + position) / total) if total else None

    def columns(self) -> list[str] | None:
        if self.kind == "jsonl":
            return None
        with self._open(self.files[0]) as lines:
            header = next(csv.reader(lines, delimiter=DELIMITERS[self.kind]), None)
        if header is None:
            raise ScoringError(f"{self.files[0]} is empty; want a header line")
        if len(set(header)) != len(header):
            raise ScoringError(f"{self.files[0]}: a column's name is there twice: {header}")
        return header

    def schema(self) -> Any:
        columns = self.columns()
        if columns is None:
            return None
        import pyarrow as pa

        return pa.schema([(name, pa.string()) for name in columns])


def _csv_rows(lines: IO[str], delimiter: str, header: list[str], file: Path) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    records = csv.reader(lines, delimiter=delimiter)
    if (got := next(records, [])) != header:
        raise ScoringError(f"{file}: columns {got}, unlike the first file's {header}")
    width = len(header)
    for record in records:
        if not record:  # a blank line is no row, for every reader of csv
            continue
        row: Row = dict.fromkeys(header)
        row.update(zip(header, record, strict=False))
        if len(record) > width:
            row[_SURPLUS] = f"{len(record)} fields, the header has {width}: {record[width:]}"
        yield row


def _json_rows(lines: IO[str]) -> Iterator[Row]:
    for line in lines:
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            problem = None if isinstance(value, dict) else f"want an object, got {value!r:.80}"
        except (ValueError, RecursionError) as error:
            value, problem = None, f"not JSON: {error}"
        yield value if problem is None else {_SURPLUS: problem, "input_line": line.strip()}


class _ParquetFiles(Source):
    """Parquet files of one schema."""

    def __init__(self, files: Sequence[Path]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.files = tuple(files)
        try:
            self._readers = [pq.ParquetFile(file) for file in files]
        except (pa.ArrowInvalid, OSError) as error:
            raise ScoringError(f"not a parquet file: {error}") from error
        self._schema = self._readers[0].schema_arrow
        for file, reader in zip(files, self._readers, strict=True):
            if not reader.schema_arrow.equals(self._schema):
                raise ScoringError(f"{file}: columns unlike the first file's")
        self._total = sum(reader.metadata.num_rows for reader in self._readers)
        self._read = 0

    def rows(self) -> Iterator[Row]:
        self._read = 0
        for reader in self._readers:
            for batch in reader.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    self._read += 1
                    yield row

    def fraction(self) -> float | None:
        return self._read / self._total if self._total else None

    def columns(self) -> list[str]:
        return list(self._schema.names)

    def schema(self) -> Any:
        return self._schema.remove_metadata()


class _HubDataset(Source):
    """A data set on the Hub, streamed. Shares of it are by file where the files allow it."""

    def __init__(self, name: str, split: str) -> None:
        import datasets

        from sentiment.hub import HubError, check_dataset

        try:
            check_dataset(name)
            self._data = datasets.load_dataset(name, split=split, streaming=True)
        except HubError as error:
            raise ScoringError(str(error)) from error
        except (ConnectionError, FileNotFoundError, ValueError, OSError) as error:
            raise ScoringError(
                f"no file or glob at {name!r} and no data set of that id could be read: {error}"
            ) from error

    def rows(self) -> Iterator[Row]:
        return iter(self._data)

    def windows(self, size: int, limit: int | None, shard: tuple[int, int]) -> Iterator[_Window]:
        from datasets.distributed import split_dataset_by_node

        index, count = shard
        if count > 1:
            self._data = split_dataset_by_node(self._data, rank=index, world_size=count)
        return super().windows(size, limit, (0, 1))

    def columns(self) -> list[str] | None:
        names = self._data.column_names
        return None if names is None else list(names)

    def schema(self) -> Any:
        features = self._data.features
        return None if features is None else features.arrow_schema.remove_metadata()


def open_source(source: str | Path, split: str = "train") -> Source:
    """The rows of a file, a glob or a Hub data set. Raises ScoringError where there is none."""
    text = str(source)
    files = [Path(name) for name in sorted(glob.glob(text, recursive=True))]
    if Path(text).exists():
        files = [Path(text)]
    files = [file for file in files if not file.is_dir()] or files
    if not files:
        looks_local = glob.has_magic(text) or kind_of(Path(text)) or text.startswith((".", "/"))
        if looks_local or text.count("/") > 1:
            raise ScoringError(f"no file at {text}")
        return _HubDataset(text, split)
    kinds = {kind_of(file) for file in files}
    if len(kinds) != 1 or None in kinds:
        raise ScoringError(
            f"want files of one kind among {', '.join(KINDS)}, got "
            f"{', '.join(file.name for file in files[:5])}"
        )
    kind = kinds.pop()
    if kind == "parquet":
        return _ParquetFiles(files)
    return _TextFiles(files, str(kind))


def kind_of(file: Path) -> str | None:
    """ "csv", "tsv", "jsonl" or "parquet" by the file's name, .gz aside; None for others."""
    name = file.with_suffix("") if file.suffix == ".gz" else file
    kind = KINDS.get(name.suffix)
    return None if kind == "parquet" and file.suffix == ".gz" else kind


class _Parts:
    """The output while it grows: a folder of parts beside it, one for each window."""

    def __init__(
        self, out: Path, source: Source, settings: Row, *, resume: bool, numbered: bool
    ) -> None:
        kind = KINDS.get(out.suffix)
        if kind is None:
            raise ScoringError(f"the output must end in {', '.join(KINDS)}, got {out.name!r}")
        self.out, self.kind = out, kind
        self._folder = out.with_name(out.name + ".partial")
        self._state = self._folder / "state.json"
        self._log = self._folder / "done.txt"  # a line "rows failed" for each whole part
        self.count, self.rows, self.failed = 0, 0, 0
        self._schema: Any = None
        columns, schema = source.columns(), source.schema()
        number = [ROW] if numbered else []
        added = [*ADDED, *number]
        self._columns = None if columns is None else [*number, *_kept_names(columns, added), *ADDED]
        if kind == "parquet" and schema is not None:
            self._schema = _with_added(schema, numbered)
        if resume and self._state.is_file():
            self._read_state(settings)
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()
        self._settings = settings

    def _read_state(self, settings: Row) -> None:
        state = json.loads(self._state.read_text(encoding="utf-8"))
        if changed := [k for k, v in settings.items() if state["settings"].get(k) != v]:
            raise ScoringError(
                f"cannot resume {self.out}: {', '.join(changed)} differ from the stopped run's"
            )
        lines = self._log.read_text(encoding="utf-8") if self._log.is_file() else ""
        whole = lines[: lines.rfind("\n") + 1]  # the last line may have been cut short
        self._log.write_text(whole, encoding="utf-8")
        for line in whole.splitlines():
            rows, failed = map(int, line.split())
            self._count(rows, failed)
        if self._columns is None and state["columns"]:
            self._columns = state["columns"]
        if self.kind == "parquet" and self._schema is None and self.count:
            import pyarrow.parquet as pq

            self._schema = pq.read_schema(self._part(0))

    def _count(self, rows: int, failed: int) -> None:
        self.count, self.rows, self.failed = self.count + 1, self.rows + rows, self.failed + failed

    def _part(self, number: int) -> Path:
        return self._folder / f"part-{number:08}"

    def write(self, rows: list[Row]) -> None:
        """Write one part; it counts once the log has its line."""
        path = self._part(self.count)
        if self.kind == "parquet":
            self._write_parquet(path, rows)
        elif self.kind == "jsonl":
            # a lone surrogate, which UTF-8 cannot carry, becomes its JSON escape
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                for row in rows:
                    file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        else:
            self._write_csv(path, rows)
        failed = sum(row["error"] is not None for row in rows)
        if not self.count:
            partial = self._state.with_suffix(".new")
            state = {"settings": self._settings, "columns": self._columns}
            partial.write_text(json.dumps(state), encoding="utf-8")
            partial.replace(self._state)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{len(rows)} {failed}\n")
        self._count(len(rows), failed)

    def _write_csv(self, path: Path, rows: list[Row]) -> None:
        if self._columns is None:
            names = dict.fromkeys(name for row in rows for name in row if name not in ADDED)
            self._columns = [*names, *ADDED]
        with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
            writer = csv.DictWriter(
                file, self._columns, delimiter=DELIMITERS[self.kind], lineterminator="\n"
            )
            for row in rows:
                if foreign := row.keys() - set(self._columns):
                    raise ScoringError(
                        f"column {sorted(foreign)[0]!r} appears after the first rows; a csv has "
                        "one header: write to .jsonl"
                    )
                writer.writerow(row)

    def _write_parquet(self, path: Path, rows: list[Row]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = [{name: _encodable(value) for name, value in row.items()} for row in rows]
        try:
            if self._schema is None:
                self._schema = _inferred(rows)
            if foreign := {name for row in rows for name in row} - set(self._schema.names):
                raise ScoringError(
                    f"column {sorted(foreign)[0]!r} appears after the first rows; parquet has "
                    "one schema: write to .jsonl"
                )
            pq.write_table(pa.Table.from_pylist(rows, schema=self._schema), path)
        except (pa.ArrowException, TypeError, OverflowError, UnicodeEncodeError) as error:
            raise ScoringError(
                f"a column holds values of several kinds ({error}); write to .jsonl"
            ) from error

    def finish(self) -> None:
        """Join the parts, put the output in its place and remove the parts."""
        joined = self._folder / "joined"
        parts = [self._part(number) for number in range(self.count)]
        if self.kind == "parquet":
            self._join_parquet(joined, parts)
        else:
            with joined.open("wb") as file:
                if self.kind in DELIMITERS:
                    header = io.StringIO()
                    names = self._columns or list(ADDED)
                    delimiter = DELIMITERS[self.kind]
                    csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow(names)
                    file.write(header.getvalue().encode("utf-8", "replace"))
                for part in parts:
                    with part.open("rb") as piece:
                        shutil.copyfileobj(piece, file)
        joined.replace(self.out)
        shutil.rmtree(self._folder)

    def _join_parquet(self, joined: Path, parts: Iterable[Path]) -> None:
        import pyarrow.parquet as pq

        schema = self._schema if self._schema is not None else _inferred([])
        with pq.ParquetWriter(joined, schema) as writer:
            for part in parts:
                writer.write_table(pq.read_table(part, schema=schema))


def _added_fields() -> list[Any]:
    import pyarrow as pa

    kinds = (pa.string(), pa.float64(), pa.float64(), pa.string())
    return [pa.field(name, kind) for name, kind in zip(ADDED, kinds, strict=True)]


def _encodable(value: Any) -> Any:
    """A string with each lone surrogate, which UTF-8 cannot carry, as "?"; else the value."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _with_added(schema: Any, numbered: bool) -> Any:
    import pyarrow as pa

    names = _kept_names(schema.names, (*ADDED, ROW) if numbered else ADDED)
    kept = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
    number = [pa.field(ROW, pa.int64())] if numbered else []
    return pa.schema([*number, *kept, *_added_fields()])


def _inferred(rows: list[Row]) -> Any:
    """The schema of the first rows; a column that is empty so far is taken for text."""
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row if name not in ADDED)
    fields = []
    for name in names:
        kind = pa.array([row.get(name) for row in rows]).type
        fields.append(pa.field(name, pa.string() if pa.types.is_null(kind) else kind))
    return pa.schema([*fields, *_added_fields()])


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
