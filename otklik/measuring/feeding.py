"""What goes on happening while figures are asked: appeals and their assignments, sent to analytics alone, past the streams
of the publishers, so that no other part works on what it has never registered. And how soon figures show them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from chassis.broker import Broker
from contracts.event import Event, publisher_of
from contracts.intake import AppealRegistered
from contracts.replays import replay_subject
from contracts.routing import AssignmentCreated, OrganisationName, TopicName
from infra.national.shape import organisation_id, region_codes
from otklik_client import AsyncClient

ANSWER_SECONDS = 60.0
LOOK_SECONDS = 0.2
PROBE_EVERY_SECONDS = 2.0
SUMMARY = "/api/v1/analytics/summary"
PROBE_REGION = "77"


@dataclass
class Feed:
    """Appeals a second to send, and what came of it: how many are handled, how long a second's appeals took. `brokers`: a
    publisher's own, for nobody else may send what it sends."""

    brokers: Mapping[str, Broker]
    rate: int
    handled: int = 0
    seconds: list[float] = field(default_factory=list)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until `stop`: every second's appeals at once, or later when the second before is not handled yet."""
        random, due = Random(5), time.monotonic()
        while not self._stopping.is_set():
            began = time.monotonic()
            await self.send(_appeals(random, self.rate))
            self.seconds.append(time.monotonic() - began)
            due = max(due + 1, time.monotonic() - 1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        """After the present second."""
        self._stopping.set()

    async def send(self, events: list[Event]) -> None:
        """Return when analytics has committed them."""
        publishers: dict[str, list[Event]] = {}
        for event in events:
            publishers.setdefault(publisher_of(event.SUBJECT), []).append(event)
        for publisher, theirs in publishers.items():
            content = orjson.dumps([event.envelope() for event in theirs])
            subject = replay_subject("analytics", publisher)
            await self.brokers[publisher].client.request(subject, content, timeout=ANSWER_SECONDS)
        self.handled += len(events) // 2


def _appeals(random: Random, count: int, region: str | None = None, topic: str | None = None) -> list[Event]:
    events: list[Event] = []
    for _ in range(count):
        where = region or random.choice(region_codes())
        events += appeal(where, topic or f"t{random.randrange(160):03}", random.randrange(40))
    return events


def appeal(region: str, topic: str, organisation: int) -> tuple[Event, Event]:
    """One that came just now and has its organisation."""
    now, appeal_id = datetime.now(UTC), UUID(int=uuid7().int)
    registered = AppealRegistered(
        region=region,
        appeal_id=appeal_id,
        number="",
        regime="message",
        channel="portal",
        client_id="",
        text="",
        received_at=now,
    )
    created = AssignmentCreated(
        region=region,
        appeal_id=appeal_id,
        assignment_id=UUID(int=uuid7().int),
        sequence=1,
        number="",
        regime="message",
        channel="portal",
        topic=TopicName(code=topic, name=topic, group="g00", group_name="Группа тем 1"),
        organisation=OrganisationName(
            id=organisation_id(region, organisation), name=f"Орган {organisation + 1}"
        ),
        received_at=now,
        created_at=now,
    )
    return registered, created


async def measure_lag(
    client: AsyncClient, feed: Feed, known: int, probes: int, *, national: bool
) -> list[float]:
    """Seconds from sending one more appeal until a summary counts it. `known`: appeals before the feed began.

    In its region the probe is told by a topic of its own, in the nation by the number of all that were handled by then.
    """
    taken = []
    for number in range(probes):
        topic = f"probe-{time.time_ns()}"
        began = time.monotonic()
        await feed.send(_appeals(Random(number), 1, PROBE_REGION, topic))
        region, asked = (None, None) if national else (PROBE_REGION, topic)
        expected = known + feed.handled if national else 1
        shown = 0
        while shown < expected:
            await asyncio.sleep(LOOK_SECONDS)
            shown = (await client.analytics.summarise(region=region, topic=asked)).received
        taken.append(round(time.monotonic() - began, 2))
        await asyncio.sleep(PROBE_EVERY_SECONDS)
    return taken
