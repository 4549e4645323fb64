"""The copy of the facts that answers questions, and when it does not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.faults import Wording
from chassis.feeds import FeedPlace
from chassis.kept_answers import KeptAnswers
from chassis.problems import Unavailable
from services.analytics.store.queries.counting import CountedOnce
from services.analytics.store.queries.engine import Answer, Engine
from services.analytics.store.queries.percentiles import ColumnStore
from services.analytics.store.queries.stores import FactStore, FigureStore, Population
from services.analytics.store.rules.copies import sources_in
from services.analytics.store.rules.filters import Filter, conditions_of
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question, Statement, compose

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
SMALL_REGISTER = 300_000  # appeals that Postgres counts in time without a copy
RETRY_SECONDS = 10
KEPT_SECONDS = 600.0  # how long after it was asked last an answer over everything is kept ready
MOST_KEPT = 32
RENEW_SECONDS = 3.0
log = structlog.get_logger()


class FiguresNotReady(Unavailable):
    """The copy is being made and the register is too large to do without."""

    slug = "figures-not-ready"
    title = "The figures are being prepared; repeat the request in a while"


@dataclass
class Catalog:
    """A file of the copy: its name in the engine, up to where it follows the facts, and how fresh that makes it."""

    name: str
    file: Path
    place: FeedPlace
    as_of: datetime | None
    writes: int = 0  # how often its rows have been changed
    readers: int = 0
    is_closed: bool = False  # put away: nothing can be asked of it any more


@dataclass
class KeptAnswer:
    """An answer over everything, and the moment up to which it counts."""

    question: Question
    answer: Answer
    as_of: datetime | None
    writes: int
    asked_at: float
    renewed_at: float
    cost_seconds: float


@dataclass
class FigureCopy:
    """What this process has of copies. `folder`: its own, as long as `lock` is open. `serving`: the file that answers;
    None while there is none; `sorts_after`: when one that could not be sorted is tried again."""

    engine: Engine
    folder: Path
    lock: int
    serving: Catalog | None = None
    is_opened: bool = False  # whether what an earlier run left has been looked at
    is_small: bool = False
    doubt: str | Wording = ""
    sorts_after: datetime | None = None
    retired: list[Catalog] = field(default_factory=list)
    kept: dict[str, KeptAnswer] = field(default_factory=dict)
    counted: CountedOnce = field(default_factory=CountedOnce)

    def close(self) -> None:
        """Give back files and the folder."""
        self.engine.close()
        os.close(self.lock)

    def distrust(self, reason: str | Wording) -> None:
        """Answer from this file no more: it is made anew."""
        if self.serving is not None:
            log.warning("figures copy distrusted", reason=str(reason))
            self.doubt = reason
            self.retired.append(self.serving)
            self.serving.file.unlink(missing_ok=True)  # so that it is not taken up again, whatever comes
        self.serving = None
        self.kept.clear()
        self.counted.clear()

    def serve(self, catalog: Catalog) -> None:
        """Answer from this file from now on."""
        if self.serving is not None:
            self.retired.append(self.serving)
        self.serving, self.doubt = catalog, ""
        self.kept.clear()
        self.counted.clear()

    async def ask(self, catalog: Catalog, statements: Sequence[Statement]) -> Answer:
        """From one file; one that cannot be read is distrusted."""
        catalog.readers += 1
        try:
            return await self.engine.ask(statements)
        except self.engine.errors as error:
            if not is_broken(error):
                raise
            if catalog is self.serving:
                self.distrust(type(error).__name__)
            raise FiguresNotReady(headers={"Retry-After": str(RETRY_SECONDS)}) from None
        finally:
            catalog.readers -= 1

    async def answer(self, catalog: Catalog, question: Question) -> Answer:
        """A question, from one file, which stays until it is answered; as long as nothing is written to it, it is counted once for
        all who ask."""
        sources = sources_in(catalog.name)
        key = compose(question, sources).key
        store = ColumnStore(partial(self.ask, catalog), sources)
        catalog.readers += 1
        try:
            return await self.counted.answer(key, catalog.writes, partial(store.answer, question))
        finally:
            catalog.readers -= 1

    async def ask_all(self, catalog: Catalog, question: Question) -> Answer:
        """The same over everything there is: counted once, then kept ready for whoever asks next."""
        key, now = compose(question, sources_in(catalog.name)).sql, time.monotonic()
        kept = self.kept.get(key)
        if kept is None:
            kept = await self._count(catalog, question, now)
            if catalog is self.serving:
                self._keep(key, kept)
        kept.asked_at = now
        return kept.answer

    def _keep(self, key: str, kept: KeptAnswer) -> None:
        if len(self.kept) >= MOST_KEPT:
            self.kept.pop(min(self.kept, key=lambda each: self.kept[each].asked_at))
        self.kept[key] = kept

    async def _count(self, catalog: Catalog, question: Question, asked_at: float) -> KeptAnswer:
        as_of, writes, began = catalog.as_of, catalog.writes, time.monotonic()
        answer = await self.answer(catalog, question)
        ended = time.monotonic()
        return KeptAnswer(question, answer, as_of, writes, asked_at, ended, ended - began)

    async def renew_kept(self, catalog: Catalog) -> None:
        """Count kept answers again, those whose turn it is: the dearer all of them are, the more seldom."""
        cost_seconds = sum(kept.cost_seconds for kept in self.kept.values())
        for key, kept in list(self.kept.items()):
            now = time.monotonic()
            if catalog is not self.serving:
                return
            if now - kept.asked_at > KEPT_SECONDS:
                self.kept.pop(key, None)
            elif kept.writes == catalog.writes:
                kept.as_of = catalog.as_of
            elif now - kept.renewed_at > max(RENEW_SECONDS, 3 * cost_seconds):
                counted = await self._count(catalog, kept.question, kept.asked_at)
                if catalog is self.serving and key in self.kept:
                    self.kept[key] = counted

    def as_of(self, filters: Filter) -> datetime | None:
        """Everything that happened before is in what answers now; an answer that is kept ready is as old as it is."""
        moments = [None if self.serving is None else self.serving.as_of]
        if is_unlimited(filters.during(Period())):  # stocks drop the beginning
            moments += [kept.as_of for kept in self.kept.values()]
        sure = [moment for moment in moments if moment is not None]
        return min(sure) if len(sure) == len(moments) else None


def is_broken(error: Exception) -> bool:
    """Whether the file is to blame, and not the question."""
    return type(error).__name__ in (
        "IOException",
        "SerializationException",
        "FatalException",
        "InternalException",
    )


class CopyStore:
    """Answers from the copy. What things are called comes from Postgres."""

    def __init__(self, copy: FigureCopy, catalog: Catalog, names: FactStore) -> None:
        self.copy = copy
        self.catalog = catalog
        self.names = names

    async def ask(self, kind: type[R], question: Question) -> list[R]:
        """From the rows the copy holds now. A request asks many questions: where its file has been put away since the last one, what
        answers in its place goes on."""
        if self.catalog.is_closed:
            following = store_for(self.copy, self.names.session, self.names.kept)
            if not isinstance(following, CopyStore):
                return await following.ask(kind, question)
            self.catalog = following.catalog
        if is_unlimited(question.filters) and not question.parameters:
            return typed(kind, await self.copy.ask_all(self.catalog, question))
        return typed(kind, await self.copy.answer(self.catalog, question))

    async def find_names(
        self, kind: str, keys: Sequence[str], regions: Sequence[str] | None
    ) -> Mapping[str, str]:
        """From reference data."""
        return await self.names.find_names(kind, keys, regions)

    async def find_populations(self, regions: Sequence[str] | None) -> Sequence[Population]:
        """From reference data."""
        return await self.names.find_populations(regions)


def is_unlimited(filters: Filter) -> bool:
    """Whether a question is about everything there is."""
    return not conditions_of(filters).clauses


def typed(kind: type[R], answer: Answer) -> list[R]:
    """Rows as instances of a dataclass, its fields found by name."""
    places = [answer.columns.index(name) for name in kind.__dataclass_fields__]
    pick: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
    return [kind(*pick(row)) for row in answer.rows]


def store_for(copy: FigureCopy | None, session: AsyncSession, kept: KeptAnswers | None = None) -> FigureStore:
    """Who answers a request now: the copy where there is one; Postgres without, unless the register is too large. `kept`: see
    `FactStore`."""
    facts = FactStore(session, kept)
    if copy is None:
        return facts
    if copy.serving is not None:
        return CopyStore(copy, copy.serving, facts)
    if copy.is_small:
        return facts
    raise FiguresNotReady(copy.doubt, headers={"Retry-After": str(RETRY_SECONDS)})
