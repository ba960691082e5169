"""What people stumbled over on the page, held by a test each, so that none of it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, Route, expect

from sentiment import behaviour
from sentiment.classifier import SentimentClassifier
from sentiment.report import render
from sentiment.scoring import score_rows
from sentiment.ui.answers import Reader
from sentiment.ui.api import verdict
from sentiment.ui.padded import padded_states
from sentiment.ui.page import LAUNCH, build
from sentiment.ui.panels import PANELS
from sentiment.ui.panels.compare import smallest_view
from sentiment.ui.panels.score import _tone
from sentiment.values import SmallestEdit
from tests.conftest import answered, tiny_classifier
from tests.test_page import HEADLINE, TOKENS, WORDS, open_tab, sentence

CONTRAST_TEXT = "The start is great, but the film is not good."
LONG_ENOUGH = "The film is not good, but the music was great."
NEUTRAL = "The table is made of wood."
SHOWN = {
    "Read": "#reading .card",
    "Compare": "#comparing .path",
    "Memory": "#remembering .equations .worked",
    "Padding": "#padding-panel .drift",
    "Score a file": "#lines textarea",
    "About": "#about pre",
}
COLLIDING = """(places) => {
  const boxes = [...document.querySelectorAll(places)]
    .filter((one) => one.textContent && getComputedStyle(one).visibility !== 'hidden')
    .map((one) => [one.textContent, one.getBoundingClientRect()])
    .filter(([, box]) => box.width);
  const apart = (a, b) =>
    a.right <= b.left + 2 ||
    b.right <= a.left + 2 ||
    a.bottom <= b.top + 5 ||
    b.bottom <= a.top + 5;
  const found = [];
  boxes.forEach(([said, box], i) => {
    for (const [other, next] of boxes.slice(i + 1))
      if (!apart(box, next)) found.push(`${said} / ${other}`);
  });
  return found;
}"""
SMALL = """() => {
  const seen = (one) => one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
  const named = 'button, select, textarea, summary, input:not([type=file]), [role=button]';
  return [...document.querySelectorAll(`.microscope :is(${named})`)]
    .filter((one) => seen(one) && !one.closest('[hidden]'))
    .map((one) => {
      const label = one.closest('label');
      return [one.outerHTML.slice(0, 90), (label ?? one).getBoundingClientRect()];
    })
    .filter(([, box]) => box.width && (box.width < 23.9 || box.height < 23.9))
    .map(([said, box]) => `${said} ${box.width.toFixed(0)} x ${box.height.toFixed(0)}`);
}"""
HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .filter((one) => one.checkVisibility())
  .map((one) => Number(one.tagName[1]))"""


@pytest.fixture(scope="module")
def shared(browser: Browser, app_url: str) -> Iterator[Page]:
    """One page for all that leaves it usable for the next."""
    page = browser.new_page(viewport={"width": 1280, "height": 700})
    page.set_default_timeout(30_000)
    page.goto(app_url)
    expect(page.locator("#reading .network")).to_have_count(1)
    yield page
    page.close()


def reads(page: Page, text: str) -> Locator:
    """The Read panel once it shows a text."""
    open_tab(page, "Read")
    sentence(page).fill(text)
    words = len(re.findall(r"\w+|[^\w\s]", text))
    expect(page.locator(TOKENS)).to_have_count(words)
    expect(page.locator("#reading .network")).to_have_count(1)
    return page.locator("#reading")


def test_a_sentence_that_came_while_its_box_was_hidden_has_room(shared: Page) -> None:
    reads(shared, "not good")
    height = sentence(shared).bounding_box()["height"]  # type: ignore[index]
    open_tab(shared, "About")
    expect(sentence(shared)).to_be_hidden()
    shared.evaluate("window.scrollTo(0, 900)")
    shared.evaluate("(text) => { history.pushState({}, '', '?panel=about&text=' + text); }", "good")
    shared.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(sentence(shared)).to_have_value("good")
    open_tab(shared, "Read")
    expect(sentence(shared)).to_be_visible()
    assert sentence(shared).bounding_box()["height"] == height  # type: ignore[index]


def test_every_panel_is_found_where_it_was_left(shared: Page) -> None:
    reads(shared, CONTRAST_TEXT)
    for again in (False, True):
        for panel, place in (("Read", 240), ("About", 600)):
            # no pointer: it would have to go to the top of the page first
            shared.get_by_role("tab", name=panel, exact=True).evaluate("(tab) => tab.click()")
            there = SHOWN["About"] if panel == "About" else HEADLINE
            expect(shared.locator(there).first).to_be_visible()
            shared.wait_for_timeout(60)  # a frame, in which a place that is known is gone to
            if again:
                assert shared.evaluate("scrollY") == place, panel
            shared.evaluate(f"window.scrollTo(0, {place})")
    open_tab(shared, "Read")
    shared.evaluate("window.scrollTo(0, 0)")


def test_no_padding_is_told_in_words(shared: Page) -> None:
    reads(shared, "not bad at all")
    open_tab(shared, "Padding")
    panel = shared.locator("#padding-panel")
    expect(panel.locator(".sentence-in-words")).to_contain_text("After 8 padding")
    expect(panel.locator(".sentence-in-words")).not_to_contain_text("%")
    shared.get_by_label("Padding tokens", exact=True).fill("0")
    expect(panel.locator(".padded-row")).to_have_text("not bad at all")
    assert "false" not in panel.inner_text()


def test_a_verdict_that_padding_turns_and_turns_back(
    shared: Page, shipped: SentimentClassifier
) -> None:
    text = "All the reviews were good."
    readings = [behaviour.reading(value) for value in padded_states(shipped, text).classic]
    first = next(k for k, one in enumerate(readings) if one != readings[0])
    back = next(k for k in range(first, len(readings)) if readings[k] == readings[0])
    reads(shared, text)
    open_tab(shared, "Padding")
    said = shared.locator("#padding-panel .sentence-in-words")
    shared.get_by_label("Padding tokens", exact=True).fill(str(first))
    expect(said).to_contain_text(f"The padding changed its verdict: {readings[0]} became")
    shared.get_by_label("Padding tokens", exact=True).fill(str(back))
    expect(said).to_contain_text(f"The verdict first changes at {first} padding tokens")


@pytest.mark.parametrize(
    "kind",
    [{"labels": ("bad", "so so", "good")}, {"labels": ("ham", "spam"), "cell": "gru"}],
    ids=["three labels", "GRU"],
)
def test_the_page_speaks_of_the_model_that_it_shows(
    page: Page, faults: list[str], kind: dict[str, Any]
) -> None:
    classifier = tiny_classifier(dtype=torch.float32, **kind)
    app = build(classifier)
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    try:
        page.goto(f"{url}?text={LONG_ENOUGH}")
        expect(page.locator("#introduction")).to_contain_text(f"packed {classifier.model.kind} ")
        term = page.locator("#reading .headline .term").last
        expect(term).to_have_attribute("data-tip", re.compile("log-odds|Only its distance"))
        several = len(classifier.labels) > 2
        assert ("log-odds" in (term.get_attribute("data-tip") or "")) is not several
        open_tab(page, "Compare")
        drawn = page.locator("#comparing .curves .name-of")
        sign = r"([+−]\d|0\.00$)" if several else r"0\."  # a logit, or a probability
        expect(drawn).to_have_text([re.compile(f"^{name} {sign}") for name in "AB"])
        outcome = page.locator("#comparing .sentence-in-words").first
        expect(outcome).to_contain_text("own part goes from")
        assert ("by itself" in outcome.inner_text()) is not several
        for name in ("Compare", "Memory", "Padding", "Score a file", "About"):
            open_tab(page, name)
            panel = page.get_by_role("tabpanel").filter(visible=True)
            expect(panel).to_have_text(re.compile(r"\w{4}"))
            said = panel.inner_text()
            assert not re.search(r"\b(positive|negative|undefined|NaN|null)\b", said), name
        expect(page.locator("#about")).to_contain_text("It comes without a card")
        assert faults == []
    finally:
        app.close()


def test_what_is_said_of_one_word_and_of_a_few(shared: Page) -> None:
    panel = reads(shared, "good")
    expect(panel.locator(".sentence-in-words")).to_have_text(re.compile("“good” alone reads"))
    assert "1 words" not in panel.inner_text()
    panel = reads(shared, CONTRAST_TEXT)
    shared.get_by_text("More methods").click()
    expect(panel.locator(".meterlist li").first).to_contain_text("without its top words")
    said = panel.locator(".faith").inner_text()
    assert not re.search(r"\bby [+−]", said), said
    shared.get_by_text("More methods").click()


def test_memory_opens_where_something_happens(shared: Page, shipped: SentimentClassifier) -> None:
    reads(shared, CONTRAST_TEXT)
    open_tab(shared, "Memory")
    panel = shared.locator("#remembering")
    expect(panel.locator(".word-row .word[aria-pressed=true]")).to_have_text("not")
    worked = panel.locator(".equations .worked").last.inner_text()
    assert abs(float(worked.rsplit("= ", 1)[1].replace("−", "-"))) > 0.05
    said = panel.locator(".sentence-in-words").inner_text()
    told = re.findall(r"“(\w+)” \(\+(\d+) %\)", said)
    explained = shipped.explain(CONTRAST_TEXT)
    spoken = [
        (share, token.text)
        for share, token in zip(explained.memory.shares, explained.tokens, strict=True)
        if token.text.isalpha()
    ]
    wanted = [(word, str(round(100 * share))) for share, word in sorted(spoken, reverse=True)[:3]]
    assert said.startswith("Of the words ")
    assert told[: len(wanted)] == wanted


def test_two_texts_are_compared_from_before_the_first_word(
    shared: Page, shipped: SentimentClassifier
) -> None:
    reads(shared, "not good")
    open_tab(shared, "Compare")
    starts = shared.locator("#comparing .curves circle.start")
    expect(starts).to_have_count(2 + 3)
    start = shipped.explain("good").account.start
    expect(starts.first).to_have_attribute("data-tip", f"A before any word: {start:.2f}")
    shared.get_by_role("button", name="Smallest edit that turns the verdict").click()
    expect(shared.locator("#comparing .smallest")).to_contain_text(re.compile(r"One edited|\d+ ed"))
    assert "1 edited texts" not in shared.locator("#comparing .smallest").inner_text()
    assert shared.evaluate(COLLIDING, "#comparing .path text, #comparing .curves text") == []


@pytest.mark.parametrize("text", ["\N{BROKEN HEART}", "Terrible. Just terrible."])
def test_nothing_turns_from_before_the_first_word(
    shared: Page, shipped: SentimentClassifier, text: str
) -> None:
    """What is 0.50 before any word is no verdict that the first word could turn."""
    explanation = shipped.explain(text)
    assert explanation.account.turns == ()
    assert explanation.account.start is not None
    panel = reads(shared, text)
    expect(panel.locator(".stage .flip")).to_have_count(0)
    for head in range(len(explanation.tokens)):
        shared.get_by_label("Reading head").fill(str(head))
        expect(panel.locator(".player .said")).to_contain_text(explanation.tokens[head].text)
        assert "turn" not in panel.locator(".player .said").inner_text()
    exported = explanation.to_html()
    assert "turns the verdict" not in exported
    assert 'class="flip"' not in exported
    for said in (panel.locator(".sentence-in-words").inner_text(), exported):
        assert not re.search(r"[^g] turned (it|negative|neutral|positive)", said), said


def test_compare_never_sets_a_sentence_beside_itself(shared: Page) -> None:
    sides = shared.locator("#comparing .side q")
    for text, reason in (
        ("No complaints from me: nobody could call this a bad hotel.", "“bad” turned into “good”"),
        ("The staff was rude.", "this one moves the verdict furthest"),
    ):
        reads(shared, text)
        open_tab(shared, "Compare")
        expect(sides.last).to_have_text(text)
        expect(sides.first).not_to_have_text(text)
        expect(shared.locator("#comparing .own")).to_contain_text(reason)
    reads(shared, "\N{BROKEN HEART}")
    open_tab(shared, "Compare")
    expect(shared.locator("#comparing .result")).to_contain_text("has no pair of its own")
    expect(sides).to_have_count(0)
    expect(shared.locator("#comparing .path")).to_be_hidden()
    shared.get_by_label("Compared with (A)").fill("good")
    expect(sides.first).to_have_text("good")
    shared.get_by_label("Compared with (A)").fill("")  # so that the next sentence has its own again
    expect(sides).to_have_count(0)


def test_the_report_says_that_it_runs_again(shared: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        asked = route.request.post_data or ""
        held.append(route) if '"suite"' in asked else route.continue_()

    shared.route(re.compile("component_server"), hold)
    open_tab(shared, "Negation report")
    panel = shared.locator("#negation-report")
    again = shared.get_by_role("button", name="Run again")
    for first in (True, False):
        expect(panel).to_contain_text("Running …")
        expect(again).to_be_disabled()
        while not held:
            shared.wait_for_timeout(20)
        answer = {
            "n": 2,
            "score": 0.5,
            "pass_rate": 0.5,
            "best_constant": 0.5,
            "capabilities": [
                {
                    "name": "typo",
                    "description": "one letter",
                    "n": 2,
                    "passed": 1,
                    "pass_rate": 0.5,
                    "low": 0.1,
                    "high": 0.9,
                    "failures": [
                        {
                            "text": "godo",
                            "expectation": "positive",
                            "reference": "good",
                            "probability": 0.4,
                            "reference_probability": 0.9,
                        }
                    ],
                    "met_cases": [{"text": "fine", "expectation": "positive"}],
                }
            ],
        }
        held.pop().fulfill(json=answer)
        expect(panel).to_contain_text("It meets 1 of 2")
        expect(again).to_be_enabled()
        if first:
            panel.locator("summary").first.click()
            told = "wanted positive and as “good”, which reads 0.90; read 0.40"
            expect(panel.locator(".failures")).to_contain_text(told)
            panel.locator(".met summary").click()
            expect(panel.locator(".met")).to_contain_text("positive, as wanted")
            again.click()
    shared.unroute(re.compile("component_server"))


def test_labels_do_not_collide_and_words_are_tinted_in_the_dark(
    browser: Browser, app_url: str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme="dark")
    page.goto(app_url + "?text=" + CONTRAST_TEXT.replace(" ", "+"))
    expect(page.locator(TOKENS)).to_have_count(12)
    expect(page.locator("#reading .network")).to_have_count(1)
    firsts = page.locator("#reading .stage .line .token:first-child")
    assert not set(firsts.all_inner_texts()) & {",", "."}, "no line begins with a mark"
    expect(page.locator("#reading .stage .rows-named")).to_contain_text("max-pool wins")
    assert page.evaluate(COLLIDING, "#reading .stage svg text, #reading .unrolled text") == []
    tones = """(words) => words.map((one) => {
      const pen = document.createElement('canvas').getContext('2d');
      const colour = (element) => getComputedStyle(element).backgroundColor;
      for (const fill of [colour(document.body), colour(one)]) {
        pen.fillStyle = fill;
        pen.fillRect(0, 0, 1, 1);
      }
      const under = pen.getImageData(0, 0, 1, 1).data;
      return [...under].slice(0, 3).reduce((a, b) => a + b, 0);
    })"""
    lights = page.locator(WORDS).evaluate_all(tones)
    assert max(lights) - min(lights) > 60, lights
    page.locator("#reading .headline .term").last.focus()
    family = page.locator("#tip").evaluate("(tip) => getComputedStyle(tip).fontFamily")
    assert family.startswith('"Source Sans Pro"')
    for divider in page.locator("footer .divider").all():
        expect(divider).to_be_hidden()
    ring = page.evaluate(
        """() => document.querySelector('#sentence').getBoundingClientRect().top
          - document.querySelector('.bar .actions').getBoundingClientRect().bottom"""
    )
    assert ring >= 5, "the ring around the box is clear of the buttons above it"
    page.close()


def test_headings_go_down_one_at_a_time_and_targets_are_large(shared: Page) -> None:
    reads(shared, CONTRAST_TEXT)
    shared.locator(WORDS).nth(1).click()
    shared.get_by_text("More methods").click()
    small: list[object] = []
    stepped: list[object] = []
    for title, there in SHOWN.items():
        open_tab(shared, title)
        expect(shared.locator(there).first).to_be_visible()
        levels = shared.evaluate(HEADINGS)
        steps = list(pairwise(levels))
        stepped += [(title, levels) for one in steps if one[1] > one[0] + 1 or levels[0] != 1]
        for width in (360, 1280):
            shared.set_viewport_size({"width": width, "height": 700})
            shared.wait_for_timeout(60)
            small += [(title, width, one) for one in shared.evaluate(SMALL)]
    open_tab(shared, "Read")
    shared.get_by_text("More methods").click()
    shared.keyboard.press("Escape")
    assert not stepped + small, "\n".join(map(str, stepped + small))


def test_a_word_says_its_running_verdict_and_the_sentence_is_told(shared: Page) -> None:
    panel = reads(shared, "not good")
    name = panel.locator(".stage .word").nth(1).get_attribute("aria-label")
    assert name is not None
    assert re.search(r"good, word 2 of 2: probability of positive 0\.\d\d, logit −", name), name
    expect(panel.locator(".sentence-in-words")).to_have_attribute("aria-live", "polite")


def test_a_server_that_is_gone_is_told_within_a_second(shared: Page) -> None:
    reads(shared, "not good")
    shared.route(re.compile("component_server"), lambda route: route.abort())
    waited = shared.evaluate(
        """() => new Promise((resolve) => {
          const box = document.querySelector('#sentence');
          const begun = performance.now();
          const told = () => document.querySelector('#reading [role=alert]');
          const look = () => told() || performance.now() - begun > 5000
            ? resolve(performance.now() - begun) : setTimeout(look, 20);
          box.value = 'a fine film';
          box.dispatchEvent(new Event('input', { bubbles: true }));
          look();
        })"""
    )
    assert waited < 1000
    expect(shared.locator(HEADLINE)).to_have_count(0)
    shared.unroute(re.compile("component_server"))
    expect(shared.locator(TOKENS)).to_have_count(3)


def test_one_verdict_wherever_a_neutral_text_is_read(
    shipped: SentimentClassifier, browser: Browser
) -> None:
    prediction = shipped.predict(NEUTRAL)
    assert prediction.reading == "neutral"
    functions = {f.__name__: f for panel in PANELS for f in panel.functions(Reader(shipped))}
    shown = answered(functions["explain"])([{"text": NEUTRAL}])["verdict"]
    assert (shown["label"], shown["leaning"]) == ("neutral", prediction.leaning)
    explained = shipped.explain("not good").to_dict()
    document = shipped.explain(NEUTRAL).to_dict()
    assert (document["label"], document["leaning"]) == ("neutral", prediction.leaning)
    page = render(explained)
    for said in (explained["account"]["sentence"], explained["state_ablation"]["sentence"]):
        assert said in page
    assert "neutral</strong>, leaning to" in render(document)
    tab = browser.new_page(viewport={"width": 480, "height": 600})
    tab.set_content(page.replace("default-src 'none'", "default-src 'self'"))
    assert tab.evaluate("document.documentElement.scrollWidth") <= 480, "unclipped"
    tab.close()
    ((row,), _) = score_rows(shipped, [{"text": NEUTRAL}])
    assert (row["label"], row["leaning"]) == ("neutral", prediction.leaning)
    assert verdict(prediction)["label"] == "neutral"  # what programs are sent
    assert prediction.probability is not None
    assert _tone(prediction.probability) == "zero"  # of the bar in the histogram
    turned = smallest_view(SmallestEdit((), NEUTRAL, "positive", 0.1, "", 1, ()), prediction)
    assert turned["verdict"].startswith("neutral, leaning to ")
