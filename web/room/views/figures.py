"""Figures by parts and places."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class Group(BaseModel):
    """A part and its value."""

    key: str | None
    name: str
    value: float | None
    previous: float | None


class Breakdown(BaseModel):
    """Parts, the largest first."""

    items: list[Group]
    as_of: datetime | None
    definition: dict[str, str]


class Polygon(BaseModel):
    """GeoJSON."""

    coordinates: list[list[tuple[float, float]]]


class CellProperties(BaseModel):
    """How many came from a cell, and its name."""

    cell: str
    received: int


class CellFeature(BaseModel):
    """One H3 cell."""

    geometry: Polygon
    properties: CellProperties


class Heatmap(BaseModel):
    """Cells with at least `minimum` appeals."""

    minimum: int
    features: list[CellFeature]


class Settlement(BaseModel):
    """A settlement and its middle."""

    name: str
    kind: str
    lat: float
    lon: float


class Settlements(BaseModel):
    """The largest first."""

    items: list[Settlement]
