"""Planned works and events of today: announced or confirmed by the coordinator, answered at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from otklik.demo_data.connection import Accounts
from otklik.demo_data.loading import Refused
from otklik.demo_data.posting import Posted
from otklik.demo_data.region import Region
from otklik.demo_data.story import Announced, Gathering
from otklik_client import ProblemError
from otklik_client.models import CommonAnswerBody, Confirmation, IncidentView, NewWork

_PATIENCE: Final = 20.0  # seconds: letters are in their incident within ten of being routed
_PAUSE: Final = 0.5
_LEAST: Final = 5
_LOOKED_AT: Final = ("proposed", "confirmed", "closed")
_ANSWERABLE: Final = "confirmed"


def work_of(
    region: Region, executor: str, stated: Gathering | Announced, starts_at: datetime, hours: int
) -> NewWork:
    """What is posted of a planned work. `executor`: id of the body whose work it is."""
    return NewWork.model_validate(
        {
            "region": region.code,
            "title": stated.title,
            "kind": stated.kind,
            "topics": list(stated.topics),
            "municipality": region.districts[0].oktmo,
            "streets": list(stated.streets),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=hours),
            "organisation": executor,
            "notice": stated.notice,
        }
    )


@dataclass(frozen=True)
class Incidents:
    """The events of today among the region's incidents."""

    accounts: Accounts
    region: str
    refused: Refused

    async def confirm(self, gathering: Gathering, posted: Sequence[Posted]) -> bool:
        """Confirm the incident of these letters, and answer it where an answer is planned; whether it was found."""
        ours = {each.appeal_id for each in posted if each.live.gathering == gathering.title}
        found = await self._find(ours)
        if found is None or not gathering.confirmed:
            return found is not None
        try:
            if found.status == "proposed":
                confirmed = Confirmation(title=gathering.title)
                await self.accounts.coordinator.incidents.confirm_incident(
                    found.id, confirmed, if_match=found
                )
                found = await self.accounts.coordinator.incidents.read_incident(found.id)
            if gathering.answer and found.status == _ANSWERABLE and found.organisation is not None:
                agency = self.accounts.agencies[found.organisation.id]
                answer = CommonAnswerBody(text=gathering.answer, outcome="solved")
                await agency.incidents.answer_incident(found.id, answer, if_match=found)
        except ProblemError as problem:
            self.refused.add(f"incident «{gathering.title}»", problem)
        return True

    async def _find(self, ours: set[UUID]) -> IncidentView | None:
        """The incident that most of the letters came to, once there are enough."""
        deadline = time.monotonic() + _PATIENCE
        best: IncidentView | None = None
        while time.monotonic() < deadline:
            best = max(await self._holding(ours), key=lambda each: each.appeals, default=None)
            if best is not None and best.appeals >= min(_LEAST, len(ours)):
                return best
            await asyncio.sleep(_PAUSE)
        return best

    async def _holding(self, ours: set[UUID]) -> list[IncidentView]:
        incidents = self.accounts.coordinator.incidents
        found = [
            each
            for status in _LOOKED_AT
            async for each in incidents.show_incidents(region=self.region, status=status)
            if each.work_id is None
        ]
        return [each for each in found if ours & await self._members(each)]

    async def _members(self, incident: IncidentView) -> set[UUID]:
        members = self.accounts.coordinator.incidents.show_appeals(incident.id)
        return {each.appeal_id async for each in members}
