"""No page of a list costs more because there is more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from harness.databases import Database
from harness.reading import NTH, Recorded, growth, recorded
from services.routing.learning.queries import figures
from services.routing.reference.queries.models import shipped_model_id
from tests.routing.conftest import ROADS, Routing, appeal
from tests.routing.incidents_acts.incidents import happened

COPIES = f"""
INSERT INTO routing.assignment SELECT (jsonb_populate_record(a, jsonb_build_object('id', {NTH}, 'appeal_id', {NTH}, 'hops', 1,
    'received_at', now() - n * interval '1 s', 'due_at', CASE WHEN n % 9 > 0 THEN now() + n * interval '1 min' END,
    'topic', CASE WHEN n % 2 = 0 THEN 'holes' ELSE 'lamps' END,
    'offered_at', now() - n * interval '1 min', 'person', CASE WHEN n % 4 > 0 THEN '00000000-0000-0000-0000-000000000065' END,
    'status', CASE WHEN a.status = 'triage' THEN 'triage' WHEN n % 5 = 0 THEN 'answered' ELSE 'new' END))).*
FROM routing.assignment a, generate_series(CAST($1 AS int), CAST($2 AS int)) n
WHERE a.hops = 0 AND (a.status = 'triage') = (n % 3 = 0)
"""


# What older years leave behind: answers, returned ones, audits and predictions in shadow.
YEARS_AGO = "now() - interval '2 years' - n * interval '1 min'"
FIGURES = (
    f"""INSERT INTO routing.answer_verdict (region, answer_id, assignment_id, organisation_id, answered_at, reopened)
    SELECT '46', {NTH}, {NTH}, $3, {YEARS_AGO}, false FROM generate_series($1::int, $2::int) n""",
    f"""INSERT INTO routing.answer_review (region, answer_id, assignment_id, appeal_id, organisation_id, state, mode, risk,
        needs_review, found, status_before, client_id, submitted_at, checks)
    SELECT '46', {NTH}, {NTH}, {NTH}, $3, 'returned', 'all', 0, true, '["rude"]', 'accepted', 'c', {YEARS_AGO}, ''
    FROM generate_series($1::int, $2::int) n""",
    f"""INSERT INTO routing.audit (region, id, assignment_id, appeal_id, model_id, topic, organisation_id, confidence,
        drawn_at, status, verdict)
    SELECT '46', {NTH}, {NTH}, {NTH}, $4, 'holes', $3, 0.9, {YEARS_AGO}, 'decided', 'right'
    FROM generate_series($1::int, $2::int) n""",
    f"""INSERT INTO routing.shadow_prediction (region, model_id, assignment_id, topic, confidence, current_topic,
        current_confidence, at)
    SELECT '46', $3, {NTH}, 'holes', 0.9, 'lamps', 0.9, now() FROM generate_series($1::int, $2::int) n""",
)


async def test_figures_of_models_and_answers_do_not_grow(
    routing: Routing, look: asyncpg.Connection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are of the newest audits and predictions, and of a year of answers."""
    monkeypatch.setattr(figures, "MOST_AUDITED", 100)
    monkeypatch.setattr(figures, "MOST_SHADOWED", 100)
    await routing.handle(appeal(), appeal(topic="unknown"))
    shadow = uuid7()
    await look.execute(
        "INSERT INTO routing.model (region, id, status, client_id) VALUES ('46', $1, 'shadow', 'c')", shadow
    )
    answers, returned, audits, shadows = FIGURES

    async def fill(first: int, last: int) -> None:
        await look.execute(COPIES, first, last)
        for statement in (answers, returned):
            await look.execute(statement, first, last, ROADS)
        await look.execute(audits, first, last, ROADS, shipped_model_id("46"))
        await look.execute(shadows, first, last, shadow)
        await look.execute("ANALYZE")

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        coordinator = routing.mint.headers("coordinator")
        for path, headers in (
            ("/models?region=46", coordinator),
            ("/answers/quality?region=46", coordinator),
            ("/answers/quality", routing.agency(ROADS)),
        ):
            with recorded(routing.app) as statements:
                await routing.call("GET", path, headers)
            yield f"{path} {headers is coordinator}", statements

    await fill(1, 1000)
    read = await growth(routing.app, database, "routing", ask, lambda: fill(1001, 9000))
    assert len(read) == 3
    assert {name: pair for name, pair in read.items() if pair[1] > 2 * pair[0]} == {}


async def test_pages_of_queue_and_triage_do_not_grow(
    routing: Routing, look: asyncpg.Connection, database: Database
) -> None:
    await routing.handle(appeal(), appeal(topic="unknown"))

    async def fill(first: int, last: int) -> None:
        await look.execute(COPIES, first, last)
        await look.execute("ANALYZE routing.assignment")

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        coordinator = routing.mint.headers("coordinator")
        for path, headers in (
            ("/triage?limit=50", coordinator),
            ("/triage?limit=50", routing.mint.headers("coordinator", ["46", "77", "31"])),
            ("/triage/waiting?region=46", coordinator),
            ("/unaccepted?limit=50", coordinator),
            ("/unaccepted?limit=50", routing.mint.headers("coordinator", ["46", "77", "31"])),
            ("/queue?limit=50&unaccepted=true", routing.agency(ROADS)),
            (f"/queue?limit=50&person={UUID(int=101)}", routing.agency(ROADS)),
            (f"/queue?limit=50&person={UUID(int=102)}", routing.agency(ROADS)),
            ("/queue?limit=50", routing.agency(ROADS)),
            ("/queue?limit=50&running=true", routing.agency(ROADS)),
            ("/queue?limit=50&status=answered", routing.agency(ROADS)),
            ("/queue?limit=50&status=interim", routing.agency(ROADS)),
            ("/queue?limit=50&topic=holes", routing.agency(ROADS)),
            ("/queue?limit=50&topic=clinics", routing.agency(ROADS)),
            ("/queue?limit=50&due_before=2020-01-01T00:00:00Z", routing.agency(ROADS)),
        ):
            cursor: Any = ""
            for page in (1, 2):
                with recorded(routing.app) as statements:
                    found = await routing.call("GET", f"{path}&cursor={cursor}" if cursor else path, headers)
                yield f"{path} {len(headers['Authorization'])} page {page}", statements
                cursor = found.get("next_cursor")
                if cursor is None:
                    break
        with recorded(routing.app) as statements:
            await routing.call("GET", "/queue/counts", routing.agency(ROADS))
        yield "/queue/counts", statements

    await fill(1, 2000)
    read = await growth(routing.app, database, "routing", ask, lambda: fill(2001, 14000))
    assert len(read) >= 20
    assert {name: pair for name, pair in read.items() if pair[1] > 2 * pair[0]} == {}


MORE_INCIDENTS = f"""
INSERT INTO routing.incident SELECT (jsonb_populate_record(i, jsonb_build_object('id', {NTH}, 'last_at', now() - n * interval '1 s',
    'appeals', 4, 'status', CASE n % 3 WHEN 0 THEN 'confirmed' WHEN 1 THEN 'proposed' ELSE 'closed' END))).*
FROM routing.incident i, generate_series(CAST($1 AS int), CAST($2 AS int)) n WHERE i.appeals > 4
"""
MORE_REPORTS = f"""
WITH copied AS (
    INSERT INTO routing.assignment SELECT (jsonb_populate_record(a, jsonb_build_object('id', {NTH}, 'appeal_id', {NTH}, 'hops', 1))).*
    FROM routing.assignment a, generate_series(CAST($1 AS int), CAST($2 AS int)) n WHERE a.id = $3
    RETURNING region, id, appeal_id, received_at
)
INSERT INTO routing.incident_report (region, assignment_id, appeal_id, received_at, matched, incident_id, joined_by)
SELECT region, id, appeal_id, received_at, true, $4, 'rule' FROM copied
ON CONFLICT (region, assignment_id) DO NOTHING
"""


async def test_pages_of_incidents_do_not_grow(
    routing: Routing, look: asyncpg.Connection, database: Database
) -> None:
    event = await happened(routing, look, [ROADS] * 5)
    await event.act("confirm")

    async def fill(first: int, last: int) -> None:
        await look.execute(MORE_INCIDENTS, first, last)
        await look.execute(MORE_REPORTS, first, last, event.assignments[0], event.id)
        await look.execute("ANALYZE routing.incident, routing.incident_report, routing.assignment")

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        coordinator = routing.mint.headers("coordinator", ["46", "77"])
        for path, headers in (
            ("/incidents?limit=50", coordinator),
            ("/incidents?limit=50&status=closed", coordinator),
            (f"/incidents/{event.id}/appeals?limit=50", coordinator),
        ):
            cursor: Any = ""
            for page in (1, 2):
                with recorded(routing.app) as statements:
                    found = await routing.call("GET", f"{path}&cursor={cursor}", headers)
                yield f"{path} page {page}", statements
                cursor = found["next_cursor"]

    await fill(1, 1000)
    read = await growth(routing.app, database, "routing", ask, lambda: fill(1001, 7000))
    assert len(read) == 6
    assert {name: pair for name, pair in read.items() if pair[1] > 2 * pair[0]} == {}
