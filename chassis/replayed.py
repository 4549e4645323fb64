"""The consumer's side of a replay: a part of a publisher's log is handled at once, and answered when it is committed.

What builds projections takes everything once more, past its inbox: whatever is missing comes back, and nothing is taken
away before. Others drop what they have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import structlog
from nats.aio.msg import Msg

from chassis.broker import Broker
from chassis.bundles import unbundle
from chassis.causes import cause_of, concerns_all
from chassis.consumer import Consumer
from chassis.errors import describe_error
from chassis.priority import foreground
from contracts.event import Event, publisher_of
from contracts.replays import replay_subject

log = structlog.get_logger()
_GROUP = "replays"  # replicas share the requests


async def take_replays(broker: Broker, service: str, consumers: Sequence[Consumer]) -> None:
    """Handle what publishers send again from now on."""
    by_publisher = {consumer.stream.lower(): consumer for consumer in consumers}
    await broker.client.subscribe(
        replay_subject(service, "*"), queue=_GROUP, cb=partial(_on_request, by_publisher)
    )
    await broker.client.flush()


async def _on_request(consumers: dict[str, Consumer], message: Msg) -> None:
    """No answer means that the publisher asks again."""
    publisher = message.subject.rpartition(".")[2]
    consumer = consumers.get(publisher)
    try:
        if consumer is not None:
            await foreground.yield_to()
            await handle_again(consumer, publisher, message.data)
        await message.respond(b"")
    except Exception as error:
        log.warning("replay not handled", publisher=publisher, error=describe_error(error))


async def handle_again(consumer: Consumer, publisher: str, data: bytes) -> None:
    """Handle the events of a chunk that concern this service. One that cannot be becomes a dead letter at once."""
    again = consumer.applier.handlers.are_projections
    by_subject: dict[str, list[Event]] = defaultdict(list)
    for envelope in unbundle(data):
        subject = envelope["type"]
        event_class = consumer.applier.handlers.event_classes.get(subject)
        if event_class is not None and publisher_of(subject) == publisher:
            by_subject[subject].append(event_class.from_envelope(envelope))
    try:
        await consumer.applier.apply_together(by_subject, again=again)
    except Exception as error:
        if concerns_all(error):
            raise
        await _one_by_one(consumer, by_subject, again)


async def _one_by_one(consumer: Consumer, by_subject: dict[str, list[Event]], again: bool) -> None:
    for subject, events in by_subject.items():
        for event in events:
            for handler in consumer.applier.handlers.by_subject[subject]:
                try:
                    await consumer.applier.apply_one(handler, event, again=again)
                except Exception as error:
                    if cause_of(error):
                        raise
                    await consumer.applier.set_event_aside(handler, event, error)
