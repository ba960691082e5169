"""Libraries that are imported and hardly used: loaded at their first use instead, if that comes.

The framework imports pandas for tables that this page has none of, and Captum, of whose methods
one is used, matplotlib for pictures: memory and time of the start; and it writes files for editors
whenever it is imported. Importing this module is enough, before the framework is imported.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_LOCK = threading.Lock()


class _Later(ModuleType):
    """Stands for a module until something is asked of it, then for whoever holds it still.

    The module is imported as any other, by Python's own machinery and under its locks.
    """

    def __init__(self, spec: ModuleSpec, *, parts: bool) -> None:
        super().__init__(spec.name)
        self.__spec__, self.__file__ = spec, spec.origin
        if parts:
            self.__path__ = list(spec.submodule_search_locations or ())

    def __getattr__(self, name: str) -> Any:
        own = self.__name__
        with _LOCK:  # for these lines alone: another thread may have put the module there
            if sys.modules.get(own) is self:
                del sys.modules[own]
        return getattr(import_module(own), name)


class _AlreadyImported(Loader):
    """Hands back a module that was imported with its package."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


class _PartFinder(MetaPathFinder):
    """Finds parts of a package that stood in for itself: whoever imports one first gets it once.

    Python asks the stand-in for its path, which imports the package and all that it imports, and
    would then run the part a second time.
    """

    def __init__(self) -> None:
        self.packages: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        module = sys.modules.get(fullname)
        if target is not None or module is None or fullname.split(".")[0] not in self.packages:
            return None
        return ModuleSpec(fullname, _AlreadyImported(module))


_PART_FINDER = _PartFinder()
sys.meta_path.insert(0, _PART_FINDER)


def load_later(name: str, *, parts: bool = False) -> None:
    """Let ``import name`` give a module that is run once something is asked of it.

    With ``parts`` its parts can be imported without it.
    """
    spec = find_spec(name)
    if name not in sys.modules and spec is not None:
        sys.modules[name] = _Later(spec, parts=parts)
        if not parts:
            _PART_FINDER.packages.add(name)


def leave_out(name: str) -> None:
    """Let ``import name`` fail as where it is not installed, in a process that serves the page.

    For what the framework imports for every event if it can.
    """
    vars(sys)["modules"].setdefault(name, None)


class _Unwritten(Loader):
    """Runs a module and then has one of its functions do nothing."""

    def __init__(self, loader: Loader, function: str) -> None:
        self.loader, self.function = loader, function

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        if hasattr(module, self.function):
            setattr(module, self.function, lambda *_: None)


class _StubFinder(MetaPathFinder):
    """Finds the framework's module that describes each component in a file for editors (.pyi).

    To compare these files with the components takes two seconds of a start, which need none.
    """

    MODULE, FUNCTION = "gradio.component_meta", "create_or_modify_pyi"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Unwritten(spec.loader, self.FUNCTION)
        return spec


sys.meta_path.insert(0, _StubFinder())
load_later("pandas")
load_later("captum", parts=True)
load_later("captum.attr", parts=True)
