"""Letters of today: posted by the portal, found again in the queues of the bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from otklik.demo_data.connection import in_parallel
from otklik.demo_data.loading import Refused
from otklik.demo_data.today import LiveLetter
from otklik_client import AsyncClient
from otklik_client.models import AssignmentView


@dataclass(frozen=True)
class Posted:
    """A letter of today as it was registered."""

    live: LiveLetter
    appeal_id: UUID
    code: str

    @property
    def name(self) -> str:
        """Its external_id."""
        return self.live.letter.external_id


@dataclass(frozen=True)
class Task:
    """A letter that lies new in a body's queue."""

    posted: Posted
    agency: AsyncClient
    assignment: AssignmentView


async def post_letters(
    portal: AsyncClient, region: str, letters: Sequence[LiveLetter], refused: Refused
) -> list[Posted]:
    """Those that were registered, now or by an earlier run."""
    posted: list[Posted] = []
    async for result in portal.appeals.submit_batch([each.as_json(region) for each in letters]):
        live = letters[result.line - 1]
        if result.id is None or result.tracking_code is None:
            refused.add(f"letter {live.letter.external_id}", result.problem)
        else:
            posted.append(Posted(live, result.id, result.tracking_code))
    return posted


async def find_tasks(agencies: Mapping[UUID, AsyncClient], posted: Sequence[Posted]) -> list[Task]:
    """Those of the letters whose lead is new somewhere: what somebody has begun or passed on is left alone."""
    by_appeal = {each.appeal_id: each for each in posted}

    async def look(agency: AsyncClient) -> list[Task]:
        return [
            Task(by_appeal[found.appeal_id], agency, found)
            async for found in agency.queue.list_queue(status="new")
            if found.role == "lead" and found.predecessor_id is None and found.appeal_id in by_appeal
        ]

    queues = await in_parallel(agencies.values(), look, lambda: None)
    return [task for queue in queues for task in queue]
