"""What happened to an appeal, as the deadline service remembers it: a small journal of typed facts per appeal.

Every fact has the event's id (equal ids are one fact) and `at`, the TRUE time of the act as its service's
database clock recorded it, not the time of delivery. Handlers turn events into facts; `fold.fold_clocks`
reads them in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Literal

from contracts.intake import Regime
from contracts.routing import Outcome, Role
from contracts.sla import ClockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The base: `event_id` is unique, `at` has an offset (else ValueError). `sequence`: the assignment's version after
    it, None where its publisher numbers nothing; clocks may step back, versions never do."""

    event_id: str
    at: datetime
    sequence: int | None = None

    # The field that names a question which this fact opens or settles; what settles one stands after what opened it.
    asks: ClassVar[str] = ""
    settles: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a fact needs an instant with an offset")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentFact(Fact):
    """A fact about one assignment."""

    assignment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyDates:
    """Of a legacy case: another system kept the case until `taken_over_at`. `due`: it had a due time there (`given`, at `due_at`), had
    none, or nothing is known of it, so that a policy counts. `closed_at`: when it was answered there."""

    taken_over_at: datetime
    due: Literal["given", "none", "policy"] = "policy"
    due_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def untimed(self) -> bool:
        """Nothing was promised there."""
        return self.due == "none"

    def covers(self, moment: datetime | None) -> bool:
        """Whether it was still there at that instant."""
        return moment is not None and moment <= self.taken_over_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Described(Fact):
    """What policies and calendars need to know; registration and assignment have it, so that either suffices."""

    region: str
    regime: Regime
    channel: str | None = None
    importance: str | None = None
    appeal_kind: str | None = None
    group: str | None = None
    topic: str | None = None
    municipality: str | None = None
    cases: tuple[str, ...] = ()
    legacy: LegacyDates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRegistered(Described):
    """`at` is the registration (`received_at` of the API). `arrived_at`: its arrival, if earlier (paper)."""

    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentCreated(Described):
    """A question was given to an organisation, or to triage when `organisation_id` is None. `received_at`: the
    appeal's registration. `predecessor_id`: the assignment it was redirected from; `within_level`: inside one level of
    government, so that the predecessor's answer clock goes on (None: no)."""

    assignment_id: str
    received_at: datetime
    organisation_id: str | None = None
    role: Role = "lead"
    predecessor_id: str | None = None
    within_level: bool | None = None

    # What was handed over stands after what it was before, also at one instant.
    asks: ClassVar[str] = "assignment_id"
    settles: ClassVar[str] = "predecessor_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentCorrected(AssignmentFact):
    """A coordinator set another topic or organisation, or brought it out of triage; None leaves a value as it was.
    `within_level`: the organisations stand above each other inside one level, so that the term goes on. `to_triage`: no
    organisation has it any more. `back_to`: the version that it goes back to; corrections since then are taken back."""

    topic: str | None = None
    group: str | None = None
    organisation_id: str | None = None
    within_level: bool | None = None
    to_triage: bool | None = None
    back_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAccepted(AssignmentFact):
    """The organisation took it to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterimAnswered(AssignmentFact):
    """A plan was given, perhaps with a date."""

    promised_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAnswered(AssignmentFact):
    """The question was answered; with `postponed` a solution is promised for `promised_on`."""

    outcome: Outcome
    promised_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRedirected(AssignmentFact):
    """The organisation said "not ours"; `successor_id` is the assignment that goes on."""

    successor_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentReopened(AssignmentFact):
    """The citizen was not satisfied. `cycle`: number of the answer now awaited, from 2; None = one more."""

    cycle: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationAsked(AssignmentFact):
    """The organisation asked the citizen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationGiven(AssignmentFact):
    """The citizen answered the question, or nobody waits for that any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsRequested(AssignmentFact):
    """Another organisation was asked for documents (59-ФЗ ст. 10 ч. 2)."""

    asks = "request_id"

    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsReceived(AssignmentFact):
    """The documents of a request came."""

    settles = "request_id"

    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequested(AssignmentFact):
    """The organisation asks for `days` more."""

    asks = "extension_id"

    extension_id: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionDecided(AssignmentFact):
    """A coordinator approved `days` more or refused. `notified_at`: when the citizen was notified."""

    settles = "extension_id"

    extension_id: str
    approved: bool
    days: int = 0
    notified_at: datetime | None = None

    @property
    def granted(self) -> int:
        """Days that were granted; 0 of a refusal."""
        return self.days if self.approved else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentCancelled(AssignmentFact):
    """The question is no longer asked of this organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealMarked(Fact):
    """The appeal is a special `case` (see `policies.Policy.case`), or not after all (`applies` False); it holds for
    all its clocks that still run."""

    case: str
    applies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealForwarded(Fact):
    """The appeal was sent to an organisation outside the system; our terms end with the dispatch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealWithdrawn(Fact):
    """The citizen asked to stop (59-ФЗ ст. 5 п. 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRejected(Fact):
    """Moderation refused it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealAdmitted(Fact):
    """Moderation let it go on, after a rejection perhaps, which the citizen objected to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReapplied(Fact):
    """An administrator re-applied a policy as it is now to running clocks of a kind; None: all policies, all kinds."""

    clock: ClockKind | None = None
    policy_id: str | None = None


# The order of facts of one instant: what opens comes before what happens inside, and that before what closes.
ORDER: Final[tuple[type[Fact], ...]] = (
    AppealRegistered,
    AppealMarked,
    AppealAdmitted,
    AssignmentCreated,
    AssignmentReopened,
    AssignmentCorrected,
    AssignmentAccepted,
    ClarificationAsked,
    ClarificationGiven,
    DocumentsRequested,
    DocumentsReceived,
    ExtensionRequested,
    ExtensionDecided,
    PolicyReapplied,
    InterimAnswered,
    AssignmentAnswered,
    AssignmentRedirected,
    AssignmentCancelled,
    AppealForwarded,
    AppealWithdrawn,
    AppealRejected,
)
