"""The live stream: what happens, to whom it concerns, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from fastapi.responses import Response

from chassis.db import open_rows_of
from chassis.event_streams import COMMENT, MEDIA_TYPE, EventStream, event_of
from chassis.feeds import FeedPlace
from chassis.principals import Principal
from chassis.resources import resources_in
from chassis.strict_routes import Router
from services.analytics.announcements.actions import WAKE_UP
from services.analytics.announcements.queries.entries import AT_ONCE, Entry, Place, read_entries
from services.analytics.announcements.rules import concerns
from services.analytics.figures.api import Reader, read_subject
from services.analytics.resources import AnalyticsResources
from services.analytics.store.rules.filters import Filter
from services.analytics.stream.actions import begin_reading, find_figures
from services.analytics.stream.rules import NO_FIGURES, Position, kind_of

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
COMMENT_SECONDS: Final = 15.0
REVOKED_SECONDS: Final = 2.0  # within so many a token that is taken back ends its stream
RESET: Final = b'{"reason":"too-old"}'
_EXAMPLE: Final = (
    "event: breach\nid: 4tBmJk1w\n"
    'data: {"region":"46","appeal_id":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b","clock":"answer"}\n\n'
)
_STREAMED: Final[dict[str, Any]] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": "Events `figures`, `breach`, `problem` and `reset`, each with an `id`; a comment every 15 s.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
}
LastEventId = Annotated[
    str, Query(max_length=2000, description="`id` of the last event that was read; empty: from now on.")
]
LastEventIdHeader = Annotated[
    str,
    Header(alias="Last-Event-ID", max_length=2000, description="The same, as browsers send it; it counts."),
]


def read_audience(
    principal: Reader,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2}$")] = None,
    municipality: Annotated[str | None, Query(pattern=r"^[0-9]{8}([0-9]{3})?$")] = None,
    organisation: UUID | None = None,
) -> Filter:
    """What somebody listens to: 403 outside the token's reach."""
    return read_subject(principal, region, municipality, organisation)


@dataclass
class Listener:
    """Somebody who listens, and how far it has come. `figures`: the digest of those it has got."""

    resources: AnalyticsResources
    principal: Principal
    audience: Filter
    place: Place
    figures: str
    must_reset: bool = False

    async def events(self) -> AsyncIterator[bytes]:
        """What concerns it, piece by piece, without end but for a token that is taken back."""
        broadcast, clock = self.resources.broadcast, asyncio.get_running_loop().time
        comment_at = clock() + COMMENT_SECONDS
        with broadcast.listening(self.audience):
            self.resources.wake_ups[WAKE_UP].ring()
            yield await self._first()
            while not self._is_revoked():
                piece, is_whole = await self._next()
                if clock() >= comment_at:
                    piece, comment_at = piece + COMMENT, clock() + COMMENT_SECONDS
                if piece:
                    yield piece
                elif is_whole:
                    await broadcast.wait(min(REVOKED_SECONDS, max(0.0, comment_at - clock())))

    async def _first(self) -> bytes:
        """Figures at once, unless it has these already: so it has an id to go on from, whatever comes."""
        await begin_reading(self.resources)
        reset = self._event("reset", RESET) if self.must_reset else b""
        await find_figures(self.resources, self.audience)
        return reset + (self._figures() or COMMENT)

    async def _next(self) -> tuple[bytes, bool]:
        """The next piece, empty if there is none; whether it holds all there was."""
        figures = self._figures()
        found = self.resources.broadcast.entries_after(self.place)
        if found is None:
            return figures + await self._read_on(), False
        piece = b"".join(self._render(entry) for entry in found[:AT_ONCE])
        return figures + piece, len(found) <= AT_ONCE

    async def _read_on(self) -> bytes:
        """From the database, up to where this process stands: from there on it remembers."""
        until = (await begin_reading(self.resources)).place
        async with self.resources.reading_sessions() as session:
            await open_rows_of(session, self.principal)
            found = await read_entries(session, self.place, until)
        piece = b"".join(self._render(entry) for entry in found)
        if len(found) < AT_ONCE:
            self.place = max(self.place, until)
        return piece

    def _render(self, entry: Entry) -> bytes:
        self.place = entry.place
        return self._event(entry.event, entry.data.encode()) if concerns(self.audience, entry) else b""

    def _figures(self) -> bytes:
        known = self.resources.broadcast.figures.get(self.audience)
        if known is None or known.digest == self.figures:
            return b""
        self.figures = known.digest
        return self._event("figures", known.data)

    def _event(self, event: str, data: bytes) -> bytes:
        begun = self.resources.broadcast.begun
        assert begun is not None
        history = begun.generations.place_after(*self.place).history
        values = (*self.place, history, self.figures)
        return event_of(event, self.resources.cursors.encode(kind_of(self.audience), *values), data)

    def _is_revoked(self) -> bool:
        return self.resources.verifier.revocations.voids(self.principal)


@router.get("/stream", **_STREAMED)
async def listen(
    principal: Reader,
    audience: Annotated[Filter, Depends(read_audience)],
    request: Request,
    last_event_id: LastEventId = "",
    header: LastEventIdHeader = "",
) -> Response:
    """What happens, as it happens: `figures` of today when they change, every `breach` of a deadline and every `problem`. With the
    id of the last event it goes on behind that; after two days there is a `reset` instead."""
    resources = resources_in(request.app, AnalyticsResources)
    listener = await _find_place(resources, principal, audience, header or last_event_id)
    return EventStream(listener.events(), principal.expires_at)


async def _find_place(
    resources: AnalyticsResources, principal: Principal, audience: Filter, last_id: str
) -> Listener:
    """Where a listener goes on; 400 for an id that was not issued to such a one."""
    found = resources.cursors.decode(kind_of(audience), last_id)
    begun = await begin_reading(resources)
    if not found:
        return Listener(resources, principal, audience, begun.place, NO_FIGURES)
    known = Position(*found)
    place = begun.generations.resume(FeedPlace(known.xid, known.position, known.history))
    after = Place(place.xid, place.position)
    if after < begun.gone:
        return Listener(resources, principal, audience, begun.place, NO_FIGURES, must_reset=True)
    return Listener(resources, principal, audience, after, known.figures)
