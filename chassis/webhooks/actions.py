"""What owners do with their webhooks."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, run, scalar
from chassis.faults import Wording, in_words
from chassis.feeds import last_place
from chassis.principals import Principal
from chassis.problems import NotFound, Problem, Unprocessable
from chassis.sealing import Keyring
from chassis.wake_ups import wake_after_commit
from chassis.webhooks import schemas
from chassis.webhooks.offer import CALLS, WEBHOOKS, WebhookOffer, Webhooks
from chassis.webhooks.queries import find_webhook, read_delivery
from chassis.webhooks.receivers import CannotBeCalled
from chassis.webhooks.rules.messages import test_message
from chassis.webhooks.rules.signing import SECRET_BYTES, write_secret
from chassis.webhooks.tables import NewWebhook, NewWebhookDelivery

MOST_WEBHOOKS: Final = 10
OLD_SECRET: Final = timedelta(hours=24)
SEALED_AS: Final = "webhook"
# Whoever counts and adds at the same time waits for the other.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('otklik webhooks of'), hashtext(:owner))"
_COUNT: Final = "SELECT count(*) FROM {schema}.webhook WHERE owner = :owner"
_RESUME: Final = """
UPDATE {schema}.webhook SET state = 'active', paused_because = NULL, failures = 0, failing_since = NULL, rests_until = NULL,
    client_id = :client, generation = :generation, regions = :regions WHERE id = :id
"""
_AGAIN: Final = """
UPDATE {schema}.webhook_delivery SET state = 'waiting', next_at = :now, first_tried_at = NULL, attempts = 0
WHERE webhook_id = :webhook AND (id = :delivery::uuid OR :delivery::uuid IS NULL AND state = 'waiting')
"""
_ROTATE: Final = """
UPDATE {schema}.webhook SET old_key_id = key_id, old_sealed = sealed, old_until = :until, key_id = :key_id, sealed = :sealed
WHERE id = :id
"""


class TooManyWebhooks(Problem):
    status, slug, title = 422, "too-many-webhooks", "There are as many webhooks as one may have"


async def require_callable(webhooks: Webhooks, url: str) -> None:
    """422 for an address that is not called: one that is not public, or whose name means nothing. Asks name servers: before
    any transaction."""
    try:
        await webhooks.receivers.find(url)
    except CannotBeCalled as error:
        message = in_words("leads to an address that is not public")
        if error.problem == "no_address":
            message = in_words("names a host that is not known")
        raise Unprocessable("See errors.", errors=[{"pointer": "/url", "message": message}]) from None


def require_offered(offer: WebhookOffer, events: list[str]) -> None:
    """422 for events that nothing is known of here."""
    wrong = [place for place, kind in enumerate(events) if kind not in offer.kinds]
    message = in_words(Wording("is none of: {known}", {"known": ", ".join(offer.kinds)}))
    if wrong:
        errors = [{"pointer": f"/events/{place}", "message": message} for place in wrong]
        raise Unprocessable("See errors.", errors=errors)


async def create_webhook(
    session: AsyncSession, principal: Principal, webhooks: Webhooks, body: schemas.NewWebhook
) -> schemas.WebhookSecret:
    """A webhook for what happens from now on."""
    schema = webhooks.schema
    await run(session, _ONE_AT_A_TIME, owner=principal.owner)
    many = await scalar(session, int, _COUNT.format(schema=schema), owner=principal.owner)
    if (many or 0) >= MOST_WEBHOOKS:
        raise TooManyWebhooks("Delete one first: {most} is the limit.", values={"most": MOST_WEBHOOKS})
    webhook_id, place = uuid7(), await last_place(session, schema)
    secret, key_id, sealed = _new_secret(webhooks.keyring, webhook_id)
    made = NewWebhook(
        id=webhook_id,
        owner=principal.owner,
        client_id=principal.client_id,
        generation=principal.generation,
        regions=_regions_of(principal),
        url=body.url,
        events=sorted(set(body.events)),
        key_id=key_id,
        sealed=sealed,
        xid=place.xid,
        position=place.position,
        history=place.history,
    )
    await insert_rows(session, webhooks.offer.webhook, [made])
    wake_after_commit(session, WEBHOOKS)
    return schemas.WebhookSecret(id=webhook_id, secret=secret)


def _regions_of(principal: Principal) -> list[str] | None:
    return None if principal.is_everywhere else principal.regions_within()


def _new_secret(keyring: Keyring, webhook_id: UUID) -> tuple[str, int, bytes]:
    """In clear, and sealed with the key of that number."""
    secret = write_secret(os.urandom(SECRET_BYTES))
    return secret, keyring.current, keyring.seal_text(SEALED_AS, webhook_id, secret)


async def delete_webhook(session: AsyncSession, principal: Principal, schema: str, webhook_id: UUID) -> None:
    """Call it no more; what was not called yet never is. 404 for anybody else's."""
    sql = f"DELETE FROM {schema}.webhook WHERE owner = :owner AND id = :id"
    await find_webhook(session, schema, principal.owner, webhook_id)
    # Whoever reads the feed for it ends first; and its deliveries go before it, while it shows whose they are.
    await run(session, f"SELECT FROM {schema}.webhook WHERE id = :id FOR UPDATE", id=webhook_id)
    await run(session, f"DELETE FROM {schema}.webhook_delivery WHERE webhook_id = :id", id=webhook_id)
    if not await run(session, sql, owner=principal.owner, id=webhook_id):
        raise NotFound


async def rotate_secret(
    session: AsyncSession, principal: Principal, webhooks: Webhooks, webhook_id: UUID, now: datetime
) -> schemas.WebhookSecret:
    """Another secret; calls are signed with the one before it, too, for a day."""
    await find_webhook(session, webhooks.schema, principal.owner, webhook_id)
    secret, key_id, sealed = _new_secret(webhooks.keyring, webhook_id)
    until = now + OLD_SECRET
    sql = _ROTATE.format(schema=webhooks.schema)
    await run(session, sql, id=webhook_id, until=until, key_id=key_id, sealed=sealed)
    return schemas.WebhookSecret(id=webhook_id, secret=secret, old_valid_until=until)


async def redeliver(
    session: AsyncSession,
    principal: Principal,
    schema: str,
    webhook_id: UUID,
    body: schemas.Redelivery,
    now: datetime,
) -> schemas.RedeliveryView:
    """Call at once what waits, or one event again, delivered or not. A paused webhook goes on, with the rights of whoever asks
    for it."""
    await find_webhook(session, schema, principal.owner, webhook_id)
    if body.delivery_id is not None:
        await read_delivery(session, schema, webhook_id, body.delivery_id)
    await run(
        session,
        _RESUME.format(schema=schema),
        id=webhook_id,
        client=principal.client_id,
        generation=principal.generation,
        regions=_regions_of(principal),
    )
    count = await run(
        session, _AGAIN.format(schema=schema), webhook=webhook_id, delivery=body.delivery_id, now=now
    )
    for name in (WEBHOOKS, CALLS):
        wake_after_commit(session, name)
    return schemas.RedeliveryView(id=webhook_id, state="active", deliveries=count)


async def send_test(
    session: AsyncSession, principal: Principal, offer: WebhookOffer, webhook_id: UUID, now: datetime
) -> schemas.DeliveryView:
    """An event that tells of nothing, called once, also where the webhook is paused."""
    await find_webhook(session, offer.service, principal.owner, webhook_id)
    call_id = uuid7()
    call = test_message(call_id, now)
    made = NewWebhookDelivery(webhook_id, call_id, None, None, call_id, call.kind, call.body())
    await insert_rows(session, offer.delivery, [made])
    wake_after_commit(session, CALLS)
    return (await read_delivery(session, offer.service, webhook_id, call_id)).view()
