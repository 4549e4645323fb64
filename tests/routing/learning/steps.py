"""What tests of learning do again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from harness.resources import worker_sessions
from services.routing.learning.actions.training import train_next
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal


async def set_share(routing: Routing, share: float) -> None:
    """How many decisions of the region are drawn for audit."""
    admin = routing.mint.headers("admin", ["*"])
    settings = await routing.call("GET", "/settings/46/routing", admin)
    await routing.call(
        "PUT",
        "/settings/46/routing",
        admin,
        json={**settings, "audit_share": share},
        more={"If-Match": settings["version"]},
    )


async def labels_of(look: asyncpg.Connection) -> list[tuple[str, str | None, UUID | None]]:
    """All labels in order: source, topic, organisation."""
    rows = await look.fetch("SELECT source, topic, organisation_id FROM routing.label ORDER BY at, id")
    return [(row["source"], row["topic"], row["organisation_id"]) for row in rows]


async def models_of(routing: Routing) -> list[dict[str, Any]]:
    """Models of region 46."""
    page = await routing.call("GET", "/models", routing.mint.headers("coordinator"), params={"region": "46"})
    items: list[dict[str, Any]] = page["items"]
    return items


# Words that the shipped model does not connect with these topics, so that whoever has seen labels is better.
WORDS = {
    "holes": ("котлован", "промоина", "колея"),
    "lamps": ("плафон", "опора", "сумерки"),
    "clinics": ("талон", "рецепт", "фельдшер"),
}


def text_about(topic: str, number: int) -> str:
    """A text that can be learned from others about its topic."""
    words = WORDS[topic]
    return f"Прошу разобраться, {words[number % 3]} и снова {words[(number // 3) % 3]}, обращение {number}"


async def teach(
    routing: Routing, look: asyncpg.Connection, count: int, *, since_hours: int = 1000, wrong: bool = False
) -> None:
    """Appeals, an hour between each, and a coordinator's word on the topic of each; `wrong`: each the same other topic."""
    topics = sorted(WORDS)
    begin = datetime.now(UTC) - timedelta(hours=since_hours)
    events = [
        appeal(text_about(topics[n % 3], n), received_at=begin + timedelta(hours=n)) for n in range(count)
    ]
    for start in range(0, count, 100):
        await routing.handle(*events[start : start + 100])
    named = {event.appeal_id: topics[(n + wrong) % 3] for n, event in enumerate(events)}
    for row in await look.fetch("SELECT id, appeal_id FROM routing.assignment WHERE role = 'lead'"):
        if row["appeal_id"] in named:
            await look.execute(
                "INSERT INTO routing.label (region, id, assignment_id, appeal_id, topic, organisation_id, source, at) "
                "VALUES ('46', $1, $2, $3, $4, $5, 'correction', now())",
                uuid7(),
                row["id"],
                row["appeal_id"],
                named[row["appeal_id"]],
                ROADS if named[row["appeal_id"]] == "holes" else LIGHTS,
            )


async def ask(routing: Routing, status: int = 202) -> dict[str, Any]:
    """Have a model of region 46 trained."""
    admin = routing.mint.headers("admin", ["*"])
    answer: dict[str, Any] = await routing.call("POST", "/models", admin, status, json={"region": "46"})
    return answer


async def train(routing: Routing) -> dict[str, Any]:
    """The same, and the worker's work; the model as it is then."""
    asked = await ask(routing)
    assert asked["status"] == "training"
    assert await train_next(worker_sessions(routing.app)) == 0
    return next(model for model in await models_of(routing) if model["id"] == asked["id"])


async def change_model(
    routing: Routing, model: dict[str, Any], verb: str, status: int = 200, **body: Any
) -> dict[str, Any]:
    """Promote a model, or roll it back."""
    answer: dict[str, Any] = await routing.call(
        "POST",
        f"/models/{model['id']}/{verb}",
        routing.mint.headers("admin", ["*"]),
        status,
        json=body,
        more={"If-Match": model["version"]},
    )
    return answer
