"""What happened to public requests, as mySociety's extension asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.intake.history.queries import read_histories
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.kinds import ANSWERS, kind_of
from services.intake.history.rules.projection import fold_appeal
from services.intake.history.rules.public import is_public
from services.intake.keys import AppealKey
from services.intake.open311.queries.requests import JUDGED, LONGEST, Cut, written
from services.intake.open311.rules.periods import Period
from services.intake.open311.rules.statuses import HIDDEN, shown_status
from services.intake.open311.schemas.documents import RequestUpdate

_UPDATES: Final = f"""
SELECT u.region, u.appeal_id, u.event_id, u.at, (a.on_moderation OR coalesce(a.held, false)) AS on_moderation
FROM intake.public_update u JOIN intake.appeal a ON a.region = u.region AND a.id = u.appeal_id
WHERE u.region = :region AND u.at >= :start AND u.at <= :end AND a.status <> ALL(:hidden) AND {JUDGED}
    AND (:request::uuid IS NULL OR u.appeal_id = :request::uuid)
ORDER BY u.at, u.event_id LIMIT :limit OFFSET :skipped
"""


@dataclass(frozen=True, slots=True)
class UpdateFilter:
    """Of which region, when, and of one request alone, if it is named."""

    region: str
    period: Period
    request: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    region: str
    appeal_id: UUID
    event_id: UUID
    at: datetime
    on_moderation: bool

    @property
    def key(self) -> AppealKey:
        return AppealKey(self.region, self.appeal_id)


async def list_updates(session: AsyncSession, wanted: UpdateFilter, cut: Cut) -> list[RequestUpdate]:
    """In the order in which things happened."""
    found = await rows(
        session,
        _Found,
        _UPDATES,
        region=wanted.region,
        start=wanted.period.start,
        end=wanted.period.end,
        request=wanted.request,
        hidden=list(HIDDEN),
        limit=cut.limit,
        skipped=cut.skipped,
    )
    histories = await read_histories(session, {each.key for each in found}) if found else {}
    ordered = {key: sort_history(entries) for key, entries in histories.items()}
    return [
        _update_of(each, ordered[each.key])
        for each in found
        if is_public(ordered.get(each.key, ()), held=each.on_moderation)
        and any(entry.event_id == each.event_id for entry in ordered.get(each.key, ()))
    ]


def _update_of(found: _Found, history: Sequence[HistoryEntry]) -> RequestUpdate:
    place = next(place for place, entry in enumerate(history) if entry.event_id == found.event_id)
    after = fold_appeal(history[: place + 1], on_moderation=found.on_moderation).state.status
    return RequestUpdate(
        update_id=str(found.event_id),
        service_request_id=str(found.appeal_id),
        status=shown_status(after),
        updated_datetime=written(found.at, found.region),
        description=_describe(history[place])[:LONGEST],
        media_url=None,
    )


def _describe(entry: HistoryEntry) -> str:
    """Its sentence, and of an answer the masked text; reasons, which may be anybody's words, stay out."""
    sentence = kind_of(entry).what(entry)
    return f"{sentence}. {entry.data['text']}" if entry.kind in ANSWERS else sentence
