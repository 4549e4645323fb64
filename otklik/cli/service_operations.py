"""What an operator asks of each service, by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from otklik_client import Client
from otklik_client.models import Backlog, DeadLetters, Replays, RetryResult, RowCounts

Consumer = Literal["intake", "routing", "sla", "analytics"]


class Letters(Protocol):
    """Asks for dead letters."""

    def __call__(self, *, limit: int | None = None) -> DeadLetters: ...


class Replaying(Protocol):
    """Begins a replay."""

    def __call__(self, *, consumer: Consumer | None = None, since: datetime | None = None) -> Replays: ...


@dataclass(frozen=True)
class ServiceOperations:
    """Of one service."""

    backlog: Callable[[], Backlog]
    counts: Callable[[], RowCounts]
    letters: Letters
    retry: Callable[[], RetryResult]
    replay: Replaying
    replays: Callable[[], Replays]


def operations_of(client: Client, service: str) -> ServiceOperations:
    """Those of a service; KeyError for another name."""
    found = client.operations
    by_name = {
        "intake": ServiceOperations(
            found.intake_backlog,
            found.intake_count_rows,
            found.intake_list_dead_letters,
            found.intake_retry_dead,
            found.intake_replay_events,
            found.intake_list_replays,
        ),
        "routing": ServiceOperations(
            found.routing_backlog,
            found.routing_count_rows,
            found.routing_list_dead_letters,
            found.routing_retry_dead,
            found.routing_replay_events,
            found.routing_list_replays,
        ),
        "sla": ServiceOperations(
            found.sla_backlog,
            found.sla_count_rows,
            found.sla_list_dead_letters,
            found.sla_retry_dead,
            found.sla_replay_events,
            found.sla_list_replays,
        ),
        "analytics": ServiceOperations(
            found.analytics_backlog,
            found.analytics_count_rows,
            found.analytics_list_dead_letters,
            found.analytics_retry_dead,
            found.analytics_replay_events,
            found.analytics_list_replays,
        ),
    }
    return by_name[service]
