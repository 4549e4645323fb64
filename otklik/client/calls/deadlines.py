"""Deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from otklik.client.calls.base import Calls, segment, without_none
from otklik.client.connection import Call
from otklik.models import Clock, DeadlinePreview, Pause


class DeadlineCalls(Calls):
    """For whoever watches deadlines."""

    async def deadlines(
        self,
        *,
        appeal: UUID | str | None = None,
        state: str | None = None,
        due_before: datetime | None = None,
        organisation: UUID | str | None = None,
    ) -> AsyncIterator[Clock]:
        """The clocks of one appeal, or all within reach that match, page by page.

        >>> async for clock in otklik.deadlines(appeal=receipt.id):
        ...     print(clock.clock, clock.due_on, clock.explanation)
        """
        path = f"/api/v1/appeals/{segment(appeal)}/deadlines" if appeal else "/api/v1/deadlines"
        params = {"state": state, "due_before": due_before, "organisation": organisation}
        async for item in self._pages(Clock, path, params):
            yield item

    async def preview_deadline(
        self,
        *,
        region: str,
        start: datetime,
        term: Mapping[str, Any],
        weekend_rule: Literal["previous", "next", "none"] | None = None,
        pauses: Iterable[Pause] = (),
    ) -> DeadlinePreview:
        """When a term would end. Pure arithmetic, nothing is stored. `start` carries an offset.

        >>> await otklik.preview_deadline(region="46", start=start, term={"days": 30, "unit": "calendar_day"})
        """
        body = without_none(
            {
                "region": region,
                "start": start.isoformat(),
                "term": dict(term),
                "weekend_rule": weekend_rule,
                "pauses": [pause.model_dump(mode="json", by_alias=True) for pause in pauses],
            }
        )
        response = await self.connection.send(Call("POST", "/api/v1/deadlines/preview", json=body))
        return DeadlinePreview.model_validate_json(response.content)
