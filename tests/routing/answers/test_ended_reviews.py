"""Answers in review whose appeal ends, or is opened again, before anybody has decided: nothing waits for ever."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from contracts.intake import AppealModerated, AppealReopened, AppealWithdrawn
from tests.routing.answers.test_review import GOOD, RUDE, decide, reviews, taken
from tests.routing.conftest import NOW, Routing


async def waiting_rows(look: asyncpg.Connection) -> list[str]:
    """States of all reviews, the oldest first."""
    rows = await look.fetch("SELECT state FROM routing.answer_review ORDER BY answer_id")
    return [row["state"] for row in rows]


async def test_an_answer_in_review_ends_with_its_appeal(routing: Routing, look: asyncpg.Connection) -> None:
    """No open row is left behind for ever, however the appeal ended; its organisation sees what became of the answer."""
    withdrawn, rejected = await taken(routing), await taken(routing)
    for item in (withdrawn, rejected):
        await routing.act(item, "answer", text=RUDE, outcome="explained")
    assert await waiting_rows(look) == ["waiting"] * 2
    await routing.handle(AppealWithdrawn(region="46", appeal_id=withdrawn["appeal_id"], withdrawn_at=NOW))
    assert await waiting_rows(look) == ["ended", "waiting"]
    moderated = AppealModerated(
        region="46", appeal_id=rejected["appeal_id"], decision="reject", reason="Спам", moderated_at=NOW
    )
    await routing.handle(moderated)
    assert await waiting_rows(look) == ["ended"] * 2
    answer = await look.fetchval("SELECT min(answer_id::text) FROM routing.answer_review")
    details = await routing.call("GET", f"/answers/{answer}", routing.mint.headers("coordinator"))
    assert details["state"] == "ended"


async def test_an_answer_from_before_a_reopening_is_never_approved(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """The citizen says that the promise was not kept while a further answer waits: what is answered after that counts."""
    item = await taken(routing)
    promised = await routing.act(item, "answer", text=GOOD, outcome="postponed", promised_on="2099-01-01")
    first = await look.fetchval("SELECT id FROM routing.answer")
    keys = {"region": "46", "appeal_id": item["appeal_id"], "assignment_id": item["id"], "answer_id": first}
    await routing.act(promised, "answer", text=RUDE, outcome="explained")
    (old,) = await reviews(routing)
    await routing.handle(AppealReopened(**keys, reason="не решено", reopened_at=datetime.now(UTC)))
    again = (await routing.claim(limit=1))[0]
    assert again["id"] == item["id"]
    await routing.act(again, "answer", text=RUDE, outcome="explained")
    (new,) = await reviews(routing)
    assert new["id"] != old["id"]
    await decide(routing, old | {"version": new["version"]}, 409, decision="approve")
    await decide(routing, new, decision="approve")
    assert await waiting_rows(look) == ["ended", "approved"]


async def test_a_withdrawn_appeal_ends_what_waits(routing: Routing) -> None:
    item = await taken(routing)
    await routing.act(item, "answer", text=RUDE, outcome="explained")
    (waiting,) = await reviews(routing)
    await routing.handle(AppealWithdrawn(region="46", appeal_id=item["appeal_id"], withdrawn_at=NOW))
    assert await reviews(routing) == []
    await decide(routing, waiting | {"version": waiting["version"] + 1}, 409, decision="approve")
