"""Requests everybody may read: appeals that came over Open311 and that moderation does not hold (ADR 42)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, scalar
from chassis.moments import utc_now
from chassis.partitions import lowest_uuid7
from chassis.sealing import Keyring
from services.intake.appeals.queries.found import COLUMNS, JOINS, TEXTS, FoundAppeal
from services.intake.appeals.schemas import AppealLine
from services.intake.history.queries import answers_of, read_histories
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.public import PUBLIC_CHANNEL, is_public
from services.intake.history.rules.statuses import STATUS_NAMES, AppealStatus
from services.intake.keys import AppealKey
from services.intake.local_time import zone_of
from services.intake.open311.rules.periods import Period, end_of_day
from services.intake.open311.rules.statuses import HIDDEN, shown_status
from services.intake.open311.schemas.documents import ServiceRequest

LONGEST: Final = 4_000  # characters of a text, by the standard
# Where flags may hold an appeal nobody reads it before they are given, which is when its text is masked. Scalar, because what
# EXISTS asks may be answered by reading the whole table.
JUDGED: Final = """
(coalesce((SELECT cardinality(s.holding_flags) = 0 FROM intake.region_setting s WHERE s.region = a.region), true)
    OR (SELECT true FROM intake.appeal_text j WHERE j.region = a.region AND j.appeal_id = a.id) IS NOT NULL)
"""
_OPEN: Final = f"a.channel = '{PUBLIC_CHANNEL}' AND a.regime = 'message' AND a.status <> ALL(:hidden)"
_PUBLIC: Final = f"{_OPEN} AND {JUDGED}"
_SHOWN: Final = f"""
{COLUMNS}, a.requested_topic, (a.on_moderation OR coalesce(a.held, false)) AS on_moderation,
    (SELECT max(u.at) FROM intake.public_update u WHERE u.region = a.region AND u.appeal_id = a.id) AS updated_at,
    (SELECT n.name FROM intake.topic n WHERE n.region = a.region AND n.code = coalesce(a.topic_code, a.requested_topic))
        AS service_name,
    EXISTS (SELECT FROM intake.appeal_history h
        WHERE h.region = a.region AND h.appeal_id = a.id AND h.kind = 'moderated') AS moderated
"""
_SOME: Final = f"""
{_SHOWN} FROM intake.appeal a {JOINS.format(texts=TEXTS)}
WHERE a.region = ANY(:regions) AND a.id = ANY(:ids) AND {_PUBLIC} ORDER BY a.id DESC
"""
# Newest first, by the index of what is public; an id holds the moment of its request.
_PAGE: Final = f"""
SELECT a.region, a.id FROM intake.appeal a
WHERE a.region = :region AND {_PUBLIC} {{narrowed}} ORDER BY a.id DESC LIMIT :limit OFFSET :skipped
"""
_LIST: Final = f"""
{_SHOWN} FROM ({{page}}) AS p JOIN intake.appeal a ON a.region = p.region AND a.id = p.id
{JOINS.format(texts=TEXTS)} ORDER BY a.id DESC
"""
_WAITS: Final = f"""
SELECT a.status = 'on_moderation' OR NOT {JUDGED} FROM intake.appeal a
WHERE a.region = ANY(:regions) AND a.id = :id AND a.channel = '{PUBLIC_CHANNEL}' AND a.status <> 'rejected'
"""
_OF: Final = "FROM intake.public_update u WHERE u.region = a.region AND u.appeal_id = a.id"
_NARROWED: Final[Mapping[str, str]] = {
    "low": "AND a.id >= :low",
    "high": "AND a.id < :high",
    "codes": "AND coalesce(a.topic_code, a.requested_topic) = ANY(:codes)",
    "statuses": "AND a.status = ANY(:statuses)",
    # Since long ago nearly all are meant, so that a page is full soon; lately a few, which two ranges of indexes find.
    "updated_after": f"AND (a.id >= :new OR EXISTS (SELECT {_OF} AND u.at >= :updated_after))",
    "updated_lately": f"""AND a.id IN (
    SELECT n.id FROM intake.appeal n WHERE n.region = :region AND n.channel = '{PUBLIC_CHANNEL}' AND n.id >= :new
    UNION SELECT u.appeal_id FROM intake.public_update u WHERE u.region = :region AND u.at >= :updated_lately)""",
    "updated_before": f"AND a.id < :old AND NOT EXISTS (SELECT {_OF} AND u.at > :updated_before)",
}
_NEXT_ID: Final = timedelta(milliseconds=1)
_LATELY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FoundRequest(FoundAppeal):
    """A row of `_SHOWN`. `moderated`: a person has decided about it, in whatever way."""

    requested_topic: str | None
    on_moderation: bool
    updated_at: datetime | None
    service_name: str | None
    moderated: bool

    @property
    def key(self) -> AppealKey:
        """Which appeal it is."""
        return AppealKey(self.region, self.id)

    @property
    def needs_history(self) -> bool:
        """Whether its history has to be read: for its answers, or for what moderation has decided."""
        return bool(self.answers) or self.moderated or self.on_moderation


class _PublicLine(AppealLine):
    """Masked, with the address."""

    address: str | None


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a list is narrowed to; empty: not by that. `codes`: topics."""

    region: str
    requested: Period | None
    statuses: Sequence[AppealStatus]
    codes: Collection[str] = field(default_factory=list)
    updated_after: datetime | None = None
    updated_before: datetime | None = None

    def parameters(self) -> dict[str, object]:
        """Of the conditions that hold."""
        span: dict[str, object] = {}
        if self.requested:
            # The second that `end` names belongs to it: dates are shown to the second.
            end = self.requested.end.timestamp() + 1
            span = {
                "low": lowest_uuid7(self.requested.start),
                "high": lowest_uuid7(datetime.fromtimestamp(end, self.requested.end.tzinfo)),
            }
        others = {
            "codes": sorted(self.codes),
            "statuses": list(self.statuses),
            self._since: self.updated_after,
            "updated_before": self.updated_before,
        }
        return span | {name: value for name, value in others.items() if value}

    @property
    def _since(self) -> str:
        is_late = self.updated_after is not None and self.updated_after > utc_now() - _LATELY
        return "updated_lately" if is_late else "updated_after"

    def ids(self) -> dict[str, UUID]:
        """Where the ids of requests begin that came since a moment, and of those that came after another."""
        ids = {}
        if self.updated_after:
            ids["new"] = lowest_uuid7(self.updated_after)
        if self.updated_before:
            ids["old"] = lowest_uuid7(self.updated_before + _NEXT_ID)
        return ids


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a list: `limit` requests after the first `skipped`."""

    limit: int
    skipped: int = 0


async def list_requests(
    session: AsyncSession, keyring: Keyring, wanted: RequestFilter, cut: Cut
) -> list[ServiceRequest]:
    """Newest first. A page may be shorter by what a moderator has hidden."""
    parameters = wanted.parameters()
    page = _PAGE.format(narrowed=" ".join(_NARROWED[name] for name in parameters))
    found = await rows(
        session,
        FoundRequest,
        _LIST.format(page=page),
        region=wanted.region,
        hidden=list(HIDDEN),
        limit=cut.limit,
        skipped=cut.skipped,
        **parameters,
        **wanted.ids(),
    )
    return await _show(session, keyring, found)


async def read_requests(
    session: AsyncSession, keyring: Keyring, regions: Sequence[str], ids: Sequence[UUID]
) -> list[ServiceRequest]:
    """Those with these ids that everybody may read, newest first; the others are missing."""
    found = await rows(
        session, FoundRequest, _SOME, regions=list(regions), ids=list(ids), hidden=list(HIDDEN)
    )
    return await _show(session, keyring, found)


async def waits_to_be_public(session: AsyncSession, regions: Sequence[str], id: UUID) -> bool | None:
    """Whether moderation, or the flags that it looks at, have still to say whether everybody may read a request; None for an
    id that is none."""
    return await scalar(session, bool, _WAITS, regions=list(regions), id=id)


async def _show(
    session: AsyncSession, keyring: Keyring, found: Sequence[FoundRequest]
) -> list[ServiceRequest]:
    keys = [each.key for each in found if each.needs_history]
    histories = await read_histories(session, keys) if keys else {}
    shown = []
    for each in found:
        history = sort_history(histories.get(each.key, ()))
        if is_public(history, held=each.on_moderation):
            shown.append(_request_of(each, history, keyring))
    return shown


def _request_of(found: FoundRequest, history: list[HistoryEntry], keyring: Keyring) -> ServiceRequest:
    line = found.show_as(_PublicLine, keyring)
    zone = zone_of(found.region)
    day = found.promised_on or found.due_on
    is_placed = found.location_note is None
    return ServiceRequest(
        service_request_id=str(found.id),
        status=shown_status(found.status),
        status_notes=_notes(found.status, history),
        service_name=found.service_name or line.topic_name,
        service_code=found.topic_code or found.requested_topic or "",
        description=line.text[:LONGEST],
        agency_responsible=line.organisation,
        service_notice=line.due_reason,
        requested_datetime=written(found.received_at, found.region),
        updated_datetime=written(found.updated_at or found.received_at, found.region),
        expected_datetime=end_of_day(day, zone).isoformat() if day else None,
        address=line.address,
        address_id=None,
        zipcode=None,
        lat=found.lat if is_placed else None,
        long=found.lon if is_placed else None,
        media_url=None,
    )


def _notes(status: AppealStatus, history: list[HistoryEntry]) -> str:
    """Where it stands, and what the newest answer says."""
    answers = answers_of(history)
    words = [STATUS_NAMES[status], *(each.text for each in answers[-1:])]
    return ". ".join(words)[:LONGEST]


def written(moment: datetime, region: str) -> str:
    """An instant to the second, on the region's own clock."""
    return moment.astimezone(zone_of(region)).isoformat(timespec="seconds")
