"""Bytes to text: a byte order mark's word, else UTF-8, else Windows-1252; said, never hidden.

A file with the apostrophes of old Macs is Mac Roman. No input byte becomes U+FFFD. Windows-1252
is read as browsers do (WHATWG, windows-1252): its five unassigned bytes are control characters.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from dataclasses import dataclass

from sentiment.tables.errors import TableError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ERRORS, _BACK = "windows-1252-bytes", "as-it-was-read"
_OF_A_MAC = re.compile(rb"[a-z]\xd5(s|t|m|d|re|ve|ll)\b")
_OF_WINDOWS = re.compile(rb"[a-z]\x92(s|t|m|d|re|ve|ll)\b")
_CHUNK, _SAMPLE = 1 << 20, 1 << 16
_CONTROLS = bytes(range(9)) + bytes(range(14, 27))


@dataclass(frozen=True, slots=True)
class Coding:
    """An encoding, what to do with bytes that it does not have, and what there is to say of it.

    ``mark`` is the byte order mark that the file begins with.
    """

    name: str
    errors: str = "strict"
    note: str | None = None
    mark: bytes = b""

    def encoded(self, text: str) -> bytes:
        """The bytes that are read as this text; a character that there is none for as its escape.

        They have no mark, which stands before the whole file alone.
        """
        name = codecs.lookup(self.name).name
        if name in ("utf-16", "utf-32"):
            big = self.mark[:1] in (b"\0", b"\xfe") if self.mark else sys.byteorder == "big"
            name += "-be" if big else "-le"
        return text.encode("utf-8" if name == "utf-8-sig" else name, _BACK)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    found = error.object[error.start : error.end]
    text = "".join(
        bytes([byte]).decode("latin-1" if byte in b"\x81\x8d\x8f\x90\x9d" else "cp1252")
        for byte in found
    )
    return text, error.end


def _as_read(error: UnicodeError) -> tuple[str | bytes, int]:
    """The byte of a character that only Windows-1252's unassigned bytes give, else an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if error.encoding in ("charmap", "cp1252") and character in "\x81\x8d\x8f\x90\x9d":
        return character.encode("latin-1"), error.start + 1
    return character.encode("ascii", "backslashreplace").decode(), error.start + 1


codecs.register_error(_ERRORS, _as_windows_1252)
codecs.register_error(_BACK, _as_read)


def coding(stream: io.BufferedReader, name: str, asked: str | None = None) -> Coding:
    """The encoding of a stream that is read to its end for it; ``name`` is for messages.

    Raises TableError for what is no text. Where valid UTF-8 outweighs bytes that are none, those
    bytes alone are taken for Windows-1252.
    """
    first = stream.read(_CHUNK)
    mark, marked = next((one for one in _MARKS if first.startswith(one[0])), (b"", None))
    if asked is not None:
        if marked is not None and _plain(asked) in _plain(marked):
            return Coding(marked, mark=mark)
        return Coding(asked)
    if marked is not None:
        if marked == "utf-8-sig":
            return Coding(marked, _ERRORS, mark=mark)
        return Coding(marked, note=f"read as {marked.upper()}, as its mark says", mark=mark)
    if wide := _wide(first):
        return Coding(wide, note=f"read as {wide.upper()}, which has no mark of its own here")
    good, bad = _weigh(first, stream)
    if _is_binary(first, strange=_CONTROLS if bad else b"\0"):
        raise TableError(f"{name} is no text: it holds bytes that no text has; want csv or JSON")
    if not bad:
        return Coding("utf-8", _ERRORS)
    if good > bad:
        return Coding(
            "utf-8", _ERRORS, f"bytes that are not UTF-8 ({bad:,}) are read as Windows-1252"
        )
    if _OF_A_MAC.search(first) and not _OF_WINDOWS.search(first):
        return Coding("mac-roman", note="not UTF-8: read as Mac Roman, by its apostrophes")
    return Coding("cp1252", _ERRORS, "not UTF-8: read as Windows-1252")


def _plain(name: str) -> str:
    plain = name.lower().replace("_", "").replace("-", "")
    return plain.removesuffix("le").removesuffix("be") if plain.startswith("utf") else plain


def _wide(first: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of a western text is 0."""
    first = first[:_SAMPLE]
    pairs = len(first) // 2
    if pairs < 2:
        return None
    low, high = first[1 : 2 * pairs : 2].count(0), first[0 : 2 * pairs : 2].count(0)
    if low > 0.4 * pairs and high == 0:
        return "utf-16-le"
    if high > 0.4 * pairs and low == 0:
        return "utf-16-be"
    return None


def _is_binary(first: bytes, strange: bytes) -> bool:
    """Whether more than a few bytes are among the strange ones."""
    return len(first) - len(first.translate(None, strange)) > max(4, len(first) // 50)


def _weigh(first: bytes, stream: io.BufferedReader) -> tuple[int, int]:
    """Bytes behind the first of each character of UTF-8, and bytes that are not UTF-8."""
    good, bad, chunk, rest = 0, 0, first, b""
    while chunk:
        following = stream.read(_CHUNK)
        if rest or not chunk.isascii():
            held = rest + chunk
            try:
                text, used = codecs.utf_8_decode(held, "strict", not following)
            except UnicodeDecodeError:
                text, used = codecs.utf_8_decode(held, "surrogateescape", not following)
                bad += sum("\udc80" <= character <= "\udcff" for character in text)
            good += used - len(text)
            rest = held[used:]
        chunk = following
    return good, bad


def text_of(stream: io.BufferedReader, found: Coding) -> io.TextIOWrapper:
    """The stream's text, its line ends as they are."""
    return io.TextIOWrapper(stream, encoding=found.name, errors=found.errors, newline="")
