"""Reference data for legacy cases: what they name and the region lacks is added out of use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from contracts.intake import AppealImported
from services.routing.placement.rules.legacy_reference import CaseNames, MissingReference, find_missing
from services.routing.reference.actions.changes import put_organisations, put_topics
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import load_region_reference, references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.reference import GroupRow, OrganisationRow, TopicRow


async def read_references(
    session: AsyncSession, cases: Sequence[AppealImported]
) -> dict[str, RegionReference]:
    """The regions' reference data, with whatever the cases name and the regions lacked."""
    named: dict[str, list[CaseNames]] = defaultdict(list)
    for event in cases:
        named[event.region].append((event.topic, event.group, event.organisation))
    references = await references_of(session).read(session, named)
    for region, names in sorted(named.items()):
        if find_missing(references[region], names):
            references[region] = await _complete(session, region, names)
    return references


async def _complete(session: AsyncSession, region: str, names: Sequence[CaseNames]) -> RegionReference:
    """Read past the cache: somebody else may have added them, and what this transaction undoes must not stay."""
    version = await lock_reference(session, region)
    await _add(session, region, find_missing(await load_region_reference(session, region, version), names))
    return await load_region_reference(session, region, version)


async def _add(session: AsyncSession, region: str, missing: MissingReference) -> None:
    if not missing:
        return
    groups = [GroupRow(code=code, name=name) for code, name in missing.groups.items()]
    topics = [
        TopicRow(code=code, name=name, group=group, active=False)
        for code, (name, group) in missing.topics.items()
    ]
    organisations = [
        OrganisationRow(code=code, name=name, kind="regional", active=False)
        for code, name in missing.organisations.items()
    ]
    changed_topics = await put_topics(session, region, groups, topics)
    changed_organisations = await put_organisations(session, region, organisations)
    await raise_version(session, region)
    await emit(session, *changed_topics, *changed_organisations)
