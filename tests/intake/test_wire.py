"""The running service: masks by itself, announces on the wire, and hears the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from chassis.broker import Broker
from harness.waiting import eventually
from infra.local.embedded import EmbeddedServers
from tests.intake.conftest import Story, appeal_body


@pytest.fixture
async def wire(servers: EmbeddedServers) -> AsyncIterator[Broker]:
    """Streams of the other services, empty, and the right to publish to them."""
    broker = Broker(servers.nats_url("admin"), "test", "_INBOX")
    await broker.connect()
    await _delete_streams(broker)
    for stream in ("ROUTING", "SLA"):
        await broker.ensure_stream(stream)
    yield broker
    await _delete_streams(broker)
    await broker.close()


async def _delete_streams(broker: Broker) -> None:
    for stream in await broker.js.streams_info():
        await broker.js.delete_stream(str(stream.config.name))


async def test_from_the_post_to_the_deadline(app_client: Any, mint: Any, wire: Broker) -> None:
    client, _ = await app_client("intake", background=True)
    headers = mint.headers("portal")
    posted = await client.post(
        "/api/v1/appeals",
        json=appeal_body(),
        headers={**headers, "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )
    receipt = posted.json()

    async def announced() -> Any:
        try:
            return await wire.js.get_msg("INTAKE", 1)
        except Exception:
            return None

    message = await eventually(announced)
    (envelope,) = orjson.loads(message.data)
    assert envelope["type"] == "intake.appeal.registered.v1"
    assert envelope["data"]["text"] == "Яма на дороге, меня зовут [имя], тел. [телефон]"
    assert envelope["traceparent"].startswith(f"00-{'a' * 32}-")

    story = Story(UUID(receipt["id"]))
    events = [story.created(), story.accepted(), story.deadline()]
    # Late first, and everything twice.
    for event in [*reversed(events), *events]:
        await wire.publish([(event.SUBJECT, orjson.dumps(event.envelope()), "")], 5)

    async def page() -> Any:
        found = (await client.get(f"/api/v1/track/{receipt['tracking_code']}")).json()
        return (
            found
            if found["status"] == "in_work" and found["due_on"] and len(found["timeline"]) == 4
            else None
        )

    assert (await eventually(page))["due_on"] == "2026-12-21"

    async def ready() -> bool:
        return bool((await client.get("/health/ready")).status_code == 200)

    assert await eventually(ready)
