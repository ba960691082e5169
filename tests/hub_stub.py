"""A loopback stub of the Hub's HTTP interface, for the real client.

It keeps repositories as commits in memory: create, repo info, refs, tree, preupload, git-LFS
upload, commit, tag, resolve. ``HF_ENDPOINT`` must be set before the client is imported, so the
client runs in a process of its own with ``HubStub.environment``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_loopback"
LFS_SUFFIXES = (".safetensors", ".bin")


@dataclass
class Repository:
    """Commits, oldest first, each with its files; tags by name."""

    private: bool = False
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes]) -> str:
        """Add a commit and give back its sha."""
        content = repr((len(self.commits), sorted(files.items()))).encode()
        sha = hashlib.sha1(content).hexdigest()
        self.commits.append((sha, files))
        return sha

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """Sha and files of a branch, tag or commit."""
        if revision == "main":
            return self.commits[-1]
        sha = self.tags.get(revision, revision)
        return next((commit for commit in self.commits if commit[0] == sha), None)


class HubStub:
    """The server, a context manager. ``faults`` maps "METHOD path-regex" to a status to answer."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.uploads: dict[str, bytes] = {}
        self.faults: dict[str, int] = {}
        self.requests: list[str] = []
        stub = self

        class Handler(_Handler):
            hub = stub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> HubStub:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def environment(self, cache: Path, *, token: str | None = TOKEN) -> dict[str, str]:
        """Variables for a client whose cache and login live under ``cache`` alone."""
        login = {} if token is None else {"HF_TOKEN": token}
        return login | {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(cache),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def add(self, name: str, files: dict[str, bytes], *, kind: str = "model") -> str:
        """Put files into a repository; gives back the sha."""
        return self.repositories.setdefault(f"{kind}s/{name}", Repository()).commit(files)

    def __getitem__(self, name: str) -> Repository:
        return self.repositories[name if "s/" in name[:7] else f"models/{name}"]


class _Handler(BaseHTTPRequestHandler):
    hub: HubStub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silence."""

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line = f"{self.command} {path}"
        self.hub.requests.append(line)
        for pattern, status in self.hub.faults.items():
            if re.search(pattern, line):
                return self._send(status, {"error": "fault of the stub"})
        writing = self.command in ("POST", "PUT") and "/validate-yaml" not in path
        if writing and "/upload/" not in path and not self._authorised():
            return self._send(401, {"error": "Invalid credentials"})
        for pattern, handle in _ROUTES:
            if (found := re.fullmatch(pattern, line)) is not None:
                return handle(self, body, **found.groupdict())
        return self._send(404, {"error": f"no route {line}"})

    def _authorised(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _send(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _repository(self, kind: str, name: str) -> Repository | None:
        found = self.hub.repositories.get(f"{kind}/{name}")
        if found is None or (found.private and not self._authorised()):
            self._send(401, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
            return None
        return found

    def _revision(
        self, kind: str, name: str, revision: str | None
    ) -> tuple[str, dict[str, bytes]] | None:
        if (repository := self._repository(kind, name)) is None:
            return None
        if (found := repository.at(revision or "main")) is None:
            self._send(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
        return found

    def create(self, body: bytes) -> None:
        wish = json.loads(body)
        name = f"{wish.get('organization') or 'me'}/{wish['name']}"
        key = f"{wish.get('type', 'model')}s/{name}"
        url = f"{self.hub.url}/{'' if key.startswith('models') else 'spaces/'}{name}"
        if key in self.hub.repositories:
            return self._send(409, {"error": "You already created this", "url": url})
        private = wish.get("visibility") == "private" or bool(wish.get("private"))
        self.hub.repositories[key] = Repository(private)
        self.hub.repositories[key].commit({".gitattributes": b""})
        return self._send(200, {"url": url, "name": name})

    def info(self, _: bytes, kind: str, name: str, revision: str | None = None) -> None:
        if (found := self._revision(kind, name, revision)) is None:
            return
        sha, files = found
        siblings = [{"rfilename": f, "size": len(raw)} for f, raw in files.items()]
        private = self.hub.repositories[f"{kind}/{name}"].private
        self._send(200, {"id": name, "sha": sha, "private": private, "siblings": siblings})

    def refs(self, _: bytes, kind: str, name: str) -> None:
        if (repository := self._repository(kind, name)) is None:
            return
        tags = [
            {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": sha}
            for tag, sha in repository.tags.items()
        ]
        branch = {
            "name": "main",
            "ref": "refs/heads/main",
            "targetCommit": repository.commits[-1][0],
        }
        self._send(200, {"branches": [branch], "converts": [], "tags": tags})

    def tree(self, _: bytes, kind: str, name: str, revision: str) -> None:
        if (found := self._revision(kind, name, revision)) is None:
            return
        self._send(200, [_entry(path, raw) for path, raw in found[1].items()])

    def resolve(self, _: bytes, name: str, revision: str, file: str) -> None:
        if (found := self._revision("models", name, revision)) is None:
            return
        sha, files = found
        raw = files[file]
        headers = {"X-Repo-Commit": sha, "ETag": f'"{_entry(file, raw)["oid"]}"'}
        self._send(200, raw, headers)

    def preupload(self, body: bytes, kind: str, name: str, revision: str) -> None:
        if (found := self._revision(kind, name, revision)) is None:
            return
        files = []
        for entry in json.loads(body)["files"]:
            path = entry["path"]
            row = {
                "path": path,
                "uploadMode": "lfs" if path.endswith(LFS_SUFFIXES) else "regular",
                "shouldIgnore": False,
            }
            if path in found[1]:
                row["oid"] = _remote_oid(path, found[1][path])
            files.append(row)
        self._send(200, {"files": files})

    def batch(self, body: bytes, name: str) -> None:
        objects = [
            {
                "oid": entry["oid"],
                "size": entry["size"],
                "actions": {"upload": {"href": f"{self.hub.url}/upload/{entry['oid']}"}},
            }
            for entry in json.loads(body)["objects"]
        ]
        self._send(200, {"transfer": "basic", "objects": objects})

    def upload(self, body: bytes, oid: str) -> None:
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.uploads[oid] = body
        self._send(200, {})

    def commit(self, body: bytes, kind: str, name: str, revision: str) -> None:
        if (repository := self._repository(kind, name)) is None:
            return
        files = dict(repository.commits[-1][1])
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.uploads[value["oid"]]
            elif entry["key"] == "deletedFile":
                del files[value["path"]]
        sha = repository.commit(files)
        self._send(
            200,
            {"success": True, "commitOid": sha, "commitUrl": f"{self.hub.url}/{name}/commit/{sha}"},
        )

    def tag(self, body: bytes, kind: str, name: str, revision: str) -> None:
        if (found := self._revision(kind, name, revision)) is None:
            return None
        repository, tag = self.hub.repositories[f"{kind}/{name}"], json.loads(body)["tag"]
        if tag in repository.tags:
            return self._send(409, {"error": "Tag reference exists already"})
        repository.tags[tag] = found[0]
        return self._send(200, {})

    def validate(self, _: bytes) -> None:
        self._send(200, {"errors": [], "warnings": []})


def _git_oid(raw: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()


def _remote_oid(path: str, raw: bytes) -> str:
    """The identity that the Hub compares: sha256 of a large file, git's sha1 of others."""
    return hashlib.sha256(raw).hexdigest() if path.endswith(LFS_SUFFIXES) else _git_oid(raw)


def _entry(path: str, raw: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(raw), "oid": _remote_oid(path, raw)}


_KIND, _NAME = r"(?P<kind>models|spaces|datasets)", r"(?P<name>[^/]+/[^/]+)"
_ROUTES: list[tuple[str, Any]] = [
    (r"POST /api/repos/create", _Handler.create),
    (r"POST /api/validate-yaml", _Handler.validate),
    (rf"GET /api/{_KIND}/{_NAME}", _Handler.info),
    (rf"GET /api/{_KIND}/{_NAME}/revision/(?P<revision>.+)", _Handler.info),
    (rf"GET /api/{_KIND}/{_NAME}/refs", _Handler.refs),
    (rf"GET /api/{_KIND}/{_NAME}/tree/(?P<revision>[^/]+)", _Handler.tree),
    (rf"POST /api/{_KIND}/{_NAME}/preupload/(?P<revision>[^/]+)", _Handler.preupload),
    (rf"POST /api/{_KIND}/{_NAME}/commit/(?P<revision>[^/]+)", _Handler.commit),
    (rf"POST /api/{_KIND}/{_NAME}/tag/(?P<revision>[^/]+)", _Handler.tag),
    (rf"(?:GET|HEAD) /{_NAME}/resolve/(?P<revision>[^/]+)/(?P<file>.+)", _Handler.resolve),
    (rf"POST /(?:spaces/)?{_NAME}\.git/info/lfs/objects/batch", _Handler.batch),
    (r"PUT /upload/(?P<oid>\w+)", _Handler.upload),
]
