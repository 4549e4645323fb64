"""The one place where a scope becomes SQL."""

from __future__ import annotations

from typing import Any

from services.analytics.rules.frames import FRAMES, Base, Dimension, base_of
from services.analytics.rules.scope import Scope

Parameters = dict[str, Any]


def source_of(
    scope: Scope, dimension: Dimension | None = None, frames: dict[Base, str] = FRAMES
) -> tuple[str, Parameters]:
    """`FROM … WHERE …` over the rows a scope means, with its parameters."""
    conditions, parameters = _conditions(scope)
    frame = frames[base_of(scope.organisation, dimension)]
    where = " AND ".join(conditions) or "true"
    return f"FROM ({frame}) AS f WHERE {where}", parameters


def _conditions(scope: Scope) -> tuple[list[str], Parameters]:
    wanted: list[tuple[object | None, str, str]] = [
        (None if scope.regions is None else list(scope.regions), "regions", "f.region = ANY(:regions)"),
        (scope.municipality, "municipality", "left(f.municipality, length(:municipality)) = :municipality"),
        (scope.organisation, "organisation", "f.organisation_id = :organisation"),
        (scope.topic, "topic", "f.topic = :topic"),
        (scope.group, "topic_group", "f.topic_group = :topic_group"),
        (scope.channel, "channel", "f.channel = :channel"),
        (scope.period.start, "start", "f.received_local >= CAST(:start AS date)::timestamp"),
        (scope.period.end, "end", "f.received_local < CAST(:end AS date)::timestamp"),
    ]
    asked = [(value, name, condition) for value, name, condition in wanted if value is not None]
    return [condition for _, _, condition in asked], {name: value for value, name, _ in asked}
