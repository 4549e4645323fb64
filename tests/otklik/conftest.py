"""Fixtures of the client's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.cli import main
from otklik.client import Client
from tests.otklik.commandline import Ended, Run
from tests.otklik.standin import Line, Standin, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Standin]:
    """A running stand-in for the outside of Otklik."""
    with serving(Standin()) as running:
        yield running


@pytest.fixture
def standin(server: Standin) -> Standin:
    """The running stand-in, as good as new."""
    vars(server).update(vars(Standin(url=server.url)))
    return server


@pytest.fixture
def line(standin: Standin) -> Iterator[Line]:
    """A line to it that loses answers."""
    with Line(int(standin.url.rsplit(":", 1)[1])) as running:
        yield running


@pytest.fixture
def client(standin: Standin) -> Iterator[Client]:
    """A client of the stand-in."""
    with Client(standin.url, "portal", "right", patience=5) as opened:
        yield opened


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
