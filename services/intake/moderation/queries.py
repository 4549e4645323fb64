"""The moderator's work list."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.db import rows
from chassis.pages import merge_ranges
from chassis.principals import Principal
from services.intake.history.rules.statuses import AppealStatus
from services.intake.moderation.rules.flags import FlaggedText
from services.intake.moderation.schemas import FlagView, ModerationLine, ModerationPage, ObjectionView

_COLUMNS: Final = """
SELECT {place} AS place, a.id, a.number, a.region, a.channel, a.regime, a.status, t.text, a.received_at, a.version, a.flags,
    a.danger, {objection}
"""
_TEXT: Final = "JOIN intake.appeal_text t ON t.region = a.region AND t.appeal_id = a.id"
_REGIONS: Final = "unnest(:regions::text[]) AS r(region)"
_OBJECTED: Final = merge_ranges(
    _REGIONS,
    _COLUMNS.format(place="o.id", objection="o.masked, o.objected_at")
    + f"FROM intake.objection o JOIN intake.appeal a ON a.region = o.region AND a.id = o.appeal_id {_TEXT} "
    "WHERE o.region = r.region AND o.decided_at IS NULL AND o.id > :after",
    "place",
)
# An appeal with an objection is in the first part of the list already.
_WAITING: Final = merge_ranges(
    _REGIONS,
    _COLUMNS.format(place="a.id", objection="NULL::text AS masked, NULL::timestamptz AS objected_at")
    + f"FROM intake.appeal a {_TEXT} WHERE a.region = r.region AND a.status = 'on_moderation' AND a.id > :after "
    "AND NOT EXISTS (SELECT FROM intake.objection o WHERE o.region = a.region AND o.appeal_id = a.id "
    "AND o.decided_at IS NULL)",
    "place",
)
_Part = Literal["objections", "appeals"]
_PARTS: Final[dict[_Part, str]] = {"objections": _OBJECTED, "appeals": _WAITING}
_PARTS_FROM: Final[dict[_Part, tuple[_Part, ...]]] = {
    "objections": ("objections", "appeals"),
    "appeals": ("appeals",),
}


@dataclass(frozen=True, slots=True)
class _Waiting:
    place: UUID
    id: UUID
    number: str
    region: str
    channel: str
    regime: str
    status: AppealStatus
    text: str
    received_at: datetime
    version: int
    flags: list[str] | None
    danger: bool | None
    masked: str | None
    objected_at: datetime | None

    def line(self) -> ModerationLine:
        """As it is shown."""
        return ModerationLine(
            id=self.id,
            number=self.number,
            region=self.region,
            channel=self.channel,
            status=self.status,
            text=self.text,
            received_at=self.received_at,
            version=self.version,
            flags=self._flags(),
            objection=ObjectionView(text=self.masked, objected_at=self.objected_at)
            if self.masked is not None and self.objected_at is not None
            else None,
        )

    def _flags(self) -> list[FlagView]:
        """Those that were given, with the words that are found now: the text says the same as it said then."""
        text = FlaggedText(self.text, self.channel, self.regime, danger=self.danger is True)
        phrases: dict[str, str] = {flagged.flag: flagged.phrase for flagged in text.flags()}
        given = [{"flag": flag, "phrase": phrases.get(flag, "")} for flag in self.flags or ()]
        return [FlagView.model_validate(each) for each in given]


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page begins: in which part of the list, and behind which row of it."""

    part: _Part
    after: UUID


def _position(values: list[str] | None) -> _Position:
    if not values:
        return _Position("objections", UUID(int=0))
    return _Position("objections" if values[0] == "objections" else "appeals", UUID(values[1]))


async def list_waiting(
    session: AsyncSession, principal: Principal, cursors: Cursors, region: str | None, cursor: str, limit: int
) -> ModerationPage:
    """Masked appeals that wait for a decision: those whose applicant objects, oldest objection first; then by age."""
    decoded = cursors.decode("moderation", cursor)
    start = _position(list(decoded) if decoded else None)
    found = await _read_from(session, principal.regions_within(region), start, limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    last = cursors.encode("moderation", shown[-1][0], str(shown[-1][1].place)) if more else None
    # Flags are found anew in up to a thousand texts: whoever asks for something else does not wait for that.
    items = await asyncio.to_thread(lambda: [each.line() for _, each in shown])
    return ModerationPage(items=items, next_cursor=last)


async def _read_from(
    session: AsyncSession, regions: object, start: _Position, count: int
) -> list[tuple[_Part, _Waiting]]:
    """So many rows of the list from a position on, each with the part it stands in."""
    found: list[tuple[_Part, _Waiting]] = []
    for part in _PARTS_FROM[start.part]:
        after = start.after if part == start.part else UUID(int=0)
        missing = count - len(found)
        if missing > 0:
            read = await rows(session, _Waiting, _PARTS[part], regions=regions, after=after, limit=missing)
            found += [(part, each) for each in read]
    return found
