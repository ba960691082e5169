"""An explanation's plain JSON values as one self-contained HTML page.

The page is drawn from the JSON alone, which it carries inside: whoever opens the file offline
sees what was seen, and ``render(document)`` of the carried JSON gives the same bytes again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from sentiment.palette import DOCUMENT_CSS
from sentiment.report_tables import (
    faithfulness,
    interactions,
    number,
    numbers,
    phrases,
    reach,
)

STRIP_CSS = """
.token-strip { display: flex; flex-wrap: wrap; gap: .3rem; }
.token-strip .token { display: flex; flex-direction: column; align-items: center;
  min-width: 3.4rem; max-width: 100%; padding: .3rem .4rem; border: 1px solid var(--line);
  border-radius: .4rem; background: var(--card); color: var(--ink); }
.token-strip .token:focus-visible { outline: 3px solid var(--positive); outline-offset: 1px; }
.token-strip .word { font-weight: 600; overflow-wrap: anywhere; white-space: pre-wrap; }
.token-strip .unknown .word { font-style: italic; text-decoration: underline dotted; }
.token-strip .lane { position: relative; width: 1.8rem; height: 2.2rem; margin-top: .2rem;
  border-bottom: 1px solid var(--line); }
.token-strip .lane.signed { border-bottom: 0; }
.token-strip .lane.signed::after { content: ""; position: absolute; inset: 50% 0 auto;
  border-top: 1px solid var(--line); }
.token-strip .bar { position: absolute; inset: auto 0 0; background: var(--quiet); }
.token-strip .bar.positive { inset: auto 0 50%; background: var(--positive); }
.token-strip .bar.negative { inset: 50% 0 auto; background: var(--negative); }
.token-strip .key { align-items: end; border-color: transparent; background: none; }
.token-strip .key .lane { display: flex; align-items: end; justify-content: end; width: 6.5rem;
  border: 0; font-size: .8rem; line-height: 1.1; text-align: right; }
.token-strip small { font-size: .72rem; line-height: 1.2; color: var(--quiet);
  font-variant-numeric: tabular-nums; }
"""

PAGE_CSS = """
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
blockquote { margin: .4rem 0; padding: .4rem .8rem; border-left: 4px solid var(--quiet);
  background: var(--card); white-space: pre-wrap; overflow-wrap: anywhere; }
.verdict strong { font-size: 1.6rem; }
.verdict .positive { color: var(--positive); } .verdict .negative { color: var(--negative); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .15rem .5rem; border-bottom: 1px solid var(--line); text-align: right;
  font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; white-space: pre-wrap; }
.note, figcaption { font-size: .85rem; color: var(--quiet); } figure { margin: 0; }
svg { width: 100%; max-width: 60rem; } polyline { fill: none; stroke: var(--quiet);
  stroke-width: 2.5; } circle { fill: var(--ink); } circle.flip { fill: var(--negative); }
.zone { fill: var(--zone); }
"""


def token_strip(document: Mapping[str, Any]) -> str:
    """The tokens with one row of bars for each lane of the document's strip, as HTML.

    Bars of one unit share one scale, which ``scales`` tells. The first item names the rows.
    """
    chosen = _chosen(document)
    full = scales(chosen)
    items = []
    for index, token in enumerate(document["tokens"]):
        cells, said = [], [token["text"]]
        for lane in chosen:
            score = lane["scores"][index]
            shown = number(score, signed=lane["signed"])
            said.append(f"{lane['name']} {shown}")
            cells.append(_lane(lane, score, full[lane["unit"]], shown))
        if not token["known"]:
            said.insert(1, "unknown to the model")
        items.append(
            f'<div class="token{"" if token["known"] else " unknown"}" role="listitem" '
            f'tabindex="0" data-index="{index}" data-start="{int(token["start"])}" '
            f'data-end="{int(token["end"])}" aria-label="{escape("; ".join(said))}">'
            f'<span class="word">{escape(token["text"])}</span>{"".join(cells)}</div>'
        )
    names = "".join(
        f'<span class="lane">{escape(lane["name"])}</span><small>{escape(lane["unit"])}</small>'
        for lane in chosen
    )
    key = f'<div class="token key" aria-hidden="true"><span class="word">&nbsp;</span>{names}</div>'
    return f'<div class="token-strip" role="list">{key}{"".join(items)}</div>'


def _chosen(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [lane for lane in document["lanes"] if lane["name"] in document["strip"]]


def scales(lanes: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The largest size of a score in each unit, which is a bar at full height."""
    full: dict[str, float] = {}
    for lane in lanes:
        largest = max((abs(score) for score in lane["scores"]), default=0.0)
        full[lane["unit"]] = max(full.get(lane["unit"], 0.0), largest)
    return full


def embed_json(document: Mapping[str, Any]) -> str:
    """JSON in ASCII that no HTML parser can mistake for markup."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def render(document: Mapping[str, Any]) -> str:
    """The page of a document that ``Explanation.to_dict`` made, in UTF-8 text."""
    title = f"{document['label']}: {document['text'][:60]}"
    body = "".join(section(document) for section in _SECTIONS)
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{DOCUMENT_CSS}{STRIP_CSS}{PAGE_CSS}</style></head>"
        f"<body><h1>How the network read it</h1>{body}"
        f'<script type="application/json" id="explanation">{embed_json(document)}</script>'
        "</body></html>\n"
    )
    return page.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no text


def framed(page: str) -> str:
    """A page in a frame of its own, for a notebook: its style stays within, nothing in it runs."""
    return (
        f'<iframe sandbox srcdoc="{escape(page)}" title="How the network read it" '
        'style="width: 100%; height: 30rem; border: 0"></iframe>'
    )


def _lane(lane: Mapping[str, Any], score: float, full: float, shown: str) -> str:
    height = 100 * abs(score) / full if full > 0 else 0.0
    sign, height = _sign(lane, score), height / 2 if lane["signed"] else height
    return (
        f'<span class="lane{" signed" if lane["signed"] else ""}" '
        f'data-lane="{escape(lane["name"])}" title="{escape(lane["name"])} {shown}">'
        f'<span class="bar{sign}" style="height:{height:.1f}%"></span></span>'
        f"<small>{shown}</small>"
    )


def _sign(lane: Mapping[str, Any], score: float) -> str:
    if not lane["signed"] or score == 0:
        return ""
    return " positive" if score > 0 else " negative"


def _verdict(document: Mapping[str, Any]) -> str:
    label, leaning = document["label"], document["leaning"]
    tone = "" if label != leaning else "positive" if label == document["target"] else "negative"
    probability = document["probability"]
    if probability is None:
        probability = document["probabilities"][document["labels"].index(document["target"])]
    beside = f", leaning to {leaning}" if label != leaning else ""
    return (
        f"<blockquote>{escape(document['text'])}</blockquote>"
        f'<p class="verdict"><strong class="{tone}">'
        f"{escape(label)}</strong>{escape(beside)}: probability of "
        f"“{escape(document['target'])}” {number(probability)}, "
        f"logit {number(document['logit'], signed=True)}</p>"
        f"<p>{escape(document['account']['sentence'])}</p>{_mechanism(document)}"
        f'<p class="note">weights: {escape(document["revision"])}</p>'
    )


def _mechanism(document: Mapping[str, Any]) -> str:
    ablation = document["state_ablation"]
    return f"<p>{escape(ablation['sentence'])}</p>" if ablation else ""


def _words(document: Mapping[str, Any]) -> str:
    chosen = _chosen(document)
    full = scales(chosen)
    legend = "".join(
        f"<li><b>{escape(lane['name'])}</b>: full height {number(full[lane['unit']])} "
        f"{escape(lane['unit'])}{', blue adds, orange takes' if lane['signed'] else ', no sign'}"
        f"{_runs(lane)}</li>"
        for lane in chosen
    )
    gradients = document["integrated_gradients"]
    kept = abs(gradients["residual"]) <= gradients["tolerance"]
    return (
        f"<h2>Word by word</h2>{token_strip(document)}"
        f'<ol class="note">{legend}</ol><p class="note">Integrated gradients against the '
        f"{escape(gradients['baseline'])} baseline (logit "
        f"{number(gradients['baseline_logit'], signed=True)}), {gradients['steps']} steps, "
        f"residual {number(gradients['residual'], signed=True, digits=5)}: completeness "
        f"{'holds' if kept else 'does not hold'} within {number(gradients['tolerance'])}.</p>"
    )


def _runs(lane: Mapping[str, Any]) -> str:
    return f", one score for {lane['run']} words, shared equally" if lane["run"] > 1 else ""


def _running(document: Mapping[str, Any]) -> str:
    probabilities, tokens = document["running"]["probabilities"], document["tokens"]
    start = document["account"]["start"]
    flips = document["running"]["flips"] if start is None else document["account"]["turns"]
    before = [start, *probabilities]
    step, height = 640 / len(probabilities), 150
    target = escape(document["target"])
    zone, said = "", ""
    if len(document["labels"]) == 2:
        third = f"{height / 3:.1f}"
        zone = f'<rect class="zone" x="0" y="{third}" width="640" height="{third}"/>'
        said = "; the band is one third to two thirds"
    places = [(step * (i + 0.5), height * (1 - p)) for i, p in enumerate(probabilities)]
    dots = "".join(
        f'<circle class="{"flip" if i in flips else "step"}" cx="{x:.1f}" cy="{y:.1f}" '
        f'r="{7 if i in flips else 4}"><title>after “{escape(tokens[i]["text"])}”: '
        f"{number(probabilities[i])}</title></circle>"
        for i, (x, y) in enumerate(places)
    )
    turns = "".join(
        f"<li>“{escape(tokens[i]['text'])}” turns the verdict: “{target}” goes from "
        f"{number(before[i])} to {number(probabilities[i])}</li>"
        for i in flips
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return (
        f'<h2>Running verdict</h2><figure><svg viewBox="0 -8 640 166" role="img" '
        f'aria-label="probability of {target} after each word">{zone}'
        f'<polyline points="{line}"/>{dots}</svg><figcaption>Probability of “{target}” after '
        f"each word, 0 to 1{said}.</figcaption></figure>"
        f"{f'<ul>{turns}</ul>' if turns else ''}"
    )


_SECTIONS = (
    _verdict,
    _words,
    _running,
    interactions,
    numbers,
    phrases,
    reach,
    faithfulness,
)
