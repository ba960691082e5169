"""The JSON is plain and whole; the page is drawn from it alone, escaped, and opens offline."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from sentiment import palette, report
from sentiment.classifier import SentimentClassifier
from sentiment.explanation import MATRICES, PARTS
from tests.explaining import TEXT, TEXTS, every_shape, shaped

NASTY = [
    "</script><script>alert(1)</script> good",
    "<img src=x onerror=alert(1)> not good",
    "\" onmouseover='alert(1)' x=\"",
    "<!-- <script> --> good & &amp; &lt;b&gt;",
    "{{constructor}} ${7*7} `good`",
    "]]> \u2028 \u2029 \x00 good \ud800",
    "javascript:alert(1) good",
    "http://a<img/src=x/onerror=alert(1)> good",  # one token
]


class Markup(HTMLParser):
    """Tags, attributes and texts of a page as a browser's parser finds them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        (self.scripts if self.tags[-1:] == ["script"] else self.texts).append(data)


def carried(html: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="explanation">(.*?)</script>', html)
    assert found
    document: dict[str, object] = json.loads(found.group(1))
    return document


@every_shape
@pytest.mark.parametrize("text", TEXTS)
def test_the_page_replays_identically(shape: str, text: str) -> None:
    explanation = shaped(shape).explain(text)
    document, html = explanation.to_dict(), explanation.to_html()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert carried(html) == document
    assert report.render(carried(html)) == html


def test_the_same_text_gives_the_same_bytes(shipped: SentimentClassifier) -> None:
    assert shipped.explain(TEXT).to_html() == shipped.explain(TEXT).to_html()


def test_the_json_holds_every_number() -> None:
    explanation = shaped("default").explain(TEXT)
    document = explanation.to_dict()
    assert document["logit"] == explanation.logit
    assert document["running"]["logits"] == explanation.running_logits.tolist()
    assert document["integrated_gradients"]["scores"] == (
        explanation.integrated_gradients.scores.tolist()
    )
    assert document["tokens"][0] == {"text": "the", "start": 0, "end": 3, "known": True}
    assert document["deletion"]["scores"] == explanation.deletion.scores.tolist()
    assert document["memory"]["shares"] == explanation.memory.shares.tolist()
    assert document["hierarchy"]["nodes"][-1]["score"] == explanation.hierarchy.nodes[-1].score
    names = [lane["name"] for lane in document["lanes"]]
    assert names == [lane.name for lane in explanation.token_scores()]
    for lane in document["lanes"]:
        assert {"name", "scores", "unit", "signed", "residual", "run"} == set(lane)
        assert len(lane["scores"]) == len(explanation.tokens)
    for part in PARTS[1:]:
        assert part in document
    assert "gates" not in document
    assert "kept" not in document["memory"]


def test_parts_on_request() -> None:
    explanation = shaped("default").explain("not good")
    read_panel = explanation.to_dict(())
    assert "deletion" not in read_panel
    assert [lane["name"] for lane in read_panel["lanes"]] == [
        lane.name for lane in explanation.lanes
    ]
    matrices = explanation.to_dict(MATRICES)
    assert matrices["gates"]["layers"][0]["forget"] == explanation.gates.forget.tolist()
    assert matrices["hidden_states"] == explanation.hidden_states.tolist()
    assert matrices["smallest_edit"]["text"] == explanation.smallest_edit.text
    assert report.render(read_panel)
    with pytest.raises(ValueError, match=r"parts must be among .* got \['magic'\]"):
        explanation.to_dict(["magic"])


def test_one_token_has_an_infinite_margin_which_json_lacks() -> None:
    explanation = shaped("default").explain("good")
    assert set(explanation.to_dict()["pooling"]["margins"]) == {None}


@pytest.mark.parametrize("text", NASTY)
def test_nothing_of_the_text_becomes_markup(text: str) -> None:
    classifier = shaped("default")
    html = classifier.explain(text).to_html()
    html.encode("utf-8")
    nasty, tame = Markup(html), Markup(classifier.explain("good").to_html())
    assert set(nasty.tags) <= set(tame.tags) | {"tr", "ul", "li"}
    assert nasty.tags.count("script") == 1
    assert not [name for name, _ in nasty.attributes if name.startswith("on")]
    assert {name for name, _ in nasty.attributes} <= {name for name, _ in tame.attributes}
    assert not {"src", "href", "action"} & {name for name, _ in nasty.attributes}
    assert not re.search(r"url\(|@import|https?:", html.split("<style>")[1].split("</style>")[0])
    visible = text.replace("\ud800", "?").replace("\x00", "\ufffd")
    page = "".join(nasty.texts).replace("\x00", "\ufffd")
    assert visible in page
    assert carried(html)["text"] == text


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_any_text_is_escaped(text: str) -> None:
    classifier = shaped("small")
    if not classifier.encoder.encode(text).tokens:
        return
    document = classifier.explain(text).to_dict(())
    html = report.render(document)
    html.encode("utf-8")
    assert carried(html) == document
    assert Markup(html).tags.count("script") == 1


def test_carried_json_holds_no_markup_at_all() -> None:
    text = report.embed_json({"text": "<!-- <script </script > & \u2028"})
    assert not set(text) & set("<>&")
    assert text.isascii()
    assert json.loads(text)["text"] == "<!-- <script </script > & \u2028"


def test_bars_of_one_unit_share_a_scale_and_the_sign_is_not_colour_alone() -> None:
    lanes = [
        {"name": "ledger", "scores": [1.0, -4.0], "unit": "logit", "signed": True},
        {"name": "deletion", "scores": [2.0, 0.0], "unit": "logit", "signed": True},
        {"name": "hidden norm", "scores": [3.0, 6.0], "unit": "‖h‖", "signed": False},
    ]
    assert report.scales(lanes) == {"logit": 4.0, "‖h‖": 6.0}
    tokens = [
        {"text": "a", "start": 0, "end": 1, "known": True},
        {"text": "b", "start": 2, "end": 3, "known": False},
    ]
    document = {"tokens": tokens, "lanes": lanes, "strip": ["ledger", "deletion", "hidden norm"]}
    strip = report.token_strip(document)
    heights = re.findall(r'class="bar([^"]*)" style="height:([\d.]+)%', strip)
    assert heights == [
        (" positive", "12.5"),
        (" positive", "25.0"),
        ("", "50.0"),
        (" negative", "50.0"),
        ("", "0.0"),
        ("", "100.0"),
    ]
    assert "−4.000" in strip
    assert "+1.000" in strip
    assert 'aria-label="b; unknown to the model; ledger −4.000' in strip
    only = report.token_strip(document | {"strip": ["deletion"]})
    assert "ledger" not in only


def contrast(one: str, other: str) -> float:
    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_colours_meet_aa_in_light_and_dark(colors: dict[str, str]) -> None:
    for ink in ("negative", "positive", "ink", "quiet"):
        assert contrast(colors[ink], colors["page"]) >= 4.5
    for ink in ("ink", "quiet"):
        assert contrast(colors[ink], colors["card"]) >= 4.5


def test_it_opens_offline_in_a_browser(
    page: Page, shipped: SentimentClassifier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("report") / "report.html"
    text = f"not good {NASTY[0]}"
    path.write_text(shipped.explain(text).to_html(), encoding="utf-8")
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    assert page.locator(".token-strip [data-index='0'] .word").inner_text() == "not"
    assert page.locator(".verdict strong").inner_text() == shipped.predict(text).label
    assert asked == [path.as_uri()]
    assert said == []
