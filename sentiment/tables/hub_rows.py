"""Rows of a data set on the Hub, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sentiment.tables.errors import TableError
from sentiment.tables.pieces import Found, batches_of, object_rows, pieces_of
from sentiment.tables.rows import Rows, paths
from sentiment.tables.source import Source


class HubDataset(Source):
    """One split of a data set. Every shard streams all of it, so that rows keep their numbers."""

    kind = "hub"

    def __init__(self, name: str, split: str) -> None:
        super().__init__()
        import datasets

        from sentiment.hub import HubError, check_dataset

        try:
            check_dataset(name)
            self._data = datasets.load_dataset(name, split=split, streaming=True)
        except HubError as error:
            raise TableError(str(error)) from error
        except (ConnectionError, FileNotFoundError, ValueError, OSError) as error:
            raise TableError(
                f"no file or glob at {name!r} and no data set of that id could be read: {error}"
            ) from error

    def pieces(self, size: int) -> Iterator[tuple[Rows, int]]:
        return pieces_of(batches_of(self._found()), size, object_rows)

    def _found(self) -> Iterator[Found]:
        for number, row in enumerate(self._data, 1):
            size = sum(len(v) for v in row.values() if isinstance(v, str))
            yield Found(row, None, number, size)

    def columns(self) -> list[str] | None:
        names = self._data.column_names
        return None if names is None else list(names)

    def nested(self) -> list[str] | None:
        first = next(iter(self._data), None)
        return None if first is None else paths(first)

    def schema(self) -> Any:
        features = self._data.features
        return None if features is None else features.arrow_schema.remove_metadata()

    def classes(self, column: str) -> list[str] | None:
        """The names of a column's classes, where there are more than two."""
        names = getattr((self._data.features or {}).get(column), "names", None)
        return names if names is not None and len(names) > 2 else None
