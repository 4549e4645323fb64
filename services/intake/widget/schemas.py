"""Widgets as administrators set them, and forms as people send them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chassis.bodies import Body, Place
from chassis.replacing import ReadOnly, Replacement
from services.intake.attachments.rules.kinds import MOST_FILES
from services.intake.field_types import (
    VISIBLE,
    AppealText,
    Code,
    Line,
    Municipality,
    RegionCode,
    ShortLine,
    not_blank,
)
from services.intake.history.rules.statuses import AppealStatus
from services.intake.registration.schemas import Applicant
from services.intake.widget.rules.origins import read_origin

Origin = Annotated[ShortLine, AfterValidator(read_origin)]
Title = Annotated[str, not_blank(200), VISIBLE]


class WidgetFields(BaseModel):
    """`origins`: the sites whose pages may read answers; `topics`: what can be chosen, all of the region's where empty. `listed`:
    citizens find it among the forms of their region."""

    title: Title
    origins: Annotated[list[Origin], Field(max_length=50)] = []
    municipality: Municipality | None = None
    organisation: UUID | None = None
    topics: Annotated[list[Code], Field(max_length=300)] = []
    active: bool = True
    listed: bool = False


class NewWidget(WidgetFields, Body):
    """A form to make; its key comes back."""

    region: RegionCode


class ChangedWidget(WidgetFields, Replacement):
    """The form as it shall be."""

    id: ReadOnly[UUID] = None
    key: ReadOnly[str] = None
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None


class WidgetView(WidgetFields):
    """A form. `key` is what pages name it by: everybody may know it."""

    id: UUID
    key: str
    region: str
    version: int


class WidgetPage(BaseModel):
    """Forms, the oldest first."""

    items: list[WidgetView]
    next_cursor: str | None


class ListedWidget(BaseModel):
    """A form that a region, or a municipality of it, offers to all its citizens."""

    key: str
    title: str
    region: str
    municipality: str | None


class ListedWidgets(BaseModel):
    """Forms that citizens find, by region, the oldest of a region first; at most five hundred."""

    items: list[ListedWidget]


class OfferedTopic(BaseModel):
    """A topic that can be chosen; `group`: the name of its group."""

    code: str
    name: str
    group: str


class WantedProof(BaseModel):
    """The work that a script does before it sends: a text with which SHA-256 of `<form_token>:<proof>` begins with so many
    zero bits."""

    algorithm: str
    bits: int


class KnownPlaces(BaseModel):
    """Where a page asks what is known already, before anything is sent, and counts who then did not send."""

    list: str
    enough: str


class WidgetForm(BaseModel):
    """What a page needs to show the form. `form_token`: good for one appeal, from 3 seconds to 2 hours after now."""

    title: str
    topics: list[OfferedTopic]
    form_token: str
    proof: WantedProof
    known: KnownPlaces
    region: str
    municipality: str | None


class WidgetAppeal(Body):
    """An appeal as a form sends it; region, municipality and channel are the widget's. `proof`: where scripts run.
    `attachments`: of files that were sent with the same form's token."""

    form_token: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    proof: Annotated[str, StringConstraints(max_length=64)] | None = None
    text: AppealText
    topic: Code | None = None
    address: Line | None = None
    location: Place | None = None
    applicant: Applicant | None = None
    attachments: Annotated[list[UUID], Field(max_length=MOST_FILES)] | None = None


class WidgetReceipt(BaseModel):
    """The answer to a form. `notice`: what its sender should read at once – that life seems to be in danger and 112 is the
    number to call –, null as a rule."""

    id: UUID
    number: str
    tracking_code: str
    status: AppealStatus
    received_at: datetime
    notice: str | None
