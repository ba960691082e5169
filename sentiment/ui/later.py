"""Libraries that are imported and seldom used: loaded at their first use instead.

The framework imports pandas for tables that this page has none of: 65 MB and a tenth of its start.
Importing this module is enough, before the framework is imported.
"""

from __future__ import annotations

import sys
import threading
from importlib.util import find_spec, module_from_spec
from typing import Any


def load_later(name: str) -> None:
    """Let ``import name`` give a module that is run once something is asked of it."""
    spec = find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    module, loader = module_from_spec(spec), spec.loader
    # Whoever imports a part of it asks for its path first, and must find the whole.
    path = vars(module).pop("__path__", None)
    lock = threading.RLock()
    state = "waits"

    def found(attribute: str) -> Any:
        nonlocal state
        with lock:  # others wait until it has run; what it asks of itself meanwhile is not there
            if state == "waits":
                state = "runs"
                if path is not None:
                    vars(module)["__path__"] = path
                loader.exec_module(module)
                state = "done"
        own = vars(module).get("__getattr__", found)
        if attribute in vars(module):
            return vars(module)[attribute]
        if own is not found:
            return own(attribute)
        raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

    vars(module)["__getattr__"] = found
    sys.modules[name] = module


load_later("pandas")
