"""A made-up region's appeals, day by day, as the events they send; troubles can be planted in it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.event import Event
from contracts.intake import AppealRegistered, Location
from contracts.routing import (
    AssignmentAnswered,
    AssignmentCreated,
    AssignmentReopened,
    OrganisationName,
    TopicName,
)

REGION: Final = "46"
FIRST: Final = date(2026, 6, 1)
DAYS: Final = 62
LAST: Final = FIRST + timedelta(days=DAYS - 1)
TOPICS: Final = tuple(
    TopicName(code=f"topic-{n}", name=f"Тема {n}", group="group", group_name="Группа") for n in range(6)
)
PLACES: Final = ("38701000", "38602000", "38604000", "38606000")
CENTRES: Final = dict(zip(PLACES, ((51.73, 36.19), (51.2, 35.3), (51.9, 37.1), (52.1, 35.8)), strict=True))
MEANS: Final = (2.0, 0.8, 0.5, 0.4)  # appeals a day of each topic, by place
BODY: Final = OrganisationName(id=uuid7(), name="Комитет")


@dataclass(frozen=True)
class Reply:
    """The body's answer to an appeal, and whether it did not help."""

    body: OrganisationName
    hours: float
    is_reopened: bool = False


@dataclass(frozen=True)
class Report:
    """One appeal."""

    at: datetime  # UTC
    topic: int
    place: str
    point: tuple[float, float]
    channel: str = "portal"
    by_work: bool = False
    reply: Reply | None = None
    body: OrganisationName = BODY  # whose it is where there is no reply


def ordinary(seed: int, days: int = DAYS) -> list[Report]:
    """Every day as many as usual, anywhere in its municipality."""
    chance = random.Random(seed)
    return [
        report_on(chance, FIRST + timedelta(days=day), topic, place)
        for day in range(days)
        for topic in range(len(TOPICS))
        for place, mean in zip(PLACES, MEANS, strict=True)
        for _ in range(_poisson(chance, mean))
    ]


def report_on(chance: random.Random, day: date, topic: int, place: str, **more: object) -> Report:
    """One of that day, at any hour and anywhere in the municipality unless `point` is given."""
    at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(seconds=chance.uniform(0, 50_000))
    lat, lon = CENTRES[place]
    scattered = (lat + chance.uniform(-0.05, 0.05), lon + chance.uniform(-0.05, 0.05))
    point = more.pop("point", scattered)
    return Report(at, topic, place, point, **more)  # type: ignore[arg-type]


def planted(
    seed: int, rows: int, begins: int, days: int, topic: int, place: str, **more: object
) -> list[Report]:
    """So many more a day, from a day of the region on."""
    chance = random.Random(seed)
    return [
        report_on(chance, FIRST + timedelta(days=begins + day), topic, place, **dict(more))
        for day in range(days)
        for _ in range(rows)
    ]


def _poisson(chance: random.Random, mean: float) -> int:
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count, left = count + 1, left + chance.expovariate(1)
    return count


def events_of(reports: Sequence[Report]) -> Iterator[Event]:
    """What intake and routing say of them."""
    for number, report in enumerate(reports):
        yield from _events_of(report, uuid7(), number)


def _events_of(report: Report, appeal: UUID, number: int) -> Iterator[Event]:
    about = {"region": REGION, "appeal_id": appeal, "time": report.at}
    yield AppealRegistered.model_validate(
        about
        | {
            "number": f"46-2026-{number:07}",
            "regime": "message",
            "channel": report.channel,
            "client_id": "portal-1",
            "text": "Текст",
            "municipality": report.place,
            "location": Location(lat=report.point[0], lon=report.point[1]),
            "received_at": report.at,
        }
    )
    assignment, body = uuid7(), report.reply.body if report.reply else report.body
    about |= {"assignment_id": assignment, "organisation": body}
    yield AssignmentCreated.model_validate(
        about
        | {
            "sequence": 1,
            "number": "n",
            "role": "lead",
            "regime": "message",
            "channel": report.channel,
            "municipality": report.place,
            "topic": TOPICS[report.topic],
            "received_at": report.at,
            "created_at": report.at,
        }
    )
    if report.by_work:
        yield _answered(about, uuid7(), report.at + timedelta(seconds=2), work_id=uuid7())
    if report.reply:
        yield from _replied(about, report.reply, report.at + timedelta(hours=report.reply.hours))


def _answered(
    about: dict[str, object], answer: UUID, at: datetime, work_id: UUID | None = None
) -> AssignmentAnswered:
    answered = {"answer_id": answer, "sequence": 2, "outcome": "explained", "text": "", "answered_at": at}
    return AssignmentAnswered.model_validate(about | answered | {"work_id": work_id})


def _replied(about: dict[str, object], reply: Reply, at: datetime) -> Iterator[Event]:
    answer, again = uuid7(), at + timedelta(hours=5)
    yield _answered(about, answer, at)
    if reply.is_reopened:
        yield AssignmentReopened.model_validate(
            about | {"sequence": 3, "answer_id": answer, "cycle": 2, "reopened_at": again}
        )
