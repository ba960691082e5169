"""``python -m tests.declarations`` writes tests/scripts/answers.d.ts from the page's contract."""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any

from sentiment.ui import contract

FILE = Path(__file__).parent / "scripts" / "answers.d.ts"
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def typescript(kind: Any) -> str:
    """A Python type as TypeScript writes it; raises TypeError for one without a counterpart."""
    if kind in PLAIN:
        return PLAIN[kind]
    if kind is Any:
        return "any"
    if typing.is_typeddict(kind):
        return str(kind.__name__)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is list:
        one = typescript(inner[0])
        return f"({one})[]" if " " in one else f"{one}[]"
    if origin is dict:
        return f"Record<{typescript(inner[0])}, {typescript(inner[1])}>"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(typescript(one) for one in inner))
    raise TypeError(f"a contract has plain JSON types, got {kind!r}")


def declarations() -> str:
    """Every typed dict of the contract as an interface, and one that names them all."""
    lines = [
        "// Made by `python -m tests.declarations` of sentiment/ui/contract/: change it there."
    ]
    for kind in vars(contract).values():
        if not typing.is_typeddict(kind):
            continue
        lines += ["", f"interface {kind.__name__} {{"]
        optional = "?" if not kind.__total__ else ""
        for name, one in typing.get_type_hints(kind).items():
            lines.append(f"  {name}{optional}: {typescript(one)};")
        lines.append("}")
    lines += ["", "interface Answers {"]
    lines += [f"  {name}: {kind.__name__};" for name, kind in contract.ANSWERS.items()]
    return "\n".join([*lines, "}", ""])


def check(kind: Any, value: Any, place: str = "answer") -> None:
    """Raise AssertionError where a value is not what its type says, a key more or less included."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return
    if typing.is_typeddict(kind):
        wanted = typing.get_type_hints(kind)
        assert set(value) == set(wanted), f"{place}: {set(value) ^ set(wanted)}"
        for name, one in wanted.items():
            check(one, value[name], f"{place}.{name}")
    elif origin is list:
        assert isinstance(value, list), f"{place} is {type(value).__name__}"
        for one in value:
            check(inner[0], one, f"{place}[]")
    elif origin is dict:
        assert isinstance(value, dict), f"{place} is {type(value).__name__}"
        for name, one in value.items():
            check(inner[1], one, f"{place}[{name}]")
    elif origin in (typing.Union, types.UnionType):
        if not (value is None and type(None) in inner):
            (one,) = (one for one in inner if one is not type(None))
            check(one, value, place)
    else:
        allowed = (int, float) if kind is float else kind
        assert isinstance(value, allowed), f"{place} is {type(value).__name__}, not {kind}"


if __name__ == "__main__":
    FILE.write_text(declarations(), encoding="utf-8")
