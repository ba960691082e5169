"""Options of a command in frozen dataclasses, one group each, in place of a long signature.

Those that every command over files has stand here too.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from sentiment.tables import ReadOptions


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How files are read where their content does not tell."""

    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of files.  [default: by mark, else UTF-8, else Windows-1252]"),
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option(
            help="What separates fields: comma, semicolon, tab, pipe, blank or a character."
        ),
    ] = None
    no_header: Annotated[
        bool, typer.Option("--no-header", help="Files have no header; columns are named 1, 2 ...")
    ] = False
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook.  [default: the first]")
    ] = None

    skip_rows: Annotated[
        int | None,
        typer.Option(help="Lines or rows above the header, such as a title.  [default: as found]"),
    ] = None

    @property
    def rules(self) -> ReadOptions:
        """The same as the readers take it."""
        from sentiment.tables import ReadOptions

        return ReadOptions(
            self.encoding,
            self.delimiter,
            not self.no_header,
            self.sheet,
            skip_rows=self.skip_rows,
        )


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
