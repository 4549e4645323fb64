"""The registry that a service's `handlers.py` fills: what the service does when something happened elsewhere.

One line for each event, `handlers.add(Event, function, name=…)`: a table that can be read. `on` is the same as a decorator,
for one whose function stands right there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Event, stream_of

E = TypeVar("E", bound=Event)
HandlerFunction = Callable[[AsyncSession, Sequence[E]], Awaitable[None]]
LockFunction = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]


@dataclass(frozen=True)
class Handler:
    """One reaction; `name` is persisted in the inbox, so renaming it needs thought."""

    name: str
    event: type[Event]
    function: Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]


class Handlers:
    """Reactions of one service, by subject.

    A handler receives a session inside a transaction it must not end, and the new events of its type in the
    batch (at least one); where one function is registered for several types, those of all in one call. It has to be
    commutative: deliveries may be shuffled, and only doubles are removed.

    `lock`: takes the rows that the handlers of a batch will change, all of them and in one order. It comes before them:
    each takes its own in order, but one after the other they would not; and what came into being while it waited, a
    handler sees.

    `are_projections`: they only write down what events say, any number of times, and react to nothing. A replay is for
    them a way to be built anew.
    """

    def __init__(
        self, service: str, lock: LockFunction | None = None, *, are_projections: bool = False
    ) -> None:
        self.service = service
        self.lock = lock
        self.are_projections = are_projections
        self.by_subject: dict[str, list[Handler]] = defaultdict(list)
        self.event_classes: dict[str, type[Event]] = {}

    def on(self, event: type[E], *, name: str = "") -> Callable[[HandlerFunction[E]], HandlerFunction[E]]:
        """Register a reaction to an event class. `name`: what inboxes know it by, where that is not the function's."""

        def register(function: HandlerFunction[E]) -> HandlerFunction[E]:
            self.add(event, function, name=name or function.__name__)
            return function

        return register

    def add(self, event: type[E], function: HandlerFunction[E], *, name: str) -> None:
        """Register a reaction under the name that inboxes know it by."""
        self.by_subject[event.SUBJECT].append(Handler(f"{self.service}.{name}", event, function))
        self.event_classes[event.SUBJECT] = event

    def subjects_by_stream(self) -> dict[str, list[str]]:
        """Stream name → the subjects handled from it."""
        streams: dict[str, list[str]] = defaultdict(list)
        for subject in self.by_subject:
            streams[stream_of(subject)].append(subject)
        return dict(streams)
