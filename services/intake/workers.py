"""What intake does by itself: edges with transactions of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import httpx2
import structlog

from chassis.causes import cause_of
from chassis.db import open_all_rows, open_work
from chassis.housekeeping import HOUSEKEEPING_SECONDS, PURGES_AT
from chassis.moments import utc_now
from chassis.priority import SHORT_PATIENCE_SECONDS, foreground
from chassis.problems import Problem
from chassis.resources import Resources
from chassis.sealing import SealBroken
from chassis.service import RetryResult
from chassis.webhooks.workers import WEBHOOK_WORKERS
from chassis.workers import Worker, daily
from services.intake.announcement.actions import last_set_aside, mask_appeals, mask_set_aside, take_back
from services.intake.attachments.actions.erasing import (
    delete_blobs,
    note_deletions,
    purge_unused,
    take_due_blobs,
)
from services.intake.channels.actions import polling, rereading
from services.intake.channels.actions.asking import NetworkAway
from services.intake.channels.actions.late import MOST_AT_ONCE, take_late
from services.intake.channels.actions.max_client import MaxClient
from services.intake.channels.actions.ok_client import OkClient
from services.intake.channels.queries.connections import read_pages
from services.intake.channels.rules.connection import Connection
from services.intake.moderation.actions.flagging import purge_text_repeats
from services.intake.originals.actions.remasking import mask_old_words
from services.intake.registration.actions.registering import purge_passing_keys
from services.intake.resources import MASKING, IntakeResources

log = structlog.get_logger()
LOOK_FOR_BLOBS_SECONDS: Final = 30.0
LATE_SECONDS = 10.0  # how long what has waited long enough may wait on
READ_AGAIN_SECONDS: Final = 86_400.0
SUBSCRIPTION_LOOK = timedelta(minutes=30)  # MAX ends a subscription after eight hours


async def take_interrupted_back(resources: IntakeResources) -> None:
    """What an earlier process had begun."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        await take_back(session)


async def mask_some(resources: IntakeResources) -> float:
    """Mask what has been committed, at once when this process did it, by polling when another one did."""
    settings = resources.settings
    await foreground.yield_to(SHORT_PATIENCE_SECONDS)
    async with resources.sessions.begin() as session:
        await open_work(session)
        count = await mask_appeals(session, resources.secrets.keyring, settings.masking_batch)
    return settings.masking_poll_seconds if count < settings.masking_batch else 0


def masking_linger(resources: IntakeResources) -> float:
    """A moment for company, in seconds."""
    return resources.settings.masking_linger_seconds


async def retry_set_aside(resources: IntakeResources) -> RetryResult:
    """Try once more what was set aside before now, in transactions of a batch each."""
    keyring, batch = resources.secrets.keyring, resources.settings.masking_batch
    result = RetryResult()
    async with resources.sessions.begin() as session:
        await open_work(session)
        until = await last_set_aside(session)
    while True:
        async with resources.sessions.begin() as session:
            await open_work(session)
            done = await mask_set_aside(session, keyring, batch, until)
        if not done.taken:
            return result
        result.handled += done.taken - done.aside
        result.failed += done.aside


async def mask_some_old(resources: Resources) -> float:
    """Work off what an older version wrote; the hourly look is for a backup of it that was restored."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        masked = await mask_old_words(session)
    return 0 if masked else HOUSEKEEPING_SECONDS


async def purge_some_keys(resources: Resources) -> None:
    """What is kept for a while only."""
    async with resources.sessions.begin() as session:
        await open_all_rows(session)
        await purge_passing_keys(session, utc_now())
        await purge_text_repeats(session, utc_now())


async def purge_unused_attachments(resources: Resources) -> None:
    """Files that nobody has used."""
    async with resources.sessions.begin() as session:
        await open_all_rows(session)
        await purge_unused(session, utc_now())


async def delete_some_blobs(resources: IntakeResources) -> float:
    """In the process that has the folder of blobs; a place that is away is asked again later."""
    storage = resources.attachments
    storage.clear_left_over()
    if storage.blobs is None:
        return HOUSEKEEPING_SECONDS
    async with resources.sessions.begin() as session:
        await open_work(session)
        due = await take_due_blobs(session)
    if not due:
        return LOOK_FOR_BLOBS_SECONDS
    deletions = await delete_blobs(storage, due)
    async with resources.sessions.begin() as session:
        await open_work(session)
        await note_deletions(session, deletions)
    return LOOK_FOR_BLOBS_SECONDS if deletions.untried else 0


async def take_some_late(resources: IntakeResources) -> float:
    """Messages of social networks of which only changes have come."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        taken = await take_late(session, resources.secrets, utc_now())
    return 0 if taken == MOST_AT_ONCE else LATE_SECONDS


async def read_unread_again(resources: IntakeResources) -> float:
    """All of it once a process begins, whose version may read more than the last one's, and every day."""
    after: tuple[UUID, bytes] | None = (UUID(int=0), b"")
    while after is not None:
        after = await _read_some_again(resources, after)
    return READ_AGAIN_SECONDS


async def _read_some_again(
    resources: IntakeResources, after: tuple[UUID, bytes]
) -> tuple[UUID, bytes] | None:
    """One after the other, so that what is wrong with one keeps no other back; where to go on, None at the end."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        found = await rereading.find_unread(session, after)
        pages = await read_pages(session, sorted({each.connection_id for each in found}))
    patience = timedelta(seconds=resources.settings.channel_patience_seconds)
    for unread in found:
        try:
            async with resources.sessions.begin() as session:
                await open_work(session)
                page = pages[unread.connection_id]
                await rereading.take_again(session, resources.secrets, page, unread, patience)
        except Exception as error:
            if cause_of(error):
                raise
            log.warning(
                "delivery still not taken",
                connection_id=str(unread.connection_id),
                error=type(error).__name__,
            )
    return (found[-1].connection_id, found[-1].event) if len(found) == rereading.MOST_AT_ONCE else None


async def ask_some_network(resources: IntakeResources) -> float:
    """One page that is due: OK is asked for comments, MAX whether it still delivers."""
    now = utc_now()
    async with resources.sessions.begin() as session:
        await open_work(session)
        leased = await polling.lease_page(session, now)
    if leased is None:
        return resources.settings.channel_poll_seconds
    turn, kept = leased
    every = timedelta(seconds=resources.settings.channel_poll_seconds)
    read_to: datetime | None = now
    try:
        connection = kept.open(resources.secrets.keyring)
        async with httpx2.AsyncClient() as http:
            if connection.network == "ok":
                read_to = await _read_comments(resources, http, connection, turn.read_to or now)
            else:
                every = SUBSCRIPTION_LOOK
                await _keep_subscribed(resources, http, connection)
    except (NetworkAway, SealBroken) as error:
        log.warning("network cannot be asked", connection_id=str(kept.id), problem=str(error))
        read_to = None
    async with resources.sessions.begin() as session:
        await open_work(session)
        await polling.free_page(session, turn, utc_now(), every, read_to)
    return 0


async def _read_comments(
    resources: IntakeResources, http: httpx2.AsyncClient, connection: Connection, read_to: datetime
) -> datetime:
    """Take what was written since the last look; up to when everything is read now: where a look did not reach the end, as
    far as before."""
    client = OkClient(http, resources.settings.ok_api_url, connection.credentials)
    now = utc_now()
    look = await polling.read_page(client, connection, read_to - polling.OVERLAP)
    for start in range(0, len(look.read), polling.COMMENTS):
        async with resources.sessions.begin() as session:
            await open_work(session)
            part = look.read[start : start + polling.COMMENTS]
            arrived = await polling.fresh_arrivals(session, resources.secrets, connection, part, now)
        for outcome in await resources.deliveries.commit(arrived) if arrived else ():
            if isinstance(outcome, Problem):
                raise outcome
    if not look.is_whole:
        log.warning("page not read to the end", connection_id=str(connection.id), comments=len(look.read))
    return now if look.is_whole else read_to


async def _keep_subscribed(
    resources: IntakeResources, http: httpx2.AsyncClient, connection: Connection
) -> None:
    """Only where the administrator gave what it takes: the bot's token, and the address under which we are reached."""
    settings = resources.settings
    if not connection.credentials.access_token or not settings.public_url:
        return
    webhook = f"{settings.public_url.rstrip('/')}/channels/max/{connection.id}"
    client = MaxClient(http, settings.max_api_url, connection.credentials)
    if await client.keep_subscribed(webhook):
        log.warning("subscription was gone and is made again", connection_id=str(connection.id))


WORKERS: Final = (
    Worker("masking", mask_some, wake_up=MASKING, begin=take_interrupted_back, linger=masking_linger),
    Worker("old words", mask_some_old),
    Worker("late messages", take_some_late),
    Worker("unread deliveries", read_unread_again),
    Worker("asking networks", ask_some_network),
    daily("purging keys", purge_some_keys, PURGES_AT),
    daily("purging unused attachments", purge_unused_attachments, PURGES_AT),
    Worker("deleting blobs", delete_some_blobs, in_front=True),
    *WEBHOOK_WORKERS,
)
