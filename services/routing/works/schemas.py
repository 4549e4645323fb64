"""Planned works, as they are stated and shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from chassis.bodies import Body
from chassis.faults import Wording
from chassis.replacing import ReadOnly, Replacement
from chassis.times import Instant
from services.routing.assignments.rules.placeholders import places_in
from services.routing.reference.rules.areas import LEAST_POSITIONS, Polygon
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.works import WorkKind, polygons_of
from services.routing.reference.schemas.organisations import ChosenById, OrganisationRef
from services.routing.reference.schemas.service_areas import Street
from services.routing.reference.schemas.types import Code, Municipality, Name, RegionCode, Words
from services.routing.tables.works import PlannedWork

WorkStatus = Literal["planned", "running", "over"]
MOST_POSITIONS: Final = 1000  # of an area
FILLED: Final = ("number",)  # the places of a notice that are filled for every appeal

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Position = tuple[Longitude, Latitude]
Ring = Annotated[list[Position], Field(min_length=LEAST_POSITIONS, max_length=MOST_POSITIONS)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=MOST_POSITIONS // LEAST_POSITIONS)]


class PolygonArea(Body):
    """A polygon (RFC 7946): its outline, then its holes."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygonArea(Body):
    """Several polygons."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=MOST_POSITIONS // LEAST_POSITIONS)]


def _not_too_long(area: PolygonArea | MultiPolygonArea) -> PolygonArea | MultiPolygonArea:
    polygons = area.coordinates if isinstance(area, MultiPolygonArea) else [area.coordinates]
    if sum(len(ring) for polygon in polygons for ring in polygon) > MOST_POSITIONS:
        raise ValueError(Wording("an area has at most {most} positions", {"most": MOST_POSITIONS}))
    return area


def _only_filled_places(notice: str) -> str:
    if set(places_in(notice)) - set(FILLED):
        raise ValueError("only the place {number} is filled in a notice")
    return notice


GeoArea = Annotated[
    PolygonArea | MultiPolygonArea,
    Field(
        discriminator="type",
        examples=[
            {
                "type": "Polygon",
                "coordinates": [
                    [[36.18, 51.72], [36.2, 51.72], [36.2, 51.74], [36.18, 51.74], [36.18, 51.72]]
                ],
            }
        ],
    ),
    AfterValidator(_not_too_long),
]
Notice = Annotated[Words, AfterValidator(_only_filled_places)]
TopicCodes = Annotated[list[Code], Field(min_length=1, max_length=100, examples=[["water-supply-mkd"]])]
StreetNames = Annotated[list[Street], Field(max_length=500, examples=[["ул. Ленина", "Садовая"]])]


class StatedWork(Body):
    """What is stated of a work. It names a street, an area, a settlement or a municipality at least."""

    title: Name
    kind: WorkKind
    topics: TopicCodes
    municipality: Municipality | None = None
    settlement: Name | None = None
    streets: StreetNames = Field(default_factory=list)
    area: GeoArea | None = None
    starts_at: Instant
    ends_at: Instant
    notice: Notice

    @model_validator(mode="after")
    def _somewhere_and_in_order(self) -> StatedWork:
        if self.ends_at <= self.starts_at:
            raise ValueError("a work ends after it starts")
        if not (self.streets or self.area or self.settlement or self.municipality):
            raise ValueError("name a street, an area, a settlement or a municipality at least")
        return self

    def geometry(self) -> dict[str, Any] | None:
        """Its area as it is kept."""
        return self.area.model_dump(mode="json") if self.area else None

    def polygons(self) -> list[Polygon]:
        """Those of its area; none without one."""
        geometry = self.geometry()
        return list(polygons_of(geometry)) if geometry else []

    def columns(self) -> dict[str, Any]:
        """What is stated, by the columns it is kept in."""
        stated = self.model_dump(include=_STATED - {"area"})
        return {**stated, "area": self.geometry()}


_STATED: Final = {
    *("title", "kind", "topics", "municipality", "settlement", "streets", "area"),
    *("starts_at", "ends_at", "notice"),
}


class NewWork(StatedWork):
    """A work to announce; an organisation may leave itself out."""

    region: RegionCode
    organisation: UUID | None = None


class ChangedWork(StatedWork, Replacement):
    """The work as it shall be; `organisation` as an id or as GET gives it."""

    organisation: ChosenById
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    answered: ReadOnly[int] = None
    version: ReadOnly[int] = None


class ShownArea(BaseModel):
    """A geometry of GeoJSON, a Polygon or a MultiPolygon."""

    type: str
    coordinates: list[Any]


class WorkView(BaseModel):
    """A planned work. `answered`: how many questions its notice has answered."""

    id: UUID
    region: str
    title: str
    kind: WorkKind
    topics: list[str]
    municipality: str | None
    settlement: str | None
    streets: list[str]
    area: ShownArea | None
    starts_at: datetime
    ends_at: datetime
    organisation: OrganisationRef
    notice: str
    answered: int
    version: int

    @classmethod
    def of(cls, work: PlannedWork, reference: RegionReference) -> WorkView:
        """A stored work with the name of its organisation."""
        shown = {name: getattr(work, name) for name in _SHOWN}
        organisation = OrganisationRef.of(work.organisation_id, reference)
        return cls.model_validate({**shown, "organisation": organisation})


_SHOWN: Final[Collection[str]] = {field.name for field in fields(PlannedWork)} & set(WorkView.model_fields)


class WorkPage(BaseModel):
    """Part of the list, the last to end first."""

    items: list[WorkView]
    next_cursor: str | None
