"""Figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from otklik.client.calls.base import Calls, query_params
from otklik.client.connection import Call
from otklik.client.errors import OtklikError
from otklik.client.events import read_events
from otklik.models import Breakdown, FigureRows, PublicSummary, StreamEvent, Summary, TimeSeries


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

    async def stream(
        self,
        last_event_id: str = "",
        *,
        region: str | None = None,
        municipality: str | None = None,
        organisation: UUID | str | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """What happens as it happens, for ever: `figures` of today, every `breach`, every `problem`.

        A line that breaks off is taken up again where it was, with a new token where that is needed; nothing is missed and
        nothing comes twice. After a break of more than two days there is a `reset` instead of what is gone. Raises NotReachable
        when nobody answers for `patience` seconds.

        >>> async for event in otklik.stream(saved, region="46"): ...
        """
        params = {"region": region, "municipality": municipality, "organisation": organisation}
        backoff = self.connection.backoff()
        while True:
            headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
            call = Call("GET", "/api/v1/analytics/stream", params=params, headers=headers)
            try:
                async with self.connection.opened(call, backoff) as response:
                    backoff.reset()
                    async for event in read_events(response):
                        last_event_id = event.id
                        yield event
            except OtklikError as error:
                if not await backoff.wait_after(error):
                    raise
            else:
                await backoff.wait()  # the server ended it: it begins anew, or the token was old

    async def public_summary(self, region: str) -> PublicSummary:
        """A region's published figures. Needs no token.

        >>> (await otklik.public_summary("46")).received
        """
        call = Call("GET", "/api/v1/public/summary", params={"region": region}, authorised=False)
        return PublicSummary.model_validate_json((await self.connection.send(call)).content)

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
