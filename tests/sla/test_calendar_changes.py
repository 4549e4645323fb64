"""Calendars, office hours and escalations over HTTP: running clocks follow."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from services.sla.calendars.rules.calendar_codec import parse_calendar
from tests.sla.events import BODY, OTHER, Appeal, clocks_of, days, deliver, fire, now, rows, said

Client = Any


async def test_an_edited_calendar_redates_running_clocks_and_tells_why(
    client: Client, mint: Any, sla: Any
) -> None:
    admin = mint.headers("admin")
    appeal, answered = Appeal(received_at=now() - days(3)), Appeal(received_at=now() - days(3))
    await deliver(
        sla, *[event for each in (appeal, answered) for event in (each.registered(), each.created())]
    )
    await deliver(sla, answered.answered(now() - days(1)))
    before = (await clocks_of(sla, appeal))["one:answer:1"]
    kept = (await clocks_of(sla, answered))["one:answer:1"]
    calendar = (await client.get("/api/v1/calendars/46", headers=mint.headers("coordinator"))).json()
    assert (calendar["version"], calendar["zone"], calendar["settled"]) == (1, "Europe/Moscow", True)
    off = [(before["due_on"] - timedelta(days=shift)).isoformat() for shift in range(3)]
    body = {"days_off": [{"date": day, "reason": "День региона"} for day in off], "note": "указ губернатора"}
    path = "/api/v1/calendars/46"
    assert (await client.put(path, json=body, headers=admin)).status_code == 428
    assert (await client.put(path, json=body, headers={**admin, "If-Match": "9"})).status_code == 412
    edited = await client.put(path, json=body, headers={**admin, "If-Match": "1"})
    assert edited.status_code == 200, edited.text
    assert (edited.json()["version"], edited.json()["settled"]) == (2, True)
    after = (await clocks_of(sla, appeal))["one:answer:1"]
    assert after["due_at"] < before["due_at"] - days(2)
    assert "производственный календарь (версия 1 → 2)" in after["reason"]
    assert after["calendar_version"] == 2
    assert (await clocks_of(sla, answered))["one:answer:1"] == kept, "what has ended stays"
    (timer,) = await rows(
        sla, "SELECT due_at, version FROM sla.timer WHERE appeal_id = :id AND clock = 'answer' AND state = 'armed'",
        id=appeal.id,
    )  # fmt: skip
    assert (timer["due_at"], timer["version"]) == (after["due_at"], after["version"])
    wrongs: tuple[dict[str, Any], ...] = (
        {"days_off": [{"date": "2026-02-30"}]}, {"zones": {"46": "Mars/Olympus"}}, {"zones": {"x": "Europe/Moscow"}},
        {"office_hours": {"mon": [["18:00", "09:00"]]}}, {"office_hours": {}}, {"short_days": [{"date": "2026-12-01", "hours": [["09:00"]]}]},
        {"days_off": [{"date": "1901-01-01"}]}, {"short_days": [{"date": "2026-12-01", "hours": []}]},
        {"short_days": [{"date": "2026-12-01", "hours": [["09:00", "09:00"]]}]},
        {"short_days": [{"date": "2026-12-01", "hours": [["18:00", "09:00"]]}]},
    )  # fmt: skip
    for wrong in wrongs:
        answer = await client.put(path, json=wrong, headers={**admin, "If-Match": "2"})
        assert answer.status_code == 422, (wrong, answer.text)


async def test_a_body_has_office_hours_of_its_own(client: Client, mint: Any, sla: Any) -> None:
    admin = mint.headers("admin")
    received = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)  # Monday, 10:00 in Kursk
    own, other = Appeal(received_at=received), Appeal(received_at=received)
    day = [["08:00", "12:00"]]
    week = {"office_hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}}
    answer = await client.put(
        f"/api/v1/calendars/46/organisations/{BODY.id}", json=week, headers={**admin, "If-Match": "1"}
    )
    assert answer.status_code == 200, answer.text
    assert [item["organisation_id"] for item in answer.json()["organisations"]] == [str(BODY.id)]
    await deliver(sla, own.registered(), own.created(), other.registered(), other.created(OTHER))
    mine, theirs = (await clocks_of(sla, own))["one:react:1"], (await clocks_of(sla, other))["one:react:1"]
    # 8 working hours from Monday 10:00: two, four and two till Wednesday 10:00, or seven and one.
    # Clocks that have ended would keep the calendar of their time; these still run.
    assert mine["due_at"] != theirs["due_at"]
    assert mine["due_at"] == datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    assert theirs["due_at"] == datetime(2026, 11, 17, 7, 0, tzinfo=UTC)


async def test_the_ladder_is_a_regions_own(client: Client, mint: Any, sla: Any) -> None:
    admin = mint.headers("admin")
    path = "/api/v1/settings/46/sla"
    shown = (await client.get(path, headers=admin)).json()
    assert (shown["version"], shown["minimum_sample"]) == (1, 2)
    appeal = Appeal(received_at=now() - days(20))  # whatever day it is, an office has been open since
    await deliver(sla, appeal.registered(), appeal.created())
    ladder = shown["ladder"]
    ladder["message"] = [
        {"level": 1, "kind": "reminder", "whom": "head", "share": 0.05},
        {"level": 2, "kind": "breach", "whom": "executor"},
        {"level": 3, "kind": "escalation", "whom": "federal", "after": {"days": 1, "unit": "working_day"}},
    ]
    body = {"ladder": ladder, "minimum_sample": 5, "due_soon_hours": 24}
    changed = await client.put(path, json=body, headers={**admin, "If-Match": "1"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["minimum_sample"]) == (2, 5)
    await fire(sla)
    (reminder,) = [
        e["data"] for e in await said(sla, "deadline.reminded", appeal) if e["data"]["clock"] == "answer"
    ]
    assert (reminder["level"], reminder["whom"]) == ("1", "head")
    without = {**body, "ladder": {**ladder, "message": ladder["message"][:1]}}
    assert (await client.put(path, json=without, headers={**admin, "If-Match": "2"})).status_code == 422
    assert (await client.put(path, json=body, headers={**admin, "If-Match": "1"})).status_code == 412
    assert (await client.get(path, headers=mint.headers("coordinator"))).status_code == 403


async def test_what_the_nation_decides_stays_the_nations_when_it_is_sent_back(
    client: Client, mint: Any, sla: Any
) -> None:
    admin = mint.headers("admin")
    path = "/api/v1/calendars/46"
    seen = (await client.get(path, headers=admin)).json()
    changed = {**seen, "short_days": [{"date": "2026-12-31", "hours": [["09:00", "13:00"]]}]}
    first = await client.put(path, json=changed, headers={**admin, "If-Match": "1"})
    assert first.status_code == 200, first.text
    later = {**first.json(), "known_until": 2030, "office_hours": {"mon": [["08:00", "12:00"]]}}
    second = await client.put(path, json=later, headers={**admin, "If-Match": "2"})
    assert second.status_code == 200, second.text
    back = await client.put(path, json=second.json(), headers={**admin, "If-Match": "3"})
    assert back.status_code == 200, back.text
    stored = [row["data"] for row in await rows(sla, "SELECT data FROM sla.calendar ORDER BY version")]
    assert [data.get("known_until") for data in stored] == [None, 2030, 2030]
    assert ["office_hours" in data for data in stored] == [False, True, True]
    assert not {"region", "version", "since", "zone", "organisations", "settled"} & stored[-1].keys()


async def test_a_short_day_without_hours_that_was_kept_before_is_none(
    client: Client, mint: Any, sla: Any
) -> None:
    """It never shortened anything; what is shown can be sent back."""
    kept = {"short_days": [{"date": "2026-11-03", "hours": []}], "shorten_pre_holidays": True}
    async with sla.begin() as session:
        statement = "INSERT INTO sla.calendar (region, version, data, reason, created_by) VALUES ('46', 2, :data, 'было', 'x')"
        await session.execute(text(statement), {"data": json.dumps(kept)})
    admin = mint.headers("admin")
    seen = (await client.get("/api/v1/calendars/46", headers=admin)).json()
    assert (seen["version"], seen["short_days"]) == (2, [])
    back = await client.put("/api/v1/calendars/46", json=seen, headers={**admin, "If-Match": "2"})
    assert back.status_code == 200, back.text
    calendar = parse_calendar(kept, region="46")
    assert calendar.opening(date(2026, 11, 3)) == ((540, 780), (840, 1020)), (
        "an hour less on the eve of a holiday"
    )
