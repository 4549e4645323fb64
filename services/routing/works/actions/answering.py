"""Answering by notices: a worker takes what is due, many assignments in one transaction, each exactly once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run
from services.routing.answers.actions.together import CommonAnswer, answer_together
from services.routing.assignments.actions.locks import LockedAssignment, lock_assignments
from services.routing.tables.assignments import Assignment
from services.routing.tables.works import DueNotice
from services.routing.works.actions.gathering import Gathered, gather

MOST_AT_ONCE: Final = 500
# One that somebody works on at the moment is looked at again soon.
_AGAIN_SECONDS: Final = 2
_AS_PLACED: Final = 1  # the version of an assignment that nobody has changed
_DUE = """
SELECT * FROM routing.due_notice WHERE NOT held AND due_at <= statement_timestamp()
ORDER BY due_at, region, assignment_id LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_WORKS = """
SELECT w.region, w.id, w.organisation_id, w.notice, w.incident_id, w.client_id, w.starts_at, w.ends_at, w.ended
FROM routing.planned_work w JOIN unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
    ON w.region = k.region AND w.id = k.id
"""
_DONE = """
DELETE FROM routing.due_notice d USING unnest(:regions::text[], :assignments::uuid[]) AS k(region, assignment_id)
WHERE d.region = k.region AND d.assignment_id = k.assignment_id
"""
_LATER = """
UPDATE routing.due_notice d SET due_at = now() + make_interval(secs => :seconds::int)
FROM unnest(:regions::text[], :assignments::uuid[]) AS k(region, assignment_id)
WHERE d.region = k.region AND d.assignment_id = k.assignment_id
"""
_COUNT = """
UPDATE routing.planned_work w SET answered = w.answered + k.more
FROM (
    SELECT n.region, n.id, count(*)::int AS more FROM unnest(:regions::text[], :ids::uuid[]) AS n(region, id)
    GROUP BY n.region, n.id
) k
WHERE w.region = k.region AND w.id = k.id
"""
_LOCK_WORKS = """
SELECT 1 FROM routing.planned_work w JOIN unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
    ON w.region = k.region AND w.id = k.id
ORDER BY w.region, w.id FOR NO KEY UPDATE OF w
"""
Key = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class _Work:
    region: str
    id: UUID
    organisation_id: UUID
    notice: str
    incident_id: UUID
    client_id: str
    starts_at: datetime
    ends_at: datetime
    ended: bool

    def answers(self, notice: DueNotice, assignment: Assignment) -> bool:
        """Whether its notice is still the answer: nobody has taken the question up, given it to others or called it something
        else meanwhile, and the work is as it was."""
        return (
            assignment.status == "new"
            and assignment.version == _AS_PLACED
            and assignment.organisation_id == self.organisation_id
            and not self.ended
            and self.starts_at <= notice.received_at <= self.ends_at
        )

    def as_answer(self) -> CommonAnswer:
        """What its organisation says."""
        return CommonAnswer(
            self.notice, "explained", None, self.client_id, incident_id=self.incident_id, work_id=self.id
        )


@dataclass(frozen=True, slots=True)
class _Taken:
    """A due notice with its work, None where that is gone, and its assignment."""

    notice: DueNotice
    work: _Work | None
    locked: LockedAssignment

    @property
    def is_leased(self) -> bool:
        """Whether somebody has it in hands without having accepted it."""
        assignment = self.locked.assignment
        return assignment.status == "new" and assignment.is_leased(self.locked.at)

    @property
    def is_answer(self) -> bool:
        """Whether the notice goes out now."""
        return self.work is not None and self.work.answers(self.notice, self.locked.assignment)


async def answer_some(session: AsyncSession) -> int:
    """Answer what is due, up to `MOST_AT_ONCE`; how many were taken.

    Whatever ends the process, a notice is given with the end of its row, or neither.
    """
    due = await rows(session, DueNotice, _DUE, limit=MOST_AT_ONCE)
    if not due:
        return 0
    works = await _read_works(session, due)
    locked = await lock_assignments(session, [_key(each) for each in due], only_free=True)
    by_key = {(each.assignment.region, each.assignment.id): each for each in locked}
    taken = [
        _Taken(each, works.get((each.region, each.work_id)), found)
        for each in due
        if (found := by_key.get((each.region, each.assignment_id)))
    ]
    in_hands = {_key(each.notice) for each in taken if each.is_leased}
    settled = [each for each in taken if _key(each.notice) not in in_hands]
    await _answer(session, [each for each in settled if each.is_answer])
    await _settle(session, due, settled)
    await _gather(session, settled)
    return len(due)


def _key(notice: DueNotice) -> Key:
    return notice.region, notice.assignment_id


async def _read_works(session: AsyncSession, due: Iterable[DueNotice]) -> Mapping[Key, _Work]:
    wanted = sorted({(each.region, each.work_id) for each in due})
    regions, ids = [region for region, _ in wanted], [id for _, id in wanted]
    found = await rows(session, _Work, _WORKS, regions=regions, ids=ids)
    return {(each.region, each.id): each for each in found}


async def _answer(session: AsyncSession, answered: Sequence[_Taken]) -> None:
    """Each work's together, then the counts of all."""
    by_work: dict[Key, list[_Taken]] = defaultdict(list)
    for each in answered:
        by_work[each.notice.region, each.notice.work_id].append(each)
    for of_work in by_work.values():
        work = of_work[0].work
        assert work is not None, "without one there is no answer"
        await answer_together(session, [each.locked for each in of_work], work.as_answer())
    counted = [(each.notice.region, each.notice.work_id) for each in answered]
    regions, ids = [region for region, _ in counted], [id for _, id in counted]
    await run(session, _LOCK_WORKS, regions=regions, ids=ids)
    await run(session, _COUNT, regions=regions, ids=ids)


async def _settle(session: AsyncSession, due: Sequence[DueNotice], settled: Sequence[_Taken]) -> None:
    """What is settled is gone; the rest, which somebody has in hands, is looked at again."""
    done = {_key(each.notice) for each in settled}
    ended, open_ones = sorted(done), sorted(_key(each) for each in due if _key(each) not in done)
    await run(session, _DONE, regions=[region for region, _ in ended], assignments=[id for _, id in ended])
    await run(
        session,
        _LATER,
        regions=[region for region, _ in open_ones],
        assignments=[id for _, id in open_ones],
        seconds=_AGAIN_SECONDS,
    )


async def _gather(session: AsyncSession, settled: Sequence[_Taken]) -> None:
    """Whoever tells of a work belongs to its incident, also where a person answers; not what was cancelled."""
    by_region: dict[str, list[Gathered]] = defaultdict(list)
    for each in settled:
        if each.work is not None and each.locked.assignment.status != "cancelled":
            notice = each.notice
            by_region[notice.region].append(
                Gathered(notice.assignment_id, notice.appeal_id, notice.received_at, each.work.incident_id)
            )
    for region, gathered in sorted(by_region.items()):
        await gather(session, region, gathered)
