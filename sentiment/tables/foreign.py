"""What a file is that is none of ours, so that a refusal can say so."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePath

_BEGINNINGS = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a document of a word processor (RTF)"),
    (b"version https://git-lfs", "a pointer of Git LFS to a file that was not downloaded"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x80\x04\x95", "a pickle of Python"),
    (b"\x80\x05\x95", "a pickle of Python"),
    (b"X\n\0\0\0", "a data file of R"),
    (b"RDX", "a data file of R"),
    (b"$FL2", "a data file of SPSS"),
    (b"<stata_dta>", "a data file of Stata"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"FEA1", "a Feather file"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind (.xls)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"ARROW1", "an Arrow file"),
    (b"\xff\xff\xff\xff", "a stream of Arrow"),
    (b"BZh", "packed by bzip2"),
    (b"\xfd7zXZ", "packed by xz"),
    (b"7z\xbc\xaf", "packed by 7-Zip"),
    (b"Rar!", "packed by RAR"),
    (b"WEBVTT", "a file of subtitles (WebVTT)"),
)
_MARK = rb"\s*(?:\xef\xbb\xbf)?\s*"
_HTML = re.compile(_MARK + rb"<(!doctype html|html|head|body|table|div|script)\b", re.IGNORECASE)
_XML = re.compile(_MARK + rb"<(\?xml|[a-z][\w:.-]*(\s[^<>]*)?>\s*?\r?\n\s*<)", re.IGNORECASE)
_SCRIPT = re.compile(_MARK + rb"((var|let|const)\s+)?[\w.$]+\s*=\s*(\[\s*[\[{\"]|\{\s*\")")
_SQL = re.compile(
    _MARK
    + rb"(-- (mysql|mariadb|postgresql|phpmyadmin)\b"
    + rb"|(insert into|create table) [`\"\w.]+ ?(\(|values))",
    re.IGNORECASE,
)
_MAILBOX = re.compile(rb"From \S+@\S+ \w{3} \w{3} [ \d]\d ")
_PARTS = (
    (re.compile(r"word/"), "a Word document"),
    (re.compile(r"ppt/"), "a PowerPoint presentation"),
    (re.compile(r"Index/.*\.iwa"), "a document of Apple's Numbers or Pages"),
    (re.compile(r"META-INF/container\.xml"), "an e-book (EPUB)"),
    (re.compile(r"[^/]+/data\.pkl"), "a file of PyTorch"),
    (re.compile(r"[^/]+\.npy"), "an archive of NumPy"),
    (re.compile(r"content\.xml"), "a document of LibreOffice"),
)


def foreign(begin: bytes) -> str | None:
    """What the first bytes say that a file is; None where it may be one of ours."""
    for mark, what in _BEGINNINGS:
        if begin.startswith(mark):
            return what
    if begin[257:262] == b"ustar":
        return "a tar archive"
    if _HTML.match(begin):
        return "a web page (HTML)"
    if _XML.match(begin):
        return "XML"
    if _SQL.match(begin):
        return "a dump of a database (SQL)"
    if _MAILBOX.match(begin):
        return "a mailbox (mbox)"
    if _SCRIPT.match(begin):
        return "JavaScript: leave out what stands before its first bracket"
    return None


def foreign_archive(names: Collection[str]) -> str | None:
    """What the names in a zip say that it is; None where it may just pack something."""
    return next((what for part, what in _PARTS if any(map(part.match, names))), None)


def foreign_name(name: str) -> str | None:
    """What a file's ending says, where its content would pass for lines of text."""
    return {".yaml": "YAML", ".yml": "YAML"}.get(PurePath(name.lower()).suffix)
