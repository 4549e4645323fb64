"""No page of requests or updates costs more because there is more, of Open311 or of anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from harness.databases import Database
from harness.reading import NTH, Recorded, growth, recorded
from tests.intake.conftest import Story, handle, mask_all
from tests.intake.open311.conftest import V2, submit

# Every twentieth came over Open311.
COPIES = (
    f"""
INSERT INTO intake.appeal (region, id, number, regime, channel, client_id, received_at, on_moderation, status,
    requested_topic)
SELECT a.region, {NTH}, 'copy', a.regime, CASE WHEN n % 20 = 0 THEN 'open311' ELSE 'portal' END, 'client-portal',
    now(), false, 'in_work', a.requested_topic
FROM intake.appeal a, generate_series(CAST($1 AS int), CAST($2 AS int)) n WHERE a.number <> 'copy'
""",
    """
INSERT INTO intake.appeal_text SELECT c.region, c.id, t.text, t.address
FROM intake.appeal_text t JOIN intake.appeal a ON a.id = t.appeal_id, intake.appeal c
WHERE a.number <> 'copy' AND c.number = 'copy' ON CONFLICT DO NOTHING
""",
    """
INSERT INTO intake.public_update SELECT region, id, id, now() - '2 days'::interval * random() - '2 days'::interval
FROM intake.appeal WHERE number = 'copy' AND channel = 'open311' ON CONFLICT DO NOTHING
""",
)


@pytest.mark.parametrize("holding_flags", [[], ["obscene"]])
async def test_pages_of_requests_do_not_grow(
    spoken: Any, mint: Any, database: Database, holding_flags: list[str]
) -> None:
    client, app = spoken
    settings = {"holding_flags": holding_flags}
    await client.put(
        "/api/v1/settings/46/intake", json=settings, headers={**mint.headers("admin"), "If-Match": "0"}
    )
    id = await submit(client, mint.headers("portal"))
    await mask_all(app)
    await handle(app, Story(UUID(id)).created())
    look = await asyncpg.connect(database.dsn())

    async def fill(first: int, last: int) -> None:
        await look.execute(COPIES[0], first, last)
        await look.execute(COPIES[1])
        await look.execute(COPIES[2])
        tables = ("appeal", "appeal_text", "public_update")
        await look.execute(f"VACUUM ANALYZE {', '.join(f'intake.{table}' for table in tables)}")

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        for path in (
            "requests.json?page_size=50",
            "requests.json?status=open&page_size=50",
            "requests.json?updated_after=2199-01-01&page_size=50",
            "requests.json?updated_after=2020-01-01&page_size=50",
            "requests.json?updated_before=1971-01-01&page_size=50",
            f"requests/{id}.json",
        ):
            with recorded(app) as statements:
                answer = await client.get(f"{V2}/{path}")
            assert answer.status_code == 200
            yield path, statements
        with recorded(app) as statements:
            await client.get(f"{V2}/servicerequestupdates.json")
        yield "updates of the last day", statements

    await fill(1, 2000)
    read = await growth(app, database, "intake", ask, lambda: fill(2001, 14000))
    await look.close()
    assert len(read) >= 4
    assert {name: pair for name, pair in read.items() if "updated" in name and pair[1] > 2 * pair[0]} == {}
    assert {name: pair for name, pair in read.items() if pair[1] > max(2 * pair[0], 400)} == {}, read
