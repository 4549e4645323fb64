"""Events as a consumer gets them from the broker, for tests of what it does with a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.inbox import Consumer, Delivery
from contracts.event import Event


def delivery_of(*events: Event, subject: str = "") -> Delivery:
    """One message with these events, all of one kind; `subject` where it is not theirs."""
    data = orjson.dumps([event.envelope() for event in events])
    message = Msg(cast(Client, cast(Any, None)), subject=subject or events[0].SUBJECT, data=data)
    return Delivery(message, events)


async def deliver(consumer: Consumer, events: Sequence[Event]) -> None:
    """The events in one batch and one transaction, each in a message of its own."""
    await consumer.apply_together([delivery_of(event) for event in events])
