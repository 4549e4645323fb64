"""Reference data: loaded by codes, changed one by one, tried out; and the demo region's own files."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg

from otklik.demo import read_reference
from tests.routing.conftest import CITY, LIGHTS, REFERENCE, ROADS, Routing, appeal, told


async def test_the_same_reference_again_changes_nothing(routing: Routing, look: asyncpg.Connection) -> None:
    again = await routing.load()
    assert set(again["changed"].values()) == {0}
    assert again["organisations"]["roads"] == str(ROADS)
    assert (again["version"], again["topics"], again["rules"]) == (1, 3, 4)
    assert len(await told(look, "topic.changed")) == 3
    changed = await routing.load(
        groups=[{"code": "streets", "name": "Улицы и дворы"}],
        topics=[{"code": "holes", "name": "Ямы", "group": "streets"}],
        organisations=[{"code": "roads", "name": "Комитет дорог", "kind": "municipal", "parent": "gov"}],
        municipalities=[],
        rules=[{"topic": "holes", "organisation": "roads", "comment": "основное"}],
    )
    counts = dict.fromkeys(again["changed"], 0) | {"topics": 2, "organisations": 1}
    assert changed["changed"] == counts | {"rules": changed["changed"]["rules"]}
    events = (await told(look, "topic.changed"))[3:]
    assert [(e["code"], e["name"], e["group_name"], e["sequence"]) for e in events] == [
        ("holes", "Ямы", "Улицы и дворы", 2),
        ("lamps", "Нет освещения", "Улицы и дворы", 2),
    ]
    (body,) = (await told(look, "organisation.changed"))[6:]
    assert (body["code"], body["sequence"], body["organisation_id"]) == ("roads", 2, str(ROADS))


async def test_residents_are_announced_and_kept(routing: Routing, look: asyncpg.Connection) -> None:
    """Once for each change; what does not say how many leaves the number as it was."""
    before = len(await told(look, "municipality.changed"))
    place = {**REFERENCE["municipalities"][0], "population": 437_129}
    for body, changed in ((place, 1), (place, 0), (REFERENCE["municipalities"][0], 0)):
        loaded = await routing.load(municipalities=[body])
        assert loaded["changed"]["municipalities"] == changed
    (event,) = (await told(look, "municipality.changed"))[before:]
    assert (event["oktmo"], event["name"]) == (place["oktmo"], place["name"])
    assert event["population"] == 437_129
    admin = routing.mint.headers("admin", ["*"])
    exported = await routing.call("GET", "/reference/46", admin)
    assert {each["oktmo"]: each["population"] for each in exported["municipalities"]}[
        place["oktmo"]
    ] == 437_129
    await routing.call(
        "PUT", "/reference/46", admin, 422, json={"municipalities": [{**place, "population": 0}]}
    )


async def test_unknown_codes_are_named(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    body = {
        "topics": [{"code": "x", "name": "x", "group": "none"}],
        "organisations": [{"code": "y", "name": "y", "kind": "company", "parent": "none"}],
        "rules": [{"topic": "none", "group": "none", "organisation": "none"}],
    }
    problem = await routing.call("PUT", "/reference/46", admin, 422, json=body)
    assert [error["pointer"] for error in problem["errors"]] == [
        "/topics/0/group",
        "/organisations/0/parent",
        "/rules/0/topic",
        "/rules/0/group",
        "/rules/0/organisation",
    ]
    await routing.call("PUT", "/reference/00", admin, 422, json={})
    await routing.call("PUT", "/reference/46", routing.mint.headers("admin", ["59"]), 403, json={})


async def test_lists_are_paged(routing: Routing) -> None:
    portal = routing.mint.headers("portal")
    for path, total in (("/topics", 3), ("/organisations", 6), ("/rules", 4)):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await routing.call(
                "GET", path, portal, params={"region": "46", "limit": 2, "cursor": cursor}
            )
            found += [item.get("code") or item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert len(set(found)) == len(found) == total
        await routing.call("GET", path, routing.mint.headers("federal", ["*"]), 403)
        await routing.call("GET", path, portal, 403, params={"region": "59"})
    rules = await routing.call("GET", "/rules", portal, params={"topic": "holes", "organisation": str(ROADS)})
    assert [rule["organisation"]["name"] for rule in rules["items"]] == ["Комитет дорог"]


async def test_one_organisation(routing: Routing, look: asyncpg.Connection) -> None:
    admin = routing.mint.headers("admin", ["*"])
    body = {"region": "46", "code": "water", "name": "Водоканал", "kind": "company", "parent_id": str(CITY)}
    made = await routing.call("POST", "/organisations", admin, 201, json=body)
    assert (made["version"], made["active"]) == (1, True)
    await routing.call("POST", "/organisations", admin, 409, json=body)
    path, change = f"/organisations/{made['id']}", {"name": "Горводоканал", "kind": "company"}
    changed = await routing.call("PUT", path, admin, json=change, more={"If-Match": 1})
    assert (changed["name"], changed["parent_id"], changed["version"]) == ("Горводоканал", None, 2)
    await routing.call("PUT", path, admin, 412, json=change, more={"If-Match": 1})
    await routing.call("PUT", path, admin, 428, json=change)
    await routing.call("PUT", f"/organisations/{uuid4()}", admin, 404, json=change, more={"If-Match": 1})
    circle = {"name": "Администрация", "kind": "municipal", "parent_id": str(ROADS)}
    await routing.call("PUT", f"/organisations/{CITY}", admin, 422, json=circle, more={"If-Match": 1})
    assert [event["sequence"] for event in (await told(look, "organisation.changed"))[6:]] == [1, 2]
    # A body out of use gets nothing more.
    off = {"name": "Комитет дорог", "kind": "municipal", "active": False}
    await routing.call("PUT", f"/organisations/{ROADS}", admin, json=off, more={"If-Match": 1})
    await routing.handle(appeal())
    assert (await routing.triage())[0]["triage_reason"].startswith("Нет правила компетенции")


async def test_topics_one_by_one(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    body = {"region": "46", "topics": [{"code": "holes", "name": "Ямы", "group": "streets", "active": False}]}
    assert (await routing.call("PUT", "/topics", admin, json=body))["changed"] == ["holes"]
    assert (await routing.call("PUT", "/topics", admin, json=body))["changed"] == []
    listed = await routing.call("GET", "/topics", admin, params={"region": "46"})
    assert [topic["code"] for topic in listed["items"]] == ["clinics", "lamps"]
    await routing.handle(appeal(topic="holes"))
    assert "нет в справочнике" in (await routing.triage())[0]["triage_reason"]


async def test_rules_in_force_and_tried_out(routing: Routing, look: asyncpg.Connection) -> None:
    admin, coordinator = routing.mint.headers("admin", ["*"]), routing.mint.headers("coordinator")
    await routing.handle(*(appeal(topic="holes") for _ in range(3)), appeal(topic="lamps"))
    new: dict[str, Any] = {"topic": "holes", "organisation": str(LIGHTS)}
    body = {"region": "46", "days": 7, "add": [new]}
    before = await look.fetchval("SELECT count(*) FROM routing.outbox")
    tried = await routing.call("POST", "/rules/dry-run", coordinator, json=body)
    assert (tried["examined"], tried["would_move"], tried["would_go_to_triage"]) == (4, 3, 0)
    assert tried["flows"] == [
        {
            "now": {"id": str(ROADS), "name": "Комитет дорог"},
            "then": {"id": str(LIGHTS), "name": "Горсвет"},
            "assignments": 3,
        }
    ]
    assert len(tried["examples"]) == 3
    assert await look.fetchval("SELECT count(*) FROM routing.outbox") == before
    rules = await routing.call("GET", "/rules", coordinator, params={"region": "46", "topic": "holes"})
    old = rules["items"][0]
    body = {"region": "46", "remove": [old["id"]]}
    tried = await routing.call("POST", "/rules/dry-run", coordinator, json=body)
    assert (tried["would_move"], tried["would_go_to_triage"]) == (3, 3)

    made = await routing.call("POST", "/rules", admin, 201, json={"region": "46", **new})
    await routing.call("POST", "/rules", admin, 409, json={"region": "46", **new})
    both = {"region": "46", "topic": "holes", "group": "streets", "organisation": str(LIGHTS)}
    await routing.call("POST", "/rules", admin, 422, json=both)
    off = {"topic": "holes", "organisation": str(ROADS), "active": False}
    await routing.call("PUT", f"/rules/{old['id']}", admin, json=off, more={"If-Match": 1})
    await routing.handle(appeal(topic="holes"))
    assert len(await routing.queue(LIGHTS)) == 2
    twin = {"topic": "holes", "organisation": str(ROADS)}
    await routing.call("PUT", f"/rules/{made['id']}", admin, 409, json=twin, more={"If-Match": 1})


async def test_settings_change_routing_at_once(routing: Routing) -> None:
    admin, path = routing.mint.headers("admin", ["*"]), "/settings/46/routing"
    default = await routing.call("GET", path, admin)
    assert default == {
        "region": "46",
        "version": 0,
        "auto_route_threshold": 0.3,
        "organisation_threshold": 0.5,
        "level_threshold": 0.6,
        "target_precision": None,
        "hop_limit": 2,
        "lease_seconds": 300,
        "accept_within_minutes": 1440,
        "audit_share": 0.015,
        "review_mode": "none",
        "review_share": 0.1,
        "second_signature": "none",
        "clarification_days": 10,
    }
    body = {"auto_route_threshold": 0.95, "hop_limit": 1}
    await routing.call("PUT", path, admin, 428, json=body)
    await routing.call("PUT", path, admin, json=body, more={"If-Match": '"0"'})
    await routing.call("PUT", path, admin, 412, json=body, more={"If-Match": 0})
    assert (await routing.call("GET", path, admin))["version"] == 1
    await routing.handle(appeal())
    assert "90 % ниже порога 95 %" in (await routing.triage())[0]["triage_reason"]
    await routing.call("GET", path, routing.mint.headers("coordinator"), 403)


async def test_classifying_stores_nothing(routing: Routing, look: asyncpg.Connection) -> None:
    coordinator = routing.mint.headers("coordinator")
    body = {"text": "Яма в Курске", "region": "46"}
    answer = await routing.call("POST", "/classify", coordinator, json=body)
    assert answer["topic"] == {"code": "holes", "name": "Ямы на дорогах", "confidence": 0.9}
    assert answer["organisation"] == {"id": str(ROADS), "name": "Комитет дорог"}
    assert [guess["code"] for guess in answer["alternatives"]] == ["lamps"]
    assert (answer["terms"], answer["municipality"]) == (["яма"], "38701000")
    await routing.call("POST", "/classify", coordinator, 403, json={**body, "region": "59"})
    assert await look.fetchval("SELECT count(*) FROM routing.assignment") == 0


async def test_the_demo_region_loads_in_one_request(routing: Routing) -> None:
    """Its ids are the same whenever it is built."""
    reference = read_reference()
    admin = routing.mint.headers("admin", ["*"])
    loaded = await routing.call("PUT", "/reference/46", admin, json=reference)
    assert loaded["rules"] == len(reference["rules"]) > 2000
    assert len(loaded["organisations"]) == 77
    again = await routing.call("PUT", "/reference/46", admin, json=reference)
    assert not any(again["changed"].values())
    assert REFERENCE["topics"][0]["code"] not in loaded["organisations"]


async def test_topics_come_back_with_what_was_read(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    page = await routing.call("GET", "/topics", admin, params={"region": "46"})
    assert (await routing.call("PUT", "/topics", admin, json=page))["changed"] == []
    topic = page["items"][0]
    for field, value in (("version", 9), ("group_name", "Другая"), ("region", "59")):
        body = {"region": "46", "topics": [{**topic, field: value}]}
        problem = await routing.call("PUT", "/topics", admin, 422, json=body)
        assert [error["pointer"] for error in problem["errors"]] == [f"/topics/0/{field}"]
    moved = {
        "region": "46",
        "groups": [{"code": "squares", "name": "Площади"}],
        "topics": [{**topic, "group": "squares", "group_name": "Площади"}],
    }
    assert (await routing.call("PUT", "/topics", admin, json=moved))["changed"] == [topic["code"]]
    wrongs: tuple[dict[str, Any], ...] = (
        {"region": "46"},
        {"topics": []},
        {"items": [{**topic, "region": None}]},
    )
    for wrong in wrongs:
        await routing.call("PUT", "/topics", admin, 422, json=wrong)


async def test_a_rules_body_is_chosen_by_id_or_as_it_was_read(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    rule = (await routing.call("GET", "/rules", admin, params={"topic": "holes"}))["items"][0]
    path = f"/rules/{rule['id']}"

    async def put(organisation: object, status: int = 200) -> dict[str, Any]:
        seen = {"If-Match": str(rule["version"])}
        answer: dict[str, Any] = await routing.call(
            "PUT", path, admin, status, json={**rule, "organisation": organisation}, more=seen
        )
        return answer

    strange = await put({**rule["organisation"], "name": "Другое имя"}, 422)
    assert [error["pointer"] for error in strange["errors"]] == ["/organisation/name"]
    unknown = await put({**rule["organisation"], "nmae": "x"}, 422)
    assert unknown["errors"] == [
        {"pointer": "/organisation/nmae", "message": "is not known here; did you mean name?"}
    ]
    await put("not-an-id", 422)
    for chosen in (
        {"id": str(LIGHTS), "name": rule["organisation"]["name"]},
        str(CITY),
        {"id": str(ROADS), "name": "Комитет дорог"},
        {"id": str(ROADS)},
    ):
        rule = await put(chosen)
        assert rule["organisation"]["id"] == (chosen if isinstance(chosen, str) else chosen["id"])


async def test_a_map_names_the_largest_settlements(routing: Routing) -> None:
    admin, path = routing.mint.headers("admin", ["*"]), "/settlements?region=46"
    await routing.call("PUT", "/reference/46", admin, json=read_reference())
    largest = (await routing.call("GET", f"{path}&limit=5", admin))["items"]
    assert largest[0]["name"] == "Курск"
    sizes = [each["population"] for each in largest]
    assert sizes == sorted(sizes, reverse=True)
    of_one = (await routing.call("GET", f"{path}&municipality={largest[1]['municipality']}", admin))["items"]
    assert {each["municipality"] for each in of_one} == {largest[1]["municipality"]}
    other = routing.mint.headers("analyst", ["25"])
    await routing.call("GET", path, other, 403)
    await routing.call("GET", "/settlements", admin, 422)
