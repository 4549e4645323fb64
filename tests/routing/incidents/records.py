"""What the invented world is made of: appeals as they come in, and what is true of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tests.routing.incidents.geography import Place
from tests.routing.incidents.kinds import Extent


@dataclass(frozen=True)
class Told:
    """An appeal as it arrives; the last two fields are the truth and nothing a finder may read.

    `lat` and `lon` in degrees, both or neither; `municipality` and `topic` are codes of the region's directory;
    `received_at` is aware, UTC; `event` is the event it belongs to, None for an ordinary appeal; `trap` says what a
    finder could take it for: see README.md.
    """

    id: UUID
    text: str
    address: str | None
    lat: float | None
    lon: float | None
    municipality: str | None
    received_at: datetime
    channel: str
    topic: str | None
    event: UUID | None
    trap: str | None


@dataclass(frozen=True)
class Burst:
    """A true event: what happened, where, how far it reached and how many told of it."""

    id: UUID
    kind: str
    extent: Extent
    settlement: str
    streets: tuple[str, ...]
    started_at: datetime
    ended_at: datetime
    size: int
    trap: str | None


@dataclass(frozen=True)
class Meant:
    """Where the person stood, and the kind of event reported by one who belongs to no burst (None: no such event)."""

    place: Place
    kind: str | None


@dataclass(frozen=True)
class World:
    """Appeals in the order they came in, the events, and what each appeal meant."""

    told: tuple[Told, ...]
    bursts: tuple[Burst, ...]
    meant: Mapping[UUID, Meant]

    def members(self, event: UUID) -> list[Told]:
        """The appeals of one event, first to last."""
        return [one for one in self.told if one.event == event]
