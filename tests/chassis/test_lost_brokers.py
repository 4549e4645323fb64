"""Relays that take over from each other, brokers that are killed or lose their store: every event arrives once."""

from __future__ import annotations

import asyncio

import asyncpg

from chassis.outbox import plain_dsn
from harness.waiting import eventually
from infra.local.embedded import EmbeddedServers
from infra.local.files import remove_tree
from tests.chassis.conftest import House
from tests.chassis.effects import effects_are, is_empty, say


async def test_two_relays_take_turns_by_lock(house: House) -> None:
    """Killing the connection that holds the lock hands the work to the other one; nothing is doubled or lost."""
    house.record_effects()
    house.run_relay()
    house.run_relay()
    house.run_consumer()
    first = await say(house, 100)
    await effects_are(house, first)
    connection = await asyncpg.connect(**plain_dsn(house.url))
    ended = await connection.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await connection.close()
    assert ended == 1
    second = await say(house, 100)
    await effects_are(house, [*first, *second])


async def test_consumers_resume_within_seconds_after_the_broker_was_killed(
    house: House, servers: EmbeddedServers
) -> None:
    house.record_effects()
    house.run_relay()
    house.run_consumer()
    before = await say(house, 50)
    await effects_are(house, before)
    await asyncio.to_thread(servers.kill_nats)
    during = await say(house, 50)
    await asyncio.to_thread(servers.start_nats)
    await effects_are(house, [*before, *during], seconds=10)


async def test_losing_the_whole_broker_store_loses_nothing(house: House, servers: EmbeddedServers) -> None:
    """Events that no consumer had seen come again from the log, by themselves; effects stay single."""
    house.record_effects()
    house.run_relay()
    unseen = await say(house, 80)
    await eventually(lambda: is_empty(house, "intake.outbox_pending"))
    await asyncio.to_thread(servers.kill_nats)
    assert (servers.home.nats / "jetstream").exists()
    remove_tree(servers.home.nats / "jetstream")
    await asyncio.to_thread(servers.start_nats)
    house.run_replayer()
    house.run_consumer()
    await effects_are(house, unseen, seconds=30)
    later = await say(house, 20)
    await effects_are(house, [*unseen, *later])
