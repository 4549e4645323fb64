"""Audits with the texts of their assignments."""

from __future__ import annotations

from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.assignments.rules.words import text_of
from services.routing.learning.schemas.audits import AuditPage, AuditView
from services.routing.reference.queries.cache import references_of
from services.routing.tables.learning import Audit, AuditStatus

_COLUMNS = ", ".join(f"u.{field.name}" for field in fields(Audit))
_REGIONS = "unnest(:regions::text[]) AS r(region)"
# What was purged or taken back is audited no more.
_AUDITS = f"""
SELECT {_COLUMNS}, a.packed, a.text FROM routing.audit u
JOIN routing.assignment a ON a.region = u.region AND a.id = u.assignment_id
WHERE u.region = r.region AND u.id > :after
"""
# Written out, so that the index of what is open is taken.
_OF_STATUS = {None: "", "open": " AND u.status = 'open'", "decided": " AND u.status = 'decided'"}
_AUDIT = "SELECT * FROM routing.audit WHERE region = ANY(:regions::text[]) AND id = :id"


@dataclass(frozen=True, slots=True)
class _WithText(Audit):
    """With the words of its assignment."""

    packed: bytes | None
    text: str | None

    def masked_text(self) -> str:
        return text_of(self.packed, self.text)


async def list_audits(
    session: AsyncSession,
    principal: Principal,
    region: str | None,
    status: AuditStatus | None,
    page: PageRequest,
) -> AuditPage:
    """Within reach, the oldest first."""
    (after,) = page.position("audits") or [str(UUID(int=0))]
    found = await rows(
        session,
        _WithText,
        merge_ranges(_REGIONS, _AUDITS + _OF_STATUS[status], "id"),
        regions=principal.regions_within(region),
        after=UUID(after),
        limit=page.limit + 1,
    )
    references = await references_of(session).read(session, (each.region for each in found))
    shown, following = page.cut("audits", found, lambda last: (str(last.id),))
    items = [AuditView.of(each, each.masked_text(), references[each.region]) for each in shown]
    return AuditPage(items=items, next_cursor=following)


async def find_audit(session: AsyncSession, principal: Principal, audit_id: UUID) -> Audit:
    """One audit; 404 when it is not within reach."""
    found = await row(session, Audit, _AUDIT, regions=principal.regions_within(), id=audit_id)
    if found is None:
        raise NotFound
    return found
