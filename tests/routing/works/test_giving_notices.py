"""Whoever asks about a planned work is answered by its notice, once, and nobody else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg

from contracts.intake import AppealModerated, AppealReopened, AppealWithdrawn
from tests.routing.conftest import Routing, appeal, told
from tests.routing.works.steps import LGOV, WATER, announce, answered, give, listed, set_up


async def test_a_question_about_a_work_is_answered_and_explained(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_up(routing)
    made = await announce(routing)
    asked = appeal("На улице Ленина с утра нет воды, когда дадут?")
    await routing.handle(asked)
    (item,) = await routing.queue(WATER)
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(WATER))
    assert details["explanation"]["decided_by"] == "work"
    assert details["explanation"]["work"] == {"id": made["id"], "title": made["title"]}
    assert any("«Отключение холодной воды»" in step for step in details["explanation"]["steps"])
    assert await give(routing) == 1
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(WATER))
    (answer,) = details["answers"]
    assert (details["status"], answer["outcome"]) == ("answered", "explained")
    assert asked.number in answer["text"]
    (event,) = await told(look, "assignment.answered")
    assert (event["work_id"], event["organisation"]["name"]) == (made["id"], "Водоканал")
    assert [each["answered"] for each in await listed(routing)] == [1]
    incident = await look.fetchrow("SELECT * FROM routing.incident")
    report = await look.fetchrow("SELECT * FROM routing.incident_report")
    assert (str(incident["work_id"]), incident["appeals"], incident["status"]) == (made["id"], 1, "confirmed")
    assert (report["incident_id"], report["matched"]) == (incident["id"], True)
    assert str(incident["id"]) == event["incident_id"]
