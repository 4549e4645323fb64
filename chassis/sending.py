"""Putting events on the wire so that one which cannot be sent takes nobody along."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nats.errors
import orjson
from nats.js.errors import APIError

from chassis.broker import Broker
from chassis.bundles import Bundle, bundle

TRIES = 3  # of an event that fails while others pass
HEADERS_BYTES = 512  # what a message's headers may take of the server's limit
_TOKENS = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Outcome:
    """What became of events, by their position among the pending."""

    stored: list[int] = field(default_factory=list)
    hopeless: dict[int, str] = field(default_factory=dict)
    failure: BaseException | None = None  # why the others are not on the wire yet


class Sender:
    """Sends one service's events in bundles; a bundle that fails is sent again event by event."""

    def __init__(self, service: str, broker: Broker, timeout_seconds: float) -> None:
        self.service = service
        self.broker = broker
        self.timeout_seconds = timeout_seconds
        self._failed: Counter[int] = Counter()

    async def send(self, rows: Rows) -> Outcome:
        """Send outbox rows (`position`, `id`, `replay`, `subject`, `payload`) in their order."""
        outcome = Outcome()
        largest = self.broker.largest_payload - HEADERS_BYTES
        for row in rows:
            fault = fault_of(row["subject"], row["payload"], self.service, largest)
            if fault:
                outcome.hopeless[row["position"]] = fault
        fit = [row for row in rows if row["position"] not in outcome.hopeless]
        failed = await self._send(bundle(fit), outcome)
        for row in fit:
            if row["position"] in failed and not await self._send_alone(row, outcome):
                break
        return outcome

    async def _send_alone(self, row: Mapping[str, Any], outcome: Outcome) -> bool:
        """Send what failed in company; False when going on would be no use: not even one event can be sent now."""
        position = row["position"]
        (single,) = bundle([row])
        failure = await self.broker.publish_alone(single.subject, single.data, single.message_id)
        if failure is None:
            outcome.stored.append(position)
            self._failed.pop(position, None)
            return True
        if outcome.stored:
            self._failed[position] += 1
        if is_refusal(failure) or self._failed[position] >= TRIES:
            outcome.hopeless[position] = f"the broker does not take it ({type(failure).__name__})"
            self._failed.pop(position, None)
            return True
        outcome.failure = failure
        return bool(outcome.stored)

    async def _send(self, bundles: Sequence[Bundle], outcome: Outcome) -> set[int]:
        """Returns what is not stored."""
        messages = [(each.subject, each.data, each.message_id) for each in bundles]
        failed: set[int] = set()
        results = await self.broker.try_publish(messages, self.timeout_seconds)
        for each, failure in zip(bundles, results, strict=True):
            if failure is None:
                outcome.stored += each.positions
            else:
                failed.update(each.positions)
        return failed


def is_refusal(failure: BaseException) -> bool:
    """Whether the message itself is the cause. A full disk or a missing stream is not."""
    if isinstance(failure, APIError):
        return failure.code == 400
    return isinstance(failure, nats.errors.MaxPayloadError | nats.errors.BadSubjectError)


def fault_of(subject: str, payload: str, service: str, largest: int) -> str:
    """Why an event can never be sent; empty for a good one."""
    if not subject.startswith(f"{service}.") or not _TOKENS.fullmatch(subject):
        return "its subject is not one of this service's"
    size = len(payload.encode()) + 2
    if size > largest:
        return f"it takes {size} bytes, a message at most {largest}"
    try:
        envelope = orjson.loads(payload)
    except ValueError:
        return "its payload is not JSON"
    return "" if isinstance(envelope, dict) else "its payload is not an envelope"
