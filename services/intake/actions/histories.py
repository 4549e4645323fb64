"""What happened to appeals: an append-only journal, and the state that follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, update_rows
from chassis.db.driver import fetch
from contracts.event import Event
from services.intake.models.tables import appeal, appeal_change, appeal_history, appeal_holder
from services.intake.rules.history import AppealState, Entry, Folded, fold_appeal
from services.intake.rules.packed import pack_data, pack_words, read_data, read_words


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of one appeal's history."""

    region: str
    appeal_id: UUID
    entry: Entry


Key = tuple[str, UUID]
Current = Mapping[str, Any]


async def record_history(session: AsyncSession, happened: Sequence[Happened]) -> dict[Key, Folded]:
    """Append entries and recompute the appeals they are about; returns the new states.

    Five statements whatever the size of the batch. Entries of appeals that are not here (yet) are kept all the same.
    """
    rows = sorted(
        (_row(item) for item in happened), key=lambda row: (row["region"], row["appeal_id"], row["event_id"])
    )
    await insert_rows(session, appeal_history, rows, on_conflict="DO NOTHING")
    current = await _lock_appeals(session, {(item.region, item.appeal_id) for item in happened})
    histories = await _read_histories(session, current)
    folded = {
        key: fold_appeal(histories[key], on_moderation=row["on_moderation"]) for key, row in current.items()
    }
    await _write_states(session, current, folded)
    await _write_holders(session, folded)
    return folded


def _row(item: Happened) -> dict[str, Any]:
    return {
        "region": item.region,
        "appeal_id": item.appeal_id,
        "event_id": item.entry.event_id,
        "kind": item.entry.kind,
        "at": item.entry.at,
        "sequence": item.entry.sequence,
        "assignment_id": item.entry.assignment_id,
        "packed": pack_data(item.entry.data),
    }


async def hold_appeals(session: AsyncSession, events: Sequence[Event]) -> None:
    """Lock the appeals of a batch of several kinds in key order, before the history of each kind locks its own."""
    keys = {(event.region, event.appeal_id) for event in events}  # type: ignore[attr-defined]
    await fetch(
        session,
        "SELECT FROM intake.appeal WHERE region = ANY($1::text[]) AND id = ANY($2::uuid[]) "
        "ORDER BY region, id FOR NO KEY UPDATE",
        *_arrays(keys),
    )


async def _lock_appeals(session: AsyncSession, keys: set[Key]) -> dict[Key, Current]:
    """Current rows, locked in key order."""
    rows = await fetch(
        session,
        "SELECT region, id, client_id, on_moderation, status, topic_code, topic_name, organisation_id, "
        "organisation_name, due_on, due_reason, packed, promised_on, answers, version FROM intake.appeal "
        "WHERE region = ANY($1::text[]) AND id = ANY($2::uuid[]) ORDER BY region, id FOR NO KEY UPDATE",
        *_arrays(keys),
    )
    return {(row["region"], row["id"]): {**row, **read_words(row)} for row in rows}


async def _read_histories(session: AsyncSession, keys: Iterable[Key]) -> Mapping[Key, list[Entry]]:
    rows = await fetch(
        session,
        "SELECT region, appeal_id, event_id, kind, at, sequence, assignment_id, packed, data::text "
        "FROM intake.appeal_history WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[])",
        *_arrays(keys),
    )
    found: dict[Key, list[Entry]] = defaultdict(list)
    for region, appeal_id, event_id, kind, at, sequence, assignment_id, packed, data in rows:
        entry = Entry(event_id, kind, at, sequence, assignment_id, read_data(packed, data))
        found[region, appeal_id].append(entry)
    return found


def _arrays(keys: Iterable[Key]) -> tuple[list[str], list[UUID]]:
    known = sorted(keys)
    return sorted({region for region, _ in known}), [appeal_id for _, appeal_id in known]


async def read_history(session: AsyncSession, region: str, appeal_id: UUID) -> list[Entry]:
    """Everything known about one appeal, in no order."""
    return (await _read_histories(session, [(region, appeal_id)]))[region, appeal_id]


async def find_recorded(session: AsyncSession, entries: Sequence[tuple[str, UUID, UUID]]) -> set[UUID]:
    """Which of these (region, appeal, event) are in the histories."""
    regions, appeals, events = zip(*entries, strict=True)
    rows = await fetch(
        session,
        "SELECT event_id FROM intake.appeal_history "
        "WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) AND event_id = ANY($3::uuid[])",
        sorted(set(regions)),
        appeals,
        events,
    )
    return {row["event_id"] for row in rows}


_STATE = tuple(each.name for each in fields(AppealState))  # flat: `asdict` would copy ten times slower


async def _write_states(
    session: AsyncSession, current: Mapping[Key, Current], folded: Mapping[Key, Folded]
) -> None:
    rows, changes = [], []
    for key in sorted(current):
        state = {name: getattr(folded[key].state, name) for name in _STATE}
        before = current[key]
        changed = [name for name, value in state.items() if before[name] != value]
        if not changed:
            continue
        rows.append({"region": key[0], "id": key[1], **state, **pack_words(state)})
        if changed != ["version"]:
            changes.append(_change(before, folded[key].state, changed))
    await update_rows(session, appeal, rows, keys=("region", "id"))
    await insert_rows(session, appeal_change, changes)


def _change(before: Current, state: AppealState, changed: Sequence[str]) -> dict[str, Any]:
    names = ("status", "answers", "organisation_id", "topic_code", "due_on", "promised_on")
    return {
        "client_id": before["client_id"],
        "region": before["region"],
        "appeal_id": before["id"],
        "change": next((_CHANGES[name] for name in names if name in changed), "changed"),
        "status": state.status,
        "version": state.version,
    }


_CHANGES = {
    "status": "status",
    "answers": "answer",
    "organisation_id": "organisation",
    "topic_code": "topic",
    "due_on": "deadline",
    "promised_on": "promise",
}


async def _write_holders(session: AsyncSession, folded: Mapping[Key, Folded]) -> None:
    rows = [
        {
            "region": region,
            "organisation_id": organisation,
            "appeal_id": appeal_id,
            "active": active,
            "status": result.state.status,
        }
        for (region, appeal_id), result in folded.items()
        for organisation, active in result.holders.items()
    ]
    rows.sort(key=lambda row: (row["region"], row["organisation_id"], row["appeal_id"]))
    await insert_rows(
        session,
        appeal_holder,
        rows,
        on_conflict="(region, organisation_id, appeal_id) DO UPDATE SET active = excluded.active, "
        "status = excluded.status WHERE (appeal_holder.active, appeal_holder.status) "
        "IS DISTINCT FROM (excluded.active, excluded.status)",
    )
