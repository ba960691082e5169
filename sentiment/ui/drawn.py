"""The page's one custom component: an empty element that a script of the page draws into.

Gradio runs the filled template of an HTML component as a JavaScript template literal, so that
``${...}`` in a value would be executed even where Handlebars escaped it. The templates here are
therefore constant, and values reach the document through the scripts, as text nodes only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

SCRIPTS = Path(__file__).parent / "scripts"
SHARED = (
    "early",
    "numbers",
    "lines",
    "scales",
    "address",
    "elements",
    "state",
    "tips",
    "navigation",
    "verdict",
    "lanes",
    "choosing",
    "labels",
    "running",
    "curve",
    "stage",
    "head",
    "flow",
    "parts",
    "card",
    "faith",
    "drift",
    "curves",
    "aligned",
    "models",
    "edits",
    "heat",
    "step",
    "equations",
    "memory",
    "unrolled",
    "network",
    "player",
    "picture",
    "pictures",
    "stories",
    "bar",
    "door",
)
"""Scripts that every panel may use, in the order in which they run."""
LAST = "opening"
"""The script that draws before Gradio is there, once all panels are known."""
_IMPORT = re.compile(r"^import [^;]*;\n", re.M)
_EXPORT = re.compile(r"^export const (\w+)", re.M)
_ONCE = "'use strict';\nif (window.microscope) return;  // run already, before Gradio was there"


def drawn(
    name: str,
    value: Any = None,
    server_functions: list[Callable[..., Any]] | None = None,
    *,
    opens: bool = False,
) -> gr.HTML:
    """An element that ``microscope.panel(name, ...)`` of the scripts draws into.

    With ``opens`` it has the event ``open``, with the panel's name as ``panel``.
    """
    # Naming the event in the script is what lets Python listen to it.
    connect = "microscope.connect(server);" if server_functions else ""
    connect += "microscope.triggered((data) => trigger('open', data));" if opens else ""
    return gr.HTML(
        value,
        html_template="<div class='microscope'></div>",
        js_on_load=f"{connect}microscope.mount('{name}', element.firstElementChild, props, watch)",
        apply_default_css=False,
        server_functions=server_functions,
    )


def head(panels: Sequence[Path]) -> str:
    """The shared scripts and those of the panels as one element of the page's head.

    The files are modules, so that editors and checkers know every name. Here each keeps a scope
    of its own, and what it exports is there for those after it: one script, there before Gradio's.
    """
    scripts = [*(SCRIPTS / f"{name}.js" for name in SHARED), *panels, SCRIPTS / f"{LAST}.js"]
    code = "\n".join([_ONCE, *(_scoped(script) for script in scripts)])
    return f"<script>(() => {{\n{code}\n}})();</script>"


def _scoped(script: Path) -> str:
    code = script.read_text(encoding="utf-8")
    names = ", ".join(_EXPORT.findall(code))
    body = _EXPORT.sub(r"const \1", _IMPORT.sub("", code))
    return f"const {{ {names} }} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"
