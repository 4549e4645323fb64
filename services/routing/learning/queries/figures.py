"""How good models are at work: by audits, which are drawn at random, and in shadow beside the current model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from services.routing.learning.queries.together import ANSWERED_TOGETHER
from services.routing.learning.rules.figures import LiveFigures, ShadowFigures, live_figures

# How good a model is now is told by the newest: what is read does not grow with the years.
MOST_AUDITED: Final = 5_000
MOST_SHADOWED: Final = 10_000
_AUDITED = """
SELECT topic, verdict = 'right' AS is_right FROM routing.audit
WHERE region = :region AND model_id = :model AND status = 'decided' ORDER BY id DESC LIMIT :most
"""
# What a topic was in the end: as a person named it last, else as it was answered by itself. Looked up once for each of the newest.
_SHADOWED = f"""
SELECT count(*) AS sample, count(*) FILTER (WHERE topic = truth AND current_topic IS DISTINCT FROM truth) AS gained,
    count(*) FILTER (WHERE topic IS DISTINCT FROM truth AND current_topic = truth) AS lost
FROM (
    SELECT s.topic, s.current_topic, (
        SELECT coalesce(
            (SELECT l.topic FROM routing.label l WHERE l.region = a.region AND l.assignment_id = a.id
                AND l.topic IS NOT NULL ORDER BY l.at DESC, l.id DESC LIMIT 1),
            CASE WHEN a.status IN ('answered', 'postponed') AND NOT {ANSWERED_TOGETHER} THEN a.topic END)
        FROM routing.assignment a WHERE a.region = s.region AND a.id = s.assignment_id) AS truth
    FROM (SELECT * FROM routing.shadow_prediction WHERE region = :region AND model_id = :model
        ORDER BY assignment_id DESC LIMIT :most) AS s
    OFFSET 0
) AS known WHERE truth IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class _Audited:
    topic: str
    is_right: bool


async def read_live_figures(session: AsyncSession, region: str, model_id: UUID) -> LiveFigures:
    """Of a model of a region, by the newest `MOST_AUDITED` of its decisions that were judged."""
    judged = await rows(session, _Audited, _AUDITED, region=region, model=model_id, most=MOST_AUDITED)
    return live_figures([(each.topic, each.is_right) for each in judged])


async def read_shadow_figures(session: AsyncSession, region: str, model_id: UUID) -> ShadowFigures:
    """Of a model that runs, or ran, in shadow, by its newest `MOST_SHADOWED` predictions."""
    found = await row(session, ShadowFigures, _SHADOWED, region=region, model=model_id, most=MOST_SHADOWED)
    assert found is not None
    return found
