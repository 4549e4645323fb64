"""What travels between Otklik and its clients, as typed objects.

Answers only grow: fields this version does not know are kept (`extra="allow"`), words of lists that may grow
(statuses, channels) stay plain strings.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Sent(BaseModel):
    """Base of what a client sends: a misspelt field is an error here instead of being ignored there."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Received(BaseModel):
    """Base of what comes back."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Location(Sent):
    """WGS 84 degrees."""

    lat: float
    lon: float


class Applicant(Sent):
    """Who complains. Stays encrypted in the intake service."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class NewAppeal(Sent):
    """An appeal to submit; `region` is the two-digit subject code, `municipality` an ОКТМО code."""

    text: str
    region: str
    external_id: str | None = None
    channel: str | None = None
    regime: Literal["message", "statutory"] | None = None
    submitted_at: datetime | None = None
    municipality: str | None = None
    address: str | None = None
    location: Location | None = None
    applicant: Applicant | None = None
    topic: str | None = None
    complained_about: UUID | None = None
    attachments: list[UUID] | None = None


class FieldError(Received):
    """What is wrong with one field; `pointer` is a JSON pointer into the body."""

    pointer: str = ""
    message: str = ""


class ProblemDocument(Received):
    """An RFC 9457 problem inside a batch answer."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: list[FieldError] = Field(default_factory=list)

    def __str__(self) -> str:
        parts = [self.title, self.detail, *(f"{error.pointer}: {error.message}" for error in self.errors)]
        return " – ".join(part for part in parts if part)


class Receipt(Received):
    """A registered appeal. `created` is false when it had been registered by an earlier request."""

    id: UUID
    number: str
    tracking_code: str
    status: str = "registered"
    received_at: datetime | None = None
    created: bool = True


class LineResult(Received):
    """What became of one line of a batch; `line` counts from 1 over everything that was submitted."""

    line: int
    status: int
    id: UUID | None = None
    number: str | None = None
    tracking_code: str | None = None
    problem: ProblemDocument | None = None

    @property
    def accepted(self) -> bool:
        """Registered now (201) or earlier (200)."""
        return self.status in (200, 201)


class Answer(Received):
    """What a body answered; the text is masked. An interim answer is a plan, not the end."""

    id: UUID
    assignment_id: UUID | None = None
    text: str
    outcome: str | None = None
    interim: bool = False
    organisation: str | None = None
    answered_at: datetime
    promised_on: date | None = None


class AppealSummary(Received):
    """An appeal in a list; the text is masked. `topic` is the region's code, `organisation` a name."""

    id: UUID
    number: str
    status: str
    received_at: datetime
    region: str
    municipality: str | None = None
    channel: str | None = None
    regime: str | None = None
    topic: str | None = None
    topic_name: str | None = None
    text: str = ""
    due_on: date | None = None
    due_reason: str | None = None
    organisation: str | None = None
    organisation_id: UUID | None = None
    promised_on: date | None = None
    version: int = 1


class Appeal(AppealSummary):
    """An appeal with its answers, as its portal, its agency or a coordinator sees it."""

    external_id: str | None = None
    address: str | None = None
    answers: list[Answer] = Field(default_factory=list)


class HistoryEntry(Received):
    """One thing that happened to an appeal; `what` is a sentence for people."""

    at: datetime
    kind: str
    what: str
    reason: str | None = None
    organisation: str | None = None
    assignment_id: UUID | None = None


class Tracking(Received):
    """What the citizen sees by tracking code: masked, without personal data. Topic and organisation are names."""

    number: str
    status: str
    status_name: str | None = None
    received_at: datetime | None = None
    due_on: date | None = None
    due_reason: str | None = None
    organisation: str | None = None
    topic: str | None = None
    timeline: list[HistoryEntry] = Field(default_factory=list)
    answers: list[Answer] = Field(default_factory=list)
    promised_on: date | None = None
    may_rate: bool = False
    may_clarify: bool = False
    may_withdraw: bool = False


class Rating(Received):
    """A stored verdict; `reopened` tells whether the question went back to work."""

    answer_id: UUID
    score: int
    solved: bool
    reopened: bool
    rated_at: datetime


class OrganisationRef(Received):
    """A body by id and name."""

    id: UUID
    name: str


class Assignment(Received):
    """One question of an appeal given to one body; `topic` is the region's code.

    Pass it on to `accept`, `answer` and so on: it carries the version you saw and, after `claim`, the lease. One that
    you kept is rebuilt by `Assignment(id=…, version=…, lease_token=…)`.
    """

    id: UUID
    version: int
    appeal_id: UUID | None = None
    number: str | None = None
    region: str | None = None
    status: str | None = None
    role: str | None = None
    organisation: OrganisationRef | None = None
    topic: str | None = None
    topic_name: str | None = None
    municipality: str | None = None
    text: str | None = None
    address: str | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    due_reason: str | None = None
    received_at: datetime | None = None
    lease_token: str | None = None
    lease_expires_at: datetime | None = None
    explanation: dict[str, Any] | None = None


class AppealChange(Received):
    """One visible change of an own appeal. Keep `cursor` once you have dealt with it."""

    appeal_id: UUID
    change: str
    status: str
    version: int
    at: datetime
    cursor: str = ""


class QueueChange(Received):
    """One entry of the queue's delta feed. Keep `cursor` once you have dealt with it."""

    assignment_id: UUID
    change: str
    at: datetime
    cursor: str = ""


class Clock(Received):
    """One deadline, the sentence that citizens and bodies see (`reason`), and the steps that led to it.

    Without `due_at` it stands still.
    """

    clock: str
    state: str
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    met_at: datetime | None = None
    policy_id: UUID | None = None
    reason: str = ""
    explanation: list[dict[str, Any]] = Field(default_factory=list)


class Pause(Sent):
    """A time in which a clock stands still: [from, to)."""

    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")


class DeadlinePreview(Received):
    """When a term ends, and why."""

    due_at: datetime
    due_on: date
    explanation: list[dict[str, Any]] = Field(default_factory=list)


class Summary(Received):
    """The main figures; `definition` says what each of them means."""

    region: str | None = None
    as_of: datetime | None = None
    received: int
    assigned: int | None = None
    in_triage: int | None = None
    answered: int | None = None
    in_time_share: float | None = None
    breached: int | None = None
    reopened: int | None = None
    reopened_share: float | None = None
    satisfaction: float | None = None
    median_hours_to_first_reaction: float | None = None
    median_hours_to_answer: float | None = None
    p90_hours_to_answer: float | None = None
    backlog: int | None = None
    previous: dict[str, Any] | None = None
    definition: dict[str, str] = Field(default_factory=dict)


class Point(Received):
    """The beginning of a local hour, day, week or month, and its value."""

    at: datetime
    value: float | None = None


class Series(Received):
    """One line of a chart."""

    key: str | None = None
    name: str | None = None
    points: list[Point] = Field(default_factory=list)


class TimeSeries(Received):
    """The lines of a chart."""

    series: list[Series]
    as_of: datetime | None = None
    definition: dict[str, str] = Field(default_factory=dict)


class BreakdownItem(Received):
    """One row of a breakdown."""

    key: str | None = None
    name: str | None = None
    value: float | None = None
    share: float | None = None
    previous: float | None = None


class Breakdown(Received):
    """A figure by topic, body, territory or channel."""

    items: list[BreakdownItem]
    as_of: datetime | None = None
    definition: dict[str, str] = Field(default_factory=dict)
