"""Training what was asked for: one model at a time, in a child process, by whichever replica is free.

Whoever trains holds the model by a lease. When the service is killed, the lease runs out and another takes it up; when the
child is, it is begun again. What has been begun too often has failed: nothing stays in training.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_json, open_work, row, run, scalar
from chassis.resources import Sessions
from services.routing.learning.actions.children import ChildEnded, compute, read_shipped
from services.routing.learning.actions.models import trained_until
from services.routing.learning.queries.models import read_current
from services.routing.learning.queries.samples import read_samples
from services.routing.learning.rules import training
from services.routing.learning.rules.parcels import Parcel
from services.routing.learning.rules.training import TrainingOrder, TrainingOutcome
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import load_region_reference
from services.routing.reference.rules.place_stems import place_stems

log = structlog.get_logger()
POLL_SECONDS: Final = 5.0
LEASE_SECONDS: Final = 60
RENEW_SECONDS: Final = 15.0
LONGEST_SECONDS: Final = 4 * 3600.0
MOST_ATTEMPTS: Final = 3
_LEASE = "now() + make_interval(secs => :seconds)"
_TAKE = f"""
UPDATE routing.model SET attempts = attempts + 1, lease_until = {_LEASE} WHERE (region, id) IN (
    SELECT region, id FROM routing.model WHERE status = 'training' AND coalesce(lease_until < now(), true)
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING region, id, attempts
"""
# Whoever has lost the lease changes nothing any more: the attempts say whose it is.
_MINE = "region = :region AND id = :id AND status = 'training' AND attempts = :attempt"
_RENEW = f"UPDATE routing.model SET lease_until = {_LEASE} WHERE {_MINE}"
_RELEASE = f"UPDATE routing.model SET lease_until = NULL WHERE {_MINE}"
_DATA = "SELECT data FROM routing.model_file WHERE region = :region AND model_id = :id"
_LEAVE_SHADOW = """
UPDATE routing.model SET status = 'candidate', version = version + 1 WHERE region = :region AND status = 'shadow'
"""
_HOLD = f"SELECT id FROM routing.model WHERE {_MINE} FOR UPDATE"
_FINISH = f"""
UPDATE routing.model SET status = :status, rows = :rows, trained_until = :until, hold_out = :hold_out::jsonb,
    thresholds = :thresholds::jsonb, error = :error, lease_until = NULL, version = version + 1
WHERE {_MINE}
"""
_KEEP = """
INSERT INTO routing.model_file (region, model_id, data) VALUES (:region, :id, :data)
ON CONFLICT (region, model_id) DO UPDATE SET data = excluded.data
"""


@dataclass(frozen=True, slots=True)
class _Job:
    """A model to be trained, and the number of the attempt."""

    region: str
    id: UUID
    attempts: int

    def keys(self) -> dict[str, object]:
        """Parameters of `_MINE`."""
        return {"region": self.region, "id": self.id, "attempt": self.attempts}


async def train_next(sessions: Sessions, shipped: str = "") -> float:
    """Train one model that waits for it; for how many seconds there is nothing to do. `shipped`: the file that stands for
    the shipped model, if there is one."""
    async with sessions.begin() as session:
        await open_work(session)
        job = await row(session, _Job, _TAKE, seconds=LEASE_SECONDS)
    if job is None:
        return POLL_SECONDS
    if job.attempts > MOST_ATTEMPTS:
        await _finish(sessions, job, TrainingOutcome(error="Training was broken off too often."), b"")
        return 0
    try:
        answer = await _compute(sessions, job, await _order(sessions, job, shipped))
    except (ChildEnded, TimeoutError) as error:
        log.warning("training was broken off", region=job.region, model=str(job.id), reason=str(error))
        await _change(sessions, job, _RELEASE)
        return 0
    await _finish(sessions, job, TrainingOutcome.model_validate_json(answer.head), answer.data)
    return 0


async def _order(sessions: Sessions, job: _Job, shipped: str) -> Parcel:
    async with sessions.begin() as session:
        await open_work(session)
        current = await read_current(session, job.region)
        data = await scalar(session, bytes, _DATA, region=job.region, id=current.id) if current else None
        reference = await load_region_reference(session, job.region)
        rows = await read_samples(session, reference)
    order = TrainingOrder(
        rows=rows,
        topics={topic.name: topic.code for topic in reference.topics.values() if topic.active},
        groups={topic.name: topic.group_name for topic in reference.topics.values() if topic.active},
        threshold=reference.settings.auto_route_threshold,
        current_until=trained_until(current),
        levels=reference.names_of_levels,
        stems=await asyncio.to_thread(place_stems, reference.directory),
    )
    return Parcel(order.model_dump_json().encode(), bytes(data or await read_shipped(shipped)))


async def _compute(sessions: Sessions, job: _Job, parcel: Parcel) -> Parcel:
    """The child's answer; the lease is renewed as long as it works."""
    computing = asyncio.create_task(compute(training.__name__, parcel))
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not (await asyncio.wait({computing}, timeout=RENEW_SECONDS))[0]:
                await _change(sessions, job, _RENEW, seconds=LEASE_SECONDS)
        return await computing
    finally:
        computing.cancel()
        await asyncio.gather(computing, return_exceptions=True)


async def _change(sessions: Sessions, job: _Job, statement: str, **more: object) -> None:
    async with sessions.begin() as session:
        await open_work(session)
        await run(session, statement, **job.keys(), **more)


async def _finish(sessions: Sessions, job: _Job, outcome: TrainingOutcome, data: bytes) -> None:
    async with sessions.begin() as session:
        await open_work(session)
        await lock_reference(session, job.region)
        await _store(session, job, outcome, data)


async def _store(session: AsyncSession, job: _Job, outcome: TrainingOutcome, data: bytes) -> None:
    if await scalar(session, UUID, _HOLD, **job.keys()) is None:
        return  # another replica has it by now
    better = outcome.hold_out is not None and outcome.hold_out.better
    if better:
        await run(session, _LEAVE_SHADOW, region=job.region)
    until = outcome.trained_until
    await run(
        session,
        _FINISH,
        **job.keys(),
        status="failed" if outcome.error else "shadow" if better else "candidate",
        rows=outcome.rows,
        until=None if until is None else datetime.fromtimestamp(until, UTC),
        hold_out=outcome.hold_out.model_dump_json() if outcome.hold_out else None,
        thresholds=encode_json(outcome.thresholds),
        error=outcome.error or None,
    )
    if data:
        await run(session, _KEEP, region=job.region, id=job.id, data=data)
    if better:
        await raise_version(session, job.region)
