"""Answers to what a topic asks: checked, and put into words for whoever works on the appeal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

from chassis.faults import Wording

DataType = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
LISTS: Final[frozenset[DataType]] = frozenset(("singlevaluelist", "multivaluelist"))
LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 2_000


class Choice(Protocol):
    """One value of a list."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...


class Question(Protocol):
    """One attribute of a service definition; one that is not `variable` only tells the sender something."""

    @property
    def code(self) -> str: ...
    @property
    def variable(self) -> bool: ...
    @property
    def datatype(self) -> DataType: ...
    @property
    def required(self) -> bool: ...
    @property
    def description(self) -> str: ...
    @property
    def values(self) -> Sequence[Choice]: ...


def faults_of(questions: Sequence[Question], given: Mapping[str, Sequence[str]]) -> Iterator[Wording]:
    """What is wrong with the answers, in words that quote none of them; what nobody asked for is ignored."""
    for question in questions:
        values = given.get(question.code, ())
        if question.variable and question.required and not values:
            yield Wording("attribute[{code}] was not provided", {"code": question.code})
        elif question.variable and values and not _fits(question, values):
            answer = {"code": question.code, "kind": _KINDS[question.datatype]}
            yield Wording("attribute[{code}] is no {kind}", answer)


def put_into_words(questions: Sequence[Question], given: Mapping[str, Sequence[str]]) -> list[str]:
    """A line of each answer, in the order of the questions."""
    return [
        f"{question.description}: {', '.join(_named(question, given[question.code]))}"
        for question in questions
        if question.variable and given.get(question.code)
    ]


_KINDS: Final[Mapping[DataType, Wording]] = {
    "string": Wording("line of at most {most} characters", {"most": LONGEST_LINE}),
    "number": Wording("number"),
    "datetime": Wording("instant like 2026-11-29T09:30:00+03:00"),
    "text": Wording("text of at most {most} characters", {"most": LONGEST_TEXT}),
    "singlevaluelist": Wording("key of its list"),
    "multivaluelist": Wording("keys of its list"),
}


def _fits(question: Question, values: Sequence[str]) -> bool:
    if question.datatype in LISTS:
        known = {each.key for each in question.values}
        return known.issuperset(values) and (question.datatype == "multivaluelist" or len(values) == 1)
    return len(values) == 1 and _reads_as(question.datatype, values[0])


def _reads_as(kind: DataType, value: str) -> bool:
    match kind:
        case "number":
            return _is_number(value)
        case "datetime":
            return _is_instant(value)
        case "text":
            return len(value) <= LONGEST_TEXT
        case _:
            return len(value) <= LONGEST_LINE and len(value.splitlines()) == 1


def _is_number(value: str) -> bool:
    try:
        return len(value) <= LONGEST_LINE and math.isfinite(float(value.replace(",", ".")))
    except ValueError:
        return False


def _is_instant(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _named(question: Question, values: Sequence[str]) -> list[str]:
    names = {each.key: each.name for each in question.values}
    return [names.get(value, value) for value in values]
