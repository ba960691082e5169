"""What a person's file holds comes back byte for byte where the output is of the same kind."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sentiment.output import ADDED, merge_shards, shard_name
from sentiment.output.lines import renamed
from sentiment.scoring import ScoreProgress, score_file
from sentiment.tables import ReadOptions, open_source
from tests.conftest import tiny_classifier

CLASSIFIER = tiny_classifier()
VERDICT = r"[^,;|\t]*"


def scored(path: Path, **asked: Any) -> bytes:
    """A file scored into its own kind."""
    out = path.with_name(f"out{path.suffix}")
    score_file(CLASSIFIER, path, out, **asked)
    return out.read_bytes()


def stripped(content: str, delimiter: str) -> str:
    """A scored table without what was added: no verdict here has a delimiter in it."""
    d = re.escape(delimiter)
    header = d + d.join(ADDED)
    content = re.sub(header, "", content, count=1)
    number = r"-?\d\.\d+(?:e-\d+)?"
    verdict = f"(?:negative|neutral|positive){d}(?:negative|positive){d}{number}{d}{number}{d}"
    failed = f"{d * 4}(?:empty text|no text|no words to read)"
    return re.sub(f"{d}(?:{verdict}|{failed})(?=[\r\n]|$)", "", content)


TABLES: dict[str, tuple[str, bytes]] = {
    "plain": ("a.csv", b"id,text\n1,good\n2,bad\n"),
    "no line end at the end": ("a.csv", b"id,text\n1,good\n2,bad"),
    "needless quotes": ("a.csv", b'"id",text\r\n"1","good"\r\n2,bad\r\n'),
    "fields of several lines": ("a.csv", b'id,text\r\n1,"good\r\nfilm, ""so"" \n"\r\n2,bad\r\n'),
    "bare CR": ("a.csv", b'id,text,n\n1,"good\rfilm",5\n2,bad,1\n'),
    "old line ends": ("a.csv", b"id,text\r1,good\r2,bad\r"),
    "blank lines": ("a.csv", b"\n\nid,text\n\n1,good\n\r\n\n2,bad\n\n\n"),
    "semicolons": ("a.csv", "id;text;n\n1;good, café;1,5\n2;bad;2,5\n".encode()),
    "sep line": ("a.csv", b"sep=;\r\nid;text\r\n1;good\r\n2;bad\r\n"),
    "a title above": ("a.csv", b"Reviews of May\n\nid,text\n1,good\n2,bad\n"),
    "pipes": ("a.csv", b"id|text\n1|good\n2|bad\n"),
    "blanks behind delimiters": ("a.csv", b'id, text, n\n1, "good, film", 5\n2, bad, 1\n'),
    "blanks between, as R has them": (
        "a.csv",
        b'"id" "text"\n1 "good film"\n2 "bad \\"film\\""\n3 "bad"\n',
    ),
    "backslashes": ("a.csv", b'id,text\n1,"a \\"good\\", film"\n2,"a \\"bad\\" film"\n'),
    "empty names": ("a.csv", b"id,text,,,\n1,good,,,\n2,bad,x,,\n"),
    "numbers as they are": ("a.csv", b"id,text,x\n007,good,1e5\n1.10,bad,+0\n"),
    "mark": ("a.csv", "id,text\n1,good café\n2,bad\n".encode("utf-8-sig")),
    "Windows-1252": ("a.csv", b"id,text\n1,good caf\xe9 \x81\n2,isn\x92t bad\n"),
    "UTF-16": ("a.csv", "id,text\r\n1,good café\r\n2,bad\r\n".encode("utf-16")),
    "UTF-16, big end first": ("a.csv", b"\xfe\xff" + "id,text\n1,good\n".encode("utf-16-be")),
    "UTF-32": ("a.csv", "id,text\n1,good\n2,bad\n".encode("utf-32")),
    "tabs": ("a.tsv", b"id\ttext\n1\tgood\n2\tbad\n"),
    "tabs and stray marks": ("a.tsv", b'text\tn\n"good film\t0\nso "bad", raw\t1\nbad"\t2\n'),
    "tabs and quotes": ("a.tsv", b'id\ttext\r\n1\t"good\t""film"""\r\n2\tbad\r\n'),
    "formulas": ("a.csv", b"id,text\n=1+1,good\n@x,bad\n"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_comes_back_byte_for_byte(tmp_path: Path, kind: str) -> None:
    name, content = TABLES[kind]
    path = tmp_path / name
    path.write_bytes(content)
    source = open_source(path)
    spelling = source.spelling()
    assert spelling is not None
    assert spelling.dialect is not None
    coding = spelling.coding
    got = scored(path, window=1)
    text = got.decode(coding.name, coding.errors)
    assert coding.mark + coding.encoded(stripped(text, spelling.dialect.delimiter)) == content
    # what was written reads as what was read, with the same count of rows
    rows = list(source.rows())
    again = list(open_source(tmp_path / f"out{path.suffix}").rows())
    assert [{n: row[n] for n in rows[0]} for row in again] == rows
    assert all(row["label"] in ("negative", "neutral", "positive") for row in again)
    # in shards, merged
    outs = [shard_name(tmp_path / f"part{path.suffix}", (i, 2)) for i in range(2)]
    for i, out in enumerate(outs):
        score_file(CLASSIFIER, path, out, shard=(i, 2), window=1)
    merge_shards(outs, tmp_path / f"merged{path.suffix}")
    merged = (tmp_path / f"merged{path.suffix}").read_bytes().decode(coding.name, coding.errors)
    if "blank" in kind or "no line end" in kind:  # which shards do not keep
        merged, text = (re.sub(r"[\r\n]+", "\n", one).strip() for one in (merged, text))
    assert merged == text


DELIMITED = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(DELIMITED, DELIMITED), min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_fields_of_any_characters_keep_their_bytes(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    delimiter: str,
    quoting: Any,
    line_end: str,
    encoding: str,
    cut: bool,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / ("a.tsv" if delimiter == "\t" else "a.csv")
    held = io.StringIO()
    writer = csv.writer(held, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")
    writer.writerows([("text", "other"), *rows])
    content = held.getvalue()
    if line_end == "\n" and content.count("\r\n") == len(rows) + 1:
        content = content.replace("\r\n", "\n")
    content = content.removesuffix("\n").removesuffix("\r") if cut else content
    path.write_bytes(content.encode(encoding))
    source = open_source(path, options=ReadOptions(delimiter=delimiter))
    read = [row for piece, _ in source.pieces(9) for row in piece.records()]
    assume([(row["text"], row["other"]) for row in read] == rows)  # another test's matter
    spelling = source.spelling()
    assert spelling is not None
    got = scored(path, window=2, options=ReadOptions(delimiter=delimiter))
    text = got.decode(encoding)
    # every record of the input is there, whole, and nothing but verdicts stands between them
    records = [line for piece, _ in source.pieces(9) for line in piece.lines]  # type: ignore[attr-defined]
    bodies = [line.rstrip("\r\n") for line in (spelling.header, *records)]
    rest = text
    for body, following in pairwise([*bodies, None]):
        rest = rest.lstrip("\r\n") if not body.startswith(("\r", "\n")) else rest
        assert rest.startswith(body + delimiter)
        rest = rest[len(body) :]
        if following is None:
            assert re.fullmatch(f"{re.escape(delimiter)}[^\r\n]*[\r\n]*", rest)
        else:
            rest = rest[re.search(r"[\r\n]", rest).start() :]  # type: ignore[union-attr]
    ends = re.findall(r"[\r\n]+$", content)
    assert re.findall(r"[\r\n]+$", text) == ends


LINES: dict[str, bytes] = {
    "plain": b'{"text": "good"}\n{"text": "bad"}\n',
    "spellings of numbers": b'{"text":"good","x":1e5,"y":1.10,"z":12345678901234567890123}\n',
    "twice the same name": b'{"x":1,"text":"good","x":2}\n',
    "escapes": b'{"text":"g\\u006fod \\/ \\ud83d","x":"\\u00e9"}\n',
    "blanks": b'  { "text" :\t"good" }  \r\n\r\n\n{"text":"bad"}\n \n',
    "no line end at the end": b'{"text":"good"}\n{"text":"bad"}',
    "mark": '{"text":"good café"}\n'.encode("utf-8-sig"),
    "UTF-16": '{"text":"good café"}\n'.encode("utf-16"),
    "Windows-1252": b'{"text":"good caf\xe9"}\n{"text":"isn\x92t bad"}\n',
}


@pytest.mark.parametrize("kind", LINES)
def test_lines_of_json_come_back_byte_for_byte(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES[kind])
    spelling = open_source(path).spelling()
    assert spelling is not None
    coding = spelling.coding
    text = scored(path, window=1).decode(coding.name, coding.errors)
    bare = re.sub(r', "label": .*"error": (null|"[^"]*")\}', "}", text)
    assert coding.mark + coding.encoded(bare) == LINES[kind]
    assert all(json.loads(line)["label"] for line in text.splitlines() if line.strip())
    outs = [shard_name(tmp_path / "part.jsonl", (i, 2)) for i in range(2)]
    for i, out in enumerate(outs):
        score_file(CLASSIFIER, path, out, shard=(i, 2), window=1)
    merge_shards(outs, tmp_path / "merged.jsonl")
    merged = (tmp_path / "merged.jsonl").read_bytes().decode(coding.name, coding.errors)
    assert [line.strip() for line in merged.splitlines()] == [
        line.strip() for line in text.splitlines() if line.strip()
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.text(max_size=4) | st.sampled_from(["label", "error"]), JSON, max_size=4),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]),
    st.booleans(),
)
def test_a_name_gives_way_and_all_else_stays(
    row: dict[str, Any], separators: tuple[str, str], ascii_only: bool
) -> None:
    how: dict[str, Any] = {"separators": separators, "ensure_ascii": ascii_only}
    line = json.dumps(row, **how)
    names = {name: f"input_{name}" if name in ("label", "error") else name for name in row}
    wanted = {names[name]: value for name, value in row.items()}
    assert renamed(line, names) == json.dumps(
        wanted, separators=separators, ensure_ascii=ascii_only
    )
    assert renamed(line, {}) == line


def test_names_that_are_taken_give_way_and_the_rest_keeps_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b' text ;"label"; n\r\n"good";1;1e5\r\nbad;0;1.10\r\n')
    assert scored(path).startswith(b"text;input_label;n;label;leaning;")
    path.write_bytes(b" text ;label; n\r\ngood;1;1e5\r\n")
    assert scored(path).startswith(b" text ;input_label; n;label;")
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text":"good", "label" : 1.10,"label":2e3}\n')
    found = scored(path)
    assert found.startswith(b'{"text":"good", "input_label" : 1.10,"input_label":2e3, "label": ')


def test_only_what_cannot_stay_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b'id,text,n\n"1",good,,\n2,"never closed,3\n"3","bad"\n"4","good",5,6\n"5",good,"6"\n'
    )
    lines = scored(path).decode().splitlines()
    assert lines[1].startswith('"1",good,,')
    assert lines[1].count(",") == 7
    assert lines[2].startswith('2,"""never closed",3,,,,,')
    assert lines[3].startswith('"3","bad",,')
    assert lines[4].startswith("4,good,5,,,,,")
    assert lines[5].startswith('"5",good,"6",')
    path.write_bytes(b'id,text\n"1",=1+1\n"2",good\n')
    lines = scored(path, safe_for_spreadsheets=True).decode().splitlines()
    assert lines[1].startswith("1,'=1+1,")
    assert lines[2].startswith('"2",good,')


def test_files_one_behind_the_other_and_a_stopped_run(tmp_path: Path) -> None:
    for name, content in (("a", b"id;text\r\n1;good"), ("b", b"id;text\r\n2;bad\r\n\r\n3;good")):
        (tmp_path / f"{name}.csv").write_bytes(content)
    out = tmp_path / "out.csv"

    class StoppedError(Exception):
        pass

    def stop(_: ScoreProgress) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        score_file(CLASSIFIER, tmp_path / "[ab].csv", out, window=1, on_progress=stop)
    summary = score_file(CLASSIFIER, tmp_path / "[ab].csv", out, window=1, resume=True)
    assert (summary.rows, summary.resumed) == (3, 1)
    text = out.read_bytes().decode()
    assert stripped(text, ";") == "id;text\r\n1;good\r\n2;bad\r\n\r\n3;good"


def test_rows_without_a_header_keep_their_bytes_below_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'"0";"good"\r\n"4";"bad"\r\n')
    found = scored(path, text_column="2", options=ReadOptions(header=False)).decode()
    assert stripped(found, ";") == '1;2\r\n"0";"good"\r\n"4";"bad"\r\n'
