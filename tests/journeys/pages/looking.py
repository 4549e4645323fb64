"""What must hold on every page, whoever sees it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# How far a page can be moved sideways, in pixels.
_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ZOOMED = {"width": 640, "height": 450}  # 1280 × 900 at 200 %
SMALL = {"width": 320, "height": 640}


def complaints(page: Page) -> list[str]:
    """What axe finds wrong: rule and place."""
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]
    ]


def widths_that_scroll(page: Page) -> list[int]:
    """At which widths a page has to be moved sideways to be read; the page keeps the last one."""
    wrong = []
    for size in (ZOOMED, SMALL):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        if page.evaluate(_SIDEWAYS) > 0:
            wrong.append(size["width"])
    return wrong


def look_well(page: Page) -> None:
    """No complaint in either theme, nothing sideways at 200 % and on a small telephone."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # colours on their way are none
        assert complaints(page) == [], theme
    assert widths_that_scroll(page) == []


def keys_to(page: Page, name: str, most: int = 60) -> int:
    """How many times Tab is pressed until what is named so has the focus; AssertionError when it is never reached."""
    for count in range(1, most + 1):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "() => (document.activeElement.labels?.[0]?.innerText || document.activeElement.innerText || document.activeElement.ariaLabel || '').trim()"
        )
        if label.startswith(name):
            return count
    raise AssertionError(f"{name!r} is not reached by {most} keys")
