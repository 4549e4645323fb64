"""A set of competence rules, judged by itself and by what it would have decided, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypedDict
from uuid import UUID

from services.routing.reference.rules.competence import CompetenceRule
from services.routing.reference.rules.dry_runs import Use, added_id, always_beaten
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.rule_checks import Period, find_conflicts, find_dead, find_shadowed
from services.routing.reference.rules.sentences import describe_rule
from services.routing.reference.schemas.dry_runs import (
    ConflictingRules,
    DeadRule,
    DecidingRule,
    RuleCounts,
    RuleMention,
    ShadowedRule,
)

LISTED: Final = 500


class ReportFields(TypedDict):
    """The report as fields of an answer."""

    counts: RuleCounts
    deciding: list[DecidingRule]
    untouched: list[RuleMention]
    dead: list[DeadRule]
    shadowed: list[ShadowedRule]
    conflicts: list[ConflictingRules]


@dataclass(frozen=True)
class RuleReport:
    """Ids of rules by what is known of them; `static`: shadowed by what the rules say, `beaten`: in the period only."""

    reference: RegionReference
    rules: dict[UUID, CompetenceRule]
    added: dict[UUID, int]
    use: Use
    dead: dict[UUID, str]
    static: dict[UUID, UUID]
    beaten: dict[UUID, UUID]
    untouched: list[UUID]
    conflicts: list[tuple[UUID, UUID]]

    def as_fields(self) -> ReportFields:
        """Counts of all, and the first of each."""
        return ReportFields(
            counts=RuleCounts(
                rules=len(self.rules),
                deciding=len(self.use.decided),
                untouched=len(self.untouched),
                dead=len(self.dead),
                shadowed=len(self.static) + len(self.beaten),
                conflicts=len(self.conflicts),
            ),
            deciding=[
                DecidingRule(rule=self._mention(id), assignments=count)
                for id, count in self.use.decided.most_common(LISTED)
            ],
            untouched=[self._mention(id) for id in self.untouched[:LISTED]],
            dead=[
                DeadRule(rule=self._mention(id), reason=reason)
                for id, reason in islice(self.dead.items(), LISTED)
            ],
            shadowed=list(islice(self._shadowed(), LISTED)),
            conflicts=[
                ConflictingRules(first=self._mention(first), second=self._mention(second))
                for first, second in self.conflicts[:LISTED]
            ],
        )

    def _shadowed(self) -> Iterator[ShadowedRule]:
        for always, found in ((True, self.static), (False, self.beaten)):
            for id, by in found.items():
                times = self.use.beaten[id].total() if id in self.use.beaten else 0
                rule, other = self._mention(id), self._mention(by)
                yield ShadowedRule(rule=rule, by=other, always=always, assignments=times)

    def _mention(self, id: UUID) -> RuleMention:
        number = self.added.get(id)
        sentence = describe_rule(self.rules[id], self.reference)
        return RuleMention(id=id if number is None else None, added=number, sentence=sentence)


def report_on(reference: RegionReference, use: Use, period: Period, added: int) -> RuleReport:
    """`reference`: with the rules that are tried, of which the first `added` ones were proposed."""
    rules = {rule.id: rule for rule in sorted(reference.rules.all(), key=lambda rule: rule.order)}
    dead = find_dead(reference, period)
    static = find_shadowed(reference, dead)
    beaten = {id: by for id, by in always_beaten(use).items() if id not in static}
    known = {*use.decided, *dead, *static, *beaten}
    return RuleReport(
        reference=reference,
        rules=rules,
        added={added_id(number): number for number in range(added)},
        use=use,
        dead=dead,
        static=static,
        beaten=beaten,
        untouched=[id for id in rules if id not in known],
        conflicts=find_conflicts(reference, dead.keys()),
    )
