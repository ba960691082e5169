"""Named rules by which other libraries split a text into words, for models that come from there.

The package's own rule, "treebank", is in ``sentiment.text``.
"""

from __future__ import annotations

from tokenizers import Regex, normalizers, pre_tokenizers
from tokenizers.normalizers import Lowercase, Normalizer, Replace
from tokenizers.pre_tokenizers import PreTokenizer, Split, WhitespaceSplit

_BASIC_ENGLISH = (
    (r"'", " '  "),
    (r'"', ""),
    (r"\.", " . "),
    (r"<br />", " "),
    (r",", " , "),
    (r"\(", " ( "),
    (r"\)", " ) "),
    (r"!", " ! "),
    (r"\?", " ? "),
    (r"[;:]", " "),
)
_KERAS_FILTERS = r'[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~\t\n]'

FOREIGN: dict[str, tuple[Normalizer, PreTokenizer]] = {
    "whitespace": (normalizers.Sequence([]), WhitespaceSplit()),
    "lowercase": (normalizers.Sequence([Lowercase()]), WhitespaceSplit()),
    "basic_english": (
        normalizers.Sequence(
            [Lowercase(), *(Replace(Regex(old), new) for old, new in _BASIC_ENGLISH)]
        ),
        WhitespaceSplit(),
    ),
    "keras": (
        normalizers.Sequence([Lowercase(), Replace(Regex(_KERAS_FILTERS), " ")]),
        pre_tokenizers.Sequence([Split(" ", "removed")]),
    ),
}
"""By name: Python's ``text.split()``, ``text.lower().split()``, torchtext's ``basic_english`` and
Keras's ``text_to_word_sequence`` with its default filters."""
