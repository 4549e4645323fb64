"""Topics, organisations, rules and settings of regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.reference.queries.cache import SELECT_TOPICS, references_of
from services.routing.reference.schemas.reference import (
    OrganisationPage,
    OrganisationView,
    RoutingSettings,
    TopicPage,
    TopicView,
)
from services.routing.reference.schemas.rules import RulePage, RuleView
from services.routing.tables.reference import Organisation, Rule, Setting

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
_TOPICS_SQL = f"""
{SELECT_TOPICS}
WHERE t.region = ANY(:regions::text[]) AND (t.active OR :inactive)
    AND (t.region, t.code) > (:after_region::text, :after::text)
ORDER BY t.region, t.code LIMIT :limit
"""
_ORGANISATIONS_SQL = """
SELECT * FROM routing.organisation
WHERE region = ANY(:regions::text[]) AND (active OR :inactive)
    AND (region, code) > (:after_region::text, :after::text)
ORDER BY region, code LIMIT :limit
"""
_ORGANISATION = "SELECT * FROM routing.organisation WHERE region = ANY(:regions::text[]) AND id = :id"
_RULES_SQL = """
SELECT * FROM routing.rule
WHERE region = ANY(:regions::text[]) AND (active OR :inactive)
    AND (region, id) > (:after_region::text, :after::text::uuid)
    AND (:topic::text IS NULL OR topic = :topic::text)
    AND (:organisation::uuid IS NULL OR organisation_id = :organisation::uuid)
ORDER BY region, id LIMIT :limit
"""
_SETTING = "SELECT * FROM routing.setting WHERE region = :region"


@dataclass(frozen=True, slots=True)
class StoredTopic:
    """A topic with the name of its group."""

    region: str
    code: str
    name: str
    group: str
    group_name: str
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class ReferenceFilter:
    """What a list of reference data is narrowed to."""

    region: str | None = None
    inactive: bool = False


@dataclass(frozen=True, slots=True)
class _List(Generic[R]):
    """A list in the order of (region, key); its cursors are called `name`, and hold both."""

    name: str
    kind: type[R]
    sql: str
    key: Callable[[R], tuple[str, str]]
    start: str = ""

    async def read(
        self,
        session: AsyncSession,
        principal: Principal,
        filters: ReferenceFilter,
        page: PageRequest,
        **more: str | UUID | None,
    ) -> tuple[Sequence[R], str | None]:
        """A page, and the next cursor if there is more; `more`: what else the statement asks for."""
        region, after = page.position(self.name) or ("", self.start)
        found = await rows(
            session,
            self.kind,
            self.sql,
            regions=principal.regions_within(filters.region),
            inactive=filters.inactive,
            after_region=region,
            after=after,
            limit=page.limit + 1,
            **more,
        )
        return page.cut(self.name, found, self.key)


_TOPICS: Final = _List("topics", StoredTopic, _TOPICS_SQL, lambda each: (each.region, each.code))
_ORGANISATIONS: Final = _List(
    "organisations", Organisation, _ORGANISATIONS_SQL, lambda each: (each.region, each.code)
)
_RULES: Final = _List("rules", Rule, _RULES_SQL, lambda each: (each.region, str(each.id)), str(UUID(int=0)))


async def list_topics(
    session: AsyncSession, principal: Principal, filters: ReferenceFilter, page: PageRequest
) -> TopicPage:
    """Topics by region and code."""
    topics, following = await _TOPICS.read(session, principal, filters, page)
    items = [TopicView.model_validate(each, from_attributes=True) for each in topics]
    return TopicPage(items=items, next_cursor=following)


async def list_organisations(
    session: AsyncSession, principal: Principal, filters: ReferenceFilter, page: PageRequest
) -> OrganisationPage:
    """Organisations by region and code."""
    organisations, following = await _ORGANISATIONS.read(session, principal, filters, page)
    items = [OrganisationView.model_validate(each, from_attributes=True) for each in organisations]
    return OrganisationPage(items=items, next_cursor=following)


async def read_organisation(
    session: AsyncSession, principal: Principal, organisation_id: UUID
) -> OrganisationView:
    """One organisation; 404 when it is not within reach."""
    stored = await row(
        session, Organisation, _ORGANISATION, regions=principal.regions_within(), id=organisation_id
    )
    if stored is None:
        raise NotFound
    return OrganisationView.model_validate(stored, from_attributes=True)


async def list_rules(
    session: AsyncSession,
    principal: Principal,
    filters: ReferenceFilter,
    page: PageRequest,
    topic: str | None,
    organisation: UUID | None,
) -> RulePage:
    """Competence rules by region and age."""
    rules, following = await _RULES.read(
        session, principal, filters, page, topic=topic, organisation=organisation
    )
    references = await references_of(session).read(session, (each.region for each in rules))
    items = [RuleView.of(each, references[each.region]) for each in rules]
    return RulePage(items=items, next_cursor=following)


async def read_settings(session: AsyncSession, region: str) -> RoutingSettings:
    """What is in force; the defaults when nothing was set."""
    stored = await row(session, Setting, _SETTING, region=region)
    if stored is None:
        return RoutingSettings(region=region, version=0)
    return RoutingSettings(**stored.settings, region=region, version=stored.version)
