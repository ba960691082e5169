"""Hostile files on every way in: ``python -m tests.hostile``.

Each file of ``tests.hostile.files``, forty parquet files with bytes changed and those of
``--folder`` go to the command line and to a served page. Prints a line a file: how it ended, in
which time, with how much memory. Ends with 1 where an end is none of those that are right (a file
with its rows, one plain line, a stop that was asked for), or memory went over the budget.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import httpx

from tests.hostile.files import FILES, fuzzed
from tests.hostile.visit import SECONDS, STOP_SECONDS, End, Memory, Visit
from tests.load.__main__ import served

COMMAND_MB = 1_000
FUZZED = 40
WAYS = ("command", "page")


def by_command(file: Path, out: Path) -> End:
    """``lstm-microscope score``, interrupted where it takes long."""
    command = [sys.executable, "-m", "sentiment", "score", str(file), str(out), "--quiet"]
    started, stop, taken = time.perf_counter(), "", 0.0
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    with Memory(process.pid) as memory:
        try:
            said, faults = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            asked = time.perf_counter()
            said, faults = process.communicate(timeout=120)
            if (taken := time.perf_counter() - asked) > STOP_SECONDS:
                stop = f"stopped after {taken:.1f} s"
    seconds = time.perf_counter() - started
    lines = [line for line in faults.splitlines() if line]
    wrong = stop
    if memory.own > COMMAND_MB:
        wrong = wrong or "memory"
    if seconds >= SECONDS:
        last = lines[-1] if lines else ""
        how = f"interrupted, {process.returncode} after {taken:.1f} s: {last}"
    elif process.returncode == 0:
        how = said.strip().splitlines()[-1]
        wrong = wrong or unsound(out)
    else:
        how = lines[-1] if lines else "no word"
        if process.returncode != 1 or not how.startswith("error: ") or "Traceback" in faults:
            wrong = f"exit {process.returncode}"
    return End(how[:150], seconds, memory.own, wrong)


def unsound(out: Path) -> str:
    """What is wrong with an output of JSON lines: each must be JSON with a verdict or an error."""

    def none(name: str) -> None:
        raise ValueError(name)

    with out.open(encoding="utf-8") as rows:
        for row in rows:
            try:
                found = json.loads(row, parse_constant=none)
            except ValueError as error:
                return f"invalid JSON out: {error}"
            if (found["error"] is None) == (found["label"] is None):
                return "a row with neither, or both, of verdict and error"
    return ""


def written(folder: Path, names: list[str]) -> Iterator[Path]:
    """The files, one after another: some are large."""
    for name, write in FILES.items():
        if not names or name in names:
            path = folder / name
            write(path)
            yield path
            path.unlink()
    for seed in range(0 if names else FUZZED):
        path = folder / f"fuzzed{seed}.parquet"
        fuzzed(path, seed)
        yield path
        path.unlink()


def main() -> None:
    """Hand in, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("names", nargs="*", help="of files; all by default")
    parser.add_argument("--folder", type=Path, help="with further files")
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        (folder / "server").mkdir()
        visit = None
        if "page" in arguments.ways:
            visit = Visit(*stack.enter_context(served(folder / "server")))
        given = [] if arguments.folder is None else sorted(arguments.folder.iterdir())
        files = [file for file in given if file.is_file() and file.suffix != ".md"]
        for file in chain(files, written(folder, arguments.names)):
            if "command" in arguments.ways:
                end = by_command(file, folder / "out.jsonl")
                print(f"{file.name:24} command {end}", flush=True)
                wrong += bool(end.wrong)
            if visit is not None:
                try:
                    end = visit.hand_in(file)
                except (httpx.HTTPError, AssertionError) as error:
                    end = End(f"{type(error).__name__} {error}", 0.0, 0.0, "no answer")
                print(f"{file.name:24} page    {end}", flush=True)
                wrong += bool(end.wrong)
            for left in folder.glob("out.jsonl*"):
                if left.is_file():
                    left.unlink()
    print(f"{wrong} ends that are not right")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
