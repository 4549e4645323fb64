"""One demo system for all journeys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import system as systems
from harness.system import System

# The home of a system that runs already, for whoever tries one journey again and again.
RUNNING = os.environ.get("OTKLIK_TEST_HOME")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """`otklik up --demo`, stopped at the end of the session."""
    if RUNNING:
        attached = systems.attach(Path(RUNNING))
        yield attached
        attached.process.kill()
        return
    with systems.running(tmp_path_factory.mktemp("home")) as running:
        yield running
