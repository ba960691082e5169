"""One bad cell is one bad row: files of ``tests.hostile`` that can be read come back as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment.scoring import score_file
from tests.conftest import tiny_classifier
from tests.hostile.__main__ import unsound
from tests.hostile.files import FILES


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("times.parquet", 3),
        ("bad-utf8.parquet", 3),
        ("plain-types.parquet", 2),
        ("numbers.jsonl", 7),
        ("keys.jsonl", 6),
        ("markup.csv", 3),
        ("deep.parquet", 1),
    ],
)
def test_what_can_be_read_comes_back_row_by_row(tmp_path: Path, name: str, rows: int) -> None:
    FILES[name](tmp_path / name)
    out = tmp_path / "out.jsonl"
    assert score_file(tiny_classifier(), tmp_path / name, out).rows == rows
    assert not unsound(out)
    if name == "times.parquet":
        assert '"zone": "1970-01-01 00:00:00.000001 UTC"' in out.read_text()
