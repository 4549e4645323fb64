"""The schema of the gateway under data of before."""

from __future__ import annotations

import asyncpg

from chassis.migrations import upgrade
from harness.databases import Database
from harness.migrating import downgrade


async def test_clients_of_before_have_their_whole_regions_and_keep_their_tokens(database: Database) -> None:
    owner = database.url("gateway_owner")
    await downgrade("gateway", owner, "0003")
    service = await asyncpg.connect(database.dsn("gateway"))
    await service.execute(
        "INSERT INTO gateway.client (id, name, role, regions, requests_per_minute, secret_hash, created_by) "
        "VALUES ('a', 'a', 'coordinator', '{46}', 1, '', 'a')"
    )
    await upgrade("gateway", owner)

    async def generation() -> int:
        number: int = await service.fetchval("SELECT token_generation FROM gateway.client")
        return number

    assert await service.fetchval("SELECT municipalities FROM gateway.client") == []
    assert await generation() == 0
    await service.execute("UPDATE gateway.client SET municipalities = '{38701000}'")
    assert await generation() == 1
    await service.execute("UPDATE gateway.client SET regions = '{59}'")
    assert await generation() == 2
    await downgrade("gateway", owner, "0003")
    await service.execute("UPDATE gateway.client SET regions = '{46}'")
    assert await generation() == 3
    await service.close()
