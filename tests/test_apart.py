"""A file that asks for too much ends the process that looks at it, and no other."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.cancellation import CancellationError, cancellable
from sentiment.tables import ReadOptions, TableError, open_source, preview
from sentiment.tables.apart import preview_apart

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few hundred bytes that hold 3,000 texts of two megabytes, by a dictionary of one word."""
    path = tmp_path_factory.mktemp("bomb") / "bomb.parquet"
    words = pa.array(["good film " * 200_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000, pa.int32()), words)
    pq.write_table(pa.table({"text": column}), path, dictionary_pagesize_limit=1 << 24)
    assert path.stat().st_size < 200_000
    return path


def test_what_is_seen_apart_is_what_is_seen_here(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id;text\n1;gut\n2;„schön“\n", encoding="cp1252")
    options = ReadOptions()
    assert preview_apart(path, options, whole=True) == preview(open_source(path, options=options))


def test_a_fault_is_said_as_it_is_here(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,text\na,b\n")
    with pytest.raises(TableError, match="there twice: text"):
        preview_apart(path, ReadOptions())


def test_memory_and_time_are_bounded(bomb: Path) -> None:
    with pytest.raises(TableError, match="MB of memory"):
        preview_apart(bomb, ReadOptions(), most_bytes=30_000_000)
    with pytest.raises(TableError, match="takes longer than"):
        preview_apart(bomb, ReadOptions(), whole=True, most_seconds=0.1)


def test_a_look_that_nobody_waits_for_ends(bomb: Path) -> None:
    left, started = threading.Event(), time.perf_counter()
    left.set()
    with pytest.raises(CancellationError), cancellable(left):
        preview_apart(bomb, ReadOptions(), whole=True)
    assert time.perf_counter() - started < 5


def test_a_process_that_dies_is_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment.tables.apart.sys.executable", "/bin/false")
    with pytest.raises(TableError, match="ended with a fault"):
        preview_apart(tmp_path / "a.csv", ReadOptions())


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_reading_asks_whether_it_is_cancelled(tmp_path: Path, kind: str) -> None:
    """A file of empty rows alone gives no row at which a reader could be stopped."""
    path, left = tmp_path / f"a.{kind}", threading.Event()
    if kind == "csv":
        path.write_text("id,text\n1,good\n")
    elif kind == "parquet":
        pq.write_table(pa.table({"text": ["good"]}), path)
    else:
        book = openpyxl.Workbook()
        book.worksheets[0].append(["text"])
        book.worksheets[0].append(["good"])
        book.save(path)
    options = ReadOptions(most_characters=1_000_000)
    with cancellable(left):
        source = open_source(path, options=options)
        left.set()
        with pytest.raises(CancellationError):
            list(source.rows())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a look goes on to its own end")
def test_a_look_ends_with_the_process_that_asked_for_it() -> None:
    looks = (
        "import os, time; from sentiment.tables import apart\n"
        "apart._looked = lambda _: (print(os.getpid(), flush=True), time.sleep(60))\n"
        "apart.main()"
    )
    asks = (
        "import os, subprocess, sys\n"
        "look = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE)\n"
        "look.stdin.write(b'{\"seconds\": 9}'); look.stdin.close(); sys.stdin.read(); os._exit(0)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", asks, looks],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        look = Path("/proc", process.stdout.readline().strip())
        assert look.exists()
        process.stdin.close()
        process.wait(60)
    until = time.monotonic() + 20
    while not _ended(look) and time.monotonic() < until:
        time.sleep(0.01)
    assert _ended(look)


def _ended(process: Path) -> bool:
    """Whether a process is gone, or only waits for somebody to ask how it ended."""
    try:
        return "State:\tZ" in (process / "status").read_text()
    except OSError:
        return True
