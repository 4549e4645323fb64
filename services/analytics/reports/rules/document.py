"""A report as data: what the three formats are rendered from, so that they say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is called, whether it holds numbers, and whether words too long for a line that may break anywhere."""

    name: str
    is_number: bool = False
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts as they are read; the first column names the row. `source`: the number of the query that its figures are from."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    source: int | None = None


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One step of a line. `expected`, `low`, `high`: a counterfactual with its interval, where there is one."""

    label: str
    value: float | None
    expected: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time; where nothing can be drawn it is a table."""

    caption: str
    unit: str
    points: Sequence[ChartPoint]
    source: int | None = None


Block = Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. `sources`: queries that give the figures, by number from 1 on."""

    title: str
    subtitle: str
    sections: Sequence[Section]


def chart_table(chart: Chart) -> Table:
    """A chart for who cannot see it."""
    rows = [(point.label, "–" if point.value is None else f"{point.value:.0f}") for point in chart.points]
    return Table(chart.caption, (Column("Когда"), Column(chart.unit, True)), rows, chart.source)


def captioned(block: Table | Chart) -> str:
    """A caption with where the figures are from."""
    return block.caption if block.source is None else f"{block.caption} [{block.source}]"
