"""Every reader of rows: one set of rules for scoring, the page and training.

``open_source`` tells what a file is by its content, how its bytes are text and how its lines are
fields; ``ReadOptions`` says otherwise. A new kind of file is a ``Source`` and a line in ``kinds``.
"""

from sentiment.tables.containers import PACKED
from sentiment.tables.dialect import DELIMITERS, NAMES
from sentiment.tables.errors import TableError
from sentiment.tables.kinds import ENDINGS, kind_of, open_files, open_source
from sentiment.tables.options import ReadOptions
from sentiment.tables.preview import Preview, preview
from sentiment.tables.rows import MISSING, ObjectRows, Row, Rows, TextRows, Window, paths
from sentiment.tables.source import Source
from sentiment.tables.spelling import Spelling

__all__ = [
    "DELIMITERS",
    "ENDINGS",
    "MISSING",
    "NAMES",
    "PACKED",
    "ObjectRows",
    "Preview",
    "ReadOptions",
    "Row",
    "Rows",
    "Source",
    "Spelling",
    "TableError",
    "TextRows",
    "Window",
    "kind_of",
    "open_files",
    "open_source",
    "paths",
    "preview",
]
