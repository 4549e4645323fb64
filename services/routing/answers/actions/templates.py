"""Creating and changing templates: an administrator for the region, an organisation for itself."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import row
from chassis.faults import Wording
from chassis.principals import Principal
from chassis.problems import Errors, Forbidden, NotFound, Unprocessable
from chassis.versions import require_version
from services.routing.answers.queries.templates import show_template
from services.routing.answers.schemas.templates import ChangedTemplate, NewTemplate, TemplateView
from services.routing.reference.queries.cache import own_region, read_reference
from services.routing.tables.answers import AnswerTemplate

_CREATE = """
INSERT INTO routing.answer_template (region, id, organisation_id, topic, outcome, name, text)
VALUES (:region, :id, :organisation, :topic, :outcome, :name, :text) RETURNING *
"""
_LOCK = """
SELECT * FROM routing.answer_template WHERE region = ANY(:regions::text[]) AND id = :id FOR UPDATE
"""
_CHANGE = """
UPDATE routing.answer_template SET topic = :topic, outcome = :outcome, name = :name, text = :text, active = :active,
    version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""


async def create_template(session: AsyncSession, principal: Principal, body: NewTemplate) -> TemplateView:
    """A new template; an organisation's is its own, whatever it leaves out."""
    organisation = body.organisation
    if principal.role == "agency":
        if body.region != await own_region(session, principal):
            raise Forbidden("Your organisation is in another region.")
        if organisation not in {None, principal.organisation}:
            raise _unknown("organisation")
        organisation = principal.organisation
    await _require_known(session, body.region, organisation, body.topic)
    template_id: UUID = uuid7()
    values = body.model_dump() | {"organisation": organisation}
    created = await row(session, AnswerTemplate, _CREATE, id=template_id, **values)
    assert created is not None
    return show_template(created)


async def change_template(
    session: AsyncSession,
    principal: Principal,
    template_id: UUID,
    expected_version: int,
    body: ChangedTemplate,
) -> TemplateView:
    """Replace a template; an organisation only its own (404 for another's, 403 for the region's)."""
    stored = await row(session, AnswerTemplate, _LOCK, regions=principal.regions_within(), id=template_id)
    if stored is None:
        raise NotFound
    if principal.role == "agency":
        _require_own(principal, stored)
    require_version(stored.version, expected_version)
    body.require_unchanged(show_template(stored))
    await _require_known(session, stored.region, None, body.topic)
    changed = await row(
        session, AnswerTemplate, _CHANGE, region=stored.region, id=template_id, **body.wanted()
    )
    assert changed is not None
    return show_template(changed)


def _require_own(principal: Principal, stored: AnswerTemplate) -> None:
    if stored.organisation_id is None:
        raise Forbidden("The region's templates are changed by its administrator.")
    if stored.organisation_id != principal.organisation:
        raise NotFound


async def _require_known(
    session: AsyncSession, region: str, organisation: UUID | None, topic: str | None
) -> None:
    reference = await read_reference(session, region)
    named = (
        ("organisation", organisation, reference.organisations),
        ("topic", topic, reference.topics),
    )
    unknown = [field for field, value, known in named if value is not None and value not in known]
    if unknown:
        raise _unknown(*unknown)


def _unknown(*fields: str) -> Unprocessable:
    errors: Errors = [
        {"pointer": f"/{field}", "message": Wording("there is no such {kind}", {"kind": field})}
        for field in fields
    ]
    return Unprocessable("See errors.", errors=errors)
