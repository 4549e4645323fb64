"""The connection to the broker: whether events can be stored is asked again and again, and shown by readiness."""

from __future__ import annotations

import asyncio

from nats.js.errors import APIError

from chassis.broker import Broker
from chassis.causes import cause_of
from chassis.tasks import turned

LOOK_SECONDS = 2.0
USELESS_AFTER = 6  # failed looks in a row, of at most LOOK_SECONDS and the time-out of a request each


async def watch_connection(broker: Broker) -> None:
    """Look for ever; raises when a connection that seems to be up is of no use, so that a new one is made."""
    silent = 0
    while silent < USELESS_AFTER:
        try:
            await broker.js.account_info()
            broker.problem, silent = "", 0
            turned()
        except Exception as error:
            broker.problem = cause_of(error) or type(error).__name__
            # A refusal is an answer: then it is the server that cannot, and the connection is as good as any.
            silent = 0 if isinstance(error, APIError) else silent + 1
        await asyncio.sleep(LOOK_SECONDS)
    raise ConnectionError(f"NATS: {broker.problem}")
