"""What incidents are found by: what each report tells of where and what, and under which places it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import ARRAY, Index, Integer, Text, text

from chassis.tables import BIG, Key, default, define_table
from services.routing.tables.base import metadata

Texts = Annotated[list[str], ARRAY(Text())]
Integers = Annotated[list[int], ARRAY(Integer())]


@dataclass(frozen=True, slots=True)
class IncidentPoint:
    """The point of a report's appeal (WGS 84), where it has one that can be trusted; what else it tells is read later."""

    region: Key[str]
    assignment_id: Key[UUID]
    received_at: datetime
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class IncidentSign(IncidentPoint):
    """What a report tells; see `incidents.rules.reports.Signs`.

    `component`: the reports that are close to each other while they are no incident, called after one of them; `close`: it
    is close to another of its incident, so that others join through it; `to_move`: it has joined a confirmed incident, and
    its assignment is still to be given to whom this belongs. `topic`, `municipality`: of the assignment when it was read;
    `event`: what it tells of first; `events` and `weights` go together.
    """

    component: UUID | None
    close: Annotated[bool, default("false")]
    to_move: Annotated[bool, default("false")]
    topic: str | None
    municipality: str | None
    place: str | None
    is_small: Annotated[bool, default("false")]
    street: str | None
    event: str | None
    streets: Annotated[Texts, default("'{}'")]
    maybe: Annotated[Texts, default("'{}'")]
    houses: Annotated[Texts, default("'{}'")]
    events: Annotated[Texts, default("'{}'")]
    weights: Annotated[Integers, default("'{}'")]


@dataclass(frozen=True, slots=True)
class IncidentKey:
    """A place that a report names or lies in, as a number: reports that might be of one event share one."""

    region: Key[str]
    key: Annotated[int, "primary key", BIG]
    received_at: Key[datetime]
    assignment_id: Key[UUID]


incident_sign = define_table(
    metadata,
    "incident_sign",
    IncidentSign,
    Index(
        "incident_sign_component_ix", "region", "component", postgresql_where=text("component IS NOT NULL")
    ),
    Index("incident_sign_move_ix", "region", "assignment_id", postgresql_where=text("to_move")),
    Index("incident_sign_received_ix", "region", "received_at"),
)
incident_key = define_table(metadata, "incident_key", IncidentKey)
