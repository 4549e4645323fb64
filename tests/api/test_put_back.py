"""A PUT takes what its GET gave: unchanged, changed in what may be changed, and not in what only we set.

Every PUT of the API is in the table below, or the first test names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.api.conftest import PARTS, OpenPart, Part
from tests.api.operations import operations_in
from tests.intake.conftest import handle
from tests.intake.open311.conftest import topic_changed
from tests.journeys.foreign.bodies import channel_body

Thing = dict[str, Any]
# What moves on by itself or with every PUT, and what is taken as it comes.
MOVES = frozenset({"version", "valid_from", "since", "settled", "counts", "last_at"})
TAKEN_AS_IT_COMES = frozenset({"settled", "next_cursor", "counts", "last_at", "has_password", "has_code"})


def itself(answer: Thing) -> Thing:
    return answer


def first(answer: Thing) -> Thing:
    found: Thing = answer["items"][0]
    return found


@dataclass(frozen=True)
class Pair:
    """Where what a PUT replaces is read, and how it is changed. `at`: path of the PUT, with fields of what was read."""

    part: str
    read: str
    change: Thing
    at: str = ""
    pick: Callable[[Thing], Thing] = itself
    versioned: bool = True


OWN_HOURS = {"mon": [["10:00", "16:00"]], "tue": [], "wed": [], "thu": [], "fri": [], "sat": [], "sun": []}
PAIRS = {
    "PUT /api/v1/settings/{region}/intake": Pair("intake", "/settings/46/intake", {"reopen_days": 17}),
    "PUT /api/v1/service-definitions/{region}/{topic}": Pair(
        "intake", "/service-definitions/46/holes",
        {"attributes": [{"code": "POLE", "datatype": "string", "required": True, "description": "Номер столба"}]},
    ),
    "PUT /api/v1/widgets/{widget_id}": Pair(
        "intake", "/widgets?region=46", {"origins": ["https://school.example.ru"]}, "/widgets/{id}", first
    ),
    "PUT /api/v1/settings/{region}/routing": Pair("routing", "/settings/46/routing", {"hop_limit": 5}),
    "PUT /api/v1/settings/{region}/sla": Pair("sla", "/settings/46/sla", {"due_soon_hours": 24}),
    "PUT /api/v1/channels/{channel_id}": Pair(
        "intake", "/channels?region=46", {"municipality": "38701000", "state": "paused"}, "/channels/{id}", first
    ),
    "PUT /api/v1/organisations/{organisation_id}": Pair(
        "routing", "/organisations?region=46", {"name": "Другое имя"}, "/organisations/{id}", first
    ),
    "PUT /api/v1/rules/{rule_id}": Pair(
        "routing", "/rules?region=46", {"comment": "иначе"}, "/rules/{id}", first
    ),
    "PUT /api/v1/service-areas/{area_id}": Pair(
        "routing", "/service-areas?region=46", {"houses": ["1-15 нечётные", "20"]}, "/service-areas/{id}", first
    ),
    "PUT /api/v1/reference/{region}": Pair(
        "routing", "/reference/46", {"groups": [{"code": "light", "name": "Фонари"}, {"code": "roads", "name": "Дороги"}]},
        versioned=False,
    ),
    "PUT /api/v1/templates/{template_id}": Pair(
        "routing", "/templates?region=46", {"text": "По обращению {number}: сделано"}, "/templates/{id}", first
    ),
    "PUT /api/v1/works/{work_id}": Pair(
        "routing", "/works?region=46", {"title": "Ремонт дороги", "streets": ["ул. Мира"]}, "/works/{id}", first
    ),
    "PUT /api/v1/people/{person_id}": Pair("gateway", "/people", {"position": "Начальник"}, "/people/{id}", first),
    "PUT /api/v1/topics": Pair(
        "routing", "/topics?region=46", {"items": [{"region": "46", "code": "holes", "name": "Ямы", "group": "roads"}]}, "/topics",
        versioned=False,
    ),
    "PUT /api/v1/policies/{policy_id}": Pair(
        "sla", "/policies?region=46", {"term": {"days": 2, "unit": "working_day"}}, "/policies/{id}", first
    ),
    "PUT /api/v1/calendars/{region}": Pair(
        "sla", "/calendars/46", {"days_off": [{"date": "2027-05-20", "reason": "праздник"}]}
    ),
    "PUT /api/v1/calendars/{region}/organisations/{organisation_id}": Pair(
        "sla", "/calendars/46", {"office_hours": {**OWN_HOURS, "tue": [["09:00", "24:00"]]}},
        "/calendars/46/organisations/{organisation_id}", lambda answer: answer["organisations"][0],
    ),
}  # fmt: skip
REFERENCE = {
    "groups": [{"code": "roads", "name": "Дороги"}, {"code": "light", "name": "Свет"}],
    "topics": [{"code": "holes", "name": "Ямы на дорогах", "group": "roads"}],
    "organisations": [
        {"code": "city", "name": "Город", "kind": "municipal"},
        {"code": "lights", "name": "Горсвет", "kind": "company", "parent": "city"},
    ],
    "rules": [{"topic": "holes", "organisation": "city", "comment": "так"}],
    "service_areas": [
        {"service": "power", "organisation": "lights", "municipality": "38701000", "street": "ул. Ленина"}
    ],
}


class Asked:
    """The part as its administrator sees it."""

    def __init__(self, part: Part, pair: Pair) -> None:
        self.part, self.pair = part, pair
        self.headers = part.mint.headers("admin", ["*"])

    async def prepare(self) -> None:
        """Something to read."""
        if "channels" in self.pair.at:
            made = await self.part.client.post(
                "/api/v1/channels", headers=self.headers, json=channel_body("46", "217000001")
            )
            assert made.status_code == 201, made.text
        if self.pair.part == "routing":
            loaded = await self.put("/reference/46", REFERENCE, 0)
            assert loaded.status_code == 200, loaded.text
            template = {"region": "46", "name": "Шаблон", "text": "По обращению {number}"}
            path = "/api/v1/templates"
            made = await self.part.client.post(path, headers=self.headers, json=template)
            assert made.status_code == 201, made.text
            loaded = await self.part.client.post(
                "/api/v1/works", headers=self.headers, json=self.work(loaded.json())
            )
            assert loaded.status_code == 201, loaded.text
        if self.pair.part == "intake":
            await handle(self.part.app, topic_changed("holes", "Ямы"))
            form = {"region": "46", "title": "Форма", "topics": ["holes"]}
            made = await self.part.client.post("/api/v1/widgets", headers=self.headers, json=form)
            assert made.status_code == 201, made.text
        if self.pair.part == "gateway":
            person = {"login": "ivanova", "name": "Мария Иванова", "role": "analyst", "regions": ["46"]}
            hired = await self.part.client.post("/api/v1/people", headers=self.headers, json=person)
            assert hired.status_code == 201, hired.text
        if "organisations/" in self.pair.at and self.pair.part == "sla":
            set_up = await self.put(f"/calendars/46/organisations/{uuid4()}", {"office_hours": OWN_HOURS}, 1)
            assert set_up.status_code == 200, set_up.text

    @staticmethod
    def work(loaded: Thing) -> Thing:
        ring = [[36.1, 51.7], [36.2, 51.7], [36.2, 51.8], [36.1, 51.7]]
        return {
            "region": "46",
            "title": "Закрытие моста",
            "kind": "closure",
            "topics": ["holes"],
            "area": {"type": "Polygon", "coordinates": [ring]},
            "starts_at": "2026-01-01T00:00:00Z",
            "ends_at": "2030-01-01T00:00:00Z",
            "organisation": loaded["organisations"]["lights"],
            "notice": "Мост закрыт.",
        }

    async def read(self) -> tuple[Thing, int]:
        """What is replaced, and its version."""
        answer = await self.part.client.get(f"/api/v1{self.pair.read}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        found = self.pair.pick(answer.json())
        return found, found.get("version", answer.json().get("version", 0))

    async def replace(self, body: Thing, seen: Thing, version: int) -> httpx2.Response:
        return await self.put((self.pair.at or self.pair.read).format(**seen), body, version)

    async def put(self, path: str, body: Thing, version: int) -> httpx2.Response:
        headers = {**self.headers, "If-Match": str(version)}
        return await self.part.client.put(f"/api/v1{path}", json=body, headers=headers)


@pytest.mark.parametrize("part", PARTS)
def test_every_put_is_in_the_table(part: str) -> None:
    puts = {str(operation) for operation in operations_in(part) if operation.method == "PUT"}
    assert puts == {name for name, pair in PAIRS.items() if pair.part == part}


@pytest.mark.parametrize(
    ("parts", "name"), [(pair.part, name) for name, pair in PAIRS.items()], indirect=["parts"]
)
async def test_what_get_gave_can_be_put_back(open_part: OpenPart, name: str) -> None:
    part, pair = await open_part(), PAIRS[name]
    asked = Asked(part, pair)
    await asked.prepare()
    seen, version = await asked.read()
    schema = next(each.body for each in part.operations if str(each) == name)
    assert schema is not None
    assert seen.keys() <= schema["properties"].keys(), "GET gives a field that PUT does not take"

    same = await asked.replace(seen, seen, version)
    assert same.status_code == 200, same.text
    again, version = await asked.read()
    assert settled(again) == settled(seen)

    changed = await asked.replace({**again, **pair.change}, seen, version)
    assert changed.status_code == 200, changed.text
    now, version = await asked.read()
    assert covers(now, pair.change), now
    kept = settled(seen).keys() - pair.change.keys()
    assert {name: now[name] for name in kept} == {name: seen[name] for name in kept}

    read_only = {field for field, each in schema["properties"].items() if each.get("readOnly")}
    assert read_only or not pair.versioned
    for field_name in read_only - TAKEN_AS_IT_COMES:
        refused = await asked.replace({**now, field_name: other(now[field_name])}, seen, version)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field_name}")
    unknown = await asked.replace({**now, "unheard_of": 1}, seen, version)
    assert unknown.status_code == 422
    assert (await asked.read())[0] == now, "what was refused has changed nothing"
    if pair.versioned:
        assert (await asked.replace(now, seen, version + 7)).status_code == 412


def settled(thing: Thing) -> Thing:
    """What stays as it is."""
    return {name: value for name, value in thing.items() if name not in MOVES}


def covers(found: Any, wanted: Any) -> bool:
    """Whether everything wanted is there."""
    if isinstance(wanted, dict):
        return all(covers(found[name], value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return all(covers(*pair) for pair in zip(found, wanted, strict=True))
    return bool(found == wanted)


def other(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, list):
        return [] if value else [{"organisation_id": str(uuid4()), "office_hours": OWN_HOURS}]
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "2001-01-01T00:00:00Z"
    if len(value) == 36:
        return str(uuid4())
    return "2001-01-01T00:00:00Z" if value[4:5] == "-" else f"{value}x"
