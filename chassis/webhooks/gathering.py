"""From a service's feed of changes to what its webhooks are called with: one row for each event and webhook.

Each webhook has its place in the feed, as any reader has; what is registered, or decided, writes nothing for webhooks. Only so
much is taken as a receiver keeps up with: what else there is waits in the feed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, rows, run, scalar, update_returning
from chassis.feeds import FeedPlace, Generations, read_generations, settled
from chassis.revocations import Revocations
from chassis.webhooks.offer import WebhookOffer
from chassis.webhooks.rules.messages import WebhookMessage, is_wanted
from chassis.webhooks.tables import NewWebhookDelivery

log = structlog.get_logger()
MOST_WAITING: Final = 1000  # calls of one webhook; it reads on when it has fewer
AT_ONCE: Final = 500  # entries of the feed that are read for one webhook
# One replica reads the feed. The lock has no number of its own, as a lock on rows would: it holds up no feed.
_TAKE: Final = "SELECT pg_try_advisory_xact_lock(hashtext('otklik webhooks {schema}'))"
_ACTIVE: Final = """
SELECT w.id, w.owner, w.client_id, w.generation, w.regions, w.events, w.xid, w.position, w.history
FROM {schema}.webhook w WHERE w.state = 'active' AND :most > (SELECT count(*) FROM (
    SELECT FROM {schema}.webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting' LIMIT :most) AS s)
ORDER BY w.id
"""
_READ: Final = """
SELECT p.id AS webhook_id, f.xid, f.position, f.region, f.subject_id, '{noun}.' || f.change AS kind, f.status, f.version, f.at,
    n.number, {own_name} AS external_id
FROM unnest(:ids::uuid[], :owners::text[], :xids::bigint[], :positions::bigint[]) AS p(id, owner, xid, position)
CROSS JOIN LATERAL ({entries} AND (c.xid, c.position) > (p.xid, p.position) AND c.xid < {settled}
    ORDER BY c.xid, c.position LIMIT :limit) AS f
LEFT JOIN {objects} n ON n.region = f.region AND n.id = f.subject_id
ORDER BY p.id, f.xid, f.position
"""
_REVOKE: Final = """
UPDATE {schema}.webhook SET state = 'paused', paused_because = 'access_revoked' WHERE id = ANY(:ids) AND state = 'active'
"""


@dataclass(frozen=True, slots=True)
class _Reader:
    """A webhook as a reader of the feed."""

    id: UUID
    owner: str
    client_id: str
    generation: int
    regions: list[str] | None
    events: list[str]
    xid: int
    position: int
    history: str

    def wants(self, entry: _Entry) -> bool:
        """Whether an entry is called out. What was taken back with an import has no number any more."""
        within = self.regions is None or entry.region in self.regions
        return within and entry.number is not None and is_wanted(entry.kind, self.events)


@dataclass(frozen=True, slots=True)
class _Entry:
    webhook_id: UUID
    xid: int
    position: int
    region: str
    subject_id: UUID
    kind: str
    status: str | None
    version: int | None
    at: datetime
    number: str | None
    external_id: str | None

    def delivery(self) -> NewWebhookDelivery:
        """The row of it."""
        call = WebhookMessage(
            self.kind,
            self.at,
            self.subject_id,
            self.number or "",
            self.status or "",
            self.version or 0,
            self.external_id,
        )
        return NewWebhookDelivery(
            self.webhook_id, uuid7(), self.xid, self.position, self.subject_id, call.kind, call.body()
        )


@dataclass(frozen=True, slots=True)
class _Moved:
    id: UUID


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one look at the feed gave: how many webhooks there are to read for, how many calls, and whether there is more."""

    readers: int = 0
    calls: int = 0
    more: bool = False


async def gather(session: AsyncSession, offer: WebhookOffer, revocations: Revocations) -> Gathered:
    """Read on in the feed for every webhook that keeps up. At most seven statements; one that changes nothing where nothing
    has happened."""
    if not await scalar(session, bool, _TAKE.format(schema=offer.service)):
        return Gathered()
    readers = await rows(session, _Reader, _ACTIVE.format(schema=offer.service), most=MOST_WAITING)
    revoked = [each.id for each in readers if revocations.void(each.client_id, each.generation)]
    if revoked:
        log.warning("webhooks are paused, their clients' rights were taken back", webhooks=len(revoked))
        await run(session, _REVOKE.format(schema=offer.service), ids=revoked)
    allowed = {each.id: each for each in readers if each.id not in revoked}
    if not allowed:
        return Gathered()
    generations = await read_generations(session, offer.service)
    entries = await _read(session, offer, allowed, generations)
    calls = await _keep(session, offer, allowed, entries, generations)
    return Gathered(len(allowed), calls, any(len(each) == AT_ONCE for each in entries.values()))


async def _read(
    session: AsyncSession, offer: WebhookOffer, readers: Mapping[UUID, _Reader], generations: Generations
) -> Mapping[UUID, Sequence[_Entry]]:
    """The next entries of each, in their order."""
    places = [
        generations.resume(FeedPlace(each.xid, each.position, each.history)) for each in readers.values()
    ]
    sql = _READ.format(
        noun=offer.noun,
        own_name=offer.own_name,
        entries=offer.entries,
        objects=offer.objects,
        settled=settled(offer.service),
    )
    found = await rows(
        session,
        _Entry,
        sql,
        ids=list(readers),
        owners=[each.owner for each in readers.values()],
        xids=[each.xid for each in places],
        positions=[each.position for each in places],
        limit=AT_ONCE,
    )
    entries: dict[UUID, list[_Entry]] = defaultdict(list)
    for each in found:
        entries[each.webhook_id].append(each)
    return entries


async def _keep(
    session: AsyncSession,
    offer: WebhookOffer,
    readers: Mapping[UUID, _Reader],
    entries: Mapping[UUID, Sequence[_Entry]],
    generations: Generations,
) -> int:
    """Note how far was read, and what is to be called; how much that is. A webhook that was deleted meanwhile gets nothing."""
    moved = []
    for webhook_id, read in sorted(entries.items()):
        place = generations.place_after(read[-1].xid, read[-1].position)
        moved.append(
            {"id": webhook_id, "xid": place.xid, "position": place.position, "history": place.history}
        )
    there = await update_returning(session, _Moved, offer.webhook, moved, keys=("id",))
    deliveries = [
        each.delivery()
        for webhook_id in sorted(found.id for found in there)
        for each in entries[webhook_id]
        if readers[webhook_id].wants(each)
    ]
    await insert_rows(session, offer.delivery, deliveries, on_conflict="DO NOTHING")
    return len(deliveries)
