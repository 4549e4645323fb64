"""Nothing a client sends breaks it; models, migrations and plans are what they are meant to be."""

from __future__ import annotations

import random
import re
from typing import Any
from uuid import uuid4

import asyncpg

from chassis.migrations import _PARTITION
from contracts.intake import AppealClarified, AppealReopened, AppealWithdrawn
from otklik.demo import read_reference
from services.routing.assignments.actions.leases import _RETURN_EXPIRED
from services.routing.classifier.model import load_model
from services.routing.reference.rules.codes import plain_name
from services.routing.tables import metadata
from services.routing.tables.assignments import UNLEASED
from tests.conftest import size
from tests.routing.conftest import NOW, ROADS, Routing, appeal
from tests.routing.test_queue import deadline

NASTY: tuple[Any, ...] = (
    "\x00",
    "a\x00b",
    "\ud800",
    "",
    " ",
    "x" * 20_000,
    2**70,
    -1,
    1e400,
    None,
    [],
    {},
    True,
)
FIELDS: dict[str, dict[str, Any]] = {
    "accept": {"lease_token": "x"},
    "extend-lease": {"lease_token": "x", "lease_seconds": 60},
    "redirect": {"reason_code": "other", "comment": "x", "suggested_organisation": str(uuid4())},
    "interim": {"text": "x", "promised_on": "2099-01-01"},
    "answer": {"text": "x", "outcome": "solved", "promised_on": "2099-01-01"},
    "clarify": {"question": "x"},
    "resume": {"lease_token": "x"},
    "request-extension": {"days": 3, "reason": "x"},
    "correct": {"topic": "holes", "organisation": str(ROADS), "reason": "x"},
}


async def _send(routing: Routing, method: str, path: str, headers: dict[str, str], body: Any) -> int:
    import json

    # The standard library lets lone surrogates, NaN and Infinity through, as some clients do.
    content = json.dumps(body).encode()
    answer = await routing.client.request(
        method, f"/api/v1{path}", content=content, headers={**headers, "Content-Type": "application/json"}
    )
    status: int = answer.status_code
    return status


async def test_no_field_causes_a_server_error(routing: Routing) -> None:
    await routing.handle(*(appeal() for _ in range(3)))
    item = (await routing.queue())[0]
    coordinator, admin = routing.mint.headers("coordinator"), routing.mint.headers("admin", ["*"])
    bodies: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
        (
            "POST",
            f"/assignments/{item['id']}/{verb}",
            {**(coordinator if verb == "correct" else routing.agency()), "If-Match": "999999999"},
            body,
        )
        for verb, body in FIELDS.items()
    ]
    bodies += [
        ("POST", "/queue/claim", routing.agency(), {"limit": 1, "lease_seconds": 20}),
        (
            "POST",
            "/classify",
            coordinator,
            {"text": "x", "region": "46", "address": "x", "location": {"lat": 51.7, "lon": 36.2}},
        ),
        ("POST", "/rules/dry-run", coordinator, {"region": "46", "days": 3, "add": [], "remove": []}),
        (
            "POST",
            "/rules",
            admin,
            {"region": "46", "topic": "holes", "organisation": str(ROADS), "municipality": "1"},
        ),
        ("POST", "/organisations", admin, {"region": "46", "code": "x", "name": "x", "kind": "company"}),
        ("PUT", "/topics", admin, {"region": "46", "groups": [], "topics": []}),
        ("PUT", "/reference/46", admin, {"groups": [], "topics": [], "rules": []}),
        ("PUT", "/settings/46/routing", {**admin, "If-Match": "0"}, {"auto_route_threshold": 0.3}),
    ]
    for method, path, headers, body in bodies:
        for field in body:
            for value in NASTY:
                status = await _send(routing, method, path, headers, {**body, field: value})
                assert status < 500, (path, field, repr(value)[:40], status)
    for query in ("limit=0", "limit=1e9", "cursor=%00", "topic=%00", "due_before=x", "status=x", "region=00"):
        for path, headers in (
            ("/queue", routing.agency()),
            ("/triage", coordinator),
            ("/topics", coordinator),
        ):
            answer = await routing.client.get(f"/api/v1{path}?{query}", headers=headers)
            assert answer.status_code < 500, (path, query)
    for number in ("x", "99999999999999999999", '"1"', ""):
        answer = await routing.client.post(
            f"/api/v1/assignments/{item['id']}/accept", headers={**routing.agency(), "If-Match": number}
        )
        assert answer.status_code < 500, number


async def test_shuffled_and_doubled_deliveries_end_in_the_same_state(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Facts about four appeals in any order, in batches of any size, some of them twice."""
    for seed in range(size(4, 40)):
        await _shuffle(routing, look, random.Random(seed))


async def _shuffle(routing: Routing, look: asyncpg.Connection, shuffle: random.Random) -> None:
    events = [appeal() for _ in range(4)]
    await routing.handle(*events[:3])
    first, second, third = await routing.claim()
    first |= await routing.act(first, "answer", text="Да", outcome="solved")
    await routing.act(second, "clarify", question="Где?")
    answer_id = await look.fetchval("SELECT max(id::text)::uuid FROM routing.answer")
    asked_at = await look.fetchval("SELECT max(asked_at) FROM routing.assignment")
    reopened = AppealReopened(
        region="46",
        appeal_id=first["appeal_id"],
        assignment_id=first["id"],
        answer_id=answer_id,
        reason="x",
        reopened_at=NOW,
    )
    clarified = AppealClarified(region="46", appeal_id=second["appeal_id"], text="Тут", clarified_at=asked_at)
    withdrawn = [
        AppealWithdrawn(region="46", appeal_id=appeal_id, withdrawn_at=NOW)
        for appeal_id in (third["appeal_id"], events[3].appeal_id)
    ]
    facts = [*events, reopened, clarified, *withdrawn]
    facts += [deadline(second["id"], hours, sequence=hours) for hours in range(1, 5)]
    facts += shuffle.sample(facts, 6)
    shuffle.shuffle(facts)
    while facts:
        batch = shuffle.randint(1, 5)
        await routing.handle(*facts[:batch])
        facts = facts[batch:]
    rows = await look.fetch(
        "SELECT appeal_id, status, version, cycle, due_at FROM routing.assignment WHERE appeal_id = ANY($1)",
        [event.appeal_id for event in events],
    )
    found = {str(row["appeal_id"]): (row["status"], row["version"], row["cycle"]) for row in rows}
    assert found == {
        first["appeal_id"]: ("reopened", 3, 2),
        second["appeal_id"]: ("accepted", 3, 1),
        third["appeal_id"]: ("cancelled", 2, 1),
        str(events[3].appeal_id): ("cancelled", 2, 1),
    }
    assert len(rows) == 4
    due = {str(row["appeal_id"]): row["due_at"] for row in rows}
    assert due[second["appeal_id"]].hour == NOW.hour + 4
    await routing.claim(limit=100)


def test_the_shipped_model_speaks_of_the_demo_regions_topics() -> None:
    names = {plain_name(topic["name"]) for topic in read_reference()["topics"]}
    assert {plain_name(label) for label in load_model().topic.labels} <= names


async def test_models_and_migrations_agree(database: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.ext.asyncio import create_async_engine

    def compare(connection: Any) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: name == "routing" if kind == "schema" else True,
                "include_object": lambda _, name, kind, reflected, __: (
                    kind != "table"
                    or not reflected
                    or not (_PARTITION.search(name or "") or name == "alembic_version")
                ),
                "compare_type": True,
            },
        )
        return list(compare_metadata(context, metadata))

    engine = create_async_engine(database.url("routing_owner"))
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    await engine.dispose()


async def test_claiming_and_reading_a_long_queue_use_their_indexes(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """10,000 finished assignments of the same body cost nothing."""
    await routing.handle(*(appeal() for _ in range(200)))
    await look.execute(
        "INSERT INTO routing.assignment SELECT (jsonb_populate_record(a, jsonb_build_object("
        "'id', gen_random_uuid(), 'status', 'answered'))).* FROM routing.assignment a, generate_series(1, 50)"
    )
    await look.execute(
        "INSERT INTO routing.assignment SELECT (jsonb_populate_record(a, jsonb_build_object("
        "'id', gen_random_uuid(), 'lease_token', 'x', 'lease_expires_at', now() + interval '1 hour'))).* "
        "FROM routing.assignment a WHERE status = 'new'"
    )
    await look.execute("ANALYZE routing.assignment")
    # A month that holds a row or two is read as a whole otherwise.
    await look.execute("SET enable_seqscan = off")
    expired = await look.fetch(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)"
        + _RETURN_EXPIRED.replace(":region", "'46'").replace(":organisation", f"'{ROADS}'")
    )
    lines = "\n".join(row[0] for row in expired)
    # In the partition that holds them; an empty one may be read by any index.
    conditions = [line for line in lines.splitlines() if "Index Cond" in line]
    assert any("lease_expires_at <= statement_timestamp()" in line for line in conditions), lines
    # A random id may lie in a coming month's partition; thousands of rows must never be read in vain.
    assert sum(int(count) for count in re.findall(r"Rows Removed by Filter: (\d+)", lines)) < 10, lines
    plan = await look.fetch(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT id FROM routing.assignment WHERE region = '46' "
        f"AND organisation_id = $1 AND {UNLEASED} ORDER BY due_at, received_at, id LIMIT 10 "
        "FOR NO KEY UPDATE SKIP LOCKED",
        ROADS,
    )
    lines = "\n".join(row[0] for row in plan)
    assert "Seq Scan" not in lines, lines
    assert "Sort Method" not in lines, lines
