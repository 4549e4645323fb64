"""What a file is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Query

from chassis.faults import Wording, in_words
from chassis.problems import Unprocessable
from services.analytics.comparison.schemas import RANKED
from services.analytics.exports.rules.naming import FigureKind, FileFormat
from services.analytics.figures.schemas import MeasureKey
from services.analytics.store.rules.periods import Grain
from services.analytics.store.rules.sources import Dimension

Separator = Literal["comma", "semicolon", "tab"]
Header = Literal["keys", "names"]
# What each kind of figures is asked with, and of that what it cannot do without.
_TAKES: Final[dict[FigureKind, frozenset[str]]] = {
    "summary": frozenset(),
    "timeseries": frozenset({"metric", "grain", "group_by"}),
    "breakdown": frozenset({"metric", "by"}),
    "ranking": frozenset({"metric", "by"}),
    "appeals": frozenset(),
}
_RANKED_BY: Final = ("municipality", "organisation")


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How a file is written. `separator`: of a CSV; `header`: keys of columns, or their Russian names."""

    format: FileFormat
    separator: Separator
    header: Header


@dataclass(frozen=True, slots=True)
class AskedFigures:
    """Which figures. `metric`, `by`, `group_by` as in the operations that answer the same as JSON; null where they take none."""

    kind: FigureKind
    metric: str
    by: Dimension | None
    grain: Grain
    group_by: Dimension | None

    @property
    def details(self) -> tuple[str | None, ...]:
        """What tells this file from others of its kind."""
        if not _TAKES[self.kind]:
            return ()
        return (self.metric, self.grain if self.kind == "timeseries" else None, self.by or self.group_by)


def read_style(
    form: Annotated[
        FileFormat, Query(alias="format", description="Of the file: CSV, a workbook of Excel's, or Parquet.")
    ] = "csv",
    separator: Annotated[
        Separator,
        Query(
            description="Between values of a CSV. `comma` as in RFC 4180; `semicolon` as Excel reads in Russia, decimals with a comma."
        ),
    ] = "comma",
    header: Annotated[
        Header | None,
        Query(description="What columns are called: keys for programs, or Russian names (usual in XLSX)."),
    ] = None,
) -> FileStyle:
    """How a file is to be written."""
    return FileStyle(form, separator, header or ("names" if form == "xlsx" else "keys"))


def read_figures(
    kind: Annotated[
        FigureKind,
        Query(
            alias="figures",
            description="What the file holds: figures as of the operation of that name, or depersonalised appeals.",
        ),
    ] = "summary",
    metric: MeasureKey | None = None,
    by: Dimension | None = None,
    grain: Grain | None = None,
    group_by: Dimension | None = None,
) -> AskedFigures:
    """What a file is to hold; 422 where that kind of figures is not asked so."""
    sent = {"metric": metric, "by": by, "grain": grain, "group_by": group_by}
    for name, value in sent.items():
        if value is not None and name not in _TAKES[kind]:
            raise _wrong(name, Wording("is not read where figures={kind}", {"kind": kind}))
    if by is None and "by" in _TAKES[kind]:
        raise _wrong("by", Wording("is needed where figures={kind}", {"kind": kind}))
    if kind == "ranking":
        _require_ranked(metric, by)
    usual = "in_time_share" if kind == "ranking" else "received"
    return AskedFigures(kind, metric or usual, by, grain or "day", group_by)


def _require_ranked(metric: str | None, by: Dimension | None) -> None:
    if by not in _RANKED_BY:
        raise _wrong("by", "rankings are by municipality or organisation")
    if metric is not None and metric not in RANKED:
        raise _wrong("metric", "nothing is compared by this measure")


def _wrong(parameter: str, message: str | Wording) -> Unprocessable:
    error = {"pointer": f"/query/{parameter}", "message": f"{parameter}: {in_words(message)}"}
    return Unprocessable("See errors.", errors=[error])
