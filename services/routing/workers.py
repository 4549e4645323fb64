"""What routing does by itself."""

from __future__ import annotations

from datetime import time
from time import monotonic
from typing import Final

from chassis.db import open_work
from chassis.sealed_columns import sealing
from chassis.webhooks.workers import WEBHOOK_WORKERS
from chassis.workers import Worker, daily
from services.routing.answers.actions.learning import index_some, purge_old_bands
from services.routing.assignments.actions.clarifications import end_unanswered
from services.routing.assignments.actions.notes import return_some
from services.routing.assignments.queries.open_counts import measure_open
from services.routing.attachments.actions import purge_unused
from services.routing.incidents.actions.answering import REPLYING
from services.routing.incidents.actions.closing import close_silent
from services.routing.incidents.actions.matching import AT_ONCE, match_region
from services.routing.incidents.actions.moving_in import move_in
from services.routing.incidents.actions.purging import purge_reports
from services.routing.incidents.actions.replying import reply_some
from services.routing.incidents.queries.reports import waiting_regions
from services.routing.learning.actions.models import TRAINING
from services.routing.learning.actions.proposals import propose_topics
from services.routing.learning.actions.purging import purge_learning
from services.routing.learning.actions.training import train_next
from services.routing.placement.actions.undoing import remove_some
from services.routing.resources import RoutingResources
from services.routing.tables.answers import REVIEW_WORDS
from services.routing.tables.assignments import SEALED
from services.routing.works.actions.answering import answer_some
from services.routing.works.actions.gathering import close_over
from services.routing.works.actions.matching import WAKE_UP

_POLL_SECONDS: Final = 1.0
_RESTS: Final = 3  # times as long as it worked, where nothing waits any more
_LOOK_FOR_RETURNS_SECONDS: Final = 60.0
_RETURNED_AT_ONCE: Final = 500
_LOOK_FOR_UNANSWERED_SECONDS: Final = 60.0
_ENDED_AT_ONCE: Final = 500
_LOOK_FOR_OVER_SECONDS: Final = 30.0
_LOOK_FOR_SILENCE_SECONDS: Final = 600.0
_MEASURE_SECONDS: Final = 60.0


async def remove_imports(resources: RoutingResources) -> float:
    """One chunk a transaction: it goes on where it was after whatever has ended the process."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        removed = await remove_some(session)
    return 0 if removed else _POLL_SECONDS


async def train_models(resources: RoutingResources) -> float:
    """One model at a time; the first step of a process may find one that another process left behind."""
    return await train_next(resources.sessions, resources.settings.classifier_model)


async def look_for_topics(resources: RoutingResources) -> None:
    """After the purging, at night."""
    await propose_topics(resources.sessions, resources.settings.classifier_model)


async def purge(resources: RoutingResources) -> None:
    """Once a day: what learning keeps for a while only, and what answers and reports were compared by, as long as they were."""
    await purge_learning(resources.sessions)
    await purge_reports(resources.sessions)
    async with resources.sessions.begin() as session:
        await open_work(session)
        await purge_old_bands(session)
        await purge_unused(session)


async def return_absent(resources: RoutingResources) -> float:
    """Whoever was away has their assignments again, a minute after the absence is over at the latest."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        returned = await return_some(session, _RETURNED_AT_ONCE)
    return 0 if returned == _RETURNED_AT_ONCE else _LOOK_FOR_RETURNS_SECONDS


async def end_questions(resources: RoutingResources) -> float:
    """Where a citizen does not reply, work goes on without it."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        ended = await end_unanswered(session, _ENDED_AT_ONCE)
    return 0 if ended == _ENDED_AT_ONCE else _LOOK_FOR_UNANSWERED_SECONDS


async def index_cases(resources: RoutingResources) -> float:
    """Answered cases become findable a moment after their answers."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        indexed = await index_some(session)
    return 0 if indexed else _POLL_SECONDS


async def find_incidents(resources: RoutingResources) -> float:
    """One batch of each region that has new reports, in a transaction of its own; then what has joined goes to the leads.

    It rests as long as that took, or three times as long where nothing is left: in a flood, whatever comparing costs, appeals go
    on to their queues and people's pages are answered, and what comes meanwhile is compared together.
    """
    began = monotonic()
    async with resources.sessions.begin() as session:
        await open_work(session)
        regions = await waiting_regions(session)
    found = [await _find_incidents_of(resources, region) for region in regions]
    async with resources.sessions.begin() as session:
        await open_work(session)
        moved = await move_in(session)
    failed = [each for each in found if isinstance(each, Exception)]
    if failed:
        raise failed[0]
    took = monotonic() - began
    return took if moved or AT_ONCE in found else max(_POLL_SECONDS, _RESTS * took)


async def _find_incidents_of(resources: RoutingResources, region: str) -> int | Exception:
    """How many reports it was; what went wrong, so that one region's trouble is not the others'."""
    try:
        async with resources.sessions.begin() as session:
            await open_work(session)
            return (await match_region(session, region)).reports
    except Exception as error:
        return error


async def reply_to_incidents(resources: RoutingResources) -> float:
    """One batch a transaction: whoever is cut off goes on with the next."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        replied = await reply_some(session)
    return 0 if replied else _POLL_SECONDS


async def close_incidents(resources: RoutingResources) -> float:
    """What nobody tells of any more."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        closed = await close_silent(session)
    return 0 if closed else _LOOK_FOR_SILENCE_SECONDS


async def give_notices(resources: RoutingResources) -> float:
    """Whoever asks about a planned work is answered by its notice a moment after the appeal was placed."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        taken = await answer_some(session)
    return 0 if taken else _POLL_SECONDS


async def close_works(resources: RoutingResources) -> float:
    """Half a minute after a work is over its incident is closed."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        closed = await close_over(session)
    return 0 if closed else _LOOK_FOR_OVER_SECONDS


async def measure(resources: RoutingResources) -> float:
    """For Prometheus; one replica's figures are all replicas' figures."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        await measure_open(session)
    return _MEASURE_SECONDS


WORKERS: Final = (
    Worker("measuring", measure),
    sealing(*SEALED, REVIEW_WORDS),
    Worker("undoing", remove_imports),
    Worker("training", train_models, TRAINING),
    daily("looking for topics", look_for_topics, time(0, 30)),
    daily("purging learning", purge, time(0, 10)),  # the name is kept: daily runs are known by it
    Worker("returning", return_absent),
    Worker("questions", end_questions),
    Worker("cases", index_cases),
    Worker("incidents", find_incidents),
    Worker("notices", give_notices, WAKE_UP),
    Worker("works", close_works),
    Worker(REPLYING, reply_to_incidents, wake_up=REPLYING),
    Worker("closing incidents", close_incidents),
    *WEBHOOK_WORKERS,
)
