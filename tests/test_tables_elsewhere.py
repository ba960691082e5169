"""Tables that other libraries write come back as they were: text stays text, row by row."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.scoring import score_file
from sentiment.tables import ReadOptions, TableError, open_source, preview
from tests.conftest import tiny_classifier
from train.data.pairs import Pairs

Row = tuple[str, str, str]
NAMES = ("id", "text", "grade")
WORDS = (
    *("good", "bad", "so-so", "5.0", "007", "NA", "null", "None", "nan", "TRUE", "1e5", "-", "#1"),
    *("café", "“fine”", "it’s", "naïve", "£9", "n°5", "a,b", "c;d", "e|f", '5"', "=1+1", "don't"),
)
ANY = (*WORDS, "\n", "\t", '"', "''", "\\", "\\n", "日本", "😀", "\u2028", "\x85", "{", "[", " ")


def tables_of(words: Sequence[str]) -> st.SearchStrategy[list[Row]]:
    """Tables of three rows or more whose texts are made of these words."""
    text = st.lists(st.sampled_from(words), min_size=1, max_size=6).map(" ".join)
    row = st.tuples(st.integers(0, 99).map(str), text.filter(str.strip), st.sampled_from("1245"))
    return st.lists(row, min_size=3, max_size=8)


def read(path: Path, **options: Any) -> list[Row]:
    """All rows of a file; not one of them may have an error."""
    rows: list[Row] = []
    for piece, _ in open_source(path, options=ReadOptions(**options)).pieces(4):
        assert not any(piece.errors), piece.errors
        columns = [piece.values(name) for name in NAMES]
        rows += [(str(i), text, str(grade)) for i, text, grade in zip(*columns, strict=True)]
    return rows


def frame(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(NAMES), dtype=object)


def by_csv(rows: list[Row], **how: Any) -> str:
    out = io.StringIO()
    csv.writer(out, **how).writerows([NAMES, *rows])
    return out.getvalue()


def by_pandas(rows: list[Row], **how: Any) -> str:
    found: str = frame(rows).to_csv(index=False, **how)
    return found


def by_arrow(rows: list[Row], **how: Any) -> bytes:
    out = pa.BufferOutputStream()
    pa.csv.write_csv(arrow(rows), out, pa.csv.WriteOptions(**how))
    found: bytes = out.getvalue().to_pybytes()
    return found


def arrow(rows: list[Row], kind: Any = None) -> Any:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.table([c.cast(kind) if kind else c for c in columns], names=list(NAMES))


def objects(rows: list[Row]) -> list[dict[str, str]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def lines(rows: list[Row], dump: Callable[[Any], str] = json.dumps, end: str = "\n") -> str:
    return end.join(map(dump, objects(rows))) + end


def parquet(rows: list[Row], kind: Any = None, **how: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(arrow(rows, kind), out, **how)
    return out.getvalue()


def workbook(rows: list[Row], *above: tuple[str, ...]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = book.active
    for row in [*above, NAMES, *rows]:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"  # an equals sign makes no formula
    book.save(out)
    return out.getvalue()


def by_pandas_workbook(rows: list[Row], *, sheets: int = 1, index: bool = True) -> bytes:
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        for number in range(sheets):
            table = frame(rows).drop(columns="grade") if number else frame(rows)
            table.to_excel(writer, sheet_name=f"Sheet {number}", index=index)
        for cell in (cell for sheet in writer.book for row in sheet for cell in row):
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type  # no formula
    return out.getvalue()


def by_pandas_packed(rows: list[Row], method: str) -> bytes:
    out = io.BytesIO()
    how: Any = {"method": method, **({"archive_name": "a.csv"} if method == "zip" else {})}
    frame(rows).to_csv(out, index=False, compression=how)
    return out.getvalue()


def by_r(rows: list[Row], delimiter: str = ",", *, header: str = "", end: str = "\n") -> str:
    """As write.csv has it, or write.table, whose header lacks the name of the rows' numbers."""
    names = [header, *NAMES] if header else NAMES

    def joined(fields: Sequence[str]) -> str:
        return delimiter.join('"' + field.replace('"', '""') + '"' for field in fields)

    numbered = [joined([str(n), *row]) for n, row in enumerate(rows, 1)]
    return end.join([joined(names), *numbered, ""])


def by_r_itself(rows: list[Row], delimiter: str = " ", *, names: bool = True) -> str:
    """As ``write.table`` has it: numbers without marks, marks in a text behind a backslash."""

    def quoted(field: str) -> str:
        return '"' + field.replace('"', '\\"') + '"'

    lines = [delimiter.join(map(quoted, NAMES))]
    for n, (one, text, grade) in enumerate(rows, 1):
        number = [quoted(str(n))] if names else []
        lines.append(delimiter.join([*number, one, quoted(text), grade]))
    return "\n".join([*lines, ""])


def zipped(content: str, *others: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/Reviews.CSV", content)
        for name in others:
            archive.writestr(name, "About these data")
    return out.getvalue()


def zstd(content: bytes) -> bytes:
    found: bytes = pa.compress(content, "zstd", asbytes=True)
    return found


DIALECTS: dict[str, Callable[[list[Row]], str | bytes]] = {
    "csv": by_csv,
    "csv, semicolons": lambda rows: by_csv(rows, delimiter=";"),
    "csv, tabs": lambda rows: by_csv(rows, delimiter="\t"),
    "csv, pipes": lambda rows: by_csv(rows, delimiter="|"),
    "csv, all quoted": lambda rows: by_csv(rows, quoting=csv.QUOTE_ALL),
    "csv, words quoted": lambda rows: by_csv(rows, quoting=csv.QUOTE_NONNUMERIC),
    "csv, old line ends": lambda rows: by_csv(rows, lineterminator="\r"),
    "csv, sep line": lambda rows: "sep=;\r\n" + by_csv(rows, delimiter=";"),
    "csv, title above": lambda rows: "Report\r\n\r\n" + by_csv(rows),
    "pandas": by_pandas,
    "pandas, semicolons": lambda rows: by_pandas(rows, sep=";"),
    "pandas, CR LF": lambda rows: by_pandas(rows, lineterminator="\r\n"),
    "pandas, all quoted": lambda rows: by_pandas(rows, quoting=csv.QUOTE_ALL),
    "pandas, tabs": lambda rows: by_pandas(rows, sep="\t"),
    "pandas, index": lambda rows: frame(rows).to_csv(),
    "R, write.csv": lambda rows: by_r(rows, header=" "),
    "R, write.csv2": lambda rows: by_r(rows, ";", header=" "),
    "R, write.table": by_r,
    "R, write.table, semicolons": lambda rows: by_r(rows, ";"),
    "R, write.table, tabs": lambda rows: by_r(rows, "\t", end="\r\n"),
    "R, write.table itself": by_r_itself,
    "R, write.table itself, tabs": lambda rows: by_r_itself(rows, "\t"),
    "R, without names of rows": lambda rows: by_r_itself(rows, names=False),
    "pandas, index_label=False": lambda rows: frame(rows)[["text", "id", "grade"]].to_csv(
        index_label=False
    ),
    "PowerShell": lambda rows: "#TYPE System.Object\r\n" + by_csv(rows, quoting=csv.QUOTE_ALL),
    "comments above": lambda rows: "# export, of today\n# all rows\n" + by_csv(rows),
    "arrow": by_arrow,
    "arrow, semicolons": lambda rows: by_arrow(rows, delimiter=";"),
    "arrow, all quoted": lambda rows: by_arrow(rows, quoting_style="all_valid"),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252")


@settings(max_examples=120, deadline=None)
@given(tables_of(WORDS), st.sampled_from(sorted(DIALECTS)), st.sampled_from(ENCODINGS))
def test_delimited_tables_are_read_without_a_word(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], dialect: str, encoding: str
) -> None:
    content = DIALECTS[dialect](rows)
    text = content if isinstance(content, str) else content.decode()
    path = tmp_path_factory.getbasetemp() / "elsewhere.csv"
    path.write_bytes(text.encode(encoding))
    assert read(path) == rows


OTHERS: dict[str, tuple[str, Callable[[list[Row]], str | bytes]]] = {
    "jsonl": ("a.jsonl", lines),
    "jsonl, not ASCII": ("a.ndjson", lambda rows: lines(rows, _dump)),
    "jsonl, CR LF": ("a.JSONL", lambda rows: lines(rows, end="\r\n")),
    "jsonl, blank lines": ("a.jsonl", lambda rows: lines(rows, end="\n\n")),
    "jsonl, marked": ("a.jsonl", lambda rows: lines(rows, _dump).encode("utf-8-sig")),
    "jsonl, named json": ("a.json", lines),
    "jsonl, named txt": ("a.txt", lines),
    "jsonl, without a name": ("a", lines),
    "array": ("a.json", lambda rows: json.dumps(objects(rows))),
    "array, indented": ("a.jsonl", lambda rows: json.dumps(objects(rows), indent=2)),
    "array, UTF-16": ("a.json", lambda rows: _dump(objects(rows)).encode("utf-16")),
    "array without brackets": ("a.json", lambda rows: lines(rows, end=",\n")),
    "list in an object": ("a.json", lambda rows: json.dumps({"n": 3, "data": objects(rows)})),
    "list deep in an object": ("a.txt", lambda rows: _dump({"a": {"b": {"rows": objects(rows)}}})),
    "objects, indented": ("a.json", lambda rows: lines(rows, _indented)),
    "objects, run together": ("a.json", lambda rows: lines(rows, end="")),
    "jsonl, UTF-16": ("a.jsonl", lambda rows: lines(rows, _dump).encode("utf-16")),
    "jsonl, RFC 7464": ("a.jsonl", lambda rows: "\x1e" + lines(rows, end="\n\x1e").rstrip("\x1e")),
    "columns": ("a.json", lambda rows: json.dumps(arrow(rows).to_pydict())),
    "pandas, records": ("a.json", lambda rows: frame(rows).to_json(orient="records")),
    "pandas, lines": ("a.json", lambda rows: frame(rows).to_json(orient="records", lines=True)),
    "pandas, split": ("a.json", lambda rows: frame(rows).to_json(orient="split")),
    "pandas, index": ("a.json", lambda rows: frame(rows).to_json(orient="index")),
    "pandas, columns": ("a.json", lambda rows: frame(rows).to_json(orient="columns")),
    "pandas, table": ("a.json", lambda rows: frame(rows).to_json(orient="table", index=False)),
    "python dicts": ("a.jsonl", lambda rows: lines(rows, repr)),
    "python dicts, named json": ("a.json", lambda rows: lines(rows, repr)),
    "python dicts, CR LF": ("a.jsonl", lambda rows: lines(rows, repr, end="\r\n")),
    "python dicts, marked": ("a.jsonl", lambda rows: lines(rows, repr).encode("utf-8-sig")),
    "python dicts, gzip": ("a.json.gz", lambda rows: gzip.compress(lines(rows, repr).encode())),
    "parquet": ("a.parquet", parquet),
    "parquet, named csv": ("a.csv", parquet),
    "parquet, large": ("a.PARQUET", lambda rows: parquet(rows, pa.large_string())),
    "parquet, views": ("a.parquet", lambda rows: parquet(rows, pa.string_view())),
    "parquet, dictionary": (
        "a.parquet",
        lambda rows: parquet(rows, pa.dictionary(pa.int32(), pa.string())),
    ),
    "parquet, zstd": ("a.parquet", lambda rows: parquet(rows, compression="zstd")),
    "parquet, groups": ("a.parquet", lambda rows: parquet(rows, row_group_size=2)),
    "xlsx": ("a.xlsx", workbook),
    "xlsx, named csv": ("a.csv", workbook),
    "xlsx, title above": ("a.xlsx", lambda rows: workbook(rows, ("Report 2026",), ())),
    "xlsx by pandas": ("a.xlsx", lambda rows: by_pandas_workbook(rows, index=False)),
    "xlsx by pandas, index": ("a.XLSX", by_pandas_workbook),
    "xlsx, blank row below": ("a.xlsx", lambda rows: workbook(rows, (), ())),
    "xlsx, other sheets": ("a.xlsx", lambda rows: by_pandas_workbook(rows, sheets=2)),
    "gzip": ("a.csv.gz", lambda rows: gzip.compress(by_csv(rows).encode())),
    "gzip, named csv": ("a.csv", lambda rows: gzip.compress(by_csv(rows).encode("utf-16"))),
    "gzip, named zst": ("a.csv.zst", lambda rows: gzip.compress(by_csv(rows).encode())),
    "plain, named gz": ("a.csv.gz", by_csv),
    "zstd": ("a.jsonl.zst", lambda rows: zstd(lines(rows).encode())),
    "zstd of csv": ("a.csv.zst", lambda rows: zstd(by_csv(rows).encode())),
    "zstd of UTF-16": (
        "a.tsv.zst",
        lambda rows: zstd(by_csv(rows, delimiter="\t").encode("utf-16")),
    ),
    "zstd of an array": ("a.json.zst", lambda rows: zstd(json.dumps(objects(rows)).encode())),
    "zstd, named gz": ("a.csv.gz", lambda rows: zstd(by_pandas(rows).encode())),
    "zstd of dicts": ("a.jsonl.zst", lambda rows: zstd(lines(rows, repr).encode())),
    "zip of pipes": ("a.zip", lambda rows: zipped(by_csv(rows, delimiter="|"))),
    "zip, quoted": ("a.csv.zip", lambda rows: zipped(by_csv(rows, quoting=csv.QUOTE_ALL))),
    "zip by pandas": ("a.csv.zip", lambda rows: by_pandas_packed(rows, "zip")),
    "gzip by pandas": ("a.csv.gz", lambda rows: by_pandas_packed(rows, "gzip")),
    "zip": ("a.zip", lambda rows: zipped(by_csv(rows, delimiter=";"))),
    "zip of a Mac": ("a.zip", lambda rows: zipped(by_csv(rows), "__MACOSX/._a", "x/.DS_Store")),
    "R itself, named txt": ("a.txt", by_r_itself),
    "R itself, tabs, named txt": ("a.txt", lambda rows: by_r_itself(rows, "\t")),
    "R itself, without a name": ("a", lambda rows: by_r_itself(rows, names=False)),
    "R, named txt": ("a.txt", lambda rows: by_r(rows, "\t")),
    "tabs, named txt": ("a.txt", lambda rows: by_csv(rows, delimiter="\t")),
    "semicolons, named txt": ("a.TXT", lambda rows: by_csv(rows, delimiter=";")),
    "commas, without a name": ("a.data", by_csv),
}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2)


@pytest.mark.parametrize("kind", OTHERS)
def test_other_tables_are_read_without_a_word(tmp_path: Path, kind: str) -> None:
    name, written = OTHERS[kind]
    words = ANY if name.lower().endswith(("json", "jsonl", "parquet", "zst")) else WORDS

    @settings(max_examples=5, deadline=None)
    @given(tables_of(words))
    def check(rows: list[Row]) -> None:
        content = written(rows)
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert read(path) == rows

    check()


ONE_A_LINE: dict[str, Callable[[list[str]], bytes]] = {
    "lines": lambda texts: "\n".join([*texts, ""]).encode(),
    "lines, CR LF": lambda texts: "\r\n".join([*texts, ""]).encode(),
    "lines, CR": lambda texts: "\r".join([*texts, ""]).encode(),
    "lines, no end": lambda texts: "\n".join(texts).encode(),
    "lines, blank ones": lambda texts: "\n\n \n".join(texts).encode("utf-8-sig"),
    "lines, UTF-16": lambda texts: "\r\n".join(texts).encode("utf-16"),
    "lines, gzip": lambda texts: gzip.compress("\n".join(texts).encode()),
    "lines, zstd": lambda texts: zstd("\n".join(texts).encode()),
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join), min_size=1, max_size=6),
    st.sampled_from(sorted(ONE_A_LINE)),
)
def test_one_text_a_line_is_read_without_a_word(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], how: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.txt"
    path.write_bytes(ONE_A_LINE[how]([f"so {text}" for text in texts]))
    source = open_source(path)
    assert [(row["text"], source.kind) for row in source.rows()] == [
        (f"so {text}", "txt") for text in texts
    ]


@settings(max_examples=60, deadline=None)
@given(tables_of(ANY), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["csv", "pandas"]))
def test_fields_of_any_characters_come_back_where_the_delimiter_is_named(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], delimiter: str, library: str
) -> None:
    quoted = {"quoting": csv.QUOTE_ALL}
    content = (
        by_csv(rows, delimiter=delimiter, **quoted)
        if library == "csv"
        else by_pandas(rows, sep=delimiter, **quoted)
    )
    path = tmp_path_factory.getbasetemp() / "elsewhere.csv"
    path.write_bytes(content.encode())
    assert read(path, delimiter=delimiter) == rows


def test_rows_with_numbers_of_their_own_keep_their_columns(tmp_path: Path) -> None:
    rows = [("7", "good, really", "5"), ("8", "bad", "1"), ("9", "so-so", "3")]
    path = tmp_path / "a.csv"
    path.write_text(by_r(rows))
    source = open_source(path)
    assert source.columns() == ["column 1", *NAMES]
    assert any("without a name" in note for note in source.notes)
    assert next(source.rows())["column 1"] == "1"
    for others in (
        "id,text\n1,good,\n2,bad,\n",  # a delimiter behind every row
        "id,text\n1,good,x\n2,bad\n",  # one row with a comma too many
        "text,id\ngood,1,x\nbad,2,y\n",
        "id,text\n2,good,x\n1,bad,y\n",
    ):
        path.write_text(others)
        assert sorted(open_source(path).columns() or ()) == ["id", "text"]


QUALTRICS = (
    ("StartDate", "Q1", "Q2"),
    (
        "Start Date",
        "How was your stay with us?\nPlease tell us in your own words, at length.",
        "NPS",
    ),
    (
        '{"ImportId":"startDate","timeZone":"UTC"}',
        '{"ImportId":"QID1_TEXT"}',
        '{"ImportId":"QID2"}',
    ),
    ("2026-11-01 10:00", "Good, really", "9"),
    ("2026-11-02 11:30", "Bad", "2"),
)
SURVEY_MONKEY = (
    ("Respondent ID", "Start Date", "How was your stay?", "Would you come again?", ""),
    ("", "", "Open-Ended Response", "Response", "Other (please specify)"),
    ("114", "11/01/2026", "Good, really", "Yes", ""),
    ("115", "11/02/2026", "Bad", "No", "never"),
)


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx"])
@pytest.mark.parametrize(
    ("table", "column", "below"), [(QUALTRICS, "Q1", 2), (SURVEY_MONKEY, "How was your stay?", 1)]
)
def test_rows_that_go_on_with_the_header_are_no_texts(
    tmp_path: Path, table: tuple[tuple[str, ...], ...], column: str, below: int, kind: str
) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in table:
            book.active.append(row)
        book.save(path)
    else:
        out = io.StringIO()
        csv.writer(out, delimiter="," if kind == "csv" else "\t").writerows(table)
        path.write_text(out.getvalue())
    source = open_source(path)
    shown = preview(source)
    assert [bool(error) for error in shown.errors] == [True] * below + [False, False]
    assert shown.text_column == column
    assert any("go on with it" in note or "goes on with it" in note for note in shown.notes)
    assert [row[column] for row in source.rows()] == ["Good, really", "Bad"]
    summary = score_file(tiny_classifier(), path, tmp_path / "out.csv", text_column=column)
    assert (summary.rows, summary.failed) == (2 + below, below)
    labelled = Pairs(str(path), "train", column, table[0][-1] or "Would you come again?")
    assert [pair.text for window in labelled.windows() for pair in window] == [
        "Good, really",
        "Bad",
    ]


REVIEWS = (("5", "Great stay, I couldn’t be happier"), ("1", "The shower wasn’t working"))
LINK = "https://example.org/reviews/0123456789abcdef0123456789abcdef-and-far-more-than-this"


def test_links_and_ids_are_not_taken_for_the_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [("Review Created (UTC)", "Review Content", "Stars", "Review Link")]
    rows += [("2026-11-01 10:00:00 AM", text, stars, LINK) for stars, text in REVIEWS]
    path.write_text("".join(",".join(f'"{field}"' for field in row) + "\n" for row in rows))
    assert preview(open_source(path)).text_column == "Review Content"
    entries = [
        {"author": {"uri": {"label": LINK}}, "im:rating": {"label": n}, "content": {"label": text}}
        for n, text in REVIEWS
    ]
    path.write_text(json.dumps({"feed": {"entry": entries}}))
    assert preview(open_source(path)).text_column == "content.label"


def test_the_comments_below_a_post_of_reddit_are_rows(tmp_path: Path) -> None:
    posts: list[list[dict[str, Any]]] = [
        [{"kind": "t3", "data": {"title": "How was it?"}}],
        [{"kind": "t1", "data": {"body": text, "ups": int(n)}} for n, text in REVIEWS],
    ]
    listings = [{"kind": "Listing", "data": {"children": one}} for one in posts]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(listings))
    shown = preview(open_source(path))
    assert (len(shown.rows), shown.text_column) == (3, "data.body")
    bodies = [row["data"].get("body") for row in open_source(path).rows()]
    assert bodies == [None, *(text for _, text in REVIEWS)]


@pytest.mark.parametrize("name", ["\ufefftext", "text\u200b", "\xa0text ", "\ufeff\ufeff text"])
def test_what_is_not_seen_is_no_part_of_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{name},n\ngood,1\nbad,2\n")
    assert open_source(path).columns() == ["text", "n"]
    book = openpyxl.Workbook()
    for row in ((name, "n", None), ("good", 1, "of no name")):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert [*open_source(tmp_path / "a.xlsx").rows()] == [
        {"text": "good", "n": "1", "column 3": "of no name"}
    ]


def test_apostrophes_of_an_old_mac_are_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    table = by_csv([(n, text, n) for n, text in REVIEWS])
    path.write_bytes(table.encode("mac-roman"))
    source = open_source(path)
    assert [row["text"] for row in source.rows()] == [text for _, text in REVIEWS]
    assert any("Mac Roman" in note for note in source.notes)
    path.write_bytes(table.encode("cp1252"))
    source = open_source(path)
    assert [row["text"] for row in source.rows()] == [text for _, text in REVIEWS]
    assert any("Windows-1252" in note for note in source.notes)


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_texts_that_were_read_wrongly_before_are_said_to_be_such(
    tmp_path: Path, name: str, codec: str
) -> None:
    texts = [text.encode().decode(codec) for _, text in REVIEWS]
    path = tmp_path / name
    rows = [("1", text, "5") for text in texts]
    path.write_text(by_csv(rows) if name == "a.csv" else lines(rows))
    if (name, codec) != ("a.json", "cp1252"):
        (note,) = open_source(path).notes
        assert "read wrongly before" in note
    rows = [("1", text, "5") for _, text in REVIEWS]
    path.write_text(by_csv(rows) if name == "a.csv" else lines(rows))
    assert open_source(path).notes == []


def test_lines_of_a_chat_are_said_to_be_such(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("[01.11.26, 10:00:00] Anna: good\n[01.11.26, 10:01:00] Ben: bad\nso bad\n")
    (note,) = open_source(path).notes
    assert "day and a time" in note
    path.write_text("10:00 is late\n2026 was good\n")
    assert open_source(path).notes == []


def test_what_else_a_zip_holds_is_said_or_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(by_csv([("1", "good", "5")]), "README.md", "LICENSE"))
    (note,) = open_source(path).notes
    assert "of its files export/Reviews.CSV is read (README.md, LICENSE not)" in note
    path.write_bytes(zipped(by_csv([("1", "good", "5")]), "test.csv"))
    with pytest.raises(TableError, match="holds 2 files"):
        open_source(path)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.docx", "word/document.xml", "a Word document"),
        ("a.ods", "content.xml", "a document of LibreOffice"),
        ("a.numbers", "Index/Document.iwa", "Apple's Numbers"),
        ("a.pt", "archive/data.pkl", "a file of PyTorch"),
        ("a.xls", b"<table border=1>\n<tr><td>text</td></tr>\n</table>", "a web page"),
        ("a.txt", b"<reviews>\n <review>good</review>\n</reviews>\n", "is XML"),
        ("a.json", b'window.YTD.tweet.part0 = [ {"tweet": {"full_text": "x"}}]', "is JavaScript"),
        ("a.yaml", b"- text: good film\n", "is YAML"),
        ("a.dta", b"<stata_dta><header>", "of Stata"),
        ("a.csv", b"\x80\x04\x95\x10\x00\x00", "a pickle"),
        ("a.rds", gzip.compress(b"X\n\0\0\0\3\0", mtime=0), "a data file of R"),
        ("a.sql", b"-- MySQL dump 10.13\n\nCREATE TABLE x", "a dump of a database"),
        ("a.txt", b"INSERT INTO `reviews` VALUES (1,'good')", "a dump of a database"),
        ("a.txt", b"WEBVTT\n\n00:01.000 --> 00:02.000\ngood\n", "a file of subtitles"),
        ("a.txt", b"From a@b.c Sat Nov  1 10:00:00 2026\nSubject: x\n\ngood\n", "a mailbox"),
        ("a.csv", b'"id,""text"""\r\n"1,""good, really"""\r\n"2,bad"\r\n', "in quotation marks"),
        ("a.arrow", b"\xff\xff\xff\xff\x10\0\0\0", "a stream of Arrow"),
    ],
)
def test_other_programs_files_are_refused_by_their_names(
    tmp_path: Path, name: str, content: str | bytes, what: str
) -> None:
    path = tmp_path / name
    path.write_bytes(zipped("x", content) if isinstance(content, str) else content)
    with pytest.raises(TableError, match=what):
        open_source(path)


def test_a_line_that_only_looks_foreign_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for line in (
        "<3 this film",
        "Insert into bin",
        "From a to z",
        "x = [good]",
        "<speechless>",
        "= great",
        "BZ, hello",
    ):
        path.write_text(f"{line}\nso good\n")
        assert [row["text"] for row in open_source(path).rows()] == [line, "so good"]


def test_texts_in_structs_are_offered_by_their_dotted_name(tmp_path: Path) -> None:
    structs = pa.array([{"by": "a somewhat longer name", "body": "good"}] * 2)
    pq.write_table(pa.table({"n": [1, 2], "review": structs}), tmp_path / "a.parquet")
    shown = preview(open_source(tmp_path / "a.parquet"))
    assert shown.columns == ("n", "review.by", "review.body")
    assert shown.text_column == "review.body"
    assert shown.rows[0] == (1, "a somewhat longer name", "good")
