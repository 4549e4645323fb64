"""What a citizen does on the tracking page: rate, clarify, withdraw. Each repeat gets the first answer again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.idempotency import canonical, keyed_hash
from chassis.moments import not_before
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound
from contracts.event import Event
from contracts.intake import AppealClarified, AppealRated, AppealReopened, AppealWithdrawn
from services.intake.history.actions import Happened, read_history, record_history
from services.intake.history.rules.projection import Entry
from services.intake.masking import mask_text
from services.intake.masking.persons import mask_words
from services.intake.originals.rules import CLARIFICATION, Secrets, open_original
from services.intake.regions.schemas import DEFAULT_REOPEN_DAYS
from services.intake.tables import clarification, rating
from services.intake.tracking.rules import (
    last_answer,
    may_clarify,
    may_rate,
    may_withdraw,
    reopening_reason,
    reopens,
)
from services.intake.tracking.schemas import Clarified, NewClarification, NewRating, Rating, Withdrawn

_BY_CODE = (
    "SELECT a.*, o.key_id, o.sealed FROM intake.register r "
    "JOIN intake.appeal a ON a.region = r.region AND a.id = r.appeal_id "
    "JOIN intake.original o ON o.region = r.region AND o.appeal_id = r.appeal_id "
    "WHERE r.tracking_hash = :tracking_hash"
)


async def _lock(session: AsyncSession, tracking_hash: bytes) -> RowMapping:
    """The appeal behind a code, locked: what one citizen does happens one after the other."""
    found = await session.execute(
        text(f"{_BY_CODE} FOR NO KEY UPDATE OF a"), {"tracking_hash": tracking_hash}
    )
    row = found.mappings().first()
    if row is None:
        raise NotFound
    return row


def _mask(secrets: Secrets, appeal: RowMapping, words: str) -> str:
    data = open_original(secrets.keyring, appeal["id"], appeal["key_id"], bytes(appeal["sealed"]))
    return mask_words(mask_text(words, data.name), data.person)


async def rate_answer(
    session: AsyncSession, secrets: Secrets, tracking_hash: bytes, new: NewRating, now: datetime
) -> Rating:
    """Judge the newest answer, once; a poor rating inside the region's window opens its assignment again."""
    appeal = await _lock(session, tracking_hash)
    history = await read_history(session, appeal["region"], appeal["id"])
    answer = last_answer(history)
    if answer is None or answer.assignment_id is None:
        raise NotAllowedNow("There is no answer to rate yet.")
    now = not_before(now, answer.at)
    answer_id = UUID(answer.data["answer_id"])
    body_hash = keyed_hash(secrets.hash_key, b"rating", canonical(new))[:16]
    known = await _read_rating(session, appeal, answer_id)
    if known is not None:
        if bytes(known["body_hash"]) != body_hash:
            raise NotAllowedNow("This answer has been rated already.")
        return Rating.model_validate(dict(known))
    if not may_rate(appeal["status"], history, ()):
        raise NotAllowedNow("This appeal can't be rated.")
    reopened = reopens(new.score, new.solved, answer.at, now, await _read_window(session, appeal["region"]))
    made = Rating(answer_id=answer_id, score=new.score, solved=new.solved, reopened=reopened, rated_at=now)
    row = {"region": appeal["region"], "appeal_id": appeal["id"], "body_hash": body_hash, **made.model_dump()}
    await insert_rows(session, rating, [row])
    comment = _mask(secrets, appeal, new.comment) if new.comment else None
    await _tell_rating(
        session, appeal, answer.assignment_id, made, new.model_copy(update={"comment": comment})
    )
    return made


async def _read_rating(session: AsyncSession, appeal: RowMapping, answer_id: UUID) -> RowMapping | None:
    found = await session.execute(
        text(
            "SELECT answer_id, score, solved, reopened, rated_at, body_hash FROM intake.rating "
            "WHERE region = :region AND appeal_id = :id AND answer_id = :answer_id"
        ),
        {"region": appeal["region"], "id": appeal["id"], "answer_id": answer_id},
    )
    return found.mappings().first()


async def _read_window(session: AsyncSession, region: str) -> int:
    days = await session.scalar(
        text("SELECT reopen_days FROM intake.region_setting WHERE region = :region"), {"region": region}
    )
    return DEFAULT_REOPEN_DAYS if days is None else int(days)


async def _tell_rating(
    session: AsyncSession, appeal: RowMapping, assignment_id: UUID, made: Rating, masked: NewRating
) -> None:
    about = {"region": appeal["region"], "appeal_id": appeal["id"], "assignment_id": assignment_id}
    told = masked.model_dump()
    rated = AppealRated(**about, **told, answer_id=made.answer_id, rated_at=made.rated_at)
    data = {"answer_id": str(made.answer_id), **told}
    happened = [_happened(rated, appeal["id"], "rated", made.rated_at, assignment_id, data)]
    events: list[Event] = [rated]
    if made.reopened:
        reason = reopening_reason(made.score, made.solved)
        reopened = AppealReopened(**about, answer_id=made.answer_id, reason=reason, reopened_at=made.rated_at)
        data = {"answer_id": str(made.answer_id), "reason": reason}
        happened.append(
            _happened(reopened, appeal["id"], "appeal_reopened", made.rated_at, assignment_id, data)
        )
        events.append(reopened)
    await _record(session, happened, events)


def _happened(
    event: Event,
    appeal_id: UUID,
    kind: str,
    at: datetime,
    assignment_id: UUID | None,
    data: dict[str, object],
) -> Happened:
    return Happened(event.region, appeal_id, Entry(event.id, kind, at, 0, assignment_id, data))


async def _record(session: AsyncSession, happened: list[Happened], events: list[Event]) -> str:
    """History and events together; the events carry the appeal's new version. Returns the new status."""
    folded = await record_history(session, happened)
    state = folded[happened[0].region, happened[0].appeal_id].state
    await emit(session, *(event.model_copy(update={"sequence": state.version}) for event in events))
    return state.status


async def clarify_appeal(
    session: AsyncSession, secrets: Secrets, tracking_hash: bytes, new: NewClarification, now: datetime
) -> Clarified:
    """Answer a body's question; the full words stay sealed here, the event carries masked ones."""
    appeal = await _lock(session, tracking_hash)
    body_hash = keyed_hash(secrets.hash_key, b"clarification", canonical(new))[:16]
    history = await read_history(session, appeal["region"], appeal["id"])
    if not may_clarify(appeal["status"], history):
        said = await session.scalar(
            text(
                "SELECT clarified_at FROM intake.clarification "
                "WHERE region = :region AND appeal_id = :id AND body_hash = :body ORDER BY clarified_at DESC LIMIT 1"
            ),
            {"region": appeal["region"], "id": appeal["id"], "body": body_hash},
        )
        if said is None:
            raise NotAllowedNow("Nobody has asked for a clarification.")
        return Clarified(clarified_at=said)
    now = not_before(now, *(entry.at for entry in history if entry.kind == "clarification_asked"))
    row = {
        "region": appeal["region"],
        "appeal_id": appeal["id"],
        "id": uuid7(),
        "key_id": secrets.keyring.current,
        "sealed": secrets.keyring.seal_text(CLARIFICATION, appeal["id"], new.text),
        "body_hash": body_hash,
        "clarified_at": now,
    }
    await insert_rows(session, clarification, [row])
    masked = _mask(secrets, appeal, new.text)
    event = AppealClarified(region=appeal["region"], appeal_id=appeal["id"], text=masked, clarified_at=now)
    await _record(
        session, [_happened(event, appeal["id"], "clarified", now, None, {"text": masked})], [event]
    )
    return Clarified(clarified_at=now)


async def withdraw_appeal(session: AsyncSession, tracking_hash: bytes, now: datetime) -> Withdrawn:
    """Stop consideration (59-ФЗ ст. 5 п. 5) while it goes on."""
    appeal = await _lock(session, tracking_hash)
    if appeal["status"] == "withdrawn":
        history = await read_history(session, appeal["region"], appeal["id"])
        return Withdrawn(
            status="withdrawn", withdrawn_at=min(entry.at for entry in history if entry.kind == "withdrawn")
        )
    if not may_withdraw(appeal["status"]):
        raise NotAllowedNow("Consideration has ended; there is nothing to withdraw.")
    now = not_before(now, appeal["received_at"])
    event = AppealWithdrawn(region=appeal["region"], appeal_id=appeal["id"], withdrawn_at=now)
    await _record(session, [_happened(event, appeal["id"], "withdrawn", now, None, {})], [event])
    return Withdrawn(status="withdrawn", withdrawn_at=now)
