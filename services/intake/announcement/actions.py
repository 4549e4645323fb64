"""Masking follows the request: committed appeals get their masked text and are announced, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, rows, run, scalar
from chassis.outbox import emit
from chassis.sealing import Keyring, SealBroken
from contracts.extents import judge_point
from contracts.intake import AppealImported, AppealRegistered, Location, Regime
from services.intake.history.actions import row_of
from services.intake.migration.actions.preparing import KEY
from services.intake.migration.actions.undoing import note_imports
from services.intake.moderation.actions.flagging import FlaggedAppeal, flag_appeals, judge_text
from services.intake.moderation.rules.flags import FlaggedText
from services.intake.originals.rules import OriginalData, open_original
from services.intake.registration.rules.notices import reports_danger
from services.intake.registration.rules.searching import searched_text
from services.intake.tables import appeal_change, appeal_history, appeal_text, masking_pending
from services.intake.tables.appeals import AppealText
from services.intake.tables.histories import NewAppealChange

log = structlog.get_logger()
Announced = AppealRegistered | AppealImported
TEXTS_AT_ONCE = 16
# Whoever came another way is known by the account that the answer goes to.
WITHOUT_ACCOUNT: Final = frozenset(("paper", "email", "phone", "reception"))

_TAKE = """
WITH taken AS (
    DELETE FROM intake.masking_pending WHERE position IN (
        SELECT position FROM intake.masking_pending WHERE {which} ORDER BY position LIMIT :limit
        FOR UPDATE SKIP LOCKED)
    RETURNING position, region, appeal_id, traceparent, past, attempts
)
SELECT t.traceparent, t.past, t.attempts, a.region, a.id, a.number, a.regime, a.channel, a.client_id, a.municipality,
    a.lat, a.lon, a.requested_topic, a.complained_about, a.received_at, a.submitted_at, a.on_moderation, a.danger, a.received_on,
    o.key_id, o.sealed
FROM taken t
JOIN intake.appeal a ON a.region = t.region AND a.id = t.appeal_id
LEFT JOIN intake.original o ON o.region = t.region AND o.appeal_id = t.appeal_id
ORDER BY t.position
"""
# What is to be done, or what was set aside before a retry began.
_TAKE_WAITING: Final = _TAKE.format(which="problem IS NULL")
_TAKE_SET_ASIDE: Final = _TAKE.format(which="problem IS NOT NULL AND position <= :until")

# What the operator's routes show of it, as dead letters.
COUNT_SET_ASIDE = "SELECT count(*) FROM intake.masking_pending WHERE problem IS NOT NULL"
NEWEST_SET_ASIDE = """
SELECT appeal_id AS event_id, 'masking' AS handler, 'original' AS subject, problem AS error, attempts,
    coalesce(set_aside_at, now()) AS created_at
FROM intake.masking_pending WHERE problem IS NOT NULL ORDER BY set_aside_at DESC NULLS LAST LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Masked:
    """How many appeals were taken, and how many of them had to be set aside."""

    taken: int
    aside: int


@dataclass(frozen=True, slots=True)
class WaitingAppeal:
    """A committed appeal that nobody else knows of yet, with its original, if that is there."""

    region: str
    id: UUID
    number: str
    regime: Regime
    channel: str
    client_id: str
    municipality: str | None
    lat: float | None
    lon: float | None
    requested_topic: str | None
    complained_about: UUID | None
    received_at: datetime
    submitted_at: datetime | None
    on_moderation: bool
    danger: bool | None
    received_on: date | None
    traceparent: str | None
    past: dict[str, Any] | None
    attempts: int
    key_id: int | None
    sealed: bytes | None

    def open(self, keyring: Keyring) -> OriginalData:
        """Its original. SealBroken when that is missing or does not open."""
        if self.sealed is None or self.key_id is None:
            raise SealBroken("the original is missing")
        return open_original(keyring, self.id, self.key_id, self.sealed)

    def mask(self, original: OriginalData) -> AppealText:
        """Its texts as others may read them."""
        text, address = original.masked()
        return AppealText(self.region, self.id, text, address or None, searched_text(text))

    def judge(self, masked: AppealText) -> list[FlaggedAppeal]:
        """Its flags; nothing for a case of another system, which nobody moderates here."""
        if self.past is not None:
            return []
        text = FlaggedText(masked.text, self.channel, self.regime, danger=self.danger is True)
        return [judge_text(self.region, self.id, text)]

    def announce(self, masked: AppealText, original: OriginalData) -> AppealRegistered | AppealImported:
        """What the other services learn."""
        fields: dict[str, object] = {
            "traceparent": self.traceparent,
            "sequence": 1,
            "region": self.region,
            "appeal_id": self.id,
            "number": self.number,
            "regime": self.regime,
            "channel": self.channel,
            "client_id": self.client_id,
            "text": masked.text,
            "address": masked.address,
            "municipality": self.municipality,
            "received_at": self.received_at,
        }
        if self.lat is not None and self.lon is not None:
            fields["location"] = Location(lat=self.lat, lon=self.lon)
            fields["location_note"] = judge_point(self.region, self.lat, self.lon)
        if self.past is not None:
            return AppealImported.model_validate({**fields, **self.past})
        return AppealRegistered.model_validate(
            {
                **fields,
                "topic": self.requested_topic,
                "complained_about": self.complained_about,
                "submitted_at": self.submitted_at,
                "received_on": self.received_on,
                "on_moderation": self.on_moderation,
                "danger": reports_danger(original.text) if self.danger is None else self.danger,
                "anonymous": self.channel in WITHOUT_ACCOUNT and original.unanswerable,
            }
        )

    def set_aside(self, problem: str) -> SetAside:
        """For a person, with one attempt more."""
        return SetAside(
            self.region,
            self.id,
            self.traceparent,
            self.past,
            problem,
            self.attempts + 1,
            set_aside_at=datetime.now(UTC),
        )


@dataclass(frozen=True, slots=True)
class SetAside:
    """What is inserted of an appeal that could not be masked."""

    region: str
    appeal_id: UUID
    traceparent: str | None
    past: dict[str, Any] | None
    problem: str
    attempts: int
    set_aside_at: datetime


async def mask_appeals(session: AsyncSession, keyring: Keyring, limit: int) -> int:
    """Mask and announce up to `limit` waiting appeals; returns how many. Several workers share the queue."""
    waiting = await rows(session, WaitingAppeal, _TAKE_WAITING, limit=limit)
    return (await _work_off(session, keyring, waiting)).taken


async def mask_set_aside(session: AsyncSession, keyring: Keyring, limit: int, until: int) -> Masked:
    """The same for up to `limit` that were set aside up to the position `until`; what fails again has a later one."""
    waiting = await rows(session, WaitingAppeal, _TAKE_SET_ASIDE, limit=limit, until=until)
    return await _work_off(session, keyring, waiting)


async def last_set_aside(session: AsyncSession) -> int:
    """The position up to which `mask_set_aside` has to go; 0 when nothing was set aside."""
    found = await scalar(
        session, int, "SELECT max(position) FROM intake.masking_pending WHERE problem IS NOT NULL"
    )
    return found or 0


async def take_back(session: AsyncSession) -> None:
    """Everything that was set aside is to be tried again: a process may start with the keys that were missing."""
    await run(session, "UPDATE intake.masking_pending SET problem = NULL WHERE problem IS NOT NULL")


async def _work_off(session: AsyncSession, keyring: Keyring, waiting: Sequence[WaitingAppeal]) -> Masked:
    texts: list[AppealText] = []
    judged: list[FlaggedAppeal] = []
    events: list[Announced] = []
    aside: list[SetAside] = []
    for place, appeal in enumerate(waiting, 1):
        try:
            original = appeal.open(keyring)
            masked = appeal.mask(original)
            event, flags = appeal.announce(masked, original), appeal.judge(masked)
        except Exception as error:  # whatever is wrong with one appeal, its neighbours go on
            problem = _reason_of(error)
            log.error("original cannot be opened", appeal_id=str(appeal.id), problem=problem)
            aside.append(appeal.set_aside(problem))
        else:
            events.append(event)
            texts.append(masked)
            judged += flags
        if place % TEXTS_AT_ONCE == 0:
            await asyncio.sleep(0)  # requests go first
    events = _held(events, await flag_appeals(session, judged))
    imported = [event for event in events if isinstance(event, AppealImported)]
    await insert_rows(session, appeal_text, texts)
    await insert_rows(session, appeal_change, [_first_change(event) for event in events])
    await insert_rows(session, appeal_history, [row_of(event) for event in imported])
    await note_imports(
        session, imported, {appeal.id: appeal.past.get(KEY) for appeal in waiting if appeal.past}
    )
    await emit(session, *events)
    # What can't be read with the keys we have waits apart for a person, and holds up nobody.
    await insert_rows(session, masking_pending, aside)
    return Masked(len(waiting), len(aside))


def _held(events: Sequence[Announced], held: frozenset[UUID]) -> list[Announced]:
    """Of those that wait for a moderator others learn that, too."""
    return [
        event.model_copy(update={"on_moderation": True}) if event.appeal_id in held else event
        for event in events
    ]


def _reason_of(error: Exception) -> str:
    """Without what other errors quote: it may be the citizen's."""
    return str(error) if isinstance(error, SealBroken) else type(error).__name__


def _first_change(event: AppealRegistered | AppealImported) -> NewAppealChange:
    waits = isinstance(event, AppealRegistered) and event.on_moderation
    status = "on_moderation" if waits else "registered"
    return NewAppealChange(event.client_id, event.region, event.appeal_id, "registered", status, version=1)
