"""The page's Gradio application: its endpoints' defaults hold, and nothing typed is logged."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.block_function import BlockFunction
from gradio.blocks import BlocksConfig
from starlette.middleware import Middleware

from sentiment.ui.budget import Budget
from sentiment.ui.front import Front
from sentiment.ui.guard import WRONG, App, Around, Guard, log_fault, malformed
from sentiment.ui.questions import Answered, Questions

_log = logging.getLogger(__name__)


class _Session(BlocksConfig):
    """A session's components, without the descriptions that links to its state would need.

    Those links are shut. The framework describes every component anew for every session, and every
    call of a program is one: 13 ms that hold up all others, and 58 KB each of 10,000 kept ones.
    """

    @staticmethod
    def config_for_block(*_: Any) -> dict[str, Any]:
        """Nothing: what is served of components is the page's own description."""
        return {}


class _Components(BlocksConfig):
    """The page's components, of which a session has a copy."""

    def __copy__(self) -> _Session:
        session = _Session(self.root_block)
        session.blocks, session.fns = self.blocks.copy(), self.fns.copy()
        session.fn_id, session.renderables = self.fn_id, self.renderables.copy()
        return session


class Page(gr.Blocks):
    """Blocks whose faults say what was wanted, and never what was given.

    ``component`` has the ``functions`` that scripts call by name;
    ``budget`` watches the memory of a process that serves it alone (``sentiment.ui.serve``);
    ``preview`` has what other sites show of a link: ``simple_description`` and ``thumbnail``.
    """

    budget: Budget
    component: int = -1
    functions: Mapping[str, Answered] = {}
    preview: Mapping[str, str] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_config = _Components(self)

    def launch(self, *args: Any, **options: Any) -> Any:
        """As Gradio does, with the guard around it.

        Gradio writes into ``app_kwargs``: a second page must not share them.
        """
        given = options.get("app_kwargs") or {}
        options["app_kwargs"] = {
            **given,
            "middleware": [*given.get("middleware", ()), Middleware(Around, self.around)],
            "exception_handlers": {RequestValidationError: malformed},
        }
        return super().launch(*args, **options)

    def queue(self, *args: Any, **options: Any) -> Any:
        """As Gradio does, without its record of who called what and when: its monitor is shut.

        With it goes the summary by pandas that Gradio makes after every event.
        """
        found = super().queue(*args, **options)
        self._queue.ANALYTICS_MAX_EVENTS = 0
        return found

    def around(self, app: App) -> App:
        """Gradio's application within ours."""
        return Guard(Questions(Front(app), self))

    def get_config_file(self) -> Any:
        """As Gradio does, with what a link to the page is shown with elsewhere."""
        config: dict[str, Any] = dict(super().get_config_file())
        return {**config, **self.preview}

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Fill in the documented defaults of what a call left out; raises gr.Error for less."""
        wanted = len(block_fn.inputs)
        if len(inputs) < wanted and block_fn.fn is not None:
            parameters = list(inspect.signature(block_fn.fn).parameters.values())
            for parameter in parameters[len(inputs) : wanted]:
                if parameter.default is inspect.Parameter.empty:
                    break
                inputs.append(parameter.default)
        if len(inputs) < wanted:
            raise gr.Error(
                f"{block_fn.api_name or 'This'} takes {wanted} values, got {len(inputs)}.",
                print_exception=False,
            )
        if _names_address(inputs):
            raise gr.Error(
                "A file is handed in, not fetched from an address.", print_exception=False
            )

    async def process_api(self, block_fn: BlockFunction | int, *args: Any, **options: Any) -> Any:
        """As Gradio does; a fault of the program is logged without its message."""
        try:
            return await super().process_api(block_fn, *args, **options)
        except gr.Error:
            raise
        except Exception as error:
            name = block_fn.api_name if isinstance(block_fn, BlockFunction) else block_fn
            log_fault(_log, error, str(name))
            raise gr.Error(WRONG, print_exception=False) from None


def _names_address(value: Any) -> bool:
    """Whether a value has a file that the framework would fetch from elsewhere."""
    if isinstance(value, list | tuple):
        return any(map(_names_address, value))
    if not isinstance(value, dict):
        return False
    path = value.get("path")
    if "meta" in value and isinstance(path, str) and "://" in path:
        return True
    return any(map(_names_address, value.values()))
