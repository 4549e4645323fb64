"""A page gone over with the Tab key, and what it weighs."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page

# Notes what gets the focus, and whether one sees where it is: an outline, or a ring round what stands for the control.
_LISTEN = """() => {
  window.walked = {seen: new Set(), dull: []};
  const rings = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
  };
  document.addEventListener('focusin', (event) => {
    const element = event.target;
    if (!window.walked.seen.has(element) && !rings(element) && !(element.closest('label') && rings(element.closest('label'))))
      window.walked.dull.push(element.outerHTML.slice(0, 120));
    window.walked.seen.add(element);
  });
}"""
_REACHABLE = """() => {
  const found = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter((e) =>
    e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}));
  return found.filter((e) => e.type !== 'radio' || e === found.find((o) => o.type === 'radio' && o.name === e.name && o.form === e.form));
}"""
# A field of a date has a stop for each part of it.
_COUNT = f"() => ({_REACHABLE})().length + 6 * document.querySelectorAll('[type=date], [type=datetime-local]').length"
_MISSED = f"""() => ({_REACHABLE})().filter((e) => !window.walked.seen.has(e) && !(e.type === 'radio' && [...window.walked.seen].some(
  (o) => o.type === 'radio' && o.name === e.name && o.form === e.form))).map((e) => e.outerHTML.slice(0, 120))"""


def walk_by_tab(page: Page) -> list[str]:
    """What the Tab key does not reach, and what does not show that it has the focus; what refreshes itself is paused."""
    if (pause := page.locator("[data-pause]:visible")).count():
        pause.click()
    page.evaluate(_LISTEN)
    for _ in range(page.evaluate(_COUNT) + 2):
        page.keyboard.press("Tab")
    missed: list[str] = page.evaluate(_MISSED)
    dull: list[str] = page.evaluate("() => window.walked.dull")
    return [f"not reached: {each}" for each in missed] + [f"focus is not seen: {each}" for each in dull]


class Scales:
    """Weighs what a page loads as it goes over the line, as if it had never been loaded before."""

    def __init__(self, page: Page) -> None:
        self._sizes: list[float] = []
        session: CDPSession = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, Any]) -> None:
        self._sizes.append(float(event["encodedDataLength"]))

    def take(self) -> float:
        """Bytes since the last time."""
        total = sum(self._sizes)
        self._sizes.clear()
        return total
