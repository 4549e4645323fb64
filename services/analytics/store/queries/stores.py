"""What figures are asked of, and what answers them in Postgres."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.kept_answers import KeptAnswers
from services.analytics.store.rules.questions import Question, Statement, compose
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


# Of the snapshot that a request reads all its figures from.
_SEEN = """
SELECT analytics.newest_change() AS change, concat_ws('|', current_setting('app.scope', true), current_setting('app.regions', true),
    current_setting('app.organisation', true), current_setting('app.municipalities', true)) AS scope
"""
MOST_ROWS: Final = 500  # of an answer that is kept


@dataclass(frozen=True, slots=True)
class Seen:
    """What a snapshot shows: the facts up to a change (None while an older one may still come), of the rows of a scope."""

    change: int | None
    scope: str


class FactStore:
    """The facts themselves. Row security holds for its session, beside the scope that every question carries. `kept`: answers of
    other sessions, which hold for this one as long as nothing has changed and it may see the same rows."""

    def __init__(self, session: AsyncSession, kept: KeptAnswers | None = None) -> None:
        self.session = session
        self.kept = kept
        self._seen: Seen | None = None

    async def ask(self, kind: type[R], question: Question) -> list[R]:
        """From the facts of this moment."""
        statement = compose(question, SOURCES)
        if self.kept is None:
            return await self._count(kind, statement)
        seen = await self._find_seen()
        if seen.change is None:
            return await self._count(kind, statement)
        key = (seen, kind, statement.key)
        known = self.kept.find(key, list)
        if known is None:
            known = await self._count_and_keep(self.kept, key, kind, statement)
        return list(known)

    async def _find_seen(self) -> Seen:
        if self._seen is None:
            self._seen = await row(self.session, Seen, _SEEN)
            assert self._seen is not None
        return self._seen

    async def _count(self, kind: type[R], statement: Statement) -> list[R]:
        return await rows(self.session, kind, statement.sql, **statement.parameters)

    async def _count_and_keep(
        self, kept: KeptAnswers, key: Hashable, kind: type[R], statement: Statement
    ) -> list[R]:
        found = await self._count(kind, statement)
        if len(found) <= MOST_ROWS:
            kept.keep(key, found)
        return found

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
