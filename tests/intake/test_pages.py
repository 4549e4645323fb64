"""No page of a list costs more because there is more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from harness.databases import Database
from harness.reading import NTH, Recorded, growth, recorded
from tests.intake.conftest import BODY, Story, appeal_body, handle, mask_all

# Every third is a body's, every fifth on moderation; rejected ones are few and old.
COPIES = (
    f"""
INSERT INTO intake.appeal (region, id, number, regime, channel, client_id, received_at, on_moderation, status)
SELECT a.region, {NTH}, 'copy', a.regime, a.channel, CASE WHEN n % 2 = 0 THEN 'client-portal' ELSE 'client-other' END,
    a.received_at, false, CASE WHEN n < 20 THEN 'rejected' WHEN n % 5 = 0 THEN 'on_moderation' ELSE 'in_work' END
FROM intake.appeal a, generate_series(CAST($1 AS int), CAST($2 AS int)) n WHERE a.number <> 'copy'
""",
    """
INSERT INTO intake.appeal_text SELECT c.region, c.id, t.text || CASE WHEN get_byte(uuid_send(c.id), 15) % 4 = 0
    THEN ' мост' ELSE '' END, t.address
FROM intake.appeal_text t JOIN intake.appeal a ON a.id = t.appeal_id, intake.appeal c
WHERE a.number <> 'copy' AND c.number = 'copy' ON CONFLICT DO NOTHING
""",
    """
INSERT INTO intake.appeal_holder (region, organisation_id, appeal_id, active, status)
SELECT region, $1, id, true, status FROM intake.appeal
WHERE number = 'copy' AND get_byte(uuid_send(id), 15) % 3 = 0 ON CONFLICT DO NOTHING
""",
    f"""
INSERT INTO intake.appeal_change (client_id, region, appeal_id, change, status, version)
SELECT CASE WHEN n % 2 = 0 THEN 'client-portal' ELSE 'client-other' END, '46', {NTH}, 'status', 'in_work', 2
FROM generate_series(CAST($1 AS int), CAST($2 AS int)) n
""",
)
PATHS = (
    "",
    "&status=in_work",
    "&status=rejected",
    "&status=refused",
    "&from=2020-01-01&to=2020-02-01",
    "&q=мост",
    "&q=телескоп",
)


async def test_pages_of_appeals_do_not_grow(app_client: Any, mint: Any, database: Database) -> None:
    client, app = await app_client("intake")
    made = (await client.post("/api/v1/appeals", json=appeal_body(), headers=mint.headers("portal"))).json()
    await mask_all(app)
    await handle(app, Story(made["id"]).created())
    look = await asyncpg.connect(database.dsn())

    async def fill(first: int, last: int) -> None:
        await look.execute(COPIES[0], first, last)
        await look.execute(COPIES[1])
        await look.execute(COPIES[2], BODY.id)
        await look.execute(COPIES[3], first, last)
        tables = ("appeal", "appeal_text", "appeal_holder", "appeal_change")
        await look.execute(f"VACUUM ANALYZE {', '.join(f'intake.{table}' for table in tables)}")

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        agency = mint.headers("agency", organisation=BODY.id)
        for name, headers, paths in (
            ("coordinator", mint.headers("coordinator"), PATHS),
            ("coordinator of three", mint.headers("coordinator", ["46", "77", "31"]), PATHS),
            ("portal", mint.headers("portal"), (*PATHS, "/changes")),
            ("agency", agency, PATHS),
        ):
            for path in paths:
                cursor: str | None = ""
                for page in (1, 2):
                    feed, narrowed = (path, "") if path.startswith("/") else ("", path)
                    with recorded(app) as statements:
                        url = f"/api/v1/appeals{feed}?limit=50&cursor={cursor}{narrowed}"
                        answer = (await client.get(url, headers=headers)).json()
                    yield f"{name} {path} {page}", statements
                    cursor = answer["next_cursor"]
                    if cursor is None:
                        break
        with recorded(app) as statements:
            await client.get("/api/v1/moderation?limit=50", headers=mint.headers("coordinator"))
        yield "moderation", statements

    await fill(1, 2000)
    read = await growth(app, database, "intake", ask, lambda: fill(2001, 14000))
    await look.close()
    assert len(read) >= 25
    # A search for what is nowhere walks through the index of all ids: some ten blocks for a thousand appeals.
    assert {name: pair for name, pair in read.items() if pair[1] > max(2 * pair[0], 200)} == {}
