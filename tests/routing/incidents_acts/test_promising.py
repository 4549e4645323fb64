"""An incident's answer that promises a day, and is given later than anybody thought: its key was away, the service stood still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from chassis.db import open_work
from services.routing.incidents.actions import replying
from tests.routing.conftest import ROADS, Routing, told
from tests.routing.incidents_acts.incidents import answer_all, happened

_OVER = "UPDATE routing.incident_answer SET promised_on = current_date - 2"


async def test_nobody_is_promised_a_day_that_is_over(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has been answered has their answer; the others wait for another one, which the lead may give."""
    monkeypatch.setattr(replying, "AT_ONCE", 2)
    event = await happened(routing, look, [ROADS] * 5)
    await event.act("confirm")
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    text = "Яму на улице Ленина заделаем, подрядчик выехал, акт № 14."
    assert (await event.answer(text=text, outcome="postponed", promised_on=day))["of"] == 5
    await answer_some(routing)
    before = (await event.row())["version"]
    await look.execute(_OVER)
    await answer_all(routing)
    assert len(await told(look, "assignment.answered")) == 2
    assert await look.fetchval("SELECT count(*) FROM routing.incident_answer") == 0
    stands = await event.row()
    assert (stands["status"], stands["version"]) == ("confirmed", before + 1)
    assert (await told(look, "incident.changed"))[-1]["sequence"] == stands["version"]
    await event.answer(text="Яма на улице Ленина заделана 20 ноября, акт № 14.")
    await answer_all(routing)
    assert {each["status"] for each in await event.members()} == {"answered"}
    assert (await event.row())["status"] == "closed"


async def answer_some(routing: Routing) -> None:
    """One batch."""
    async with routing.app.state.resources.sessions.begin() as session:
        await open_work(session)
        assert await replying.reply_some(session)
