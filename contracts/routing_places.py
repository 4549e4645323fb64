"""What routing says of places."""

from __future__ import annotations

from uuid import UUID

from contracts.event import Event


class MunicipalityChanged(Event, subject="routing.municipality.changed.v1", aggregate="municipality_id"):
    """Full state of a municipality; `sequence` is the version of the region's reference data. `population`: residents, null
    where reference data do not say."""

    municipality_id: UUID
    oktmo: str
    name: str
    kind: str = ""
    population: int | None = None
