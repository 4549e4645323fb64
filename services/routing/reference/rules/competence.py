"""Who is competent: rules in their order, the most specific first, and never the organisation complained about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from uuid import UUID

from services.routing.reference.rules.houses import SERVICES, Served, Service
from services.routing.reference.rules.validity import is_in_season, is_valid_on

RuleKey = tuple[str | None, str | None, str | None, str]  # topic, group, municipality, role


@dataclass(frozen=True, slots=True)
class CompetenceRule:
    """Topic, group or neither × municipality or the whole region → an organisation.

    `position`: an explicit order, the smaller first; rules without one follow, the most specific first. Days are local
    ones of the region: `valid_from` inclusive, `valid_to` exclusive; seasons («MM-DD») include both ends and may go over
    New Year. `service`: the company that serves the house with it goes before the organisation.
    """

    id: UUID
    organisation_id: UUID
    topic: str | None = None
    group: str | None = None
    municipality: str | None = None
    role: str = "lead"
    comment: str = ""
    position: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    season_from: str | None = None
    season_to: str | None = None
    service: Service | None = None

    @property
    def specificity(self) -> tuple[int, int]:
        """Topic before group before any; then a municipality before the whole region."""
        return (2 if self.topic else 1 if self.group else 0, 1 if self.municipality else 0)

    @property
    def key(self) -> RuleKey:
        """What it is found by. A rule of a topic does not need its group to match."""
        return (self.topic, None if self.topic else self.group, self.municipality, self.role)

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """Rules are tried in ascending rank; those of one rank are equals, of which the older id goes first."""
        subject, place = self.specificity
        return (self.position is None, self.position or 0, -subject, -place)

    @property
    def order(self) -> tuple[tuple[bool, int, int, int], UUID]:
        """Rules are tried in ascending order: the same rules, the same choice."""
        return (self.rank, self.id)

    @property
    def is_dated(self) -> bool:
        """Whether the day matters."""
        return not (self.valid_from is None and self.valid_to is None and self.season_from is None)

    def applies_on(self, day: date | None) -> bool:
        """Whether it is in force; without a day only what always is."""
        if not self.is_dated:
            return True
        return (
            day is not None
            and is_valid_on(day, self.valid_from, self.valid_to)
            and is_in_season(day, self.season_from, self.season_to)
        )


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


@dataclass(frozen=True, slots=True)
class Choice:
    """The organisation chosen for a question, or the reason why a person has to choose, perhaps among `suggestions`."""

    rule: CompetenceRule | None = None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    note: str = ""
    suggestions: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class RuleIndex:
    """The rules of a region by what they name. What no rule has is not asked for: days, positions, houses."""

    by_key: Mapping[RuleKey, Sequence[CompetenceRule]] = field(default_factory=dict)
    has_dates: bool = False
    has_positions: bool = False
    has_services: bool = False

    def candidates(
        self,
        topic: str | None,
        group: str | None,
        municipality: str | None,
        role: str,
        on: date | None = None,
    ) -> list[CompetenceRule]:
        """Matching rules in the order in which they are tried; `on`: the day, without which only what always holds."""
        found = self.matching(topic, group, municipality, role)
        return [rule for rule in found if rule.applies_on(on)] if self.has_dates else found

    def matching(
        self, topic: str | None, group: str | None, municipality: str | None, role: str
    ) -> list[CompetenceRule]:
        """The same on whatever day."""
        # Without a topic, group or municipality there is nothing more specific to look for.
        by_topic = ((topic, None),) if topic else ()
        by_group = ((None, group),) if group else ()
        places = (municipality, None) if municipality else (None,)
        found: list[CompetenceRule] = []
        for subject in (*by_topic, *by_group, (None, None)):
            for place in places:
                found += self.by_key.get((*subject, place, role), ())
        if self.has_positions:
            found.sort(key=lambda rule: rule.order)
        return found

    def all(self) -> list[CompetenceRule]:
        """Every rule."""
        return [rule for rules in self.by_key.values() for rule in rules]


def index_rules(rules: Iterable[CompetenceRule]) -> RuleIndex:
    """Index rules; among equals the older id goes first, so that the choice is stable."""
    index: dict[RuleKey, list[CompetenceRule]] = {}
    ordered = sorted(rules, key=lambda rule: rule.id)
    for rule in ordered:
        index.setdefault(rule.key, []).append(rule)
    return RuleIndex(
        index,
        has_dates=any(rule.is_dated for rule in ordered),
        has_positions=any(rule.position is not None for rule in ordered),
        has_services=any(rule.service is not None for rule in ordered),
    )


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


def superior_of(organisation_id: UUID, organisations: Organisations) -> UUID | None:
    """The nearest active superior that may execute."""
    superiors = chain_of(organisation_id, organisations)[1:]
    return next((each for each in superiors if _may_execute(each, organisations)), None)


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
    return Choice(triage_reason="Нет правила компетенции для этой темы и территории.")


def _choose_by_rule(
    rule: CompetenceRule, organisations: Organisations, complained_about: UUID | None, house: Served | None
) -> Choice | None:
    """What a rule decides; None where nobody it names may execute."""
    if rule.service is not None and house is not None:
        companies = [each for each in house.companies(rule.service) if _may_execute(each, organisations)]
        if companies:
            return _choose_company(rule, rule.service, house, companies, organisations, complained_about)
    if not _may_execute(rule.organisation_id, organisations):
        return None
    return _past_object(rule, rule.organisation_id, complained_about, organisations)


def _choose_company(
    rule: CompetenceRule,
    service: Service,
    house: Served,
    companies: Sequence[UUID],
    organisations: Organisations,
    complained_about: UUID | None,
) -> Choice:
    """The one company that serves the house; of several a person chooses."""
    names = ", ".join(organisations[each].name for each in companies)
    served = f"Адрес «{house.address}» обслуживает {names} ({SERVICES[service]})."
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
) -> list[CompetenceRule]:
    """Helping organisations of the first matching rank, without the lead and without the complained-about."""
    matching = rules.candidates(topic, group, municipality, "co_executor", on)
    first = [rule.rank for rule in matching[:1]]
    return [
        rule
        for rule in takewhile(lambda rule: rule.rank in first, matching)
        if _may_execute(rule.organisation_id, organisations)
        and rule.organisation_id != lead
        and not is_object(rule.organisation_id, complained_about, organisations)
    ]
