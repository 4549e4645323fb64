"""Full-size proofs run only on demand (`OTKLIK_FULL=1`, as `make prove` does)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from infra.local.embedded import EmbeddedServers
from tests.conftest import PROJECT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave `full` out unless asked for."""
    if os.environ.get("OTKLIK_FULL"):
        return
    skip = pytest.mark.skip(reason="set OTKLIK_FULL=1")
    for item in items:
        if item.get_closest_marker("full") and "tests/sla" in str(item.path):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def template(servers: EmbeddedServers) -> str:
    """Only this service's schema: the tests here need no other."""
    environment = {**os.environ, "OTKLIK_DATABASE_URL": servers.database_url("sla_owner")}
    command = [sys.executable, "-m", "chassis.migrations", "sla", "upgrade"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, timeout=60)
    return "otklik"
