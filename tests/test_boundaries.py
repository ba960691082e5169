"""Import borders, the pins of README and requirements, what an import costs."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.conftest import ROOT


def test_importing_the_package_is_light() -> None:
    code = "import sentiment, sys, json; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(out.stdout)}
    assert not loaded & {"torch", "gradio", "captum", "datasets", "matplotlib", "transformers"}


def test_predicting_leaves_the_compiler_and_the_explanations_alone() -> None:
    code = (
        "import gc, sentiment, sys; sentiment.load().predict('good'); print(*sys.modules)\n"
        "assert gc.isenabled()"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seldom = {"torch._dynamo", "captum", "gradio", "matplotlib", "datasets", "pandas", "pyarrow"}
    own = {f"sentiment.{name}" for name in ("explain", "explanation", "hub", "negation", "report")}
    assert not set(out.stdout.split()) & {*seldom, *own, "huggingface_hub"}


def test_the_space_installs_the_pinned_gradio() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    version = re.search(r"^sdk_version: (\S+)$", readme, re.M)
    pin = re.search(r"^gradio\[mcp\]==(\S+)$", (ROOT / "requirements.txt").read_text(), re.M)
    assert version is not None
    assert pin is not None
    assert version[1] == pin[1]
    description = re.search(r"^short_description: (.+)$", readme, re.M)
    assert description is not None
    assert len(description[1]) <= 60


def test_only_safetensors_hold_weights() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [p for p in tracked if p.endswith((".pt", ".pkl", ".bin", ".npy", ".parquet"))]
