"""Cells of the public map. Within a municipality that is shown they are a tree: its cells, theirs, and so on, each level adding
up to the one above; so each is withheld or shown as a part of the next larger that is shown, and what is withheld is so with
all that lies in it. A cell on a border shows the sum of what is shown of it on both sides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import h3.api.basic_int as h3

from services.analytics.public.rules.suppression import withheld_of

COARSEST: Final = 4
FINEST: Final = 8
Cells = dict[int, Counter[int]]  # by resolution: cell → appeals


@dataclass(frozen=True, slots=True)
class CellCount:
    """How many appeals of a municipality came from a cell of the finest resolution."""

    municipality: str | None
    cell: int
    received: int


def publish_cells(counted: Sequence[CellCount], municipalities: Mapping[str | None, int]) -> Cells:
    """What may be seen of cells. `municipalities`: all appeals of each that is shown, with a place or without."""
    shown: Cells = {resolution: Counter() for resolution in range(COARSEST, FINEST + 1)}
    by_municipality: defaultdict[str | None, list[CellCount]] = defaultdict(list)
    for each in counted:
        by_municipality[each.municipality].append(each)
    for municipality, received in municipalities.items():
        finest = {each.cell: each.received for each in by_municipality[municipality]}
        _show_parts(shown, finest, COARSEST, received - sum(finest.values()))
    return shown


def _show_parts(shown: Cells, finest: Mapping[int, int], resolution: int, beside: int) -> None:
    """The parts of what is shown, and theirs. `beside`: what has no place."""
    below: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for cell, count in finest.items():
        below[h3.cell_to_parent(cell, resolution)][cell] = count
    counts = {cell: sum(parts.values()) for cell, parts in below.items()}
    withheld = withheld_of(counts, beside)
    for cell, count in counts.items():
        if cell not in withheld:
            shown[resolution][cell] += count
            if resolution < FINEST:
                _show_parts(shown, below[cell], resolution + 1, 0)
