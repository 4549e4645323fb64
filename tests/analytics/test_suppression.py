"""What is public cannot be solved for few appeals: an attacker adds and subtracts everything that is published, and knows that
appeals are whole and not negative."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import h3.api.basic_int as h3
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from services.analytics.public.rules.cells import COARSEST, FINEST, CellCount, publish_cells
from services.analytics.public.rules.figures import Counts, publish
from services.analytics.public.rules.suppression import MARGIN, SMALLEST, withheld_of

Equation = tuple[Mapping[int, float], int]  # which unknowns add up to what
FEW: Final = range(1, SMALLEST)
ROOT: Final[int] = h3.latlng_to_cell(51.73, 36.19, COARSEST)


def most(unknown: int, size: int, equations: Sequence[Equation]) -> int:
    """The greatest value an unknown may have if everything published is true."""
    rows = np.zeros((len(equations), size))
    for place, (sum_of, _) in enumerate(equations):
        for each, times in sum_of.items():
            rows[place, each] = times
    totals = np.array([total for _, total in equations], dtype=float)
    wanted = np.zeros(size)
    wanted[unknown] = -1
    found = milp(
        wanted,
        constraints=LinearConstraint(rows, totals, totals) if len(equations) else (),
        bounds=Bounds(0, 1000),
        integrality=np.ones(size),
    )
    assert found.success, "the truth itself is a solution"
    value: int = round(-found.fun)
    return value


def counts_of(key: str | None, received: int, late: int = 0, decided: int = 0) -> Counts:
    return Counts(key, received, received, decided, late, received, 4 * received, 24.0)


small = st.integers(0, 9)
either = st.one_of(small, small, st.integers(0, 40))


@settings(max_examples=150, deadline=None)
@given(st.lists(either, min_size=1, max_size=7), st.lists(either, min_size=1, max_size=7), st.data())
def test_no_few_appeals_follow_from_the_tables(
    groups: list[int], places: list[int], data: st.DataObject
) -> None:
    """Of two tables of the same appeals and their whole."""
    gap = sum(groups) - sum(places)
    (places if gap > 0 else groups).append(abs(gap))
    whole = counts_of(None, sum(groups))
    tables = [[counts_of(str(place), n) for place, n in enumerate(table)] for table in (groups, places)]
    published = publish(whole, *tables)
    truth = [*groups, *places]
    equations: list[Equation] = []
    if published.received is not None:
        equations = [
            (dict.fromkeys(range(len(groups)), 1.0), published.received),
            (dict.fromkeys(range(len(groups), len(truth)), 1.0), published.received),
        ]
    for begins, parts in ((0, published.groups), (len(groups), published.municipalities)):
        equations += [({begins + int(part.key or 0): 1.0}, part.received) for part in parts]
        assert all(part.received >= SMALLEST for part in parts)
    few = [place for place, n in enumerate(truth) if n in FEW]
    if few:
        place = data.draw(st.sampled_from(few))
        assert most(place, len(truth), equations) >= SMALLEST


@settings(max_examples=100, deadline=None)
@given(st.lists(either, min_size=1, max_size=8), st.integers(0, 12))
def test_what_is_withheld_is_nothing_or_enough(counts: list[int], beside: int) -> None:
    """No fewer than needed, and no more: without the last one it would not do."""
    table = dict(enumerate(counts))
    withheld = withheld_of(table, beside)
    together = beside + sum(table[key] for key in withheld)
    shown = [n for key, n in table.items() if n and key not in withheld]
    assert together == 0 or together >= MARGIN or not shown
    assert all(n >= SMALLEST for n in shown)
    large = [table[key] for key in withheld if table[key] >= SMALLEST]
    assert not large or together - max(large) < MARGIN


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(either, either, either), min_size=2, max_size=6).map(
        lambda rows: [(received + decided, min(late, decided), decided) for received, late, decided in rows]
    )
)
def test_no_few_late_ones_follow_from_shares(rows: list[tuple[int, int, int]]) -> None:
    """Even for somebody who knows of how many the term was decided."""
    table = [counts_of(str(place), *row) for place, row in enumerate(rows)]
    whole = counts_of(None, *(sum(column) for column in zip(*rows, strict=True)))
    published = publish(whole, table, table)
    equations: list[Equation] = []
    if published.in_time_share is not None:
        equations.append((dict.fromkeys(range(len(rows)), 1.0), whole.late))
    for part in published.groups:
        if part.in_time_share is not None:
            place = int(part.key or 0)
            equations.append(({place: 1.0}, rows[place][1]))
    for place, (_, late, _) in enumerate(rows):
        if late in FEW:
            assert most(place, len(rows), equations) >= SMALLEST


def _finest(path: Sequence[int]) -> int:
    cell: int = ROOT
    for resolution, child in enumerate(path, start=COARSEST + 1):
        cell = sorted(h3.cell_to_children(cell, resolution))[child]
    return cell


paths = st.tuples(*(st.integers(0, 1) for _ in range(FINEST - COARSEST)))
places = st.sampled_from(["38701000", "38620000"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.tuples(places, paths), st.integers(1, 12), min_size=1, max_size=9),
    st.dictionaries(places, st.integers(0, 12), min_size=2, max_size=2),
    st.data(),
)
def test_no_few_appeals_follow_from_maps_of_all_resolutions(
    counted: dict[tuple[str, tuple[int, ...]], int], elsewhere: dict[str, int], data: st.DataObject
) -> None:
    """A cell from its larger one less its neighbours, a municipality's appeals less its cells: with all maps at once."""
    cells = [CellCount(place, _finest(path), n) for (place, path), n in counted.items()]
    received: Counter[str] = Counter(elsewhere)
    for each in cells:
        received[str(each.municipality)] += each.received
    withheld = withheld_of(received)
    shown: dict[str | None, int] = {place: n for place, n in received.items() if n and place not in withheld}
    published = publish_cells(cells, shown)
    unknowns: list[CellCount | str] = [*cells, *elsewhere]
    lying: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for number, unknown in enumerate(unknowns):
        place = str(unknown.municipality) if isinstance(unknown, CellCount) else unknown
        lying[place][number] = 1.0
    equations: list[Equation] = [(lying[str(place)], n) for place, n in shown.items()]
    if sum(received.values()) >= SMALLEST:
        equations.append((dict.fromkeys(range(len(unknowns)), 1.0), sum(received.values())))
    for resolution, found in published.items():
        for cell, n in found.items():
            assert n >= SMALLEST
            of_cell = [
                (number, each)
                for number, each in enumerate(cells)
                if h3.cell_to_parent(each.cell, resolution) == cell and each.municipality in shown
            ]
            parts = _shown_parts([each for _, each in of_cell], received, cells, resolution, cell)
            inside = {number: 1.0 for number, each in of_cell if each.municipality in parts}
            equations.append((inside, n))
    few = [number for number, each in enumerate(cells) if each.received in FEW]
    if few:
        number = data.draw(st.sampled_from(few))
        assert most(number, len(unknowns), equations) >= SMALLEST


def _shown_parts(
    inside: Sequence[CellCount],
    received: Mapping[str, int],
    cells: Sequence[CellCount],
    resolution: int,
    cell: int,
) -> set[str | None]:
    """Of which municipalities a cell on a border shows its part: more than the attacker can know."""
    return {
        place
        for place in {each.municipality for each in inside}
        if publish_cells(
            [each for each in cells if each.municipality == place], {place: received[str(place)]}
        )[resolution][cell]
    }
