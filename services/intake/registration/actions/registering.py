"""Registering appeals: one call takes a whole group, so that concurrent posts share a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, rows, run
from chassis.idempotency import KEEP_DAYS
from chassis.partitions import lowest_uuid7
from chassis.problems import KeyReused, Problem, Unavailable
from services.intake.attachments.actions.claiming import Claim, claim_attachments
from services.intake.history.rules.statuses import AppealStatus
from services.intake.originals.rules import Secrets, open_original
from services.intake.registration.actions.preparing import (
    EXTERNAL_ID,
    IDEMPOTENCY_KEY,
    KNOWN,
    REGISTERED,
    Accepted,
    Outcome,
    Submission,
)
from services.intake.registration.rules.numbers import format_number
from services.intake.tables.appeals import SubmissionKey

WAIT_FOR_DUPLICATE_SECONDS = 5.0


class ExternalIdReused(Problem):
    status, slug, title = 422, "external-id-reused", "The same external_id was used with another body"


async def submit_appeals(
    session: AsyncSession,
    secrets: Secrets,
    batch: Sequence[Submission],
    *,
    patience_seconds: float = WAIT_FOR_DUPLICATE_SECONDS,
) -> list[Outcome]:
    """Register what is new and recognise what is not; outcomes in the order of `batch`.

    Waits for a concurrent transaction with the same key, at most `patience_seconds`; then the database's lock timeout
    is raised. So is the problem of one whose attachments are not to be had: nothing of the transaction may stay then.
    """
    first, duplicates = _split(batch)
    outcomes = await _register(session, first, patience_seconds)
    await _take_attachments(session, [item for item in first if item.attachments and item.id in outcomes])
    known = [item for item in first if item.id not in outcomes] + duplicates
    if known:
        outcomes |= await _recognise(session, secrets, known)
    return [outcomes[item.id] for item in batch]


async def _take_attachments(session: AsyncSession, fresh: Sequence[Submission]) -> None:
    for item in fresh:
        claim = Claim(item.row.region, item.id, item.row.client_id, item.attachments)
        await claim_attachments(session, claim, item.row.received_at)


def _split(batch: Iterable[Submission]) -> tuple[list[Submission], list[Submission]]:
    """Those that share no key with an earlier one, and those that do."""
    first: list[Submission] = []
    duplicates: list[Submission] = []
    seen: set[bytes] = set()
    for item in batch:
        hashes = {key.hash for key in item.keys}
        (duplicates if hashes & seen else first).append(item)
        seen |= hashes
    return first, duplicates


# Keys, numbers, rows, in this order: only what has its keys gets a number, and only what has a number is stored. A
# region's counter is held until the commit; rows and counter vanish together, so that no number is ever lost.
_REGISTER = """
WITH
-- Keys, sorted: a concurrent duplicate waits here, before anything else is locked, and no longer than the patience.
-- Fresh is what entered all of its keys.
given AS MATERIALIZED (
    SELECT * FROM json_to_recordset(:appeals::json) AS r(
        id uuid, region text, year smallint, key_count integer, regime text, channel text, client_id text,
        external_id text, municipality text, lat double precision, lon double precision, requested_topic text, complained_about uuid,
        received_at timestamptz, submitted_at timestamptz, key_id smallint, sealed bytea, tracking_hash bytea,
        traceparent text, past jsonb, danger boolean, received_on date, reception_id uuid)
), patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', :patience, true)
), entered AS (
    INSERT INTO intake.submission_key (key_hash, kind, body_hash, region, appeal_id, status)
    SELECT k.* FROM patience, json_to_recordset(:keys::json) AS k(
        key_hash bytea, kind smallint, body_hash bytea, region text, appeal_id uuid, status smallint)
    ON CONFLICT DO NOTHING RETURNING appeal_id
), fresh AS MATERIALIZED (
    SELECT g.*, g.past IS NULL AND NOT g.danger AND coalesce(g.channel = ANY (s.moderated_channels), false)
        AS on_moderation
    FROM given g
    LEFT JOIN (SELECT appeal_id, count(*) AS key_count FROM entered GROUP BY appeal_id) e ON e.appeal_id = g.id
    LEFT JOIN intake.region_setting s ON s.region = g.region
    WHERE g.key_count = coalesce(e.key_count, 0)
),
-- Numbers: the counter goes up by what is fresh; whoever waits for it waits as long as it takes.
calm AS MATERIALIZED (
    SELECT set_config('lock_timeout', '0', true) FROM (SELECT count(*) FROM entered) AS after_the_keys
), counted AS (
    INSERT INTO intake.counter AS c (region, year, last)
    SELECT region, year, count(*) FROM calm, fresh GROUP BY region, year ORDER BY region, year
    ON CONFLICT (region, year) DO UPDATE SET last = c.last + excluded.last
    RETURNING region, year, last
), numbered AS MATERIALIZED (
    SELECT f.*, c.last - count(*) OVER (PARTITION BY f.region, f.year)
        + row_number() OVER (PARTITION BY f.region, f.year ORDER BY f.id) AS sequence
    FROM fresh f JOIN counted c USING (region, year)
),
-- Rows: the appeal, its original, its place in the register, and its turn to be masked and announced.
stored AS (
    INSERT INTO intake.appeal (region, id, number, regime, channel, client_id, external_id, municipality, lat, lon,
        requested_topic, complained_about, received_at, submitted_at, on_moderation, status, danger,
        received_on, reception_id)
    SELECT region, id, region || '-' || year || '-' || lpad(sequence::text, greatest(7, length(sequence::text)), '0'),
        regime, channel, client_id, external_id, municipality, lat, lon, requested_topic, complained_about, received_at,
        submitted_at, on_moderation, CASE WHEN on_moderation THEN 'on_moderation' ELSE 'registered' END, danger,
        received_on, reception_id
    FROM numbered
), sealed AS (
    INSERT INTO intake.original (region, appeal_id, key_id, sealed) SELECT region, id, key_id, sealed FROM numbered
), listed AS (
    INSERT INTO intake.register (region, year, sequence, appeal_id, tracking_hash)
    SELECT region, year, sequence, id, tracking_hash FROM numbered
), waiting AS (
    INSERT INTO intake.masking_pending (region, appeal_id, traceparent, past)
    SELECT region, id, traceparent, past FROM numbered
)
SELECT id, region, year, sequence, on_moderation FROM numbered
"""


@dataclass(frozen=True, slots=True)
class _Numbered:
    """An appeal that has just got its number."""

    id: UUID
    region: str
    year: int
    sequence: int
    on_moderation: bool


async def _register(
    session: AsyncSession, first: Sequence[Submission], patience_seconds: float
) -> dict[UUID, Outcome]:
    """Store those whose keys are all new; what is not stored is missing in the answer."""
    keys = [
        SubmissionKey(key.hash, key.kind, item.body_hash, item.row.region, item.id, REGISTERED)
        for item in first
        for key in item.keys
    ]
    keys.sort(key=lambda key: key.key_hash)
    numbered = await rows(
        session,
        _Numbered,
        _REGISTER,
        appeals=encode_rows([item.row for item in first]),
        keys=encode_rows(keys),
        patience=f"{int(patience_seconds * 1000)}ms",
    )
    submissions = {item.id: item for item in first}
    return {fresh.id: _accept(submissions[fresh.id], fresh) for fresh in numbered}


def _accept(item: Submission, fresh: _Numbered) -> Accepted:
    number = format_number(fresh.region, fresh.year, fresh.sequence)
    return Accepted(
        item.id, number, item.code, _first_status(fresh.on_moderation), item.row.received_at, REGISTERED
    )


def _first_status(on_moderation: bool) -> AppealStatus:
    return "on_moderation" if on_moderation else "registered"


async def _recognise(
    session: AsyncSession, secrets: Secrets, known: Sequence[Submission]
) -> dict[UUID, Outcome]:
    """Repeats: the first answer again, or 422 when the body differs."""
    first = await _read_first(session, secrets, {key.hash for item in known for key in item.keys})
    outcomes = {item.id: _judge(item, first) for item in known}
    if any(len(item.keys) > 1 for item in known):
        await _settle_secondary_keys(session, known, outcomes)
    return outcomes


@dataclass(frozen=True, slots=True)
class _First:
    """The first submission under a key, and its appeal as it stands."""

    key_hash: bytes
    kind: int
    body_hash: bytes
    answer: Literal[200, 201]
    id: UUID
    number: str
    status: AppealStatus
    on_moderation: bool
    received_at: datetime
    key_id: int
    sealed: bytes

    def accepted(self, secrets: Secrets) -> Accepted:
        """The answer to a repeat under this key.

        An Idempotency-Key repeats the first answer, the portal's own id asks for the appeal as it stands.
        """
        code = open_original(secrets.keyring, self.id, self.key_id, self.sealed).code
        known = Accepted(self.id, self.number, code, self.status, self.received_at, KNOWN)
        if self.kind != IDEMPOTENCY_KEY:
            return known
        return replace(known, status=_first_status(self.on_moderation), answer=self.answer, replayed=True)


_FIRST = """
SELECT k.key_hash, k.kind, k.body_hash, k.status AS answer, a.id, a.number, a.status, a.on_moderation, a.received_at,
    o.key_id, o.sealed
FROM intake.submission_key k
JOIN intake.appeal a ON a.region = k.region AND a.id = k.appeal_id
JOIN intake.original o ON o.region = k.region AND o.appeal_id = k.appeal_id
WHERE k.key_hash = ANY(:hashes)
"""


async def _read_first(
    session: AsyncSession, secrets: Secrets, hashes: set[bytes]
) -> dict[bytes, tuple[_First, Accepted]]:
    found = await rows(session, _First, _FIRST, hashes=sorted(hashes))
    return {first.key_hash: (first, first.accepted(secrets)) for first in found}


def _judge(item: Submission, known: Mapping[bytes, tuple[_First, Accepted]]) -> Outcome:
    found = [(key, *known[key.hash]) for key in item.keys if key.hash in known]
    for key, first, _ in found:
        if first.body_hash != item.body_hash:
            return ExternalIdReused() if key.kind == EXTERNAL_ID else KeyReused()
    if not found:
        return Unavailable("Repeat the request.")  # the first was purged at this very moment
    return found[0][2]


async def _settle_secondary_keys(
    session: AsyncSession, known: Sequence[Submission], outcomes: Mapping[UUID, Outcome]
) -> None:
    """A repeat under a second key: the key entered with it now means the first appeal; a refused one means nothing."""
    hashes = sorted({key.hash for item in known for key in item.keys})
    moves = [
        {"id": item, "appeal_id": outcome.id}
        for item, outcome in outcomes.items()
        if isinstance(outcome, Accepted)
    ]
    await run(
        session,
        "UPDATE intake.submission_key k SET appeal_id = m.appeal_id, status = :known "
        "FROM json_to_recordset(:moves::json) AS m(id uuid, appeal_id uuid) "
        "WHERE k.appeal_id = m.id AND k.key_hash = ANY(:hashes)",
        known=KNOWN,
        moves=encode_rows(moves),
        hashes=hashes,
    )
    await run(
        session,
        "DELETE FROM intake.submission_key WHERE key_hash = ANY(:hashes) AND appeal_id = ANY(:ids)",
        hashes=hashes,
        ids=sorted(outcomes),
    )


async def purge_passing_keys(session: AsyncSession, now: datetime) -> None:
    """Idempotency keys live a week from the appeal they made; a portal's own ids stay for ever."""
    await run(
        session,
        "DELETE FROM intake.submission_key WHERE kind <> :external_id AND appeal_id < :oldest",
        external_id=EXTERNAL_ID,
        oldest=lowest_uuid7(now - timedelta(days=KEEP_DAYS)),
    )
