"""The Score a file panel: a file or pasted lines in, the same rows with verdicts out."""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from sentiment.classifier import SentimentClassifier
from sentiment.errors import SentimentError
from sentiment.scoring import ScoreProgress, ScoreSummary, open_source, score_file
from sentiment.tables import ENDINGS, PACKED, Preview, ReadOptions, TableError
from sentiment.tables.source import TEXT_COLUMNS
from sentiment.ui import uploads
from sentiment.ui.answers import Reader
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import MAX_FILE_BYTES, MAX_ROWS
from sentiment.ui.panel import Panel
from sentiment.ui.uploads import (
    AUTOMATIC,
    DELIMITERS,
    ENCODINGS,
    Shown,
    copied,
    from_lines,
    options_of,
)
from sentiment.values import NEUTRAL_ZONE

PREVIEW, BARS, WINDOW = 20, 12, 1024


class StoppedError(Exception):
    """The person asked to stop."""


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    scorer = FileScorer(reader.classifier)
    gr.Markdown(
        "## Score a file\n"
        f"csv, tsv, text, JSON, parquet or xlsx up to {MAX_FILE_BYTES // 1_000_000} MB and "
        f"{MAX_ROWS:,} rows, or lines of text. Every row comes back in its place with `label`, "
        "`probability` and `logit`; a row that cannot be read comes back with an `error`. "
        "Files and results are deleted from this machine within two hours."
    )
    with gr.Row():
        with gr.Column():
            file = gr.File(label="File", file_types=[*ENDINGS, *PACKED], elem_id="file")
            column = gr.Dropdown(
                ["text"], value="text", label="Text column", allow_custom_value=True
            )
            with gr.Accordion("How the file is read", open=False):
                encoding = gr.Dropdown(
                    list(ENCODINGS), value=AUTOMATIC, label="Encoding", allow_custom_value=True
                )
                delimiter = gr.Dropdown(
                    list(DELIMITERS),
                    value=AUTOMATIC,
                    label="Fields are separated by",
                    allow_custom_value=True,
                )
                header = gr.Checkbox(value=True, label="The first line names the columns")
            safe = gr.Checkbox(
                value=False,
                label="Safe for spreadsheets: cells that would run as formulas get an apostrophe",
            )
        lines = gr.Textbox(
            label="Or lines of text, one text a line", lines=7, max_lines=7, elem_id="lines"
        )
    with gr.Row():
        start = gr.Button("Score", variant="primary", elem_id="score")
        stop = gr.Button("Stop", elem_id="stop")
    shown = drawn("score")
    out = gr.File(label="Scored file", interactive=False, visible=False, elem_id="scored-file")
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    reading = [encoding, delimiter, header]
    file.change(scorer.opened, [file, encoding, delimiter], [column, header, shown], **private)
    for control in (encoding, delimiter):
        control.input(scorer.looked_at, [file, *reading], [column, shown], **private)
    header.input(scorer.looked_at, [file, *reading], [column, shown], **private)
    column.input(scorer.chosen, [file, *reading, column], shown, **private)
    start.click(
        scorer.run,
        [file, column, lines, *reading, safe],
        [shown, out],
        concurrency_limit=2,
        **private,
    )
    stop.click(scorer.stop, None, None, queue=False, **private)


class FileScorer:
    """Scores uploads in a folder of their own that is gone afterwards; one run a person."""

    def __init__(self, classifier: SentimentClassifier) -> None:
        self._classifier = classifier
        self._stops: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def opened(
        self, file: str | None, encoding: str, delimiter: str
    ) -> tuple[gr.Dropdown, gr.Checkbox, Shown | None]:
        """A new file as it is understood: its columns, whether it has a header, its first rows."""
        found, fault = self._understood(file, encoding, delimiter, header=True)
        header = True
        if found is not None and found.header_like_data:
            named = found.text_column or ""
            if named.casefold() not in TEXT_COLUMNS:
                header = False
                found, fault = self._understood(file, encoding, delimiter, header=False)
        column, answer = _answer(found, fault, header)
        return column, gr.Checkbox(value=header), answer

    def looked_at(
        self, file: str | None, encoding: str, delimiter: str, header: bool
    ) -> tuple[gr.Dropdown, Shown | None]:
        """The same file read otherwise."""
        return _answer(*self._understood(file, encoding, delimiter, header=header), header)

    def chosen(
        self, file: str | None, encoding: str, delimiter: str, header: bool, column: str
    ) -> Shown | None:
        """The first rows with another text column."""
        found, fault = self._understood(file, encoding, delimiter, header=header)
        return fault if found is None else uploads.shown(found, column, header)

    def _understood(
        self, file: str | None, encoding: str, delimiter: str, *, header: bool
    ) -> tuple[Preview | None, Shown | None]:
        if file is None:
            return None, None
        with tempfile.TemporaryDirectory() as folder:
            try:
                source = copied(Path(file), Path(folder))
                return uploads.understood(source, options_of(encoding, delimiter, header)), None
            except (TableError, OSError) as error:
                return None, {"message": _plain(error, Path(folder), Path(file).name)}
            except gr.Error as error:
                return None, {"message": error.message}

    def stop(self, request: gr.Request) -> None:
        """End this person's run, if one is under way."""
        if (stop := self._stops.get(request.session_hash or "")) is not None:
            stop.set()

    def run(
        self,
        file: str | None,
        column: str,
        lines: str,
        encoding: str,
        delimiter: str,
        header: bool,
        safe: bool,
        request: gr.Request,
    ) -> Iterator[tuple[Shown, gr.File]]:
        """Progress, then the preview and the scored file."""
        person = request.session_hash or ""
        hidden = gr.File(value=None, visible=False)
        stop = threading.Event()
        with self._lock:
            taken = self._stops.setdefault(person, stop) is not stop
        if taken:
            yield {"message": "A run of yours is under way. Stop it, or wait for its end."}, hidden
            return
        folder = Path(tempfile.mkdtemp(prefix="scored-"))
        try:
            if file:
                source, options = (
                    copied(Path(file), folder),
                    options_of(encoding, delimiter, header),
                )
            else:
                source, options, column = from_lines(lines, folder), ReadOptions(), "text"
            kind = open_source(source, options=options).kind
            out = folder / f"scored{uploads.ending_of(kind)}"
            yield {"running": True, "rows": 0, "failed": 0, "fraction": None}, hidden
            for news in self._score(source, out, column, options, safe, stop):
                if isinstance(news, ScoreSummary):
                    yield (
                        _result(news, len(self._classifier.labels)),
                        gr.File(str(out), visible=True),
                    )
                else:
                    yield _progress(news), hidden
        except StoppedError:
            yield {"message": "Stopped. No file was written."}, hidden
        except (SentimentError, OSError) as error:
            name = Path(file).name if file else "the lines"
            yield {"message": _plain(error, folder, name)}, hidden
        except gr.Error as error:
            yield {"message": error.message}, hidden
        finally:
            stop.set()
            with self._lock:
                del self._stops[person]
            shutil.rmtree(folder, ignore_errors=True)

    def _score(
        self,
        source: Path,
        out: Path,
        column: str,
        options: ReadOptions,
        safe: bool,
        stop: threading.Event,
    ) -> Iterator[ScoreProgress | ScoreSummary]:
        news: queue.Queue[ScoreProgress | ScoreSummary | BaseException] = queue.Queue()

        def check() -> None:
            if stop.is_set():
                raise StoppedError

        def tell(progress: ScoreProgress) -> None:
            check()
            news.put(progress)

        def work() -> None:
            try:
                news.put(
                    score_file(
                        self._classifier,
                        source,
                        out,
                        text_column=column,
                        limit=MAX_ROWS,
                        window=WINDOW,
                        options=options,
                        safe_for_spreadsheets=safe,
                        on_progress=tell,
                        on_batch=check,
                    )
                )
            except BaseException as error:  # handed to the generator, which answers it
                news.put(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while True:
            got = news.get()
            if isinstance(got, BaseException):
                raise got
            yield got
            if isinstance(got, ScoreSummary):
                return


def _answer(
    found: Preview | None, fault: Shown | None, header: bool
) -> tuple[gr.Dropdown, Shown | None]:
    if found is None:
        return gr.Dropdown(choices=["text"], value="text"), fault
    column = found.text_column or "text"
    choices = [uploads.cell(name) for name in found.columns] or ["text"]
    return gr.Dropdown(choices=choices, value=column), uploads.shown(found, column, header)


def _plain(error: Exception, folder: Path, name: str) -> str:
    """A fault's message with the person's name of the file; no path of this machine."""
    text = str(error)
    for path in folder.iterdir() if folder.is_dir() else ():
        text = text.replace(str(path), name).replace(path.name, name)
    return text.replace(f"{folder}/", "")


def _progress(progress: ScoreProgress) -> Shown:
    left = progress.seconds_left
    whole = None if left is None else progress.seconds + left
    fraction = progress.seconds / whole if whole else None
    return {
        "running": True,
        "rows": progress.rows,
        "failed": progress.failed,
        "fraction": fraction,
    }


def _result(summary: ScoreSummary, labels: int) -> Shown:
    counts: dict[str, int] = {}
    bars = [0] * BARS
    preview: list[list[str]] = []
    columns: list[str] = []
    own = ReadOptions("utf-8", {".csv": ",", ".tsv": "\t"}.get(summary.out.suffix))
    for row in open_source(summary.out, options=own).rows():
        columns = columns or list(row)
        if len(preview) < PREVIEW:
            preview.append([_shown(row.get(name), name) for name in columns])
        if row.get("error") not in (None, ""):
            continue
        if labels == 2:
            bars[min(int(float(row["probability"]) * BARS), BARS - 1)] += 1
        else:
            counts[str(row["label"])] = counts.get(str(row["label"]), 0) + 1
    histogram = [
        [f"{i / BARS:.2f} to {(i + 1) / BARS:.2f}", bars[i], _tone((i + 0.5) / BARS)]
        for i in range(BARS)
    ]
    return {
        "rows": summary.rows,
        "failed": summary.failed,
        "seconds": summary.seconds,
        "truncated": summary.truncated,
        "notes": [note.split(": ", 1)[-1] for note in summary.notes],
        "columns": [uploads.cell(name) for name in columns],
        "preview": preview,
        "histogram": histogram if labels == 2 else [[n, c, "zero"] for n, c in counts.items()],
    }


def _shown(value: object, column: str) -> str:
    if column in ("probability", "logit") and isinstance(value, str) and value:
        value = float(value)  # csv has text alone
    return uploads.cell(value)


def _tone(probability: float) -> str:
    low, high = NEUTRAL_ZONE
    return "negative" if probability < low else "positive" if probability > high else "zero"


PANEL = Panel("score", "Score a file", build)
