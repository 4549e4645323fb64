"""A civic app finds the services, sends a request, and everybody may read what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.moments import utc_now
from tests.intake.conftest import Story, handle, mask_all, post
from tests.intake.open311 import shapes
from tests.intake.open311.conftest import LIGHTS, POTHOLES, V2, request_form, submit, topic_changed
from tests.intake.open311.shapes import require_shape, require_xml

PERSONAL = ("Иванов", "Пётр", "123-45-67", "petrov.ivan", "кв. 34")


async def both(client: Any, path: str, shape: Any, **parameters: Any) -> Any:
    """What is at a path, the same in both formats."""
    json = await client.get(f"{V2}{path}.json", params=parameters)
    xml = await client.get(f"{V2}{path}.xml", params=parameters)
    assert (json.status_code, xml.status_code) == (200, 200), json.text
    found = require_shape(json, shape)
    assert require_xml(xml, shape) == found
    return found


async def test_what_there_is(spoken: Any) -> None:
    client, app = spoken
    discovery = await both(client, "/discovery", shapes.DISCOVERY)
    assert discovery["endpoints"][0]["url"] == "http://service/open311/v2"
    services = await both(client, "/services", shapes.SERVICES, jurisdiction_id="46", unheard_of="1")
    assert sorted((each["service_code"], each["metadata"], each["type"]) for each in services) == [
        (LIGHTS, False, "realtime"),
        (POTHOLES, False, "realtime"),
    ]
    assert await both(client, "/services", shapes.SERVICES) == services, "the only region need not be named"
    defined = await both(client, f"/services/{POTHOLES}", shapes.DEFINITION)
    assert defined == {"service_code": POTHOLES, "attributes": []}
    await handle(app, topic_changed("t", "Тема", region="59"))
    unnamed = await client.get(f"{V2}/services.json")
    assert (unnamed.status_code, require_shape(unnamed, shapes.ERRORS)[0]["code"]) == (400, 400)
    # The newest announcement of a topic counts, whatever comes after it.
    await handle(
        app, topic_changed(LIGHTS, "Свет", version=3, active=False), topic_changed(LIGHTS, "Лампы", version=2)
    )
    assert [
        each["service_code"]
        for each in await both(client, "/services", shapes.SERVICES, jurisdiction_id="46")
    ] == [POTHOLES]


async def test_a_request_is_public_at_once_and_masked(spoken: Any, mint: Any) -> None:
    client, app = spoken
    answer = await client.post(
        f"{V2}/requests.json",
        data=request_form(media_url="https://photo.example/1.jpg"),
        headers=mint.headers("portal"),
    )
    (created,) = require_shape(answer, shapes.CREATED)
    id = created["service_request_id"]
    assert "Код отслеживания" in created["service_notice"]
    before = await both(client, f"/requests/{id}", shapes.REQUESTS)
    await mask_all(app)
    (shown,) = await both(client, f"/requests/{id}", shapes.REQUESTS)
    assert before == [shown], "it reads the same before the masking worker comes by"
    assert (shown["status"], shown["service_code"], shown["service_name"]) == ("open", POTHOLES, "Ямы")
    assert (shown["lat"], shown["long"], shown["media_url"]) == (51.73, 36.19, None)
    assert shown["description"].startswith("Яма на дороге")
    assert not [word for word in PERSONAL if word in str(shown)], shown
    assert await both(client, "/requests", shapes.REQUESTS, service_request_id=f"{id},{uuid4()}") == [shown]
    assert await both(client, f"/tokens/{id}", shapes.TOKEN) == [{"service_request_id": id, "token": id}]
    original = await client.post(
        f"/api/v1/appeals/{id}/original", json={"purpose": "проверка"}, headers=mint.headers("coordinator")
    )
    assert original.json()["applicant"]["name"] == "Иванов Пётр"
    assert "https://photo.example/1.jpg" in original.json()["text"]


async def test_deadline_and_answer_are_shown(spoken: Any, mint: Any) -> None:
    client, app = spoken
    id = await submit(client, mint.headers("portal"))
    story = Story(id)  # type: ignore[arg-type]
    await handle(app, story.created(), story.deadline("2026-12-21"), story.answered())
    (shown,) = await both(client, f"/requests/{id}", shapes.REQUESTS)
    assert (shown["status"], shown["status_notes"]) == ("closed", "Дан ответ. Яма заделана")
    assert shown["expected_datetime"] == "2026-12-21T23:59:59+03:00"
    assert shown["agency_responsible"] == "Комитет дорожного хозяйства"
    assert shown["updated_datetime"] == "2026-11-21T12:02:00+03:00"
    await handle(app, story.reopened())
    (shown,) = await both(client, f"/requests/{id}", shapes.REQUESTS)
    assert shown["status"] == "open"


async def test_filters(spoken: Any, mint: Any) -> None:
    client, app = spoken
    headers = mint.headers("portal")
    old, hole, lamp = [
        await submit(client, headers, service_code=code) for code in (POTHOLES, POTHOLES, LIGHTS)
    ]
    story = Story(old, start=utc_now() + timedelta(hours=1))  # type: ignore[arg-type]
    await handle(app, story.created(), story.answered())
    await post(client, headers, text="Не для всех")  # of another channel: never public

    async def ids(**parameters: Any) -> list[str]:
        found = await both(client, "/requests", shapes.REQUESTS, jurisdiction_id="46", **parameters)
        return [each["service_request_id"] for each in found]

    assert await ids() == [lamp, hole, old]
    assert await ids(status="closed") == [old]
    assert await ids(status="open,closed") == [lamp, hole, old]
    assert await ids(service_code=LIGHTS) == [lamp]
    assert await ids(service_code=[LIGHTS, "nothing"], status=["open"]) == [lamp]
    assert await ids(page="2", page_size="2") == [old]
    assert await ids(page_size="") == [lamp, hole, old], "an empty parameter is none"
    soon = (utc_now() + timedelta(minutes=30)).isoformat(timespec="seconds")
    assert await ids(updated_after=soon) == [old]
    assert await ids(updated_after="2020-01-01", page_size="2") == [lamp, hole]
    assert await ids(updated_before=soon) == [lamp, hole]
    assert await ids(start_date=soon) == []
    yesterday = (utc_now() - timedelta(days=1)).date().isoformat()
    assert await ids(start_date=yesterday, end_date=soon) == [lamp, hole, old]
    assert await ids(start_date="2020-01-01", end_date="2020-03-01") == []
    assert await ids(end_date="1970-02-01") == []
    assert await ids(end_date="2020-01-01T00:00:00 03:00") == [], "a plus sign that nobody escaped"


BAD_LISTS = (
    {"start_date": "yesterday"},
    {"end_date": "2026-02-30"},
    {"start_date": "2026-01-01", "end_date": "2026-06-01"},
    {"start_date": "2026-06-02", "end_date": "2026-06-01"},
    {"status": "half"},
    {"page": "0"},
    {"page": "x"},
    {"page": "9999999"},
    {"page_size": "-1"},
    {"updated_after": "\0"},
)
NOWHERE = (
    "/requests/{id}", "/requests/1", "/requests/../x", "/requests/{id}.txt", "/tokens/{id}", "/tokens/'", "/services/none",
    "/services/%00", "/nothing", "/requests/%F0%9F%92%A9", "/services.txt", "/",
)  # fmt: skip


async def test_errors_are_the_standards_own(spoken: Any, mint: Any) -> None:
    client, _ = spoken
    for parameters in BAD_LISTS:
        for format, read in (("json", require_shape), ("xml", require_xml)):
            refused = await client.get(f"{V2}/requests.{format}", params=parameters)
            assert refused.status_code == 400, (parameters, refused.text)
            assert read(refused, shapes.ERRORS)[0]["code"] == 400
    for path in NOWHERE:
        missing = await client.get(V2 + path.format(id=uuid4()), headers={"Accept": "application/json"})
        assert missing.status_code == 404, path
        assert require_shape(missing, shapes.ERRORS)[0]["code"] == 404, path
    for path in ("/services", "/requests", "/requests/x"):
        assert (await client.get(f"{V2}{path}.json?jurisdiction_id=99")).status_code == 404
        assert (await client.get(f"{V2}{path}.json?jurisdiction_id=59")).status_code == 404
    assert (await client.get(f"{V2}/requests/1.xml")).headers["content-type"].startswith("text/xml")
    nobody = await client.post(f"{V2}/requests.json", data=request_form())
    assert (nobody.status_code, require_shape(nobody, shapes.ERRORS)[0]["code"]) == (403, 403)
    analyst = await client.post(f"{V2}/requests.xml", data=request_form(), headers=mint.headers("analyst"))
    assert (analyst.status_code, require_xml(analyst, shapes.ERRORS)[0]["code"]) == (403, 403)
    elsewhere = mint.headers("portal", ["59"])
    assert (
        await client.post(f"{V2}/requests.json", data=request_form(), headers=elsewhere)
    ).status_code == 403


BAD_FORMS: tuple[tuple[dict[str, str], int, str], ...] = (
    ({"service_code": ""}, 400, "service_code"),
    ({"service_code": "none"}, 404, "service_code"),
    ({"jurisdiction_id": "00"}, 404, "jurisdiction_id"),
    ({"description": " "}, 400, "description"),
    ({"description": "я" * 4001}, 400, "description"),
    ({"description": "\u3164"}, 400, "description"),
    ({"lat": "", "long": "", "address_string": ""}, 400, "address_string"),
    ({"lat": ""}, 400, "lat"),
    ({"lat": "north"}, 400, "lat"),
    ({"lat": "nan"}, 400, "lat"),
    ({"lat": "91"}, 400, "lat"),
    ({"address_string": "ул. " * 200}, 400, "address_string"),
    ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
    ({"email": "x" * 300}, 400, "email"),
)


async def test_a_request_that_lacks_something_is_told_what(spoken: Any, mint: Any) -> None:
    client, _ = spoken
    headers = mint.headers("portal")
    for fields, status, named in BAD_FORMS:
        refused = await client.post(f"{V2}/requests.json", data=request_form(**fields), headers=headers)
        assert refused.status_code == status, (fields, refused.text)
        assert any(named in each["description"] for each in require_shape(refused, shapes.ERRORS)), (
            refused.text
        )
    for content, media_type in (
        (b"\xff=%ff", None),
        (b"{}", "application/json"),
        (b"&".join([b"a=1"] * 600), None),
    ):
        typed = {"Content-Type": media_type or "application/x-www-form-urlencoded"}
        refused = await client.post(f"{V2}/requests.json", content=content, headers={**headers, **typed})
        assert refused.status_code == 400, content[:20]
    assert (await client.get("/api/v1/appeals", headers=headers)).json()["items"] == []


async def test_moderation_decides_what_is_public(spoken: Any, mint: Any) -> None:
    client, app = spoken
    admin, moderator = mint.headers("admin"), mint.headers("coordinator")
    at_once = await client.post(f"{V2}/requests.json", data=request_form(), headers=mint.headers("portal"))
    (public,) = require_shape(at_once, shapes.CREATED)
    assert "token" not in public
    assert (await client.get(f"{V2}/requests/{public['service_request_id']}.json")).status_code == 200
    await change_intake(client, admin, moderated_channels=["open311"])
    assert {each["type"] for each in (await client.get(f"{V2}/services.json")).json()} == {"batch"}
    answer = await client.post(f"{V2}/requests.json", data=request_form(), headers=mint.headers("portal"))
    (created,) = require_shape(answer, shapes.CREATED)
    token = created["token"]
    await mask_all(app)
    assert (await client.get(f"{V2}/tokens/{token}.json")).json() == [
        {"service_request_id": None, "token": token}
    ]
    assert (await client.get(f"{V2}/requests/{token}.json")).status_code == 404
    assert await listed_ids(client) == [public["service_request_id"]]
    accept = {"decision": "accept", "reason": "по делу"}
    decided = await client.post(f"/api/v1/appeals/{token}/moderation", json=accept, headers=moderator)
    assert decided.status_code == 200, decided.text
    (found,) = await both(client, f"/tokens/{token}", shapes.TOKEN)
    assert await listed_ids(client) == [found["service_request_id"], public["service_request_id"]]


async def change_intake(client: Any, admin: dict[str, str], **settings: Any) -> None:
    """How region 46 moderates."""
    answer = await client.put("/api/v1/settings/46/intake", json=settings, headers={**admin, "If-Match": "0"})
    assert answer.status_code == 200, answer.text


async def listed_ids(client: Any) -> list[str]:
    """What everybody sees in the list."""
    return [each["service_request_id"] for each in (await client.get(f"{V2}/requests.json")).json()]


@pytest.mark.parametrize(("words", "is_shown"), [("Яма на дороге", True), ("Вы там все охуели", False)])
async def test_nobody_reads_a_request_before_its_flags_are_given(
    spoken: Any, mint: Any, words: str, is_shown: bool
) -> None:
    client, app = spoken
    await change_intake(client, mint.headers("admin"), holding_flags=["obscene"])
    id = await submit(client, mint.headers("portal"), description=words)
    for step in range(2):
        public = is_shown and step == 1
        found = id if public else None
        assert await both(client, f"/tokens/{id}", shapes.TOKEN) == [
            {"service_request_id": found, "token": id}
        ]
        assert await listed_ids(client) == ([id] if public else [])
        for path in (f"/requests/{id}.json", f"/requests.json?service_request_id={id}"):
            assert (await client.get(V2 + path)).status_code == (200 if public else 404), path
        await mask_all(app)


async def test_a_danger_that_no_channel_holds_is_named_by_its_id(spoken: Any, mint: Any) -> None:
    client, _ = spoken
    await change_intake(client, mint.headers("admin"), moderated_channels=["open311"])
    id = await submit(client, mint.headers("portal"), description="Горит дом, внутри люди, помогите")
    assert await listed_ids(client) == [id]


async def test_a_hundred_requests_are_named_at_once(spoken: Any, mint: Any) -> None:
    client, _ = spoken
    id = await submit(client, mint.headers("portal"))
    named = ",".join([id, *(str(uuid4()) for _ in range(99))])
    assert len((await client.get(f"{V2}/requests.json?service_request_id={named}")).json()) == 1
    more = await client.get(f"{V2}/requests.json?service_request_id={named},{id}")
    assert (more.status_code, require_shape(more, shapes.ERRORS)[0]["code"]) == (400, 400)


@pytest.mark.parametrize("decision", ["reject", "hide"])
async def test_what_a_moderator_refuses_is_nobodys_to_read(spoken: Any, mint: Any, decision: str) -> None:
    client, app = spoken
    settings = {"moderated_channels": ["open311"]}
    await client.put(
        "/api/v1/settings/46/intake", json=settings, headers={**mint.headers("admin"), "If-Match": "0"}
    )
    answer = await client.post(f"{V2}/requests.json", data=request_form(), headers=mint.headers("portal"))
    token = answer.json()[0]["token"]
    await mask_all(app)
    story = Story(token)
    await handle(app, story.created())
    refuse = {"decision": decision, "reason": "нет"}
    await client.post(f"/api/v1/appeals/{token}/moderation", json=refuse, headers=mint.headers("coordinator"))
    await handle(app, story.answered())
    for path in (f"/tokens/{token}", f"/requests/{token}", f"/requests?service_request_id={token}"):
        assert (await client.get(V2 + path)).status_code == 404, path
    assert (await client.get(f"{V2}/requests.json")).json() == []
    whole = {"start_date": "2026-11-20", "end_date": "2026-11-30"}
    assert (await client.get(f"{V2}/servicerequestupdates.json", params=whole)).json() == []
