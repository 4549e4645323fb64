"""Who is competent: rules in their order, the most specific first, and never the organisation complained about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import Final
from uuid import UUID

from services.routing.reference.rules.houses import SERVICES, Served
from services.routing.reference.rules.rule_index import CompetenceRule, RuleIndex, index_rules

__all__ = [
    "Choice",
    "CompetenceRule",
    "KnownOrganisation",
    "RuleIndex",
    "chain_of",
    "choose_co_executors",
    "choose_lead",
    "index_rules",
    "is_object",
    "is_subordinate",
    "level_of",
    "levels_of",
    "named_by",
    "superior_of",
]


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """What competence needs to know of an organisation; `municipality`: ОКТМО of where it acts."""

    id: UUID
    name: str
    kind: str
    parent_id: UUID | None = None
    active: bool = True
    municipality: str | None = None

    @property
    def may_execute(self) -> bool:
        """Whether questions may be given to it; the coordinating centre never executes."""
        return self.active and self.kind != "coordinator"


Organisations = Mapping[UUID, KnownOrganisation]
NO_RULE: Final = "Нет правила компетенции для этой темы и территории."


@dataclass(frozen=True, slots=True)
class Choice:
    """The organisation chosen for a question, or the reason why a person has to choose, perhaps among `suggestions`."""

    rule: CompetenceRule | None = None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    note: str = ""
    suggestions: tuple[UUID, ...] = ()

    @property
    def unruled(self) -> bool:
        """Whether no rule names anybody."""
        return self.triage_reason == NO_RULE


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
    """The level of government an organisation belongs to, named by its topmost organisation (see `levels_of`)."""
    return _level_of(organisation_id, organisations, _administrations(organisations))


def levels_of(organisations: Organisations) -> dict[UUID, UUID]:
    """Of each organisation the topmost superior below the region's government: a city's committees belong to the city, a
    regional committee is a level of its own, and the government is one. A company belongs to the municipality it acts in,
    whoever supervises it."""
    administrations = _administrations(organisations)
    return {each: _level_of(each, organisations, administrations) for each in organisations}


def _level_of(
    organisation_id: UUID, organisations: Organisations, administrations: Mapping[str, UUID]
) -> UUID:
    known = organisations.get(organisation_id)
    near = administrations.get(known.municipality or "") if known and known.kind == "company" else None
    return near or _topmost(organisation_id, organisations)


def _administrations(organisations: Organisations) -> dict[str, UUID]:
    """ОКТМО → the municipal organisation that is topmost in its chain; of several the one first by name."""
    found = (
        (each.municipality, each.name, each.id)
        for each in organisations.values()
        if each.municipality and each.kind == "municipal" and _topmost(each.id, organisations) == each.id
    )
    return {oktmo: id for oktmo, _, id in sorted(found, key=lambda key: key[:2], reverse=True)}


def _topmost(organisation_id: UUID, organisations: Organisations) -> UUID:
    """The last of an organisation's superiors below the region's government; the government itself is its own."""
    chain = chain_of(organisation_id, organisations)
    while len(chain) > 1 and _is_federal(chain[-1], organisations):
        chain.pop()
    return chain[-2] if len(chain) > 1 else chain[0]


def _is_federal(organisation_id: UUID, organisations: Organisations) -> bool:
    known = organisations.get(organisation_id)
    return known is not None and known.kind == "federal"


def is_within_level(sender: UUID, receiver: UUID, organisations: Organisations) -> bool:
    """Whether one of two organisations stands above the other below the government: a hand-over down or back up."""
    if sender == receiver or _topmost(sender, organisations) != _topmost(receiver, organisations):
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
    on: date | None = None,
    house: Served | None = None,
) -> Choice:
    """The lead organisation of a question: `on` its local day, `house` with the companies that serve it.

    A complaint never goes to its object or to an organisation subordinate to it (59-ФЗ ст. 8 ч. 6); then the nearest
    superior of the object decides, and if there is none, a person does.
    """
    for rule in rules.candidates(topic, group, municipality, "lead", on):
        chosen = _choose_by_rule(rule, organisations, complained_about, house)
        if chosen is not None:
            return chosen
    return Choice(triage_reason=NO_RULE)


def _choose_by_rule(
    rule: CompetenceRule, organisations: Organisations, complained_about: UUID | None, house: Served | None
) -> Choice | None:
    """What a rule decides; None where nobody it names may execute."""
    companies = _companies_of(rule, house, organisations)
    if companies and house is not None:
        return _choose_company(rule, house, companies, organisations, complained_about)
    if not _may_execute(rule.organisation_id, organisations):
        return None
    return _past_object(rule, rule.organisation_id, complained_about, organisations)


def _choose_company(
    rule: CompetenceRule,
    house: Served,
    companies: Sequence[UUID],
    organisations: Organisations,
    complained_about: UUID | None,
) -> Choice:
    """The one company that serves the house; of several a person chooses."""
    names = ", ".join(organisations[each].name for each in companies)
    service = SERVICES[rule.service] if rule.service else ""
    served = f"Адрес «{house.address}» обслуживает {names} ({service})."
    if len(companies) == 1:
        return _past_object(rule, companies[0], complained_about, organisations, served)
    suggested = (each for each in companies if not is_object(each, complained_about, organisations))
    reason = f"{served} Организаций несколько: выберите исполнителя."
    return Choice(rule, triage_reason=reason, suggestions=tuple(suggested))


def _past_object(
    rule: CompetenceRule,
    receiver: UUID,
    complained_about: UUID | None,
    organisations: Organisations,
    note: str = "",
) -> Choice:
    """The receiver, or whoever stands above the one complained about."""
    if not is_object(receiver, complained_about, organisations):
        return Choice(rule, receiver, note=note)
    assert complained_about is not None
    superior = superior_of(complained_about, organisations)
    if superior is None:
        reason = "Жалоба на орган, выше которого в справочнике никого нет (59-ФЗ, ст. 8 ч. 6)."
        return Choice(rule, triage_reason=reason)
    passed_on = "Направлено вышестоящему органу: жалоба не передаётся тому, на кого она подана."
    return Choice(rule, superior, note=f"{note} {passed_on}".strip())


def choose_co_executors(
    rules: RuleIndex,
    organisations: Organisations,
    *,
    topic: str | None,
    group: str | None,
    municipality: str | None,
    lead: UUID,
    complained_about: UUID | None = None,
    on: date | None = None,
    house: Served | None = None,
) -> list[CompetenceRule]:
    """Helping organisations of the first matching rank, without the lead and without the complained-about.

    A rule with a service comes with the company of the house for its organisation, where that is known and one.
    """
    matching = rules.candidates(topic, group, municipality, "co_executor", on)
    first = [rule.rank for rule in matching[:1]]
    of_first = takewhile(lambda rule: rule.rank in first, matching)
    named = (_for_house(rule, house, organisations) for rule in of_first)
    return [
        rule
        for rule in named
        if rule is not None
        and rule.organisation_id != lead
        and not is_object(rule.organisation_id, complained_about, organisations)
    ]


def named_by(rule: CompetenceRule, house: Served | None, organisations: Organisations) -> list[UUID]:
    """Those whom a rule names for a house and who may execute: the companies that serve it alike, or its organisation."""
    companies = _companies_of(rule, house, organisations)
    return companies or [each for each in (rule.organisation_id,) if _may_execute(each, organisations)]


def _for_house(
    rule: CompetenceRule, house: Served | None, organisations: Organisations
) -> CompetenceRule | None:
    """The rule with whom it names for a house; None where that is nobody, or several alike."""
    named = named_by(rule, house, organisations)
    return replace(rule, organisation_id=named[0]) if len(named) == 1 else None


def _companies_of(rule: CompetenceRule, house: Served | None, organisations: Organisations) -> list[UUID]:
    if rule.service is None or house is None:
        return []
    return [each for each in house.companies(rule.service) if _may_execute(each, organisations)]
