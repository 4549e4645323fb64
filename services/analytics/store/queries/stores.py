"""What figures are asked of, and what answers them in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.analytics.store.rules.questions import Question, compose
from services.analytics.store.rules.sources import SOURCES

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")

_KNOWN = """
SELECT DISTINCT ON (key) key, name FROM analytics.reference
WHERE kind = :kind AND key = ANY(:keys) AND (CAST(:regions AS text[]) IS NULL OR region = ANY(:regions))
ORDER BY key, region
"""


_POPULATIONS = """
SELECT region, key AS municipality, population FROM analytics.reference
WHERE kind = 'municipality' AND (CAST(:regions AS text[]) IS NULL OR region = ANY(:regions))
"""


@dataclass(frozen=True, slots=True)
class Population:
    """How many people live in a municipality; null where nobody said."""

    region: str
    municipality: str
    population: int | None


class FigureStore(Protocol):
    """Answers questions of figures; every request opens one."""

    async def ask(self, kind: type[R], question: Question) -> list[R]:
        """Rows as instances of `kind`, whose fields are columns of the question."""
        ...

    async def find_names(
        self, kind: str, keys: Sequence[str], regions: Sequence[str] | None
    ) -> Mapping[str, str]:
        """What topics, groups or organisations are called in these regions (None: any), as far as it is known."""
        ...

    async def find_populations(self, regions: Sequence[str] | None) -> Sequence[Population]:
        """Every municipality that reference data of these regions (None: any) name."""
        ...


@dataclass(frozen=True, slots=True)
class KnownName:
    """How a group is called."""

    key: str
    name: str


class FactStore:
    """The facts themselves. Row security holds for its session, beside the scope that every question carries."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def ask(self, kind: type[R], question: Question) -> list[R]:
        """From the facts of this moment."""
        statement = compose(question, SOURCES)
        return await rows(self.session, kind, statement.sql, **statement.parameters)

    async def find_names(
        self, kind: str, keys: Sequence[str], regions: Sequence[str] | None
    ) -> Mapping[str, str]:
        """From reference data."""
        asked = None if regions is None else list(regions)
        found = await rows(self.session, KnownName, _KNOWN, kind=kind, keys=list(keys), regions=asked)
        return {each.key: each.name for each in found}

    async def find_populations(self, regions: Sequence[str] | None) -> Sequence[Population]:
        """From reference data."""
        asked = None if regions is None else list(regions)
        return await rows(self.session, Population, _POPULATIONS, regions=asked)
