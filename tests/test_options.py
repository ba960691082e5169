"""Options of a command in dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from sentiment.__main__ import app as sentiment_app
from sentiment.options import ReadingOptions, grouped
from tests.conftest import ROOT
from train.__main__ import app as train_app


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


def test_every_command_over_a_persons_file_can_be_told_how_to_read_it() -> None:
    commands = {
        name: {option.name for option in command.params}
        for program in (sentiment_app, train_app)
        for name, command in typer.main.get_group(program).commands.items()
    }
    over_files = {name for name, options in commands.items() if {"source", "data"} & options}
    over_files |= {"import", "distill"}
    over_files -= {"explain-eval", "bench-explain"}  # of the treebank, whose form is its own
    assert over_files >= {"score", "fit", "evaluate", "calibrate", "export", "compare-baselines"}
    wanted = {field.name for field in fields(ReadingOptions)}
    assert {name for name in over_files if not wanted <= commands[name]} == set()


def test_no_help_names_a_folder_of_this_machine() -> None:
    for program in (sentiment_app, train_app):
        for name, command in typer.main.get_group(program).commands.items():
            shown = command.get_help(command.context_class(command, info_name=name))
            assert str(ROOT) not in "".join(shown.split()), name
