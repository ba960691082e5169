"""The Score a file panel: a file or pasted lines in, the same rows with verdicts out."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import Context

from sentiment.cancellation import check_cancelled
from sentiment.errors import SentimentError
from sentiment.output import Added, kept_names
from sentiment.scoring import ScoreProgress, ScoreSummary, open_source, score_file
from sentiment.tables import Preview, ReadOptions, Rows
from sentiment.tables.source import TEXT_COLUMNS
from sentiment.ui import uploads
from sentiment.ui.answers import Reader
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import MAX_FILE_BYTES, MAX_ROWS, RefusedError
from sentiment.ui.panel import Panel
from sentiment.ui.storage import CLAIMS, result_folder
from sentiment.ui.uploads import (
    AUTOMATIC,
    DELIMITERS,
    ENCODINGS,
    SKIPS,
    Choices,
    Shown,
    copied,
    from_lines,
)
from sentiment.values import NEUTRAL_ZONE

PREVIEW, BARS, WINDOW = 20, 12, 1024


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    scorer = FileScorer(reader)
    gr.Markdown(
        "## Score a file\n"
        f"csv, tsv, text, JSON, parquet or xlsx up to {MAX_FILE_BYTES // 1_000_000} MB and "
        f"{MAX_ROWS:,} rows, or lines of text. Every row comes back in its place with `label`, "
        "`probability` and `logit`; a row that cannot be read comes back with an `error`. "
        "Files and results are deleted from this machine when you close the page, and within two "
        "hours at the latest."
    )
    with gr.Row():
        with gr.Column():
            file = gr.File(label="File", elem_id="file")  # of any name: the content tells
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
                skip = gr.Dropdown(
                    list(SKIPS),
                    value=AUTOMATIC,
                    label="Rows to skip above the header",
                    allow_custom_value=True,
                )
                sheet = gr.Dropdown(
                    [], value=None, label="Sheet", visible=False, allow_custom_value=True
                )
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
    reading: list[Any] = [encoding, delimiter, header, skip, sheet]
    opened = [column, header, sheet, shown]
    file.change(scorer.opened, [file, encoding, delimiter, skip], opened, **private)
    for control in reading:
        control.input(scorer.looked_at, [file, *reading], [column, shown], **private)
    column.input(scorer.chosen, [file, *reading, column], shown, **private)
    start.click(scorer.run, [file, column, lines, *reading, safe], [shown, out], **private)
    stop.click(scorer.stop, None, None, queue=False, **private)
    if (page := Context.root_block) is not None:
        page.unload(scorer.closed)


class FileScorer:
    """Scores uploads in a folder of their own that is gone afterwards; one run a person."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._runs: dict[str, asyncio.Task[tuple[Shown, Path]] | None] = {}

    async def opened(
        self, file: str | None, encoding: str, delimiter: str, skip: str, request: gr.Request
    ) -> tuple[gr.Dropdown, gr.Checkbox, gr.Dropdown, Shown | None]:
        """A new file as it is understood: its columns, whether it has a header, its sheets where
        it has such, and its first rows.
        """
        if file is not None:
            CLAIMS.claim(Path(file), _person(request))
        choices = Choices(encoding, delimiter, skip=skip)
        found, fault = await self._understood(file, choices)
        if found is not None and found.header_like_data:
            named = found.text_column or ""
            if named.casefold() not in TEXT_COLUMNS:
                choices = replace(choices, header=False)
                found, fault = await self._understood(file, choices)
        column, answer = _answer(found, fault, choices.header)
        return column, gr.Checkbox(value=choices.header), _sheets(found), answer

    async def looked_at(
        self,
        file: str | None,
        encoding: str,
        delimiter: str,
        header: bool,
        skip: str,
        sheet: str | None,
    ) -> tuple[gr.Dropdown, Shown | None]:
        """The same file read otherwise."""
        choices = Choices(encoding, delimiter, header, skip, sheet)
        return _answer(*await self._understood(file, choices), header)

    async def chosen(
        self,
        file: str | None,
        encoding: str,
        delimiter: str,
        header: bool,
        skip: str,
        sheet: str | None,
        column: str,
    ) -> Shown | None:
        """The first rows with another text column."""
        choices = Choices(encoding, delimiter, header, skip, sheet)
        found, fault = await self._understood(file, choices)
        return fault if found is None else uploads.shown(found, column, header)

    async def _understood(
        self, file: str | None, choices: Choices
    ) -> tuple[Preview | None, Shown | None]:
        if file is None:
            return None, None

        def work() -> Preview:
            with _named(Path(file).name) as folder:
                source = copied(Path(file), folder)
                return uploads.understood(source, choices.options)

        try:
            return await self._reader.read_file(work), None
        except SentimentError as error:
            return None, {"message": str(error)}

    async def stop(self, request: gr.Request) -> None:
        """End this person's run, if one is under way."""
        if (run := self._runs.get(_person(request))) is not None:
            run.cancel()

    async def closed(self, request: gr.Request) -> None:
        """A person closed the page: the run ends, the files go."""
        await self.stop(request)
        CLAIMS.end(_person(request))

    async def run(
        self,
        file: str | None,
        column: str,
        lines: str,
        encoding: str,
        delimiter: str,
        header: bool,
        skip: str,
        sheet: str | None,
        safe: bool,
        request: gr.Request,
    ) -> AsyncIterator[tuple[Shown, gr.File]]:
        """Progress, then the preview and the scored file."""
        person = _person(request)
        hidden = gr.File(value=None, visible=False)
        if person in self._runs:
            yield {"message": "A run of yours is under way. Stop it, or wait for its end."}, hidden
            return
        self._runs[person] = None
        choices = Choices(encoding, delimiter, header, skip, sheet)
        loop, news = asyncio.get_running_loop(), asyncio.Queue[ScoreProgress | None]()

        def tell(progress: ScoreProgress | None) -> None:
            loop.call_soon_threadsafe(news.put_nowait, progress)

        def work() -> tuple[Shown, Path]:
            with _named(Path(file).name if file else "the lines", person) as folder:
                if file:
                    source, options = copied(Path(file), folder), choices.options
                else:
                    source, options = from_lines(lines, folder), ReadOptions()
                return self._score(source, column if file else "text", options, safe, person, tell)

        run = asyncio.create_task(self._reader.read_file(work, score=True))
        run.add_done_callback(lambda _: news.put_nowait(None))
        self._runs[person] = run
        try:
            yield {"running": True, "rows": 0, "failed": 0, "fraction": None}, hidden
            while (progress := await news.get()) is not None:
                yield _progress(progress), hidden
            if run.cancelled():
                yield {"message": "Stopped. No file was written."}, hidden
            elif isinstance(fault := run.exception(), SentimentError):
                yield {"message": str(fault)}, hidden
            else:
                shown, out = run.result()
                yield shown, gr.File(str(out), visible=True)
        finally:
            run.cancel()
            del self._runs[person]

    def _score(
        self,
        source: Path,
        column: str,
        options: ReadOptions,
        safe: bool,
        person: str,
        tell: Callable[[ScoreProgress], None],
    ) -> tuple[Shown, Path]:
        """The scored file and what is shown of it."""
        classifier = self._reader.classifier
        uploads.understood(source, options, whole=True)
        kind = open_source(source, options=options).kind
        kept = result_folder()
        CLAIMS.claim(kept, person)
        out = kept / f"scored{uploads.ending_of(kind)}"
        tally = _Tally(len(classifier.labels))

        def told(progress: ScoreProgress) -> None:
            check_cancelled()
            tell(progress)

        try:
            summary = score_file(
                classifier,
                source,
                out,
                text_column=column,
                limit=MAX_ROWS,
                window=WINDOW,
                options=options,
                safe_for_spreadsheets=safe,
                on_progress=told,
                on_batch=check_cancelled,
                on_part=tally.add,
            )
            return tally.shown(summary), out
        except BaseException:
            CLAIMS.release(kept, person)
            raise


def _person(request: gr.Request) -> str:
    return request.session_hash or ""


@contextmanager
def _named(name: str, person: str = "") -> Iterator[Path]:
    """A folder for a piece of work; faults speak of the person's file, of no path of ours."""
    with tempfile.TemporaryDirectory(prefix="scored-") as made:
        folder = Path(made)
        CLAIMS.claim(folder, person)
        try:
            yield folder
        except (SentimentError, OSError) as error:
            raise RefusedError(_plain(error, folder, name)) from error
        finally:
            CLAIMS.release(folder, person)


def _answer(
    found: Preview | None, fault: Shown | None, header: bool
) -> tuple[gr.Dropdown, Shown | None]:
    if found is None:
        return gr.Dropdown(choices=["text"], value="text"), fault
    column = found.text_column or "text"
    choices = [uploads.cell(name) for name in found.columns] or ["text"]
    return gr.Dropdown(choices=choices, value=column), uploads.shown(found, column, header)


def _sheets(found: Preview | None) -> gr.Dropdown:
    """The choice among a workbook's sheets; hidden for what has none."""
    sheets = () if found is None else found.sheets
    value = None if found is None else found.sheet
    return gr.Dropdown(choices=list(sheets), value=value, visible=len(sheets) > 1)


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


class _Tally:
    """What is shown of a scored file, counted while its rows are written."""

    def __init__(self, labels: int) -> None:
        self._labels = labels
        self._counts: dict[str, int] = {}
        self._bars = [0] * BARS
        self._columns: list[str] = []
        self._preview: list[list[str]] = []

    def add(self, rows: Rows, added: Added) -> None:
        """Count a window of rows with its verdicts."""
        names = added.which.names
        verdicts = zip(*added.columns(), strict=True)
        more = PREVIEW - len(self._preview)
        for row, verdict in zip(rows.first(more).records() if more else (), verdicts, strict=False):
            kept = dict(zip(kept_names(row, names), row.values(), strict=True))
            whole = kept | dict(zip(names, verdict, strict=True))
            self._columns = self._columns or list(whole)
            self._preview.append([uploads.cell(whole.get(name)) for name in self._columns])
        read = [error is None for error in added.errors]
        if self._labels == 2:
            for odds in compress(added.probabilities, read):
                self._bars[min(int((odds or 0.0) * BARS), BARS - 1)] += 1
        else:
            for label in compress(added.labels, read):
                self._counts[str(label)] = self._counts.get(str(label), 0) + 1

    def shown(self, summary: ScoreSummary) -> Shown:
        """All of it for the script that draws it."""
        bars = [
            [f"{i / BARS:.2f} to {(i + 1) / BARS:.2f}", count, _tone((i + 0.5) / BARS)]
            for i, count in enumerate(self._bars)
        ]
        labels = [[name, count, "zero"] for name, count in self._counts.items()]
        return {
            "rows": summary.rows,
            "failed": summary.failed,
            "seconds": summary.seconds,
            "truncated": summary.truncated,
            "notes": [note.split(": ", 1)[-1] for note in summary.notes],
            "columns": [uploads.cell(name) for name in self._columns],
            "preview": self._preview,
            "histogram": bars if self._labels == 2 else labels,
        }


def _tone(probability: float) -> str:
    low, high = NEUTRAL_ZONE
    return "negative" if probability < low else "positive" if probability > high else "zero"


PANEL = Panel("score", "Score a file", build)
