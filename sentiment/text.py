"""Text to token ids, with each token's span in the person's own text.

Splits as the Penn Treebank, SST and GloVe do ("don't" is "do n't", "it's" is "it 's",
punctuation stands apart, "..." and "--" and emoticons stay whole). Everything is one Hugging
Face tokenizer, so tokenizer.json alone reproduces it in any language that has `tokenizers`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import PreTokenizer

from sentiment.errors import SentimentError
from sentiment.normalization import NORMALIZER
from sentiment.splitting import FOREIGN
from sentiment.values import Encoding, Token
from sentiment.word_ids import WordIds

PADDING, UNKNOWN = "<pad>", "<unk>"
PADDING_ID, UNKNOWN_ID = 0, 1

_END = r"(?![\p{L}\p{N}\p{M}])"
_CLITIC = rf"(?:s|re|ve|ll|d|m){_END}"
_ALNUM = r"[\p{L}\p{N}\p{M}]"
_ABBREVIATIONS = "mr|mrs|ms|dr|vs|etc|jr|sr|st|bros|inc|prof|vol"
_FLAG = r"[\x{1f1e6}-\x{1f1ff}]"

_TOKEN = "|".join(
    (
        rf"@user{_END}|https?://\S+",
        r"[:;=]'?[-o^']?(?:[)(\]\[/\\|@*]|[dpo3]" + _END + r")|</?3(?!\d)",  # emoticons
        r"(?<!\S)(?:[()][:;=]|\^_*\^|-_+-|[o0]_+[o0])(?!\S)",
        r"\.{3}|--|``|''",
        rf"n't{_END}|'{_CLITIC}|'(?:em|til|tis|twas|n'|\d0s){_END}",
        rf"(?:\p{{L}}\.){{2,}}(?!\.)|(?:{_ABBREVIATIONS})\.(?!\.)(?=\s*\S)",
        rf"{_ALNUM}+?(?=n't{_END})|can(?=not{_END})",
        r"\d+(?:[.,:]\d+)+",
        rf"{_ALNUM}+(?:(?:[-/]|'(?!{_CLITIC})){_ALNUM}+)*",
        rf"{_FLAG}{{2}}|\p{{So}}",  # a flag, an emoji
        r"\S",
    )
)

# What belongs to the token before it: accents, an emoji's skin tone, an entity's end.
_TAIL = re.compile(
    "(?:[\u0300-\u036f\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff]"
    "|\u200d[\u2600-\u27bf\U0001f000-\U0001faff]|(?<=&)#?\\w+;)+"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


_SPLITTER = pre_tokenizers.Split(Regex(_TOKEN), behavior="removed", invert=True)
TREEBANK = "treebank"
RULES = (TREEBANK, *FOREIGN)
"""Names of the rules by which a text is split."""


def new_tokenizer(words: Iterable[str], rule: str = TREEBANK) -> Tokenizer:
    """A tokenizer whose vocabulary is padding, unknown, then ``words`` in their order.

    Raises SentimentError for a rule that is not in ``RULES``.
    """
    if rule not in RULES:
        raise SentimentError(f"a rule is one of {', '.join(RULES)}, got {rule!r}")
    vocabulary = {PADDING: PADDING_ID, UNKNOWN: UNKNOWN_ID}
    for word in words:
        vocabulary.setdefault(word, len(vocabulary))
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer, tokenizer.pre_tokenizer = FOREIGN.get(rule, (NORMALIZER, _SPLITTER))
    return tokenizer


def words(text: str) -> list[str]:
    """The normalised words of ``text``, known to a vocabulary or not."""
    normalized = NORMALIZER.normalize_str(_encodable(text))
    return [word for word, _ in _SPLITTER.pre_tokenize_str(normalized)]


_EARLIER_RULES = ("bca51bf65c6996a8e26d3b30cc23c39b",)
"""Digests of rules that finished models have, and that do not look across blanks either."""


class TextEncoder:
    """Texts to ids and spans, and the tokenizer file on disk.

    ``vocabulary`` is the tokenizer's, for who has it at hand: asked for, it is made anew each time.
    """

    def __init__(self, tokenizer: Tokenizer, vocabulary: Mapping[str, int] | None = None) -> None:
        for name, wanted in ((PADDING, PADDING_ID), (UNKNOWN, UNKNOWN_ID)):
            if (got := tokenizer.token_to_id(name)) != wanted:
                raise SentimentError(f"the tokenizer must give {name!r} the id {wanted}, got {got}")
        if not isinstance(tokenizer.model, models.WordLevel):
            raise SentimentError(
                f"the tokenizer must be of whole words (WordLevel), got {tokenizer.model}"
            )
        ids = sorted((vocabulary or tokenizer.get_vocab()).values())
        if ids != list(range(len(ids))):
            raise SentimentError(f"the tokenizer's ids must be 0 to {len(ids) - 1}, each once")
        if tokenizer.model.unk_token != UNKNOWN:
            raise SentimentError(
                f"the tokenizer's unknown word must be {UNKNOWN!r}, "
                f"got {tokenizer.model.unk_token!r}"
            )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.tokenizer = tokenizer
        self._words = WordIds(tokenizer, UNKNOWN_ID) if _is_of_these_rules(tokenizer) else None

    @classmethod
    def from_file(cls, path: Path) -> TextEncoder:
        """Read a tokenizer.json. Raises SentimentError where it is damaged or of another kind."""
        try:
            tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
        except OSError:
            raise
        except Exception as error:  # the library raises bare Exception
            raise SentimentError(f"not a tokenizer file: {error}") from error
        return cls(tokenizer)

    def save(self, path: Path) -> None:
        """Write tokenizer.json, without indentation."""
        path.write_text(self.tokenizer.to_str(pretty=False), encoding="utf-8")

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, padding and unknown included."""
        return int(self.tokenizer.get_vocab_size())

    def word_id(self, word: str) -> int:
        """The id of a normalised word; that of "unknown" where the vocabulary lacks it."""
        found = self.tokenizer.token_to_id(word)
        return UNKNOWN_ID if found is None else int(found)

    def encode(self, text: str) -> Encoding:
        """Ids and tokens of one text; none for a text without a visible character."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Encoding]:
        """The same for many texts, faster than one by one."""
        encoded = self.tokenizer.encode_batch(
            [_encodable(text) for text in texts], add_special_tokens=False
        )
        return [
            Encoding(
                text,
                tuple(one.ids),
                tuple(_tokens(text, one.ids, one.offsets)),
            )
            for text, one in zip(texts, encoded, strict=True)
        ]

    def ids_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids alone, for scoring and training, where spans would be waste."""
        given = [_encodable(text) for text in texts]
        if self._words is not None:
            return self._words.ids_batch(given)
        encoded = self.tokenizer.encode_batch_fast(given, add_special_tokens=False)
        return [one.ids for one in encoded]


def _is_of_these_rules(tokenizer: Tokenizer) -> bool:
    """Whether it cuts and rewrites texts as ``new_tokenizer``'s do, or did; others may not."""
    plain = tokenizer.post_processor is None and not tokenizer.get_added_tokens_decoder()
    if not plain or None in (tokenizer.normalizer, tokenizer.pre_tokenizer):
        return False
    rules = _digest(tokenizer.normalizer, tokenizer.pre_tokenizer)
    return rules in (_digest(NORMALIZER, _SPLITTER), *_EARLIER_RULES)


def _digest(normalizer: Normalizer, pre_tokenizer: PreTokenizer) -> str:
    content = normalizer.__getstate__() + pre_tokenizer.__getstate__()
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _tokens(text: str, ids: Sequence[int], offsets: Sequence[tuple[int, int]]) -> Iterator[Token]:
    """Tokens with their spans, each with what the normaliser took away behind it."""
    followers = [*(start for start, _ in offsets[1:]), len(text)][: len(offsets)]
    for index, (start, end), limit in zip(ids, offsets, followers, strict=True):
        if end < limit and (tail := _TAIL.match(text, end, limit)):
            end = tail.end()
        yield Token(text[start:end], start, end, known=index != UNKNOWN_ID)


def _encodable(text: str) -> str:
    """``text`` with each lone surrogate, which UTF-8 cannot carry, replaced one for one.

    Raises TypeError for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a text must be a str, got {type(text).__name__}")
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)
