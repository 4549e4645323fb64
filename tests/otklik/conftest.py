"""Fixtures of the client's tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from otklik.cli import main
from tests.clients.conftest import client, line, server, standin
from tests.otklik.commandline import Ended, Run

__all__ = ["client", "line", "server", "standin"]  # pytest finds them here
from tests.clients.standin import Standin


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """`run("replay", file)` in an empty folder and with an empty environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("URL", "HOME", "PORT", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"OTKLIK_{name}", raising=False)

    def act(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["otklik", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return act


@pytest.fixture
def as_portal(run: Run, standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment of somebody whose system is the stand-in."""
    monkeypatch.setenv("OTKLIK_URL", standin.url)
    monkeypatch.setenv("OTKLIK_CLIENT_ID", "portal")
    monkeypatch.setenv("OTKLIK_CLIENT_SECRET", "right")
