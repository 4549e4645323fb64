"""The citizen's view of an appeal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, row
from chassis.problems import NotFound
from contracts.intake import Channel, Regime
from contracts.territories import REGIONS
from services.intake.attachments.queries.access import require_answered_with
from services.intake.history.queries import read_answers, read_history
from services.intake.history.rules.narrative import Registered, narrate_to_citizens
from services.intake.history.rules.packed import read_words
from services.intake.history.rules.statuses import STATUS_NAMES, AppealStatus
from services.intake.local_time import local_day
from services.intake.registration.rules.notices import notice_while_open
from services.intake.tracking.rules import (
    ReceiptFacts,
    may_clarify,
    may_object,
    may_rate,
    may_withdraw,
    receipt_lines,
)
from services.intake.tracking.schemas import ReceiptView, TimelineLine, TrackView

_FIND = """
SELECT a.region, a.id, a.number, a.status, a.channel, a.regime, a.received_at, a.received_on, a.due_on, a.promised_on,
    a.packed, a.topic_name, a.organisation_name, a.due_reason, a.answers, a.danger, t.text
FROM intake.register r
JOIN intake.appeal a ON a.region = r.region AND a.id = r.appeal_id
LEFT JOIN intake.appeal_text t ON t.region = a.region AND t.appeal_id = a.id
WHERE r.tracking_hash = :tracking_hash
"""
_OF_CODE = "SELECT region, appeal_id AS id FROM intake.register WHERE tracking_hash = :tracking_hash"
_RATED = "SELECT answer_id FROM intake.rating WHERE region = :region AND appeal_id = :id"


@dataclass(frozen=True, slots=True)
class _Found:
    region: str
    id: UUID
    number: str
    status: AppealStatus
    channel: Channel
    regime: Regime
    received_at: datetime
    received_on: date | None
    due_on: date | None
    promised_on: date | None
    packed: bytes | None
    topic_name: str | None
    organisation_name: str | None
    due_reason: str | None
    answers: int
    danger: bool | None
    text: str | None

    def notice(self) -> str | None:
        """What the receipt warned of, as long as nobody has answered and the appeal goes on."""
        return notice_while_open(self.status, self.answers, self.danger, self.text)


@dataclass(frozen=True, slots=True)
class _Key:
    region: str
    id: UUID


async def _find(session: AsyncSession, tracking_hash: bytes) -> _Found:
    appeal = await row(session, _Found, _FIND, tracking_hash=tracking_hash)
    if appeal is None:
        raise NotFound
    return appeal


async def read_receipt(session: AsyncSession, tracking_hash: bytes) -> ReceiptView:
    """What the citizen may print and keep; nothing personal."""
    appeal = await _find(session, tracking_hash)
    words = read_words(appeal)
    received_on = appeal.received_on or local_day(appeal.region, appeal.received_at)
    registered_on = local_day(appeal.region, appeal.received_at)
    facts = ReceiptFacts(
        appeal.number, appeal.region, appeal.channel, appeal.regime, received_on, registered_on, appeal.due_on
    )
    return ReceiptView(
        number=appeal.number,
        status=appeal.status,
        status_name=STATUS_NAMES[appeal.status],
        received_at=appeal.received_at,
        received_on=received_on,
        region=appeal.region,
        region_name=REGIONS[appeal.region].name,
        channel=appeal.channel,
        regime=appeal.regime,
        due_on=appeal.due_on,
        due_reason=words.due_reason,
        organisation=words.organisation_name,
        topic=words.topic_name,
        lines=receipt_lines(facts, words.organisation_name, appeal.status),
    )


async def read_track(session: AsyncSession, tracking_hash: bytes) -> TrackView:
    """Status, deadline, timeline and answers; nothing personal."""
    appeal = await _find(session, tracking_hash)
    words = read_words(appeal)
    history = await read_history(session, appeal.region, appeal.id)
    timeline = narrate_to_citizens(history, Registered(appeal.number, appeal.received_at))
    rated = await column(session, UUID, _RATED, region=appeal.region, id=appeal.id)
    return TrackView(
        number=appeal.number,
        status=appeal.status,
        status_name=STATUS_NAMES[appeal.status],
        received_at=appeal.received_at,
        due_on=appeal.due_on,
        due_reason=words.due_reason,
        organisation=words.organisation_name,
        topic=words.topic_name,
        timeline=[TimelineLine.model_validate(line, from_attributes=True) for line in timeline],
        answers=await read_answers(session, appeal.region, appeal.id, history),
        promised_on=appeal.promised_on,
        notice=appeal.notice(),
        may_rate=may_rate(appeal.status, history, set(rated)),
        may_clarify=may_clarify(appeal.status, history),
        may_withdraw=may_withdraw(appeal.status),
        may_object=may_object(appeal.status, history),
    )


async def find_answer_file(session: AsyncSession, tracking_hash: bytes, attachment_id: UUID) -> None:
    """404 where the appeal of this code has no answer with this file."""
    appeal = await row(session, _Key, _OF_CODE, tracking_hash=tracking_hash)
    if appeal is None:
        raise NotFound
    await require_answered_with(session, appeal.region, appeal.id, attachment_id)
