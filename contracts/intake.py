"""What intake says: an appeal was registered, taken over (and back), rated, reopened, clarified, withdrawn, rejected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.event import Act, Event, Part
from contracts.extents import judge_point
from contracts.intake_attachments import ATTACHMENT_EVENTS
from contracts.intake_attachments import AttachmentStored as AttachmentStored
from contracts.intake_attachments import AttachmentUsed as AttachmentUsed
from contracts.names import Outcome

Regime = Literal["message", "statutory"]
Channel = Literal[
    "portal",
    "widget",
    "pos",
    "vk",
    "ok",
    "telegram",
    "max",
    "email",
    "phone",
    "paper",
    "reception",
    "open311",
]
PastOutcome = Literal["solved", "explained", "refused"]


class Location(Part):
    """WGS 84 degrees, as they were sent; see `place_of` for what may be trusted of them."""

    lat: float
    lon: float


class AppealRegistered(Event, subject="intake.appeal.registered.v1", aggregate="appeal_id"):
    """An appeal has its number; text and address are already masked.

    `location_note`: why `location` can't be where it happened (`contracts.extents.LocationNote`), if so. `danger`: the
    original text reports that somebody may be hurt or die within hours; masking never hides that. `anonymous`: the
    applicant gave no name or no address for an answer. `received_on`: the legal day of receipt of what a coordinator entered
    (paper, a call, a reception), on the region's own calendar.
    """

    appeal_id: UUID
    number: str
    regime: Regime
    channel: str
    client_id: str
    text: str
    address: str | None = None
    municipality: str | None = None
    location: Location | None = None
    location_note: str | None = None
    topic: str | None = None
    complained_about: UUID | None = None
    received_at: datetime
    submitted_at: datetime | None = None
    on_moderation: bool = False
    danger: bool = False
    anonymous: bool = False
    received_on: date | None = None


class TakenOver(Part):
    """A case that another system kept until `at`.

    `due`: its answer was due there at `due_at` (`given`), was due at no time (`none`), or the file does not say, so
    that our policies count from its registration (`policy`). `closed_at`: when it was answered there, if it was.
    """

    at: datetime
    due: Literal["given", "none", "policy"] = "policy"
    due_at: datetime | None = None
    closed_at: datetime | None = None


class AppealImported(Event, subject="intake.appeal.imported.v1", aggregate="appeal_id"):
    """A case of another system was taken over with its own dates; text, address and answer are already masked.

    `topic`, `group` and `organisation` are names or codes as the other system had them. `postponed`: the answer put the
    solution off (until `promised_on`, if it named a day); `outcome` is then for those who do not know this field. What
    has one `import_id` came together and can be taken back together.
    """

    appeal_id: UUID
    number: str
    regime: Regime
    channel: str
    client_id: str
    text: str
    address: str | None = None
    municipality: str | None = None
    location: Location | None = None
    location_note: str | None = None
    received_at: datetime
    taken_over: TakenOver
    topic: str | None = None
    group: str | None = None
    organisation: str | None = None
    accepted_at: datetime | None = None
    outcome: PastOutcome = "solved"
    postponed: bool = False
    promised_on: date | None = None
    answer: str | None = None
    import_id: UUID | None = None


class ImportUndoAsked(Act, subject="intake.import.undo_asked.v1", aggregate="import_id"):
    """An administrator takes an import back in `regions`: all of its appeals are to be forgotten, unless somebody works on
    one of them."""

    import_id: UUID
    regions: tuple[str, ...]
    asked_at: datetime


def place_of(event: AppealRegistered | AppealImported) -> Location | None:
    """Where the appeal may be shown on a map and searched or routed by place; None for a point that can't be.

    Events from before points were marked are judged now, so that reading the log anew gives the same.
    """
    place = event.location
    if place is None or event.location_note or judge_point(event.region, place.lat, place.lon):
        return None
    return place


class AppealRated(Event, subject="intake.appeal.rated.v1", aggregate="appeal_id"):
    """The citizen judged one answer. `reached`, `satisfied`: as they were told; null where they were not."""

    appeal_id: UUID
    assignment_id: UUID
    answer_id: UUID
    score: int
    solved: bool
    reached: bool | None = None
    satisfied: bool | None = None
    comment: str | None = None
    rated_at: datetime


class AppealReopened(Event, subject="intake.appeal.reopened.v1", aggregate="appeal_id"):
    """A poor rating inside the region's window reopened one assignment, once per answer."""

    appeal_id: UUID
    assignment_id: UUID
    answer_id: UUID
    reason: str
    reopened_at: datetime


class AppealClarified(Event, subject="intake.appeal.clarified.v1", aggregate="appeal_id"):
    """The citizen answered a body's question; text is masked."""

    appeal_id: UUID
    text: str
    clarified_at: datetime


SourceChange = Literal["edited", "deleted", "restored"]


class AppealSourceChanged(Event, subject="intake.source.changed.v1", aggregate="appeal_id"):
    """What an appeal was made of was changed in its social network; the appeal itself stays as it was registered.

    `text`: the words as they are now, masked; null where they are gone or as before. `changed_at`: as the network dates it,
    never before the appeal.
    """

    appeal_id: UUID
    change: SourceChange
    text: str | None = None
    changed_at: datetime


class AppealWithdrawn(Event, subject="intake.appeal.withdrawn.v1", aggregate="appeal_id"):
    """The citizen asked to stop (59-ФЗ ст. 5 п. 5)."""

    appeal_id: UUID
    withdrawn_at: datetime


class AppealModerated(Act, subject="intake.appeal.moderated.v1", aggregate="appeal_id"):
    """A coordinator accepted, rejected or hid an appeal."""

    appeal_id: UUID
    decision: Literal["accept", "reject", "hide"]
    reason: str
    moderated_at: datetime


class AppealObjected(Event, subject="intake.appeal.objected.v1", aggregate="appeal_id"):
    """The citizen does not agree that the appeal was rejected or hidden; text is masked. A moderator decides anew."""

    appeal_id: UUID
    text: str
    objected_at: datetime


class ExtensionReasonMasked(Event, subject="intake.extension.reason_masked.v1", aggregate="appeal_id"):
    """Why a body asks for more days, masked: for the coordinator who decides."""

    appeal_id: UUID
    extension_id: UUID
    reason: str


class AnswerMasked(Event, subject="intake.answer.masked.v1", aggregate="answer_id"):
    """An answer that went out, masked with knowledge of the applicant: for those who learn from it."""

    answer_id: UUID
    assignment_id: UUID
    appeal_id: UUID
    outcome: Outcome
    text: str


EVENTS: tuple[type[Event], ...] = (
    AppealRegistered,
    AppealImported,
    ImportUndoAsked,
    AppealRated,
    AppealReopened,
    AppealClarified,
    AppealSourceChanged,
    AppealWithdrawn,
    AppealModerated,
    AppealObjected,
    ExtensionReasonMasked,
    AnswerMasked,
    *ATTACHMENT_EVENTS,
)
