"""The package: its lists of requirements, and its wheel, installed and run outside the clone."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import venv
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import sentiment
from tests.conftest import ROOT
from tests.lock import LICENSES, LOCK, locked, space

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LISTS = {
    "requirements.txt": PROJECT["dependencies"],
    "train/requirements.txt": EXTRAS["train"],
    "tests/requirements.txt": EXTRAS["test"],
}


def named(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by name; references to other lists are left out."""
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one for one in found if one.name != PROJECT["name"]}


def pinned(file: str) -> dict[str, Requirement]:
    """The pins of a requirements file, without those of the files that it names."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return named([line for line in lines if line and not line.startswith(("#", "-r"))])


@pytest.mark.parametrize("file", LISTS)
def test_every_pin_lies_in_the_range_of_the_package(file: str) -> None:
    pins, ranges = pinned(file), named(LISTS[file])
    assert sorted(pins) == sorted(ranges)
    for name, pin in pins.items():
        (exact,) = pin.specifier
        assert exact.operator == "==", f"{file} must pin {name}"
        assert exact.version in ranges[name].specifier, f"{file}: {pin} against {ranges[name]}"
        assert pin.extras == ranges[name].extras, name


OF_THE_SERVER = {"httptools", "uvloop"}
"""What uvicorn takes where it is there, and is half as fast without."""


@pytest.mark.parametrize(
    ("folder", "lists"),
    [
        ("sentiment", ["requirements.txt"]),
        ("train", ["requirements.txt", "train/requirements.txt"]),
    ],
)
def test_every_import_is_a_requirement_and_every_requirement_imported(
    folder: str, lists: list[str]
) -> None:
    homes = packages_distributions()
    imported: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            imported |= {name.split(".")[0] for name in names}
    optional = {name for extra in ("onnx", "pandas") for name in named(EXTRAS[extra])}
    foreign = imported - sys.stdlib_module_names - {"sentiment", "train", "__future__"} - optional
    used = {canonicalize_name(homes[module][0]) for module in foreign}
    assert sorted(used - {name for file in lists for name in pinned(file)}) == []
    assert sorted(set(pinned(lists[-1])) - used - OF_THE_SERVER) == []


def test_the_lock_has_all_that_a_space_installs() -> None:
    """Every requirement of every package in it too, and a hash of each."""
    lock = locked()
    for name, pin in pinned("requirements.txt").items():
        assert pin.specifier == SpecifierSet(f"=={lock[name]}"), name
    wanted = [Requirement(line) for line in space()[1]]
    wanted += [Requirement(line) for one in sorted(lock) for line in _required(one, "oauth", "mcp")]
    for one in wanted:
        name = canonicalize_name(one.name)
        assert name in lock, f"{one} is in no line of requirements.lock"
        assert one.specifier.contains(lock[name], prereleases=True), f"{one}, got {lock[name]}"
    text = LOCK.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.M)[1:]
    assert len(entries) == len(lock) > 100
    for entry in entries:
        assert re.fullmatch(r"\S+==\S+( ;.*)? (\\\n    --hash=sha256:[0-9a-f]{64} ?)+\n", entry)
    licenses = LICENSES.read_text(encoding="utf-8")
    listed = {canonicalize_name(line) for line in re.findall(r"^\| (\S+)", licenses, re.M)}
    assert sorted(lock.keys() - listed) == []


def _required(name: str, *extras: str) -> list[str]:
    """What a package that is installed here demands on Linux, with the extras that a Space asks."""
    try:
        found = requires(name) or []
    except PackageNotFoundError:
        return []
    chosen = extras if name == "gradio" else ()
    kept = []
    for line in found:
        marker = Requirement(line).marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *chosen)):
            kept.append(line)
    return kept


@pytest.mark.skipif("CI" not in os.environ, reason="the gate installs what the lock has")
def test_the_tests_ran_with_the_versions_of_the_lock() -> None:
    for name, wanted in locked().items():
        try:
            found = version(name)
        except PackageNotFoundError:
            continue  # of the Space alone, or of torch with CUDA
        assert found.partition("+")[0] == wanted, name


def test_the_version_has_one_source_and_a_place_in_the_changelog() -> None:
    assert "version" in PROJECT["dynamic"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.M)
    assert versions[0] == sentiment.__version__


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel in it; other packages come from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    home = folder / "environment"
    venv.create(home, with_pip=False)
    packages = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    (Path(packages) / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = ["--python", str(home / "bin/python"), "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, *install, "--no-index", str(wheel)], check=True)
    return home / "bin"


def outside(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder that is not the clone, which must end well."""
    done = subprocess.run(
        command, cwd=folder, env=clean(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def clean() -> dict[str, str]:
    """This environment without what leads to the clone."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_the_wheel_predicts_from_anywhere(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, sentiment; p = sentiment.load().predict('not good');"
        "print(json.dumps([sentiment.__file__, sentiment.__version__, p.label]))"
    )
    home, version, label = json.loads(outside([installed / "python", "-c", code], tmp_path).stdout)
    assert Path(home).is_relative_to(installed.parent)
    assert (version, label) == (sentiment.__version__, "negative")
    package = Path(home).parent
    assert (package / "py.typed").is_file()
    assert not list(package.rglob("*.d.ts"))


def test_the_wheel_scores_and_trains(installed: Path, tmp_path: Path) -> None:
    program = installed / "lstm-microscope"
    assert sentiment.__version__ in outside([program, "--version"], tmp_path).stdout
    (tmp_path / "in.csv").write_text("text\nnot good\n")
    outside([program, "score", "in.csv", "out.csv", "--quiet"], tmp_path)
    assert "negative" in (tmp_path / "out.csv").read_text()
    measured = outside([program, "train", "evaluate", "--suite"], tmp_path).stdout
    assert "negated praise" in measured  # the suite's sentences are in the wheel


@pytest.fixture
def port() -> int:
    """A port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(installed: Path, tmp_path: Path, port: int) -> Iterator[str]:
    """The page as ``lstm-microscope`` opens it, outside the clone."""
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [installed / "lstm-microscope", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=clean(), stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            assert server.poll() is None, "the page ended by itself"
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def test_the_wheel_opens_the_page_with_its_tools(served: str) -> None:
    page = httpx.get(served, timeout=30).text
    assert "microscope.mount" in page  # the scripts are in the wheel
    call = httpx.post(f"{served}/gradio_api/call/predict", json={"data": ["not good"]}, timeout=30)
    event = call.json()["event_id"]
    answer = httpx.get(f"{served}/gradio_api/call/predict/{event}", timeout=60).text
    assert '"negative"' in answer
    tools = httpx.get(f"{served}/gradio_api/mcp/schema", timeout=30).json()
    assert {tool["name"] for tool in tools} == {"predict", "explain", "compare", "score"}
