"""What intake does by itself: edges with transactions of their own."""

from __future__ import annotations

from typing import Final

from chassis.db import open_all_rows, open_work
from chassis.housekeeping import HOUSEKEEPING_SECONDS, PURGES_AT
from chassis.moments import utc_now
from chassis.priority import SHORT_PATIENCE_SECONDS, foreground
from chassis.resources import Resources
from chassis.service import RetryResult
from chassis.workers import Worker, daily
from services.intake.announcement.actions import last_set_aside, mask_appeals, mask_set_aside, take_back
from services.intake.moderation.actions.flagging import purge_text_repeats
from services.intake.originals.actions.remasking import mask_old_words
from services.intake.registration.actions.registering import purge_passing_keys
from services.intake.resources import MASKING, IntakeResources


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


WORKERS: Final = (
    Worker("masking", mask_some, wake_up=MASKING, begin=take_interrupted_back, linger=masking_linger),
    Worker("old words", mask_some_old),
    daily("purging keys", purge_some_keys, PURGES_AT),
)
