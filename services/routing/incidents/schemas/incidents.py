"""Incidents and their appeals as officials see them, and what people send to act on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chassis.bodies import Body
from chassis.times import Day
from contracts.routing import Outcome
from services.routing.assignments.rules.statuses import Status
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import Attachments, Name, Words
from services.routing.tables.incidents import Incident, IncidentStatus, JoinedBy

StayingBecause = Literal[
    "leased",
    "worked_on",
    "complaint",
    "clarifying",
    "in_review",
    "answered",
    "postponed",
    "redirected",
    "cancelled",
]


class IncidentPlace(BaseModel):
    """Where an incident is: the middle of its appeals' points, and how far they lie around it, in metres."""

    lat: float
    lon: float
    radius_m: int


class IncidentView(BaseModel):
    """Many appeals about one event. `topic`: the region's code; `organisation`: who holds the lead, once it is confirmed;
    `merged_into`: where its appeals are now; `enough`: how many citizens did not write because it is known."""

    id: UUID
    region: str
    status: IncidentStatus
    topic: str | None
    topic_name: str | None
    title: str
    started_at: datetime
    last_at: datetime
    municipality: str | None
    place: IncidentPlace | None
    appeals: int
    organisation: OrganisationRef | None
    work_id: UUID | None
    merged_into: UUID | None
    enough: int
    version: int

    @classmethod
    def of(cls, incident: Incident, reference: RegionReference, enough: int = 0, **more: Any) -> Self:
        """An incident as officials see it; `more`: the fields of a subclass."""
        topic = reference.topic(incident.topic)
        return cls(
            **{name: getattr(incident, name) for name in _COLUMNS_SHOWN},
            topic_name=topic.name if topic else None,
            place=_place_of(incident),
            organisation=OrganisationRef.maybe(incident.organisation_id, reference),
            enough=enough,
            **more,
        )


_COLUMNS_SHOWN = (
    "id",
    "region",
    "status",
    "topic",
    "title",
    "started_at",
    "last_at",
    "municipality",
    "appeals",
    "work_id",
    "merged_into",
    "version",
)


def _place_of(incident: Incident) -> IncidentPlace | None:
    if incident.lat is None or incident.lon is None:
        return None
    return IncidentPlace(lat=incident.lat, lon=incident.lon, radius_m=incident.radius_m or 0)


class IncidentPage(BaseModel):
    """Part of the list, those that something was last told of first."""

    items: list[IncidentView]
    next_cursor: str | None


class Staying(BaseModel):
    """How many appeals stay with who has them, and why: `leased` by somebody, `worked_on` since they moved, `complaint` about the
    receiver, or a status in which nothing is given to anybody else."""

    why: StayingBecause
    appeals: int


class ActedIncident(IncidentView):
    """An incident after an act. `moved`: how many assignments went to another organisation; `staying`: which did not."""

    moved: int
    staying: list[Staying]


class IncidentAppeal(BaseModel):
    """An appeal of an incident, its text masked. `similarity`: 0..1, to what it was joined by; null where a person did it."""

    appeal_id: UUID
    assignment_id: UUID
    number: str
    text: str
    channel: str
    received_at: datetime
    joined_by: JoinedBy
    similarity: float | None
    status: Status
    organisation: OrganisationRef | None


class IncidentAppealPage(BaseModel):
    """Part of the appeals, oldest first."""

    items: list[IncidentAppeal]
    next_cursor: str | None


class Confirmation(Body):
    """The incident is one; under another title, if there is one."""

    title: Name | None = None


class Split(Body):
    """Appeals that tell of something else, and the title of that."""

    appeals: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    title: Name | None = None


class Merging(Body):
    """The incident that the same event has already."""

    into: UUID


class Undoing(Body):
    """Nothing more is said."""


class CommonAnswerBody(Body):
    """What every citizen of the incident is answered; `{number}` stands for the number of each appeal."""

    text: Words
    outcome: Outcome
    promised_on: Day | None = None
    attachments: Attachments = None

    @model_validator(mode="after")
    def _promise(self) -> CommonAnswerBody:
        if self.outcome == "postponed" and self.promised_on is None:
            raise ValueError("a postponed solution needs promised_on")
        return self


class AnswerProgress(BaseModel):
    """How many have the answer, of how many that are to have it."""

    done: int
    of: int
