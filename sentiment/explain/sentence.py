"""The sentence in words: what an account found, in a small language in which all is so."""

from __future__ import annotations

from collections.abc import Sequence

from sentiment.values import Encoding, RunningVerdict, Turn

POOLS = {"max": "max-pool", "mean": "mean-pool"}


def sentence(
    encoding: Encoding,
    odds: Sequence[float],
    reading: str,
    count: int,
    last: Turn | None,
    earlier: Turn | None,
) -> str:
    """What ``count`` turns made of a text that ends as ``reading``; ``odds`` (T + 1,)."""
    if len(odds) == 2:
        return f"“{encoding.text_of(0, 1)}” alone reads {reading} ({odds[1]:.2f})."
    if last is None:
        low, high = min(odds[1:]), max(odds[1:])
        return (
            f"Nothing turned it: it reads {reading} after every word, "
            f"between {low:.2f} and {high:.2f}."
        )
    if last.end == 1 and last.kind not in ("close", "small"):
        word = encoding.text_of(0, 1)
        return f"“{word}” alone makes it {reading} ({last.after:.2f}); nothing after changes that."
    told = _clause(encoding, last) + _evidence(encoding, last, len(odds) - 1)
    if last.part is not None:
        told += f"; most of that step came through the {POOLS[last.part]}"
    if earlier is not None:
        name = _name(encoding, earlier)
        told = f"“{name}” made it {earlier.reading} ({earlier.after:.2f}), then {told}"
    if count > 2 or (count == 2 and earlier is None):
        times = "twice" if count == 2 else f"{count} times"
        told = f"it turned {times}; in the end {told}"
    return told[0].upper() + told[1:] + "."


def largest_step(
    encoding: Encoding, running: RunningVerdict, spoken: Sequence[int], target: str
) -> str:
    """For more than two labels: the word, of the tokens ``spoken``, that moved one logit most."""
    logits = [running.bias, *running.logits.tolist()]  # (T + 1,)
    if not spoken:
        return f"There is no word: the marks make the logit of “{target}” {_signed(logits[-1])}."
    token = max(spoken, key=lambda t: abs(logits[t + 1] - logits[t]))
    word = encoding.text_of(token, token + 1)
    moved = f"from {_signed(logits[token])} to {_signed(logits[token + 1])}"
    return f"Of the words “{word}” moved the logit of “{target}” furthest, {moved}."


def _clause(encoding: Encoding, turn: Turn) -> str:
    """That the verdict turned, from where to where; before the first word there is none to turn."""
    ahead = " before any word" if turn.start == 0 else ""
    turned = "turned it" if turn.start else "made it"
    moved = f"from {turn.before:.2f}{ahead} to {turn.after:.2f}"
    if turn.kind == "small":
        return f"it slid to {turn.reading}, {moved}, a step too small to name a word for"
    if turn.kind == "close":
        became = "turned" if turn.start else "became"
        mark = encoding.text_of(turn.end - 1, turn.end)
        return f"it {became} {turn.reading} at the mark “{mark}”, {moved}"
    return f"“{_name(encoding, turn)}” {turned} {turn.reading}, {moved}"


def _evidence(encoding: Encoding, turn: Turn, count: int) -> str:
    """What the words read by themselves, of a text of ``count`` tokens."""
    word = encoding.text_of(turn.end - 1, turn.end)
    if turn.kind == "word":
        return f": the word alone reads {turn.alone:.2f}"
    if turn.kind == "against":
        return f", though the word alone reads {turn.alone:.2f}: those before turn it"
    if turn.together is None:
        return ""
    if (turn.start, turn.end) == (0, count):  # the phrase is the text
        return "" if turn.alone is None else f", though “{word}” alone reads {turn.alone:.2f}"
    if turn.kind == "pair":
        told = f": side by side these words read {turn.together:.2f}"
    else:
        told = f": the phrase alone reads {turn.together:.2f}"
    return told if turn.alone is None else f"{told}, “{word}” alone {turn.alone:.2f}"


def _name(encoding: Encoding, turn: Turn) -> str:
    """The words of a turn as the person wrote them; of a pair, with what it leaves out."""
    if turn.negator is None:
        return encoding.text_of(turn.start, turn.end)
    return f"{encoding.text_of(*turn.negator)} … {encoding.text_of(turn.token, turn.end)}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
