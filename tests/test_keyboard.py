"""The page by keyboard alone, 768 px wide, in the dark and without motion: one page for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.test_findings import COLLIDING
from tests.test_page import PANELS, TOKENS, WORDS, serious

CONTRAST = "The start is great, but the film is not good."
CONTROLS = """() => {
  const kinds = 'button, select, input, summary, textarea, a[href], [tabindex="0"]';
  return [...document.querySelectorAll(`:is(.bar, #reading) :is(${kinds})`)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled)
    .filter((one) => one.tabIndex >= 0 && !one.closest('[hidden]'))
    .filter((one) => one.closest('details:not([open])') === null || one.matches('summary'));
}"""
VISITED = """() => {
  const one = document.activeElement;
  one.setAttribute('data-visited', '');
  const { outlineStyle, boxShadow } = getComputedStyle(one);
  const ringed = outlineStyle !== 'none' || boxShadow !== 'none';
  return ringed || one === document.body ? '' : one.outerHTML.slice(0, 120);
}"""


@pytest.fixture(scope="module")
def shared(browser: Browser, app_url: str) -> Iterator[Page]:
    page = browser.new_page(
        viewport={"width": 768, "height": 900}, color_scheme="dark", reduced_motion="reduce"
    )
    page.set_default_timeout(30_000)
    page.goto(f"{app_url}?text={CONTRAST.replace(' ', '+')}")
    expect(page.locator("#opening")).to_have_count(0)
    expect(page.locator("#reading .network")).to_have_count(1)
    expect(page.locator("#reading .faith li").first).to_be_attached()
    yield page
    page.close()


def test_every_control_of_read_is_reached_and_shows_it(shared: Page) -> None:
    shared.locator("#reading .more > summary").focus()
    shared.keyboard.press("Enter")  # more methods
    expect(shared.locator("#reading .methods input").first).to_be_visible()
    shared.get_by_role("link", name="Skip to the words").focus()
    many = shared.evaluate(f"({CONTROLS})().length")
    assert many > 30
    unringed = set()
    for _ in range(many + 30):
        shared.keyboard.press("Tab")
        unringed.add(shared.evaluate(VISITED))
    missed = shared.evaluate(
        f"""() => ({CONTROLS})().filter((one) => !one.hasAttribute('data-visited'))
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert missed == []
    assert unringed <= {""}, "the focus is seen"
    shared.locator("#reading .more > summary").focus()
    shared.keyboard.press("Enter")


def test_play_step_and_scrub_by_key(shared: Page) -> None:
    head = shared.get_by_label("Reading head")
    ahead = shared.locator(f"{TOKENS}.ahead")
    head.focus()
    shared.keyboard.press("Home")
    expect(ahead).to_have_count(11)
    shared.keyboard.press("ArrowRight")
    expect(ahead).to_have_count(10)
    shared.get_by_role("button", name="One word on").focus()
    shared.keyboard.press("Enter")
    expect(ahead).to_have_count(9)
    shared.get_by_role("button", name="One word back").focus()
    shared.keyboard.press("Space")
    expect(ahead).to_have_count(10)
    shared.get_by_role("button", name="Play the reading").focus()
    shared.keyboard.press("Enter")  # without motion it goes one word on
    expect(ahead).to_have_count(9)
    shared.get_by_label("Speed").focus()
    shared.keyboard.press("ArrowDown")
    expect(shared.get_by_label("Speed")).to_have_value("2")
    head.focus()
    shared.keyboard.press("End")
    expect(ahead).to_have_count(0)


def test_the_skip_link_leads_to_cards_that_open_and_close(shared: Page) -> None:
    shared.get_by_role("link", name="Skip to the words").focus()
    shared.keyboard.press("Enter")
    words, card = shared.locator(WORDS), shared.locator("#reading .card")
    expect(words.nth(0)).to_be_focused()
    shared.keyboard.press("ArrowRight")
    shared.keyboard.press("Enter")
    expect(card).to_contain_text("Word start")
    card.get_by_role("button", name="Close the card").focus()
    shared.keyboard.press("Enter")
    expect(card).to_be_hidden()
    words.nth(1).focus()
    shared.keyboard.press("Shift+ArrowRight")
    expect(card).to_contain_text("Phrase start is")
    assert serious(shared, "color-contrast", "target-size", "aria-allowed-attr") == []
    shared.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_arrows_go_through_all_panels_which_fit(shared: Page) -> None:
    shared.get_by_role("tab", name="Read", exact=True).focus()
    for panel in (*list(PANELS)[1:], "read"):
        shared.keyboard.press("ArrowRight")
        expect(shared.locator(PANELS[panel]).first).to_be_visible(timeout=90_000)
        assert shared.evaluate("document.documentElement.scrollWidth") <= 768, panel
        texts = "#reading .stage svg text, #comparing svg.curves text, #padding-panel .drift text"
        assert shared.evaluate(COLLIDING, texts) == [], panel
    expect(shared.get_by_role("tab", name="Read", exact=True)).to_be_focused()


def test_compares_edit_is_made_and_undone_by_key(shared: Page) -> None:
    shared.get_by_role("tab", name="Read", exact=True).focus()
    shared.keyboard.press("ArrowRight")
    word = shared.locator("#comparing .edit-words .word").nth(3)
    expect(word).to_have_text("great")
    word.focus()
    shared.keyboard.press("Enter")
    expect(shared.locator("#comparing .menu")).to_be_visible()
    shared.keyboard.press("Escape")
    expect(word).to_be_focused()
    shared.keyboard.press("Enter")
    shared.get_by_role("button", name="Put “not” before “great”").focus()
    shared.keyboard.press("Enter")
    sentence = shared.get_by_label("Sentence", exact=True)
    expect(sentence).to_have_value(CONTRAST.replace("great", "not great"))
    expect(shared.locator("#comparing .side q").first).to_have_text(CONTRAST)
    undo = shared.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled()
    undo.focus()
    shared.keyboard.press("Enter")
    expect(sentence).to_have_value(CONTRAST)
    expect(undo).to_be_disabled()
