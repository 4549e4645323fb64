"""Forms, appeals and figures, as the platform shows them to anybody."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field


class ListedForm(BaseModel):
    """A form that a region, or a municipality of it, offers to all its citizens."""

    key: str
    title: str
    region: str
    municipality: str | None


class ListedForms(BaseModel):
    """All of them."""

    items: list[ListedForm]


class Topic(BaseModel):
    """What can be chosen; `group`: the name of its group."""

    code: str
    name: str
    group: str = ""


class Proof(BaseModel):
    """How many zero bits a script's work has to give."""

    bits: int


class OpenedForm(BaseModel):
    """A form to be filled in. `form_token` is good for one appeal, for two hours."""

    title: str
    topics: list[Topic]
    form_token: str
    proof: Proof
    region: str


class Sent(BaseModel):
    """What is answered to a form."""

    tracking_code: str


class StoredFile(BaseModel):
    """A file that was taken."""

    id: UUID


class DraftTopics(BaseModel):
    """What a draft seems to be about, and whether it tells of danger."""

    items: list[Topic]
    danger: bool


class Known(BaseModel):
    """An incident or a planned work near by."""

    id: UUID
    kind: str
    title: str
    since: datetime
    until: datetime | None
    notice: str | None
    appeals: int


class KnownThings(BaseModel):
    """The nearest first."""

    items: list[Known]


class Step(BaseModel):
    """One thing that happened."""

    at: datetime
    kind: str
    what: str
    reason: str | None


class Answer(BaseModel):
    """What an organisation answered."""

    id: UUID
    text: str
    outcome: str | None
    interim: bool
    organisation: str | None
    answered_at: datetime
    promised_on: date | None
    attachments: list[UUID]


class Tracked(BaseModel):
    """Where an appeal stands, and what its citizen may do now."""

    number: str
    status: str
    status_name: str
    received_at: datetime
    due_on: date | None
    due_reason: str | None
    organisation: str | None
    topic: str | None
    timeline: list[Step]
    answers: list[Answer]
    promised_on: date | None
    notice: str | None
    may_rate: bool
    may_clarify: bool
    may_withdraw: bool
    may_object: bool


class ReceiptLines(BaseModel):
    """A receipt to keep, as sentences."""

    lines: list[str]


class Done(BaseModel):
    """What the citizen should read at once about what they have just written."""

    notice: str | None = None


class Rated(Done):
    """Whether a rating has sent the question back to work."""

    reopened: bool


class Part(BaseModel):
    """A group of topics or a municipality in a month. What is not shown, being of few appeals, is null."""

    name: str
    received: int
    in_time_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None


class Sum(BaseModel):
    """The same in a year."""

    name: str
    received: int


class Month(BaseModel):
    """One month of the year."""

    start: date = Field(alias="from")
    received: int | None


class Year(BaseModel):
    """The months of the year so far."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    received: int | None
    groups: list[Sum]
    municipalities: list[Sum]
    months: list[Month]


class Figures(BaseModel):
    """A region's last whole month and its year. `as_of`: when it was published; null before."""

    start: date = Field(alias="from")
    received: int | None
    in_time_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None
    groups: list[Part]
    municipalities: list[Part]
    year: Year
    as_of: datetime | None


class Shape(BaseModel):
    """GeoJSON: rings of [longitude, latitude], degrees."""

    coordinates: list[list[tuple[float, float]]]


class CellFigures(BaseModel):
    """How many appeals came from a cell."""

    received: int


class Cell(BaseModel):
    """A cell of the map."""

    geometry: Shape
    properties: CellFigures


class CellMap(BaseModel):
    """Cells, the fullest first; those with fewer than `minimum` appeals are not shown."""

    minimum: int
    features: list[Cell]
