"""Logs do not grow for ever, and nothing that was written is thrown away without need."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from infra.local import rotation
from infra.local.rotation import rotate_all


def test_a_log_that_is_too_long_is_moved_aside_while_it_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "LOG_LIMIT", 100)
    log, short = tmp_path / "sla.log", tmp_path / "web.log"
    short.write_text("few words\n")
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for turn in range(8):
        os.write(descriptor, f"{turn}\n".encode() * 60)
        rotate_all(tmp_path)
        os.write(descriptor, b"after it\n")
    os.close(descriptor)
    kept = sorted(file.name for file in tmp_path.iterdir())
    assert kept == ["sla.log", *(f"sla.log.{number}" for number in range(1, 6)), "web.log"]
    assert log.read_text() == "after it\n", "whoever writes goes on at its beginning"
    assert [(tmp_path / f"sla.log.{number}").read_text()[-2] for number in (1, 2, 5)] == ["7", "6", "3"]
    assert (tmp_path / "sla.log.1").stat().st_mode & 0o077 == 0


def test_where_there_is_no_room_for_a_copy_the_oldest_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "LOG_LIMIT", 100)
    log, oldest = tmp_path / "sla.log", tmp_path / "sla.log.5"
    log.write_text("x" * 200)
    oldest.write_text("old")

    def find_no_room(_: Path, target: Path) -> None:
        target.write_text("a piece")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", find_no_room)
    rotate_all(tmp_path)
    assert log.read_text() == "x" * 200, "nothing is thrown away that was not copied"
    assert list(tmp_path.iterdir()) == [log]
