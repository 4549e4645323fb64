"""Opening what a citizen really wrote: with a purpose, and never unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, row, rows
from chassis.principals import Principal
from chassis.problems import NotFound, Problem, problem_response
from chassis.sealing import Keyring, SealBroken
from services.intake.masking.persons import mask_words
from services.intake.originals.rules import CLARIFICATION, EVIDENCE, open_original
from services.intake.originals.schemas import ApplicantFields, Clarification, Original, PhotoEvidence
from services.intake.tables import original_access
from services.intake.tables.histories import NewOriginalAccess

log = structlog.get_logger()

_FIND = """
SELECT a.region, a.number, o.key_id, o.sealed FROM intake.appeal a
JOIN intake.original o ON o.region = a.region AND o.appeal_id = a.id
WHERE a.region = ANY(:regions) AND a.id = :id AND (CAST(:holder AS uuid) IS NULL
    OR EXISTS (SELECT FROM intake.appeal_holder h WHERE h.region = a.region
        AND h.organisation_id = CAST(:holder AS uuid) AND h.appeal_id = a.id AND h.active))
"""
_CLARIFICATIONS = """
SELECT key_id, sealed, clarified_at FROM intake.clarification
WHERE region = :region AND appeal_id = :id ORDER BY clarified_at
"""
_FILES = """
SELECT id, key_id, evidence FROM intake.attachment WHERE region = :region AND appeal_id = :id ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class _Found:
    region: str
    number: str
    key_id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Clarification:
    key_id: int
    sealed: bytes
    clarified_at: datetime


@dataclass(frozen=True, slots=True)
class _File:
    id: UUID
    key_id: int
    evidence: bytes | None


class OriginalSealed(Problem):
    status, slug, title = 503, "original-sealed", "The original cannot be opened with the keys in use"


async def on_broken_seal(_: Request, error: Exception) -> Response:
    """Wherever an original is needed: 503 until its key, or its row, is restored."""
    log.error("original cannot be opened", problem=str(error) if isinstance(error, SealBroken) else "")
    return problem_response(OriginalSealed("The administrator restores its key or its row from a backup."))


async def open_appeal(
    session: AsyncSession, principal: Principal, keyring: Keyring, appeal_id: UUID, purpose: str
) -> Original:
    """The unmasked appeal for the organisation that holds it now, or a coordinator; the access is logged. 404 out of
    reach."""
    holder = principal.organisation if principal.role == "agency" else None
    found = await row(session, _Found, _FIND, regions=principal.regions_within(), id=appeal_id, holder=holder)
    if found is None:
        raise NotFound
    data = open_original(keyring, appeal_id, found.key_id, found.sealed)
    access = NewOriginalAccess(
        region=found.region,
        appeal_id=appeal_id,
        id=uuid7(),
        client_id=principal.client_id,
        role=principal.role,
        organisation_id=principal.organisation_id,
        person=principal.person,
        purpose=mask_words(purpose, data.person),
        attachment_id=None,
    )
    await insert_rows(session, original_access, [access])
    files = await rows(session, _File, _FILES, region=found.region, id=appeal_id)
    return Original(
        id=appeal_id,
        number=found.number,
        text=data.text,
        address=data.address,
        applicant=ApplicantFields.model_validate(data.applicant),
        clarifications=await _read_clarifications(session, keyring, found.region, appeal_id),
        attachments=[each.id for each in files],
        photos=_photos_among(keyring, files),
    )


async def _read_clarifications(
    session: AsyncSession, keyring: Keyring, region: str, appeal_id: UUID
) -> list[Clarification]:
    return [
        Clarification(
            text=keyring.open_text(CLARIFICATION, appeal_id, found.key_id, found.sealed),
            clarified_at=found.clarified_at,
        )
        for found in await rows(session, _Clarification, _CLARIFICATIONS, region=region, id=appeal_id)
    ]


def _photos_among(keyring: Keyring, files: Sequence[_File]) -> list[PhotoEvidence]:
    """When and where photos were taken, of those whose cameras said so."""
    return [
        PhotoEvidence.model_validate_json(
            keyring.open_text(EVIDENCE, file.id, file.key_id, file.evidence)
        ).model_copy(update={"attachment_id": file.id})
        for file in files
        if file.evidence is not None
    ]
