"""Registering appeals: one call takes a whole group, so that concurrent posts share a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows
from chassis.db.driver import fetch
from chassis.problems import KeyReused, Problem, Unavailable
from services.intake.actions.submissions import (
    EXTERNAL_ID,
    IDEMPOTENCY_KEY,
    Accepted,
    Outcome,
    Secrets,
    Submission,
)
from services.intake.rules.history import Status
from services.intake.rules.numbers import format_number
from services.intake.rules.originals import open_original

WAIT_FOR_TWIN_SECONDS = 5.0


class ExternalIdReused(Problem):
    status, slug, title = 422, "external-id-reused", "The same external_id was used with another body"


async def submit_appeals(
    session: AsyncSession,
    secrets: Secrets,
    batch: Sequence[Submission],
    *,
    patience_seconds: float = WAIT_FOR_TWIN_SECONDS,
) -> list[Outcome]:
    """Register what is new and recognise what is not; outcomes in the order of `batch`.

    Waits for a concurrent transaction with the same key, at most `patience_seconds`; then the database's lock timeout
    is raised.
    """
    leaders, followers = _split(batch)
    fresh = await _register(session, leaders, patience_seconds)
    known = [*(item for item in leaders if item.id not in fresh), *followers]
    outcomes: dict[UUID, Outcome] = {
        item.id: Accepted(item.id, fresh[item.id][0], item.code, fresh[item.id][1], item.received_at, 201)
        for item in leaders
        if item.id in fresh
    }
    if known:
        outcomes |= await _recognise(session, secrets, known)
    return [outcomes[item.id] for item in batch]


def _split(batch: Iterable[Submission]) -> tuple[list[Submission], list[Submission]]:
    """Those that share no key with an earlier one, and those that do."""
    leaders: list[Submission] = []
    followers: list[Submission] = []
    seen: set[bytes] = set()
    for item in batch:
        hashes = {key.hash for key in item.keys}
        (followers if hashes & seen else leaders).append(item)
        seen |= hashes
    return leaders, followers


# Keys first, in order: a twin waits here, before anything else is locked. The counter of a region comes after them
# and is held until the commit; rows and counter vanish together, so that no number is ever lost.
_REGISTER = """
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS r(
        id uuid, region text, year smallint, keys integer, regime text, channel text, client_id text, external_id text,
        municipality text, lat double precision, lon double precision, topic_wish text, complained_about uuid,
        received_at timestamptz, submitted_at timestamptz, key_id smallint, sealed bytea, tracking_hash bytea,
        traceparent text, past jsonb)
), patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', $3, true)
), entered AS (
    INSERT INTO intake.submission_key (key_hash, kind, body_hash, region, appeal_id, status)
    SELECT k.* FROM patience, json_to_recordset($2::json) AS k(
        key_hash bytea, kind smallint, body_hash bytea, region text, appeal_id uuid, status smallint)
    ON CONFLICT DO NOTHING RETURNING appeal_id
), fresh AS MATERIALIZED (
    SELECT g.*, g.past IS NULL AND coalesce(g.channel = ANY (s.moderated_channels), false) AS on_moderation
    FROM given g
    LEFT JOIN (SELECT appeal_id, count(*) AS keys FROM entered GROUP BY appeal_id) e ON e.appeal_id = g.id
    LEFT JOIN intake.region_setting s ON s.region = g.region
    WHERE g.keys = coalesce(e.keys, 0)
), calm AS MATERIALIZED (
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
), stored AS (
    INSERT INTO intake.appeal (region, id, number, regime, channel, client_id, external_id, municipality, lat, lon,
        topic_wish, complained_about, received_at, submitted_at, on_moderation, status)
    SELECT region, id, region || '-' || year || '-' || lpad(sequence::text, greatest(7, length(sequence::text)), '0'),
        regime, channel, client_id, external_id, municipality, lat, lon, topic_wish, complained_about, received_at,
        submitted_at, on_moderation, CASE WHEN on_moderation THEN 'on_moderation' ELSE 'registered' END
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


async def _register(
    session: AsyncSession, leaders: Sequence[Submission], patience_seconds: float
) -> dict[UUID, tuple[str, Status]]:
    """Store those whose keys are all new: id → number and status."""
    keys = [
        {
            "key_hash": key.hash,
            "kind": key.kind,
            "body_hash": item.body_hash,
            "region": item.row["region"],
            "appeal_id": item.id,
            "status": 201,
        }
        for item in leaders
        for key in item.keys
    ]
    keys.sort(key=lambda row: bytes(row["key_hash"]))
    rows = await fetch(
        session,
        _REGISTER,
        encode_rows([item.row for item in leaders]),
        encode_rows(keys),
        f"{int(patience_seconds * 1000)}ms",
    )
    return {
        row.id: (format_number(row.region, row.year, row.sequence), _first_status(row.on_moderation))
        for row in rows
    }


def _first_status(on_moderation: bool) -> Status:
    return "on_moderation" if on_moderation else "registered"


async def _recognise(
    session: AsyncSession, secrets: Secrets, known: Sequence[Submission]
) -> dict[UUID, Outcome]:
    """Repeats: the first answer again, or 422 when the body differs."""
    first = await _read_first(session, secrets, {key.hash for item in known for key in item.keys})
    outcomes: dict[UUID, Outcome] = {}
    adopted: list[tuple[Submission, Accepted]] = []
    for item in known:
        outcome = _judge(item, first)
        outcomes[item.id] = outcome
        if isinstance(outcome, Accepted):
            adopted.append((item, outcome))
    await _settle_strays(session, known, adopted)
    return outcomes


@dataclass(frozen=True, slots=True)
class _First:
    """The first submission under a key."""

    body_hash: bytes
    kind: int
    answer: Literal[200, 201]
    appeal: Accepted


def _judge(item: Submission, first: Mapping[bytes, _First]) -> Outcome:
    found = [(key, first[key.hash]) for key in item.keys if key.hash in first]
    for key, known in found:
        if known.body_hash != item.body_hash:
            return ExternalIdReused() if key.kind == EXTERNAL_ID else KeyReused()
    if not found:
        return Unavailable("Repeat the request.")  # its twin was forgotten at this very moment
    key, known = found[0]
    appeal = known.appeal
    if key.kind == IDEMPOTENCY_KEY:
        return replace(appeal, answer=known.answer, replayed=True)
    return appeal


async def _read_first(session: AsyncSession, secrets: Secrets, hashes: set[bytes]) -> dict[bytes, _First]:
    rows = await session.execute(
        text(
            "SELECT k.key_hash, k.kind, k.body_hash, k.status AS answer, a.id, a.number, a.status, a.on_moderation, "
            "a.received_at, o.key_id, o.sealed FROM intake.submission_key k "
            "JOIN intake.appeal a ON a.region = k.region AND a.id = k.appeal_id "
            "JOIN intake.original o ON o.region = k.region AND o.appeal_id = k.appeal_id "
            "WHERE k.key_hash = ANY(:hashes)"
        ),
        {"hashes": sorted(hashes)},
    )
    found = {}
    for row in rows:
        code = open_original(secrets.keyring, row.id, row.key_id, bytes(row.sealed)).code
        # An Idempotency-Key repeats the first answer, the portal's own id asks for the appeal as it stands.
        status = _first_status(row.on_moderation) if row.kind == IDEMPOTENCY_KEY else row.status
        appeal = Accepted(row.id, row.number, code, status, row.received_at, 200)
        found[bytes(row.key_hash)] = _First(bytes(row.body_hash), row.kind, row.answer, appeal)
    return found


async def _settle_strays(
    session: AsyncSession, known: Sequence[Submission], adopted: Sequence[tuple[Submission, Accepted]]
) -> None:
    """A repeat under a second key: the key entered with it now means the first appeal; a refused one means nothing."""
    if not any(len(item.keys) > 1 for item in known):
        return
    moves = [{"id": item.id, "appeal_id": outcome.id} for item, outcome in adopted]
    await session.execute(
        text(
            "UPDATE intake.submission_key k SET appeal_id = m.appeal_id, status = 200 "
            "FROM json_to_recordset(CAST(:moves AS json)) AS m(id uuid, appeal_id uuid) "
            "WHERE k.appeal_id = m.id AND k.key_hash = ANY(:hashes)"
        ),
        {
            "moves": encode_rows(moves),
            "hashes": sorted({key.hash for item in known for key in item.keys}),
        },
    )
    await session.execute(
        text("DELETE FROM intake.submission_key WHERE key_hash = ANY(:hashes) AND appeal_id = ANY(:ids)"),
        {
            "hashes": sorted({key.hash for item in known for key in item.keys}),
            "ids": sorted(item.id for item in known),
        },
    )
