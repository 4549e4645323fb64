"""Policies in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, StrictInt

from chassis.bodies import Body
from chassis.replacing import ReadOnly, Replacement
from chassis.times import Instant
from contracts.intake import Regime
from contracts.names import AppealKind as Kind
from contracts.sla import ClockKind
from services.sla.calendars.rules.terms import dump_term
from services.sla.calendars.schemas import Code, Region, TermBody, Text
from services.sla.policies.rules.policies import Policy


def _none_where_empty(value: Any) -> Any:
    return None if value == "" else value


# A policy without a name is shown with an empty one.
TextOrNone = Annotated[Text | None, BeforeValidator(_none_where_empty, json_schema_input_type=str | None)]


class PolicyFields(Replacement):
    """What a policy sets; a condition left out fits everything."""

    regime: Regime
    clock: ClockKind
    term: TermBody
    name: TextOrNone = None
    group: Code | None = None
    topic: Code | None = None
    channel: Code | None = None
    importance: Code | None = None
    kind: Kind | None = None
    case: Code | None = None
    weekend_rule: Literal["previous", "next", "none"] = "previous"
    start_from: Literal["registration", "assignment"] = "registration"
    restart_on_redirect: bool = True
    pauses: list[Literal["clarification", "documents"]] = Field(default_factory=list, max_length=2)
    max_extension_days: Annotated[StrictInt, Field(ge=0, le=3660)] = 0
    basis: TextOrNone = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None

    def as_data(self) -> dict[str, object]:
        """The shape `policies.parse_policy` reads."""
        wanted = set(self.wanted()) - {"term", "reapply"}
        return self.model_dump(exclude_none=True, include=wanted) | {"term": self.term.as_data()}


class PolicyBody(PolicyFields):
    """A new policy."""

    region: Region


class PolicyChange(PolicyFields):
    """The next version, from now on unless `valid_from` lies ahead; `reapply` moves running clocks to it.

    The `valid_from` of the version read may come back as it was: what lies in the past means now.
    """

    reapply: bool = False
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None


class PolicyView(BaseModel):
    """One version of a policy."""

    id: UUID
    region: str
    regime: Regime
    clock: ClockKind
    term: dict[str, int | str]
    name: str
    group: str | None
    topic: str | None
    channel: str | None
    importance: str | None
    kind: str | None
    case: str | None
    weekend_rule: str
    start_from: str
    restart_on_redirect: bool
    pauses: list[str]
    max_extension_days: int
    basis: str
    valid_from: datetime
    valid_to: datetime | None
    version: int


class Policies(BaseModel):
    """The newest version of every policy of a region, the defaults among them."""

    items: list[PolicyView]
    next_cursor: str | None = None


class DryRunBody(Body):
    """What would have been had this policy stood in the last `days`. `policy_id`: it takes that policy's place."""

    region: Region
    policy: PolicyFields
    policy_id: UUID | None = None
    days: Annotated[StrictInt, Field(ge=1, le=366)] = 30
    limit: Annotated[StrictInt, Field(ge=1, le=20_000)] = 5000


class DryRunExample(BaseModel):
    """One clock that would be another one."""

    appeal_id: UUID
    assignment_id: UUID | None
    cycle: int
    due_before: datetime | None
    due_after: datetime | None
    state_before: str | None
    state_after: str | None


class DryRunSide(BaseModel):
    """The clocks of the kind under one set of policies; the share is null when nothing has ended."""

    clocks: int
    in_time: int
    late: int
    in_time_share: float | None


class DryRun(BaseModel):
    """What would change; `complete`: every appeal of the time was looked at. Nothing is stored."""

    appeals: int
    complete: bool
    changed: int
    earlier: int
    later: int
    before: DryRunSide
    after: DryRunSide
    examples: list[DryRunExample]


def show_policy(policy: Policy) -> PolicyView:
    """A policy as it goes out."""
    return PolicyView(
        id=UUID(policy.id),
        region=policy.region,
        regime=policy.regime,
        clock=policy.clock,
        term=dump_term(policy.term),
        name=policy.name,
        group=policy.group,
        topic=policy.topic,
        channel=policy.channel,
        importance=policy.importance,
        kind=policy.kind,
        case=policy.case,
        weekend_rule=policy.weekend_rule,
        start_from=policy.start_from,
        restart_on_redirect=policy.restart_on_redirect,
        pauses=list(policy.pauses),
        max_extension_days=policy.max_extension_days,
        basis=policy.basis,
        valid_from=policy.valid_from,
        valid_to=policy.valid_to,
        version=policy.version,
    )
