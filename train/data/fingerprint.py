"""Knowing texts again that a model has learnt from, without keeping them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SIZE = 256


def digest(text: str) -> str:
    """The first 16 hex digits of a text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def fingerprint(texts: Iterable[str], size: int = SIZE) -> tuple[str, ...]:
    """The least ``size`` digests: a fair sample of the texts (Broder 1997, min-wise hashing)."""
    return tuple(sorted({digest(text) for text in texts})[:size])


def share_known(sample: tuple[str, ...], texts: Iterable[str]) -> float:
    """Share of a fingerprint's texts that are among ``texts``."""
    if not sample:
        return 0.0
    there = {digest(text) for text in texts}
    return sum(one in there for one in sample) / len(sample)
