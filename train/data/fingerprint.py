"""Knowing texts again that a model has learnt from, without keeping them."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable

SIZE = 256


def digest(text: str) -> str:
    """The first 16 hex digits of a text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def number(text: str) -> int:
    """The same digits as a number."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")


def fingerprint(texts: Iterable[str], size: int = SIZE) -> tuple[str, ...]:
    """The least ``size`` digests: a fair sample of the texts (Broder 1997, min-wise hashing)."""
    return least({number(text) for text in texts}, size)


def least(numbers: Iterable[int], size: int = SIZE) -> tuple[str, ...]:
    """The fingerprint of texts by their distinct numbers."""
    return tuple(f"{one:016x}" for one in heapq.nsmallest(size, numbers))


def share_known(sample: tuple[str, ...], texts: Iterable[str]) -> float:
    """Share of a fingerprint's texts that are among ``texts``."""
    if not sample:
        return 0.0
    there = {digest(text) for text in texts}
    return sum(one in there for one in sample) / len(sample)
