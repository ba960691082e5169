"""What a person may say of a file, and what is guessed where nothing is said."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from sentiment.tables.errors import TableError

DELIMITER_NAMES = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "blank": " ",
}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file of text; None leaves it to the file's own content.

    ``encoding`` is a codec's name, ``delimiter`` one character or its name (comma, semicolon, tab,
    pipe, blank), ``header`` False for a table whose first line is data already (its columns are
    then named "1", "2" ...), ``sheet`` a sheet of a workbook, ``skip_rows`` how many lines of a
    table or rows of a sheet stand above the header. ``most_characters`` bounds what a source may
    hold in all once it is unpacked and decoded. Raises TableError for an encoding there is none
    of, for a delimiter of several characters and for a negative number of rows.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: bool = True
    sheet: str | None = None
    most_characters: int | None = None
    skip_rows: int | None = None

    def __post_init__(self) -> None:
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
                b"".decode(self.encoding)
            except (LookupError, ValueError) as error:
                raise TableError(
                    f"no encoding {self.encoding!r}; want one such as utf-8, cp1252 or utf-16"
                ) from error
        if self.skip_rows is not None and self.skip_rows < 0:
            raise TableError(f"rows to skip are 0 or more, got {self.skip_rows}")
        if self.delimiter is not None:
            named = DELIMITER_NAMES.get(self.delimiter.lower(), self.delimiter)
            if len(named) != 1 or named in '\r\n"':
                raise TableError(
                    f"a delimiter is one character, or {', '.join(DELIMITER_NAMES)}, "
                    f"got {self.delimiter!r}"
                )
            object.__setattr__(self, "delimiter", named)
