"""The page's scripts: checked against the contract, by their checkers, and in node's own runner."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import playwright
import pytest

from sentiment.ui import contract, page
from sentiment.ui.answers import Reader
from sentiment.ui.drawn import LAST, SCRIPTS, SHARED, head
from sentiment.ui.panels import PANELS, about
from sentiment.ui.stories import stories
from tests import declarations
from tests.conftest import ROOT, answered, tiny_classifier

FOLDER = ROOT / "tests" / "scripts"
CHECKERS = FOLDER / "node_modules" / ".bin"


def node() -> str:
    """The node of this machine, else the one in Playwright's wheel."""
    own = Path(playwright.__file__).parent / "driver" / "node"
    return shutil.which("node") or str(own)


def test_the_declarations_are_fresh() -> None:
    made = declarations.declarations()
    assert declarations.FILE.read_text(encoding="utf-8") == made, (
        "python -m tests.declarations writes them anew"
    )


@pytest.mark.parametrize("labels", [("negative", "positive"), ("low", "middle", "high")])
def test_answers_keep_the_contract(labels: tuple[str, ...]) -> None:
    reader = Reader(tiny_classifier(labels=labels))
    functions = [function for panel in PANELS for function in panel.functions(reader)]
    assert {function.__name__ for function in functions} == set(contract.ANSWERS)
    question: dict[str, object] = {
        "text": "the film was not very good",
        "compare": "good",
        "start": 0,
        "end": 2,
    }
    question["name"] = stories()[0].name
    for function in functions:
        answer = answered(function)([question | {"lines": "not good\nfine", "kind": "json"}])
        if function.__name__ in ("smallest", "suite", "models") and len(labels) > 2:
            continue
        assert "message" not in answer, (function.__name__, answer)
        declarations.check(contract.ANSWERS[function.__name__], answer)
    declarations.check(contract.Settings, page.settings(reader))
    declarations.check(contract.AboutModel, about.facts(reader))


def test_every_script_is_served_once_and_no_module_is_left() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.js")} == {*SHARED, LAST}
    code = head([panel.script for panel in PANELS])
    assert not re.search(r"^(import|export)\b", code, re.M)
    names = [
        name
        for script in (*SHARED, LAST)
        for name in re.findall(r"^export const (\w+)", (SCRIPTS / f"{script}.js").read_text(), re.M)
    ]
    assert sorted(names) == sorted(set(names)), "all exports share one scope"


def test_the_page_gets_one_script_that_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "page.cjs"
    file.write_text(head([panel.script for panel in PANELS])[len("<script>") : -len("</script>")])
    ran = subprocess.run(
        [node(), "--check", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr[:2000]


def test_numbers_lines_scales_and_addresses_in_node() -> None:
    ran = subprocess.run(
        [node(), "--test"], cwd=FOLDER, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert re.search(r"^# pass [1-9]", ran.stdout, re.M) or "pass" in ran.stdout


@pytest.mark.skipif(not CHECKERS.is_dir(), reason="npm ci in tests/scripts installs the checkers")
@pytest.mark.parametrize("checker", ["types", "lint", "style"])
def test_the_scripts_pass_their_checkers(checker: str) -> None:
    command = json.loads((FOLDER / "package.json").read_text())["scripts"][checker]
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PATH": f"{CHECKERS}:{Path(node()).parent}:/usr/bin:/bin"},
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
