"""Many acts in one call: each is a transaction of its own, so that none undoes another and a crash loses none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.bodies import Body
from chassis.db import TransactionSeries
from chassis.idempotency import Idempotency
from chassis.principals import Principal
from chassis.problems import Problem, Unprocessable, problem_of, validation_errors

B = TypeVar("B", bound=Body)
D = TypeVar("D")
I = TypeVar("I", bound=Body)  # noqa: E741 - an item


class ManyItems(Protocol[I]):
    """What is sent: items, and fields that count for all of them where an item says nothing else."""

    @property
    def items(self) -> Sequence[I]:
        """Each in its place."""

    @property
    def model_fields_set(self) -> set[str]:
        """Which fields were sent for all."""

    def fields_of(self, item: I) -> dict[str, object]:
        """What the single act on this item is sent."""


@dataclass(frozen=True, slots=True)
class BulkCall(Generic[I]):
    """What every item of a call is done with."""

    principal: Principal
    transactions: TransactionSeries
    idempotency: Idempotency
    body: ManyItems[I]

    async def begin(self) -> Response | None:
        """The answer to the whole call, if there has been one under its key."""
        async with self.transactions.begin() as session:
            return await self.idempotency.begin_whole(session, self.principal, self.body)

    async def each(self, act: Callable[[int, I], Awaitable[D]], refuse: Callable[[I, Problem], D]) -> list[D]:
        """What became of each item. A passing trouble of ours ends the whole call, which is then repeated."""
        done: list[D] = []
        for number, item in enumerate(self.body.items):
            try:
                done.append(await act(number, item))
            except Exception as error:
                problem = problem_of(error)
                if problem is None or problem.status == 503:
                    raise
                done.append(refuse(item, problem))
        return done

    async def once(
        self, number: int, sent: object, act: Callable[[AsyncSession], Awaitable[BaseModel]]
    ) -> bytes:
        """The answer of one act, as JSON; taken once under the call's key and its place."""
        async with self.transactions.begin() as session:
            answer = await self.idempotency.part(number).run(
                session, self.principal, sent, lambda: act(session)
            )
        return bytes(answer.body)

    async def end(self, result: BaseModel) -> Response:
        """Keep what became of all."""
        async with self.transactions.begin() as session:
            return await self.idempotency.end_whole(
                session, self.principal, result, parts=len(self.body.items)
            )

    def read(self, sent_as: type[B], number: int, item: I) -> B:
        """What the single act would have been sent; 422 with pointers into what was sent here."""
        try:
            return sent_as.model_validate(self.body.fields_of(item))
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            errors = validation_errors(found, sent_as)
            placed = [each | {"pointer": self._place(each["pointer"], number, item)} for each in errors]
            raise Unprocessable("See errors.", errors=placed) from None

    def _place(self, pointer: str, number: int, item: I) -> str:
        name = pointer[1:].partition("/")[0]
        is_common = name in self.body.model_fields_set and name not in item.model_fields_set
        return pointer if is_common else f"/items/{number}{pointer}"
