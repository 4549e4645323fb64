"""What of a decision the region's reference data know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.analytics.decisions.rules.subjects import Subject

_KNOWN: Final = """
SELECT DISTINCT kind, key FROM analytics.reference WHERE region = :region AND key = ANY(:keys::text[])
"""


@dataclass(frozen=True, slots=True)
class _Known:
    kind: str
    key: str


async def find_unknown(session: AsyncSession, decision: Subject) -> Sequence[str]:
    """Which of its topic, group, municipality and organisation the region does not have."""
    organisation = decision.organisation_id
    named = {
        "topic": decision.topic,
        "group": decision.topic_group,
        "municipality": decision.municipality,
        "organisation": None if organisation is None else str(organisation),
    }
    asked = [key for key in named.values() if key is not None]
    known = {
        (each.kind, each.key)
        for each in await rows(session, _Known, _KNOWN, region=decision.region, keys=asked)
    }
    return [kind for kind, key in named.items() if key is not None and (kind, key) not in known]
