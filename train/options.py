"""Options of a command in frozen dataclasses, one group each, in place of a long signature."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """A function for Typer whose options are the fields of the command's dataclasses.

    A field is annotated as a Typer parameter is; a parameter of another kind stays as it is.
    Options without a default come first, in their order. Raises TypeError where two groups have
    a field of the same name.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    parameters: dict[str, inspect.Parameter] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if not (isinstance(kind, type) and is_dataclass(kind)):
            parameters[name] = parameter.replace(annotation=kind)
            continue
        groups[name] = kind
        types = get_type_hints(kind, include_extras=True)
        for one in fields(kind):
            if one.name in parameters:
                raise TypeError(f"two options of {command.__name__} are named {one.name}")
            parameters[one.name] = _parameter(one, types[one.name])

    @functools.wraps(command)
    def wrapper(**given: Any) -> None:
        built = {
            name: kind(**{one.name: given.pop(one.name) for one in fields(kind)})
            for name, kind in groups.items()
        }
        command(**built, **given)

    del wrapper.__wrapped__  # whose signature Typer would read
    ordered = sorted(
        parameters.values(), key=lambda one: one.default is not inspect.Parameter.empty
    )
    wrapper.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in ordered]
    )
    wrapper.__annotations__ = {one.name: one.annotation for one in ordered}
    return wrapper


def _parameter(one: Field[Any], kind: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if one.default is MISSING else one.default
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
    )
