"""A model in shadow is asked beside the current one, decides nothing, and both predictions are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from services.routing.classifier.protocol import Prediction
from services.routing.learning.actions.drawing import Placed
from services.routing.reference.queries.cache import shadow_of
from services.routing.reference.queries.models import ModelInUse, predict_topics
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.learning import ShadowPrediction, shadow_prediction


async def record_shadows(
    session: AsyncSession, references: Mapping[str, RegionReference], placed: Sequence[Placed]
) -> None:
    """What models in shadow would have decided of the same appeals; nothing where none runs."""
    by_region: dict[str, list[Placed]] = defaultdict(list)
    for each in placed:
        by_region[each.assignment.region].append(each)
    for region, appeals in sorted(by_region.items()):
        shadow = await shadow_of(session, references[region])
        if shadow is not None:
            await _record(session, references[region], shadow, appeals)


async def _record(
    session: AsyncSession, reference: RegionReference, shadow: ModelInUse, placed: Sequence[Placed]
) -> None:
    predictions = await predict_topics(shadow.classifier, [each.text for each in placed])
    compared = [
        _compare(reference, shadow, each, prediction)
        for each, prediction in zip(placed, predictions, strict=True)
    ]
    await insert_rows(session, shadow_prediction, compared)


def _compare(
    reference: RegionReference, shadow: ModelInUse, placed: Placed, prediction: Prediction
) -> ShadowPrediction:
    assert shadow.id is not None
    topic, confidence = best_known(reference, prediction)
    decided = placed.assignment
    return ShadowPrediction(
        region=decided.region,
        assignment_id=decided.id,
        model_id=shadow.id,
        topic=topic,
        confidence=confidence,
        current_topic=decided.topic,
        current_confidence=placed.confidence,
        at=decided.created_at,
    )


def best_known(reference: RegionReference, prediction: Prediction) -> tuple[str | None, float]:
    """The likeliest topic that the region has, by code, with its probability."""
    ranked = ((prediction.topic, prediction.confidence), *prediction.alternatives)
    known = ((reference.code_of(name), score) for name, score in ranked)
    return next(((code, round(float(score), 4)) for code, score in known if code is not None), (None, 0.0))
