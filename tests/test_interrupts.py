"""Ctrl-C ends a command within a second, and libraries wait for their first use."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import gradio
import pytest

from sentiment.interrupts import INTERRUPTED, interruptible
from tests.conftest import ROOT


def test_what_work_gives_or_raises_comes_back() -> None:
    assert interruptible(lambda: 5, "stopped") == 5
    nothing: dict[str, int] = {}
    with pytest.raises(KeyError, match="why"):
        interruptible(lambda: nothing["why"], "stopped")


def test_ctrl_c_does_not_wait_for_a_library() -> None:
    """One call that hears of nothing for a minute, as a long text's in the network."""
    code = (
        "import ctypes, signal; from sentiment.interrupts import interruptible\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job behind & ignores it
        "def work():\n    print('at work', flush=True); ctypes.CDLL(None).sleep(60)\n"
        "interruptible(work, 'stopped; go on with it')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05)
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=50)
    assert (process.returncode, said) == (INTERRUPTED, "stopped; go on with it\n")
    assert time.monotonic() - asked < 30  # half a second, on a machine that has time


def ran(code: str, packages: Path) -> subprocess.CompletedProcess[str]:
    """What a process of its own wrote that can import what lies in a folder."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": f"{packages}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_library_is_run_at_its_first_use(tmp_path: Path) -> None:
    package = tmp_path / "seldom"
    package.mkdir()
    (package / "__init__.py").write_text("print('run')\nfrom seldom.inner import value\n")
    (package / "inner.py").write_text("value = 7\n")
    code = (
        "from sentiment.ui.later import load_later; load_later('seldom'); load_later('nothing')\n"
        "import seldom; import seldom as again; print('imported')\n"
        "print(again.value, hasattr(seldom, 'none')); from seldom import value; import pandas\n"
        "from captum.log import log_usage\n"
        "import sys; print({'pandas.core', 'captum.attr._core'} & set(sys.modules) or False)\n"
        "import pandas.core.frame as part; print(part is pandas.core.frame, part.__spec__.name)\n"
        "import pandas.testing; print(pandas.DataFrame([1]).shape, pandas.__version__ != '')"
    )
    done = ran(code, tmp_path)
    assert done.stdout.split("\n") == [
        "imported",
        "run",
        "7 False",
        "False",
        "True pandas.core.frame",
        "(1, 1) True",
        "",
    ]


def test_the_framework_writes_no_files_for_editors() -> None:
    import_module("sentiment.ui.later")
    name = "gradio.component_meta"
    assert find_spec(name) is not None
    spec = next(found for one in sys.meta_path if (found := one.find_spec(name, gradio.__path__)))
    module = module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    module.create_or_modify_pyi(int, "int", [])  # which has no file that could be described
    assert module.ComponentMeta.__module__ == name


def test_a_library_that_waits_is_whole_for_threads_that_come_together(tmp_path: Path) -> None:
    package = tmp_path / "seldom"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import time; time.sleep(0.1)\nfrom seldom import inner\nvalue = inner.value\n"
    )
    (package / "inner.py").write_text("import time; time.sleep(0.1)\nclass value: pass\n")
    code = (
        "from sentiment.ui.later import load_later; load_later('seldom')\n"
        "import seldom, threading\n"
        "def part():\n    import seldom.inner; found.append(seldom.inner.value)\n"
        "def whole():\n    found.append(seldom.value)\n"
        "found = []\n"
        "threads = [threading.Thread(target=one, daemon=True) for one in (part, whole) * 4]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join(20)\n"
        "print(len(found), len(set(found)))"
    )
    done = ran(code, tmp_path)
    assert (done.stdout, done.stderr) == ("8 1\n", "")
