"""No page of a list costs more because there is more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from harness.databases import Database
from harness.reading import NTH, Recorded, growth, recorded
from tests.sla.events import BODY

STEPS = (
    '[{"kind": "start", "at": "2026-10-01T09:00:00+03:00"}, {"kind": "term", "amount": 30, "unit": "calendar_day"}, '
    '{"kind": "result", "due_at": "2026-10-31T23:59:59+03:00"}]'
)
# Every third is a body's; met ones are few, cancelled ones nobody has.
FILL = (
    f"""
INSERT INTO sla.clock (region, appeal_id, assignment_id, clock, cycle, organisation_id, lead, started_at, due_at,
    sort_at, state, policy_version, calendar_version, certain, version, explanation)
SELECT '46', {NTH}, {NTH}, 'answer', 1, CASE WHEN n % 3 = 0 THEN $3 ELSE gen_random_uuid() END, true, now(),
    now() + n * interval '1 min', now() + n * interval '1 min',
    CASE WHEN n < 40 THEN 'met' WHEN n % 2 = 0 THEN 'running' ELSE 'breached' END, 1, 1, true, 1, '{STEPS}'
FROM generate_series(CAST($1 AS int), CAST($2 AS int)) n
""",
    f"""
INSERT INTO sla.extension (region, extension_id, appeal_id, assignment_id, organisation_id, days, reason,
    requested_at, decision)
SELECT '46', {NTH}, {NTH}, {NTH}, $3, 5, '', now() - n * interval '1 s', CASE WHEN n > 9 THEN 'approve' END
FROM generate_series(CAST($1 AS int), CAST($2 AS int)) n
""",
    f"""
INSERT INTO sla.firing (region, appeal_id, assignment_id, clock, cycle, version, kind, level, repeat, recipient,
    organisation_id, due_at, due_for_firing_at, fired_at)
SELECT '46', {NTH}, {NTH}, 'answer', 1, 1, CASE WHEN n % 2 = 0 THEN 'breach' ELSE 'reminder' END, 1, 1, 'body',
    $3, now(), now(), now()
FROM generate_series(CAST($1 AS int), CAST($2 AS int)) n
""",
)
PATHS = (
    "deadlines?",
    "deadlines?state=running",
    "deadlines?state=met",
    "deadlines?state=cancelled",
    "deadlines?due_before=2020-01-01T00:00:00Z",
    "escalations?",
)


async def test_pages_of_deadlines_do_not_grow(service: Any, mint: Any, database: Database) -> None:
    client, app = service
    look = await asyncpg.connect(database.dsn())

    async def fill(first: int, last: int) -> None:
        for statement in FILL:
            await look.execute(statement, first, last, BODY.id)
        await look.execute("VACUUM ANALYZE sla.clock, sla.extension, sla.firing")

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        coordinator, agency = mint.headers("coordinator"), mint.headers("agency", organisation=BODY.id)
        extensions = ("extensions?", "extensions?status=pending", "extensions?status=decided")
        for name, headers, paths in (
            ("coordinator", coordinator, (*PATHS, f"deadlines?organisation={BODY.id}", *extensions)),
            ("agency", agency, PATHS),
        ):
            for path in paths:
                cursor: str | None = ""
                for page in (1, 2):
                    with recorded(app) as statements:
                        url = f"/api/v1/{path}&limit=50&cursor={cursor}"
                        answer = (await client.get(url, headers=headers)).json()
                    yield f"{name} {path} {page}", statements
                    cursor = answer["next_cursor"]
                    if cursor is None:
                        break

    await fill(1, 2000)
    read = await growth(app, database, "sla", ask, lambda: fill(2001, 14000))
    await look.close()
    assert len(read) >= 22
    assert {name: pair for name, pair in read.items() if pair[1] > 2 * pair[0]} == {}
