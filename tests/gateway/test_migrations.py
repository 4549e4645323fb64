"""The schema of the gateway under data of before."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from chassis.migrations import upgrade
from gateway.people.queries import _COLLEAGUES
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


_PEOPLE = """
INSERT INTO gateway.person (id, login, login_key, name, position, role, regions, organisation_id)
SELECT gen_random_uuid(), n, n, '', '', 'agency', '{46}', md5((n % 500)::text)::uuid FROM generate_series(1, 5000) n
"""


async def test_colleagues_are_found_without_reading_everybody(database: Database) -> None:
    """Also those of before."""
    owner = database.url("gateway_owner")
    await downgrade("gateway", owner, "0005")
    service = await asyncpg.connect(database.dsn("gateway"))
    await service.execute(_PEOPLE)
    await upgrade("gateway", owner)
    by_owner = await asyncpg.connect(database.dsn("gateway_owner"))
    await by_owner.execute("ANALYZE gateway.person")
    asked = _COLLEAGUES.replace(":organisation", "md5('7')::uuid").replace(":regions", "'{46}'::text[]")
    asked = asked.replace(":after", f"'{UUID(int=0)}'").replace(":limit", "1000")
    plan = "\n".join(line[0] for line in await service.fetch(f"EXPLAIN {asked}"))
    assert "person_organisation_id_ix" in plan
    await downgrade("gateway", owner, "0005")
    await upgrade("gateway", owner)
    await by_owner.close()
    await service.close()
