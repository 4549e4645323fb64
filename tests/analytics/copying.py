"""A copy of the facts beside the test's database: both stores are asked the same questions."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows
from harness.databases import Database
from services.analytics.figures.queries.asking import ask_by
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.store.actions.building import begin_serving
from services.analytics.store.actions.folders import open_copy
from services.analytics.store.actions.following import Source, catch_up
from services.analytics.store.queries.copies import CopyStore, FigureCopy
from services.analytics.store.queries.stores import FactStore, FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import DIMENSIONS, Dimension

NOW = datetime(2026, 12, 1, tzinfo=UTC)
AS_OF = datetime(2026, 10, 20, tzinfo=UTC)  # while some still wait


async def known_as_of(_: AsyncSession) -> datetime | None:
    """How fresh facts are where no stream is read."""
    return NOW


def source_of(database: Database) -> Source:
    """Where the test's copies are made from."""
    return Source(database.reading_sessions("analytics"), known_as_of)


@dataclass(repr=False)
class Copied:
    """A copy and what it follows."""

    copy: FigureCopy
    source: Source

    async def begin(self) -> None:
        """Take up the file of an earlier run, or make one."""
        await begin_serving(self.copy, self.source)

    async def follow(self) -> None:
        """Until everything that was committed is there."""
        assert self.copy.serving is not None
        await catch_up(self.copy, self.copy.serving, self.source)
        self.copy.kept.clear()  # what is counted over everything is renewed now and then only

    def store(self, session: AsyncSession) -> CopyStore:
        """What answers from the copy."""
        assert self.copy.serving is not None
        return CopyStore(self.copy, self.copy.serving, FactStore(session))


def open_copied(database: Database, folder: Path) -> Copied:
    """As a process does when it begins."""
    return Copied(open_copy(folder, 200), source_of(database))


Answers = list[tuple[Any, ...]]


async def all_answers(store: FigureStore, filters: Filter) -> Answers:
    """Every measure of the registry: as a whole, and by each dimension and day."""
    found: Answers = []
    for dimension in (None, *DIMENSIONS):
        question = _question(filters, dimension)
        kind: Any = make_dataclass("Found", question.columns, frozen=True)
        rows: list[Any] = await store.ask(kind, question)
        found += sorted((tuple(vars(row).values()) for row in rows), key=str)
    return found + await _further_answers(store, filters)


async def _further_answers(store: FigureStore, filters: Filter) -> Answers:
    """Those that are asked alone: by the day something was due, or up to when something is known."""
    found: Answers = []
    for measure in MEASURES.values():
        if _stands_alone(measure):
            for dimension in (None, "organisation"):
                keys = {} if dimension is None else {"key": DIMENSIONS[dimension]}
                question = ask_by(measure, filters, dimension, keys, int(AS_OF.timestamp()))
                kind: Any = make_dataclass("Found", [*keys, "value"], frozen=True)
                rows: list[Any] = await store.ask(kind, question)
                found += sorted((tuple(vars(row).values()) for row in rows), key=str)
    return found


def _stands_alone(measure: Measure) -> bool:
    return measure.knows_time or measure.dated_by != "received_local"


def _question(filters: Filter, dimension: Dimension | None) -> Question:
    measures = {key: measure.expression for key, measure in MEASURES.items() if not _stands_alone(measure)}
    if dimension is None:
        return Question(filters, base_of(filters), measures)
    groups = {"key": DIMENSIONS[dimension], "day": "date_trunc('day', received_local)"}
    return Question(filters, base_of(filters, dimension), groups | measures, groups=2)


def assert_same(facts: Answers, copy: Answers) -> None:
    """Counts exactly, others but for the last digits."""
    assert len(facts) == len(copy)
    for fact, copied in zip(facts, copy, strict=True):
        for one, other in zip(fact, copied, strict=True):
            if isinstance(one, float) or isinstance(other, float):
                assert abs(one - other) <= 1e-9 * max(1.0, abs(one)), (fact, copied)
            else:
                assert one == other, (fact, copied)


async def assert_copy_equals_facts(copied: Copied, filters: Filter) -> Answers:
    """Both say the same of a filter; what they say."""
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        facts = await all_answers(FactStore(session), filters)
        assert_same(facts, await all_answers(copied.store(session), filters))
    return facts
