"""All traffic with the Hugging Face Hub: repository id + revision to folder, folder to repository.

Reading asks the local cache before the Hub where a commit is pinned, and falls back on the cache
where the Hub cannot be reached. Only the files that a checkpoint may hold are fetched, and none
before their sizes are known. Writing is one commit, so nothing is ever half-published.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from httpx2 import HTTPError
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    get_token,
    is_offline_mode,
)
from huggingface_hub import snapshot_download as _snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils._validators import validate_repo_id

from sentiment.card import CARD
from sentiment.checkpoint import CONFIG, FILES, TOKENIZER, TWIN, WEIGHTS
from sentiment.errors import SentimentError
from sentiment.records import METRICS, TRAINING

CONTENTS = (*FILES, TWIN, TRAINING, CARD, METRICS)
"""What is fetched of a repository, and what publishing writes or takes away."""
MAX_BYTES = {WEIGHTS: 2_100_000_000, TWIN: 2_100_000_000, TOKENIZER: 200_000_000, CONFIG: 100_000}
MAX_BYTES |= {TRAINING: 10_000_000, CARD: 1_000_000, METRICS: 10_000_000}
TIMEOUT = 5.0  # seconds that the Hub has to answer before the cache is asked

_COMMIT = re.compile(r"[0-9a-f]{40}")


class HubError(SentimentError):
    """A repository that cannot be read or written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where a folder went: the page of the repository and the ``commit`` (sha) to pin."""

    repository: str
    url: str
    commit: str
    tag: str | None


def chosen_model(model: str | None, revision: str | None = None) -> tuple[str | None, str | None]:
    """The model that was asked for, else that of MODEL_ID, else None, with its revision.

    A Space sets MODEL_ID and MODEL_REVISION in its settings; the latter belongs to the former,
    and a ``revision`` that was asked for goes before it.
    """
    if model:
        return model, revision
    chosen = os.environ.get("MODEL_ID") or None
    return chosen, revision or os.environ.get("MODEL_REVISION") or None


def is_repository(model: str) -> bool:
    """Whether ``model`` has the form "user/name" of an id on the Hub, and is no local path."""
    try:
        validate_repo_id(model)
        return model.count("/") == 1 and not Path(model).exists()
    except (HFValidationError, OSError):  # OSError: too long for the name of a file
        return False


def fetch(repository: str, revision: str | None = None) -> tuple[Path, str]:
    """The folder with a repository's checkpoint, and its commit (sha).

    ``revision`` is a commit, tag or branch; "main" by default. A pinned commit that is in the
    cache needs no network. Raises HubError where there is no such repository, revision or
    checkpoint, where access is refused, and where neither Hub nor cache can give it.
    """
    if revision is not None and _COMMIT.fullmatch(revision):
        try:
            return _from_cache(repository, revision), revision
        except LocalEntryNotFoundError:
            pass
    name = f"{repository}@{revision or 'main'}"
    try:
        with _explained(name):
            info = HfApi().model_info(
                repository, revision=revision, timeout=TIMEOUT, files_metadata=True
            )
            _check_files(name, {f.rfilename: f.size for f in info.siblings or ()})
            # This very commit: a branch may move behind the sizes that were checked.
            folder = _snapshot_download(
                repository, revision=info.sha, allow_patterns=list(CONTENTS)
            )
            _remember(Path(folder), revision or "main")
    except _UnreachableError as unreachable:
        try:
            folder = str(_from_cache(repository, revision))
        except LocalEntryNotFoundError:
            raise HubError(
                f"{name}: no such folder here, the Hub cannot be reached and the local cache "
                "does not hold it; go online once, or give a checkpoint folder"
            ) from unreachable
    return Path(folder), Path(folder).name


def check_dataset(name: str) -> None:
    """Raise HubError, within seconds, where no data set of that id can be read from the Hub.

    Asks nothing where HF_HUB_OFFLINE is set: the cache may hold it.
    """
    if is_offline_mode():
        return
    with _explained(name):
        HfApi().dataset_info(name, timeout=TIMEOUT)


def _from_cache(repository: str, revision: str | None) -> Path:
    folder = _snapshot_download(
        repository, revision=revision, allow_patterns=list(CONTENTS), local_files_only=True
    )
    return Path(folder)


def _remember(folder: Path, revision: str) -> None:
    """Note in the cache which commit a branch or tag was, for the time without a network.

    The layout: huggingface.co/docs/huggingface_hub/guides/manage-cache.
    """
    if revision != folder.name and ".." not in revision.split("/"):
        reference = folder.parent.parent / "refs" / revision
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(folder.name, encoding="utf-8")


def _check_files(name: str, sizes: dict[str, int | None]) -> None:
    """Raise HubError where a checkpoint's files are missing or of absurd size."""
    if missing := [file for file in FILES if file not in sizes]:
        pickled = sorted(f for f in sizes if f.endswith((".bin", ".pt", ".pth", ".pkl", ".ckpt")))
        hint = f"; pickled weights ({', '.join(pickled)}) are never loaded" if pickled else ""
        lacks = ", ".join(missing)
        raise HubError(f"{name} is no checkpoint of this model: it lacks {lacks}{hint}")
    for file, limit in MAX_BYTES.items():
        if (sizes.get(file) or 0) > limit:
            raise HubError(f"{name}: {file} has {sizes[file]:,} bytes, at most {limit:,}")


def publish_folder(
    folder: Path,
    repository: str,
    *,
    files: Sequence[str],
    stale: Sequence[str] = (),
    private: bool = False,
    tag: str | None = None,
    message: str = "Publish",
    kind: str = "model",
) -> Published:
    """Write ``files`` of ``folder`` into a repository, created if need be, in one commit.

    Files of the repository that bear a name in ``stale`` but are not in ``files`` go with the
    same commit; ("*",) means all. ``kind`` is "model" or "space". Unchanged files are not sent
    again, so that a run which was interrupted may simply be repeated. Raises HubError, before
    anything is written, for a missing login, an invalid name, a tag that exists, and a
    repository whose visibility differs from ``private``.
    """
    check_name(repository)
    if get_token() is None:
        raise HubError("not logged in: run `hf auth login`, or set HF_TOKEN, and try again")
    api = HfApi()
    with _explained(repository):
        made = api.create_repo(
            repository,
            repo_type=kind,
            private=private,
            exist_ok=True,
            space_sdk="gradio" if kind == "space" else None,
        )
        target = made.repo_id
        info: Any = api.repo_info(target, repo_type=kind)
        if bool(info.private) != private:
            raise HubError(
                f"{target} exists and is {'private' if info.private else 'public'}; "
                f"{'leave out' if private else 'add'} --private, or change its settings"
            )
        if tag is not None:
            refs = api.list_repo_refs(target, repo_type=kind)
            if found := [ref for ref in refs.tags if ref.name == tag]:
                raise HubError(
                    f"{target} has the tag {tag!r} already, at {found[0].target_commit}; "
                    "nothing was published: choose another tag"
                )
        present = {sibling.rfilename for sibling in info.siblings or ()} - {".gitattributes"}
        gone = present - set(files) if "*" in stale else (present & set(stale)) - set(files)
        # create_commit, since upload_folder may split what it sends into several commits
        commit = api.create_commit(
            target,
            [
                *(CommitOperationAdd(name, folder / name) for name in files),
                *(CommitOperationDelete(name) for name in sorted(gone)),
            ],
            commit_message=message,
            repo_type=kind,
        )
    if tag is not None:
        with _explained(f"{target}: published as {commit.oid}, but not tagged {tag!r}"):
            api.create_tag(target, tag=tag, revision=commit.oid, repo_type=kind)
    return Published(target, str(made), commit.oid, tag)


def check_name(repository: str) -> None:
    """Raise HubError where no repository can bear that name."""
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        raise HubError(
            "a repository is named user/name or name, of at most 96 letters, digits, '-', '_' and "
            "'.', without '--' or '..', neither begun nor ended by '-' or '.', and not ending in "
            f"'.git'; got {repository!r}"
        ) from error


class _UnreachableError(HubError):
    pass


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Faults of the Hub's client as HubError with what to do about them."""
    try:
        yield
    except (OfflineModeIsEnabled, LocalEntryNotFoundError) as error:
        raise _UnreachableError(
            f"{name}: not here, and the Hub cannot be reached: {error}"
        ) from error
    except GatedRepoError as error:
        raise HubError(f"{name} is gated: ask for access on its page, then log in") from error
    except RevisionNotFoundError as error:
        raise HubError(f"{name}: there is no such revision") from error
    except RepositoryNotFoundError as error:
        raise HubError(
            f"{name}: no such repository on the Hub (or a private one, and you are not logged in: "
            "run `hf auth login`, or set HF_TOKEN), and no such folder here"
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise HubError(
                f"{name}: access refused; run `hf auth login` with a token that may do this"
            ) from error
        kind = _UnreachableError if status >= 500 else HubError
        raise kind(f"{name}: the Hub answered {status}: {error.server_message or ''}") from error
    except RuntimeError as error:  # how the client reports a file whose upload failed
        raise HubError(f"{name}: {error} Nothing was published; try again") from error
    except HTTPError as error:
        raise _UnreachableError(
            f"{name}: not here, and the Hub cannot be reached: {error}"
        ) from error
