"""A service in two processes: the front answers, the work is done beside it, and a hint shortens the wait."""

from __future__ import annotations

import sys

import pytest

from chassis.broker import Broker
from chassis.settings import Settings
from chassis.wake_ups import WakeUp
from harness.waiting import eventually
from infra.local.embedded import EmbeddedServers


@pytest.mark.parametrize(
    ("arguments", "role"),
    [([], "all"), (["front"], "front"), (["work"], "work"), (["-x"], "all"), (["x", "work"], "all")],
)
def test_the_command_line_names_the_role(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], role: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["services/intake/main.py", *arguments])
    assert Settings().role == role


async def test_a_hint_wakes_the_other_process_and_only_that_service(servers: EmbeddedServers) -> None:
    url = servers.nats_url("admin")
    front, work, stranger = (Broker(url, name, "_INBOX") for name in ("intake", "intake", "sla"))
    for broker in (front, work, stranger):
        await broker.connect()
    heard: list[str] = []
    await work.receive_wake_ups(
        {"masking": lambda: heard.append("masking"), "outbox": lambda: heard.append("outbox")}
    )
    await stranger.receive_wake_ups({"masking": lambda: heard.append("stranger")})
    bell = WakeUp()
    bell.pass_on = lambda: front.send_wake_up("masking")
    bell.ring()
    front.send_wake_up("outbox")
    front.send_wake_up("unheeded")

    async def both() -> bool:
        return sorted(heard) == ["masking", "outbox"]

    await eventually(both)
    for broker in (front, work, stranger):
        await broker.close()


async def test_a_hint_without_a_broker_is_simply_lost() -> None:
    Broker("nats://127.0.0.1:1", "intake", "_INBOX").send_wake_up("masking")
