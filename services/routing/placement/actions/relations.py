"""Appeals of one text: which of a batch repeat, double or swell what came before (R15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.partitions import lowest_uuid7, uuid7_time
from services.routing.assignments.rules.correspondence import (
    MASS_FROM,
    RELATED_WITHIN,
    EarlierAppeal,
    Relation,
    relate,
)
from services.routing.placement.actions.deciding import Decided

# Few months are looked at, the newest rows of each text first. An assignment is younger than its appeal.
_EARLIER = """
SELECT k.appeal_id, e.client_id, e.routed_at AS received_at, EXISTS (
    SELECT 1 FROM routing.assignment a
    WHERE a.region = k.region AND a.appeal_id = e.appeal_id AND a.id > :since AND a.status IN ('answered', 'postponed')
) AS answered
FROM unnest(:regions::text[], :appeals::uuid[], :hashes::bytea[]) AS k(region, appeal_id, text_hash)
CROSS JOIN LATERAL (
    SELECT r.appeal_id, r.client_id, r.routed_at FROM routing.routed_appeal r
    WHERE r.region = k.region AND r.text_hash = k.text_hash AND r.appeal_id < k.appeal_id AND r.appeal_id > :since
        AND r.routed_at IS NOT NULL
    ORDER BY r.appeal_id DESC LIMIT :limit
) e
"""
_MOST = 2 * MASS_FROM


@dataclass(frozen=True, slots=True)
class Arrival:
    """An appeal that comes now; `text_hash`: None where its text is too short to be known again."""

    region: str
    appeal_id: UUID
    client_id: str | None
    received_at: datetime
    text_hash: bytes | None


@dataclass(frozen=True, slots=True)
class _Earlier(EarlierAppeal):
    appeal_id: UUID


async def find_relations(session: AsyncSession, arrivals: Sequence[Arrival]) -> dict[UUID, list[Relation]]:
    """Appeals of a batch that have any, by id; one statement for all."""
    known = [each for each in arrivals if each.text_hash is not None]
    if not known:
        return {}
    oldest = min(uuid7_time(each.appeal_id) for each in known) - RELATED_WITHIN
    found = await rows(
        session,
        _Earlier,
        _EARLIER,
        regions=[each.region for each in known],
        appeals=[each.appeal_id for each in known],
        hashes=[each.text_hash for each in known],
        since=lowest_uuid7(oldest),
        limit=_MOST,
    )
    earlier: dict[UUID, list[EarlierAppeal]] = {}
    for each in found:
        earlier.setdefault(each.appeal_id, []).append(each)
    return {
        each.appeal_id: sorted(flags)
        for each in known
        if (flags := relate(each.client_id, each.received_at, earlier.get(each.appeal_id, ())))
    }


def with_relations(decided: Sequence[Decided], relations: Mapping[UUID, list[Relation]]) -> list[Decided]:
    """Decisions that say so in their explanations."""
    return [_with(each, relations.get(each.appeal.event.appeal_id)) for each in decided]


def _with(decided: Decided, found: list[Relation] | None) -> Decided:
    if found is None:
        return decided
    decisions = tuple(
        replace(each, explanation={**each.explanation, "relations": found}) for each in decided.decisions
    )
    return replace(decided, decisions=decisions)
