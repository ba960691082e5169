"""Options of a command in dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from sentiment.options import grouped


@dataclass(frozen=True, slots=True)
class First:
    """One group."""

    name: Annotated[str, typer.Option(help="A name.")]
    size: Annotated[int, typer.Option(help="A size.")] = 3


@dataclass(frozen=True, slots=True)
class Second:
    """Another."""

    loud: Annotated[bool, typer.Option("--loud", help="Louder.")] = False


def test_fields_are_options_of_the_command() -> None:
    app = typer.Typer()

    @app.command()
    @grouped
    def say(first: First, second: Second, times: Annotated[int, typer.Option()] = 1) -> None:
        """Say it."""
        typer.echo(f"{first.name} {first.size} {second.loud} {times}")

    assert CliRunner().invoke(app, ["--name", "a", "--loud"]).output == "a 3 True 1\n"
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "Say it." in shown
    assert "Louder." in shown
    assert CliRunner().invoke(app, []).exit_code == 2


def test_groups_may_not_share_a_name() -> None:
    def twice(first: First, again: First) -> None:
        pass

    with pytest.raises(TypeError, match="two options of twice are named name"):
        grouped(twice)
