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
from sentiment.scoring import ScoreProgress, ScoreSummary, ScoringError, open_source, score_file
from sentiment.tables import ReadOptions
from sentiment.ui.answers import Reader
from sentiment.ui.drawn import drawn
from sentiment.ui.limits import MAX_FILE_BYTES, MAX_ROWS
from sentiment.ui.panel import Panel
from sentiment.values import NEUTRAL_ZONE

KINDS = (".csv", ".tsv", ".jsonl", ".parquet")
PREVIEW, BARS, WINDOW = 20, 12, 1024
TEXT_COLUMNS = ("text", "sentence", "review", "content", "phrase", "comment")

Shown = dict[str, Any]
OWN = ReadOptions(encoding="utf-8")  # how scored files are written


class StoppedError(Exception):
    """The person asked to stop."""


def build(reader: Reader) -> None:
    """Add the panel to the tab that is being built."""
    scorer = FileScorer(reader.classifier)
    gr.Markdown(
        "### Score a file\n"
        f"csv, tsv, jsonl or parquet up to {MAX_FILE_BYTES // 1_000_000} MB and {MAX_ROWS:,} rows, "
        "or lines of text. Every row comes back in its place with `label`, `probability` and "
        "`logit`; a row that cannot be read comes back with an `error`. Files and results are "
        "deleted from this machine within two hours."
    )
    with gr.Row():
        with gr.Column():
            file = gr.File(label="File", file_types=list(KINDS), elem_id="file")
            column = gr.Dropdown(
                ["text"], value="text", label="Text column", allow_custom_value=True
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
    file.change(scorer.columns, file, column, **private)
    start.click(scorer.run, [file, column, lines], [shown, out], concurrency_limit=2, **private)
    stop.click(scorer.stop, None, None, queue=False, **private)


class FileScorer:
    """Scores uploads in a folder of their own that is gone afterwards; one run a person."""

    def __init__(self, classifier: SentimentClassifier) -> None:
        self._classifier = classifier
        self._stops: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def columns(self, file: str | None) -> gr.Dropdown:
        """The file's columns for the person to choose from."""
        if file is None:
            return gr.Dropdown(choices=["text"], value="text")
        with tempfile.TemporaryDirectory() as folder:
            try:
                names = open_source(_copied(Path(file), Path(folder))).columns() or []
            except (ScoringError, gr.Error):
                names = []
        likely = next((n for n in TEXT_COLUMNS if n in names), names[0] if names else "text")
        return gr.Dropdown(choices=names or ["text"], value=likely)

    def stop(self, request: gr.Request) -> None:
        """End this person's run, if one is under way."""
        if (stop := self._stops.get(request.session_hash or "")) is not None:
            stop.set()

    def run(
        self, file: str | None, column: str, lines: str, request: gr.Request
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
            source = _copied(Path(file), folder) if file else _from_lines(lines, folder)
            out = folder / f"scored{source.suffix}"
            yield {"running": True, "rows": 0, "failed": 0, "fraction": None}, hidden
            for news in self._score(source, out, "text" if not file else column, stop):
                if isinstance(news, ScoreSummary):
                    yield (
                        _result(news, len(self._classifier.labels)),
                        gr.File(str(out), visible=True),
                    )
                else:
                    yield _progress(news), hidden
        except StoppedError:
            yield {"message": "Stopped. No file was written."}, hidden
        except ScoringError as error:
            name = Path(file).name if file else "the lines"
            yield {"message": str(error).replace(str(folder / "input"), name)}, hidden
        except gr.Error as error:
            yield {"message": error.message}, hidden
        finally:
            stop.set()
            with self._lock:
                del self._stops[person]
            shutil.rmtree(folder, ignore_errors=True)

    def _score(
        self, source: Path, out: Path, column: str, stop: threading.Event
    ) -> Iterator[ScoreProgress | ScoreSummary]:
        news: queue.Queue[ScoreProgress | ScoreSummary | BaseException] = queue.Queue()

        def tell(progress: ScoreProgress) -> None:
            if stop.is_set():
                raise StoppedError
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
                        on_progress=tell,
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


def _copied(file: Path, folder: Path) -> Path:
    # Under a plain name: a source's name may be a glob, and an uploaded one anything.
    suffix = file.suffix.lower()
    if suffix not in KINDS:
        raise gr.Error(f"A file must end in {', '.join(KINDS)}, got {suffix or 'no ending'}.")
    if file.stat().st_size > MAX_FILE_BYTES:
        raise gr.Error(f"A file may have up to {MAX_FILE_BYTES // 1_000_000} MB.")
    return Path(shutil.copyfile(file, folder / f"input{suffix}"))


def _from_lines(lines: str, folder: Path) -> Path:
    texts = [line for line in lines.splitlines() if line.strip()]
    if not texts:
        raise gr.Error("Choose a file, or write at least one line.")
    if len(lines.encode()) > MAX_FILE_BYTES:
        raise gr.Error(f"Lines may have up to {MAX_FILE_BYTES // 1_000_000} MB.")
    import csv

    path = folder / "input.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    return path


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
    for row in open_source(summary.out, options=OWN).rows():
        columns = columns or [name for name in row if isinstance(name, str)]
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
        "columns": columns,
        "preview": preview,
        "histogram": histogram if labels == 2 else [[n, c, "zero"] for n, c in counts.items()],
    }


def _shown(value: object, column: str) -> str:
    if column in ("probability", "logit") and isinstance(value, str) and value:
        value = float(value)  # csv has text alone
    text = "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def _tone(probability: float) -> str:
    low, high = NEUTRAL_ZONE
    return "negative" if probability < low else "positive" if probability > high else "zero"


PANEL = Panel("score", "Score a file", build)
