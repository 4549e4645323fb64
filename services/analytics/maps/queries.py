"""The map: how many appeals came from each cell, small cells withheld."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.problems import Unprocessable
from services.analytics.maps.rules import MOST_CELLS, Box, lies_in, name_of, ring_of
from services.analytics.maps.schemas import CellFeature, CellProperties, Polygon
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.cells import MINIMUM_APPEALS, appeals_in, parent_expression
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.questions import Question


class TooManyCells(Unprocessable):
    """The map would be too large to draw."""

    slug = "too-many-cells"
    title = "Ask for a smaller box or a coarser resolution"


@dataclass(frozen=True, slots=True)
class CellCount:
    """How many appeals came from a cell."""

    cell: int
    received: int


async def read_cells(
    store: FigureStore, filters: Filter, resolution: int, box: Box | None
) -> list[CellFeature]:
    """Cells with at least `MINIMUM_APPEALS` appeals, fullest first; 422 when there are too many to draw."""
    of_appeals = base_of(filters) == "appeal"
    appeals = appeals_in(of_appeals)
    question = Question(
        filters,
        "appeal" if of_appeals else "assignment_on_map",
        {"cell": parent_expression("f.cell", resolution), "received": appeals},
        groups=1,
        narrowed="f.cell IS NOT NULL",
        having=f"{appeals} >= {MINIMUM_APPEALS}",
        order="2 DESC, 1",
        # Cells know no coordinates: what lies in a box is known afterwards only.
        around="{rows}" if box else f"{{rows}} LIMIT {MOST_CELLS + 1}",
    )
    found = await store.ask(CellCount, question)
    shown = [count for count in found if box is None or lies_in(count.cell, box)]
    if len(shown) > MOST_CELLS:
        raise TooManyCells("More than {most} cells.", values={"most": MOST_CELLS})
    return [feature_of(count.cell, count.received) for count in shown]


def feature_of(cell: int, received: int) -> CellFeature:
    """A cell as GeoJSON."""
    name = name_of(cell)
    return CellFeature(
        id=name,
        geometry=Polygon(coordinates=[ring_of(cell)]),
        properties=CellProperties(cell=name, received=received),
    )
