"""What the reports of incidents say together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows

# The middle and the reach of points are those of most of them: one person who writes from elsewhere moves nothing.
_SUMMARIES = """
WITH member AS (
    SELECT r.incident_id AS id, r.received_at AS at, s.topic, s.municipality, s.place, s.event, s.street, s.houses[1] AS house,
        s.lat, s.lon
    FROM routing.incident_report r
    LEFT JOIN routing.incident_sign s ON s.region = r.region AND s.assignment_id = r.assignment_id
    WHERE r.region = :region AND r.incident_id = ANY(:ids::uuid[])
), middle AS (
    SELECT id, count(*)::int AS appeals, min(at) AS started_at, max(at) AS last_at,
        mode() WITHIN GROUP (ORDER BY topic) AS topic, mode() WITHIN GROUP (ORDER BY municipality) AS municipality,
        mode() WITHIN GROUP (ORDER BY place) AS place, mode() WITHIN GROUP (ORDER BY event) AS event,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY lat) AS lat, percentile_cont(0.5) WITHIN GROUP (ORDER BY lon) AS lon
    FROM member GROUP BY id
), reach AS (
    SELECT m.id, percentile_cont(0.9) WITHIN GROUP (ORDER BY
        111320 * sqrt((m.lat - c.lat) ^ 2 + ((m.lon - c.lon) * cos(radians(c.lat))) ^ 2)) AS metres
    FROM member m JOIN middle c USING (id) WHERE m.lat IS NOT NULL GROUP BY 1
), street AS (
    SELECT DISTINCT ON (id) id, street, count(*) AS named FROM member WHERE street IS NOT NULL GROUP BY id, street
    ORDER BY id, count(*) DESC, street
), house AS (
    SELECT DISTINCT ON (id) id, house, count(*) AS named FROM member WHERE house IS NOT NULL GROUP BY id, house
    ORDER BY id, count(*) DESC, house
)
SELECT c.*, ceil(r.metres)::int AS radius_m, s.street, coalesce(s.named, 0)::int AS street_named, h.house,
    coalesce(h.named, 0)::int AS house_named
FROM middle c LEFT JOIN reach r USING (id) LEFT JOIN street s USING (id) LEFT JOIN house h USING (id) ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of an incident's appeals: how many, when, what most of them are about and where; `street_named`, `house_named`: how
    many name the street, and the house, that most do."""

    id: UUID
    appeals: int
    started_at: datetime
    last_at: datetime
    topic: str | None
    municipality: str | None
    place: str | None
    event: str | None
    lat: float | None
    lon: float | None
    radius_m: int | None
    street: str | None
    street_named: int
    house: str | None
    house_named: int


async def summarise(session: AsyncSession, region: str, incidents: Collection[UUID]) -> list[Summary]:
    """Incidents without appeals are left out."""
    return await rows(session, Summary, _SUMMARIES, region=region, ids=sorted(incidents))
