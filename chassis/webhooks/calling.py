"""Calling receivers: what is due is claimed, called, and what came of it noted, each in a transaction of its own.

A claim that is never answered for – the process was killed – ends by itself, and the call is made again under the same id.
Of one appeal, or assignment, a later event waits for the earlier one. A receiver that is slow or away has a few calls under way
and holds up no other.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from random import random
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_work, rows, run, scalar
from chassis.metrics import WEBHOOK_CALLS
from chassis.moments import utc_now
from chassis.resources import Sessions
from chassis.sealing import Keyring, SealBroken
from chassis.tasks import turned
from chassis.webhooks.actions import SEALED_AS
from chassis.webhooks.offer import Webhooks
from chassis.webhooks.receivers import Receivers
from chassis.webhooks.rules.retrying import CallResult, Tried, Verdict, judge
from chassis.webhooks.rules.signing import signed_headers

log = structlog.get_logger()
MOST_AT_ONCE: Final = 64  # calls under way
MOST_OF_ONE: Final = 4  # of them to one webhook; one, while it is failing
CLAIM_SECONDS: Final = 60  # longer than any call takes
SOON_SECONDS: Final = 1.0
QUIET_SECONDS: Final = 30.0
_CLAIM: Final = f"""
WITH due AS (
    SELECT d.webhook_id, d.id FROM {{schema}}.webhook w CROSS JOIN LATERAL (
        SELECT count(*) AS many FROM {{schema}}.webhook_delivery u
        WHERE u.webhook_id = w.id AND u.state = 'waiting' AND u.claimed_until >= now()) AS under_way CROSS JOIN LATERAL (
        SELECT d.webhook_id, d.id, d.next_at FROM {{schema}}.webhook_delivery d
        WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= now()
            AND (d.claimed_until IS NULL OR d.claimed_until < now())
            AND (d.xid IS NULL OR w.state = 'active' AND (w.rests_until IS NULL OR w.rests_until <= now()))
            AND NOT EXISTS (SELECT FROM {{schema}}.webhook_delivery e WHERE e.webhook_id = d.webhook_id
                AND e.subject_id = d.subject_id AND e.state = 'waiting' AND (e.xid, e.position) < (d.xid, d.position))
        ORDER BY d.next_at, d.id
        LIMIT greatest(0, CASE WHEN w.failures > 0 THEN 1 ELSE {MOST_OF_ONE} END - under_way.many)
        FOR NO KEY UPDATE SKIP LOCKED) AS d
    ORDER BY under_way.many, d.next_at LIMIT :most)
UPDATE {{schema}}.webhook_delivery d SET claimed_until = now() + make_interval(secs => {CLAIM_SECONDS}), tried_at = now(),
    first_tried_at = coalesce(d.first_tried_at, now())
FROM due JOIN {{schema}}.webhook w ON w.id = due.webhook_id
WHERE d.webhook_id = due.webhook_id AND d.id = due.id
RETURNING d.webhook_id, d.id, d.xid IS NULL AS is_test, d.body, d.attempts, d.first_tried_at,
    w.url, w.key_id, w.sealed, w.old_key_id, w.old_sealed, w.old_until, w.failures, w.failing_since
"""
_WAITS: Final = """
SELECT EXISTS (SELECT FROM {schema}.webhook_delivery d JOIN {schema}.webhook w ON w.id = d.webhook_id
    WHERE d.state = 'waiting' AND (w.state = 'active' OR d.xid IS NULL))
"""
_NOTE: Final = """
UPDATE {schema}.webhook_delivery SET state = :state, attempts = attempts + 1, next_at = :next_at, claimed_until = NULL,
    answered = :answered::smallint, problem = :problem::text
WHERE webhook_id = :webhook AND id = :id
"""
_REACHED: Final = """
UPDATE {schema}.webhook SET failures = 0, failing_since = NULL, rests_until = NULL WHERE id = :webhook AND failures > 0
"""
_MISSED: Final = """
UPDATE {schema}.webhook SET failures = :failures, failing_since = coalesce(failing_since, :now),
    rests_until = :rests_until::timestamptz, state = CASE WHEN :because::text IS NULL THEN state ELSE 'paused' END,
    paused_because = CASE WHEN state = 'paused' THEN paused_because ELSE :because::text END
WHERE id = :webhook
"""


@dataclass(frozen=True, slots=True)
class _Due:
    """A call that is ours to make until its claim ends."""

    webhook_id: UUID
    id: UUID
    is_test: bool
    body: str
    attempts: int
    first_tried_at: datetime
    url: str
    key_id: int
    sealed: bytes
    old_key_id: int | None
    old_sealed: bytes | None
    old_until: datetime | None
    failures: int
    failing_since: datetime | None

    @property
    def tried(self) -> Tried:
        """As it is judged."""
        return Tried(self.is_test, self.attempts, self.first_tried_at, self.failures, self.failing_since)

    def secrets(self, keyring: Keyring, now: datetime) -> list[str]:
        """Those that are good now, the newest first. SealBroken where they do not open."""
        kept = [keyring.open_text(SEALED_AS, self.webhook_id, self.key_id, self.sealed)]
        if self.old_sealed and self.old_key_id is not None and self.old_until and now < self.old_until:
            kept.append(keyring.open_text(SEALED_AS, self.webhook_id, self.old_key_id, self.old_sealed))
        return kept


class DeliverySender:
    """Makes the calls of one process."""

    def __init__(self, sessions: Sessions, webhooks: Webhooks) -> None:
        self._sessions = sessions
        self._schema = webhooks.schema
        self._keyring = webhooks.keyring
        self._receivers: Receivers = webhooks.receivers

    async def call_due(self) -> float:
        """Call whatever is due, and what becomes so meanwhile; how many seconds to rest then. What it has begun when it is
        cancelled is called again."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                claimed = await self._claim(MOST_AT_ONCE - len(under_way))
                under_way |= {asyncio.create_task(self._call(each)) for each in claimed}
                if not under_way:
                    return SOON_SECONDS if await self._waits() else QUIET_SECONDS
                done, under_way = await asyncio.wait(
                    under_way, timeout=SOON_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for each in done:
                    each.result()
                turned()
        finally:
            for each in under_way:
                each.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _claim(self, most: int) -> list[_Due]:
        async with self._sessions.begin() as session:
            await open_work(session)
            return await rows(session, _Due, _CLAIM.format(schema=self._schema), most=most)

    async def _waits(self) -> bool:
        """Whether something will be due."""
        async with self._sessions.begin() as session:
            await open_work(session)
            return bool(await scalar(session, bool, _WAITS.format(schema=self._schema)))

    async def _call(self, due: _Due) -> None:
        result = await self._send(due)
        WEBHOOK_CALLS.labels(result.problem or "taken").inc()
        now = utc_now()
        verdict = judge(due.tried, result, now, random())
        async with self._sessions.begin() as session:
            await open_work(session)
            await _note(session, self._schema, due, result, verdict, now)
        if verdict.paused_because:
            log.warning("webhook is paused", webhook=str(due.webhook_id), because=verdict.paused_because)

    async def _send(self, due: _Due) -> CallResult:
        now, body = utc_now(), due.body.encode()
        try:
            headers = signed_headers(due.secrets(self._keyring, now), due.id, now, body)
        except SealBroken as error:
            log.error("secret of a webhook cannot be opened", webhook=str(due.webhook_id), problem=str(error))
            return CallResult(problem="secret_unreadable")
        return await self._receivers.call(due.url, headers, body)


async def _note(
    session: AsyncSession, schema: str, due: _Due, result: CallResult, verdict: Verdict, now: datetime
) -> None:
    await run(
        session,
        _NOTE.format(schema=schema),
        webhook=due.webhook_id,
        id=due.id,
        state=verdict.state,
        next_at=verdict.next_at,
        answered=result.status,
        problem=result.problem,
    )
    if verdict.state == "delivered":
        await run(session, _REACHED.format(schema=schema), webhook=due.webhook_id)
    elif verdict.state == "waiting":
        await run(
            session,
            _MISSED.format(schema=schema),
            webhook=due.webhook_id,
            failures=due.failures + 1,
            now=now,
            rests_until=verdict.rests_until,
            because=verdict.paused_because,
        )
