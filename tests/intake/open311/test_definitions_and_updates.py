"""What is asked about a topic, and what happens to a request afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.intake.conftest import Story, handle, mask_all
from tests.intake.open311 import shapes
from tests.intake.open311.conftest import LIGHTS, POTHOLES, V2, request_form, submit
from tests.intake.open311.shapes import require_shape, require_xml

PATH = f"/api/v1/service-definitions/46/{LIGHTS}"
ASKED: list[dict[str, Any]] = [
    {"code": "POLE", "datatype": "string", "required": True, "description": "Номер столба"},
    {
        "code": "KIND", "datatype": "multivaluelist", "description": "Что не так", "required": True,
        "values": [{"key": "dark", "name": "Не горит"}, {"key": "blinks", "name": "Мигает"}],
    },
    {"code": "SINCE", "datatype": "datetime", "description": "С какого времени"},
    {"code": "COUNT", "datatype": "number", "description": "Сколько фонарей"},
    {"code": "NOTE", "datatype": "text", "variable": False, "required": True, "description": "Звоните 112 при обрыве"},
]  # fmt: skip


async def define(client: Any, mint: Any, asked: Any = ASKED, version: str = "0") -> Any:
    headers = {**mint.headers("admin"), "If-Match": version}
    return await client.put(PATH, json={"attributes": asked}, headers=headers)


async def test_a_definition_has_versions(spoken: Any, mint: Any) -> None:
    client, _ = spoken
    admin = mint.headers("admin")
    assert (await client.get(PATH, headers=admin)).json()["version"] == 0
    assert (await define(client, mint)).json()["version"] == 1
    assert (await define(client, mint)).status_code == 412
    assert (await client.get(PATH.replace(LIGHTS, "none"), headers=admin)).status_code == 404
    assert (await client.get(PATH, headers=mint.headers("coordinator"))).status_code == 403
    assert (await client.get(PATH.replace("/46/", "/59/"), headers=admin)).status_code == 403
    for wrong in (
        [{**ASKED[0], "values": [{"key": "a", "name": "а"}]}],
        [{**ASKED[1], "values": []}],
        [ASKED[0], ASKED[0]],
        [{**ASKED[1], "values": [{"key": "a", "name": "а"}, {"key": "a", "name": "б"}]}],
        [{**ASKED[0], "datatype": "photo"}],
    ):
        assert (await define(client, mint, wrong, "1")).status_code == 422, wrong


async def test_what_is_asked_is_shown_and_required(spoken: Any, mint: Any) -> None:
    client, app = spoken
    await define(client, mint)
    headers = mint.headers("portal")
    services = {
        each["service_code"]: each["metadata"] for each in (await client.get(f"{V2}/services.json")).json()
    }
    assert services == {POTHOLES: False, LIGHTS: True}
    shown = require_shape(await client.get(f"{V2}/services/{LIGHTS}.json"), shapes.DEFINITION)
    assert require_xml(await client.get(f"{V2}/services/{LIGHTS}.xml"), shapes.DEFINITION) == shown
    assert [(each["code"], each["order"], each["required"]) for each in shown["attributes"][:2]] == [
        ("POLE", 1, True),
        ("KIND", 2, True),
    ]
    form = request_form(service_code=LIGHTS, description="Темно")
    for given, faults in (
        ({}, ["attribute[POLE] was not provided", "attribute[KIND] was not provided"]),
        ({"attribute[POLE]": "7", "attribute[KIND][]": "broken"}, ["attribute[KIND] is no keys of its list"]),
        (
            {"attribute[POLE]": "7", "attribute[KIND]": "dark", "attribute[COUNT]": "many"},
            ["attribute[COUNT] is no number"],
        ),
        (
            {"attribute[POLE]": "7\n8", "attribute[KIND]": "dark"},
            ["attribute[POLE] is no line of at most 500 characters"],
        ),
        (
            {"attribute[POLE]": "7", "attribute[KIND]": "dark", "attribute[SINCE]": "вчера"},
            ["attribute[SINCE] is no instant"],
        ),
    ):
        refused = await client.post(f"{V2}/requests.json", data={**form, **given}, headers=headers)
        assert refused.status_code == 400
        described = [each["description"] for each in require_shape(refused, shapes.ERRORS)]
        assert len(described) == len(faults)
        assert all(text.startswith(fault) for text, fault in zip(described, faults, strict=True)), described
    answers = {
        "attribute[POLE]": "117", "attribute[KIND][]": ["dark", "blinks"], "attribute[COUNT]": "2,5",
        "attribute[SINCE]": "2026-11-29T20:00:00+03:00", "attribute[NOTE]": "не спрашивали", "attribute[OTHER]": "x",
    }  # fmt: skip
    made = await client.post(f"{V2}/requests.json", data={**form, **answers}, headers=headers)
    (created,) = require_shape(made, shapes.CREATED)
    await mask_all(app)
    (found,) = (await client.get(f"{V2}/requests/{created['service_request_id']}.json")).json()
    assert found["description"].split("\n") == [
        "Темно", "", "Номер столба: 117", "Что не так: Не горит, Мигает", "С какого времени: 2026-11-29T20:00:00+03:00",
        "Сколько фонарей: 2,5",
    ]  # fmt: skip


WHOLE = {"start_date": "2026-11-20T00:00:00Z", "end_date": "2026-11-25T00:00:00Z"}


async def updates(client: Any, **parameters: str) -> list[tuple[str, str, str]]:
    asked = {**WHOLE, **parameters}
    found = require_shape(await client.get(f"{V2}/servicerequestupdates.json", params=asked), shapes.UPDATES)
    assert (
        require_xml(await client.get(f"{V2}/servicerequestupdates.xml", params=asked), shapes.UPDATES)
        == found
    )
    assert len({each["update_id"] for each in found}) == len(found)
    return [(each["service_request_id"], each["status"], each["description"]) for each in found]


async def test_updates_in_order(spoken: Any, mint: Any) -> None:
    client, app = spoken
    first, second = [await submit(client, mint.headers("portal")) for _ in range(2)]
    story = Story(UUID(first))
    events = (
        story.created(),
        story.accepted(),
        story.extension_requested(),
        story.answered(),
        story.reopened(),
    )
    await handle(app, *reversed(events))
    await handle(
        app, *events, Story(UUID(second)).created()
    )  # sent again, one after the other: nothing is doubled
    whole = await updates(client)
    assert [each for each in whole if each[0] == first] == [
        (first, "open", "Направлено ответственному исполнителю: Комитет дорожного хозяйства"),
        (first, "open", "Принято в работу: Комитет дорожного хозяйства"),
        (first, "closed", "Комитет дорожного хозяйства: дан ответ – вопрос решён. Яма заделана"),
        (first, "open", "Вопрос возвращён в работу: Комитет дорожного хозяйства"),
    ], "what officials ask among each other is nobody's to read"
    assert len(await updates(client, service_request_id=second)) == 1
    assert len(await updates(client, page_size="2", page="2")) == 2
    assert await updates(client, start_date="2026-11-21T09:03:30Z") == whole[-2:]
    for wrong in (
        {"start_date": "x"},
        {"start_date": "2026-01-01T00:00:00Z"},
        {"end_date": "2026-11-19T00:00:00Z"},
    ):
        refused = await client.get(f"{V2}/servicerequestupdates.json", params={**WHOLE, **wrong})
        assert refused.status_code == 400, wrong
    assert (await client.get(f"{V2}/servicerequestupdates.json")).json() == []


async def test_a_sender_answers_what_was_asked(spoken: Any, mint: Any) -> None:
    client, app = spoken
    headers, path = mint.headers("portal"), f"{V2}/servicerequestupdates.json"
    id = await submit(client, headers)
    update = {"service_request_id": id, "update_id": "u-1", "description": "У дома 5, спросите Петрова"}
    early = await client.post(path, data=update, headers=headers)
    assert (early.status_code, require_shape(early, shapes.ERRORS)[0]["code"]) == (400, 400)
    story = Story(UUID(id))
    await handle(app, story.created(), story.asked())
    for _ in range(2):
        made = await client.post(path, data=update, headers=headers)
        assert (made.status_code, made.json()) == (200, [{"update_id": "u-1"}])
    for wrong, status in (
        ({**update, "service_request_id": str(uuid4())}, 404),
        ({**update, "service_request_id": "1"}, 404),
        ({**update, "description": " "}, 400),
    ):
        assert (await client.post(path, data=wrong, headers=headers)).status_code == status
    assert (await client.post(path, data=update)).status_code == 403
    history = await client.get(f"/api/v1/appeals/{id}/history", headers=mint.headers("coordinator"))
    assert [each["kind"] for each in history.json()["items"]].count("clarified") == 1
    shown = await updates(client)
    assert not [words for _, _, words in shown if "Петрова" in words or "Где именно" in words], shown
