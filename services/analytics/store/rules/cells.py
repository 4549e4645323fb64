"""H3 cells as figures count by them: coarser ones follow from the bits of the finest, which is all that is kept of a place."""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3

from services.analytics.facts.rules.projections import FINEST_CELL

COARSEST = 3
MINIMUM_APPEALS = 5  # a cell with fewer is not shown
_RESOLUTION_SHIFT = 52
_BITS_PER_LEVEL = 3
_LEVELS = 15


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell of a map; `resolution`: of H3."""

    number: int
    resolution: int

    @property
    def condition(self) -> str:
        """SQL: the row's place lies in it."""
        return f"{parent_expression('f.cell', self.resolution)} = {self.number}::bigint"


def parse_cell(name: str) -> MapCell | None:
    """A cell by its usual hexadecimal name; None for what is no cell of a map."""
    number = int(name, 16)
    if not h3.is_valid_cell(number):
        return None
    resolution = h3.get_resolution(number)
    return MapCell(number, resolution) if COARSEST <= resolution <= FINEST_CELL else None


def parent_expression(column: str, resolution: int) -> str:
    """SQL for the cell of a coarser resolution that holds a finest one: its digits below are set to ones."""
    unused = (1 << _BITS_PER_LEVEL * (_LEVELS - resolution)) - 1
    cleared = ~(15 << _RESOLUTION_SHIFT)
    return f"(({column} & {cleared}::bigint) | {resolution << _RESOLUTION_SHIFT}::bigint | {unused}::bigint)"


def appeals_in(of_appeals: bool) -> str:
    """SQL of how many appeals rows are about: counted over assignments one may appear twice, given back to the same
    organisation."""
    return "count(*)" if of_appeals else "count(DISTINCT f.row_id)"
