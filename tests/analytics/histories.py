"""Generated lives of appeals: the events they send, and beside them what really happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from contracts.event import Event
from contracts.routing import (
    OrganisationChanged,
    OrganisationName,
    TopicChanged,
    TopicName,
)

ZONES = {"46": ZoneInfo("Europe/Moscow"), "25": ZoneInfo("Asia/Vladivostok")}
START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 60
TOPICS = tuple(
    TopicName(code=f"topic-{n}", name=f"Тема {n}", group=f"group-{n % 2}", group_name=f"Группа {n % 2}")
    for n in range(4)
)
BODIES = tuple(OrganisationName(id=uuid7(), name=f"Орган {n}") for n in range(4))
CHANNELS = ("portal", "vk", "phone")
PLACES = {"46": ("38701000", "38602000", "38602000101"), "25": ("05701000", "05614000")}
CENTRES = {"46": (51.73, 36.19), "25": (43.12, 131.89)}


@dataclass
class Answered:
    """One final answer."""

    at: datetime
    reopened: bool = False
    score: int | None = None
    reached: bool | None = None
    satisfied: bool | None = None
    promised_on: date | None = None


@dataclass
class Task:
    """One assignment as it stands at the end of its history."""

    id: UUID
    lead: bool
    created_at: datetime
    body: OrganisationName | None
    topic: TopicName | None
    due_at: datetime
    reactions: list[datetime] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    ended_at: datetime | None = None
    met: bool = False
    breached: bool = False
    version: int = 0
    readings: int = 0

    @property
    def ended(self) -> bool:
        """Whether it was taken away."""
        return self.ended_at is not None

    @property
    def open(self) -> bool:
        """Whether somebody still has to answer."""
        return not self.ended and all(answer.reopened for answer in self.answers)


@dataclass
class Case:
    """One appeal as it stands at the end of its history, and everything that was said about it."""

    id: UUID
    region: str
    received_at: datetime
    channel: str
    stated_place: str | None
    routed_place: str | None
    point: tuple[float, float] | None
    tasks: list[Task] = field(default_factory=list)
    withdrawn_at: datetime | None = None
    moderated_at: datetime | None = None
    rejected: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def withdrawn(self) -> bool:
        """Whether the citizen asked to stop."""
        return self.withdrawn_at is not None

    @property
    def local(self) -> datetime:
        """The region's wall clock at reception."""
        return self.received_at.astimezone(ZONES[self.region])

    @property
    def leads(self) -> list[Task]:
        """Assignments of accountable bodies."""
        return [task for task in self.tasks if task.lead]

    @property
    def holder(self) -> Task | None:
        """The lead that counts now."""
        return max(self.leads, key=lambda t: (not t.ended, t.created_at, t.id), default=None)


def reference_events() -> list[Event]:
    """Names of topics and bodies, each said twice, the newer name last."""
    said: list[Event] = []
    for version, suffix in ((1, " (старое)"), (2, "")):
        for region in ZONES:
            at = START + timedelta(seconds=version)
            said += [
                TopicChanged(
                    region=region,
                    topic_id=uuid7(),
                    sequence=version,
                    time=at + timedelta(seconds=n / 100),
                    code=topic.code,
                    name=topic.name + suffix,
                    group=topic.group,
                    group_name=topic.group_name + suffix,
                )
                for n, topic in enumerate(TOPICS)
            ]
            said += [
                OrganisationChanged(
                    region=region,
                    organisation_id=body.id,
                    sequence=version,
                    time=at,
                    code=f"body-{n}",
                    name=body.name + suffix,
                    kind="municipal",
                )
                for n, body in enumerate(BODIES)
            ]
    return said
