"""`make shots`: every page as people see it, with demo data, at the width of a telephone and of a desk.

Pictures go to `.shots/`; with `--readme` four of them also to `docs/pictures/`, where the README shows them.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, BrowserContext
from rich.console import Console
from rich.progress import track

from harness import system as systems
from harness.browser import browsing
from harness.system import PROJECT, System

WIDTHS: Final = (390, 1280)
HEIGHT: Final = 900
# Whose pages they are; nobody is signed in for the first.
PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("/", "/track", "/map", "/sign-in", "/design"),
    "agency": ("/desk", "/desk/team", "/desk/incidents", "/desk/works"),
    "coordinator": (
        "/centre", "/centre/triage", "/centre/reviews", "/centre/moderation", "/centre/incidents", "/centre/works",
        "/centre/deadlines", "/centre/audits", "/centre/search", "/centre/new", "/room", "/room/wall", "/account",
    ),
    "federal": ("/room", "/room/country"),
    "admin": (
        "/settings", "/settings/people", "/settings/clients", "/settings/organisations?region=46", "/settings/topics?region=46",
        "/settings/rules?region=46", "/settings/deadlines?region=46", "/settings/calendar?region=46", "/settings/dead-letters",
    ),
}  # fmt: skip
IN_README: Final = {
    ("", "/"): "citizen",
    ("agency", "/desk"): "desk",
    ("coordinator", "/centre/triage"): "centre",
    ("coordinator", "/room"): "room",
}
console = Console(stderr=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="of a system that runs already, such as .otklik")
    parser.add_argument("--readme", action="store_true", help="renew the pictures of the README, too")
    parser.add_argument("--to", type=Path, default=PROJECT / ".shots")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.to, ignore_errors=True)
    arguments.to.mkdir(parents=True)
    with _running(arguments.home) as system, browsing() as browser:
        for role, paths in PAGES.items():
            _take_all(system, browser, role, paths, arguments.to, arguments.readme)
    console.print(f"pictures in {arguments.to}")


@contextmanager
def _running(home: Path | None) -> Iterator[System]:
    """The system of a home, or one of its own with half a year of demo data."""
    if home is not None:
        system = systems.attach(home)
        yield system
        system.process.kill()
        return
    with tempfile.TemporaryDirectory() as folder, systems.running(Path(folder)) as system:
        environment = {**os.environ, "OTKLIK_HOME": folder, "OTKLIK_URL": system.url}
        subprocess.run([sys.executable, "-m", "otklik", "demo-data"], env=environment, check=True)
        yield system


def _take_all(
    system: System, browser: Browser, role: str, paths: tuple[str, ...], folder: Path, readme: bool
) -> None:
    for width in WIDTHS:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, locale="ru-RU", base_url=system.url
        )
        if role:
            _sign_in(context, system, role)
        for path in track(paths, f"{role or 'citizen'} at {width} px", console=console):
            page = context.new_page()
            page.goto(path)
            page.wait_for_load_state("load")
            page.screenshot(path=folder / f"{_name(role, path)}-{width}.png", full_page=True)
            if readme and width == WIDTHS[-1] and (role, path) in IN_README:
                _keep(page.screenshot(), PROJECT / "docs" / "pictures" / f"{IN_README[role, path]}.png")
            page.close()
        context.close()


def _sign_in(context: BrowserContext, system: System, role: str) -> None:
    person = system.person(role)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Логин").fill(person.client_id)
    page.get_by_label("Пароль").fill(person.client_secret)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_load_state("load")
    page.close()


def _name(role: str, path: str) -> str:
    words = path.partition("?")[0].strip("/").replace("/", "-") or "front"
    return f"{role or 'citizen'}-{words}"


def _keep(picture: bytes, file: Path) -> None:
    """Few colours are enough, and small files stay in the repository for ever."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(picture)).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(
        file, optimize=True
    )


if __name__ == "__main__":
    main()
