"""Which appeals a figure is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.analytics.rules.periods import Period


@dataclass(frozen=True)
class Scope:
    """What was asked, narrowed to what the asker may see.

    `region` is the one that was asked for; `regions` are those that count (None: all).
    """

    region: str | None
    regions: tuple[str, ...] | None
    period: Period
    municipality: str | None = None
    organisation: UUID | None = None
    topic: str | None = None
    group: str | None = None
    channel: str | None = None

    def during(self, period: Period) -> Scope:
        """The same question about another period."""
        return replace(self, period=period)
