"""Events → facts. Each event adds to rows of its own; nothing here depends on the order of events."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3

from contracts.event import Event, stream_of
from contracts.intake import (
    AppealImported,
    AppealModerated,
    AppealRated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
    place_of,
)
from contracts.routing import (
    AppealsRemoved,
    AssignmentAccepted,
    AssignmentAnswered,
    AssignmentCancelled,
    AssignmentCorrected,
    AssignmentCreated,
    AssignmentInterimAnswered,
    AssignmentRedirected,
    AssignmentReopened,
    MunicipalityChanged,
    OrganisationChanged,
    OrganisationName,
    TopicChanged,
    TopicName,
)
from contracts.sla import ClockReading, DeadlineBreached, DeadlineCorrected, DeadlineSet
from contracts.territories import find_zone
from services.analytics.facts.rules.facts import AppealKey, AssignmentKey, Facts, NameKey
from services.analytics.facts.rules.upserts import APPEAL, ASSIGNMENT, REFERENCE, Values
from services.analytics.facts.rules.working_time import working_seconds

FINEST_CELL = 9  # H3's resolution: cells of about 200 m; exact places are not kept
SATISFIED_FROM = 4  # a score from which a citizen who was not asked counts as satisfied


def fold(events: Iterable[Event]) -> Facts:
    """Everything a batch says. Raises KeyError for a region that does not exist."""
    facts = Facts()
    for event in events:
        PROJECTIONS[type(event)](facts, event)
        stream = stream_of(event.SUBJECT)
        facts.newest[stream] = max(event.time, facts.newest.get(stream, event.time))
    return facts


@cache
def _zone(region: str) -> ZoneInfo:
    return ZoneInfo(find_zone(region))


def local_time(region: str, at: datetime) -> datetime:
    """The region's wall clock, without an offset."""
    return at.astimezone(_zone(region)).replace(tzinfo=None)


def work_at(region: str, at: datetime) -> int:
    """The count of working seconds at a moment, by the region's wall clock."""
    return working_seconds(local_time(region, at))


def cell_of(lat: float, lon: float) -> int | None:
    """The finest cell we keep; None for a place that is none."""
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return int(h3.latlng_to_cell(lat, lon, FINEST_CELL))


def _registered(facts: Facts, event: AppealRegistered | AppealImported) -> None:
    place = place_of(event)
    facts.record_appeal(
        event,
        received_at=event.received_at,
        received_local=local_time(event.region, event.received_at),
        received_work=work_at(event.region, event.received_at),
        channel=event.channel,
        regime=event.regime,
        municipality=event.municipality,
        cell=cell_of(place.lat, place.lon) if place else None,
    )


def _rated(facts: Facts, event: AppealRated) -> None:
    """`satisfied` follows from the score where it was not asked."""
    facts.record_answer(
        event,
        rated_at=event.rated_at,
        score=event.score,
        solved=event.solved,
        reached=event.reached,
        satisfied=event.score >= SATISFIED_FROM if event.satisfied is None else event.satisfied,
    )


def _reopened(facts: Facts, event: AppealReopened | AssignmentReopened) -> None:
    facts.record_answer(event, reopened_at=event.reopened_at)


def _withdrawn(facts: Facts, event: AppealWithdrawn) -> None:
    facts.record_appeal(event, withdrawn_at=event.withdrawn_at)


def _moderated(facts: Facts, event: AppealModerated) -> None:
    facts.record_appeal(
        event,
        moderated_at=event.moderated_at,
        rejected=event.decision == "reject",
    )


def _removed(facts: Facts, event: AppealsRemoved) -> None:
    for appeal_id in event.appeal_ids:
        key = AppealKey(event.region, appeal_id)
        facts.removable.add(key)
        facts.record(APPEAL, key, removed_at=event.removed_at)


def _created(facts: Facts, event: AssignmentCreated) -> None:
    if event.taken_over is not None:
        facts.removable.add(AppealKey(event.region, event.appeal_id))
    facts.record_assignment(
        event,
        created_at=event.created_at,
        received_at=event.received_at,
        received_local=local_time(event.region, event.received_at),
        received_work=work_at(event.region, event.received_at),
        role=event.role,
        channel=event.channel,
        regime=event.regime,
        municipality=event.municipality,
        by_hand=True if event.predecessor_id or event.taken_over else None,
        **_topic_and_organisation(facts, event, event.topic, event.organisation),
    )


def _corrected(facts: Facts, event: AssignmentCorrected) -> None:
    values = _topic_and_organisation(facts, event, event.topic, event.organisation)
    if event.organisation is None and event.previous_organisation_id is not None:
        values |= {"organisation_sequence": event.sequence, "organisation_id": None}
    facts.record_assignment(event, **values)


def _topic_and_organisation(
    facts: Facts, event: Event, topic: TopicName | None, organisation: OrganisationName | None
) -> Values:
    """Both as of the event's version; what it does not name stays as it was."""
    values: Values = {}
    if topic is not None:
        facts.provisional_names[NameKey(event.region, "topic", topic.code)] = topic.name
        facts.provisional_names[NameKey(event.region, "group", topic.group)] = topic.group_name
        values |= {"topic_sequence": event.sequence, "topic": topic.code, "topic_group": topic.group}
    if organisation is not None:
        name = NameKey(event.region, "organisation", str(organisation.id))
        facts.provisional_names[name] = organisation.name
        values |= {"organisation_sequence": event.sequence, "organisation_id": organisation.id}
    return values


def _accepted(facts: Facts, event: AssignmentAccepted) -> None:
    _record_reaction(facts, event, event.accepted_at)


def _interim(facts: Facts, event: AssignmentInterimAnswered) -> None:
    _record_reaction(facts, event, event.answered_at)


def _answered(facts: Facts, event: AssignmentAnswered) -> None:
    _record_reaction(facts, event, event.answered_at)
    if event.work_id is not None:
        facts.record_appeal(event, by_work=True)
        facts.record_assignment(event, by_work=True)
    facts.record_answer(
        event,
        answered_at=event.answered_at,
        answered_work=work_at(event.region, event.answered_at),
        outcome=event.outcome,
        promised_on=event.promised_on,
        cycle=event.cycle,
    )


def _record_reaction(
    facts: Facts, event: AssignmentAccepted | AssignmentInterimAnswered | AssignmentAnswered, at: datetime
) -> None:
    facts.record_assignment(event, first_reaction_at=at, first_reaction_work=work_at(event.region, at))


def _redirected(facts: Facts, event: AssignmentRedirected) -> None:
    facts.record_assignment(event, redirected_at=event.redirected_at)


def _cancelled(facts: Facts, event: AssignmentCancelled) -> None:
    facts.record_assignment(event, cancelled_at=event.cancelled_at)


def _deadline_set(facts: Facts, event: DeadlineSet) -> None:
    """Only answer clocks of assignments make figures so far; a reading without one changes nothing."""
    clocks = [reading for reading in event.clocks if reading.clock == "answer"]
    if event.assignment_id is None or not clocks:
        return
    first = min(clocks, key=lambda reading: reading.cycle)
    awaited = first.due_at is not None and first.state != "cancelled"
    facts.record(
        ASSIGNMENT,
        AssignmentKey(event.region, event.appeal_id, event.assignment_id),
        deadline_sequence=event.sequence,
        due_at=max(clocks, key=lambda reading: reading.cycle).due_at,
        first_due_at=first.due_at if awaited else None,
        first_due_on=_due_day(event.region, first) if awaited else None,
        clock_met=any(reading.state == "met" for reading in clocks),
        clock_breached=any(_is_breached(reading) for reading in clocks),
    )


def _due_day(region: str, reading: ClockReading) -> date | None:
    """As the deadline was announced; the region's day of its last second where it was not."""
    if reading.due_on is not None or reading.due_at is None:
        return reading.due_on
    return local_time(region, reading.due_at).date()


def _is_breached(reading: ClockReading) -> bool:
    """The whole second of `due_at` is still in time, as whoever keeps the deadlines has it."""
    if reading.state == "breached" or reading.met_at is None or reading.due_at is None:
        return reading.state == "breached"
    return reading.met_at > reading.due_at and reading.met_at.replace(microsecond=0) > reading.due_at


def _breached(facts: Facts, event: DeadlineBreached) -> None:
    facts.record_breach(event, due_at=event.due_at, fired_at=event.fired_at)


def _disproved(facts: Facts, event: DeadlineCorrected) -> None:
    facts.record_breach(event, corrected_at=event.corrected_at)


def _topic_changed(facts: Facts, event: TopicChanged) -> None:
    _record_name(facts, NameKey(event.region, "topic", event.code), event.sequence, event.name)
    # Topics of one group have versions of their own, so for the group's name the later event counts.
    moment = int(event.time.timestamp() * 1_000_000)
    _record_name(facts, NameKey(event.region, "group", event.group), moment, event.group_name)


def _organisation_changed(facts: Facts, event: OrganisationChanged) -> None:
    key = NameKey(event.region, "organisation", str(event.organisation_id))
    _record_name(facts, key, event.sequence, event.name)


def _municipality_changed(facts: Facts, event: MunicipalityChanged) -> None:
    key = NameKey(event.region, "municipality", event.oktmo)
    _record_name(facts, key, event.sequence, event.name, event.population)


def _record_name(facts: Facts, key: NameKey, version: int, name: str, population: int | None = None) -> None:
    facts.provisional_names[key] = name
    facts.record(REFERENCE, key, version=version, name=name, population=population)


PROJECTIONS: dict[type[Event], Callable[[Facts, Any], None]] = {
    AppealRegistered: _registered,
    AppealImported: _registered,
    AppealRated: _rated,
    AppealReopened: _reopened,
    AppealWithdrawn: _withdrawn,
    AppealModerated: _moderated,
    TopicChanged: _topic_changed,
    OrganisationChanged: _organisation_changed,
    MunicipalityChanged: _municipality_changed,
    AssignmentCreated: _created,
    AssignmentCorrected: _corrected,
    AssignmentAccepted: _accepted,
    AssignmentRedirected: _redirected,
    AssignmentInterimAnswered: _interim,
    AssignmentAnswered: _answered,
    AssignmentReopened: _reopened,
    AssignmentCancelled: _cancelled,
    AppealsRemoved: _removed,
    DeadlineSet: _deadline_set,
    DeadlineBreached: _breached,
    DeadlineCorrected: _disproved,
}
