"""What a policy would have changed: the stored journals folded twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, scalar
from services.sla.administration.schemas.policies import DryRun, DryRunExample, DryRunSide
from services.sla.clocks.actions.journals import read_facts
from services.sla.clocks.rules.facts import Fact
from services.sla.clocks.rules.fold import Clock, fold_clocks
from services.sla.keys import AppealKey
from services.sla.policies.queries import read_region_config
from services.sla.policies.rules.policies import Policy
from services.sla.policies.rules.region_config import RegionConfig

_BATCH: Final = 200
_EXAMPLES: Final = 10
_NEWEST: Final = (
    "SELECT appeal_id::text FROM sla.appeal WHERE region = :region AND removed_at IS NULL "
    "AND received_at >= :since ORDER BY received_at DESC LIMIT :limit"
)


async def try_policy(session: AsyncSession, region: str, policy: Policy, days: int, limit: int) -> DryRun:
    """Fold the journals of the last `days` (at most `limit` appeals, the newest) without and with `policy`."""
    config = await read_region_config(session, region)
    now = await scalar(session, datetime, "SELECT now()")
    assert now is not None, "the database knows the time"
    since = now - timedelta(days=days)
    ids = await column(session, str, _NEWEST, region=region, since=since, limit=limit + 1)
    keys = [AppealKey(region, appeal_id) for appeal_id in ids[:limit]]
    trial = _Trial(config, policy, now)
    for start in range(0, len(keys), _BATCH):
        journals = await read_facts(session, keys[start : start + _BATCH])
        # Arithmetic of a minute must not stop the timers that share this event loop.
        await asyncio.to_thread(trial.add, journals)
    return trial.result(len(keys), complete=len(ids) <= limit)


class _Trial:
    """Counts of both sides."""

    def __init__(self, config: RegionConfig, policy: Policy, now: datetime) -> None:
        self.config = config
        self.policy = policy
        self.now = now
        others = [known for known in config.policies if known.id != policy.id]
        self.with_policy = [*others, policy]
        self.counts: Counter[str] = Counter()
        self.examples: list[DryRunExample] = []

    def add(self, journals: Mapping[AppealKey, Sequence[Fact]]) -> None:
        """Compare one batch of appeals."""
        for key, facts in journals.items():
            before = self._fold(key.appeal_id, facts, self.config.policies)
            after = self._fold(key.appeal_id, facts, self.with_policy)
            for name in before.keys() | after.keys():
                self._compare(before.get(name), after.get(name))

    def _fold(self, appeal_id: str, facts: Sequence[Fact], policies: Sequence[Policy]) -> dict[str, Clock]:
        clocks = fold_clocks(appeal_id, facts, policies, self.config.calendar_of, self.now)
        return {
            clock.key: clock
            for clock in clocks
            if clock.clock == self.policy.clock
            and not (clock.clock == "answer" and clock.assignment_id is None)
        }

    def _compare(self, before: Clock | None, after: Clock | None) -> None:
        for side, clock in (("before", before), ("after", after)):
            if clock:
                self.counts[side] += 1
                self.counts[f"{side} {clock.state}"] += 1
        due_before, due_after = (clock.due_at if clock else None for clock in (before, after))
        if due_before == due_after:
            return
        self.counts["changed"] += 1
        if due_before and due_after:
            self.counts["later" if due_after > due_before else "earlier"] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(_example(before, after))

    def result(self, appeals: int, *, complete: bool) -> DryRun:
        """What came out."""
        return DryRun(
            appeals=appeals,
            complete=complete,
            changed=self.counts["changed"],
            earlier=self.counts["earlier"],
            later=self.counts["later"],
            before=self._side("before"),
            after=self._side("after"),
            examples=self.examples,
        )

    def _side(self, side: str) -> DryRunSide:
        in_time, late = self.counts[f"{side} met"], self.counts[f"{side} breached"]
        share = round(in_time / (in_time + late), 4) if in_time + late else None
        return DryRunSide(clocks=self.counts[side], in_time=in_time, late=late, in_time_share=share)


def _example(before: Clock | None, after: Clock | None) -> DryRunExample:
    clock = before or after
    assert clock is not None
    return DryRunExample(
        appeal_id=UUID(clock.appeal_id),
        assignment_id=UUID(clock.assignment_id) if clock.assignment_id else None,
        cycle=clock.cycle,
        due_before=before.due_at if before else None,
        due_after=after.due_at if after else None,
        state_before=before.state if before else None,
        state_after=after.state if after else None,
    )
