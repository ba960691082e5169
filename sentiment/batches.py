"""Batches of texts of like length, so that little of a padded rectangle is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentiment.cancellation import check_cancelled


def length_batches(
    lengths: Sequence[int],
    *,
    most_tokens: int | None = None,
    most_texts: int | None = None,
    order: Sequence[int] | None = None,
) -> Iterator[list[int]]:
    """Indexes of texts in batches, each within both limits, or a single text that is beyond them.

    ``lengths`` counts every text's tokens; ``most_tokens`` bounds a batch with its padding,
    ``most_texts`` the number of its texts. Batches are consecutive parts of ``order``, by default
    from the shortest text to the longest. Between them work that is cancelled ends
    (``sentiment.cancellation``).
    """
    if order is None:
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batch: list[int] = []
    widest = 0
    for index in order:
        wider = max(widest, lengths[index])
        full = most_texts is not None and len(batch) >= most_texts
        if batch and (full or (most_tokens is not None and (len(batch) + 1) * wider > most_tokens)):
            check_cancelled()
            yield batch
            batch, wider = [], lengths[index]
        batch.append(index)
        widest = wider
    if batch:
        check_cancelled()
        yield batch


WINDOW_TOKENS, WINDOW_TEXTS = 1 << 17, 1 << 13


def windows(lengths: Sequence[int]) -> Iterator[range]:
    """Consecutive indexes of texts, so many at once that memory does not grow with their number.

    ``lengths`` counts every text's tokens; a text beyond ``WINDOW_TOKENS`` is a window alone.
    """
    start, held = 0, 0
    for index, length in enumerate(lengths):
        full = index - start >= WINDOW_TEXTS or held + length > WINDOW_TOKENS
        if full and index > start:
            yield range(start, index)
            start, held = index, 0
        held += length
    if start < len(lengths):
        yield range(start, len(lengths))
