"""The deadline service over HTTP; full-size proofs run only on demand (`OTKLIK_FULL=1`, as `make prove` does)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from harness.resources import worker_sessions


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave `full` out unless asked for."""
    if os.environ.get("OTKLIK_FULL"):
        return
    skip = pytest.mark.skip(reason="set OTKLIK_FULL=1")
    for item in items:
        if item.get_closest_marker("full") and "tests/sla" in str(item.path):
            item.add_marker(skip)


@pytest.fixture
async def service(app_client: Callable[..., Any]) -> Any:
    """`client, app`."""
    return await app_client("sla")


@pytest.fixture
def client(service: Any) -> Any:
    """Its HTTP client."""
    return service[0]


@pytest.fixture
def sla(service: Any) -> Any:
    """Sessions of the app's workers."""
    return worker_sessions(service[1])
