"""Questions with percentiles, asked of the copy in as few passes as go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.analytics.store.queries.engine import Answer
from services.analytics.store.rules.percentiles import (
    SAMPLE_PERCENT,
    Bracket,
    brackets_of,
    counting,
    near,
    percentiles_of,
    sampling,
    value_at,
)
from services.analytics.store.rules.questions import Question, Statement, compose
from services.analytics.store.rules.sources import Base

Ask = Callable[[Sequence[Statement]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class ColumnStore:
    """What answers statements (one state of the data for all of a call), and where its rows are."""

    ask: Ask
    sources: Mapping[Base, str]

    async def answer(self, question: Question) -> Answer:
        """A percentile holds all its values in memory, so each of them is asked for alone where there are no groups; of very
        many values only those near to it are kept."""
        if question.groups or not percentiles_of(question):
            return await self._ask([question])
        brackets = brackets_of(question, await self._sample(question))
        if not brackets:
            return await self._ask(in_parts(question))
        return await self._narrow(question, brackets)

    async def _narrow(self, question: Question, brackets: Sequence[Bracket]) -> Answer:
        names = {each.name for each in brackets}
        plain = _with_columns(question, [name for name in percentiles_of(question) if name not in names])
        parts = [
            counting(question, brackets),
            *(near(question, each) for each in brackets),
            *([] if plain is None else in_parts(plain)),
        ]
        found = _first_row(await self._ask(parts))
        for each in brackets:
            size, below = found.pop(f"{each.name}_size"), found.pop(f"{each.name}_below")
            found[each.name] = value_at(each.percentile, size, below, found[each.name])
        missed = _with_columns(question, [name for name in names if found[name] is None])
        if missed is not None:
            found |= _first_row(await self._ask(in_parts(missed)))
        return Answer(tuple(found), [tuple(found.values())])

    async def _sample(self, question: Question) -> Mapping[str, Any]:
        sample = f"TABLESAMPLE SYSTEM ({SAMPLE_PERCENT} PERCENT)"
        sources = {base: f"{rows} {sample}" for base, rows in self.sources.items()}
        return _first_row(await self.ask([compose(sampling(question), sources)]))

    async def _ask(self, questions: Sequence[Question]) -> Answer:
        return await self.ask([compose(each, self.sources) for each in questions])


def in_parts(question: Question) -> list[Question]:
    """What is counted, and each percentile by itself."""
    heavy = percentiles_of(question)
    light = [name for name in question.columns if name not in heavy]
    parts = [_with_columns(question, names) for names in (light, *([name] for name in heavy))]
    return [each for each in parts if each is not None]


def _with_columns(question: Question, names: Sequence[str]) -> Question | None:
    columns = {name: question.columns[name] for name in names}
    return replace(question, columns=columns, order="") if columns else None


def _first_row(answer: Answer) -> dict[str, Any]:
    return dict(zip(answer.columns, answer.rows[0], strict=True))
