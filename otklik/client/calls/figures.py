"""Figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from otklik.client.calls.base import Calls
from otklik.models import Breakdown, Summary, TimeSeries


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


def _scope_params(scope: Scope) -> Mapping[str, Any]:
    names = {"since": "from", "until": "to"}
    return {names.get(name, name): value for name, value in scope.items()}
