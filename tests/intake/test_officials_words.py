"""Officials' words come sealed; what the history, the tracking page and other services get is masked by the applicant."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from chassis.db import open_work
from chassis.sealing import SealBroken
from chassis.word_keys import public_key_of, read_public_key
from chassis.words import seal_event
from contracts import routing, sla
from contracts.event import OfficialEvent
from harness.databases import WORDS_KEY, Database
from harness.payloads import read_payload
from harness.tokens import TokenMint
from services.intake.history.rules.packed import read_data
from services.intake.originals.actions.remasking import mask_old_words
from tests.intake.conftest import BODY, NOW, Story, appeal_body, handle, mask_all

PERSON = {"name": "Канарейкина Ольга Львовна", "phone": "+7 910 555-00-11", "email": "ptica@example.org"}
ADDRESS = "г. Курск, ул. Ленина, д. 12, кв. 77"
SAID = "Выезжали к Канарейкиной О.Л. (кв. 77), звонили 8(910)5550011, писали PTICA@example.org."
HIDDEN = ("Канарейкин", "кв. 77", "5550011", "555-00-11", "ptica", "PTICA")


def sealed(event: OfficialEvent) -> OfficialEvent:
    """As it comes from the wire."""
    return seal_event(event, read_public_key(public_key_of(WORDS_KEY)))


async def _registered(app_client: Any, mint: TokenMint) -> tuple[Any, Any, dict[str, Any]]:
    client, app = await app_client("intake")
    body = appeal_body(text="Яма на дороге", applicant=PERSON, address=ADDRESS)
    answer = await client.post("/api/v1/appeals", json=body, headers=mint.headers("portal"))
    await mask_all(app)
    return client, app, answer.json()


def _said_by_officials(story: Story) -> list[OfficialEvent]:
    about = story._about
    events: list[OfficialEvent] = [
        routing.AssignmentCorrected(**about(), reason=SAID, corrected_at=NOW),
        routing.AssignmentRedirected(
            **about(),
            organisation=BODY,
            successor_id=uuid7(),
            reason_code="other",
            comment=SAID,
            redirected_at=NOW,
        ),
        routing.AssignmentInterimAnswered(
            **about(), answer_id=uuid7(), organisation=BODY, text=SAID, answered_at=NOW
        ),
        routing.AssignmentAnswered(
            **about(), answer_id=uuid7(), organisation=BODY, outcome="solved", text=SAID, answered_at=NOW
        ),
        routing.AnswerReturned(
            **about(), answer_id=uuid7(), organisation=BODY, reasons=SAID, returned_at=NOW
        ),
        routing.ClarificationAsked(**about(), organisation=BODY, question=SAID, asked_at=NOW),
        routing.ExtensionRequested(
            **about(), extension_id=uuid7(), organisation=BODY, days=5, reason=SAID, requested_at=NOW
        ),
        routing.DocumentsRequested(
            **about(), request_id=uuid7(), organisation=BODY, addressee=SAID, what=SAID, requested_at=NOW
        ),
        routing.AppealForwarded(
            region="46", appeal_id=story.appeal_id, addressee=SAID, reason=SAID, forwarded_at=NOW
        ),
        sla.ExtensionDecided(
            region="46",
            extension_id=uuid7(),
            appeal_id=story.appeal_id,
            assignment_id=story.assignment_id,
            decision="approve",
            days=5,
            reason=SAID,
            decided_at=NOW,
        ),
        sla.CaseMarked(
            region="46", appeal_id=story.appeal_id, case="migration", applies=True, reason=SAID, marked_at=NOW
        ),
    ]
    return events


def test_no_event_with_an_officials_words_is_forgotten() -> None:
    story = Story(uuid7())
    every = {kind for kind in (*routing.EVENTS, *sla.EVENTS) if issubclass(kind, OfficialEvent)}
    assert {type(event) for event in _said_by_officials(story)} == every


async def test_what_officials_say_is_shown_masked_everywhere(
    app_client: Any, mint: TokenMint, database: Database
) -> None:
    client, app, made = await _registered(app_client, mint)
    story = Story(made["id"])
    await handle(app, story.created(), *(sealed(event) for event in _said_by_officials(story)))
    headers = mint.headers("coordinator")
    purpose = await client.post(
        f"/api/v1/appeals/{made['id']}/original", json={"purpose": SAID}, headers=headers
    )
    assert purpose.status_code == 200
    pages = [
        (await client.get(path, headers=headers)).text
        for path in (
            f"/api/v1/track/{made['tracking_code']}",
            f"/api/v1/appeals/{made['id']}",
            f"/api/v1/appeals/{made['id']}/history",
        )
    ]
    assert all("Выезжали" in page for page in pages), "the words themselves are shown"
    look = await asyncpg.connect(database.dsn())
    kept = await _histories(look)
    kept += [row["purpose"] for row in await look.fetch("SELECT purpose FROM intake.original_access")]
    told = [read_payload(row) for row in await look.fetch("SELECT packed, payload FROM intake.outbox")]
    await look.close()
    assert any("extension.reason_masked" in event for event in told)
    for part in HIDDEN:
        assert [shown for shown in (*pages, *kept) if part in shown] == [], part
    masked = next(orjson.loads(event)["data"]["reason"] for event in told if "reason_masked" in event)
    assert not any(part in masked for part in HIDDEN)


async def _histories(look: asyncpg.Connection) -> list[str]:
    """What entries of histories hold."""
    rows = await look.fetch("SELECT packed, data FROM intake.appeal_history")
    return [str(read_data(row["packed"], row["data"])) for row in rows]


async def test_a_comment_between_bodies_is_not_for_the_citizen(app_client: Any, mint: TokenMint) -> None:
    client, app, made = await _registered(app_client, mint)
    story = Story(made["id"])
    redirected = story.redirected(uuid7()).model_copy(
        update={"comment": "Пусть сами разбираются", "reason_code": "other_territory"}
    )
    await handle(app, story.created(), sealed(redirected))
    page = (await client.get(f"/api/v1/track/{made['tracking_code']}")).text
    assert "вопрос относится к другой территории" in page
    assert "Пусть сами" not in page
    history = await client.get(f"/api/v1/appeals/{made['id']}/history", headers=mint.headers("coordinator"))
    assert "Пусть сами" in history.text


async def test_words_for_another_key_wait_as_a_dead_letter(app_client: Any, mint: TokenMint) -> None:
    """Never shown as they are, never dropped."""
    _, app, made = await _registered(app_client, mint)
    story = Story(made["id"])
    moved = sealed(story.asked()).model_copy(update={"id": uuid7()})
    with pytest.raises(SealBroken):
        await handle(app, moved)


async def test_a_moderators_reason_is_masked(app_client: Any, mint: TokenMint) -> None:
    client, app = await app_client("intake")
    settings = {"reopen_days": 30, "moderated_channels": ["portal"]}
    admin = mint.headers("admin", ["*"])
    await client.put("/api/v1/settings/46/intake", json=settings, headers={**admin, "If-Match": "0"})
    body = appeal_body(text="Яма на дороге", applicant=PERSON, address=ADDRESS)
    made = (await client.post("/api/v1/appeals", json=body, headers=mint.headers("portal"))).json()
    await mask_all(app)
    headers = mint.headers("coordinator")
    decided = await client.post(
        f"/api/v1/appeals/{made['id']}/moderation",
        json={"decision": "reject", "reason": SAID},
        headers=headers,
    )
    assert decided.status_code == 200, decided.text
    page = (await client.get(f"/api/v1/track/{made['tracking_code']}")).text
    assert "Выезжали" in page
    assert not any(part in page for part in HIDDEN)


async def test_words_of_an_older_version_are_masked_once_more(
    app_client: Any, mint: TokenMint, database: Database
) -> None:
    """What stood in the history as an official wrote it, nested words included, and what originals were opened for."""
    client, app, made = await _registered(app_client, mint)
    story = Story(made["id"])
    await handle(app, story.created(), story.answered(), story.deadline())
    headers = mint.headers("coordinator")
    path = f"/api/v1/appeals/{made['id']}"
    await client.post(f"{path}/original", json={"purpose": "x"}, headers=headers)
    look = await asyncpg.connect(database.dsn())
    old = orjson.dumps({"answer_id": str(story.answer_id), "outcome": "solved", "text": SAID}).decode()
    clocks = orjson.dumps(
        {"lead": True, "clocks": [{"clock": "answer", "cycle": 1, "due_on": None, "reason": SAID}]}
    )
    await look.execute(
        "UPDATE intake.appeal_history SET packed = NULL, data = $1 WHERE kind = 'answered'", old
    )
    await look.execute(
        "UPDATE intake.appeal_history SET packed = NULL, data = $1 WHERE kind = 'deadline_set'",
        clocks.decode(),
    )
    await look.execute("UPDATE intake.original_access SET purpose = $1", SAID)
    await look.execute(
        "INSERT INTO intake.words_to_mask SELECT region, appeal_id, event_id, false FROM intake.appeal_history "
        "UNION ALL SELECT region, appeal_id, id, true FROM intake.original_access"
    )
    async with app.state.resources.sessions.begin() as session:
        await open_work(session)
        assert [await mask_old_words(session), await mask_old_words(session)] == [4, 0]
    kept = await _histories(look)
    kept += [str(row) for row in await look.fetch("SELECT purpose FROM intake.original_access")]
    await look.close()
    assert sum("Выезжали" in words for words in kept) == 3
    assert [words for words in kept for part in HIDDEN if part in words] == []


async def test_an_imported_answer_is_masked_by_the_same_rules(app_client: Any, mint: TokenMint) -> None:
    """And so are the names in columns that somebody chose."""
    client, app = await app_client("intake")
    case = {
        "region": "46",
        "external_id": "past-1",
        "received_at": "2025-03-01T09:00:00+03:00",
        "closed_at": "2025-03-11T09:00:00+03:00",
        "applicant": PERSON,
        "address": ADDRESS,
        "answer": SAID,
        "organisation": "исп. Канарейкина Ольга Львовна, кв. 77",
    }
    ndjson = {"Content-Type": "application/x-ndjson"}
    admin = mint.headers("admin", ["*"])
    answer = await client.post("/api/v1/imports", content=orjson.dumps(case), headers={**admin, **ndjson})
    assert answer.status_code < 300, answer.text
    await mask_all(app)
    async with app.state.resources.sessions.begin() as session:
        await open_work(session)
        rows = await session.execute(text("SELECT packed, payload FROM intake.outbox"))
        told = [read_payload(row) for row in rows.mappings()]
    assert any("Выезжали" in event for event in told)
    assert [event for event in told for part in HIDDEN if part in event] == []
