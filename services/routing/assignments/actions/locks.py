"""What every action begins with: lock the assignments, check what was expected of them and leased.

An assignment is locked together with the version of its region's reference data, so that an action needs one statement
for both.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows
from chassis.moments import not_before
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Problem
from chassis.versions import require_version
from contracts.routing import OrganisationName
from services.routing.assignments.rules.statuses import IN_QUEUE, SENT_AWAY, Action, is_allowed, is_with
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.assignments.schemas.event_keys import EventKeys, event_keys
from services.routing.reference.queries.cache import UNVERSIONED, references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.assignments import Assignment

AppealKey = tuple[str, UUID]  # region, appeal
_READ = "SELECT a.*, clock_timestamp() AS read_at, v.version AS reference_version"
_WITH_REFERENCE = "LEFT JOIN routing.reference_version v ON v.region = a.region"
_LOCK = f"""
{_READ} FROM routing.assignment a {_WITH_REFERENCE}
WHERE a.region = ANY(:regions::text[]) AND a.id = :id FOR NO KEY UPDATE OF a
"""
_OF_APPEALS = """
FROM routing.assignment a JOIN unnest(:regions::text[], :appeals::uuid[]) AS k(region, appeal_id)
    ON a.region = k.region AND a.appeal_id = k.appeal_id
"""
_IN_ORDER = "ORDER BY a.region, a.id FOR NO KEY UPDATE OF a"
_LOCK_APPEALS = f"{_READ} {_OF_APPEALS} {_WITH_REFERENCE} {_IN_ORDER}"
_HOLD_APPEALS = f"SELECT a.id {_OF_APPEALS} {_IN_ORDER}"
_LOCK_OF_PERSON = f"""
{_READ} FROM routing.assignment a {_WITH_REFERENCE}
WHERE a.region = :region AND a.organisation_id = :organisation AND a.person = :person
    AND a.status = ANY(:statuses::text[])
{_IN_ORDER}
"""
# Locked in the order of their keys like everywhere; those that somebody works on come with the next step.
_LOCK_RETURNING = f"""
{_READ} FROM routing.assignment a {_WITH_REFERENCE}
WHERE (a.region, a.id) IN (
    SELECT r.region, r.id FROM routing.assignment r WHERE r.returns_at <= statement_timestamp()
    ORDER BY r.returns_at LIMIT :limit::bigint
) AND a.returns_at <= statement_timestamp()
{_IN_ORDER} SKIP LOCKED
"""
_LOCK_UNANSWERED = f"""
{_READ} FROM routing.assignment a {_WITH_REFERENCE}
WHERE (a.region, a.id) IN (
    SELECT w.region, w.id FROM routing.assignment w LEFT JOIN routing.setting s ON s.region = w.region
    WHERE w.status = 'clarifying' AND w.asked_at <= statement_timestamp()
        - make_interval(days => coalesce((s.settings->>'clarification_days')::int, :usual_days))
    ORDER BY w.asked_at LIMIT :limit::bigint
) AND a.status = 'clarifying'
{_IN_ORDER} SKIP LOCKED
"""
_LOCK_THESE = f"""
{_READ} FROM routing.assignment a JOIN unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
    ON a.region = k.region AND a.id = k.id
{_WITH_REFERENCE} {_IN_ORDER}
"""
_LOCK_ANSWERED = f"""
{_READ}, w.id AS answer_id FROM routing.answer w
JOIN unnest(:regions::text[], :answers::uuid[]) AS k(region, id)
    ON w.region = k.region AND w.id = k.id AND NOT w.interim
JOIN routing.assignment a ON a.region = w.region AND a.id = w.assignment_id AND a.cycle = w.cycle
{_WITH_REFERENCE} {_IN_ORDER}
"""


class LeaseLost(Problem):
    status, slug, title = 409, "lease-lost", "The lease is not yours or has run out; claim again"


@dataclass(frozen=True, slots=True)
class LockedAssignment:
    """An assignment locked in this transaction, its region's reference data, and the time of what is done next.

    `at` is the database's time, never before what happened to the assignment so far, also by a clock that has stepped back.
    """

    assignment: Assignment
    region_reference: RegionReference
    at: datetime

    @property
    def organisation(self) -> OrganisationName:
        """Who holds it; only for assignments that are not in triage."""
        name = self.region_reference.organisation_name(self.assignment.organisation_id)
        assert name is not None
        return name

    def event_keys(self) -> EventKeys:
        """The fields every event of the assignment has."""
        return event_keys(self.assignment)

    def show(self) -> AssignmentView:
        """As people see it."""
        return AssignmentView.of(self.assignment, self.region_reference)


@dataclass(frozen=True, slots=True)
class _LockedRow(Assignment):
    """What the statements above read."""

    read_at: datetime
    reference_version: int | None

    @property
    def next_moment(self) -> datetime:
        return not_before(self.read_at, self.created_at, self.accepted_at, self.asked_at, self.answered_at)


@dataclass(frozen=True, slots=True)
class _AnsweredRow(_LockedRow):
    answer_id: UUID


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """Who wants to act on which assignment, in the version it was seen in."""

    principal: Principal
    assignment_id: UUID
    expected_version: int

    @property
    def coordinates(self) -> bool:
        """Whether it is a coordinator's act, who needs no lease, not the holder's own."""
        return self.principal.role == "coordinator" or self.principal.organisation_id is None


async def lock_for(session: AsyncSession, request: ActionRequest, action: Action) -> LockedAssignment:
    """Lock for an action: 404 out of reach, 412 for another version, 409 when it is not allowed now."""
    locked = await lock_within_reach(session, request.principal, request.assignment_id)
    require_version(locked.assignment.version, request.expected_version)
    _require_allowed(locked.assignment, action)
    return locked


async def lock_own(
    session: AsyncSession, request: ActionRequest, action: Action | None, lease_token: str | None
) -> LockedAssignment:
    """The same for who holds the assignment, and has to hold its lease; 403 without an organisation."""
    organisation = request.principal.organisation
    locked = await lock_within_reach(session, request.principal, request.assignment_id)
    if locked.assignment.organisation_id != organisation:
        raise NotFound
    require_version(locked.assignment.version, request.expected_version)
    if action is not None:
        _require_allowed(locked.assignment, action)
    _require_lease(locked, lease_token)
    return locked


async def lock_within_reach(
    session: AsyncSession, principal: Principal, assignment_id: UUID
) -> LockedAssignment:
    """Lock whatever its version and status; 404 out of reach."""
    found = await rows(session, _LockedRow, _LOCK, regions=principal.regions_within(), id=assignment_id)
    if not found or (principal.role == "agency" and not _is_theirs(principal, found[0])):
        raise NotFound
    (locked,) = await _with_references(session, found)
    return locked


def _is_theirs(principal: Principal, assignment: Assignment) -> bool:
    return is_with(principal.organisation, assignment.organisation_id, assignment.status, gone=SENT_AWAY)


def _require_allowed(assignment: Assignment, action: Action) -> None:
    if not is_allowed(action, assignment.status):
        raise NotAllowedNow("Not in status {status}.", values={"status": assignment.status})


def _require_lease(locked: LockedAssignment, lease_token: str | None) -> None:
    """409 when the assignment is leased and the token is wrong, has run out, or is missing while the lease runs."""
    leased_by, running = locked.assignment.lease_token, locked.assignment.is_leased(locked.at)
    if leased_by is None or (lease_token is None and not running):
        return
    right = lease_token is not None and hmac.compare_digest(bytes(leased_by), hash_token(lease_token))
    if not (right and running):
        raise LeaseLost


def hash_token(token: str) -> bytes:
    """What is stored of a lease's token; it is random, so a plain hash protects it."""
    return hashlib.sha256(token.encode()).digest()


async def lock_appeals(session: AsyncSession, appeals: Sequence[AppealKey]) -> list[LockedAssignment]:
    """All assignments of appeals, locked in the order of their ids."""
    regions, ids = [region for region, _ in appeals], [appeal_id for _, appeal_id in appeals]
    found = await rows(session, _LockedRow, _LOCK_APPEALS, regions=regions, appeals=ids)
    return await _with_references(session, found)


async def lock_assignments(
    session: AsyncSession, keys: Sequence[tuple[str, UUID]], *, only_free: bool = False
) -> list[LockedAssignment]:
    """Assignments (region, id), locked in the order of their keys. `only_free`: without those that somebody else holds, so
    that whoever holds other locks already waits for nobody."""
    if not keys:
        return []
    statement = f"{_LOCK_THESE} SKIP LOCKED" if only_free else _LOCK_THESE
    regions, ids = [region for region, _ in keys], [id for _, id in keys]
    return await _with_references(
        session, await rows(session, _LockedRow, statement, regions=regions, ids=ids)
    )


async def hold_appeals(session: AsyncSession, appeals: Sequence[AppealKey]) -> None:
    """The same locks for whoever reads the assignments later in this transaction, also of assignments that come into being while
    we wait: from then on none does."""
    regions, ids = [region for region, _ in appeals], [appeal_id for _, appeal_id in appeals]
    held: list[UUID] = []
    while (found := await column(session, UUID, _HOLD_APPEALS, regions=regions, appeals=ids)) != held:
        held = found


async def lock_appeal(session: AsyncSession, principal: Principal, appeal_id: UUID) -> list[LockedAssignment]:
    """All assignments of one appeal, locked; 404 when it has none within reach."""
    appeals = [(region, appeal_id) for region in principal.regions_within()]
    await hold_appeals(session, appeals)
    locked = await lock_appeals(session, appeals)
    if not locked:
        raise NotFound
    return locked


async def lock_of_person(
    session: AsyncSession, region: str, organisation: UUID, person: UUID
) -> list[LockedAssignment]:
    """What one person of an organisation works on, locked in the order of their ids."""
    found = await rows(
        session,
        _LockedRow,
        _LOCK_OF_PERSON,
        region=region,
        organisation=organisation,
        person=person,
        statuses=sorted(IN_QUEUE),
    )
    return await _with_references(session, found)


async def lock_returning(session: AsyncSession, limit: int) -> list[LockedAssignment]:
    """What was handed over for an absence that is over, of those that nobody else holds."""
    found = await rows(session, _LockedRow, _LOCK_RETURNING, limit=limit)
    return await _with_references(session, found)


async def lock_unanswered(session: AsyncSession, usual_days: int, limit: int) -> list[LockedAssignment]:
    """What has waited for a citizen's reply as long as its region waits (`usual_days` where it says nothing), of those that nobody
    else holds."""
    found = await rows(session, _LockedRow, _LOCK_UNANSWERED, usual_days=usual_days, limit=limit)
    return await _with_references(session, found)


async def lock_answered(
    session: AsyncSession, answers: Iterable[tuple[str, UUID]]
) -> list[tuple[LockedAssignment, UUID]]:
    """Assignments that still stand by one of these answers (region, id), each with that answer, locked in order."""
    wanted = list(answers)
    found = await rows(
        session,
        _AnsweredRow,
        _LOCK_ANSWERED,
        regions=[region for region, _ in wanted],
        answers=[answer_id for _, answer_id in wanted],
    )
    # A promise and its fulfilment are answers of one cycle.
    last = {each.id: each for each in found}
    locked = await _with_references(session, list(last.values()))
    return list(zip(locked, (each.answer_id for each in last.values()), strict=True))


async def _with_references(session: AsyncSession, found: Sequence[_LockedRow]) -> list[LockedAssignment]:
    versions = {each.region: each.reference_version or UNVERSIONED for each in found}
    references = await references_of(session).at_versions(session, versions)
    return [LockedAssignment(each, references[each.region], each.next_moment) for each in found]
