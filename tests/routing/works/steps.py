"""Steps of planned works: a region with water, streets and places; announcing a work, placing, giving notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.db import open_work
from services.routing.reference.rules.codes import organisation_id_of
from services.routing.works.actions.answering import answer_some
from tests.routing.conftest import REFERENCE, Routing, Said

WATER = organisation_id_of("46", "vodokanal")
KURSK, LGOV = "38701000", "38705000"
NOTICE = "Воды нет из-за плановых работ до 18:00. Номер вашего обращения: {number}."
OF_WATER = Said("Водоснабжение", 0.7, [("Отопление", 0.1)], ["воды"])
OF_ROADS = Said("Ямы на дорогах", 0.8, [("Водоснабжение", 0.04)], ["яма"])


async def set_up(routing: Routing) -> None:
    """Water and heat beside the roads, two towns, and a model that knows water by the word."""
    routing.classifier.told = {"яма": OF_ROADS, "вод": OF_WATER, "сухо": OF_WATER}
    await routing.load(
        groups=[*REFERENCE["groups"], {"code": "utilities", "name": "ЖКХ"}],
        topics=[
            *REFERENCE["topics"],
            {"code": "water", "name": "Водоснабжение", "group": "utilities"},
            {"code": "heat", "name": "Отопление", "group": "utilities"},
        ],
        organisations=[
            *REFERENCE["organisations"],
            {"code": "vodokanal", "name": "Городской водоканал", "kind": "company", "parent": "city"},
        ],
        municipalities=[
            {"oktmo": KURSK, "name": "Город Курск", "kind": "city", "stems": ["г. курск", "в курске"]},
            {
                "oktmo": LGOV,
                "name": "Город Льгов",
                "kind": "city",
                "stems": ["г. льгов", "в льгове", "льгов"],
            },
            *REFERENCE["municipalities"][1:],
        ],
        rules=[*REFERENCE["rules"], {"group": "utilities", "organisation": "city"}],
        settlements=[
            {
                "code": "46-kursk",
                "name": "Курск",
                "kind": "г",
                "municipality": KURSK,
                "lat": 51.73,
                "lon": 36.19,
            },
            {
                "code": "46-lgov",
                "name": "Льгов",
                "kind": "г",
                "municipality": LGOV,
                "lat": 51.66,
                "lon": 35.26,
            },
        ],
    )


def work(**changes: Any) -> dict[str, Any]:
    """A cut of water in two streets of Kursk, from an hour ago for six hours."""
    now = datetime.now(UTC)
    return {
        "region": "46",
        "title": "Отключение холодной воды",
        "kind": "outage",
        "topics": ["water"],
        "municipality": KURSK,
        "streets": ["улица Ленина", "3-я Песчаная улица"],
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=5)).isoformat(),
        "organisation": str(WATER),
        "notice": NOTICE,
        **changes,
    }


async def announce(routing: Routing, status: int = 201, role: str = "coordinator", **changes: Any) -> Any:
    """POST a work."""
    headers = routing.agency(WATER) if role == "agency" else routing.mint.headers(role)
    return await routing.call("POST", "/works", headers, status, json=work(**changes))


async def listed(routing: Routing, **params: Any) -> list[dict[str, Any]]:
    """Works as a coordinator sees them."""
    answer = await routing.call("GET", "/works", routing.mint.headers("coordinator"), params=params)
    items: list[dict[str, Any]] = answer["items"]
    return items


async def give(routing: Routing) -> int:
    """One step of the worker that gives notices."""
    async with routing.app.state.resources.sessions.begin() as session:
        await open_work(session)
        return await answer_some(session)


async def answered(look: Any) -> dict[UUID, str]:
    """Appeal → status of its lead assignment."""
    found = await look.fetch("SELECT appeal_id, status FROM routing.assignment WHERE role = 'lead'")
    return {row["appeal_id"]: row["status"] for row in found}
