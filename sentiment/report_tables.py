"""The tables of an explanation's page, drawn as HTML from its plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def number(value: float | None, *, signed: bool = False, digits: int = 3) -> str:
    """A number for reading, with a true minus; a dash for none."""
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return text.replace("-", "−")


def numbers(document: Mapping[str, Any]) -> str:
    """Every lane, word by word, with the logit after each word."""
    ledger, running = document["ledger"], document["running"]
    columns: list[tuple[str, Sequence[float | None], bool]] = [
        ("logit after it", running["logits"], True),
        *((f"{x['name']}, {x['unit']}", x["scores"], x["signed"]) for x in document["lanes"]),
    ]
    rows = [
        [escape(token["text"]), *(number(c[i], signed=s) for _, c, s in columns)]
        for i, token in enumerate(document["tokens"])
    ]
    heads = ["word", *(escape(name) for name, _, _ in columns)]
    return (
        f"<h2>Every number</h2>{_table(heads, rows)}"
        f'<p class="note">The ledger’s parts and the bias {number(ledger["bias"], signed=True)} '
        f"sum to the logit; residual {ledger['residual']:.1e}.</p>"
    )


def interactions(document: Mapping[str, Any]) -> str:
    """Pairs of words that change each other; nothing where the document has none."""
    text, tokens = document["text"], document["tokens"]

    def words(span: Sequence[int]) -> str:
        return escape(text[tokens[span[0]]["start"] : tokens[span[1] - 1]["end"]])

    rows = [
        [
            f"{words(one['first'])}{' … ' if one['first'][1] < one['second'][0] else ' + '}"
            f"{words(one['second'])}",
            number(one["logit"], signed=True),
            number(one["first_logit"], signed=True),
            number(one["second_logit"], signed=True),
            number(one["interaction"], signed=True),
        ]
        for one in document.get("interactions", [])[:10]
    ]
    if not rows:
        return ""
    heads = ["words", "read together", "first alone", "second alone", "interaction"]
    return (
        f"<h2>Words that change each other</h2>{_table(heads, rows)}"
        '<p class="note">Each read by the model as a text of its own, in logits; the interaction '
        "is the first number less the two after it.</p>"
    )


def phrases(document: Mapping[str, Any]) -> str:
    """Phrases read alone in the order they join; nothing where the document has none."""
    if document.get("hierarchy") is None:
        return ""
    text, tokens = document["text"], document["tokens"]
    rows = [
        [
            escape(text[tokens[node["start"]]["start"] : tokens[node["end"] - 1]["end"]]),
            number(node["score"], signed=True),
            number(node["joint"], signed=True),
        ]
        for node in document["hierarchy"]["nodes"]
        if node["children"]
    ]
    if not rows:
        return ""
    return (
        "<h2>Phrases read alone, in the order they join</h2>"
        f"{_table(['phrase', 'logit', 'beyond its halves'], rows)}"
        '<p class="note">What the model reads in each phrase as a text of its own; neighbours join '
        "that change each other most when read together.</p>"
    )


def reach(document: Mapping[str, Any]) -> str:
    """Gradient reach, word by word; nothing where the document has none."""
    reach = document.get("gradient_reach")
    if reach is None:
        return ""
    columns = [
        ("‖∂z/∂x‖", reach["full"]),
        ("LSTM ‖∂(w·h_T)/∂c‖, all paths", reach["cell"]),
        ("LSTM, by forget gates alone", reach["forget"]),
        ("RNN twin ‖∂z/∂x‖", reach["twin_full"]),
        ("RNN hidden path", reach["twin_hidden"]),
    ]
    present = [(name, values) for name, values in columns if values is not None]
    rows = [
        [escape(token["text"]), *(f"{values[i]:.2e}" for _, values in present)]
        for i, token in enumerate(document["tokens"])
    ]
    return (
        f"<h2>Gradient reach</h2>{_table(['word', *(name for name, _ in present)], rows)}"
        f'<p class="note">{escape(reach["note"])}</p>'
    )


def faithfulness(document: Mapping[str, Any]) -> str:
    """Methods against random rankings; nothing where the document has none."""
    found = document.get("faithfulness")
    if found is None:
        return ""
    rows = [
        [
            escape(method["name"]),
            number(method["comprehensiveness"], signed=True),
            f"{method['comprehensiveness_percentile']:.0f}",
            number(method["sufficiency"], signed=True),
            f"{method['sufficiency_percentile']:.0f}",
        ]
        for method in found["methods"]
    ]
    heads = ["method", "comprehensiveness", "beats % of random", "sufficiency", "beats % of random"]
    return (
        f"<h2>Faithfulness</h2>{_table(heads, rows)}"
        f'<p class="note">Change of the probability of “{escape(found["label"])}” when the '
        f"highest-ranked words go (higher is better) or alone stay (lower is better), against "
        f"{len(found['random_comprehensiveness'])} random rankings. Contextual "
        "decomposition is judged in texts of up to 24 words. Not comparable across models.</p>"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
