"""Whose rows a figure counts: what the asker may see, and what it asks for within that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from uuid import UUID

from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.sources import Base, Dimension

DatedBy = Literal[
    "received_local", "due_on"
]  # by what a period counts: when it was received, or when it was due
NOTHING = "false"
MUNICIPALITY_DIGITS: Final = 8  # of a code (ОКТМО); a settlement's has more


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that an asker may have counted at all. None: no limit of that kind; an empty tuple: nothing.

    `municipalities`: how the codes (ОКТМО) of what it may see begin.
    """

    regions: tuple[str, ...] | None
    municipalities: tuple[str, ...] | None
    organisation: UUID | None


EVERYTHING = Scope(None, None, None)  # of workers and of what is public


@dataclass(frozen=True, slots=True)
class Filter:
    """Which appeals a figure is about. `region` is the one that was asked for (None: all within the scope)."""

    region: str | None
    scope: Scope
    period: Period
    municipality: str | None = None
    organisation: UUID | None = None
    topic: str | None = None
    group: str | None = None
    channel: str | None = None

    def during(self, period: Period) -> Filter:
        """The same question about another period."""
        return replace(self, period=period)

    @property
    def whole_municipality(self) -> str | None:
        """The one that is asked for, or that the settlement counts for: of what is known of whole municipalities alone."""
        return self.municipality and self.municipality[:MUNICIPALITY_DIGITS]

    @property
    def regions(self) -> tuple[str, ...] | None:
        """Those that count: the one asked for if it is within the scope, or the scope's (None: all)."""
        allowed = self.scope.regions
        if self.region is None:
            return allowed
        return (self.region,) if allowed is None or self.region in allowed else ()


def base_of(filters: Filter, dimension: Dimension | None = None) -> Base:
    """An organisation's figures count its assignments (also as co-executor, also those it redirected); others count
    appeals."""
    organisation = filters.organisation or filters.scope.organisation
    return "assignment" if organisation is not None or dimension == "organisation" else "appeal"


@dataclass
class Conditions:
    """SQL conditions over a source `f`, joined by AND, and their parameters."""

    clauses: list[str] = field(default_factory=list)
    parameters: dict[str, object] = field(default_factory=dict)

    def equal(self, column: str, name: str, value: object | None) -> None:
        """`column = :name`, unless there is nothing to compare with."""
        if value is not None:
            self.clauses.append(f"f.{column} = :{name}")
            self.parameters[name] = value

    def any_of(self, name: str, values: Sequence[str] | None, *comparisons: str) -> None:
        """One of `comparisons`, each with a place `{}` for one of the values; none of no values, all of None."""
        if values is None:
            return
        named = {f"{name}_{place}": value for place, value in enumerate(values)}
        self.parameters.update(named)
        alternatives = [comparison.format(f":{key}") for key in named for comparison in comparisons]
        self.clauses.append(f"({' OR '.join(alternatives)})" if alternatives else NOTHING)


def conditions_of(filters: Filter, dated_by: DatedBy = "received_local") -> Conditions:
    """The scope and what was asked; the period is one of `dated_by`. Every question of figures goes through here, whoever answers it: the scope is a
    condition of its own, whatever is asked."""
    made = Conditions()
    regions, scope, period = filters.regions, filters.scope, filters.period
    made.any_of("region", regions, "f.region = {}")
    made.any_of(
        "within",
        scope.municipalities,
        "starts_with(f.municipality, {})",
        "starts_with(f.routed_municipality, {})",
    )
    made.equal("organisation_id", "own", scope.organisation)
    municipality = None if filters.municipality is None else [filters.municipality]
    made.any_of("municipality", municipality, "starts_with(f.municipality, {})")
    made.equal("organisation_id", "organisation", filters.organisation)
    made.equal("topic", "topic", filters.topic)
    made.equal("topic_group", "topic_group", filters.group)
    made.equal("channel", "channel", filters.channel)
    for name, comparison, day in (("start", ">=", period.start), ("end", "<", period.end)):
        if day is not None:
            made.clauses.append(f"f.{dated_by} {comparison} CAST(:{name} AS date)::timestamp")
            made.parameters[name] = day
    return made
