"""Who may have a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, row, rows, scalar
from chassis.principals import Principal
from chassis.problems import NotFound, Problem
from services.intake.history.queries import answers_of, read_histories
from services.intake.keys import AppealKey
from services.intake.tables import original_access
from services.intake.tables.histories import NewOriginalAccess

# Whoever opened an original may look at its files for so long.
OPENED_WITHIN: Final = timedelta(hours=8)
_FILE = """
SELECT f.region, f.client_id, f.organisation_id, f.appeal_id FROM intake.attachment f
WHERE f.region = ANY(:regions::text[]) AND f.id = :id
"""
_HOLDS = """
SELECT EXISTS (SELECT FROM intake.appeal_holder h WHERE h.region = :region AND h.organisation_id = :organisation
    AND h.appeal_id = :appeal AND h.active)
"""
# However many appeals one file answers: those of one organisation, of one portal, or whether there is any.
_HELD_ANSWER: Final = """
SELECT EXISTS (SELECT FROM intake.answer_attachment u
    JOIN intake.appeal_holder h ON h.region = u.region AND h.appeal_id = u.appeal_id
    WHERE u.region = ANY(:regions::text[]) AND u.attachment_id = :id AND h.organisation_id = :organisation AND h.active)
"""
_ANY_ANSWER: Final = """
SELECT EXISTS (SELECT FROM intake.answer_attachment u JOIN intake.appeal a ON a.region = u.region AND a.id = u.appeal_id
    WHERE u.region = ANY(:regions::text[]) AND u.attachment_id = :id)
"""
_ANSWERS_TO: Final = """
SELECT u.region, u.appeal_id, u.answer_id FROM intake.answer_attachment u
JOIN intake.appeal a ON a.region = u.region AND a.id = u.appeal_id
WHERE u.region = ANY(:regions::text[]) AND u.attachment_id = :id AND (u.appeal_id, u.answer_id) > (:after, :after_answer)
    AND (a.client_id = :client OR u.appeal_id = :appeal::uuid)
ORDER BY u.appeal_id, u.answer_id LIMIT :limit
"""
_OPENED = """
SELECT purpose FROM intake.original_access WHERE region = :region AND appeal_id = :appeal AND client_id = :client
    AND person IS NOT DISTINCT FROM :person::uuid AND attachment_id IS NULL AND at > now() - CAST(:within AS interval)
ORDER BY at DESC LIMIT 1
"""
AT_ONCE: Final = 100  # answers whose histories are read together
MOST_LOOKS: Final = 20


class PurposeNeeded(Problem):
    status, slug, title = 403, "purpose-needed", "Files of an appeal are part of its original"


@dataclass(frozen=True, slots=True)
class _File:
    region: str
    client_id: str
    organisation_id: UUID | None
    appeal_id: UUID | None


@dataclass(frozen=True, slots=True)
class _OfAnswer:
    region: str
    appeal_id: UUID
    answer_id: UUID


async def require_access(session: AsyncSession, principal: Principal, attachment_id: UUID) -> None:
    """404 for a file out of reach; 403 for one of an original that was not opened. Looking at a file of an original is logged
    with the purpose that the original was opened for."""
    regions = principal.regions_within()
    file = await row(session, _File, _FILE, regions=regions, id=attachment_id)
    if file is not None and _is_own(principal, file):
        return
    if await _answers_within_reach(session, principal, attachment_id):
        return
    if file is None or file.appeal_id is None or not await _may_open(session, principal, file):
        raise NotFound
    await _note_opening(session, principal, file, attachment_id)


def _is_own(principal: Principal, file: _File) -> bool:
    if principal.role == "agency":
        return file.organisation_id == principal.organisation
    return file.client_id == principal.client_id


async def _answers_within_reach(session: AsyncSession, principal: Principal, attachment_id: UUID) -> bool:
    """Officials see files of answers at once, the portal that sent the appeal when the answer has gone out."""
    regions = sorted(principal.regions_within())
    if principal.role == "portal":
        return await _is_out(session, regions, attachment_id, client=principal.client_id)
    if principal.role == "agency":
        organisation = principal.organisation
        held = await scalar(
            session, bool, _HELD_ANSWER, regions=regions, id=attachment_id, organisation=organisation
        )
        return bool(held)
    return bool(await scalar(session, bool, _ANY_ANSWER, regions=regions, id=attachment_id))


async def require_answered_with(
    session: AsyncSession, region: str, appeal_id: UUID, attachment_id: UUID
) -> None:
    """404 where no answer that has gone out to this appeal has the file: for the citizen."""
    if not await _is_out(session, [region], attachment_id, appeal=appeal_id):
        raise NotFound


async def _is_out(
    session: AsyncSession,
    regions: Sequence[str],
    attachment_id: UUID,
    *,
    client: str | None = None,
    appeal: UUID | None = None,
) -> bool:
    """Whether an answer with the file has gone out to one of a client's appeals, or to this one. An answer to many goes out to
    nearly all at once, so that the first of them mostly say it."""
    after = after_answer = UUID(int=0)
    for _ in range(MOST_LOOKS):
        found = await rows(
            session,
            _OfAnswer,
            _ANSWERS_TO,
            regions=regions,
            id=attachment_id,
            client=client,
            appeal=appeal,
            after=after,
            after_answer=after_answer,
            limit=AT_ONCE,
        )
        histories = await read_histories(session, [AppealKey(each.region, each.appeal_id) for each in found])
        for each in found:
            out = answers_of(histories[AppealKey(each.region, each.appeal_id)])
            if any(answer.id == each.answer_id for answer in out):
                return True
        if len(found) < AT_ONCE:
            break
        after, after_answer = found[-1].appeal_id, found[-1].answer_id
    return False


async def _may_open(session: AsyncSession, principal: Principal, file: _File) -> bool:
    """The holding organisation and coordinators, as with the original itself."""
    if principal.role == "portal":
        return False
    assert file.appeal_id is not None
    return principal.role != "agency" or await _holds(session, principal, file.region, file.appeal_id)


async def _holds(session: AsyncSession, principal: Principal, region: str, appeal_id: UUID) -> bool:
    found = await scalar(
        session, bool, _HOLDS, region=region, organisation=principal.organisation, appeal=appeal_id
    )
    return bool(found)


async def _note_opening(
    session: AsyncSession, principal: Principal, file: _File, attachment_id: UUID
) -> None:
    assert file.appeal_id is not None
    purpose = await scalar(
        session,
        str,
        _OPENED,
        region=file.region,
        appeal=file.appeal_id,
        client=principal.client_id,
        person=principal.person,
        within=OPENED_WITHIN,
    )
    if purpose is None:
        raise PurposeNeeded("Open the original with a purpose first: POST /api/v1/appeals/{id}/original.")
    access = NewOriginalAccess(
        region=file.region,
        appeal_id=file.appeal_id,
        id=uuid7(),
        client_id=principal.client_id,
        role=principal.role,
        organisation_id=principal.organisation_id,
        person=principal.person,
        purpose=purpose,
        attachment_id=attachment_id,
    )
    await insert_rows(session, original_access, [access])
