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
from services.routing.assignments.actions.moderating import remember_born_ended
from services.routing.assignments.rules.correspondence import hash_text
from services.routing.assignments.rules.explanations import explain_choice
from services.routing.assignments.schemas.event_keys import event_keys
from services.routing.incidents.actions.reporting import NewReport, report
from services.routing.learning.actions.drawing import Placed, draw_audits
from services.routing.learning.actions.shadows import record_shadows
from services.routing.placement.actions.deciding import (
    Decided,
    ReadAppeal,
    Text,
    decide_appeals,
    guess_texts,
    importance_of,
    read_appeals,
)
from services.routing.placement.actions.relations import Arrival, find_relations, with_relations
from services.routing.placement.rules.decisions import Decision
from services.routing.placement.rules.guesses import Guess
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.competence import Choice, CompetenceRule
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.appeals import routed_appeal
from services.routing.tables.assignments import NewAssignment
from services.routing.works.actions.matching import NewNotice, notice_for, record_notices

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
    """An appeal that is routed for the first time. `ended_at`: its end was announced before it came; `admitted_at`: a
    moderator's consent was."""

    appeal_id: UUID
    routed_at: datetime
    end_reason: str | None
    ended_at: datetime | None
    admitted_at: datetime | None


async def route_appeals(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
    """Classify every appeal that was not routed before and give it to its organisations, or to triage with the reason –
    also those that wait for moderation."""
    read = {each.event.appeal_id: each for each in await read_appeals(events)}
    hashes = {id: hash_text(each.question.folded) for id, each in read.items()}
    fresh = await enter_appeals(session, events, hashes)
    if not fresh:
        return
    references = await references_of(session).read(session, (event.region for event, _ in fresh))
    decided = await decide_appeals(session, references, [read[event.appeal_id] for event, _ in fresh])
    relations = await find_relations(session, [_arrival_of(event, hashes) for event, _ in fresh])
    assignments: list[NewAssignment] = []
    announced: list[Event] = []
    placed_by_model: list[Placed] = []
    reports: list[NewReport] = []
    notices: list[NewNotice] = []
    for (event, routed), each in zip(fresh, with_relations(decided, relations), strict=True):
        reference = references[event.region]
        for new, triage_reason in _assignments_of(each, routed.routed_at):
            announced.append(creation_event(new, reference, triage_reason))
            placed, ends = end_at_birth(new, routed)
            assignments.append(placed)
            announced += ends
            if each.work_id is None:
                reports.append(NewReport(placed, each.appeal.meaning.language, each.appeal.question.place))
            elif placed.role == "lead":
                notices += _due_notice(placed, each.work_id, event, routed)
            if each.guess is not None and len(each.decisions) == 1 and placed.role == "lead":
                placed_by_model.append(Placed(placed, event.text, each.guess.score, each.guess.model))
    await insert_assignments(session, assignments)
    await remember_born_ended(session, [each for each in assignments if each.status == "cancelled"])
    await report(session, reports)
    await record_notices(session, notices)
    await draw_audits(session, references, placed_by_model)
    await record_shadows(session, references, placed_by_model)
    await emit(session, *announced)


def _due_notice(
    placed: NewAssignment, work_id: UUID, event: AppealRegistered, routed: RoutedNow
) -> list[NewNotice]:
    held = event.on_moderation and routed.admitted_at is None
    notice = notice_for(placed, work_id, held=held)
    return [notice] if notice else []


def _arrival_of(event: AppealRegistered, hashes: Mapping[UUID, bytes | None]) -> Arrival:
    return Arrival(event.region, event.appeal_id, event.client_id, event.received_at, hashes[event.appeal_id])


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


async def guess_topics(
    session: AsyncSession, references: Mapping[str, RegionReference], asked: Sequence[A]
) -> dict[UUID, Guess]:
    """The opinion of each region's model of appeals whose topic nothing else decides."""
    guesses = await guess_texts(session, references, [Text(event.region, event.text) for event in asked])
    return {event.appeal_id: guess for event, guess in zip(asked, guesses, strict=True)}


def _assignments_of(decided: Decided, routed_at: datetime) -> list[tuple[NewAssignment, str | None]]:
    """The lead, with the reason why it is in triage, further questions' and the helping ones; nobody gets two."""
    appeal = decided.appeal
    at = not_before(routed_at, appeal.event.received_at)
    found: list[tuple[NewAssignment, str | None]] = []
    for number, decision in enumerate(decided.decisions):
        question = new_assignment(
            _summary_of(appeal, decision),
            organisation_id=decision.organisation_id,
            role="co_executor" if number else "lead",
            explanation=decision.explanation,
            created_at=at,
            triage_reason=decision.triage_reason,
        )
        found.append((question, decision.triage_reason))
    held = {each.organisation_id for each, _ in found}
    for decision in decided.decisions:
        for rule in decision.co_executors:
            if rule.organisation_id not in held:
                held.add(rule.organisation_id)
                found.append((_helping(appeal, decision, rule, at), None))
    return found


def _helping(appeal: ReadAppeal, decision: Decision, rule: CompetenceRule, at: datetime) -> NewAssignment:
    return new_assignment(
        _summary_of(appeal, decision),
        organisation_id=rule.organisation_id,
        role="co_executor",
        explanation={**explain_choice(Choice(rule, rule.organisation_id)), "source": "rule"},
        created_at=at,
    )


def _summary_of(appeal: ReadAppeal, decision: Decision) -> AppealSummary:
    event = appeal.event
    return AppealSummary(
        region=event.region,
        appeal_id=event.appeal_id,
        number=event.number,
        topic=decision.topic,
        regime=event.regime,
        channel=event.channel,
        importance=importance_of(event, appeal.meaning),
        kind=appeal.meaning.kind.value,
        municipality=decision.municipality,
        text=event.text,
        address=event.address,
        complained_about=event.complained_about,
        received_at=event.received_at,
        received_on=event.received_on,
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
