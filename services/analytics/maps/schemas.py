"""The map, as GeoJSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from services.analytics.figures.schemas import WithDefinitions


class Polygon(BaseModel):
    """GeoJSON."""

    type: Literal["Polygon"] = "Polygon"
    coordinates: list[list[tuple[float, float]]]


class CellProperties(BaseModel):
    """How many appeals came from a cell."""

    cell: str
    received: int


class CellFeature(BaseModel):
    """One H3 cell."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Polygon
    properties: CellProperties


class Heatmap(WithDefinitions):
    """GeoJSON; cells with fewer than `minimum` appeals are not shown."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    resolution: int
    minimum: int
    features: list[CellFeature]
