"""Labels of the running verdict: none lies on a curve, on a dot or on another label."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

SENTENCES = (
    "not good",
    "\N{BROKEN HEART}",
    "not bad at all",
    "The start is great, but the film is not good.",
    "Nobody could call this a masterpiece.",
    "It's a warm, funny film that never loses its way.",
    "The plot isn't terrible; it just isn't there.",
    "No complaints from me: nobody could call this a bad hotel.",
    "I had hoped for a good evening with old friends, but the film was not worth it.",
    "Never boring, never dull, not once.",
)
SIZES = {"1440": (1440, 900), "768": (768, 900), "360": (360, 800)}
SIZES |= {"embed on a phone": (360, 420)}
HIDDEN = """() => {
  const found = [];
  for (const line of document.querySelectorAll('#reading .stage .line')) {
    const labels = [...line.querySelectorAll('svg text')].map((one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      return { said: one.textContent, left, right, top: top + 3, bottom: bottom - 4 };
    });
    const curves = [...line.querySelectorAll('.whole, .ghost polyline, .blanked line')];
    const within = (box, x, y) => x > box.left && x < box.right && y > box.top && y < box.bottom;
    labels.forEach((box, i) => {
      for (const other of labels.slice(i + 1)) {
        const apart = box.right <= other.left || other.right <= box.left
          || box.bottom <= other.top || other.bottom <= box.top;
        if (!apart) found.push(`“${box.said}” on “${other.said}”`);
      }
      for (const curve of curves) {
        const place = curve.getScreenCTM();
        const length = curve.getTotalLength();
        for (let at = 0; at <= length; at += 1) {
          const { x, y } = curve.getPointAtLength(at).matrixTransform(place);
          if (within(box, x, y)) {
            found.push(`“${box.said}” on ${curve.parentNode.getAttribute('class')}`);
            break;
          }
        }
      }
      for (const dot of line.querySelectorAll('.marks circle, .marks path, .ghost circle')) {
        const { x, y, width, height } = dot.getBoundingClientRect();
        if (within(box, x + width / 2, y + height / 2)) found.push(`“${box.said}” on a dot`);
      }
      const frame = line.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push(`${box.said} out`);
    });
  }
  return found;
}"""


SHOWN = """async (texts) => {
  const found = [];
  for (const text of texts) {
    history.replaceState({}, '', '?text=' + encodeURIComponent(text));
    dispatchEvent(new PopStateEvent('popstate'));
    while (microscope.state.reading?.text !== text) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    found.push(...(HIDDEN)().map((one) => `${text}: ${one}`));
  }
  return found;
}""".replace("HIDDEN", HIDDEN)


def test_no_label_lies_on_a_curve_or_a_label(browser: Browser, app_url: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(app_url)
    expect(page.locator("#reading .network")).to_have_count(1)
    hidden: list[str] = []
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(f"document.documentElement.classList.toggle('embed', {height} < 500)")
        page.wait_for_timeout(100)  # the stage is drawn for its new width
        hidden += [f"{name}: {one}" for one in page.evaluate(SHOWN, list(SENTENCES))]
    page.close()
    assert not hidden, "\n".join(hidden)
