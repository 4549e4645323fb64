"""Routing registered appeals: topic, territory, competence, assignments – a batch in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_returning
from chassis.moments import not_before
from chassis.outbox import emit
from contracts.event import Event
from contracts.intake import AppealImported, AppealRegistered
from contracts.routing import AssignmentCancelled
from services.routing.assignments.actions.creation import (
    AppealSummary,
    creation_event,
    insert_assignments,
    new_assignment,
)
from services.routing.assignments.rules.explanations import explain_choice
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.schemas.event_keys import event_keys
from services.routing.placement.queries import predict_topics
from services.routing.placement.rules.decisions import (
    Decision,
    Guess,
    Question,
    decide,
    needs_guess,
    read_guess,
)
from services.routing.reference.queries.cache import classifier_of, references_of
from services.routing.reference.queries.houses import find_served
from services.routing.reference.rules.competence import Choice
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.service_areas import find_house
from services.routing.tables.appeals import routed_appeal
from services.routing.tables.assignments import NewAssignment

A = TypeVar("A", AppealRegistered, AppealImported)
_ENTER = """
(region, appeal_id) DO UPDATE SET client_id = excluded.client_id, routed_at = now()
WHERE routed_appeal.routed_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class _Entered:
    region: str
    appeal_id: UUID
    client_id: str | None


@dataclass(frozen=True, slots=True)
class RoutedNow:
    """An appeal that is routed for the first time. `ended_at`: its end was announced before it came."""

    appeal_id: UUID
    routed_at: datetime
    end_reason: str | None
    ended_at: datetime | None


async def route_appeals(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
    """Classify every appeal that was not routed before and give it to its organisations, or to triage with the reason –
    also those that wait for moderation."""
    fresh = await enter_appeals(session, events)
    if not fresh:
        return
    references = await references_of(session).read(session, (event.region for event, _ in fresh))
    asked = [event for event, _ in fresh if needs_guess(references[event.region], event.topic)]
    guesses = await guess_topics(session, references, asked)
    houses = await _find_houses(session, references, guesses, [event for event, _ in fresh])
    assignments: list[NewAssignment] = []
    announced: list[Event] = []
    for event, routed in fresh:
        reference = references[event.region]
        decision = decide(
            reference, _question_of(event, houses.get(event.appeal_id)), guesses.get(event.appeal_id)
        )
        for new, triage_reason in _assignments_of(event, decision, routed.routed_at):
            announced.append(creation_event(new, reference, triage_reason))
            placed, ends = end_at_birth(new, routed)
            assignments.append(placed)
            announced += ends
    await insert_assignments(session, assignments)
    await emit(session, *announced)


async def enter_appeals(session: AsyncSession, events: Sequence[A]) -> list[tuple[A, RoutedNow]]:
    """Appeals that are routed now for the first time, in the order of their keys; a replay finds none."""
    by_key = {(event.region, event.appeal_id): event for event in events}
    entered = await insert_returning(
        session,
        RoutedNow,
        routed_appeal,
        [_Entered(*key, event.client_id) for key, event in sorted(by_key.items())],
        on_conflict=_ENTER,
    )
    fresh = {each.appeal_id: each for each in entered}
    return [
        (event, fresh[appeal_id]) for (_, appeal_id), event in sorted(by_key.items()) if appeal_id in fresh
    ]


async def _find_houses(
    session: AsyncSession,
    references: Mapping[str, RegionReference],
    guesses: Mapping[UUID, Guess],
    events: Sequence[AppealRegistered],
) -> dict[UUID, Served]:
    """Who serves the appeals' houses, where a rule of their topic asks for it."""
    asked = {
        event.appeal_id: house
        for event in events
        if references[event.region].asks_for_house(_topic_of(event, guesses))
        and (house := find_house(event.region, event.address, event.text, _day_of(event)))
    }
    return await find_served(session, asked)


def _topic_of(event: AppealRegistered, guesses: Mapping[UUID, Guess]) -> str | None:
    """The topic as far as it is known yet."""
    guess = guesses.get(event.appeal_id)
    return guess.code if guess else event.topic


def _day_of(event: AppealRegistered) -> date:
    return local_day(event.received_at, event.region, event.municipality)


def _question_of(event: AppealRegistered, house: Served | None) -> Question:
    return Question(
        event.text,
        event.address,
        event.topic,
        event.municipality,
        event.complained_about,
        day=_day_of(event),
        house=house,
    )


async def guess_topics(
    session: AsyncSession, references: Mapping[str, RegionReference], asked: Sequence[A]
) -> dict[UUID, Guess]:
    """The classifier's opinion of appeals whose topic nothing else decides."""
    predictions = await predict_topics(classifier_of(session), [event.text for event in asked])
    return {
        event.appeal_id: read_guess(references[event.region], prediction)
        for event, prediction in zip(asked, predictions, strict=True)
    }


def _assignments_of(
    event: AppealRegistered, decision: Decision, routed_at: datetime
) -> list[tuple[NewAssignment, str | None]]:
    """The lead, with the reason why it is in triage, and the helping ones."""
    appeal = _summary_of(event, decision)
    at = not_before(routed_at, event.received_at)
    lead = new_assignment(
        appeal,
        organisation_id=decision.organisation_id,
        role="lead",
        explanation=decision.explanation,
        created_at=at,
        triage_reason=decision.triage_reason,
    )
    helping = [
        new_assignment(
            appeal,
            organisation_id=rule.organisation_id,
            role="co_executor",
            explanation={**explain_choice(Choice(rule, rule.organisation_id)), "source": "rule"},
            created_at=at,
        )
        for rule in decision.co_executors
    ]
    return [(lead, decision.triage_reason), *((each, None) for each in helping)]


def _summary_of(event: AppealRegistered, decision: Decision) -> AppealSummary:
    return AppealSummary(
        region=event.region,
        appeal_id=event.appeal_id,
        number=event.number,
        topic=decision.topic,
        regime=event.regime,
        channel=event.channel,
        importance="normal",
        municipality=decision.municipality,
        text=event.text,
        address=event.address,
        complained_about=event.complained_about,
        received_at=event.received_at,
    )


def end_at_birth(new: NewAssignment, routed: RoutedNow) -> tuple[NewAssignment, list[AssignmentCancelled]]:
    """Where the appeal's end was announced first, its assignments are born cancelled."""
    if routed.ended_at is None:
        return new, []
    cancelled = replace(new, status="cancelled", version=new.version + 1)
    event = AssignmentCancelled(
        **event_keys(cancelled),
        reason=routed.end_reason or "",
        cancelled_at=not_before(routed.ended_at, new.created_at),
    )
    return cancelled, [event]
