"""Files of answers: an organisation's own, told to intake, and photos that were seen before are noticed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from chassis.db import open_all_rows
from contracts.intake import AttachmentStored, AttachmentUsed
from services.routing.attachments import queries
from services.routing.attachments.actions import _PURGE, purge_unused
from tests.routing.answers.test_review import GOOD, RUDE, reviews, taken
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal, told

SIGNS = ("b66e9428d68b946a", "d6a8f6e89483946a")
NEAR = ("b66e9428d68b9461", "0000000000000000")
OTHER = ("0123456789abcdef", "fedcba9876543210")
DONE = "Яма заделана, двор убран."


def stored(
    organisation: UUID | None = ROADS, signs: tuple[str, ...] = (), age: timedelta = timedelta()
) -> AttachmentStored:
    """A file as intake tells of it."""
    at = datetime.now(UTC) - age
    return AttachmentStored(
        region="46",
        attachment_id=uuid7(nanoseconds=int(at.timestamp() * 1e9)),
        client_id="client-agency",
        organisation_id=organisation,
        media_type="image/jpeg",
        signs=signs,
        stored_at=at,
    )


async def test_an_answer_names_its_files(routing: Routing, look: asyncpg.Connection) -> None:
    item, file = await taken(routing), stored()
    await routing.handle(file)
    named = [str(file.attachment_id)]
    item |= await routing.act(item, "interim", text="Заделаем яму до 5 мая 2099 года.", attachments=named)
    item |= await routing.act(item, "answer", text=GOOD, outcome="solved", attachments=named)
    interim, answered = await told(look, "answer.attached")
    assert interim["attachments"] == answered["attachments"] == named
    assert answered["assignment_id"] == item["id"]
    shown = await routing.call("GET", f"/answers/{answered['answer_id']}", routing.agency())
    assert shown["attachments"] == named


async def test_a_held_answer_keeps_its_files(routing: Routing, look: asyncpg.Connection) -> None:
    item, file = await taken(routing), stored()
    await routing.handle(file)
    await routing.act(item, "answer", text=RUDE, outcome="explained", attachments=[str(file.attachment_id)])
    (waiting,) = await reviews(routing)
    (attached,) = await told(look, "answer.attached")
    assert (attached["answer_id"], attached["attachments"]) == (waiting["id"], [str(file.attachment_id)])


async def test_only_own_and_fresh_files(routing: Routing, look: asyncpg.Connection) -> None:
    item = await taken(routing)
    files = [stored(LIGHTS), stored(None), stored(age=timedelta(hours=25))]
    await routing.handle(*files)
    for unusable in (*(each.attachment_id for each in files), UUID(int=7), uuid7(nanoseconds=1)):
        refused = await routing.act(
            item, "answer", status=422, text=GOOD, outcome="solved", attachments=[str(unusable)]
        )
        assert refused["type"] == "/problems/attachment-unknown"
        assert refused["errors"][0]["pointer"] == "/attachments/0"
    assert await told(look, "answer.attached") == []
    many = [str(uuid7()) for _ in range(11)]
    refused = await routing.act(item, "answer", status=422, text=GOOD, outcome="solved", attachments=many)
    assert refused["type"] == "/problems/invalid"


async def test_a_file_of_a_moment_ago_is_waited_for(routing: Routing) -> None:
    """Whoever answers right after the upload is faster than the news of it."""
    item, file = await taken(routing), stored()
    answering = asyncio.create_task(
        routing.act(item, "answer", text=GOOD, outcome="solved", attachments=[str(file.attachment_id)])
    )
    await asyncio.wait([answering], timeout=0.3)
    assert not answering.done()
    await routing.handle(file)
    assert (await answering)["status"] == "answered"


async def test_no_transaction_is_open_while_a_file_is_waited_for(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Else a few that wait would keep everybody from the database."""
    item, file = await taken(routing), stored()
    answering = asyncio.create_task(
        routing.act(item, "answer", text=GOOD, outcome="solved", attachments=[str(file.attachment_id)])
    )
    seen = []
    for _ in range(20):
        await asyncio.wait([answering], timeout=0.03)
        seen.append(await look.fetchval(_OPEN_TRANSACTIONS))
    assert not answering.done()
    await routing.handle(file)
    assert (await answering)["status"] == "answered"
    assert seen.count(0) > len(seen) / 2


_OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND xact_start IS NOT NULL AND backend_type = 'client backend'
"""


async def test_unused_files_are_found_without_the_used_ones(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """However many files are kept, those that nobody has used are found by an index of their own, and no others go."""
    old, used = stored(age=timedelta(days=4)), stored(age=timedelta(days=4))
    fresh, sent = stored(age=timedelta(hours=71)), appeal()
    use = AttachmentUsed(
        region="46", attachment_id=used.attachment_id, appeal_id=sent.appeal_id, used_at=datetime.now(UTC)
    )
    await routing.handle(use)  # in whatever order
    await routing.handle(old, used, fresh)
    await look.execute(
        "INSERT INTO routing.attachment (region, id, signs, is_used) "
        "SELECT '46', gen_random_uuid(), '[]', true FROM generate_series(1, 5000)"
    )
    await look.execute("ANALYZE routing.attachment")
    plan = await look.fetch(f"EXPLAIN {_PURGE.replace(':oldest', '$1')}", uuid7())
    assert "attachment_unused_ix" in "".join(row[0] for row in plan)
    async with routing.app.state.resources.sessions.begin() as session:
        await open_all_rows(session)
        await purge_unused(session)
    left = await look.fetch("SELECT id FROM routing.attachment WHERE signs::text <> '[]' OR NOT is_used")
    ids = {row["id"] for row in await look.fetch("SELECT id FROM routing.attachment")}
    assert {used.attachment_id, fresh.attachment_id} <= ids
    assert old.attachment_id not in ids
    assert [row["id"] for row in left] == [fresh.attachment_id]


async def _checks(routing: Routing, item: dict[str, Any], file: AttachmentStored) -> set[str]:
    body = {
        "text": DONE,
        "outcome": "solved",
        "region": "46",
        "assignment_id": item["id"],
        "attachments": [str(file.attachment_id)],
    }
    found = await routing.call("POST", "/answers/check", routing.agency(), json=body)
    return {each["check"] for each in found["checks"] if each["severity"] == "warn"}


async def test_a_photo_is_evidence_once(routing: Routing) -> None:
    """Under another answer of the organisation it is noticed, whatever was done to it; nobody else's is looked at."""
    first, again, other, foreign = (
        stored(signs=SIGNS),
        stored(signs=NEAR),
        stored(signs=OTHER),
        stored(LIGHTS, SIGNS),
    )
    await routing.handle(first, again, other, foreign)
    item = await taken(routing)
    body = {"text": DONE, "outcome": "solved", "region": "46", "assignment_id": item["id"]}
    bare = await routing.call("POST", "/answers/check", routing.agency(), json=body)
    assert "evidence_missing" in {each["check"] for each in bare["checks"]}
    assert not {"evidence_missing", "repeated_photo"} & await _checks(routing, item, again)
    await routing.act(item, "answer", text=GOOD, outcome="solved", attachments=[str(first.attachment_id)])
    next_one = await taken(routing)
    assert "repeated_photo" in await _checks(routing, next_one, again)
    assert "repeated_photo" in await _checks(routing, next_one, first)
    assert "repeated_photo" not in await _checks(routing, next_one, other)
    assert "repeated_photo" not in await _checks(routing, item, again), "it is the same appeal's"


async def test_photos_that_were_used_nowhere_hide_none_that_was(
    routing: Routing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many like it were uploaded since, and however few are looked at."""
    monkeypatch.setattr(queries, "CANDIDATES", 1)
    first, unused, again = (stored(signs=SIGNS) for _ in range(3))
    await routing.handle(first, unused, again)
    item = await taken(routing)
    await routing.act(item, "answer", text=GOOD, outcome="solved", attachments=[str(first.attachment_id)])
    assert "repeated_photo" in await _checks(routing, await taken(routing), again)


async def test_a_citizens_photo_proves_nothing(routing: Routing) -> None:
    sent = appeal()
    citizens, ours = stored(None, SIGNS), stored(signs=NEAR)
    used = AttachmentUsed(
        region="46", attachment_id=citizens.attachment_id, appeal_id=sent.appeal_id, used_at=datetime.now(UTC)
    )
    await routing.handle(used)  # in whatever order
    await routing.handle(sent, ours)
    await routing.handle(citizens)
    (item,) = await routing.claim()
    assert "repeated_photo" in await _checks(routing, item, ours)
    elsewhere = await taken(routing)
    assert "repeated_photo" not in await _checks(routing, elsewhere, ours)
