"""Files of some bytes that ask for much, or that no library was made for. Nothing here is large."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FILES: dict[str, Callable[[Path], None]] = {}
"""How a file is written, by its name."""
GOOD = "a good film"


def named(name: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Have the function write the file of that name."""

    def known(write: Callable[[Path], None]) -> Callable[[Path], None]:
        FILES[name] = write
        return write

    return known


def _words(path: Path, characters: int, rows: int) -> None:
    words = pa.array([("good film " * (characters // 10 + 1))[:characters]])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), words)
    pq.write_table(
        pa.table({"text": column}), path, dictionary_pagesize_limit=1 << 24, compression="zstd"
    )


@named("long-words.parquet")
def long_words(path: Path) -> None:
    """A dictionary of one word of 1.9 MB, 50,000 times: 95 GB."""
    _words(path, 1_900_000, 50_000)


@named("slow-words.parquet")
def slow_words(path: Path) -> None:
    """A dictionary of one word of 99,000 characters, 50,000 times: 5 GB, each row allowed."""
    _words(path, 99_000, 50_000)


@named("lists-of-words.parquet")
def lists_of_words(path: Path) -> None:
    """Long words of a dictionary in lists, beside a text that is harmless."""
    inner = pa.DictionaryArray.from_arrays(
        pa.array([0] * 400_000, pa.int32()), pa.array(["x" * 100_000])
    )
    lists = pa.ListArray.from_arrays(pa.array(range(0, 400_001, 40), pa.int32()), inner)
    table = pa.table({"text": [GOOD] * 10_000, "more": lists})
    pq.write_table(table, path, dictionary_pagesize_limit=1 << 24, compression="zstd")


@named("zeros.parquet")
def zeros(path: Path) -> None:
    """Pages of one letter: 200 MB declared, in some thousand bytes."""
    table = pa.table({"text": ["a" * 20_000_000] * 10})
    pq.write_table(table, path, use_dictionary=False, compression="zstd")


@named("nulls.parquet")
def nulls(path: Path) -> None:
    """Fifty million rows of nothing."""
    with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as writer:
        table = pa.table({"text": pa.nulls(5_000_000, pa.string())})
        for _ in range(10):
            writer.write_table(table)


@named("columns.parquet")
def columns(path: Path) -> None:
    """Twenty thousand columns."""
    pq.write_table(pa.table({"text": [GOOD]} | {f"c{i}": [1] for i in range(20_000)}), path)


@named("deep.parquet")
def deep(path: Path) -> None:
    """Sixty structs in one another."""
    value: object = 1
    for _ in range(60):
        value = {"a": value}
    pq.write_table(pa.table({"text": [GOOD], "deep": [value]}), path)


def _forged(path: Path, change: Callable[[bytearray], None]) -> None:
    """A parquet file whose footer was changed."""
    written = io.BytesIO()
    pq.write_table(pa.table({"text": [GOOD] * 1_000, "n": range(1_000)}), written)
    content = bytearray(written.getvalue())
    length = struct.unpack("<I", content[-8:-4])[0]
    footer = content[-8 - length : -8]
    change(footer)
    path.write_bytes(
        bytes(content[: -8 - length] + footer + struct.pack("<I", len(footer))) + b"PAR1"
    )


def _thrift(number: int) -> bytes:
    """A whole number as Thrift's compact protocol has it."""
    number, found = number << 1, bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


@named("forged-rows.parquet")
def forged_rows(path: Path) -> None:
    """A footer that tells of 2^40 rows where there are a thousand."""

    def change(footer: bytearray) -> None:
        footer[:] = footer.replace(_thrift(1_000), _thrift(2**40))

    _forged(path, change)


@named("forged-length.parquet")
def forged_length(path: Path) -> None:
    """The footer's own length beyond the file."""
    pq.write_table(pa.table({"text": [GOOD]}), path)
    content = path.read_bytes()
    path.write_bytes(content[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1")


@named("forged-sizes.parquet")
def forged_sizes(path: Path) -> None:
    """Every number of the footer a little other than it was."""
    chance = random.Random(1)

    def change(footer: bytearray) -> None:
        for _ in range(20):
            footer[chance.randrange(len(footer))] ^= 1 << chance.randrange(7)

    _forged(path, change)


@named("forged-page.parquet")
def forged_page(path: Path) -> None:
    """A page that tells of two gigabytes once it is unpacked."""
    written = io.BytesIO()
    table = pa.table({"text": [GOOD * 100] * 1_000})
    pq.write_table(table, written, use_dictionary=False, compression="snappy")
    content = written.getvalue()
    at = content.index(_thrift(1_000))  # of the first page's header
    path.write_bytes(content.replace(content[5:at], _thrift(2**31 - 1)[: at - 5], 1))


@named("bad-utf8.parquet")
def bad_utf8(path: Path) -> None:
    """Texts of bytes that no text has."""
    raw = pa.array([GOOD.encode(), b"\xff\xfe good", b"\xed\xa0\x80"], pa.binary())
    pq.write_table(pa.table({"text": raw.view(pa.string()), "note": raw.view(pa.string())}), path)


@named("times.parquet")
def times(path: Path) -> None:
    """Times that no calendar of Python has, zones that there are none of, structs of them."""
    far = pa.array([2**62, -(2**62), 0])
    pq.write_table(
        pa.table(
            {
                "text": [GOOD] * 3,
                "far": far.cast(pa.timestamp("us")),
                "zone": pa.array([0, 1, 2], pa.timestamp("us", "Mars/Olympus")),
                "day": pa.array([2**30, -(2**30), 0], pa.int32()).cast(pa.date32()),
                "long": far.cast(pa.duration("us")),
                "in": pa.StructArray.from_arrays([far.cast(pa.timestamp("ns"))], ["time"]),
            }
        ),
        path,
    )


@named("plain-types.parquet")
def plain_types(path: Path) -> None:
    """Every type that comes to mind, empties among them."""
    rows: dict[str, object] = {
        "text": [GOOD, None],
        "bytes": [b"\x00\xff", None],
        "time": [datetime.time(1, 2, 3, 4), None],
        "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int8())),
        "list": [[1, None], None],
        "fixed": pa.array([b"ab", None], pa.binary(2)),
        "half": pa.array([1.5, None], pa.float16()),
        "nothing": pa.nulls(2),
        "dec": pa.array([1, None], pa.decimal128(38, 10)),
    }
    pq.write_table(pa.table(rows), path)


@named("twins.parquet")
def twins(path: Path) -> None:
    """Two columns of one name."""
    table = pa.Table.from_arrays([pa.array([GOOD]), pa.array(["bad"])], names=["text", "text"])
    pq.write_table(table, path)


@named("name.parquet")
def name(path: Path) -> None:
    """Columns with names of markup, control signs and a megabyte."""
    pq.write_table(pa.table({"text": [GOOD], "<img src=x>\x00": [1], "n" * 1_000_000: [2]}), path)


def fuzzed(path: Path, seed: int) -> None:
    """One of many parquet files with some bytes changed."""
    chance = random.Random(seed)
    rows = 50
    table = pa.table(
        {
            "text": [chance.choice([GOOD, "bad", None, "x" * 500]) for _ in range(rows)],
            "n": [chance.choice([1, None, 2**60]) for _ in range(rows)],
            "when": pa.array([chance.randrange(2**60) for _ in range(rows)], pa.timestamp("us")),
            "in": [{"a": [chance.random()], "b": None} for _ in range(rows)],
        }
    )
    written = io.BytesIO()
    packed = chance.choice(["snappy", "zstd", "none", "gzip"])
    pq.write_table(table, written, compression=packed, use_dictionary=chance.random() < 0.5)
    content = bytearray(written.getvalue())
    for _ in range(chance.choice((1, 2, 5, 30))):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    path.write_bytes(bytes(content))


def _workbook(path: Path, sheet: bytes, **parts: bytes) -> None:
    """A workbook of one sheet, its XML as given."""
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    )
    files = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        b'package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="'
        + kind
        + b'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
        + kind
        + b'worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="'
        + kind
        + b'sharedStrings+xml"/></Types>',
        "_rels/.rels": relations
        + b'<Relationship Id="r1" Type="'
        + office
        + b'/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b"<workbook "
        + main
        + b' xmlns:r="'
        + office
        + b'"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations
        + b'<Relationship Id="r1" Type="'
        + office
        + b'/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="'
        + office
        + b'/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": b"<worksheet "
        + main
        + b"><sheetData>"
        + sheet
        + b"</sheetData></worksheet>",
        "xl/sharedStrings.xml": parts.get(
            "strings", b"<sst " + main + b"><si><t>text</t></si><si><t>good</t></si></sst>"
        ),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in files.items():
            archive.writestr(inner, content)


HEADER = b'<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'
CELL = b'<row><c t="inlineStr"><is><t>good</t></is></c></row>'


@named("big-sheet.xlsx")
def big_sheet(path: Path) -> None:
    """A sheet of 240 MB of XML, just below what is read of a workbook, in one megabyte."""
    _workbook(path, HEADER + CELL * (240_000_000 // len(CELL)))


@named("wide-rows.xlsx")
def wide_rows(path: Path) -> None:
    """Rows whose only cell stands in the last column there is, 16,384 wide."""
    _workbook(
        path,
        HEADER + b"".join(b'<row><c r="XFD%d"><v>1</v></c></row>' % i for i in range(2, 50_000)),
    )


@named("far-row.xlsx")
def far_row(path: Path) -> None:
    """A row of the number two billion."""
    _workbook(path, HEADER + b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>')


@named("shared-words.xlsx")
def shared_words(path: Path) -> None:
    """A word of ten megabytes that 50,000 cells share."""
    main = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    strings = main + b"<si><t>" + b"good film " * 1_000_000 + b"</t></si></sst>"
    _workbook(path, HEADER + b'<row><c t="s"><v>0</v></c></row>' * 50_000, strings=strings)


@named("entities.xlsx")
def entities(path: Path) -> None:
    """Entities that name one another, ten times each, nine deep."""
    lines = [b'<!ENTITY e0 "good film good film">']
    lines += [b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10) for i in range(1, 10)]
    strings = b"<!DOCTYPE s [" + b"".join(lines) + b"]>"
    strings += b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    strings += b"<si><t>&e9;</t></si></sst>"
    _workbook(path, HEADER + b'<row><c t="s"><v>0</v></c></row>', strings=strings)


@named("outside.xlsx")
def outside(path: Path) -> None:
    """An entity that is a file of this machine."""
    strings = b'<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    strings += b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    strings += b"<si><t>&e;</t></si></sst>"
    _workbook(path, HEADER + b'<row><c t="s"><v>0</v></c></row>', strings=strings)


@named("deep-xml.xlsx")
def deep_xml(path: Path) -> None:
    """Elements a million deep."""
    _workbook(path, HEADER + b"<row>" * 1_000_000)


@named("forged-size.xlsx")
def forged_size(path: Path) -> None:
    """A directory that tells of ten bytes where there are 100 MB."""
    _workbook(path, HEADER + CELL * 2_000_000)
    content = path.read_bytes()
    size = struct.pack("<I", len(HEADER + CELL * 2_000_000) + 99)
    with zipfile.ZipFile(path) as archive:
        size = struct.pack("<I", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
    path.write_bytes(content.replace(size, struct.pack("<I", 10)))


@named("unclosed.csv.gz")
def unclosed(path: Path) -> None:
    """A quotation mark that is never closed, a million rows behind it."""
    path.write_bytes(gzip.compress(b'id,text\n1,"good\n' + b"2,bad\n" * 10_000_000))


@named("line.csv")
def one_line(path: Path) -> None:
    """One line of 19 MB."""
    path.write_bytes(b"id,text\n1," + b"good " * 3_800_000)


@named("delimiters.csv")
def delimiters(path: Path) -> None:
    """A header of nineteen million columns."""
    path.write_bytes(b"text" + b"," * 19_000_000)


@named("ragged.csv")
def ragged(path: Path) -> None:
    """Rows of more and more fields."""
    path.write_bytes(b"id,text\n" + b"".join(b"," * i + b"\n" for i in range(6_000)))


@named("zeros.csv")
def zero_bytes(path: Path) -> None:
    """NUL, the byte that no text has."""
    path.write_bytes(b"id,text\n" + b"1,go\0od\n" * 10 + b"\0" * 5_000_000)


@named("blank.txt")
def blank(path: Path) -> None:
    """Nineteen million empty lines."""
    path.write_bytes(b"\n" * 19_000_000)


@named("bomb.csv.gz")
def gzip_bomb(path: Path) -> None:
    """Two gigabytes of rows in two megabytes."""
    with gzip.open(path, "wb", 9) as file:
        file.write(b"id,text\n")
        for _ in range(200):
            file.write(b"1,a good film\n" * 715_000)


@named("window.csv.zst")
def zstd_window(path: Path) -> None:
    """A frame that wants two gigabytes of memory to be unpacked in."""
    # frame header: magic, descriptor without sizes, window of 2^31; one raw block
    block = b"id,text\n1,good\n"
    header = (len(block) << 3 | 1).to_bytes(3, "little")
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + header + block)


@named("bomb.csv.zst")
def zstd_bomb(path: Path) -> None:
    """Four gigabytes of one row, by zstd."""
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write(b"id,text\n")
        block = b"1,a good film\n" * 715_000
        for _ in range(400):
            file.write(block)


@named("nested.csv.zip")
def nested_zip(path: Path) -> None:
    """A zip in a zip in a zip."""
    content = b"id,text\n1,good\n"
    for _ in range(3):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("a.csv", content)
        content = held.getvalue()
    path.write_bytes(content)


@named("climbs.csv.zip")
def climbing_zip(path: Path) -> None:
    """A file whose name leads out of its folder."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../../etc/passwd.csv", "id,text\n1,good\n")


@named("deep.json")
def deep_json(path: Path) -> None:
    """A list in a list, 100,000 times."""
    path.write_bytes(b'{"rows": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@named("deep.jsonl")
def deep_lines(path: Path) -> None:
    """The same in a row behind good ones."""
    good = json.dumps({"text": GOOD}).encode() + b"\n"
    path.write_bytes(good * 3 + b'{"text": ' + b"[" * 100_000 + b"\n" + good)


@named("numbers.jsonl")
def numbers(path: Path) -> None:
    """Numbers without end and beyond all bounds."""
    lines = (b"9" * 5_000, b"1e999", b"-1e999", b"NaN", b"Infinity", b"-0", b"9" * 4_000_000)
    rows = b"".join(b'{"text": "good", "n": %s}\n' % one for one in lines)
    path.write_bytes(rows)


@named("keys.jsonl")
def keys(path: Path) -> None:
    """Keys that look like ours, keys twice, keys of half a character, empty and endless ones."""
    path.write_text(
        '{"text": "good", "error": "forged", "label": "x", "row": 7, "__error__": "y"}\n'
        '{"text": "good", "text": "bad"}\n'
        '{"text": "good", "\\ud800": "half"}\n'
        '{"text": "go\\udc00od"}\n'
        '{"text": "good", "": 1, "__class__": {"__init__": 1}, "constructor": 2}\n'
        f'{{"text": "good", "{"k" * 100_000}": 1}}\n'
    )


@named("objects.json")
def objects(path: Path) -> None:
    """Three million empty objects."""
    path.write_bytes(b"[" + b"{}," * 3_000_000 + b"{}]")


@named("unclosed.json")
def unclosed_json(path: Path) -> None:
    """A string that never ends."""
    path.write_bytes(b'[{"text": "' + b"good " * 3_800_000)


@named("utf16.csv")
def half_characters(path: Path) -> None:
    """UTF-16 that is cut inside a character, with halves of characters."""
    path.write_bytes("id,text\n1,good\n".encode("utf-16") + b"\x00\xd8\x00\xd8a\x00\n")


@named("markup.csv")
def markup(path: Path) -> None:
    """Markup and formulas in names and cells."""
    path.write_text(
        'text,<script>alert(1)</script>,"=1+1"\n'
        "good,<img src=x onerror=alert(1)>,=cmd|' /C calc'!A0\n"
        "bad,${alert(1)},@SUM(1)\n"
        "=good film,+1,-1\n"
    )
