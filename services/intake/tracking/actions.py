"""What a citizen does on the tracking page: rate, clarify, object, withdraw. Each repeat gets the first answer again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, row, scalar
from chassis.idempotency import canonical, keyed_hash
from chassis.moments import not_before
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound
from contracts.intake import (
    AppealClarified,
    AppealObjected,
    AppealRated,
    AppealReopened,
    AppealWithdrawn,
)
from services.intake.history.actions import record_events
from services.intake.history.queries import read_history
from services.intake.history.rules.statuses import AppealStatus
from services.intake.keys import AppealKey
from services.intake.masking import mask_text
from services.intake.masking.persons import mask_words
from services.intake.moderation.actions.deciding import settle_objections
from services.intake.originals.rules import CLARIFICATION, OBJECTION, OriginalData, Secrets, open_original
from services.intake.regions.queries import read_reopen_days
from services.intake.registration.actions.dangers import register_danger
from services.intake.registration.rules.notices import CALL_112, DANGER_NOTICE, reports_danger
from services.intake.tables import clarification, objection, rating
from services.intake.tables.histories import Clarification
from services.intake.tables.histories import Rating as StoredRating
from services.intake.tables.moderation import NewObjection as StoredObjection
from services.intake.tracking.rules import (
    last_answer,
    may_clarify,
    may_object,
    may_rate,
    may_withdraw,
    reopening_reason,
    reopens,
)
from services.intake.tracking.schemas import (
    Clarified,
    NewClarification,
    NewObjection,
    NewRating,
    Objected,
    Rating,
    Withdrawn,
)

_LOCK = """
SELECT a.region, a.id, a.status, a.received_at, o.key_id, o.sealed
FROM intake.register r
JOIN intake.appeal a ON a.region = r.region AND a.id = r.appeal_id
JOIN intake.original o ON o.region = r.region AND o.appeal_id = r.appeal_id
WHERE r.tracking_hash = :tracking_hash FOR NO KEY UPDATE OF a
"""
_RATING = """
SELECT region, appeal_id, answer_id, score, solved, reopened, body_hash, rated_at FROM intake.rating
WHERE region = :region AND appeal_id = :id AND answer_id = :answer_id
"""
_CLARIFIED = """
SELECT clarified_at FROM intake.clarification
WHERE region = :region AND appeal_id = :id AND body_hash = :body ORDER BY clarified_at DESC LIMIT 1
"""


_OBJECTED = """
SELECT objected_at FROM intake.objection
WHERE region = :region AND appeal_id = :id AND body_hash = :body ORDER BY objected_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class TrackedAppeal:
    """The appeal behind a code, locked: what one citizen does happens one after the other."""

    region: str
    id: UUID
    status: AppealStatus
    received_at: datetime
    key_id: int
    sealed: bytes

    def open(self, secrets: Secrets) -> OriginalData:
        """What the citizen sent."""
        return open_original(secrets.keyring, self.id, self.key_id, self.sealed)

    def mask(self, secrets: Secrets, words: str) -> str:
        """What the citizen writes, as others may read it."""
        original = self.open(secrets)
        return mask_words(mask_text(words, original.name), original.person)


async def _lock(session: AsyncSession, tracking_hash: bytes) -> TrackedAppeal:
    appeal = await row(session, TrackedAppeal, _LOCK, tracking_hash=tracking_hash)
    if appeal is None:
        raise NotFound
    return appeal


async def rate_answer(
    session: AsyncSession, secrets: Secrets, tracking_hash: bytes, new: NewRating, now: datetime
) -> Rating:
    """Judge the newest answer, once; a poor rating inside the region's window opens its assignment again."""
    appeal = await _lock(session, tracking_hash)
    history = await read_history(session, appeal.region, appeal.id)
    answer = last_answer(history)
    if answer is None or answer.assignment_id is None:
        raise NotAllowedNow("There is no answer to rate yet.")
    answer_id = UUID(answer.data["answer_id"])
    body_hash = keyed_hash(secrets.hash_key, b"rating", canonical(new))[:16]
    known = await row(session, StoredRating, _RATING, region=appeal.region, id=appeal.id, answer_id=answer_id)
    if known is not None:
        return _repeated(known, body_hash, new.comment)
    if not may_rate(appeal.status, history, ()):
        raise NotAllowedNow("This appeal can't be rated.")
    now = not_before(now, answer.at)
    days = await read_reopen_days(session, appeal.region)
    reopened = reopens(new.score, new.solved, answer.at, now, days)
    made = StoredRating(
        appeal.region, appeal.id, answer_id, new.score, new.solved, reopened, body_hash, rated_at=now
    )
    await insert_rows(session, rating, [made])
    comment = appeal.mask(secrets, new.comment) if new.comment else None
    await _record_rating(session, answer.assignment_id, made, new.model_copy(update={"comment": comment}))
    await _note_danger(session, secrets, appeal, new.comment, now)
    return _rating_of(made, new.comment)


def _repeated(known: StoredRating, body_hash: bytes, comment: str | None) -> Rating:
    if known.body_hash != body_hash:
        raise NotAllowedNow("This answer has been rated already.")
    return _rating_of(known, comment)


def _rating_of(stored: StoredRating, comment: str | None) -> Rating:
    rated = Rating.model_validate(stored, from_attributes=True)
    return rated.model_copy(update={"notice": _call_in(comment)})


async def _record_rating(
    session: AsyncSession, assignment_id: UUID, made: StoredRating, masked: NewRating
) -> None:
    event_keys = {
        "region": made.region,
        "appeal_id": made.appeal_id,
        "assignment_id": assignment_id,
        "answer_id": made.answer_id,
    }
    rated = AppealRated(**event_keys, **masked.model_dump(), rated_at=made.rated_at)
    if not made.reopened:
        await _record(session, rated)
        return
    reason = reopening_reason(made.score, made.solved)
    await _record(session, rated, AppealReopened(**event_keys, reason=reason, reopened_at=made.rated_at))


async def _record(
    session: AsyncSession,
    *events: AppealRated | AppealReopened | AppealClarified | AppealObjected | AppealWithdrawn,
) -> None:
    """Into the history and on the wire, there with the appeal's new version."""
    recorded = await record_events(session, events)
    state = recorded.projections[AppealKey(events[0].region, events[0].appeal_id)].state
    await emit(session, *(event.model_copy(update={"sequence": state.version}) for event in events))


async def clarify_appeal(
    session: AsyncSession, secrets: Secrets, tracking_hash: bytes, new: NewClarification, now: datetime
) -> Clarified:
    """Answer an organisation's question; the full words stay sealed here, the event carries masked ones."""
    appeal = await _lock(session, tracking_hash)
    body_hash = keyed_hash(secrets.hash_key, b"clarification", canonical(new))[:16]
    history = await read_history(session, appeal.region, appeal.id)
    if not may_clarify(appeal.status, history):
        return await _clarified_before(session, appeal, body_hash, new.text)
    now = not_before(now, *(entry.at for entry in history if entry.kind == "clarification_asked"))
    made = Clarification(
        region=appeal.region,
        appeal_id=appeal.id,
        id=uuid7(),
        key_id=secrets.keyring.current,
        sealed=secrets.keyring.seal_text(CLARIFICATION, appeal.id, new.text),
        body_hash=body_hash,
        clarified_at=now,
    )
    await insert_rows(session, clarification, [made])
    masked = appeal.mask(secrets, new.text)
    await _record(
        session, AppealClarified(region=appeal.region, appeal_id=appeal.id, text=masked, clarified_at=now)
    )
    is_danger = await _note_danger(session, secrets, appeal, new.text, now)
    return Clarified(clarified_at=now, notice=DANGER_NOTICE if is_danger else None)


async def _note_danger(
    session: AsyncSession, secrets: Secrets, appeal: TrackedAppeal, words: str | None, now: datetime
) -> bool:
    """Nobody reads what a citizen adds as soon as an emergency service answers: where it reports a danger, the citizen is asked
    to call, in the answer and wherever the appeal is shown until it is answered; and coordinators are told."""
    if words is None or not reports_danger(words):
        return False
    await register_danger(session, secrets, appeal.region, appeal.id, appeal.open(secrets), words, now)
    return True


def _call_in(words: str | None) -> str | None:
    return CALL_112 if words is not None and reports_danger(words) else None


async def _clarified_before(
    session: AsyncSession, appeal: TrackedAppeal, body_hash: bytes, words: str
) -> Clarified:
    before = await scalar(session, datetime, _CLARIFIED, region=appeal.region, id=appeal.id, body=body_hash)
    if before is None:
        raise NotAllowedNow("Nobody has asked for a clarification.")
    return Clarified(clarified_at=before, notice=DANGER_NOTICE if reports_danger(words) else None)


async def object_to_moderation(
    session: AsyncSession, secrets: Secrets, tracking_hash: bytes, new: NewObjection, now: datetime
) -> Objected:
    """Say why the appeal should not have been rejected or hidden, once for each decision; a moderator decides anew."""
    appeal = await _lock(session, tracking_hash)
    body_hash = keyed_hash(secrets.hash_key, b"objection", canonical(new))[:16]
    history = await read_history(session, appeal.region, appeal.id)
    if not may_object(appeal.status, history):
        return await _objected_before(session, appeal, body_hash, new.text)
    now = not_before(now, *(entry.at for entry in history if entry.kind == "moderated"))
    masked = appeal.mask(secrets, new.text)
    sealed = secrets.keyring.seal_text(OBJECTION, appeal.id, new.text)
    key_id = secrets.keyring.current
    made = StoredObjection(
        appeal.region, appeal.id, uuid7(), key_id, sealed, body_hash, masked, objected_at=now
    )
    await insert_rows(session, objection, [made])
    event = AppealObjected(region=appeal.region, appeal_id=appeal.id, text=masked, objected_at=now)
    await _record(session, event)
    await _note_danger(session, secrets, appeal, new.text, now)
    return Objected(objected_at=now, notice=_call_in(new.text))


async def _objected_before(
    session: AsyncSession, appeal: TrackedAppeal, body_hash: bytes, words: str
) -> Objected:
    before = await scalar(session, datetime, _OBJECTED, region=appeal.region, id=appeal.id, body=body_hash)
    if before is None:
        raise NotAllowedNow("There is no decision to object to.")
    return Objected(objected_at=before, notice=_call_in(words))


async def withdraw_appeal(session: AsyncSession, tracking_hash: bytes, now: datetime) -> Withdrawn:
    """Stop consideration (59-ФЗ ст. 5 п. 5) while it goes on."""
    appeal = await _lock(session, tracking_hash)
    if appeal.status == "withdrawn":
        history = await read_history(session, appeal.region, appeal.id)
        return Withdrawn(
            status="withdrawn", withdrawn_at=min(entry.at for entry in history if entry.kind == "withdrawn")
        )
    if not may_withdraw(appeal.status):
        raise NotAllowedNow("Consideration has ended; there is nothing to withdraw.")
    now = not_before(now, appeal.received_at)
    await settle_objections(session, AppealKey(appeal.region, appeal.id), now)
    await _record(session, AppealWithdrawn(region=appeal.region, appeal_id=appeal.id, withdrawn_at=now))
    return Withdrawn(status="withdrawn", withdrawn_at=now)
