"""What other competence rules would have done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.reference.rules.region_reference import RegionBook
from services.routing.reference.rules.competence import Rule, make_rule_book
from services.routing.placement.rules.decisions import choose


@dataclass(frozen=True)
class Asked:
    """What competence looks at."""

    topic: str | None
    municipality: str | None
    complained_about: UUID | None


def with_rules(book: RegionBook, added: Sequence[Rule], removed: Collection[UUID]) -> RegionBook:
    """The book with some rules more and some less."""
    kept = [rule for rules in book.rules.by_key.values() for rule in rules if rule.id not in removed]
    places = book.places | {rule.municipality for rule in added if rule.municipality}
    # Among equals the older rule wins; a proposed one is meant to win over those it is compared with.
    first = [replace(rule, id=UUID(int=number)) for number, rule in enumerate(added)]
    return replace(book, rules=make_rule_book([*first, *kept]), places=places)


def would_move(before: RegionBook, after: RegionBook, asked: Asked) -> tuple[UUID | None, UUID | None] | None:
    """(body now, body then) when they differ; a body is None for triage."""
    now, then = (
        choose(book, asked.topic, asked.municipality, asked.complained_about).organisation_id
        for book in (before, after)
    )
    return None if now == then else (now, then)
