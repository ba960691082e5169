"""What a Space installs, with hashes, and its licences: ``python -m tests.lock``.

Writes requirements.lock: all that requirements.txt and what a Space adds by itself bring along, on
Linux and the Python of the Space, by ``uv`` (``pip install uv``). With ``--licenses PYTHON``, an
interpreter of an environment with just that in it, writes docs/licenses.md (``pip install
pip-licenses``). captum imports matplotlib as it starts, so that it cannot be left out.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

from tests.conftest import ROOT

LOCK, LICENSES = ROOT / "requirements.lock", ROOT / "docs" / "licenses.md"
HEAD = (
    "# All that a Space installs (Linux, x86-64), with the hashes of PyPI's files; torch is the\n"
    "# build with CUDA. Written by `python -m tests.lock`; install it by\n"
    "# `pip install --require-hashes -r requirements.lock`.\n"
)


def space() -> tuple[str, list[str]]:
    """The Space's version of Python, and what it installs beside requirements.txt."""
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
    said = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    gradio = f"gradio[oauth,mcp]=={said['sdk_version']}"
    return said["python_version"].strip('"'), [
        gradio,
        "uvicorn>=0.14.0",
        "websockets>=10.4",
        "spaces",
    ]


def locked() -> dict[str, str]:
    """Versions by name, as the lock has them."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.M))


def write_lock() -> None:
    """Resolve anew, keeping versions that still fit."""
    python, extra = space()
    command = ["uv", "pip", "compile", "requirements.txt", "-", "--generate-hashes", "--quiet"]
    command += ["--python-version", python, "--python-platform", "x86_64-manylinux_2_28"]
    command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--output-file", LOCK.name]
    subprocess.run(command, cwd=ROOT, input="\n".join(extra), text=True, check=True)
    LOCK.write_text(HEAD + LOCK.read_text(encoding="utf-8"), encoding="utf-8")


def write_licenses(python: str) -> None:
    """List what each package of an environment says of its licence."""
    command = ["pip-licenses", f"--python={python}", "--order=name"]
    command += ["--format=markdown", "--with-system"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    said = (
        "# Licenses of what a Space installs\n\nAs the packages of requirements.lock say "
        "themselves; written by `python -m tests.lock --licenses PYTHON`.\n\n"
    )
    LICENSES.write_text(
        said + re.sub(r"-{4,}", "---", re.sub(r" +\|", " |", table)), encoding="utf-8"
    )


def main() -> None:
    """Write the lock, or the licences."""
    parser = argparse.ArgumentParser(prog="python -m tests.lock", description=__doc__)
    parser.add_argument("--licenses", metavar="PYTHON", type=Path)
    arguments = parser.parse_args()
    if arguments.licenses is None:
        write_lock()
    else:
        write_licenses(str(arguments.licenses))


if __name__ == "__main__":
    main()
