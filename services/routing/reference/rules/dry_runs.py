"""What other competence rules would have done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.routing.reference.rules.competence import Choice, CompetenceRule, index_rules
from services.routing.reference.rules.region_reference import RegionReference


@dataclass(frozen=True, slots=True)
class Subject:
    """What competence looks at. `day`: the local one, where some rule depends on it."""

    topic: str | None
    municipality: str | None
    complained_about: UUID | None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How often rules decided, and by which others they were beaten where they matched, by ids."""

    decided: Counter[UUID] = field(default_factory=Counter)
    beaten: dict[UUID, Counter[UUID]] = field(default_factory=lambda: defaultdict(Counter))


def with_rules(
    reference: RegionReference,
    added: Sequence[CompetenceRule],
    removed: Collection[UUID],
    changed: Sequence[CompetenceRule] = (),
) -> RegionReference:
    """The reference data with some rules more, some less, and some (known by their ids) otherwise."""
    gone = {*removed, *(rule.id for rule in changed)}
    remaining = [rule for rule in reference.rules.all() if rule.id not in gone]
    new = [*changed, *added]
    places = reference.places | {rule.municipality for rule in new if rule.municipality}
    # Among equals the older rule wins; a proposed one is meant to win over those it is compared with.
    first = [replace(rule, id=added_id(number)) for number, rule in enumerate(added)]
    return replace(reference, rules=index_rules([*first, *changed, *remaining]), places=places)


def added_id(number: int) -> UUID:
    """What a proposed rule is called while it is tried."""
    return UUID(int=number)


def choose(reference: RegionReference, subject: Subject) -> Choice:
    """The choice for a subject. Houses are not known of history: rules with a service name their organisation."""
    return reference.choose_lead(
        subject.topic, subject.municipality, subject.complained_about, on=subject.day
    )


def would_move(
    before: RegionReference, after: RegionReference, subject: Subject
) -> tuple[UUID | None, UUID | None] | None:
    """(organisation now, organisation then) when they differ; None for triage."""
    now, then = (choose(reference, subject).organisation_id for reference in (before, after))
    return None if now == then else (now, then)


def count_use(reference: RegionReference, asked: Iterable[tuple[Subject, int]]) -> Use:
    """Which rules decide about subjects, each of which came so many times."""
    use = Use()
    for subject, times in asked:
        choice = choose(reference, subject)
        if choice.rule is None:
            continue
        use.decided[choice.rule.id] += times
        for rule in _after(choice.rule, candidates_of(reference, subject)):
            use.beaten[rule.id][choice.rule.id] += times
        if choice.organisation_id is not None:
            helping = _helping(reference, subject, choice.organisation_id)
            use.decided.update(dict.fromkeys((rule.id for rule in helping), times))
    return use


def _after(winner: CompetenceRule, candidates: Sequence[CompetenceRule]) -> Sequence[CompetenceRule]:
    return candidates[candidates.index(winner) + 1 :]


def candidates_of(reference: RegionReference, subject: Subject) -> list[CompetenceRule]:
    """The lead rules that match a subject, in order."""
    topic = reference.topic(subject.topic)
    place = reference.place_of(subject.municipality)
    group = topic.group if topic else None
    return reference.rules.candidates(subject.topic, group, place, "lead", subject.day)


def _helping(reference: RegionReference, subject: Subject, lead: UUID) -> Sequence[CompetenceRule]:
    return reference.choose_co_executors(
        subject.topic, subject.municipality, subject.complained_about, lead, on=subject.day
    )


def always_beaten(use: Use) -> Mapping[UUID, UUID]:
    """Rules that matched and never decided → the rule that most often did instead."""
    return {rule: by.most_common(1)[0][0] for rule, by in use.beaten.items() if not use.decided[rule]}
