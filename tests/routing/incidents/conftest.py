"""The demo region, ready to find incidents."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from harness.tokens import TokenMint
from otklik.demo import read_reference
from tests.routing.incidents.region import Region


@pytest.fixture
async def region(app_client: Any, mint: TokenMint, look: asyncpg.Connection) -> Region:
    """Nothing has been told yet."""
    client, app = await app_client("routing")
    headers = mint.headers("admin", ["*"])
    answer = await client.put("/api/v1/reference/46", json=read_reference(), headers=headers)
    assert answer.status_code == 200, answer.text
    return Region(app.state.resources.sessions, look)
