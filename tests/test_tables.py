"""Any file that people have: its kind, encoding and dialect told by content, the same on every way
in; what cannot be read is one row's error, or one plain line.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sentiment.scoring import score_file, score_rows
from sentiment.tables import (
    ReadOptions,
    TableError,
    containers,
    delimited,
    objects,
    open_source,
    parquet,
    preview,
)
from sentiment.ui import uploads
from sentiment.ui.answers import Reader
from sentiment.ui.panels.score import FileScorer
from sentiment.ui.uploads import AUTOMATIC
from tests.conftest import awaited, tiny_classifier
from train.data.labelled import binary_examples, labelled_data, labelled_examples
from train.data.pairs import Pairs
from train.data.reviews import imdb_dev, imdb_train
from train.data.stream import prepare, read
from train.data.tables import load_texts

CLASSIFIER = tiny_classifier()
ROWS = [(f"a good film {i}" if i % 2 else f"a bad film {i}", i % 2) for i in range(40)]


def read_all(
    path: Path, **options: Any
) -> tuple[list[dict[str, Any]], list[str | None], list[str]]:
    """Rows, errors and notes of a file."""
    source = open_source(path, options=ReadOptions(**options))
    rows: list[dict[str, Any]] = []
    errors: list[str | None] = []
    for piece, _ in source.pieces(3):
        rows += piece.records()
        errors += piece.errors
    return rows, errors, source.notes


def written(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def _table(delimiter: str, header: bool = True, **options: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, **options)
    writer.writerows([*([("text", "label")] if header else []), *ROWS])
    return out.getvalue()


def _numbered(delimiter: str) -> str:
    """As R's write.table has it: rows begin with a number that the header does not name."""
    rows = [f'"{n}"{delimiter}"{row[0]}"{delimiter}{row[1]}\n' for n, row in enumerate(ROWS, 1)]
    return f'"text"{delimiter}"label"\n' + "".join(rows)


def _objects() -> list[dict[str, Any]]:
    return [{"text": text, "label": label} for text, label in ROWS]


def _lines(dump: Callable[[Any], str] = json.dumps) -> str:
    return "".join(dump(row) + "\n" for row in _objects())


def _workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = book.active
    for row in [("text", "label"), *ROWS]:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_objects()), out)
    return out.getvalue()


def _gzip(content: bytes) -> bytes:
    """Packed without the time: cases are named by their bytes, in every worker alike."""
    return gzip.compress(content, mtime=0)


def _zip(name: str, content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _zstd(content: str) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(content.encode())
    packed: bytes = out.getvalue().to_pybytes()
    return packed


KINDS: dict[str, tuple[str, str | bytes]] = {
    "csv": ("a.csv", _table(",")),
    "tsv": ("a.tsv", _table("\t")),
    "semicolons": ("a.csv", _table(";")),
    "pipes": ("a.csv", _table("|")),
    "sep line": ("a.csv", "sep=;\n" + _table(";")),
    "all quoted": ("a.csv", _table(",", quoting=csv.QUOTE_ALL)),
    "upper case name": ("A.CSV", _table(",")),
    "utf-8 mark": ("a.csv", _table(",").encode("utf-8-sig")),
    "utf-16": ("a.csv", _table("\t").encode("utf-16")),
    "utf-16 unmarked": ("a.csv", _table(",").encode("utf-16-le")),
    "utf-32": ("a.csv", _table(",").encode("utf-32")),
    "trailing delimiters": ("a.csv", _table(",").replace("\r\n", ",\r\n")),
    "trailing in rows": (
        "a.csv",
        "text,label\n" + _table(",", header=False).replace("\r\n", ",\n"),
    ),
    "blanks in header": ("a.csv", _table(",").replace("text,label", " text , label")),
    "old line ends": ("a.csv", _table(",").replace("\r\n", "\r")),
    "jsonl": ("a.jsonl", _lines()),
    "ndjson": ("a.ndjson", _lines()),
    "json lines": ("a.json", _lines()),
    "jsonl named csv": ("a.csv", _lines()),
    "array": ("a.json", json.dumps(_objects(), indent=1)),
    "array in one line": ("a.jsonl", json.dumps(_objects())),
    "list in an object": ("a.json", json.dumps({"count": 40, "reviews": _objects()}, indent=2)),
    "columns": ("a.json", json.dumps({n: [r[n] for r in _objects()] for n in ("text", "label")})),
    "python dicts": ("a.jsonl", _lines(repr)),
    "parquet": ("a.parquet", _parquet()),
    "parquet named csv": ("a.csv", _parquet()),
    "xlsx": ("a.xlsx", _workbook()),
    "xlsx named csv": ("a.csv", _workbook()),
    "gzip": ("a.csv.gz", _gzip(_table(",").encode())),
    "gzip without its ending": ("a.csv", _gzip(_table(",").encode())),
    "gzip in two pieces": (
        "a.jsonl.gz",
        _gzip(_lines().encode()[:99]) + _gzip(_lines().encode()[99:]),
    ),
    "zstd": ("a.jsonl.zst", _zstd(_lines())),
    "zip": ("a.zip", _zip("folder/a.csv", _table(","))),
    "title above": ("a.csv", "All reviews\n\n" + _table(";")),
    "objects, indented": ("a.json", _lines(lambda row: json.dumps(row, indent=1))),
    "row numbers of R": ("a.csv", _numbered(",")),
    "row numbers of R, tabs, named txt": ("a.txt", _numbered("\t")),
    "R with blanks": ("a.txt", _numbered(" ")),
    "pandas for R": (
        "a.csv",
        "text,label\n" + "".join(f"{n},{text},{label}\n" for n, (text, label) in enumerate(ROWS)),
    ),
    "Numbers, title above": (
        "a.csv",
        "Table 1,,\n" + _table(",").replace("text,label", "text,label,").replace("\r\n", ",\r\n"),
    ),
    "old Mac": (
        "a.csv",
        _table(",").replace("\r\n", "\r").encode("mac-roman"),
    ),
    "PowerShell": (
        "a.csv",
        ("#TYPE System.Object\r\n" + _table(",", quoting=csv.QUOTE_ALL)).encode("utf-16"),
    ),
}


class _Person:
    session_hash = "someone"


def on_the_page(path: Path) -> tuple[Any, Any, Any, Any]:
    """Column, header and preview of a file that is handed in, and the last of its scoring."""
    scorer = FileScorer(Reader(CLASSIFIER))

    async def handed_in() -> tuple[Any, Any, Any, Any]:
        person: Any = _Person()
        as_found = (AUTOMATIC, AUTOMATIC, True, AUTOMATIC, None)
        column, header, _, shown = await scorer.opened(str(path), *as_found[:2], AUTOMATIC, person)
        run = scorer.run(str(path), "text", "", *as_found, False, person)
        answer = [one async for one, _ in run][-1]
        return column, header, shown, answer

    # In this process: tests/test_apart.py holds the other one.
    with patch.object(uploads, "preview_apart", looked_here):
        found: tuple[Any, Any, Any, Any] = awaited(handed_in())
    return found


def looked_here(path: Path, options: ReadOptions, count: int = 5, *, whole: bool = False) -> Any:
    return preview(open_source(path, options=options), count)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_the_same_on_every_way_in(tmp_path: Path, kind: str) -> None:
    name, content = KINDS[kind]
    path = written(tmp_path / name, content)
    texts = [text for text, _ in ROWS]
    # score
    summary = score_file(CLASSIFIER, path, tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert (summary.rows, summary.failed) == (40, 0)
    assert [json.loads(line)["text"] for line in lines] == texts
    # fit, fit --stream and evaluate: the same labels
    found = labelled_data(str(path))
    prepare(str(path), tmp_path / "state", "text", "label", words=50)
    streamed = read(tmp_path / "state")
    assert found.labels == streamed.labels == ("negative", "positive")
    assert len(found.train) + len(found.dev) == 40
    assert len(streamed.train.targets) + len(streamed.held_out) == 40
    measured = labelled_examples(str(path), "train", "text", "label", found.labels)
    assert [(e.text, e.target) for e in measured] == ROWS
    # distill
    assert load_texts(str(path)) == texts
    assert [(e.text, e.target) for e in binary_examples(str(path), "train")] == ROWS
    held_out = imdb_dev(str(path))
    assert {(e.text, e.target) for e in (*held_out, *imdb_train(str(path)))} == set(ROWS)
    assert held_out
    # a program
    scored, _ = score_rows(CLASSIFIER, list(open_source(path).rows()))
    verdicts = [json.loads(line) for line in lines]
    assert [row["text"] for row in scored] == texts
    for row, verdict, one in zip(scored, verdicts, CLASSIFIER.predict_batch(texts), strict=True):
        assert row["label"] == verdict["label"] == one.reading
        assert row["logit"] == pytest.approx(verdict["logit"]) == pytest.approx(one.logit)
    # the page
    column, header, shown, answer = on_the_page(path)
    assert (column.value, header.value) == ("text", True)
    assert shown is not None
    assert [row[shown["columns"].index("text")] for row in shown["preview"]] == texts[:5]
    assert (answer.get("rows"), answer.get("failed")) == (40, 0), answer


ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ANSI = [
    character
    for character in bytes(range(256)).decode("cp1252", "ignore")
    if unicodedata.category(character)[0] in "LP"
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(ANY, ANY), min_size=1, max_size=6), st.sampled_from([",", ";", "\t", "|"])
)
def test_what_another_library_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
            [("text", "note"), *rows]
        )
    got, errors, _ = read_all(path, delimiter=delimiter)
    assert [(row["text"], row["note"]) for row in got] == rows
    assert not any(errors)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(ANSI, min_size=1), max_size=9))
def test_windows_1252_is_read_as_such_and_said(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    texts = ["I couldn’t", *(text.replace('"', "").replace(",", "") for text in texts)]
    assume(all(text.encode("cp1252").decode("utf-8", "ignore").isascii() for text in texts))
    content = "\n".join(["text", *texts]).encode("cp1252") + b"\n"
    path = written(tmp_path_factory.mktemp("ansi") / "a.csv", content)
    got, _, notes = read_all(path, delimiter="comma")
    assert [row["text"] for row in got] == [text.strip("\n") for text in texts if text]
    assert any("Windows-1252" in note for note in notes)


@pytest.mark.parametrize(
    ("content", "wanted", "bad"),
    [
        (
            'id,text\n1,"Never again\n2,Battery died\n3,Fine\n',
            ['"Never again', "Battery died", "Fine"],
            0,
        ),
        ('id,text\n1,ok\n2,"Never\n3,Fine"\n4,"so, so"\n', ["ok", '"Never', 'Fine"', "so, so"], 1),
        ('id,text\n1,"He said "no" to it, so"\n2,x\n', None, 0),
        ('id,text\n1,"two\nlines, one row"\n2,x\n', ["two\nlines, one row", "x"], None),
        ('id,text\n1,"He said \\"no\\", left"\n2,x\n', ['He said "no", left', "x"], None),
        ('id,text\n1,5" pipe\n2,x\n', ['5" pipe', "x"], None),
        ('id,text\n1,"Good" stuff\n2,x\n', ['"Good" stuff', "x"], None),
        ("id,text\n1,a,b\n2,x\n", ["a", "x"], 0),
        ('id,text\n1,"a\u2028b\rc"\n2,x\n', ["a\u2028b\rc", "x"], None),
    ],
)
def test_a_stray_mark_is_its_rows_error_and_swallows_none(
    tmp_path: Path, content: str, wanted: list[str] | None, bad: int | None
) -> None:
    got, errors, _ = read_all(written(tmp_path / "a.csv", content))
    assert [i for i, error in enumerate(errors) if error] == ([] if bad is None else [bad])
    if wanted is not None:
        assert [row["text"] for row in got] == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (
            'Review\tLiked\n"Cold\t0\nIt was "nice", really"\t0\nBest\t1\n',
            ['"Cold', 'It was "nice", really"', "Best"],
        ),
        ('Review\tLiked\n"Best\t1\nWorst"\t0\n', ['"Best', 'Worst"']),
        ('Review\tLiked\n"a ""b"""\t1\n"tab\there"\t0\n', ['a "b"', "tab\there"]),
        ('Review\tLiked\n5" pipe\t1\n"All quoted"\t0\n', ['5" pipe', '"All quoted"']),
        ("Review\tLiked\n'tis\t1\n\"\t0\n", ["'tis", '"']),
    ],
)
def test_tsv_is_quoted_only_where_it_is_so_throughout(
    tmp_path: Path, content: str, wanted: list[str]
) -> None:
    got, errors, _ = read_all(written(tmp_path / "a.tsv", content))
    assert [row["Review"] for row in got] == wanted
    assert not any(errors)


def test_names_of_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "v1,text,,\npos,good,,\nneg,bad,,\n")
    score_file(CLASSIFIER, path, tmp_path / "o.csv")
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert lines[0] == "v1,text,,,label,leaning,probability,logit,error"
    assert lines[1].startswith("pos,good,,,")
    for content in ("text,text\na,b\n", "text, text\na,b\n"):
        with pytest.raises(TableError, match="there twice: text"):
            open_source(written(tmp_path / "b.csv", content))
    table = pa.table([["a"], ["b"]], names=["text", "text"])
    pq.write_table(table, tmp_path / "b.parquet")
    with pytest.raises(TableError, match="there twice: text"):
        open_source(tmp_path / "b.parquet")


def test_a_file_without_a_header(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '"0","1001","good film"\n"4","1002","bad, bad"\n')
    with pytest.raises(TableError, match="looks like data"):
        score_file(CLASSIFIER, path, tmp_path / "o.jsonl")
    options = ReadOptions(header=False)
    summary = score_file(CLASSIFIER, path, tmp_path / "o.jsonl", text_column="3", options=options)
    assert summary.rows == 2
    column, header, shown, _ = on_the_page(path)
    assert (column.value, header.value) == ("3", False)
    assert shown is not None
    assert len(shown["preview"]) == 2


def test_nested_values_have_dotted_names(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "review": {"text": "good", "by": {"name": "x"}}},
        {"id": 2},
    ]
    path = written(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    score_file(CLASSIFIER, path, tmp_path / "o.jsonl", text_column="review.text")
    first, second = map(json.loads, (tmp_path / "o.jsonl").read_text().splitlines())
    assert first["label"]
    assert "no column 'review.text'" in second["error"]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    score_file(
        CLASSIFIER, tmp_path / "a.parquet", tmp_path / "o.parquet", text_column="review.text"
    )
    assert pq.read_table(tmp_path / "o.parquet")["label"].to_pylist()[0] == first["label"]
    assert preview(open_source(path)).text_column == "review.text"
    (row,), _ = score_rows(CLASSIFIER, rows[:1], "review.text")
    assert row["label"] == first["label"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl.gz", _gzip(_lines().encode())[:-30], "ends too early .after line"),
        ("a.jsonl.zst", _zstd(_lines())[:-9], "ends too early"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00" + bytes(30), "is damaged|ends too early"),
        ("a.csv", _workbook()[:400], "Excel workbook that cannot be read.*CSV UTF-8"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(20), "old kind .*xls"),
        ("a.csv", b"%PDF-1.7 ...", "is a PDF"),
        ("a.csv", bytes(range(128, 256)) * 3 + bytes(90), "is no text"),
        ("a.parquet", b"PAR1" + bytes(9), "not a parquet file"),
        ("a.parquet", b"text\ngood\n", "is not a parquet file"),
        ("a.zip", _zip("a.csv", "x")[:-40], "zip that cannot be read"),
        ("a.json", b'[{"text": "good"}, {"text"', "array cannot be read behind element 1"),
        ("a.csv", b"", "is empty"),
    ],
)
def test_damaged_files_end_with_one_plain_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(TableError, match=message):
        score_file(CLASSIFIER, written(tmp_path / name, content), tmp_path / "o.csv")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_comma_in_each_text_is_no_row_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,hello, world\n2,good, or not\n3,fine, really\n")
    summary = score_file(CLASSIFIER, path, tmp_path / "o.jsonl")
    assert (summary.rows, summary.failed) == (3, 3)


def test_rows_to_skip_count_blank_ones_of_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (["A title"], [], ["id", "text"], [1, "good"], [], [2, "bad"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    rows, *_ = read_all(tmp_path / "a.xlsx", skip_rows=2)
    assert [row["text"] for row in rows] == ["good", "bad"]
    rows, *_ = read_all(tmp_path / "a.xlsx", skip_rows=3, header=False)
    assert [row["2"] for row in rows] == ["good", "bad"]
    with pytest.raises(TableError, match="no row in its sheet 'Sheet' below the first 6"):
        read_all(tmp_path / "a.xlsx", skip_rows=6)
    for number in range(100):
        sheet.append([number, f"fine {number}"])
    book.save(tmp_path / "a.xlsx")
    rows, *_ = read_all(tmp_path / "a.xlsx", skip_rows=80, header=False)
    assert rows[0]["2"] == "fine 74"


@pytest.mark.parametrize("header", [("0", "2019-01-01", "a good film"), ("1", "2", "fine")])
def test_a_sheet_whose_header_looks_like_data_is_said(
    tmp_path: Path, header: tuple[str, ...]
) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (header, ("4", "2019-01-02", "a bad, bad film")):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(TableError, match="looks like data"):
        score_file(CLASSIFIER, tmp_path / "a.xlsx", tmp_path / "o.jsonl")
    _, _, notes = read_all(tmp_path / "a.xlsx")
    assert any("say that there is no header" in note for note in notes)
    rows, _, notes = read_all(tmp_path / "a.xlsx", header=False)
    assert [row["3"] for row in rows] == [header[2], "a bad, bad film"]
    assert notes == []
    column, checkbox, shown, _ = on_the_page(tmp_path / "a.xlsx")
    assert (column.value, checkbox.value) == ("3", False)
    assert [row[2] for row in shown["preview"]] == [header[2], "a bad, bad film"]
    found = labelled_examples(
        str(tmp_path / "a.xlsx"),
        "train",
        "3",
        "1",
        ("negative", "positive"),
        ratings=(0.0, 5.0),
        reading=ReadOptions(header=False),
    )
    assert [example.text for example in found] == [header[2], "a bad, bad film"]


def test_rows_of_a_source_leave_out_what_cannot_be_read(tmp_path: Path) -> None:
    source = open_source(
        written(tmp_path / "a.csv", "text,label\ngood,1\ngood, not bad,1\nbad,0\n")
    )
    assert [row["text"] for row in source.rows()] == ["good", "bad"]
    assert "left out a row that cannot be read, the first: line 3" in source.notes[-1]


def test_options_say_otherwise(tmp_path: Path) -> None:
    cyrillic = written(tmp_path / "a.csv", "text,n\nЭто,1\n", "cp1251")
    assert read_all(cyrillic, encoding="cp1251")[0][0]["text"] == "Это"
    with pytest.raises(TableError, match="is not ascii"):
        open_source(cyrillic, options=ReadOptions("ascii"))
    odd = written(tmp_path / "b.csv", "text~n\na, b~1\n")
    assert read_all(odd, delimiter="~")[0] == [{"text": "a, b", "n": "1"}]
    faults: list[dict[str, Any]] = [{"encoding": "klingon"}, {"delimiter": "||"}]
    for fault in faults:
        with pytest.raises(TableError):
            ReadOptions(**fault)


def test_a_bad_line_behind_the_first_window_is_its_rows_error(tmp_path: Path) -> None:
    lines = [json.dumps({"text": "good", "n": i}) for i in range(20)]
    lines[15] = '{"text": "cut'
    path = written(tmp_path / "a.jsonl", "\n".join(lines))
    for kind in ("csv", "parquet", "jsonl"):
        summary = score_file(CLASSIFIER, path, tmp_path / f"o.{kind}", window=4)
        assert (summary.rows, summary.failed) == (20, 1)
    errors = pq.read_table(tmp_path / "o.parquet")["error"].to_pylist()
    assert "line 16 is not JSON" in errors[15]


def test_jsonl_rows_keep_their_bytes(tmp_path: Path) -> None:
    lines = ['{"text":"good", "n": 1.10,"big":1e999}', '{ "text" : "caf\\u00e9 good" }']
    path = written(tmp_path / "a.jsonl", "\n".join(lines))
    score_file(CLASSIFIER, path, tmp_path / "o.jsonl")
    for line, out in zip(lines, (tmp_path / "o.jsonl").read_text().splitlines(), strict=True):
        assert out.startswith(line[:-1].rstrip())
        json.loads(out)
    nan = written(tmp_path / "b.jsonl", '{"text": "good", "v": NaN}\n')
    score_file(CLASSIFIER, nan, tmp_path / "o.jsonl")
    assert '"v": null' in (tmp_path / "o.jsonl").read_text()


def test_parquet_columns_come_back_whatever_they_hold(tmp_path: Path) -> None:
    text = pa.array([b"good", b"\xff\xfe good"], pa.binary()).view(pa.string())
    far = pa.array([2**62, None], pa.int64()).view(pa.timestamp("us"))
    table = pa.table({"text": text, "far": far, "raw": pa.array([b"\xff", b"x"])})
    pq.write_table(table, tmp_path / "a.parquet")
    for kind in ("parquet", "csv", "jsonl"):
        summary = score_file(CLASSIFIER, tmp_path / "a.parquet", tmp_path / f"o.{kind}")
        assert (summary.rows, summary.failed) == (2, 1)
    out = pq.read_table(tmp_path / "o.parquet")
    assert out.select(table.column_names).equals(table)
    assert "not UTF-8" in out["error"].to_pylist()[1]
    assert r"\xff\xfe good" in (tmp_path / "o.csv").read_text()
    # a program, and training
    scored, _ = score_rows(CLASSIFIER, list(open_source(tmp_path / "a.parquet").rows()))
    assert [row["error"] for row in scored] == [None, "text must be a string, got bytes"]
    assert load_texts(str(tmp_path / "a.parquet")) == ["good"]
    pq.write_table(table.append_column("label", pa.array([1, 0])), tmp_path / "b.parquet")
    pairs = Pairs(str(tmp_path / "b.parquet"), "train", "text", "label")
    assert [pair.text for window in pairs.windows() for pair in window] == ["good"]
    assert "not UTF-8" in pairs.notes()[-1]


def test_a_dictionary_of_long_texts_is_never_unfolded(tmp_path: Path) -> None:
    words = pa.array(["x" * 2_000_000, "good"])
    indices = pa.array([0] * 3_000 + [1], pa.int32())
    table = pa.table({"text": pa.DictionaryArray.from_arrays(indices, words)})
    pq.write_table(table, tmp_path / "a.parquet")
    before = pa.total_allocated_bytes()
    seen = 0
    for piece, _ in open_source(tmp_path / "a.parquet").pieces(4096):
        texts, errors = piece.texts("text", 100_000)
        seen += len(texts)
        assert pa.total_allocated_bytes() - before < 50_000_000
        pairs = zip(errors, texts, strict=True)
        assert all(error and "at most 100,000" in error for error, text in pairs if not text)
    assert seen == 3_001
    with pytest.raises(TableError, match="holds more than"):
        open_source(tmp_path / "a.parquet", options=ReadOptions(most_characters=100_000_000))
    with pytest.raises(TableError, match="holds 2 MB"):
        open_source(tmp_path / "a.parquet", options=ReadOptions(most_characters=1_000_000))
    packed = written(tmp_path / "a.csv.gz", _gzip(b"text\n" + b"good\n" * 500_000))
    with pytest.raises(TableError, match="holds more than"):
        open_source(packed, options=ReadOptions(most_characters=1_000_000))


def test_lists_of_long_words_are_never_unfolded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row holds many values: the words of 1,000 rows here would be 400 MB."""
    inner = pa.DictionaryArray.from_arrays(
        pa.array([0] * 40_000, pa.int32()), pa.array(["x" * 10_000])
    )
    lists = pa.ListArray.from_arrays(pa.array(range(0, 40_001, 40), pa.int32()), inner)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["good"] * 1_000, "more": lists}), path)
    before = pa.total_allocated_bytes()
    seen = 0
    for piece, _ in open_source(path).pieces(4096):
        seen += len(piece.texts("text", 100_000)[0])
        assert pa.total_allocated_bytes() - before < 150_000_000
    assert seen == 1_000
    monkeypatch.setattr("sentiment.tables.parquet.most_unpacked", lambda size: 100_000_000)
    with pytest.raises(TableError, match="holds more than"):
        open_source(path)


def test_an_open_mark_before_lines_without_end_is_given_up_soon(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b'id,text\n1,"never closed\n' + b"a\n" * 1_000_000)
    source = open_source(path)
    begun = resource.getrusage(resource.RUSAGE_SELF)
    first, _ = next(source.pieces(100))
    assert "opens on line 2 and is never closed" in str(first.errors[0])
    ended = resource.getrusage(resource.RUSAGE_SELF)
    assert ended.ru_maxrss - begun.ru_maxrss < 150_000
    half = b"x\n" * (delimited.MAX_LINES // 2)
    path = written(tmp_path / "b.csv", b'id,text\n1,"' + half + b'end"\n2,fine\n')
    rows, errors, _ = read_all(path)
    assert [row["id"] for row in rows] == ["1", "2"]
    assert rows[0]["text"].endswith("x\nend")
    assert errors == [None, None]


def test_traps_are_refused_in_one_line_and_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MAX_RECORD", 1 << 18)
    lines = b'id,text\n1,"never closed\n' + b"2,fine\n" * 60_000
    path = written(tmp_path / "a.csv", lines)
    errors = [error for piece, _ in open_source(path).pieces(9_999) for error in piece.errors]
    assert len(errors) == 60_001
    assert "opens on line 2 and is never closed" in str(errors[0])
    assert not any(errors[1:])
    monkeypatch.setattr(delimited, "MOST_OPEN", 0)
    with pytest.raises(TableError, match="opens on line 2 and is not closed within"):
        list(open_source(path).pieces(9_999))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    monkeypatch.setattr(containers, "LEAST_TRAP", 1 << 20)
    monkeypatch.setattr(parquet, "MOST_DECLARED", 1 << 20)
    with pytest.raises(TableError, match="holds more than"):
        read_all(written(tmp_path / "b.csv.gz", _gzip(b"text\n" + b"x" * 5_000_000)))
    words = pa.array(["x" * 100_000])
    folded = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), words)
    for name, column in (
        ("text", folded),
        ("other", folded.cast(pa.dictionary(pa.int32(), pa.binary()))),
    ):
        table = pa.table({"text": pa.array(["good"] * 5_000), f"{name} again": column})
        pq.write_table(table, tmp_path / "c.parquet", store_schema=False)
        with pytest.raises(TableError, match="holds more than"):
            open_source(tmp_path / "c.parquet")
    monkeypatch.setattr(containers, "LEAST_TRAP", 1 << 30)
    pq.write_table(
        pa.table({"text": ["x" * 3_000_000]}),
        tmp_path / "d.parquet",
        use_dictionary=False,
        compression="zstd",
    )
    with pytest.raises(TableError, match="no table is packed like that"):
        open_source(tmp_path / "d.parquet")
    monkeypatch.setattr(objects, "MAX_VALUES", 1000)
    crowded = written(tmp_path / "e.json", '{"rows": [\n' + "{}," * 600 + "{}]}")
    with pytest.raises(TableError, match="over 1,000 values"):
        read_all(crowded)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_texts_of_which_nothing_can_be_said_are_told_apart() -> None:
    texts = ["...", "\u200e", "\u3164", "zzz qqq", "Очень плохо", "good", "не good xyz abc def"]
    scored, _ = score_rows(CLASSIFIER, [{"text": text} for text in texts])
    errors = [row["error"] for row in scored]
    assert errors[:3] == ["no words to read"] * 3
    assert errors[3] == "none of its words is known to the model"
    assert "script" in errors[4]
    assert errors[5:] == [None, None]


def test_cells_are_no_formulas_when_asked(tmp_path: Path) -> None:
    cells = ['=HYPERLINK("x")', "+1+cmd", "-2", "@SUM(A1)", "\t=1", "plain", "-3.5e2"]
    rows = [{"text": "good", "cell": cell} for cell in cells]
    path = written(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    score_file(CLASSIFIER, path, tmp_path / "o.csv", safe_for_spreadsheets=True)
    with (tmp_path / "o.csv").open(newline="") as file:
        got = [row["cell"] for row in csv.DictReader(file)]
    assert got == ["'" + c if c[0] in "=@\t" or c == "+1+cmd" else c for c in cells]
    score_file(CLASSIFIER, path, tmp_path / "o.csv")
    with (tmp_path / "o.csv").open(newline="") as file:
        assert [row["cell"] for row in csv.DictReader(file)] == cells
