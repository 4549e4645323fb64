"""What a problem covers on the map, in the cells that are kept of places."""

from __future__ import annotations

import math
from typing import Final

import h3.api.basic_int as h3

from services.analytics.facts.rules.projections import FINEST_CELL
from services.analytics.problems.rules.identity import metres_between

CELL_STEP: Final = 300.0  # metres between middles of neighbouring cells, at least


def cells_within(lat: float, lon: float, radius_m: int) -> list[int]:
    """Cells whose middle lies in a circle, by the circle that statistics looked at."""
    rings = math.ceil(radius_m / CELL_STEP) + 1
    around = h3.grid_disk(h3.latlng_to_cell(lat, lon, FINEST_CELL), rings)
    return sorted(
        int(cell) for cell in around if metres_between(lat, lon, *h3.cell_to_latlng(cell)) <= radius_m + 1
    )
