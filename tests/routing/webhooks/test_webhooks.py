"""What enters, changes in and leaves an organisation's queue reaches its system, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from chassis.webhooks.workers import call_receivers, read_feed
from harness.receiver import Receiver, receiving
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listens on this machine."""
    with receiving() as running:
        yield running


@pytest.fixture(autouse=True)
def listed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's network is listed."""
    monkeypatch.setenv("OTKLIK_WEBHOOK_NETWORKS", "127.0.0.0/8")


async def register(routing: Routing, url: str, by: UUID = ROADS, *events: str) -> dict[str, Any]:
    body = {"url": url, "events": list(events or ["assignment.*"])}
    made: dict[str, Any] = await routing.call("POST", "/webhooks", routing.agency(by), 201, json=body)
    return made


async def call_out(routing: Routing) -> None:
    """What the workers do."""
    await read_feed(routing.app.state.resources)
    await call_receivers(routing.app.state.resources)


async def test_an_assignment_is_called_out_as_its_queue_sees_it(routing: Routing, receiver: Receiver) -> None:
    webhook = await register(routing, receiver.url())
    await register(routing, receiver.url("/lights"), LIGHTS)
    registered = appeal()
    await routing.handle(registered)
    (item,) = await routing.claim()
    await routing.act(item, "external-ref", external_ref="СЭД-17")
    accepted = await routing.act(item, "accept")
    await routing.act(
        accepted,
        "redirect",
        reason_code="not_competent",
        comment="не наше",
        suggested_organisation=str(LIGHTS),
    )
    await call_out(routing)
    own = [each for each in receiver.received if each.path == "/hook"]
    assert all(each.is_signed_with(webhook["secret"]) for each in own)
    data = [each.json["data"] for each in own]
    assert [each.json["type"] for each in own] == [
        "assignment.entered", "assignment.changed", "assignment.changed", "assignment.left",
    ]  # fmt: skip
    assert {(each["id"], each["number"]) for each in data} == {(item["id"], registered.number)}
    assert [each["status"] for each in data] == ["new", "new", "accepted", "redirected"]
    assert [each["version"] for each in data] == [1, 1, 2, 3]
    assert [each.get("external_id") for each in data] == [None, "СЭД-17", "СЭД-17", "СЭД-17"]
    assert not any("не наше" in each.body.decode() for each in receiver.received)
    theirs = [each.json for each in receiver.received if each.path == "/lights"]
    assert {each["data"]["id"] for each in theirs} & {item["id"]} == set()


async def test_an_organisation_has_its_webhooks_whichever_client_asks(
    routing: Routing, receiver: Receiver
) -> None:
    webhook = await register(routing, receiver.url())
    other_client = routing.mint.headers("agency", organisation=ROADS, client="another-system")
    listed = await routing.call("GET", "/webhooks", other_client)
    assert [each["id"] for each in listed["items"]] == [webhook["id"]]
    for method, path in (("GET", ""), ("POST", "/test"), ("POST", "/secret"), ("GET", "/deliveries")):
        await routing.call(method, f"/webhooks/{webhook['id']}{path}", routing.agency(LIGHTS), 404)
    assert (await routing.call("GET", "/webhooks", routing.agency(LIGHTS)))["items"] == []
    portal = routing.mint.headers("portal")
    await routing.call("GET", "/webhooks", portal, 403)
    body = {"url": receiver.url(), "events": ["appeal.*"]}
    problem = await routing.call("POST", "/webhooks", routing.agency(), 422, json=body)
    assert "assignment.entered" in problem["errors"][0]["message"]
