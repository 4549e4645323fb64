"""What is called out: an event's kind, its time, and where its object stands; never a text, never a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

ALL: Final = ".*"  # after the noun of a kind: all of its kinds
TEST: Final = "webhook.test"


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """An event as its receiver reads it. `external_id`: what the owner itself calls the object."""

    kind: str
    at: datetime
    subject_id: UUID
    number: str
    status: str
    version: int
    external_id: str | None = None

    def body(self) -> str:
        """JSON, the same at every attempt."""
        data = {
            "id": str(self.subject_id),
            "number": self.number,
            "status": self.status,
            "version": self.version,
        }
        if self.external_id is not None:
            data["external_id"] = self.external_id
        return orjson.dumps({"type": self.kind, "timestamp": self.at.isoformat(), "data": data}).decode()


def is_wanted(kind: str, events: Collection[str]) -> bool:
    """Whether a webhook that asked for these events is called for one of this kind."""
    return kind in events or kind.partition(".")[0] + ALL in events


def test_message(subject_id: UUID, at: datetime) -> WebhookMessage:
    """What a receiver is tried with."""
    return WebhookMessage(TEST, at, subject_id, number="00-0000-0000000", status="test", version=1)
