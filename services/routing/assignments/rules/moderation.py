"""What a moderator's decision means for an appeal here, whatever order the decisions are heard of in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final
from uuid import UUID

from contracts.intake import AppealModerated

REJECTED: Final = "Отклонено модератором."


@dataclass(frozen=True, slots=True)
class Standing:
    """How an appeal stands here. `decided_at`: of the newest decision that is known; `ended_ids`: assignments that a rejection
    ended."""

    region: str
    appeal_id: UUID
    decided_at: datetime | None
    end_reason: str | None
    ended_at: datetime | None
    ended_ids: list[UUID]


class Effect(Enum):
    """What follows from a decision."""

    END = "end"
    GO_ON = "go on"
    NOTHING = "nothing"


def rejects(event: AppealModerated) -> bool:
    """Accepted and hidden appeals go on."""
    return event.decision == "reject"


def newest_decisions(events: Iterable[AppealModerated]) -> dict[tuple[str, UUID], AppealModerated]:
    """The last decision on each appeal (region, id). Of two at the same moment the one that lets it go on: an appeal that is
    lost is the greater harm."""
    ordered = sorted(events, key=lambda event: (event.moderated_at, not rejects(event)))
    return {(event.region, event.appeal_id): event for event in ordered}


def is_news(standing: Standing, event: AppealModerated) -> bool:
    """Whether it comes after every decision that is known: an older one changes nothing any more."""
    if standing.decided_at is None or standing.decided_at < event.moderated_at:
        return True
    return standing.decided_at == event.moderated_at and not rejects(event)


def effect_of(standing: Standing, event: AppealModerated) -> Effect:
    """Of the newest decision. What ended otherwise, as by a withdrawal, stays ended."""
    if rejects(event):
        return Effect.END if standing.ended_at is None else Effect.NOTHING
    return Effect.GO_ON if standing.end_reason == REJECTED else Effect.NOTHING
