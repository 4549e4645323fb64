"""A region is looked through: its rows go to the child process, what that finds becomes problems, and by night forecasts."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Final

import structlog

from chassis.child_processes import ChildFailed
from chassis.db import insert_rows, open_work, scalar
from chassis.moments import utc_now
from chassis.national import load_year
from chassis.problems import Unavailable
from services.analytics.facts.rules.projections import local_time
from services.analytics.forecasts.actions import keep_forecasts
from services.analytics.problems.actions.registering import Findings, register_findings
from services.analytics.problems.queries.organisations import find_organisations
from services.analytics.problems.queries.runs import find_run, list_regions
from services.analytics.problems.rules.looks import FOLLOWED, Look, due_look, settle
from services.analytics.resources import AnalyticsResources
from services.analytics.statistics.actions import look_through
from services.analytics.statistics.queries import count_rows, read_rows
from services.analytics.statistics.rules.messages import Found, Looking
from services.analytics.store.queries.copies import store_for
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.periods import Period
from services.analytics.tables.problems import ProblemRun, problem_run

log = structlog.get_logger()
REST_SECONDS: Final = 60.0
LEAST_ROWS: Final = 200  # fewer say nothing, and cost no process
_DAY: Final = timedelta(days=1)
# One replica looks through a region; the lock ends with its transaction, which changes nothing itself.
_LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtext('otklik problems'), hashtext(:region))"
_KEPT: Final = (
    "(region) DO UPDATE SET analysed_to = excluded.analysed_to, counted = excluded.counted, "
    "seconds = excluded.seconds, attempted_at = excluded.attempted_at"
)


async def look_through_regions(resources: AnalyticsResources) -> float:
    """One region whose turn it is; how long to rest."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        for region in await list_regions(session):
            run, now = await find_run(session, region), utc_now()
            look = due_look(run, now, local_time(region, now), resources.settings.problems_pause_seconds)
            if look is not None and await scalar(session, bool, _LOCK, region=region):
                try:
                    await look_at(resources, region, run, look)
                except Unavailable:  # the copy of the facts is being made, or others are counting
                    return REST_SECONDS
                return 0
    return REST_SECONDS


async def look_at(resources: AnalyticsResources, region: str, run: ProblemRun | None, look: Look) -> None:
    """Find, register and note how far it went; what fails is noted as well, so that other regions have their turn."""
    began, at = time.monotonic(), utc_now()
    analysed_to, counted = (run.analysed_to, run.counted) if run else (None, 0)
    try:
        counted = await _look(resources, region, run, look)
        analysed_to = look.end - _DAY if look.whole else analysed_to
    except ChildFailed as error:
        log.warning("statistics failed", region=region, error=str(error))
    async with resources.sessions.begin() as session:
        await open_work(session)
        noted = ProblemRun(region, analysed_to, counted, round(time.monotonic() - began, 3), at)
        await insert_rows(session, problem_run, [noted], on_conflict=_KEPT)


async def _look(resources: AnalyticsResources, region: str, run: ProblemRun | None, look: Look) -> int:
    """How many appeals came up to the last whole day that has been looked at."""
    async with resources.reading_sessions() as session:
        await open_work(session)
        store = store_for(resources.copy, session)
        before = run.analysed_to + _DAY if run and run.analysed_to else look.end
        counted_then = await count_rows(store, region, before)
        look, fresh = settle(run, look, counted_then)
        counted = await count_rows(store, region, look.end) if look.whole else counted_then
        found = await _find(store, region, look, fresh) if counted >= LEAST_ROWS else Found([])
    await _register(resources, region, look, fresh, found)
    return counted


async def _find(store: FigureStore, region: str, look: Look, fresh: date) -> Found:
    """What the child finds; by night also of organisations."""
    holidays = [day for year in range(look.start.year, look.end.year + 2) for day in load_year(year).off]
    since = min(fresh, look.end - FOLLOWED)
    looking = Looking(since, sorted(holidays), look.end, look.whole)
    found = await look_through(looking, read_rows(store, region, Period(look.start, look.end)))
    if look.whole:
        as_of = int(utc_now().timestamp())
        found.findings.extend(await find_organisations(store, region, look.end, as_of))
    return found


async def _register(
    resources: AnalyticsResources, region: str, look: Look, fresh: date, found: Found
) -> None:
    async with resources.sessions.begin() as session:
        await open_work(session)
        store = store_for(resources.copy, session)
        findings = Findings(
            region=region,
            findings=found.findings,
            since=look.start,
            fresh_from=fresh,
            last_day=look.end - _DAY,
            today=local_time(region, utc_now()).date(),
        )
        await register_findings(session, store, findings)
        if found.back_test is not None:
            await keep_forecasts(session, store, region, look.end, found.outlooks, found.back_test)
