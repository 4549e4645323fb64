"""Routing registered appeals: topic, territory, competence, assignments – a batch in a handful of statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.moments import not_before
from chassis.outbox import emit
from contracts.event import Event
from contracts.intake import AppealImported, AppealRegistered
from contracts.routing import AssignmentCancelled
from services.routing.placement.actions.classification import predict_topics
from services.routing.assignments.actions.creation import creation_of, insert_assignments, new_row
from services.routing.assignments.actions.transitions import Row, about
from services.routing.reference.queries.cache import books_of, classifier_of
from services.routing.tables import routed_appeal
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.reference.rules.competence import Choice
from services.routing.placement.rules.decisions import (
    Decision,
    Guess,
    Question,
    decide,
    explain_choice,
    needs_guess,
    read_guess,
)

Fresh = dict[UUID, Any]
Heard = AppealRegistered | AppealImported


async def route_registered_appeals(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
    """Give every appeal that was not routed before to its bodies, or to triage with the reason."""
    fresh = await enter_appeals(session, events)
    appeals = sorted((e for e in {e.appeal_id: e for e in events}.values() if e.appeal_id in fresh), key=_key)
    if not appeals:
        return
    books = await books_of(session).read(session, (event.region for event in appeals))
    asked = [event for event in appeals if needs_guess(books[event.region], event.topic)]
    guesses = await guess_topics(session, books, asked)
    rows: list[Row] = []
    told: list[Event] = []
    for event in appeals:
        book = books[event.region]
        decision = decide(book, question_of(event), guesses.get(event.appeal_id))
        made = _rows(event, decision, fresh[event.appeal_id].routed_at)
        for row in made:
            told.append(creation_of(row, book))
            if fresh[event.appeal_id].ended_at is not None:
                told.append(end_at_birth(row, fresh[event.appeal_id]))
        rows += made
    await insert_assignments(session, rows)
    await emit(session, *told)


def _key(event: Heard) -> tuple[str, UUID]:
    return event.region, event.appeal_id


async def enter_appeals(session: AsyncSession, events: Sequence[Heard]) -> Fresh:
    """Appeals that are routed now for the first time; a replay finds none."""
    rows = {_key(event): event.client_id for event in events}
    returned = await insert_rows(
        session,
        routed_appeal,
        [
            {"region": region, "appeal_id": appeal_id, "client_id": client_id}
            for (region, appeal_id), client_id in sorted(rows.items())
        ],
        on_conflict="(region, appeal_id) DO UPDATE SET client_id = excluded.client_id, routed_at = now() "
        "WHERE routed_appeal.routed_at IS NULL",
        returning="appeal_id, routed_at, end_reason, ended_at",
    )
    return {row.appeal_id: row for row in returned}


def question_of(event: AppealRegistered) -> Question:
    """What decides about the appeal."""
    return Question(event.text, event.address, event.topic, event.municipality, event.complained_about)


async def guess_topics(
    session: AsyncSession, books: dict[str, RegionBook], asked: Sequence[Heard]
) -> dict[UUID, Guess]:
    """The classifier's opinion of appeals whose topic nothing else decides."""
    predictions = await predict_topics(classifier_of(session), [event.text for event in asked])
    return {
        event.appeal_id: read_guess(books[event.region], prediction)
        for event, prediction in zip(asked, predictions, strict=True)
    }


def _rows(event: AppealRegistered, decision: Decision, at: datetime) -> list[Row]:
    appeal: Row = {
        "region": event.region,
        "appeal_id": event.appeal_id,
        "number": event.number,
        "topic": decision.topic,
        "regime": event.regime,
        "channel": event.channel,
        "importance": "normal",
        "municipality": decision.municipality,
        "text": event.text,
        "address": event.address,
        "complained_about": event.complained_about,
        "received_at": event.received_at,
    }
    at = not_before(at, event.received_at)
    lead = new_row(
        appeal,
        organisation_id=decision.organisation_id,
        role="lead",
        explanation=decision.explanation,
        created_at=at,
        triage_reason=decision.triage_reason,
    )
    helping = [
        new_row(
            appeal,
            organisation_id=rule.organisation_id,
            role="co_executor",
            explanation={**explain_choice(Choice(rule, rule.organisation_id)), "source": "rule"},
            created_at=at,
        )
        for rule in decision.co_executors
    ]
    return [lead, *helping]


def end_at_birth(row: Row, known: Any) -> Event:
    """The appeal's end was heard of first: its assignments are born cancelled."""
    row |= {"status": "cancelled", "version": row["version"] + 1}
    return AssignmentCancelled(
        **about(row), reason=known.end_reason, cancelled_at=not_before(known.ended_at, row["created_at"])
    )
