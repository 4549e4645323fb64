"""Who is competent: the most specific rule wins, and never the organisation complained about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final
from uuid import UUID

RuleKey = tuple[str | None, str | None, str | None, str]  # topic, group, municipality, role


@dataclass(frozen=True, slots=True)
class CompetenceRule:
    """Topic, group or neither × municipality or the whole region → an organisation."""

    id: UUID
    organisation_id: UUID
    topic: str | None = None
    group: str | None = None
    municipality: str | None = None
    role: str = "lead"
    comment: str = ""

    @property
    def specificity(self) -> tuple[int, int]:
        """Topic before group before any; then a municipality before the whole region."""
        return (2 if self.topic else 1 if self.group else 0, 1 if self.municipality else 0)

    @property
    def key(self) -> RuleKey:
        """What it is found by. A rule of a topic does not need its group to match."""
        return (self.topic, None if self.topic else self.group, self.municipality, self.role)


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """What competence needs to know of an organisation."""

    id: UUID
    name: str
    kind: str
    parent_id: UUID | None = None
    active: bool = True

    @property
    def may_execute(self) -> bool:
        """Whether questions may be given to it; the coordinating centre never executes."""
        return self.active and self.kind != "coordinator"


Organisations = Mapping[UUID, KnownOrganisation]
NO_RULE: Final = "Нет правила компетенции для этой темы и территории."


@dataclass(frozen=True, slots=True)
class Choice:
    """The organisation chosen for a question, or the reason why a person has to choose."""

    rule: CompetenceRule | None = None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    note: str = ""

    @property
    def unruled(self) -> bool:
        """Whether no rule names anybody."""
        return self.triage_reason == NO_RULE


@dataclass(frozen=True)
class RuleIndex:
    """The rules of a region by what they name."""

    by_key: Mapping[RuleKey, Sequence[CompetenceRule]] = field(default_factory=dict)

    def candidates(
        self, topic: str | None, group: str | None, municipality: str | None, role: str
    ) -> list[CompetenceRule]:
        """Matching rules, most specific first."""
        # Without a topic, group or municipality there is nothing more specific to look for.
        by_topic = ((topic, None),) if topic else ()
        by_group = ((None, group),) if group else ()
        places = (municipality, None) if municipality else (None,)
        found: list[CompetenceRule] = []
        for subject in (*by_topic, *by_group, (None, None)):
            for place in places:
                found += self.by_key.get((*subject, place, role), ())
        return found


def index_rules(rules: Iterable[CompetenceRule]) -> RuleIndex:
    """Index rules; among equally specific ones the older id goes first, so that the choice is stable."""
    index: dict[RuleKey, list[CompetenceRule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        index.setdefault(rule.key, []).append(rule)
    return RuleIndex(index)


def chain_of(organisation_id: UUID, organisations: Organisations) -> list[UUID]:
    """The organisation and its superiors, nearest first; a cycle ends the chain."""
    chain: list[UUID] = []
    current: UUID | None = organisation_id
    while current is not None and current not in chain:
        chain.append(current)
        known = organisations.get(current)
        current = known.parent_id if known else None
    return chain


def is_subordinate(organisation_id: UUID, to: UUID, organisations: Organisations) -> bool:
    """Whether an organisation is `to` itself or stands anywhere below it."""
    return to in chain_of(organisation_id, organisations)


def is_object(organisation_id: UUID, complained_about: UUID | None, organisations: Organisations) -> bool:
    """Whether an organisation is the one complained about or stands below it: it must not get the complaint
    (59-ФЗ ст. 8 ч. 6)."""
    return complained_about is not None and is_subordinate(organisation_id, complained_about, organisations)


def level_of(organisation_id: UUID, organisations: Organisations) -> UUID:
    """The topmost superior below the region's government: a city's committee and its companies belong to the city, a
    regional committee is a level of its own, and the government is one."""
    chain = chain_of(organisation_id, organisations)
    while len(chain) > 1 and _is_federal(chain[-1], organisations):
        chain.pop()
    return chain[-2] if len(chain) > 1 else chain[0]


def _is_federal(organisation_id: UUID, organisations: Organisations) -> bool:
    known = organisations.get(organisation_id)
    return known is not None and known.kind == "federal"


def is_within_level(sender: UUID, receiver: UUID, organisations: Organisations) -> bool:
    """Whether one of two organisations stands above the other inside one level: a hand-over down or back up."""
    if sender == receiver or level_of(sender, organisations) != level_of(receiver, organisations):
        return False
    return is_subordinate(sender, receiver, organisations) or is_subordinate(receiver, sender, organisations)


def superior_of(organisation_id: UUID, organisations: Organisations) -> UUID | None:
    """The nearest active superior that may execute; in a cycle nobody stands above anybody."""
    superiors = chain_of(organisation_id, organisations)[1:]
    above = (each for each in superiors if not is_subordinate(each, organisation_id, organisations))
    return next((each for each in above if _may_execute(each, organisations)), None)


def _may_execute(organisation_id: UUID, organisations: Organisations) -> bool:
    known = organisations.get(organisation_id)
    return known is not None and known.may_execute


def choose_lead(
    rules: RuleIndex,
    organisations: Organisations,
    *,
    topic: str | None,
    group: str | None,
    municipality: str | None,
    complained_about: UUID | None = None,
) -> Choice:
    """The lead organisation of a question.

    A complaint never goes to its object or to an organisation subordinate to it (59-ФЗ ст. 8 ч. 6); then the nearest
    superior of the object decides, and if there is none, a person does.
    """
    for rule in rules.candidates(topic, group, municipality, "lead"):
        if _may_execute(rule.organisation_id, organisations):
            return _past_object(rule, complained_about, organisations)
    return Choice(triage_reason=NO_RULE)


def _past_object(rule: CompetenceRule, complained_about: UUID | None, organisations: Organisations) -> Choice:
    """The rule's organisation, or whoever stands above the one complained about."""
    if not is_object(rule.organisation_id, complained_about, organisations):
        return Choice(rule, rule.organisation_id)
    assert complained_about is not None
    superior = superior_of(complained_about, organisations)
    if superior is None:
        reason = "Жалоба на орган, выше которого в справочнике никого нет (59-ФЗ, ст. 8 ч. 6)."
        return Choice(rule, triage_reason=reason)
    note = "Направлено вышестоящему органу: жалоба не передаётся тому, на кого она подана."
    return Choice(rule, superior, note=note)


def choose_co_executors(
    rules: RuleIndex,
    organisations: Organisations,
    *,
    topic: str | None,
    group: str | None,
    municipality: str | None,
    lead: UUID,
    complained_about: UUID | None = None,
) -> list[CompetenceRule]:
    """Helping organisations of the most specific matching level, without the lead and without the complained-about."""
    matching = rules.candidates(topic, group, municipality, "co_executor")
    level = [rule.specificity for rule in matching[:1]]
    most_specific = takewhile(lambda rule: rule.specificity in level, matching)
    return [
        rule
        for rule in most_specific
        if _may_execute(rule.organisation_id, organisations)
        and rule.organisation_id != lead
        and not is_object(rule.organisation_id, complained_about, organisations)
    ]
