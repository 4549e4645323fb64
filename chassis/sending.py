"""Putting events on the wire so that one which cannot be sent takes nobody along."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import nats.errors
import orjson
from nats.js.errors import APIError

from chassis.broker import Broker
from chassis.bundles import Bundle, PendingEvent, bundle

TRIES = 3  # of an event that fails while others pass
HEADERS_BYTES = 512  # what a message's headers may take of the server's limit


@dataclass
class Outcome:
    """What became of events."""

    stored: list[int] = field(default_factory=list)  # positions
    hopeless: list[tuple[PendingEvent, str]] = field(default_factory=list)  # and why
    failure: BaseException | None = None  # why the others are not on the wire yet


class Sender:
    """Sends one service's events in bundles; a bundle that fails is sent again event by event."""

    def __init__(self, service: str, broker: Broker, timeout_seconds: float) -> None:
        self.service = service
        self.broker = broker
        self.timeout_seconds = timeout_seconds
        self._failed: Counter[int] = Counter()

    async def send(self, events: Sequence[PendingEvent]) -> Outcome:
        """Send events in their order."""
        outcome = Outcome()
        largest = self.broker.largest_payload - HEADERS_BYTES
        faults = [(event, fault_of(event, self.service, largest)) for event in events]
        outcome.hopeless += [(event, fault) for event, fault in faults if fault]
        failed = await self._send(bundle(event for event, fault in faults if not fault), outcome)
        for event in sorted(failed, key=lambda event: event.position):
            if not await self._send_alone(event, outcome):
                break
        return outcome

    async def _send(self, bundles: Sequence[Bundle], outcome: Outcome) -> list[PendingEvent]:
        """Returns what is not stored."""
        messages = [(each.subject, each.data, each.message_id) for each in bundles]
        failures = await self.broker.try_publish(messages, self.timeout_seconds)
        results = list(zip(bundles, failures, strict=True))
        outcome.stored += [place for each, failure in results if failure is None for place in each.positions]
        return [event for each, failure in results if failure is not None for event in each.events]

    async def _send_alone(self, event: PendingEvent, outcome: Outcome) -> bool:
        """Send what failed in company; False when going on would be no use: not even one event can be sent now."""
        (single,) = bundle([event])
        failure = await self.broker.publish_alone(single.subject, single.data, single.message_id)
        if failure is None:
            outcome.stored.append(event.position)
        elif self._is_hopeless(event, failure, others_pass=bool(outcome.stored)):
            outcome.hopeless.append((event, f"the broker does not take it ({type(failure).__name__})"))
        else:
            outcome.failure = failure
            return bool(outcome.stored)
        self._failed.pop(event.position, None)
        return True

    def _is_hopeless(self, event: PendingEvent, failure: BaseException, *, others_pass: bool) -> bool:
        if others_pass:
            self._failed[event.position] += 1
        return is_refusal(failure) or self._failed[event.position] >= TRIES


def is_refusal(failure: BaseException) -> bool:
    """Whether the message itself is the cause. A full disk or a missing stream is not."""
    if isinstance(failure, APIError):
        return failure.code == 400
    return isinstance(failure, nats.errors.MaxPayloadError | nats.errors.BadSubjectError)


def fault_of(event: PendingEvent, service: str, largest: int) -> str:
    """Why an event can never be sent; empty for a good one."""
    if not re.fullmatch(rf"{service}(\.[a-z][a-z0-9_]*)+", event.subject):
        return "its subject is not one of this service's"
    size = len(event.payload.encode()) + 2
    if size > largest:
        return f"it takes {size} bytes, a message at most {largest}"
    try:
        envelope = orjson.loads(event.payload)
    except ValueError:
        return "its payload is not JSON"
    return "" if isinstance(envelope, dict) else "its payload is not an envelope"
