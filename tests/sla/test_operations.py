"""What an operator asks of the deadline service: rebuilds, recalculations, counts."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import text

from chassis.db import rows as typed_rows
from chassis.wake_ups import WakeUps
from chassis.workers import Worker
from harness.resources import worker_sessions
from services.sla.clocks.rules.fact_codec import dump_fact
from services.sla.clocks.rules.packed import FACT_COLUMNS, PackedFact, read_steps
from services.sla.workers import recalculate_some
from tests.sla.events import Appeal, clocks_of, days, deliver, fire, now, rows, said

Client = Any


async def test_a_rebuild_from_the_journals_gives_the_same_clocks(
    client: Client, mint: Any, service: Any
) -> None:
    sla = worker_sessions(service[1])
    appeals = [Appeal(received_at=now() - days(5 * number)) for number in range(12)]
    for number, appeal in enumerate(appeals):
        await deliver(sla, appeal.registered(), appeal.created())
        if number % 3 == 0:
            await deliver(sla, appeal.answered(now() - days(number)))
    await fire(sla)
    columns = (
        "appeal_id, assignment_id, clock, cycle, organisation_id, lead, started_at, due_at, state, met_at, ended_at, "
        "policy_id, policy_version, calendar_version, change, packed"
    )
    read = f"SELECT {columns} FROM sla.clock ORDER BY 1, 2, 3, 4"
    before, said_before = await rows(sla, read), len(await said(sla, "breached"))
    admin = mint.headers("admin", ["*"])
    ids = [str(appeal.id) for appeal in appeals]
    answer = await client.post("/api/v1/operations/sla/rebuild", json={"appeal_ids": ids}, headers=admin)
    assert answer.json() == {"appeals": 12, "changed": 0, "queued": []}
    from sqlalchemy import text

    async with sla.begin() as session:
        await session.execute(text("DELETE FROM sla.clock"))
    answer = await client.post("/api/v1/operations/sla/rebuild", json={"regions": ["46"]}, headers=admin)
    assert answer.json()["queued"] == ["46"]
    await _work_through(service[1])
    assert await rows(sla, read) == before
    assert len(await said(sla, "breached")) == said_before
    denied = await client.post(
        "/api/v1/operations/sla/rebuild", json={"all": True}, headers=mint.headers("coordinator")
    )
    assert denied.status_code == 403
    assert (await client.post("/api/v1/operations/sla/rebuild", json={}, headers=admin)).status_code == 422


async def test_rows_of_an_older_version_are_read_and_counted_on(client: Any, mint: Any, sla: Any) -> None:
    """Journals and explanations in clear, as they were kept before: nothing of them is told again."""
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created(), appeal.accepted(now()))
    path = f"/api/v1/appeals/{appeal.id}/deadlines"
    before = (await client.get(path, headers=mint.headers("coordinator"))).json()
    told = len(await said(sla, "deadline.set", appeal))
    await _put_in_clear(sla)
    assert (await client.get(path, headers=mint.headers("coordinator"))).json() == before
    answer = await client.post(
        "/api/v1/operations/sla/rebuild",
        json={"appeal_ids": [str(appeal.id)]},
        headers=mint.headers("admin", ["*"]),
    )
    assert answer.json() == {"appeals": 1, "changed": 0, "queued": []}
    assert len(await said(sla, "deadline.set", appeal)) == told
    await deliver(sla, appeal.answered(now()))
    clocks = await clocks_of(sla, appeal)
    assert clocks["one:answer:1"]["state"] == "met"
    assert len(await said(sla, "deadline.set", appeal)) == told + 1


async def _put_in_clear(sla: Any) -> None:
    async with sla.begin() as session:
        statement = f"SELECT {FACT_COLUMNS} FROM sla.journal WHERE packed IS NOT NULL"
        for row in await typed_rows(session, PackedFact, statement):
            fact = dump_fact(row.open())
            await session.execute(
                text(
                    "UPDATE sla.journal SET data = CAST(:data AS jsonb), packed = NULL WHERE event_id = :id"
                ),
                {"data": orjson.dumps(fact).decode(), "id": row.event_id},
            )
        for row in (await session.execute(text("SELECT DISTINCT packed FROM sla.clock"))).all():
            steps = orjson.dumps(read_steps(row.packed, None)).decode()
            await session.execute(
                text(
                    "UPDATE sla.clock SET explanation = CAST(:steps AS jsonb), packed = NULL WHERE packed = :packed"
                ),
                {"steps": steps, "packed": row.packed},
            )


async def _work_through(app: Any) -> None:
    import asyncio
    import contextlib

    from harness.waiting import eventually

    sla = worker_sessions(app)

    async def done() -> bool:
        return not await rows(sla, "SELECT 1 FROM sla.recalculation")

    task = asyncio.create_task(
        Worker("recalculations", recalculate_some).run(app.state.resources, WakeUps(()))
    )
    try:
        await eventually(done, 20)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_large_recalculation_is_worked_through_in_the_background(
    client: Client, mint: Any, service: Any
) -> None:
    sla = worker_sessions(service[1])
    appeals = [Appeal(received_at=now() - days(2)) for _ in range(230)]
    await deliver(sla, *[event for a in appeals for event in (a.registered(), a.created())])
    due_on = (await clocks_of(sla, appeals[0]))["one:answer:1"]["due_on"]
    body = {"days_off": [{"date": due_on.isoformat(), "reason": "Праздник"}]}
    edited = await client.put(
        "/api/v1/calendars/46", json=body, headers={**mint.headers("admin"), "If-Match": "1"}
    )
    assert edited.json()["settled"] is False
    await _work_through(service[1])
    (row,) = await rows(
        sla,
        "SELECT count(*) AS n, count(DISTINCT due_at) AS dues FROM sla.clock WHERE clock = 'answer' "
        "AND state = 'running' AND calendar_version = 2",
    )
    assert (row["n"], row["dues"]) == (230, 1)


async def test_no_appeal_is_left_out_of_a_recalculation_for_a_full_disk(
    client: Client, mint: Any, service: Any, database: Any
) -> None:
    """A statement that finds no room says nothing of the appeal: the work is given up and begun again later."""
    sla = worker_sessions(service[1])
    appeal = Appeal(received_at=now() - days(2))
    await deliver(sla, appeal.registered(), appeal.created())
    rebuild = {"regions": ["46"]}
    await client.post("/api/v1/operations/sla/rebuild", json=rebuild, headers=mint.headers("admin", ["*"]))
    read = "SELECT attempts FROM sla.recalculation"
    queued = await rows(sla, read)
    assert queued
    owner = await asyncpg.connect(database.dsn())
    await owner.execute(
        "CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;"
        "CREATE TRIGGER no_room BEFORE UPDATE OR DELETE ON sla.recalculation EXECUTE FUNCTION public.no_room()"
    )
    with pytest.raises(Exception, match="no room"):
        await recalculate_some(service[1].state.resources)
    await owner.execute("DROP TRIGGER no_room ON sla.recalculation")
    assert await rows(sla, read) == queued
    await owner.close()
    await _work_through(service[1])


async def test_counts_for_the_operator(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created())
    answer = await client.get("/api/v1/operations/sla/counts", headers=mint.headers("admin", ["*"]))
    own = {"appeals": 1, "assignments": 1, "clocks": 2, "timers": 2, "said": 0}
    assert answer.json()["counts"] == {**own, "feed": 0, "feed_readable": 0}


async def test_models_and_migrations_agree(database: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.ext.asyncio import create_async_engine

    from chassis.migrations import _PARTITION
    from services.sla.tables import metadata

    def compare(connection: Any) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: name == "sla" if kind == "schema" else True,
                "include_object": lambda _, name, kind, reflected, __: (
                    not (
                        kind == "table"
                        and reflected
                        and (_PARTITION.search(name or "") or name == "alembic_version")
                    )
                ),
                "compare_type": True,
            },
        )
        return list(compare_metadata(context, metadata))

    engine = create_async_engine(database.url("sla_owner"))
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    await engine.dispose()
