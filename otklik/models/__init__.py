"""What travels between Otklik and its clients, as typed objects.

Answers only grow: fields this version does not know are kept (`extra="allow"`), words of lists that may grow
(statuses, channels) stay plain strings.
"""

from otklik.models.appeals import (
    Answer,
    Appeal,
    AppealChange,
    AppealSummary,
    Applicant,
    HistoryEntry,
    LineResult,
    Location,
    NewAppeal,
    Rating,
    Receipt,
    Tracking,
)
from otklik.models.assignments import Assignment, OrganisationRef, QueueChange
from otklik.models.base import FieldError, JsonObject, Page, ProblemDocument, Received, Sent
from otklik.models.deadlines import Clock, DeadlinePreview, Pause
from otklik.models.figures import (
    Breakdown,
    BreakdownItem,
    FigureRow,
    FigureRows,
    Point,
    PublicPart,
    PublicSummary,
    Series,
    StreamEvent,
    Summary,
    TimeSeries,
)

__all__ = [
    "Answer",
    "Appeal",
    "AppealChange",
    "AppealSummary",
    "Applicant",
    "Assignment",
    "Breakdown",
    "BreakdownItem",
    "Clock",
    "DeadlinePreview",
    "FieldError",
    "FigureRow",
    "FigureRows",
    "HistoryEntry",
    "JsonObject",
    "LineResult",
    "Location",
    "NewAppeal",
    "OrganisationRef",
    "Page",
    "Pause",
    "Point",
    "ProblemDocument",
    "PublicPart",
    "PublicSummary",
    "QueueChange",
    "Rating",
    "Receipt",
    "Received",
    "Sent",
    "Series",
    "StreamEvent",
    "Summary",
    "TimeSeries",
    "Tracking",
]
