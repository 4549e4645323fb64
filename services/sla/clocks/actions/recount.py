"""Clocks follow from journals: facts are stored, the appeals' clocks counted anew, and what changed is announced once.

A constant number of statements for any number of appeals. The appeal's row is the lock between handlers, the timer
rows are the lock between a handler and the firing task (which never waits).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from contracts.intake import Regime
from contracts.sla import DeadlineCorrected, DeadlineSet
from services.sla import tables
from services.sla.calendars.rules.office_hours import Office
from services.sla.clocks.actions.journals import (
    Locked,
    append_entries,
    find_place,
    lock_appeals,
    lock_appeals_of,
    lock_unrouted,
    read_facts,
)
from services.sla.clocks.actions.requests import end_requests
from services.sla.clocks.actions.storage import (
    Stored,
    delete_clocks,
    key_of,
    read_clocks,
    row_of,
    store_clocks,
)
from services.sla.clocks.rules.announcements import announce, withdraw
from services.sla.clocks.rules.crowds import Explanations
from services.sla.clocks.rules.events import JournalEntry
from services.sla.clocks.rules.facts import AppealRegistered, AssignmentCreated, Fact
from services.sla.clocks.rules.fold import Clock, fold_clocks
from services.sla.clocks.rules.reconciliation import Reconciliation, reconcile
from services.sla.clocks.rules.requests import find_requests
from services.sla.escalation.actions.notifications import (
    Notification,
    record_notifications,
    record_withdrawals,
)
from services.sla.escalation.actions.states import lock_states, silence_timers, store_timers
from services.sla.escalation.rules.timers import NotificationState
from services.sla.keys import AppealKey, ClockKey
from services.sla.policies.queries import hold_region_configs, read_region_configs
from services.sla.policies.rules.region_config import RegionConfig

_APPEALS_A_BREATH: Final = 20  # then the event loop may answer requests and fire timers
_DISPROVED: Final = "Срок не был нарушен: по уточнённым данным такого срока не было."
# What anybody could see of a clock; its version does not count, it follows.
_VISIBLE: Final = attrgetter(
    "state", "due_at", "ended_at", "met_at", "organisation_id", "started_at", "calendar_version",
    "policy_version", "lead", "explanation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockContext:
    """Whose escalation policy and calendar a clock uses."""

    regime: Regime
    municipality: str | None


@dataclass(slots=True)
class _Changes:
    """What a recount wants written and announced."""

    clocks: list[tables.Clock] = field(default_factory=list)
    timers: list[tables.Timer] = field(default_factory=list)
    gone: list[ClockKey] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    withdrawals: list[DeadlineCorrected] = field(default_factory=list)
    announcements: list[DeadlineSet] = field(default_factory=list)
    appeals: set[AppealKey] = field(default_factory=set)
    explanations: Explanations = field(default_factory=Explanations)
    requests: dict[tuple[str, str], bool] = field(default_factory=dict)

    async def write(self, session: AsyncSession, now: datetime) -> None:
        """Clocks, their timers and what is announced of them, together."""
        await store_clocks(session, self.clocks)
        await store_timers(session, self.timers, now)
        await delete_clocks(session, self.gone)
        await end_requests(session, self.requests, now)
        await silence_timers(session, sorted(self.gone))
        fired = await record_notifications(session, self.notifications, now)
        await record_withdrawals(session, self.withdrawals)
        await emit(session, *self.announcements, *fired, *self.withdrawals)


async def record_facts(session: AsyncSession, entries: Sequence[JournalEntry]) -> None:
    """Keep facts and let the clocks of their appeals follow."""
    if not entries:
        return
    await hold_region_configs(session, {entry.region for entry in entries})
    locked = await lock_appeals_of(session, entries)
    entries = [entry for entry in entries if entry.key in locked.sequences]
    await append_entries(session, entries)
    configs = await read_region_configs(session, {key.region for key in locked.sequences})
    await recount(session, _routed(locked, entries), configs)


async def record_act(session: AsyncSession, entry: JournalEntry) -> None:
    """Keep what a person does about an appeal within reach. It names where that lies: a municipal centre may write of its own
    municipalities alone."""
    await record_facts(session, [replace(entry, municipality=await find_place(session, entry.key))])


def _routed(locked: Locked, entries: Sequence[JournalEntry]) -> Locked:
    """Without those of which only the registration is known: routing publishes within a second, and to count before and
    after it would be to announce everything twice. `count_unrouted` takes care of those it does not publish.
    """
    more = {entry.key for entry in entries if not isinstance(entry.fact, AppealRegistered)}
    sequences = {key: number for key, number in locked.sequences.items() if number > 1 or key in more}
    return replace(locked, sequences=sequences)


async def count_unrouted(session: AsyncSession, keys: Sequence[AppealKey]) -> None:
    """Clocks of appeals of which nothing is known but their registration."""
    regions = {key.region for key in keys}
    # Before any appeal, as everywhere: a decision locks in this order.
    await hold_region_configs(session, regions)
    waiting = await lock_unrouted(session, keys)
    if waiting:
        locked = await lock_appeals(session, waiting)
        await recount(session, locked, await read_region_configs(session, regions))


async def recount(
    session: AsyncSession, locked: Locked, configs: Mapping[str, RegionConfig], *, rearm: bool = False
) -> set[AppealKey]:
    """Fold the journals of locked appeals and store, arm and announce what differs; the appeals that changed.

    `rearm`: set timers again although the clock is the same (the escalation policy or a calendar is another one).
    """
    keys = sorted(locked.sequences)
    if not keys:
        return set()
    states = await lock_states(session, keys)
    stored: dict[AppealKey, dict[ClockKey, Stored]] = defaultdict(dict)
    for clock_key, clock in (await read_clocks(session, keys)).items():
        stored[clock_key.appeal][clock_key] = clock
    journals = await read_facts(session, keys)
    changes = _Changes()
    for number, key in enumerate(keys, start=1):
        if number % _APPEALS_A_BREATH == 0:
            await asyncio.sleep(0)
        one = _Recount(
            key=key,
            config=configs[key.region],
            now=locked.now,
            stored=stored[key],
            states=states,
            rearm=rearm,
            changes=changes,
        )
        one.follow(journals[key], locked.sequences[key])
    await changes.write(session, locked.now)
    return changes.appeals


@dataclass(slots=True)
class _Recount:
    """One appeal's turn."""

    key: AppealKey
    config: RegionConfig
    now: datetime
    stored: dict[ClockKey, Stored]
    states: Mapping[ClockKey, NotificationState]
    rearm: bool
    changes: _Changes
    # By holder: its clocks with their reasons, and whether one of them changed.
    readings: dict[str | None, list[tuple[Clock, str]]] = field(default_factory=lambda: defaultdict(list))
    changed: set[str | None] = field(default_factory=set)

    def follow(self, facts: Sequence[Fact], sequence: int) -> None:
        """Fold, compare, and announce the holders of what changed."""
        contexts = contexts_of(facts)
        config = self.config
        for clock in fold_clocks(self.key.appeal_id, facts, config.policies, config.calendar_of, self.now):
            self._compare(clock, contexts[clock.assignment_id])
        for key, known in self.stored.items():
            self._remove(key, known)
        self.changes.requests |= {(self.key.region, id): waits for id, waits in find_requests(facts).items()}
        for holder in self.changed:
            self.changes.announcements.append(
                announce(self.key.region, self.readings[holder], sequence, self.now)
            )
            self.changes.appeals.add(self.key)

    def _compare(self, clock: Clock, context: ClockContext) -> None:
        key = key_of(self.key.region, clock)
        known = self.stored.pop(key, None)
        if known is None and clock.state == "cancelled" and clock.assignment_id is None:
            return  # the appeal had an assignment before it had a clock of its own: nobody ever saw one
        readings = self.readings[clock.assignment_id]
        if known and not self.rearm and _same(known.clock, clock):
            readings.append((known.clock, known.reason))
            return
        reconciled = self._reconcile(key, known, clock, context)
        change = reconciled.change or (known.change if known else None)
        explanation = self.changes.explanations.render(clock.explanation)
        reason = explanation.with_change(change)
        readings.append((reconciled.clock, reason))
        if known is None or known.reason != reason or not _same(known.clock, reconciled.clock):
            self.changes.clocks.append(row_of(key, reconciled.clock, change, explanation.packed))
            self.changed.add(clock.assignment_id)
        self._arm(key, reconciled, context)
        self._notify(key, reconciled, reason)

    def _reconcile(
        self, key: ClockKey, known: Stored | None, clock: Clock, context: ClockContext
    ) -> Reconciliation:
        office = Office(key.region, context.municipality, clock.organisation_id)
        calendar = self.config.calendar_of(office, clock.ended_at or self.now)
        escalation = self.config.escalation_policies[context.regime]
        old = known.clock if known else None
        return reconcile(old, self.states.get(key), clock, escalation, calendar, self.now)

    def _arm(self, key: ClockKey, reconciled: Reconciliation, context: ClockContext) -> None:
        if key in self.states or reconciled.timer or reconciled.state.breached_version is not None:
            self.changes.timers.append(timer_row(key, reconciled, context, self.now))

    def _notify(self, key: ClockKey, reconciled: Reconciliation, reason: str) -> None:
        clock = reconciled.clock
        if reconciled.breach and clock.due_at:
            breach = Notification(key, clock.organisation_id, clock.due_at, clock.version, reconciled.breach)
            self.changes.notifications.append(breach)
        if reconciled.withdrawn is not None:
            self._withdraw(key, clock, reconciled.withdrawn, reason)

    def _remove(self, key: ClockKey, known: Stored) -> None:
        """A clock that is not there any more: announced as cancelled once more, then deleted."""
        clock, state = known.clock, self.states.get(key)
        self.changes.gone.append(key)
        if state and state.breached_version is not None:
            self._withdraw(key, clock, state.breached_version, _DISPROVED)
        ended = replace(clock, state="cancelled", version=clock.version + 1, ended_at=self.now)
        self.readings[clock.assignment_id].append((ended, known.reason))
        self.changed.add(clock.assignment_id)

    def _withdraw(self, key: ClockKey, clock: Clock, version: int, reason: str) -> None:
        self.changes.withdrawals.append(withdraw(key, clock.organisation_id, version, reason, self.now))


def _same(old: Clock, new: Clock) -> bool:
    return bool(_VISIBLE(old) == _VISIBLE(new))


def contexts_of(facts: Iterable[Fact]) -> dict[str | None, ClockContext]:
    """By holder (None: the appeal itself)."""
    return {
        getattr(fact, "assignment_id", None): ClockContext(fact.regime, fact.municipality)
        for fact in facts
        if isinstance(fact, AssignmentCreated | AppealRegistered)
    }


def timer_row(
    key: ClockKey, reconciled: Reconciliation, context: ClockContext, now: datetime
) -> tables.Timer:
    """The row of a clock's next timer, and of what was sent of it."""
    clock, state, timer = reconciled.clock, reconciled.state, reconciled.timer
    return tables.Timer(
        region=key.region,
        appeal_id=key.appeal_id,
        assignment_id=key.assignment_id,
        clock=key.clock,
        cycle=key.cycle,
        version=state.version,
        state="armed" if timer else "done",
        fire_at=timer.fire_at if timer else now,
        slot=timer.slot if timer else None,
        started_at=clock.started_at,
        due_at=clock.due_at,
        organisation_id=clock.organisation_id,
        regime=context.regime,
        municipality=context.municipality,
        fired=list(state.fired),
        breached_version=state.breached_version,
    )
