"""The table of SECURITY.md of all that is reachable: ``python -m tests.entrances`` writes it.

Made from the page itself, so that a new endpoint, event, question or name in the address changes
the table, and a test says so. ``SHUT`` are the framework's routes that nothing of the page needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sentiment.ui.answers import STUDY, VERDICT, Reader
from sentiment.ui.drawn import SCRIPTS
from sentiment.ui.entrances import ENTRANCES
from sentiment.ui.gate import Gate
from sentiment.ui.limits import MAX_BATCH, MAX_CHARACTERS, MAX_TOKENS, MOST_QUICK
from tests.conftest import ROOT, tiny_classifier

API = "/gradio_api"
SHUT = {
    "/login": "there are no accounts",
    "/logout": "there are no accounts",
    f"{API}/user": "there are no accounts",
    f"{API}/login_check": "there are no accounts",
    f"{API}/token": "there are no accounts",
    "/openapi.json": "the framework's own routes",
    "/svelte/{path:path}": "for components of others",
    f"{API}/custom_component/{{id}}/{{environment}}/{{type}}/{{file_name}}": "writes to the log",
    f"{API}/dev/reload": "for developers",
    f"{API}/deep_link": "writes a file at every call; the page's links hold all themselves",
    f"{API}/file/{{path:path}}": "an older name of file=",
    f"{API}/proxy={{url_path:path}}": "fetches other addresses",
    f"{API}/stream/{{event_id}}": "for sound and film",
    f"{API}/stream/{{event_id}}/close": "for sound and film",
    f"{API}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist.m3u8": "for sound and film",
    f"{API}/stream/{{session_hash}}/{{run}}/{{component_id}}/{{segment_id}}.{{ext}}": "for film",
    f"{API}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist-file": "for film",
    f"{API}/queue/status": "tells of others",
    f"{API}/runs": "keeps what others typed",
    "/monitoring": "tells of others",
    "/monitoring/summary": "tells of others",
    "/monitoring/{key}": "tells of others",
    f"{API}/process_recording": "runs a program on a film that is handed in",
    f"{API}/vibe-edit": "changes the page's code",
    f"{API}/undo-vibe-edit": "changes the page's code",
    f"{API}/vibe-code": "changes the page's code",
    f"{API}/vibe-starter-queries": "asks a model elsewhere",
}
START, END = "<!-- entrances -->", "<!-- end of entrances -->"


def routes(found: Iterable[Any], before: str = "") -> Iterator[str]:
    """The paths of an application's routes, those of routers and mounts in it too."""
    for route in found:
        router = getattr(route, "original_router", None)
        if router is not None:
            yield from routes(router.routes, before)
            continue
        path = before + route.path.rstrip("/")
        inner = getattr(route, "routes", None)
        if inner:
            yield from routes(inner, path)
        else:
            yield path or "/"


def table(page: Any) -> str:
    """The table, as it stands in SECURITY.md."""
    reader = Reader(tiny_classifier())
    return "\n\n".join([_routes(), _questions(page, reader), _events(page), _names()])


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _rows(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join([_row(*heads), "|---" * len(heads) + "|", *(_row(*row) for row in rows)])


def _routes() -> str:
    return _rows(
        ("address", "methods", "what for", "most bytes sent"),
        (
            (f"`{one.path}`", ", ".join(one.methods), one.purpose, f"{one.most:,}")
            for one in ENTRANCES
        ),
    )


def _line(gate: Gate) -> str:
    return (
        f"{gate.workers} at work, {gate.waiting} in line; {gate.of_session} a page, "
        f"{gate.of_address} an address"
    )


def _questions(page: Any, reader: Reader) -> str:
    """Of the questions of the page's scripts and of the endpoints, which line they stand in."""
    lines = {
        "verdicts": reader.verdicts,
        "explanations": reader.explanations,
        "studies": reader.studies,
        "long": reader.long,
    }
    asked: dict[str, list[str]] = {name: [] for name in lines}
    for block in page.blocks.values():
        for function in getattr(block, "server_fns", None) or ():
            steps = function.__dict__["steps"]
            kind = "long" if steps > MOST_QUICK else "studies" if steps >= STUDY else "explanations"
            asked["verdicts" if steps == VERDICT else kind].append(function.__name__)
    open_to_all = [fn.api_name for fn in page.fns.values() if fn.api_visibility == "public"]
    said = (
        f"Questions of the page (`component_server`) and the endpoints {_listed(open_to_all)}: a "
        f"text has up to {MAX_CHARACTERS:,} characters and {MAX_TOKENS:,} words, `score` takes "
        f"{MAX_BATCH} of them; what takes more than {MOST_QUICK:,} words times steps stands in "
        "the long line."
    )
    rows = [(name, _listed(asked[name]), _line(gate)) for name, gate in lines.items()]
    rows[1] = (rows[1][0], rows[1][1] + ", `score` of an endpoint", rows[1][2])
    rows[2] = (rows[2][0], rows[2][1] + ", `explain` and `compare` of an endpoint", rows[2][2])
    rows += [("previews", "a file is looked at", _line(reader.previews))]
    rows += [("files", "a file is scored", _line(reader.files))]
    return said + "\n\n" + _rows(("line", "questions", "at most"), rows)


def _events(page: Any) -> str:
    events = sorted(
        {fn.name for fn in page.fns.values() if fn.fn is not None and fn.api_visibility != "public"}
    )
    return f"Events of the page (`queue/join`), which no program sees: {_listed(events)}."


def _names() -> str:
    code = (SCRIPTS / "address.js").read_text(encoding="utf-8")
    match = re.search(r"NAMES = \[(.*?)\]", code, re.S)
    assert match is not None
    names = re.findall(r"'(\w+)'", match.group(1))
    return (
        f"Names in the page's address: {_listed(names)} (read by the page's scripts, each checked "
        "against what there is; `panel` by the server too), `embed`, `view` and `__theme` (looks)."
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main() -> None:
    """Write the table into SECURITY.md."""
    from sentiment.ui.page import build

    path = ROOT / "SECURITY.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    made = table(build(tiny_classifier()))
    path.write_text(f"{before}{START}\n{made}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
