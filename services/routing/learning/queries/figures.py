"""How good models are at work: by audits, which are drawn at random, and in shadow beside the current model."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from services.routing.learning.rules.figures import LiveFigures, ShadowFigures, live_figures

_AUDITED = """
SELECT model_id, topic, verdict = 'right' AS is_right, count(*) AS count
FROM routing.audit WHERE region = :region AND status = 'decided' GROUP BY 1, 2, 3
"""
# What a topic was in the end: as a person named it last, else as it was answered.
_SHADOWED = """
SELECT count(*) AS sample, count(*) FILTER (WHERE topic = truth AND current_topic IS DISTINCT FROM truth) AS gained,
    count(*) FILTER (WHERE topic IS DISTINCT FROM truth AND current_topic = truth) AS lost
FROM (
    SELECT s.topic, s.current_topic, coalesce(
        (SELECT l.topic FROM routing.label l WHERE l.region = s.region AND l.assignment_id = s.assignment_id
            AND l.topic IS NOT NULL ORDER BY l.at DESC, l.id DESC LIMIT 1),
        CASE WHEN a.status IN ('answered', 'postponed') THEN a.topic END) AS truth
    FROM routing.shadow_prediction s
    JOIN routing.assignment a ON a.region = s.region AND a.id = s.assignment_id
    WHERE s.region = :region AND s.model_id = :model
) AS known WHERE truth IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class _Audited:
    model_id: UUID
    topic: str
    is_right: bool
    count: int


async def read_live_figures(session: AsyncSession, region: str) -> dict[UUID, LiveFigures]:
    """Of all models of a region of whose decisions any were audited."""
    judged: dict[UUID, list[tuple[str, bool]]] = {}
    for each in await rows(session, _Audited, _AUDITED, region=region):
        judged.setdefault(each.model_id, []).extend([(each.topic, each.is_right)] * each.count)
    return {model: live_figures(of_model) for model, of_model in judged.items()}


async def read_shadow_figures(session: AsyncSession, region: str, model_id: UUID) -> ShadowFigures:
    """Of a model that runs, or ran, in shadow."""
    found = await row(session, ShadowFigures, _SHADOWED, region=region, model=model_id)
    assert found is not None
    return found
