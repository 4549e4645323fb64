"""Events of other services, made by hand, and their delivery to the deadline service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from contracts import intake, routing
from contracts.event import Event
from harness.payloads import read_payload
from services.sla.calendars.rules.summaries import render_reason
from services.sla.clocks.rules.packed import read_steps
from services.sla.escalation.actions.timers import fire_due_timers
from services.sla.handlers import follow_events
from services.sla.keys import AppealKey

Sessions = async_sessionmaker[AsyncSession]
BODY = routing.OrganisationName(id=uuid7(), name="Комитет дорог")
OTHER = routing.OrganisationName(id=uuid7(), name="Водоканал")
TOPIC = routing.TopicName(code="pits", name="Ямы", group="roads", group_name="Дороги")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Appeal:
    """One appeal and its (first) assignment; every method makes an event."""

    received_at: datetime = field(default_factory=now)
    region: str = "46"
    regime: str = "message"
    channel: str = "portal"
    client_id: str = "client-portal"
    municipality: str | None = "38701000"
    id: UUID = field(default_factory=uuid7)
    assignment: UUID = field(default_factory=uuid7)

    @property
    def key(self) -> AppealKey:
        return AppealKey(self.region, str(self.id))

    def registered(self, **changes: Any) -> intake.AppealRegistered:
        return intake.AppealRegistered(
            **{
                "region": self.region, "appeal_id": self.id, "number": "46-2026-0000001", "regime": self.regime,
                "channel": self.channel, "client_id": self.client_id, "text": "Яма", "received_at": self.received_at,
                "municipality": self.municipality,
            }
            | changes
        )  # fmt: skip

    def created(
        self, body: routing.OrganisationName | None = BODY, at: datetime | None = None, **changes: Any
    ) -> routing.AssignmentCreated:
        return routing.AssignmentCreated(
            **{
                "region": self.region, "appeal_id": self.id, "assignment_id": self.assignment, "regime": self.regime,
                "number": "46-2026-0000001", "channel": self.channel, "organisation": body, "topic": TOPIC,
                "municipality": self.municipality, "received_at": self.received_at,
                "created_at": at or self.received_at,
            }
            | changes
        )  # fmt: skip

    def _about(self, changes: dict[str, Any]) -> dict[str, Any]:
        return {"region": self.region, "appeal_id": self.id, "assignment_id": self.assignment} | changes

    def accepted(self, at: datetime, **changes: Any) -> routing.AssignmentAccepted:
        return routing.AssignmentAccepted(organisation=BODY, accepted_at=at, **self._about(changes))

    def answered(
        self, at: datetime, outcome: str = "solved", promised_on: date | None = None, **changes: Any
    ) -> routing.AssignmentAnswered:
        return routing.AssignmentAnswered(
            answer_id=uuid7(), organisation=BODY, outcome=outcome, text="Сделано", answered_at=at,
            promised_on=promised_on, **self._about(changes),
        )  # fmt: skip

    def interim(self, at: datetime, promised_on: date | None = None) -> routing.AssignmentInterimAnswered:
        return routing.AssignmentInterimAnswered(
            answer_id=uuid7(), organisation=BODY, text="План", answered_at=at, promised_on=promised_on,
            **self._about({}),
        )  # fmt: skip

    def redirected(self, at: datetime, successor: UUID) -> routing.AssignmentRedirected:
        return routing.AssignmentRedirected(
            organisation=BODY,
            successor_id=successor,
            reason_code="not_competent",
            redirected_at=at,
            **self._about({}),
        )

    def corrected(
        self,
        at: datetime,
        body: routing.OrganisationName | None = None,
        topic: routing.TopicName | None = None,
    ) -> routing.AssignmentCorrected:
        return routing.AssignmentCorrected(organisation=body, topic=topic, corrected_at=at, **self._about({}))

    def reopened(self, at: datetime, cycle: int = 2) -> routing.AssignmentReopened:
        return routing.AssignmentReopened(
            answer_id=uuid7(), organisation=BODY, cycle=cycle, reopened_at=at, **self._about({})
        )

    def asked(self, at: datetime) -> routing.ClarificationAsked:
        return routing.ClarificationAsked(organisation=BODY, question="Где?", asked_at=at, **self._about({}))

    def clarified(self, at: datetime) -> routing.ClarificationReceived:
        return routing.ClarificationReceived(text="Тут", received_at=at, **self._about({}))

    def question_ended(self, at: datetime) -> routing.ClarificationEnded:
        return routing.ClarificationEnded(organisation=BODY, ended_at=at, **self._about({}))

    def extension(
        self, at: datetime, days: int = 10, extension: UUID | None = None
    ) -> routing.ExtensionRequested:
        return routing.ExtensionRequested(
            extension_id=extension or uuid7(), organisation=BODY, days=days, reason="Запрос в МВД", requested_at=at,
            **self._about({}),
        )  # fmt: skip

    def documents_requested(self, at: datetime, request: UUID) -> routing.DocumentsRequested:
        return routing.DocumentsRequested(
            request_id=request, organisation=BODY, addressee="Росреестр", what="Выписка", requested_at=at,
            **self._about({}),
        )  # fmt: skip

    def documents_received(self, at: datetime, request: UUID) -> routing.DocumentsReceived:
        return routing.DocumentsReceived(
            request_id=request, organisation=BODY, received_at=at, **self._about({})
        )

    def forwarded(self, at: datetime) -> routing.AppealForwarded:
        return routing.AppealForwarded(
            region=self.region, appeal_id=self.id, addressee="УМВД", forwarded_at=at
        )

    def cancelled(self, at: datetime) -> routing.AssignmentCancelled:
        return routing.AssignmentCancelled(reason="merged", cancelled_at=at, **self._about({}))

    def withdrawn(self, at: datetime) -> intake.AppealWithdrawn:
        return intake.AppealWithdrawn(region=self.region, appeal_id=self.id, withdrawn_at=at)

    def admitted(self, at: datetime) -> intake.AppealModerated:
        return intake.AppealModerated(
            region=self.region, appeal_id=self.id, decision="accept", reason="after all", moderated_at=at
        )

    def rejected(self, at: datetime) -> intake.AppealModerated:
        return intake.AppealModerated(
            region=self.region, appeal_id=self.id, decision="reject", reason="spam", moderated_at=at
        )


async def deliver(sessions: Sessions, *events: Event) -> None:
    """One batch."""
    async with sessions.begin() as session:
        await follow_events(session, events)


async def fire(sessions: Sessions, limit: int = 500) -> int:
    """Fire until nothing is due; how many clocks were claimed."""
    total = 0
    while True:
        async with sessions.begin() as session:
            count = await fire_due_timers(session, limit)
        if not count:
            return total
        total += count


async def rows(sessions: Sessions, sql: str, **parameters: Any) -> list[Any]:
    async with sessions() as session:
        return list((await session.execute(text(sql), parameters)).mappings())


async def clocks_of(sessions: Sessions, appeal: Appeal) -> dict[str, Any]:
    """Clock rows by `<one|appeal>:clock:cycle`."""
    found = await rows(sessions, "SELECT * FROM sla.clock WHERE appeal_id = :id", id=appeal.id)
    names = {UUID(int=0): "appeal", appeal.assignment: "one"}
    return {
        f"{names.get(row['assignment_id'], row['assignment_id'])}:{row['clock']}:{row['cycle']}": open_clock(
            row
        )
        for row in found
    }


def open_clock(row: Mapping[str, Any]) -> dict[str, Any]:
    """A clock's row with its explanation and the sentence that follows from it."""
    steps = row["explanation"] if row["packed"] is None else read_steps(row["packed"], None)
    return {**row, "explanation": steps, "reason": render_reason(steps, row["change"])}


async def said(sessions: Sessions, subject: str = "", appeal: Appeal | None = None) -> list[dict[str, Any]]:
    """Payloads of the outbox whose subject contains a word, in the order they were written."""
    import orjson

    found = await rows(
        sessions,
        "SELECT o.packed, o.payload FROM sla.outbox o LEFT JOIN sla.outbox_pending p ON p.id = o.id "
        "WHERE subject LIKE :subject ORDER BY p.position",
        subject=f"%{subject}%",
    )
    payloads = [orjson.loads(read_payload(row)) for row in found]
    return [
        payload for payload in payloads if appeal is None or payload["data"]["appeal_id"] == str(appeal.id)
    ]


async def in_batches(sessions: Sessions, events: Sequence[Event], size: int) -> None:
    for start in range(0, len(events), size):
        await deliver(sessions, *events[start : start + size])


async def gently(seconds: float) -> None:
    await asyncio.sleep(seconds)


def days(number: float) -> timedelta:
    return timedelta(days=number)
