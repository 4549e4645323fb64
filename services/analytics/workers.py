"""What analytics does by itself: its copy of the facts follows them, notes of changes that all copies have read go, listeners
are told what is new, regions are looked through for problems."""

from __future__ import annotations

from contextlib import suppress
from datetime import time
from typing import Final

import structlog

from chassis.moments import utc_now
from chassis.workers import Worker, daily
from services.analytics.announcements.actions import WAKE_UP, purge_entries
from services.analytics.decisions.actions.deciding import JUDGING
from services.analytics.decisions.actions.judging import judge_next
from services.analytics.facts.actions import purge_changes
from services.analytics.problems.actions.looking import look_through_regions
from services.analytics.resources import AnalyticsResources
from services.analytics.store.actions import nightly
from services.analytics.store.actions.building import begin_serving
from services.analytics.store.actions.folders import remove_retired
from services.analytics.store.actions.following import CopyBehind, follow
from services.analytics.store.queries.copies import FiguresNotReady, is_broken
from services.analytics.store.queries.engine import FiguresBusy
from services.analytics.stream.actions import pass_on

log = structlog.get_logger()
_FOLLOW_SECONDS: Final = 1.0
_NO_COPY_SECONDS: Final = 3600.0
_JUDGING_SECONDS: Final = 600.0
_PURGES_AT: Final = time(0, 30)


async def follow_facts(resources: AnalyticsResources) -> float:
    """A batch of changes, about every second; in the night a new file."""
    copy = resources.copy
    if copy is None:
        return _NO_COPY_SECONDS
    await remove_retired(copy)
    if copy.serving is None:
        await begin_serving(copy, resources.source)
    serving = copy.serving
    if serving is None:
        return _FOLLOW_SECONDS
    try:
        if await nightly.renew_if_due(copy, resources.source, utc_now()):
            return 0
        return 0 if await follow(copy, serving, resources.source) else _FOLLOW_SECONDS
    except CopyBehind:
        copy.distrust("it has missed changes")
    except copy.engine.out_of_memory:
        log.warning("figures copy waits for memory")
        return _FOLLOW_SECONDS
    except copy.engine.errors as error:
        if not is_broken(error):
            raise
        copy.distrust(type(error).__name__)
    return 0


async def renew_kept(resources: AnalyticsResources) -> float:
    """Answers over everything are counted before somebody waits for them."""
    copy = resources.copy
    if copy is None:
        return _NO_COPY_SECONDS
    if copy.serving is not None:
        with suppress(FiguresBusy, FiguresNotReady):  # who waits for an answer goes first
            await copy.renew_kept(copy.serving)
    return _FOLLOW_SECONDS


async def purge(resources: AnalyticsResources) -> None:
    """What a copy has not read after a day, it is made anew without."""
    await purge_changes(resources.sessions)


async def purge_announced(resources: AnalyticsResources) -> None:
    """What listeners may go on from is two days old at most."""
    await purge_entries(resources.sessions)


async def judge_decisions(resources: AnalyticsResources) -> float:
    """One after the other: what was made or changed, then what has not been judged today."""
    return 0 if await judge_next(resources.sessions, resources.reading_sessions) else _JUDGING_SECONDS


WORKERS = (
    Worker("figures copy", follow_facts),
    Worker("kept figures", renew_kept),
    Worker("decisions", judge_decisions, wake_up=JUDGING),
    daily("figure changes", purge, _PURGES_AT),
    Worker("stream", pass_on, WAKE_UP),
    daily("stream entries", purge_announced, _PURGES_AT),
    Worker("problems", look_through_regions),
)
