"""Every address that the server answers, by whom it is asked and how much it may be sent.

The framework has more routes than the page uses: editors, recorders, monitors, what fetches other
addresses. What is not named here is shut (``sentiment.ui.guard``), so that a route that a later
version of it adds is shut too until somebody names it. SECURITY.md shows the table
(``python -m tests.entrances``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sentiment.ui.limits import MAX_FILE_BYTES
from sentiment.ui.preview import PATH as PICTURE

API = "/gradio_api"
QUESTIONS = f"{API}/component_server"
MAX_BODY = 2_000_000
"""Most bytes of a question; MAX_BATCH texts of MAX_CHARACTERS in ASCII are 1.3 million."""
MAX_UPLOAD = MAX_FILE_BYTES + 100_000


@dataclass(frozen=True, slots=True)
class Entrance:
    """A route as the framework writes it, with the methods that are answered.

    ``{name}`` stands for one part of the path, ``{name:path}`` for its rest. ``most`` is the bytes
    that a request may have; ``stays`` tells that its answer lasts as long as the page is open.
    """

    path: str
    methods: tuple[str, ...]
    purpose: str
    most: int = 0
    stays: bool = False

    def pattern(self) -> str:
        """The path as a regular expression."""
        parts = re.split(r"(\{[^}]*\})", self.path)
        return "".join(
            re.escape(part) if part[:1] != "{" else ".*" if part.endswith(":path}") else "[^/]+"
            for part in parts
        )


READ = ("GET", "HEAD")
ENTRANCES = (
    Entrance("/", READ, "the page"),
    Entrance("/config", ("GET",), "the page's components, for its scripts and for programs"),
    Entrance("/theme.css", ("GET",), "colours and fonts"),
    Entrance(f"{API}/theme.css", ("GET",), "colours and fonts"),
    Entrance("/assets/{path:path}", ("GET",), "the framework's own scripts, styles and fonts"),
    Entrance("/static/{path:path}", ("GET",), "the framework's own pictures and fonts"),
    Entrance("/favicon.ico", ("GET",), "icon"),
    Entrance("/pwa_icon", ("GET",), "icon"),
    Entrance("/pwa_icon/{size}", ("GET",), "icon"),
    Entrance("/manifest.json", ("GET",), "name and icons, for a phone's home screen"),
    Entrance("/robots.txt", ("GET",), "what search engines may read"),
    Entrance(PICTURE, READ, "picture that other sites show of a link"),
    Entrance(f"{API}/startup-events", ("GET",), "first call of a page; nothing happens"),
    Entrance(f"{API}/heartbeat/{{session_hash}}", ("GET",), "tells when a page closes", stays=True),
    Entrance(f"{API}/app_id", ("GET",), "whether the server started anew"),
    Entrance(QUESTIONS, ("POST",), "the page's questions", MAX_BODY),
    Entrance(f"{API}/queue/join", ("POST",), "the page's events", MAX_BODY),
    Entrance(f"{API}/queue/data", ("GET",), "their answers", stays=True),
    Entrance(f"{API}/cancel", ("POST",), "ends an event of one's own", MAX_BODY),
    Entrance(f"{API}/reset", ("POST",), "older programs' cancel; nothing happens", MAX_BODY),
    Entrance(f"{API}/upload", ("POST",), "a file to score", MAX_UPLOAD),
    Entrance(f"{API}/upload_progress", ("GET",), "how far it is", stays=True),
    Entrance(f"{API}/file={{path_or_url:path}}", READ, "a scored file; none from elsewhere"),
    Entrance(f"{API}/info", ("GET",), "description of the endpoints"),
    Entrance(f"{API}/openapi.json", ("GET",), "the same in OpenAPI's form"),
    Entrance(f"{API}/call/{{api_name}}", ("POST",), "endpoint, by a program", MAX_BODY),
    Entrance(f"{API}/call/v2/{{api_name}}", ("POST",), "the same, values by name", MAX_BODY),
    Entrance(f"{API}/call/{{api_name}}/{{event_id}}", ("GET",), "its answer", stays=True),
    Entrance(f"{API}/call/v2/{{api_name}}/{{event_id}}", ("GET",), "its answer", stays=True),
    Entrance(f"{API}/run/{{api_name}}", ("POST",), "endpoint, answered at once", MAX_BODY),
    Entrance(f"{API}/api/{{api_name}}", ("POST",), "the same, by its older name", MAX_BODY),
    Entrance(f"{API}/mcp", ("GET", "POST", "DELETE"), "the endpoints as tools", MAX_BODY, True),
    Entrance(f"{API}/mcp/schema", READ, "description of the tools"),
    Entrance(f"{API}/mcp/sse", READ, "the tools, for older programs", stays=True),
    Entrance(f"{API}/mcp/messages", ("POST",), "their questions", MAX_BODY),
)
_ELSEWHERE = re.compile(rf"{API}/file=https?:", re.I)
_PATTERNS = [(re.compile(one.pattern(), re.S), one) for one in ENTRANCES]


def path_of(scope: Mapping[str, Any]) -> str:
    """The path that a request asks for, without a proxy's prefix and a slash at its end."""
    path = str(scope["path"]).removeprefix(scope.get("root_path") or "")
    return path.rstrip("/") or "/"


def entrances(path: str) -> list[Entrance]:
    """The entrances that a path, without a slash at its end, leads to; none where it is shut."""
    if _ELSEWHERE.match(path):  # the framework would fetch it
        return []
    return [one for pattern, one in _PATTERNS if pattern.fullmatch(path)]
