"""Events travel in bundles: one message carries many events of one subject, as CloudEvents' batched JSON mode does.

A message costs the broker and both clients about the same whether it holds one event or a hundred (ADR 8). Under load
bundles grow by themselves; an event that comes alone travels alone, at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

MOST_EVENTS = 250
MOST_BYTES = 256 * 1024  # an event larger than this travels alone


@dataclass(slots=True)
class Bundle:
    """Events of one subject that become one message."""

    subject: str
    ids: list[str] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, message_id: str, payload: str, position: int) -> None:
        """Put one more event in; `position` is its place among the pending."""
        self.ids.append(message_id)
        self.positions.append(position)
        self.payloads.append(payload)
        self.size += len(payload)

    def has_room(self, payload: str) -> bool:
        """Whether one more event may travel with these."""
        return len(self.ids) < MOST_EVENTS and self.size + len(payload) <= MOST_BYTES

    @property
    def message_id(self) -> str:
        """The same events in the same order have the same id, so the broker recognises a bundle sent twice."""
        if len(self.ids) == 1:
            return self.ids[0]
        digest = hashlib.blake2b(" ".join(self.ids).encode(), digest_size=16).hexdigest()
        return f"{self.ids[0]}+{len(self.ids) - 1}.{digest}"

    @property
    def data(self) -> bytes:
        """The message: a JSON array of envelopes."""
        return f"[{','.join(self.payloads)}]".encode()


def bundle(rows: Iterable[Mapping[str, Any]]) -> list[Bundle]:
    """Pack outbox rows (`position`, `id`, `subject`, `payload`, `replay`), in their order within each subject."""
    bundles: list[Bundle] = []
    open_by_subject: dict[str, Bundle] = {}
    for row in rows:
        subject, payload = row["subject"], row["payload"]
        current = open_by_subject.get(subject)
        if current is None or not current.has_room(payload):
            current = open_by_subject[subject] = Bundle(subject)
            bundles.append(current)
        message_id = f"{row['id']}.{row['replay']}" if row["replay"] else str(row["id"])
        current.add(message_id, payload, row["position"])
    return bundles


def unbundle(data: bytes) -> list[Any]:
    """The envelopes of a message; one that is not a JSON array is its only envelope. ValueError for anything else."""
    content = orjson.loads(data)
    return content if isinstance(content, list) else [content]
