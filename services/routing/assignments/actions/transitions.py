"""The common part of every act on an assignment: lock it, check what was seen and leased, move it, tell the queue."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, update_rows
from chassis.moments import not_before
from chassis.problems import NotAllowedNow, NotFound, Problem
from chassis.security import Principal
from chassis.versions import require_version
from contracts.routing import OrganisationName, TopicName
from services.routing.reference.queries.cache import read_book
from services.routing.assignments.schemas.words import WORDS, open_row, pack_words
from services.routing.tables import assignment, queue_change
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.assignments.rules.statuses import SENT_AWAY, Act, Status, is_allowed, status_after
from services.routing.assignments.rules.statuses import queue_change as change_told
from services.routing.assignments.schemas.assignments import AssignmentView, show_assignment

Row = dict[str, Any]
NO_LEASE: Row = {"lease_token": None, "lease_expires_at": None}
_LOCK = (
    "SELECT a.*, clock_timestamp() AS read_at FROM routing.assignment a "
    "WHERE a.region = ANY(:regions) AND a.id = :id FOR NO KEY UPDATE"
)
# What happened to an assignment so far; whatever is done next comes after, also by a clock that has stepped back.
_MOMENTS = ("created_at", "accepted_at", "asked_at", "answered_at")


class LeaseLost(Problem):
    status, slug, title = 409, "lease-lost", "The lease is not yours or has run out; claim again"


@dataclass(frozen=True)
class Held:
    """An assignment locked in this transaction, the book of its region, and the database's time."""

    row: Row
    book: RegionBook
    at: datetime

    @property
    def organisation(self) -> OrganisationName:
        """The holding body; only for assignments that are not in triage."""
        name = organisation_named(self.book, self.row["organisation_id"])
        assert name is not None
        return name

    def about(self) -> Row:
        """The fields every event of the assignment has."""
        return about(self.row)

    def show(self) -> AssignmentView:
        """As people see it."""
        return show_assignment(self.row, self.book)


def about(row: Row) -> Row:
    """Region, ids and version of an assignment for its events."""
    return {
        "region": row["region"],
        "assignment_id": row["id"],
        "appeal_id": row["appeal_id"],
        "sequence": row["version"],
    }


def organisation_named(book: RegionBook, organisation_id: UUID | None) -> OrganisationName | None:
    """A body for an event."""
    if organisation_id is None:
        return None
    body = book.bodies.get(organisation_id)
    return OrganisationName(id=organisation_id, name=body.name if body else "")


def topic_named(book: RegionBook, code: str | None) -> TopicName | None:
    """A topic for an event."""
    topic = book.topics.get(code) if code else None
    if topic is None:
        return None
    return TopicName(code=topic.code, name=topic.name, group=topic.group, group_name=topic.group_name)


async def lock_assignment(session: AsyncSession, principal: Principal, assignment_id: UUID) -> Held:
    """The assignment, locked; 404 when it is not within reach."""
    found = await session.execute(text(_LOCK), {"regions": principal.regions_within(), "id": assignment_id})
    row = found.mappings().first()
    if row is None or (principal.role == "agency" and not _is_theirs(principal, row)):
        raise NotFound
    book = await read_book(session, row["region"])
    kept = open_row(dict(row))
    return Held(kept, book, not_before(kept.pop("read_at"), *(kept[name] for name in _MOMENTS)))


def _is_theirs(principal: Principal, row: RowMapping) -> bool:
    return row["organisation_id"] == principal.organisation and row["status"] not in SENT_AWAY


async def take(session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, act: Act) -> Held:
    """Lock for an act: 404, 412 for another version, 409 when it is not allowed now."""
    held = await lock_assignment(session, principal, assignment_id)
    require_version(held.row["version"], seen)
    require_allowed(act, held.row["status"])
    return held


async def take_own(
    session: AsyncSession,
    principal: Principal,
    assignment_id: UUID,
    seen: int,
    act: Act | None,
    lease_token: str | None,
) -> Held:
    """The same for the holding body, which also has to hold the lease; 403 without an organisation."""
    organisation = principal.organisation
    held = await lock_assignment(session, principal, assignment_id)
    if held.row["organisation_id"] != organisation:
        raise NotFound
    require_version(held.row["version"], seen)
    if act is not None:
        require_allowed(act, held.row["status"])
    require_lease(held, lease_token)
    return held


def require_allowed(act: Act, status: Status) -> None:
    """409 for a move the status does not allow."""
    if not is_allowed(act, status):
        raise NotAllowedNow(f"Not in status {status}.")


def require_lease(held: Held, lease_token: str | None) -> None:
    """409 when the assignment is leased and the token is wrong, has run out, or is missing while the lease runs."""
    if held.row["lease_token"] is None:
        return
    running = held.row["lease_expires_at"] > held.at
    if lease_token is None and not running:
        return
    right = lease_token is not None and hmac.compare_digest(
        bytes(held.row["lease_token"]), hash_token(lease_token)
    )
    if not (right and running):
        raise LeaseLost


def hash_token(token: str) -> bytes:
    """What is stored of a lease's token; it is random, so a plain hash protects it."""
    return hashlib.sha256(token.encode()).digest()


async def move(session: AsyncSession, held: Held, act: Act, **changes: Any) -> Held:
    """Carry out an allowed act: new status and version, other columns, the queue's feed."""
    return await change(session, held, status_after(act, held.row["status"]), **changes)


async def change(session: AsyncSession, held: Held, status: Status, **changes: Any) -> Held:
    """Write status, version and other columns of a locked assignment, and tell the queues it concerns."""
    before = held.row
    after = {**before, **changes, "status": status, "version": before["version"] + 1}
    written = {name: after[name] for name in ("region", "id", "status", "version", *changes)}
    if not written.keys().isdisjoint(WORDS):
        written |= pack_words(after)
    await update_rows(session, assignment, [written], keys=("region", "id"))
    await tell_queues(session, [(before, after)])
    return Held(after, held.book, held.at)


async def tell_queues(session: AsyncSession, moves: Sequence[tuple[Row | None, Row]]) -> None:
    """Entries of the delta feeds for moves (before, after); before is None for a new assignment."""
    rows = []
    for before, after in moves:
        old = before["organisation_id"] if before else None
        new = after["organisation_id"]
        if before is not None and old == new:
            told = [(new, change_told(before["status"], after["status"]))] if new else []
        else:
            told = [(new, change_told(None, after["status"]))] if new else []
            if before is not None and old:
                # "cancelled" stands for any status outside a queue.
                told.insert(0, (old, change_told(before["status"], "cancelled")))
        rows += [
            {
                "organisation_id": organisation,
                "region": after["region"],
                "assignment_id": after["id"],
                "change": what,
            }
            for organisation, what in told
            if what is not None
        ]
    await insert_rows(session, queue_change, rows)


async def lock_of_appeals(session: AsyncSession, appeals: Sequence[tuple[str, UUID]]) -> list[Row]:
    """Assignments of (region, appeal)s, locked in the order of their ids."""
    found = await session.execute(
        text(
            "SELECT a.*, clock_timestamp() AS read_at FROM routing.assignment a "
            "JOIN unnest(CAST(:regions AS text[]), CAST(:appeals AS uuid[])) AS k(region, appeal_id) "
            "ON a.region = k.region AND a.appeal_id = k.appeal_id ORDER BY a.region, a.id FOR NO KEY UPDATE OF a"
        ),
        {"regions": [region for region, _ in appeals], "appeals": [appeal for _, appeal in appeals]},
    )
    return [open_row(dict(row)) for row in found.mappings()]


async def lock_appeal(
    session: AsyncSession, principal: Principal, appeal_id: UUID
) -> tuple[list[Row], datetime]:
    """All assignments of one appeal, locked, and the database's time; 404 when it has none within reach."""
    rows = await lock_of_appeals(session, [(region, appeal_id) for region in principal.regions_within()])
    if not rows:
        raise NotFound
    at: datetime = rows[0].pop("read_at")
    return rows, not_before(at, *(row[name] for row in rows for name in _MOMENTS))


async def write_many(session: AsyncSession, moves: Sequence[tuple[Row, Row]], columns: Sequence[str]) -> None:
    """Write moved assignments (before, after) in one statement, and the feeds in another."""
    names = ("region", "id", "status", "version", *columns)
    rows = [{name: after[name] for name in names} for _, after in moves]
    await update_rows(session, assignment, rows, keys=("region", "id"))
    await tell_queues(session, moves)
