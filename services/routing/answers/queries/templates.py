"""Templates: the list, and those that fit an assignment."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from contracts.routing import Outcome
from services.routing.answers.schemas.similar import FilledTemplate
from services.routing.answers.schemas.templates import TemplatePage, TemplateView
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.rules.placeholders import fill_places
from services.routing.reference.queries.lists import ReferenceFilter
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.answers import AnswerTemplate
from services.routing.tables.assignments import Assignment

MOST_SHOWN: Final = 20
# An organisation reads its own, and those of its region.
_OWN = "(:organisation::uuid IS NULL OR organisation_id IS NULL OR organisation_id = :organisation::uuid)"
_LIST = f"""
SELECT * FROM routing.answer_template
WHERE region = ANY(:regions::text[]) AND (active OR :inactive) AND {_OWN}
    AND (region, id) > (:after_region::text, :after::text::uuid)
    AND (:topic::text IS NULL OR topic = :topic::text) AND (:outcome::text IS NULL OR outcome = :outcome::text)
ORDER BY region, id LIMIT :limit
"""
_FITTING = f"""
SELECT * FROM routing.answer_template
WHERE region = :region AND active AND {_OWN} AND (topic IS NULL OR topic = :topic::text)
ORDER BY topic IS NULL, organisation_id IS NULL, id LIMIT :limit
"""


def show_template(template: AnswerTemplate) -> TemplateView:
    """A stored template."""
    return TemplateView(
        id=template.id,
        region=template.region,
        organisation=template.organisation_id,
        topic=template.topic,
        outcome=template.outcome,
        name=template.name,
        text=template.text,
        active=template.active,
        version=template.version,
    )


async def list_templates(
    session: AsyncSession,
    principal: Principal,
    filters: ReferenceFilter,
    page: PageRequest,
    topic: str | None,
    outcome: Outcome | None,
) -> TemplatePage:
    """Templates by region and age; an organisation sees its own and those of the region."""
    region, after = page.position("templates") or ("", str(UUID(int=0)))
    found = await rows(
        session,
        AnswerTemplate,
        _LIST,
        regions=principal.regions_within(filters.region),
        inactive=filters.inactive,
        organisation=principal.organisation if principal.role == "agency" else None,
        after_region=region,
        after=after,
        topic=topic,
        outcome=outcome,
        limit=page.limit + 1,
    )
    shown, following = page.cut("templates", found, lambda last: (last.region, str(last.id)))
    return TemplatePage(items=[show_template(each) for each in shown], next_cursor=following)


async def fitting_templates(
    session: AsyncSession, assignment: Assignment, reference: RegionReference
) -> list[FilledTemplate]:
    """Of the assignment's topic and organisation first, their places filled."""
    found = await rows(
        session,
        AnswerTemplate,
        _FITTING,
        region=assignment.region,
        organisation=assignment.organisation_id,
        topic=assignment.topic,
        limit=MOST_SHOWN,
    )
    values = known_of(assignment, reference)
    return [FilledTemplate(id=each.id, name=each.name, text=fill_places(each.text, values)) for each in found]


def known_of(assignment: Assignment, reference: RegionReference) -> dict[str, str]:
    """What fills the places of a text about an assignment."""
    topic = reference.topic(assignment.topic)
    organisation = reference.organisation_name(assignment.organisation_id)
    arrived_on = local_day(assignment.received_at, assignment.region, assignment.municipality)
    return {
        "number": assignment.number,
        "due_on": f"{assignment.due_on:%d.%m.%Y}" if assignment.due_on else "",
        "topic": topic.name if topic else "",
        "organisation": organisation.name if organisation else "",
        "received_on": f"{assignment.received_on or arrived_on:%d.%m.%Y}",
    }
