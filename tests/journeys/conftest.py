"""One demo system for all journeys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import system as systems
from harness.system import System
from tests.journeys.foreign.places import Region59, make_region

# The home of a system that runs already, for whoever tries one journey again and again.
RUNNING = os.environ.get("OTKLIK_TEST_HOME")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """`otklik up --demo`, stopped at the end of the session."""
    if RUNNING:
        attached = systems.attach(Path(RUNNING))
        yield attached
        attached.process.kill()
        attached.process.wait()
        attached.http.close()
        return
    with systems.running(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def region59(system: System) -> Region59:
    """Things that are foreign to everybody of region 46."""
    return make_region(system)
