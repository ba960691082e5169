"""The README's example prints what the README says it prints."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

NUMBER = re.compile(r"[-+]?\d+\.?\d*")


def test_the_example_prints_what_is_shown() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, shown = re.findall(r"```python\n(import sentiment\n\nclf.*?)```.*?```text\n(.*?)```", readme, re.S)[0]  # fmt: skip  # noqa: E501
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert NUMBER.sub("#", run.stdout).split() == NUMBER.sub("#", shown).split()
    printed, wanted = ([float(n) for n in NUMBER.findall(t)] for t in (run.stdout, shown))
    assert printed == pytest.approx(wanted, abs=0.02)
