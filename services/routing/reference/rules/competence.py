"""Who is competent: the most specific rule wins, and never the body complained about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Rule:
    """Topic, group or neither × municipality or the whole region → a body."""

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


@dataclass(frozen=True)
class Body:
    """What competence needs to know of an organisation."""

    id: UUID
    name: str
    kind: str
    parent_id: UUID | None = None
    active: bool = True


@dataclass(frozen=True)
class Choice:
    """The body chosen for a question, or the reason why a person has to choose."""

    rule: Rule | None = None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    note: str = ""


@dataclass(frozen=True)
class RuleBook:
    """The rules of a region, indexed by what they name."""

    by_key: Mapping[tuple[str | None, str | None, str | None, str], Sequence[Rule]] = field(
        default_factory=dict
    )

    def candidates(
        self, topic: str | None, group: str | None, municipality: str | None, role: str
    ) -> list[Rule]:
        """Matching rules, most specific first."""
        # Without a topic, group or municipality there is nothing more specific to look for.
        subjects: list[tuple[str | None, str | None]] = [(topic, None)] if topic else []
        subjects += [(None, group)] if group else []
        places = [municipality, None] if municipality else [None]
        found: list[Rule] = []
        for subject in (*subjects, (None, None)):
            for place in places:
                found.extend(self.by_key.get((*subject, place, role), ()))
        return found


def make_rule_book(rules: Iterable[Rule]) -> RuleBook:
    """Index rules; among equally specific ones the older id goes first, so that the choice is stable."""
    index: dict[tuple[str | None, str | None, str | None, str], list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        # A rule of a topic does not need its group to match.
        key = (rule.topic, None if rule.topic else rule.group, rule.municipality, rule.role)
        index.setdefault(key, []).append(rule)
    return RuleBook(index)


def chain_of(organisation_id: UUID, bodies: Mapping[UUID, Body]) -> list[UUID]:
    """The body and its superiors, nearest first; a cycle ends the chain."""
    chain: list[UUID] = []
    current: UUID | None = organisation_id
    while current is not None and current not in chain:
        chain.append(current)
        body = bodies.get(current)
        current = body.parent_id if body else None
    return chain


def is_subordinate(organisation_id: UUID, to: UUID, bodies: Mapping[UUID, Body]) -> bool:
    """Whether a body is `to` itself or stands anywhere below it."""
    return to in chain_of(organisation_id, bodies)


def choose_lead(
    book: RuleBook,
    bodies: Mapping[UUID, Body],
    *,
    topic: str | None,
    group: str | None,
    municipality: str | None,
    complained_about: UUID | None = None,
) -> Choice:
    """The lead body of a question.

    A complaint never goes to its object or to a body subordinate to it (59-ФЗ ст. 8 ч. 6); then the nearest
    superior of the object decides, and if there is none, a person does.
    """
    for rule in book.candidates(topic, group, municipality, "lead"):
        body = bodies.get(rule.organisation_id)
        if body is None or not body.active:
            continue
        if complained_about is None or not is_subordinate(body.id, complained_about, bodies):
            return Choice(rule, body.id)
        superior = superior_of(complained_about, bodies)
        if superior is None:
            reason = "Жалоба на орган, выше которого в справочнике никого нет (59-ФЗ, ст. 8 ч. 6)."
            return Choice(rule, triage_reason=reason)
        return Choice(
            rule,
            superior,
            note="Направлено вышестоящему органу: жалоба не передаётся тому, на кого она подана.",
        )
    return Choice(triage_reason="Нет правила компетенции для этой темы и территории.")


def superior_of(organisation_id: UUID, bodies: Mapping[UUID, Body]) -> UUID | None:
    """The nearest active superior that may execute (the coordinating centre never does)."""
    for candidate in chain_of(organisation_id, bodies)[1:]:
        body = bodies.get(candidate)
        if body is not None and body.active and body.kind != "coordinator":
            return candidate
    return None


def choose_co_executors(
    book: RuleBook,
    bodies: Mapping[UUID, Body],
    *,
    topic: str | None,
    group: str | None,
    municipality: str | None,
    lead: UUID,
    complained_about: UUID | None = None,
) -> list[Rule]:
    """Helping bodies of the most specific matching level, without the lead and without the complained-about."""
    found: list[Rule] = []
    level: tuple[int, int] | None = None
    for rule in book.candidates(topic, group, municipality, "co_executor"):
        if level is not None and rule.specificity != level:
            break
        level = rule.specificity
        body = bodies.get(rule.organisation_id)
        if body is None or not body.active or body.id == lead:
            continue
        if complained_about is None or not is_subordinate(body.id, complained_about, bodies):
            found.append(rule)
    return found
