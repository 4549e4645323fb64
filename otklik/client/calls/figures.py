"""Figures."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from otklik.client.calls.base import Calls, query_params
from otklik.client.connection import Call
from otklik.models import Breakdown, FigureRows, Summary, TimeSeries


class Scope(TypedDict, total=False):
    """What figures are about. `since` is inclusive, `until` exclusive: local days of the region."""

    region: str
    municipality: str
    organisation: UUID | str
    topic: str
    group: str
    channel: str
    since: date
    until: date


class Shape(TypedDict, total=False):
    """Which figures, as each operation is asked: `metric`; `by` of a breakdown or a ranking; `grain` and `group_by` of a series."""

    metric: str
    by: Literal["topic", "group", "municipality", "region", "organisation", "channel"]
    grain: Literal["hour", "day", "week", "month"]
    group_by: Literal["topic", "group", "municipality", "region", "organisation", "channel"]


class Asked(Shape, Scope, total=False):
    """Which figures, and what they are about."""


class FigureCalls(Calls):
    """For dashboards."""

    async def summary(self, **scope: Unpack[Scope]) -> Summary:
        """The main figures, beside those of the period before.

        >>> (await otklik.summary(region="46", since=date(2026, 11, 1))).in_time_share
        """
        return await self._get(Summary, "/api/v1/analytics/summary", _scope_params(scope))

    async def timeseries(
        self,
        metric: str,
        *,
        grain: Literal["hour", "day", "week", "month"] = "day",
        group_by: str | None = None,
        **scope: Unpack[Scope],
    ) -> TimeSeries:
        """A figure over time.

        >>> await otklik.timeseries("received", grain="day", region="46")
        """
        params = {"metric": metric, "grain": grain, "group_by": group_by, **_scope_params(scope)}
        return await self._get(TimeSeries, "/api/v1/analytics/timeseries", params)

    async def breakdown(
        self,
        metric: str,
        *,
        by: Literal["topic", "group", "municipality", "region", "organisation", "channel"],
        **scope: Unpack[Scope],
    ) -> Breakdown:
        """A figure by topic, organisation, territory or channel.

        >>> await otklik.breakdown("breached", by="organisation", region="46")
        """
        params = {"metric": metric, "by": by, **_scope_params(scope)}
        return await self._get(Breakdown, "/api/v1/analytics/breakdown", params)

    async def figure_rows(
        self, figures: Literal["timeseries", "breakdown", "ranking"], **asked: Unpack[Asked]
    ) -> FigureRows:
        """The same figures as a flat table, one row for each value.

        >>> found = await otklik.figure_rows("ranking", by="organisation", region="46")
        >>> [(row.name, row.value, row.flagged) for row in found.rows]
        """
        params = {"format": "rows", **_scope_params(asked)}
        return await self._get(FigureRows, f"/api/v1/analytics/{figures}", params)

    async def export(
        self,
        format: Literal["csv", "xlsx", "parquet"] = "csv",
        figures: Literal["summary", "timeseries", "breakdown", "ranking", "appeals"] = "summary",
        *,
        separator: Literal["comma", "semicolon", "tab"] | None = None,
        header: Literal["keys", "names"] | None = None,
        **asked: Unpack[Asked],
    ) -> bytes:
        """Figures as a file, whole in memory; `appeals` are depersonalised rows.

        >>> Path("topics.xlsx").write_bytes(await otklik.export("xlsx", "breakdown", by="topic", region="46"))
        """
        params = {"format": format, "figures": figures, "separator": separator, "header": header}
        call = Call("GET", "/api/v1/analytics/export", params=query_params(params | _scope_params(asked)))
        return (await self.connection.send(call)).content


def _scope_params(scope: Scope) -> dict[str, Any]:
    names = {"since": "from", "until": "to"}
    return {names.get(name, name): value for name, value in scope.items()}
