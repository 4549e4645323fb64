"""How long such appeals took: counted step by step through the store, kept for an hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.kept_answers import KeptAnswers
from chassis.problems import NotFound
from services.analytics.figures.rules.survival import WATCHED
from services.analytics.finish.rules.curves import Curve, StepCount, curve_of
from services.analytics.finish.rules.steps import step_sql
from services.analytics.finish.schemas import Finish
from services.analytics.store.queries.stores import FactStore, FigureStore
from services.analytics.store.rules.filters import EVERYTHING, Filter, Scope, base_of
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question

PAST: Final = timedelta(days=365)  # appeals that others are compared with
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
DIGITS: Final = 4
_SEEN: Final = f"least(seconds_to_answer, {WATCHED})"
_WAITS: Final = "answered_at IS NULL AND seconds_to_end IS NULL"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An appeal without an answer, or an organisation's assignment on one."""

    region: str
    received_at: datetime
    received_local: datetime
    topic: str | None
    topic_group: str | None
    organisation_id: UUID | None
    due_at: datetime | None
    due_on: date | None


async def find_waiting(session: AsyncSession, scope: Scope, appeal_id: UUID) -> Waiting:
    """From the facts; 404 when it is out of reach, answered, or waits no more."""
    filters = Filter(None, scope, Period())
    question = Question(
        filters,
        base_of(filters),
        {name: name for name in Waiting.__dataclass_fields__},
        narrowed=f"appeal_id = :appeal AND {_WAITS}",
        order="due_at",
        parameters={"appeal": appeal_id},
    )
    found = await FactStore(session).ask(Waiting, question)
    if not found:
        raise NotFound
    return found[0]


async def read_finish(
    store: FigureStore, kept: KeptAnswers, appeal_id: UUID, waiting: Waiting, now: datetime
) -> Finish:
    """What is to be expected of it, by how long such appeals of its region took."""
    curve = await _read_curve(store, kept, waiting, now)
    waited = max((now - waiting.received_at).total_seconds(), 0.0)
    low, middle, high = (_day_of(waiting, curve.quantile(level, waited)) for level in (LOW, MIDDLE, HIGH))
    return Finish(
        appeal=appeal_id,
        expected_on=middle,
        low=low,
        high=high,
        risk=_risk_of(waiting, curve, waited),
        due_on=waiting.due_on,
    )


def _day_of(waiting: Waiting, seconds: float | None) -> date | None:
    return None if seconds is None else (waiting.received_local + timedelta(seconds=seconds)).date()


def _risk_of(waiting: Waiting, curve: Curve, waited: float) -> float | None:
    if waiting.due_at is None:
        return None
    term = (waiting.due_at - waiting.received_at).total_seconds()
    return 1.0 if term <= waited else round(curve.share_left(term, waited), DIGITS)


async def _read_curve(store: FigureStore, kept: KeptAnswers, waiting: Waiting, now: datetime) -> Curve:
    chain = list(groups_around(waiting))

    async def ask() -> Curve:
        return curve_of([await _count_steps(store, kept, waiting.region, group, now) for group in chain])

    return await kept.of((waiting.region, *map(_key_of, chain)), Curve, ask)


def groups_around(waiting: Waiting) -> Iterator[Mapping[str, object]]:
    """Columns and their values: the region, then narrower and narrower groups as far as they are known."""
    group: dict[str, object] = {}
    yield {}
    for column, value in (
        ("topic_group", waiting.topic_group),
        ("topic", waiting.topic),
        ("organisation_id", waiting.organisation_id),
    ):
        if value is not None:
            group = group | {column: value}
            yield group


def _key_of(group: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((column, str(value)) for column, value in group.items())


async def _count_steps(
    store: FigureStore, kept: KeptAnswers, region: str, group: Mapping[str, object], now: datetime
) -> list[StepCount]:
    question = Question(
        Filter(region, EVERYTHING, Period((now - PAST).date())),
        "appeal",
        {
            "step": step_sql(_SEEN),
            "ceased": f"count(*) FILTER (WHERE seconds_to_answer <= {WATCHED})",
            "seen": "count(*)",
        },
        groups=1,
        narrowed=" AND ".join(["NOT by_work", *(f"{column} = :of_{column}" for column in group)]),
        parameters={
            "as_of": int(now.timestamp()),
            **{f"of_{column}": value for column, value in group.items()},
        },
    )
    return await kept.of(("steps", region, _key_of(group)), list, lambda: store.ask(StepCount, question))
