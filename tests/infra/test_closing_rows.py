"""Row security comes to data of before, to partitions made by hand, and does not hinder migrations."""

from __future__ import annotations

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from chassis.migrations import upgrade
from contracts.parts import SERVICES
from harness.migrating import downgrade
from tests.infra.filling import BEFORE, Filled, allowed


async def test_a_partition_made_by_hand_is_closed_by_the_next_housekeeping(filled: Filled) -> None:
    owner = await filled.connect("sla_owner")
    await owner.execute(
        "CREATE TABLE sla.clock_by_hand PARTITION OF sla.clock "
        "FOR VALUES FROM ('00000000-0000-0000-0000-000000000000') TO ('00000000-0000-0000-0000-000000000009')"
    )
    service = await filled.connect("sla")
    assert await service.fetchval("SELECT count(*) FROM sla.clock_by_hand") == 0
    await service.execute("SELECT sla.create_coming_partitions()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.fetchval("SELECT count(*) FROM sla.clock_by_hand")
    await owner.close()
    await service.close()


@pytest.mark.parametrize("part", SERVICES)
async def test_a_database_of_before_is_closed_with_the_rows_it_has(filled: Filled, part: str) -> None:
    url = filled.database.url(f"{part}_owner")
    await downgrade(part, url, BEFORE[part])
    service = await filled.connect(part)
    table = f"{part}.outbox"
    partition = await filled.admin.fetchval(f"SELECT tableoid::regclass::text FROM {table}")
    assert await allowed(service, f"SELECT FROM {table}") == 1
    assert await allowed(service, f"DELETE FROM {table} RETURNING 1") == 1
    await filled.admin.execute(f'GRANT SELECT, DELETE ON {partition} TO "{part}"')
    await upgrade(part, url)
    for statement in ("SELECT FROM {}", "DELETE FROM {} RETURNING 1"):
        assert await allowed(service, statement.format(table)) == 0
        assert await allowed(service, statement.format(partition)) == 0
    assert await filled.admin.fetchval(f"SELECT count(*) FROM {table}") == 1
    await service.close()


async def test_a_migration_finds_the_rows_it_has_to_change(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although the owner is under row security too, and would silently find none."""
    changed: list[int] = []

    def change(config: Config, _: str) -> None:
        connection: Connection = config.attributes["connection"]
        changed.append(connection.execute(text("UPDATE sla.clock SET change = 'renamed'")).rowcount)

    monkeypatch.setattr(command, "upgrade", change)
    await upgrade("sla", filled.database.url("sla_owner"))
    assert changed == [1]


async def test_where_appeals_lie_is_known_from_their_timers(filled: Filled) -> None:
    url = filled.database.url("sla_owner")
    await downgrade("sla", url, "0012")
    await filled.admin.execute(
        "UPDATE sla.timer SET municipality = '38701000', appeal_id = (SELECT appeal_id FROM sla.appeal LIMIT 1), "
        "region = (SELECT region FROM sla.appeal LIMIT 1)"
    )
    await upgrade("sla", url)
    assert await filled.admin.fetchval("SELECT municipality FROM sla.appeal LIMIT 1") == "38701000"
