"""What an operator sees: backlogs, dead letters, replays, imports. Times are kept as they came: they are only shown."""

from __future__ import annotations

from pydantic import Field

from otklik.models.base import Received


class Backlog(Received):
    """Work waiting in one service."""

    unsaid: int = 0
    outbox_pending: int = 0
    consumer_lag: int = 0
    dead_letters: int = 0
    replays: int = 0

    @property
    def steps_left(self) -> int:
        """What is still to be published, sent and handled."""
        return self.unsaid + self.outbox_pending + self.consumer_lag + self.replays


class DeadLetter(Received):
    """An event a handler gave up on, or other work that was set aside."""

    event_id: str
    handler: str
    subject: str
    error: str
    attempts: int
    created_at: str


class DeadLetters(Received):
    """The newest dead letters of one service and how many there are."""

    items: list[DeadLetter]
    total: int


class RetryResult(Received):
    """What a retry of dead letters did."""

    handled: int = 0
    failed: int = 0


class Replay(Received):
    """A part of one service's log that is sent again; `reached`: the time of the oldest event so far."""

    id: str
    events: int
    reached: str | None = None
    finished_at: str | None = None


class Replays(Received):
    """Replays of one service's log."""

    items: list[Replay]


class ImportState(Received):
    """What was imported together. `removed`: taken back; `kept`: worked on at that very moment; `worked_on`: cases that stood
    against taking it back."""

    id: str
    regions: list[str] = Field(default_factory=list)
    began_at: str = ""
    status: str
    cases: int
    removed: int
    kept: int
    worked_on: int = 0
    worked_on_numbers: list[str] = Field(default_factory=list)


class ImportStates(Received):
    """The newest imports."""

    items: list[ImportState]
