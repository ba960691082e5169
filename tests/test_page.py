"""The page in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

TOKENS = "#reading .token"


def quiet(page: Page) -> list[str]:
    """Collect what the page must never do: log errors, or ask anything of another machine."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"error {error}"))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))
            else faults.append(f"request to {request.url}")
        ),
    )
    return faults


def test_a_real_result_is_there_on_load(page: Page, app_url: str) -> None:
    faults = quiet(page)
    page.goto(app_url)
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("not good")
    expect(page.locator(TOKENS)).to_have_count(2)
    expect(page.locator("#reading .headline strong")).to_have_text("negative")
    expect(page.locator("#reading .badge").first).to_contain_text("residual")
    expect(page.locator("#reading .sentence-in-words")).to_contain_text("the verdict")
    assert faults == []


def test_the_verdict_follows_typing(page: Page, app_url: str) -> None:
    page.goto(app_url)
    expect(page.locator(TOKENS)).to_have_count(2)
    box = page.get_by_label("Sentence", exact=True)
    box.fill("")
    expect(page.get_by_role("alert")).to_contain_text("Type at least one word")
    box.press_sequentially("good film")
    expect(page.locator("#reading .headline strong")).to_have_text("positive")
    expect(page.locator(TOKENS)).to_have_count(2)


def test_examples_fill_the_box(page: Page, app_url: str) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="not bad at all", exact=True).click()
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("not bad at all")
    expect(page.locator(TOKENS)).to_have_count(4)


def test_the_address_names_a_sentence(page: Page, app_url: str) -> None:
    page.goto(app_url + "?text=a+fine+film")
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("a fine film")
    expect(page.locator(TOKENS)).to_have_count(3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("word " * 999 + "and two more", "reads up to 1,000"),
        ("xyzzyq plughq", "knows none of these words"),
    ],
)
def test_texts_that_need_a_word_of_advice(
    page: Page, app_url: str, text: str, message: str
) -> None:
    page.goto(app_url)
    page.get_by_label("Sentence", exact=True).fill(text)
    expect(page.locator("#reading")).to_contain_text(message)


@pytest.mark.parametrize(
    "text",
    [
        '<img src=x onerror="window.hacked=1"> good',
        "<script>window.hacked=1</script>",
        "{{constructor.constructor('window.hacked=1')()}}",
        "${window.hacked=1} good",  # Gradio runs its templates as JavaScript template literals
        "`;window.hacked=1;` \\${window.hacked=1}",
        "\"><svg onload='window.hacked=1'>",
    ],
)
def test_text_is_only_ever_text(page: Page, app_url: str, text: str) -> None:
    faults = quiet(page)
    page.goto(app_url)
    expect(page.locator(TOKENS)).to_have_count(2)
    page.get_by_label("Sentence", exact=True).fill(text)
    expect(page.locator(TOKENS).first).not_to_contain_text("not")
    assert page.evaluate("window.hacked") is None
    assert faults == []


def test_hover_lights_the_token_in_every_view(page: Page, app_url: str) -> None:
    page.goto(app_url)
    page.locator(TOKENS).nth(1).hover()
    expect(page.locator('#reading circle[data-token="1"]')).to_contain_class("lit")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_a_phone(page: Page, app_url: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(app_url + "?text=I+thought+it+would+be+good,+but+it+was+not.")
    expect(page.locator(TOKENS)).to_have_count(12)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
