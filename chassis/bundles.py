"""Events travel in bundles: one message carries many events of one subject, as CloudEvents' batched JSON mode does.

A message costs the broker and both clients about the same whether it holds one event or a hundred (ADR 8). Under load
bundles grow by themselves; an event that comes alone travels alone, at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

MOST_EVENTS = 250
MOST_BYTES = 256 * 1024  # an event larger than this travels alone


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event of the log that is to go on the wire; `position`: its place among the pending."""

    position: int
    id: UUID
    replay: int  # above 0 it is sent once more
    subject: str
    payload: str

    @property
    def message_id(self) -> str:
        """By this the broker knows an event that it has; one that is sent once more has another."""
        return f"{self.id}.{self.replay}" if self.replay else str(self.id)


@dataclass(slots=True)
class Bundle:
    """Events of one subject that become one message."""

    subject: str
    events: list[PendingEvent] = field(default_factory=list)
    size: int = 0

    def add(self, event: PendingEvent) -> None:
        """Put one more event in."""
        self.events.append(event)
        self.size += len(event.payload)

    def has_room(self, payload: str) -> bool:
        """Whether one more event may travel with these."""
        return len(self.events) < MOST_EVENTS and self.size + len(payload) <= MOST_BYTES

    @property
    def positions(self) -> list[int]:
        """The places of its events among the pending."""
        return [event.position for event in self.events]

    @property
    def message_id(self) -> str:
        """The same events in the same order have the same id, so the broker recognises a bundle sent twice."""
        first, *others = [event.message_id for event in self.events]
        if not others:
            return first
        digest = hashlib.blake2b(" ".join([first, *others]).encode(), digest_size=16).hexdigest()
        return f"{first}+{len(others)}.{digest}"

    @property
    def data(self) -> bytes:
        """The message: a JSON array of envelopes."""
        return f"[{','.join([event.payload for event in self.events])}]".encode()


def bundle(events: Iterable[PendingEvent]) -> list[Bundle]:
    """Pack events in their order within each subject."""
    bundles: list[Bundle] = []
    open_by_subject: dict[str, Bundle] = {}
    for event in events:
        current = open_by_subject.get(event.subject)
        if current is None or not current.has_room(event.payload):
            current = open_by_subject[event.subject] = Bundle(event.subject)
            bundles.append(current)
        current.add(event)
    return bundles


def unbundle(data: bytes) -> list[Any]:
    """The envelopes of a message; one that is not a JSON array is its only envelope. ValueError for anything else."""
    content = orjson.loads(data)
    return content if isinstance(content, list) else [content]
