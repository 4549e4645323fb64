"""Topics as services: which there are, and what is asked about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, open_all_rows, row
from chassis.problems import NotFound, Problem
from contracts.territories import REGIONS
from services.intake.history.rules.public import PUBLIC_CHANNEL
from services.intake.open311.schemas.definitions import Definition
from services.intake.open311.schemas.documents import (
    AttributeChoice,
    DefinedService,
    Service,
    ServiceAttribute,
)
from services.intake.regions.queries import read_settings
from services.intake.tables.topics import Topic
from services.intake.topics.queries import find_only_region, find_topic, has_topics, list_topics

_DEFINITION = (
    "SELECT attributes, version FROM intake.service_definition WHERE region = :region AND code = :code"
)
_DEFINED = """
SELECT code FROM intake.service_definition WHERE region = :region AND jsonb_array_length(attributes) > 0
"""


async def open_jurisdiction(session: AsyncSession, asked: str | None) -> str:
    """The region that is meant, its rows open: whoever asks proves nothing, and every statement names the region.

    Without a word it is the only region that has topics. 400 where there are several, 404 for one that has none.
    """
    await open_all_rows(session)
    if asked is None:
        region = await find_only_region(session)
        if region is None:
            raise Problem(
                "jurisdiction_id was not provided: it is the two-digit code of a region, such as 46."
            )
        return region
    if asked not in REGIONS or not await has_topics(session, asked):
        raise NotFound("jurisdiction_id was not found.")
    return asked


async def require_topic(session: AsyncSession, region: str, code: str) -> Topic:
    """The topic behind a service_code; 404 for a code that is none of the region's."""
    found = await find_topic(session, region, code) if "\0" not in code else None
    if found is None:
        raise NotFound("service_code was not found.")
    return found


async def is_moderated(session: AsyncSession, region: str) -> bool:
    """Whether a person looks at every request before it is public."""
    return PUBLIC_CHANNEL in (await read_settings(session, region)).moderated_channels


async def list_services(session: AsyncSession, region: str) -> list[Service]:
    """Every topic in use."""
    defined = set(await column(session, str, _DEFINED, region=region))
    kind = "batch" if await is_moderated(session, region) else "realtime"
    return [
        Service(
            service_code=topic.code,
            service_name=topic.name,
            description=f"{topic.group_name}: {topic.name}",
            metadata=topic.code in defined,
            type=kind,
            keywords=", ".join(dict.fromkeys((topic.name, topic.group_name))),
            group=topic.group_name,
        )
        for topic in await list_topics(session, region)
    ]


@dataclass(frozen=True, slots=True)
class _Stored:
    attributes: list[Any]
    version: int


async def read_definition(session: AsyncSession, region: str, code: str) -> Definition:
    """What is asked about a topic; version 0 where nobody has said anything."""
    stored = await row(session, _Stored, _DEFINITION, region=region, code=code)
    if stored is None:
        return Definition(region=region, topic=code, attributes=[], version=0)
    return Definition(region=region, topic=code, version=stored.version, attributes=stored.attributes)


async def define_service(session: AsyncSession, region: str, code: str) -> DefinedService:
    """The same in the standard's form."""
    topic = await require_topic(session, region, code)
    definition = await read_definition(session, region, topic.code)
    attributes = [
        ServiceAttribute(
            variable=asked.variable,
            code=asked.code,
            datatype=asked.datatype,
            required=asked.required,
            datatype_description=asked.datatype_description,
            order=order,
            description=asked.description,
            values=[AttributeChoice(key=each.key, name=each.name) for each in asked.values],
        )
        for order, asked in enumerate(definition.attributes, 1)
    ]
    return DefinedService(service_code=topic.code, attributes=attributes)
