"""A region's own borders: GeoJSON (RFC 7946) in the folder of the settings, one file a region, named by its code: `46.geojson`.

Each feature is a municipality: a Polygon or MultiPolygon with `oktmo` (8 digits) and, if it likes, `name` among its properties.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import structlog
from pydantic import BaseModel, Field, ValidationError

log = structlog.get_logger()
MOST_BYTES = 20 * 1024 * 1024
_Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Border:
    """Of a municipality; `code`: its ОКТМО, `rings`: longitudes and latitudes."""

    code: str
    name: str
    rings: list[_Ring]


class _Polygon(BaseModel):
    type: Literal["Polygon"]
    coordinates: list[_Ring]

    def rings(self) -> list[_Ring]:
        return self.coordinates


class _MultiPolygon(BaseModel):
    type: Literal["MultiPolygon"]
    coordinates: list[list[_Ring]]

    def rings(self) -> list[_Ring]:
        return [ring for polygon in self.coordinates for ring in polygon]


class _Properties(BaseModel):
    oktmo: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    name: str = ""


class _Feature(BaseModel):
    properties: _Properties
    geometry: Annotated[_Polygon | _MultiPolygon, Field(discriminator="type")]


class _Collection(BaseModel):
    features: list[_Feature]


class Borders:
    """Of all regions; each file is read when its region is first shown, and again when it has changed."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None
        self._read: dict[str, tuple[float, list[Border]]] = {}

    def of(self, region: str) -> list[Border]:
        """None where the folder has none of the region."""
        if self._folder is None:
            return []
        path = self._folder / f"{region}.geojson"
        try:
            state = path.stat()
        except OSError:
            return []
        known = self._read.get(region)
        if known is None or known[0] != state.st_mtime:
            known = self._read[region] = (state.st_mtime, _read(path, state.st_size))
        return known[1]


def _read(path: Path, size: int) -> list[Border]:
    """Nothing, and a line in the log, where the file is no such thing: a map without borders is still a map."""
    if size > MOST_BYTES:
        log.warning("borders not shown", file=path.name, reason=f"larger than {MOST_BYTES} bytes")
        return []
    try:
        features = _Collection.model_validate_json(path.read_bytes()).features
    except (OSError, ValidationError) as error:
        reason = str(error.errors()[0]["msg"]) if isinstance(error, ValidationError) else str(error)
        log.warning("borders not shown", file=path.name, reason=reason)
        return []
    return [Border(each.properties.oktmo, each.properties.name, each.geometry.rings()) for each in features]
