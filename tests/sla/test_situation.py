"""Deadlines of a region at one glance say what each list says by itself."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from chassis.kept_answers import KeptAnswers
from chassis.resources import resources_in
from services.sla.resources import SlaResources
from tests.sla.events import BODY, Appeal, days, deliver, fire, now

Client = Any
PATH = "/api/v1/deadlines/situation"


async def test_it_says_what_the_lists_say(client: Client, mint: Any, sla: Any) -> None:
    """Of appeals that came half a day apart: some are late, some end soon, some have time yet, one wants more days."""
    appeals = [
        Appeal(received_at=now() - days(30) + days(number / 2), regime="statutory") for number in range(-4, 6)
    ]
    await deliver(sla, *[event for each in appeals for event in (each.registered(), each.created())])
    await deliver(sla, appeals[-1].extension(now() - days(1), 10, uuid7()))
    await fire(sla)
    headers = mint.headers("coordinator")

    async def ask(path: str) -> dict[str, Any]:
        answer = await client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    whole = await ask("/deadlines/situation?region=46")
    assert whole["overview"] == await ask("/deadlines/overview?region=46")
    assert whole["extensions"] == await ask("/extensions?region=46&status=pending")
    assert whole["overview"]["extensions_pending"] == len(whole["extensions"]["items"]) == 1
    before = (now() + days(whole["overview"]["due_soon_hours"] / 24)).isoformat().replace("+", "%2B")
    listed = await ask(f"/deadlines?region=46&state=running&due_before={before}")
    assert whole["due_soon"] == listed
    assert len(listed["items"]) == whole["overview"]["due_soon"] > 1
    assert whole["overview"]["overdue"]

    found: list[Any] = []
    cursor = ""
    while cursor is not None:
        page = (await ask(f"/deadlines/situation?region=46&limit=1&cursor={cursor}"))["due_soon"]
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == listed["items"]


async def test_it_is_for_coordinators_of_the_region(client: Client, mint: Any) -> None:
    for headers, query, status in (
        (mint.headers("coordinator"), "?region=46", 200),
        (mint.headers("coordinator"), "?region=59", 403),
        (mint.headers("coordinator"), "", 422),
        (mint.headers("coordinator"), "?region=46&state=met", 422),
        (mint.headers("coordinator"), "?region=46&cursor=abc", 400),
        (mint.headers("analyst"), "?region=46", 403),
        (mint.headers("agency", organisation=BODY.id), "?region=46", 403),
    ):
        assert (await client.get(PATH + query, headers=headers)).status_code == status, query


async def test_much_is_counted_now_and_then(
    service: Any, mint: Any, sla: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has time yet; what waits for a decision is always counted, and whoever sees fewer rows is told of those alone."""
    monkeypatch.setattr("services.sla.clocks.queries.overview.MANY", 2)
    client, app = service

    async def ask(**rights: Any) -> Any:
        headers = mint.headers("coordinator", **rights)
        return (await client.get("/api/v1/deadlines/overview?region=46", headers=headers)).json()

    first, second, far = Appeal(), Appeal(), Appeal(municipality="38708000")
    await deliver(sla, *[event for each in (first, far) for event in (each.registered(), each.created())])
    whole, near = await ask(), await ask(municipalities=["38701000"])
    assert whole["by_state"]["running"] > near["by_state"]["running"] > 0
    await deliver(sla, second.registered(), second.created(), second.extension(now(), 10, uuid7()))
    later = await ask()
    assert later["by_state"] == whole["by_state"]
    assert (whole["extensions_pending"], later["extensions_pending"]) == (0, 1)
    resources_in(app, SlaResources).open_clocks = KeptAnswers(1, 0)
    assert (await ask())["by_state"]["running"] > whole["by_state"]["running"]
