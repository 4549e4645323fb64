"""A home is copied while it works, and another goes on from the copy: nothing that it holds is lost or doubled, and whoever followed
a feed beyond it misses nothing of what comes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness import system as systems
from harness.system import PROJECT, Account, System
from tests.chaos.ledger import Ledger, register_of
from tests.chaos.test_kill_nine import wait_drained
from tests.conftest import size
from tests.intake.attachments.files import image
from tests.journeys.steps import holder, opened, submitted, until
from tests.journeys.test_replaying_a_file import counts

pytestmark = pytest.mark.in_order


@dataclass
class Story:
    """Folders, what was promised, and what an agency knows."""

    home: Path
    copy: Path
    restored: Path
    before: Ledger = field(default_factory=lambda: Ledger("before"))
    during: Ledger = field(default_factory=lambda: Ledger("during"))
    after: Ledger = field(default_factory=lambda: Ledger("after"))
    agency: str = ""
    cursor: str = ""
    attachment: str = ""
    with_file: str = ""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One for the whole file."""
    place = tmp_path_factory.mktemp("backup")
    return Story(place / "home", place / "copy", place / "restored")


@pytest.fixture(scope="module")
def restored(story: Story) -> Iterator[System]:
    """A system that goes on from the copy."""
    otklik("restore", str(story.copy), "--home", str(story.restored))
    system = systems.start(story.restored, systems.free_port(), demo=False)
    system.credentials = json.loads((story.restored / "credentials.json").read_text())
    try:
        wait_drained(system)
        yield system
    finally:
        systems.stop(system)


def otklik(*words: str, code: int = 0) -> str:
    """What a command says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    ended = subprocess.run(
        [sys.executable, "-m", "otklik", *words],
        cwd=PROJECT,
        env=environment | {"COLUMNS": "500"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout + ended.stderr


def follow(agency: Account, cursor: str) -> tuple[set[str], str]:
    """Every assignment that a queue's feed names after a cursor, and the cursor behind them."""
    seen: set[str] = set()
    while True:
        page = agency.get("/api/v1/queue/changes", params={"cursor": cursor, "limit": 1000}).json()
        cursor = page["next_cursor"]
        if not page["items"]:
            return seen, cursor
        seen |= {item["assignment_id"] for item in page["items"]}


def test_a_home_is_copied_while_it_takes_appeals(story: Story, proof: Callable[..., None]) -> None:
    system = systems.start(story.home, systems.free_port())
    try:
        portal = system.account("portal")
        sent = portal.post("/api/v1/attachments", files={"file": ("photo.jpg", image(), "image/jpeg")})
        story.attachment = sent.json()["id"]
        story.with_file = submitted(system, attachments=[story.attachment])["id"]
        asyncio.run(story.before.post_all(portal, size(60, 500)))
        over = threading.Event()

        def copy() -> None:
            try:
                otklik("backup", str(story.copy), "--home", str(story.home))
            finally:
                over.set()

        async def copy_meanwhile() -> None:
            await asyncio.gather(story.during.post_until(portal, over, pause=0.05), asyncio.to_thread(copy))

        asyncio.run(copy_meanwhile())
        asyncio.run(story.after.post_all(portal, size(60, 500)))
        wait_drained(system)
        one = next(iter(story.after.acknowledged.values()))["id"]
        agency = holder(system, one)
        story.agency = agency.organisation_id
        known, story.cursor = follow(agency, "")
        assert len(known) >= size(60, 500)
        assert not [each.refused for each in (story.before, story.during, story.after) if each.refused]
    finally:
        systems.stop(system)
    proof(during_the_copy=len(story.during.acknowledged))


def test_what_was_acknowledged_before_is_there_once(
    story: Story, restored: System, proof: Callable[..., None]
) -> None:
    register = register_of(restored.account("coordinator"))
    before = {each["id"]: each["number"] for each in story.before.acknowledged.values()}
    during = {each["id"] for each in story.during.acknowledged.values()}
    assert before.items() <= register.items()
    assert register.keys() <= before.keys() | during | {story.with_file}, (
        "what came when the copy was done is not in it"
    )
    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in register.values())
    assert numbers == list(range(1, len(numbers) + 1))
    held = counts(restored)
    assert {held[part]["appeals"] for part in held} == {len(register)}, (
        "all parts, the broker's with nothing, agree"
    )
    assert held["routing"]["assignments"] == held["sla"]["assignments"] == held["analytics"]["assignments"]
    otklik("verify", "--home", str(story.restored))
    proof(in_the_copy=len(register), before=len(before), during=len(during))


def test_files_and_keys_are_there(story: Story, restored: System) -> None:
    """Clients sign in with their secrets of then, and what was sealed is read."""
    coordinator = restored.account("coordinator")
    assert opened(coordinator, story.with_file, "проверка копии")["attachments"] == [story.attachment]
    answer = coordinator.get(f"/api/v1/attachments/{story.attachment}", follow_redirects=True)
    assert (answer.status_code, answer.content[:3]) == (200, b"\xff\xd8\xff")


def test_who_had_followed_a_feed_further_than_the_copy_goes_misses_nothing(
    story: Story, restored: System
) -> None:
    agency, later = restored.agency(story.agency), Ledger("later")
    held_before = follow(agency, "")[0]
    asyncio.run(later.post_all(restored.account("portal"), size(40, 300)))
    wait_drained(restored)
    new = until(lambda: follow(agency, "")[0] - held_before)
    assert new
    assert new <= follow(agency, story.cursor)[0]


def test_a_copy_is_looked_through_first(story: Story, tmp_path: Path) -> None:
    """A byte that has changed, a file that is missing, a home that is not new: nothing is made of it."""
    there = otklik("restore", str(story.copy), "--home", str(story.home), code=1)
    assert "is not empty" in there
    some = next((story.copy / "postgres" / "base").rglob("1259"))
    right = some.read_bytes()
    some.write_bytes(bytes([right[0] ^ 1]) + right[1:])
    try:
        damaged = otklik("restore", str(story.copy), "--home", str(tmp_path / "home"), code=1)
        assert "is not as it was written (1 files" in damaged
        assert "base" in damaged
        assert not (tmp_path / "home").exists()
    finally:
        some.write_bytes(right)
    for manifest, reason in (
        ("", "is no whole copy"),
        ('{"format": 1}', "is no whole copy"),
        ('{"format": 2, "of": "later"}', "by a later version"),
    ):
        (tmp_path / "backup.json").write_text(manifest)
        assert reason in otklik("restore", str(tmp_path), "--home", str(tmp_path / "home"), code=1)


def test_a_copy_is_whole_or_not_there(story: Story, tmp_path: Path) -> None:
    """Into a folder that has something, into the home, of no home; of one that is stopped it is made, too."""
    assert "not empty" in otklik("backup", str(story.copy), "--home", str(story.home), code=1)
    inside = otklik("backup", str(story.home / "copy"), "--home", str(story.home), code=1)
    assert "lies in the home itself" in inside
    assert not (story.home / "copy").exists()
    assert "no home" in otklik("backup", str(tmp_path / "x"), "--home", str(tmp_path / "nothing"), code=1)
    said: dict[str, Any] = json.loads(
        otklik("backup", str(tmp_path / "copy"), "--home", str(story.home), "--json").partition("\n}")[0]
        + "\n}"
    )
    assert said["files"] > 100
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700
