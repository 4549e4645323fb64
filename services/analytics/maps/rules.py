"""H3 cells on a map: outlines, middles and names."""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3

MOST_CELLS = 10_000


@dataclass(frozen=True)
class Box:
    """Degrees; `west` > `east` crosses the 180th meridian (RFC 7946)."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies inside."""
        inside = self.west <= lon <= self.east
        across = self.west > self.east and (lon >= self.west or lon <= self.east)
        return self.south <= lat <= self.north and (inside or across)


def lies_in(cell: int, box: Box) -> bool:
    """Whether the cell's centre is in the box: a box never cuts a cell, so it can't isolate a part of one."""
    return box.holds(*centre_of(cell))


def centre_of(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's middle."""
    lat, lon = h3.cell_to_latlng(cell)
    return lat, lon


def ring_of(cell: int) -> list[tuple[float, float]]:
    """The closed outline as (lon, lat), anticlockwise; across the 180th meridian it goes on beyond 180."""
    corners = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
    if max(lon for lon, _ in corners) - min(lon for lon, _ in corners) > 180:
        corners = [(lon + 360 if lon < 0 else lon, lat) for lon, lat in corners]
    return [*((round(lon, 6), round(lat, 6)) for lon, lat in corners), _rounded(corners[0])]


def _rounded(corner: tuple[float, float]) -> tuple[float, float]:
    return round(corner[0], 6), round(corner[1], 6)


def name_of(cell: int) -> str:
    """The usual hexadecimal name."""
    return f"{cell:x}"
