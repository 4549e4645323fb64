"""Routing registered appeals: topic, territory, competence, assignments – a batch in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar
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
from services.routing.assignments.rules.correspondence import hash_text
from services.routing.assignments.rules.explanations import explain_choice
from services.routing.assignments.schemas.event_keys import event_keys
from services.routing.placement.actions.relations import Arrival, find_relations, with_relations
from services.routing.placement.queries import predict_topics
from services.routing.placement.rules.decisions import Decision, Question, decide, needs_guess
from services.routing.placement.rules.guesses import Guess, read_guess
from services.routing.placement.rules.levels import thresholds_of
from services.routing.placement.rules.splitting import decide_apart, questions_of
from services.routing.reference.queries.cache import classifier_of, references_of
from services.routing.reference.rules.competence import Choice, CompetenceRule
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.appeals import routed_appeal
from services.routing.tables.assignments import NewAssignment

NO_HASHES: Final[Mapping[UUID, bytes | None]] = MappingProxyType({})
A = TypeVar("A", AppealRegistered, AppealImported)
_ENTER = """
(region, appeal_id) DO UPDATE SET client_id = excluded.client_id, text_hash = excluded.text_hash, routed_at = now()
WHERE routed_appeal.routed_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class _Entered:
    region: str
    appeal_id: UUID
    client_id: str | None
    text_hash: bytes | None


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
    questions = {event.appeal_id: _question_of(event) for event in events}
    hashes = {id: hash_text(question.folded) for id, question in questions.items()}
    fresh = await enter_appeals(session, events, hashes)
    if not fresh:
        return
    references = await references_of(session).read(session, (event.region for event, _ in fresh))
    decided = await decide_appeals(session, references, [event for event, _ in fresh], questions)
    relations = await find_relations(session, [_arrival_of(event, hashes) for event, _ in fresh])
    decisions = with_relations(decided, relations)
    assignments: list[NewAssignment] = []
    announced: list[Event] = []
    for event, routed in fresh:
        reference = references[event.region]
        for new, triage_reason in _assignments_of(event, decisions[event.appeal_id], routed.routed_at):
            announced.append(creation_event(new, reference, triage_reason))
            placed, ends = end_at_birth(new, routed)
            assignments.append(placed)
            announced += ends
    await insert_assignments(session, assignments)
    await emit(session, *announced)


def _arrival_of(event: AppealRegistered, hashes: Mapping[UUID, bytes | None]) -> Arrival:
    return Arrival(event.region, event.appeal_id, event.client_id, event.received_at, hashes[event.appeal_id])


async def decide_appeals(
    session: AsyncSession,
    references: Mapping[str, RegionReference],
    events: Sequence[AppealRegistered],
    questions: Mapping[UUID, Question],
) -> dict[UUID, tuple[Decision, ...]]:
    """One decision for each appeal, or one for each of its questions, the lead's first. Whole texts and questions are
    guessed together."""
    parts = {
        event.appeal_id: questions_of(references[event.region], questions[event.appeal_id])
        for event in events
    }
    asked = [event for event in events if needs_guess(references[event.region], event.topic)]
    asked_parts = [(event, part) for event in events for part in parts[event.appeal_id]]
    guesses = await guess_texts(
        session,
        references,
        [(e.region, e.text) for e in asked] + [(e.region, part) for e, part in asked_parts],
    )
    of_wholes = dict(zip((event.appeal_id for event in asked), guesses, strict=False))
    of_parts: dict[UUID, list[Guess]] = {}
    for (event, _), guess in zip(asked_parts, guesses[len(asked) :], strict=True):
        of_parts.setdefault(event.appeal_id, []).append(guess)
    learned = classifier_of(session).thresholds
    return {
        event.appeal_id: _decide(
            references[event.region],
            questions[event.appeal_id],
            of_wholes.get(event.appeal_id),
            list(zip(parts[event.appeal_id], of_parts.get(event.appeal_id, ()), strict=True)),
            learned,
        )
        for event in events
    }


def _decide(
    reference: RegionReference,
    question: Question,
    guess: Guess | None,
    parts: Sequence[tuple[str, Guess]],
    learned: Mapping[str, Mapping[float, float]],
) -> tuple[Decision, ...]:
    thresholds = thresholds_of(reference.settings, learned)
    whole = decide(reference, question, guess, thresholds)
    if not parts or "proposal" in whole.explanation:
        return (whole,)
    texts, guesses = zip(*parts, strict=True)
    return decide_apart(reference, question, texts, guesses, thresholds) or (whole,)


async def enter_appeals(
    session: AsyncSession, events: Sequence[A], hashes: Mapping[UUID, bytes | None] = NO_HASHES
) -> list[tuple[A, RoutedNow]]:
    """Appeals that are routed now for the first time, in the order of their keys; a replay finds none. `hashes`: of texts that
    may come again, by appeal."""
    by_key = {(event.region, event.appeal_id): event for event in events}
    entered = await insert_returning(
        session,
        RoutedNow,
        routed_appeal,
        [
            _Entered(*key, event.client_id, hashes.get(event.appeal_id))
            for key, event in sorted(by_key.items())
        ],
        on_conflict=_ENTER,
    )
    fresh = {each.appeal_id: each for each in entered}
    return [
        (event, fresh[appeal_id]) for (_, appeal_id), event in sorted(by_key.items()) if appeal_id in fresh
    ]


def _question_of(event: AppealRegistered) -> Question:
    return Question(
        event.text,
        event.address,
        event.topic,
        event.municipality,
        event.complained_about,
        event.regime,
        event.channel,
        anonymous=event.anonymous,
    )


async def guess_topics(
    session: AsyncSession, references: Mapping[str, RegionReference], asked: Sequence[A]
) -> dict[UUID, Guess]:
    """The classifier's opinion of appeals whose topic nothing else decides."""
    guesses = await guess_texts(session, references, [(event.region, event.text) for event in asked])
    return {event.appeal_id: guess for event, guess in zip(asked, guesses, strict=True)}


async def guess_texts(
    session: AsyncSession, references: Mapping[str, RegionReference], asked: Sequence[tuple[str, str]]
) -> list[Guess]:
    """The same of (region, text), in order."""
    predictions = await predict_topics(classifier_of(session), [text for _, text in asked])
    return [
        read_guess(references[region], prediction)
        for (region, _), prediction in zip(asked, predictions, strict=True)
    ]


def _assignments_of(
    event: AppealRegistered, decisions: Sequence[Decision], routed_at: datetime
) -> list[tuple[NewAssignment, str | None]]:
    """The lead, with the reason why it is in triage, further questions' and the helping ones; nobody gets two."""
    at = not_before(routed_at, event.received_at)
    found: list[tuple[NewAssignment, str | None]] = []
    for number, decision in enumerate(decisions):
        question = new_assignment(
            _summary_of(event, decision),
            organisation_id=decision.organisation_id,
            role="co_executor" if number else "lead",
            explanation=decision.explanation,
            created_at=at,
            triage_reason=decision.triage_reason,
        )
        found.append((question, decision.triage_reason))
    held = {each.organisation_id for each, _ in found}
    for decision in decisions:
        for rule in decision.co_executors:
            if rule.organisation_id not in held:
                held.add(rule.organisation_id)
                found.append((_helping(event, decision, rule, at), None))
    return found


def _helping(
    event: AppealRegistered, decision: Decision, rule: CompetenceRule, at: datetime
) -> NewAssignment:
    return new_assignment(
        _summary_of(event, decision),
        organisation_id=rule.organisation_id,
        role="co_executor",
        explanation={**explain_choice(Choice(rule, rule.organisation_id)), "source": "rule"},
        created_at=at,
    )


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
