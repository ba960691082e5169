"""Command lines within this process: each test that starts Python anew pays its imports anew."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from unittest.mock import patch


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program said, and the code that it ended with."""

    returncode: int
    stdout: str
    stderr: str


def ran(program: Callable[[], object], *arguments: str, check: bool = True) -> Ran:
    """``program`` with these arguments; with ``check`` it must end well."""
    said, complained, code = StringIO(), StringIO(), 0
    with (
        patch.object(sys, "argv", ["program", *arguments]),
        redirect_stdout(said),
        redirect_stderr(complained),
    ):
        try:
            program()
        except SystemExit as stop:
            if isinstance(stop.code, str):
                complained.write(stop.code + "\n")
            code = int(bool(stop.code)) if isinstance(stop.code, str | None) else stop.code
    result = Ran(code, said.getvalue(), complained.getvalue())
    assert not (check and code), result.stderr
    return result
