"""Planned works and events of today: announced or confirmed by the coordinator, answered at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from otklik.client import AsyncClient, ProblemError
from otklik.demo_data.connection import Accounts
from otklik.demo_data.loading import Refused
from otklik.demo_data.posting import Posted
from otklik.demo_data.region import Region
from otklik.demo_data.story import Announced, Gathering
from otklik.models.base import Received

_PATIENCE: Final = 20.0  # seconds: letters are in their incident within ten of being routed
_PAUSE: Final = 0.5
_LEAST: Final = 5
_LOOKED_AT: Final = ("proposed", "confirmed", "closed")
_ANSWERABLE: Final = "confirmed"


class _Organisation(Received):
    """Who holds the lead."""

    id: UUID


class IncidentView(Received):
    """An incident, as far as it is needed."""

    id: UUID
    status: str
    title: str
    appeals: int
    organisation: _Organisation | None = None
    work_id: UUID | None = None
    version: int


def work_of(
    region: Region, executor: str, stated: Gathering | Announced, starts_at: datetime, hours: int
) -> Mapping[str, object]:
    """What is posted of a planned work. `executor`: id of the body whose work it is."""
    return {
        "region": region.code,
        "title": stated.title,
        "kind": stated.kind,
        "topics": list(stated.topics),
        "municipality": region.districts[0].oktmo,
        "streets": list(stated.streets),
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=hours)).isoformat(),
        "organisation": executor,
        "notice": stated.notice,
    }


@dataclass(frozen=True)
class Incidents:
    """The events of today among the region's incidents."""

    accounts: Accounts
    region: str
    refused: Refused

    async def confirm(self, gathering: Gathering, posted: Sequence[Posted]) -> bool:
        """Confirm the incident of these letters, and answer it where an answer is planned; whether it was found."""
        ours = {str(each.appeal_id) for each in posted if each.live.gathering == gathering.title}
        found = await self._find(ours)
        if found is None or not gathering.confirmed:
            return found is not None
        try:
            if found.status == "proposed":
                found = await self._act(
                    self.accounts.coordinator, found, "confirm", {"title": gathering.title}
                )
            if gathering.answer and found.status == _ANSWERABLE and found.organisation is not None:
                agency = self.accounts.agencies[found.organisation.id]
                await self._post(agency, found, "answer", {"text": gathering.answer, "outcome": "solved"})
        except ProblemError as problem:
            self.refused.add(f"incident «{gathering.title}»", problem)
        return True

    async def _find(self, ours: set[str]) -> IncidentView | None:
        """The incident that most of the letters came to, once there are enough."""
        deadline = time.monotonic() + _PATIENCE
        best: IncidentView | None = None
        while time.monotonic() < deadline:
            best = max(await self._holding(ours), key=lambda each: each.appeals, default=None)
            if best is not None and best.appeals >= min(_LEAST, len(ours)):
                return best
            await asyncio.sleep(_PAUSE)
        return best

    async def _holding(self, ours: set[str]) -> list[IncidentView]:
        found = [each for status in _LOOKED_AT async for each in self._listed(status) if each.work_id is None]
        return [each for each in found if ours & await self._members(each)]

    async def _listed(self, status: str) -> AsyncIterator[IncidentView]:
        params = {"region": self.region, "status": status}
        async for item in self.accounts.coordinator.items("/api/v1/incidents", params=params):
            yield IncidentView.model_validate(item)

    async def _members(self, incident: IncidentView) -> set[str]:
        items = self.accounts.coordinator.items(f"/api/v1/incidents/{incident.id}/appeals")
        return {item["appeal_id"] async for item in items}

    async def _act(
        self, client: AsyncClient, incident: IncidentView, verb: str, body: Mapping[str, object]
    ) -> IncidentView:
        return IncidentView.model_validate(await self._post(client, incident, verb, body))

    async def _post(
        self, client: AsyncClient, incident: IncidentView, verb: str, body: Mapping[str, object]
    ) -> object:
        headers = {"If-Match": str(incident.version), "Idempotency-Key": str(uuid4())}
        path = f"/api/v1/incidents/{incident.id}/{verb}"
        answered: object = await client.request("POST", path, json=body, headers=headers)
        return answered
