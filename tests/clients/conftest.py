"""Fixtures of the client's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otklik_client import Client
from tests.clients.standin import Line, Standin, serving


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
