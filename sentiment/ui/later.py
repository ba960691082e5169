"""Libraries that are imported and hardly used: loaded at their first use instead, if that comes.

The framework imports pandas for tables that this page has none of, and Captum, of whose methods
one is used, matplotlib for pictures: 90 MB and a fifth of the start. Importing this module is
enough, before the framework is imported.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module until something is asked of it, then for whoever holds it still.

    The module is imported as any other, by Python's own machinery and under its locks: threads
    that come at the same time, for it or for a part of it, are a case that it knows.
    """

    def __init__(self, spec: ModuleSpec, *, parts: bool) -> None:
        super().__init__(spec.name)
        self.__spec__, self.__file__ = spec, spec.origin
        if parts:
            self.__path__ = list(spec.submodule_search_locations or ())

    def __getattr__(self, name: str) -> Any:
        own = self.__name__
        if sys.modules.get(own) is self:
            sys.modules.pop(own, None)
        return getattr(import_module(own), name)


def load_later(name: str, *, parts: bool = False) -> None:
    """Let ``import name`` give a module that is run once something is asked of it.

    With ``parts`` its parts can be imported without it.
    """
    spec = find_spec(name)
    if name not in sys.modules and spec is not None:
        sys.modules[name] = _Later(spec, parts=parts)


def leave_out(name: str) -> None:
    """Let ``import name`` fail as where it is not installed, in a process that serves the page.

    For what the framework imports for every event if it can.
    """
    vars(sys)["modules"].setdefault(name, None)


load_later("pandas")
load_later("captum", parts=True)
load_later("captum.attr", parts=True)
