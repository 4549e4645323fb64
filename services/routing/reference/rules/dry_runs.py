"""What other competence rules would have done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.reference.rules.competence import CompetenceRule, index_rules
from services.routing.reference.rules.region_reference import RegionReference


@dataclass(frozen=True, slots=True)
class Subject:
    """What competence looks at."""

    topic: str | None
    municipality: str | None
    complained_about: UUID | None


def with_rules(
    reference: RegionReference, added: Sequence[CompetenceRule], removed: Collection[UUID]
) -> RegionReference:
    """The reference data with some rules more and some less."""
    stored = [rule for rules in reference.rules.by_key.values() for rule in rules]
    remaining = [rule for rule in stored if rule.id not in removed]
    places = reference.places | {rule.municipality for rule in added if rule.municipality}
    # Among equals the older rule wins; a proposed one is meant to win over those it is compared with.
    first = [replace(rule, id=UUID(int=number)) for number, rule in enumerate(added)]
    return replace(reference, rules=index_rules([*first, *remaining]), places=places)


def would_move(
    before: RegionReference, after: RegionReference, subject: Subject
) -> tuple[UUID | None, UUID | None] | None:
    """(organisation now, organisation then) when they differ; None for triage."""
    now, then = (
        reference.choose_lead(subject.topic, subject.municipality, subject.complained_about).organisation_id
        for reference in (before, after)
    )
    return None if now == then else (now, then)
