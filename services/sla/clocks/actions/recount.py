"""Clocks follow from journals: facts are kept, the appeals' clocks counted anew, and what changed is said once.

A constant number of statements for any number of appeals. The appeal's row is the lock between handlers, the timer
rows are the lock between a handler and the firing task (which never waits).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from contracts.sla import DeadlineCorrected, DeadlineSet
from services.sla.clocks.actions.journals import (
    Locked,
    gather,
    keep_facts,
    lock_appeals,
    lock_unrouted,
    read_facts,
)
from services.sla.clocks.actions.storage import (
    Bearer,
    Remembered,
    Stored,
    clock_row,
    key_of,
    read_clocks,
    remove_clocks,
    store_clocks,
    store_timers,
    take_memories,
    timer_row,
)
from services.sla.clocks.rules.events import Entry
from services.sla.escalation.actions.notifications import (
    Said,
    announce,
    keep_firings,
    keep_withdrawals,
    reading_of,
    withdraw,
)
from services.sla.keys import AppealKey, ClockKey
from services.sla.policies.queries import hold_catalogues, read_catalogues
from services.sla.rules.catalogues import Catalogue
from services.sla.rules.clocks import Clock, Place, fold_clocks
from services.sla.rules.facts import AppealRegistered, AssignmentCreated, Fact
from services.sla.rules.settlements import Settlement, settle
from services.sla.rules.summaries import tell_reason

_APPEALS_A_BREATH: Final = 20  # then the event loop may answer requests and fire timers
_DISPROVED: Final = "Срок не был нарушен: по уточнённым данным такого срока не было."


@dataclass(slots=True)
class _Outcome:
    """What a recount wants written and said."""

    clocks: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    gone: list[ClockKey] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    withdrawals: list[DeadlineCorrected] = field(default_factory=list)
    announcements: list[DeadlineSet] = field(default_factory=list)
    changed: set[AppealKey] = field(default_factory=set)


async def record_facts(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Keep facts and let the clocks of their appeals follow."""
    if not entries:
        return
    await hold_catalogues(session, {entry.region for entry in entries})
    locked = await lock_appeals(session, gather(entries))
    entries = [entry for entry in entries if entry.key in locked.sequences]
    await keep_facts(session, entries)
    catalogues = await read_catalogues(session, {region for region, _ in locked.sequences})
    await recount(session, _spoken_of(locked, entries), catalogues)


def _spoken_of(locked: Locked, entries: Sequence[Entry]) -> Locked:
    """Without those of which only the registration is known: routing speaks within a second, and to count before
    and after it would be to say everything twice. `count_unrouted` takes care of those it does not speak of.
    """
    more = {entry.key for entry in entries if not isinstance(entry.fact, AppealRegistered)}
    sequences = {key: number for key, number in locked.sequences.items() if number > 1 or key in more}
    return replace(locked, sequences=sequences)


async def count_unrouted(session: AsyncSession, keys: Sequence[AppealKey]) -> None:
    """Clocks of appeals of which nothing was heard but their registration."""
    regions = {region for region, _ in keys}
    await hold_catalogues(
        session, regions
    )  # before any appeal, as everywhere: a decision locks in this order
    waiting = await lock_unrouted(session, keys)
    if not waiting:
        return
    locked = await lock_appeals(session, dict.fromkeys(waiting, (None, None)))
    await recount(session, locked, await read_catalogues(session, regions))


async def recount(
    session: AsyncSession, locked: Locked, catalogues: Mapping[str, Catalogue], *, rearm: bool = False
) -> set[AppealKey]:
    """Fold the journals of locked appeals and store, arm and say what differs; the appeals that changed.

    `rearm`: set timers again although the clock is the same (the ladder or a calendar is another one).
    """
    keys = sorted(locked.sequences)
    if not keys:
        return set()
    remembered = await take_memories(session, keys)
    stored = await read_clocks(session, keys)
    journals = await read_facts(session, keys)
    by_appeal: dict[AppealKey, dict[ClockKey, Stored]] = defaultdict(dict)
    for clock_key, row in stored.items():
        by_appeal[clock_key.appeal][clock_key] = row
    outcome = _Outcome()
    for number, key in enumerate(keys):
        if number % _APPEALS_A_BREATH == _APPEALS_A_BREATH - 1:
            await asyncio.sleep(0)
        counting = _Counting(key, catalogues[key[0]], locked.now, by_appeal[key], remembered, rearm, outcome)
        counting.count(journals[key], locked.sequences[key])
    await _write(session, outcome, locked.now)
    return outcome.changed


async def _write(session: AsyncSession, outcome: _Outcome, now: datetime) -> None:
    await store_clocks(session, outcome.clocks)
    await store_timers(session, outcome.timers, now)
    await remove_clocks(session, outcome.gone)
    fired = await keep_firings(session, outcome.said, now)
    await keep_withdrawals(session, outcome.withdrawals)
    await emit(session, *outcome.announcements, *fired, *outcome.withdrawals)


@dataclass(slots=True)
class _Counting:
    """One appeal's turn."""

    key: AppealKey
    catalogue: Catalogue
    now: datetime
    stored: dict[ClockKey, Stored]
    remembered: Mapping[ClockKey, Remembered]
    rearm: bool
    outcome: _Outcome

    def count(self, facts: Sequence[Fact], sequence: int) -> None:
        """Fold and compare."""
        region, appeal_id = self.key
        bearers = _find_bearers(facts)
        clocks = fold_clocks(appeal_id, facts, self.catalogue.policies, self.catalogue.calendar_of, self.now)
        touched: set[str | None] = set()
        told: dict[str | None, list[tuple[Clock, str]]] = defaultdict(list)
        for clock in clocks:
            key = key_of(region, clock)
            known = self.stored.pop(key, None)
            if known is None and clock.state == "cancelled" and clock.assignment_id is None:
                continue  # the appeal had a body before it had a clock of its own: nobody ever saw one
            if known and not self.rearm and _same(known.clock, clock):
                told[clock.assignment_id].append((known.clock, known.reason))
                continue
            settled, reason = self._settle(key, known, clock, bearers[clock.assignment_id])
            told[clock.assignment_id].append((settled, reason))
            if known is None or known.reason != reason or not _same(known.clock, settled):
                touched.add(clock.assignment_id)
        for key, known in self.stored.items():
            ended = self._forget(key, known.clock)
            told[ended.assignment_id].append((ended, known.reason))
            touched.add(ended.assignment_id)
        for holder in touched:
            self._announce(told[holder], sequence)

    def _settle(self, key: ClockKey, known: Stored | None, clock: Clock, bearer: Bearer) -> tuple[Clock, str]:
        region = self.key[0]
        memory = self.remembered.get(key)
        calendar = self.catalogue.calendar_of(
            Place(region, bearer.municipality, clock.organisation_id), clock.ended_at or self.now
        )
        ladder = self.catalogue.ladders[bearer.regime]
        old = known.clock if known else None
        settled = settle(old, memory.memory if memory else None, clock, ladder, calendar, self.now)
        change = settled.change or (known.change if known else None)
        reason = tell_reason(clock.explanation, change)
        if known is None or not _same(known.clock, settled.clock) or known.reason != reason:
            self.outcome.clocks.append(clock_row(region, settled.clock, change))
        self._arm(settled, memory, bearer)
        self._say(settled, reason)
        return settled.clock, reason

    def _arm(self, settled: Settlement, memory: Remembered | None, bearer: Bearer) -> None:
        if memory is None and settled.timer is None and settled.memory.breached_version is None:
            return
        row = timer_row(self.key[0], settled.clock, bearer, settled.memory, settled.timer, self.now)
        self.outcome.timers.append(row)

    def _say(self, settled: Settlement, reason: str) -> None:
        region, clock = self.key[0], settled.clock
        if settled.breach:
            self.outcome.said.append(Said(region, clock, clock.version, settled.breach))
        if settled.withdrawn is not None:
            self.outcome.withdrawals.append(withdraw(region, clock, settled.withdrawn, reason, self.now))

    def _forget(self, key: ClockKey, clock: Clock) -> Clock:
        """A clock that is not there any more: told as cancelled once more, then forgotten."""
        self.outcome.gone.append(key)
        memory = self.remembered.get(key)
        if memory and memory.memory.breached_version is not None:
            version = memory.memory.breached_version
            self.outcome.withdrawals.append(withdraw(self.key[0], clock, version, _DISPROVED, self.now))
        return replace(clock, state="cancelled", version=clock.version + 1, ended_at=self.now)

    def _announce(self, told: Sequence[tuple[Clock, str]], sequence: int) -> None:
        newest = max(
            (clock for clock, _ in told), key=lambda clock: (clock.ended_at is None, clock.started_at)
        )
        readings = [reading_of(clock, reason) for clock, reason in told]
        self.outcome.announcements.append(announce(self.key[0], newest, readings, sequence, self.now))
        self.outcome.changed.add(self.key)


def _same(old: Clock, new: Clock) -> bool:
    """Whether nothing anybody could see differs (the version does not count, it follows)."""
    return (
        old.state == new.state
        and old.due_at == new.due_at
        and old.ended_at == new.ended_at
        and old.met_at == new.met_at
        and old.organisation_id == new.organisation_id
        and old.started_at == new.started_at
        and old.calendar_version == new.calendar_version
        and old.policy_version == new.policy_version
        and old.lead == new.lead
        and old.explanation == new.explanation
    )


def _find_bearers(facts: Sequence[Fact]) -> dict[str | None, Bearer]:
    bearers: dict[str | None, Bearer] = {}
    for fact in facts:
        if isinstance(fact, AssignmentCreated):
            bearers[fact.assignment_id] = Bearer(fact.regime, fact.municipality)
        elif isinstance(fact, AppealRegistered):
            bearers[None] = Bearer(fact.regime, fact.municipality)
    return bearers
