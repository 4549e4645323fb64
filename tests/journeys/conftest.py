"""One demo system for all journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import system as systems
from harness.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """`otklik up --demo`, stopped at the end of the session."""
    with systems.running(tmp_path_factory.mktemp("home")) as running:
        yield running
