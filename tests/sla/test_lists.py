"""Lists of deadlines over HTTP: who sees what, in which order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from tests.sla.events import BODY, OTHER, Appeal, days, deliver, fire, now, said

Client = Any


async def test_everybody_sees_the_same_item_and_nobody_more_than_theirs(
    client: Client, mint: Any, sla: Any
) -> None:
    appeal = Appeal(client_id="client-portal")
    await deliver(sla, appeal.registered(), appeal.created())
    path = f"/api/v1/appeals/{appeal.id}/deadlines"
    seen = (await client.get(path, headers=mint.headers("coordinator"))).json()["items"]
    assert {(item["clock"], item["state"]) for item in seen} == {
        ("answer", "running"),
        ("react", "running"),
    }
    for headers in (
        mint.headers("portal"),
        mint.headers("agency", organisation=BODY.id),
        mint.headers("analyst"),
    ):
        assert (await client.get(path, headers=headers)).json()["items"] == seen
    for headers in (mint.headers("portal", client="another"), mint.headers("agency", organisation=OTHER.id)):
        assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.get(path, headers=mint.headers("coordinator", ["59"]))).status_code == 404
    assert (await client.get(path, headers=mint.headers("federal", ["*"]))).status_code == 403
    unknown = f"/api/v1/appeals/{uuid7()}/deadlines"
    assert (await client.get(unknown, headers=mint.headers("coordinator"))).status_code == 404
    listed = await client.get(
        "/api/v1/deadlines?state=running", headers=mint.headers("agency", organisation=BODY.id)
    )
    assert {item["clock"] for item in listed.json()["items"]} == {"answer", "react"}
    answer = next(item for item in seen if item["clock"] == "answer" and item["assignment_id"])
    assert answer in listed.json()["items"]
    (told,) = [
        reading
        for event in await said(sla, "deadline.set", appeal)
        for reading in event["data"]["clocks"]
        if event["subject"] == str(appeal.assignment) and reading["clock"] == "answer"
    ]
    assert told["reason"] == answer["reason"]


async def test_pages_follow_the_due_time(client: Client, mint: Any, sla: Any) -> None:
    appeals = [Appeal(received_at=now() - days(number)) for number in range(12)]
    await deliver(sla, *[event for a in appeals for event in (a.registered(), a.created())])
    await deliver(sla, appeals[3].asked(now()))
    headers = mint.headers("coordinator")
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = (await client.get(f"/api/v1/deadlines?limit=7&cursor={cursor}", headers=headers)).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert len(found) == 24
    assert len({(i["appeal_id"], i["assignment_id"], i["clock"], i["cycle"]) for i in found}) == 24
    dues = [item["due_at"] or "9999" for item in found]
    assert dues == sorted(dues)
    before = (now() + days(25)).isoformat().replace("+", "%2B")
    early = (
        await client.get(f"/api/v1/deadlines?state=running&due_before={before}&limit=1000", headers=headers)
    ).json()
    assert early["items"]
    assert all(datetime.fromisoformat(i["due_at"]) < now() + days(25) for i in early["items"])
    everywhere = await client.get("/api/v1/deadlines?limit=1000", headers=mint.headers("admin", ["*"]))
    assert len(everywhere.json()["items"]) == 24
    assert (await client.get("/api/v1/deadlines?cursor=abc", headers=headers)).status_code == 400
    assert (await client.get("/api/v1/deadlines?region=59", headers=headers)).status_code == 403
    other = mint.headers("agency", organisation=OTHER.id)
    assert (await client.get("/api/v1/deadlines", headers=other)).json()["items"] == []
    assert (await client.get(f"/api/v1/deadlines?organisation={BODY.id}", headers=other)).status_code == 403
    bodys = await client.get(f"/api/v1/deadlines?organisation={BODY.id}&limit=1000", headers=headers)
    assert len(bodys.json()["items"]) == 24
    assert (await client.get("/api/v1/deadlines?due_before=soon", headers=headers)).status_code == 422


async def test_punctuality_has_a_minimum_sample(client: Client, mint: Any, sla: Any) -> None:
    kept = [Appeal(received_at=now() - days(20)) for _ in range(3)]
    late = Appeal(received_at=now() - days(40))
    single = Appeal(received_at=now() - days(20))
    await deliver(sla, *[e for a in kept for e in (a.registered(), a.created(), a.answered(now() - days(1)))])
    await deliver(sla, late.registered(), late.created(), late.answered(now() - days(1)))
    await deliver(sla, single.registered(), single.created(OTHER), single.answered(now() - days(1)))
    headers = mint.headers("coordinator")
    table = (await client.get("/api/v1/deadlines/punctuality?region=46", headers=headers)).json()
    assert table["minimum_sample"] == 2
    found = {item["organisation_id"]: item for item in table["items"]}
    assert found[str(BODY.id)] == {
        "organisation_id": str(BODY.id), "measured": 4, "in_time": 3, "late": 1, "share": 0.75, "enough": True,
    }  # fmt: skip
    assert (found[str(OTHER.id)]["share"], found[str(OTHER.id)]["enough"]) == (None, False)
    own = await client.get(
        "/api/v1/deadlines/punctuality?region=46", headers=mint.headers("agency", organisation=OTHER.id)
    )
    assert [item["organisation_id"] for item in own.json()["items"]] == [str(OTHER.id)]
    overview = (await client.get("/api/v1/deadlines/overview?region=46", headers=headers)).json()
    assert overview["due_soon"] == 0
    # A breach that a late event disproves leaves the figures, too.
    running = Appeal(received_at=now() - days(50))
    await deliver(sla, running.registered(), running.created(OTHER))
    overview = (await client.get("/api/v1/deadlines/overview?region=46", headers=headers)).json()
    assert {item["organisation_id"]: item["count"] for item in overview["overdue"]} == {str(OTHER.id): 2}
    await deliver(sla, running.answered(now() - days(45)))
    table = (await client.get("/api/v1/deadlines/punctuality?region=46", headers=headers)).json()
    found = {item["organisation_id"]: item for item in table["items"]}
    assert (found[str(OTHER.id)]["in_time"], found[str(OTHER.id)]["late"]) == (2, 0)


async def test_escalations_are_a_feed(client: Client, mint: Any, sla: Any) -> None:
    headers = mint.headers("coordinator")
    empty = (await client.get("/api/v1/escalations", headers=headers)).json()
    assert empty["items"] == []
    assert empty["next_cursor"]
    appeal = Appeal(received_at=now() - days(40))
    await deliver(sla, appeal.registered(), appeal.created())
    await fire(sla)
    cursor, found = empty["next_cursor"], []
    while page := (await client.get(f"/api/v1/escalations?limit=3&cursor={cursor}", headers=headers)).json():
        found += page["items"]
        cursor = page["next_cursor"]
        if not page["items"]:
            break
    assert {(item["clock"], item["kind"]) for item in found} >= {
        ("answer", "breach"),
        ("answer", "escalation"),
    }
    assert all(item["fired_at"] >= item["due_for_firing_at"] for item in found)
    agency = mint.headers("agency", organisation=OTHER.id)
    assert (await client.get("/api/v1/escalations", headers=agency)).json()["items"] == []
    assert (await client.get("/api/v1/escalations?region=59", headers=headers)).status_code == 403
