"""What other sites show of a link to the page: its name, a line, a picture."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

DESCRIPTION = (
    "A small network reads your sentence word by word, and shows how it makes up its mind: "
    "“not good”, step by step, with sums that add up."
)
PICTURES = Path(__file__).parent / "pictures"
FAVICON = PICTURES / "favicon.svg"
PATH = "/preview.png"
# The framework's page names itself before it names the app, and the first name counts.
_FOREIGN = re.compile(rb'<meta property="og:title" content="Gradio" />.*?(?=<style>)', re.S)


def preview() -> dict[str, str]:
    """The page's own description and picture, in full where it knows its own host."""
    host = os.environ.get("SPACE_HOST")
    return {
        "simple_description": DESCRIPTION,
        "thumbnail": f"https://{host}{PATH}" if host else PATH,
    }


def with_preview(options: dict[str, Any]) -> dict[str, Any]:
    """An application's options with the picture's address."""
    return {**options, "routes": [*options.get("routes", ()), Route(PATH, _picture)]}


def _picture(_: Request) -> FileResponse:
    return FileResponse(PICTURES / "preview.png", media_type="image/png")


def own_names(page: bytes) -> bytes:
    """The framework's page without the names that it gives itself."""
    return _FOREIGN.sub(b"", page, count=1)
