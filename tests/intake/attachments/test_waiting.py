"""Files wait for a child that looks into them, so many and no more; where they lie meanwhile is nobody else's."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from chassis.problems import Unavailable
from services.intake.attachments.actions import storage
from services.intake.attachments.actions.storage import MOST_WAITING, Line, _make_private
from tests.intake.attachments.conftest import Office


async def test_whoever_comes_to_a_long_line_is_sent_away_at_once() -> None:
    line, ending = Line(2), asyncio.Event()

    async def wait() -> None:
        async with line.turn():
            await ending.wait()

    waiting = [asyncio.create_task(wait()) for _ in range(2 + MOST_WAITING)]
    await asyncio.wait(waiting, timeout=0.01)
    with pytest.raises(Unavailable):
        line.require_room()
    with pytest.raises(Unavailable):
        async with line.turn():
            raise AssertionError("it is not let in")
    ending.set()
    await asyncio.gather(*waiting)
    line.require_room()


async def test_who_hangs_up_leaves_the_line() -> None:
    line, ending = Line(1), asyncio.Event()

    async def wait() -> None:
        async with line.turn():
            await ending.wait()

    first, *others = [asyncio.create_task(wait()) for _ in range(1 + MOST_WAITING)]
    await asyncio.wait([first], timeout=0.01)
    for each in others:
        each.cancel()
    await asyncio.wait(others)
    line.require_room()
    ending.set()
    await first


async def test_a_file_that_would_wait_too_long_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_WAITING", 0)
    answer = await office.send()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert office.files() == []


def test_incoming_files_lie_in_a_folder_of_ours_alone(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    _make_private(folder)
    _make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to(folder)
    with pytest.raises(ValueError, match="not this process's alone"):
        _make_private(elsewhere)
    os.chmod(folder, 0o755)
    with pytest.raises(ValueError, match="not this process's alone"):
        _make_private(folder)
