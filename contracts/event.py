"""The base of every event and its envelope on the wire.

Contracts only grow: a new field comes with a default; anything else is a new class with a `.v2` subject,
published beside the old one for a release. `tests/contracts` keeps every JSON Schema and old samples as files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

from contracts.parts import stream_of_publisher

SPEC_VERSION = "1.0"
_ENVELOPE = {"id", "time", "sequence", "traceparent"}


class Part(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Part):
    """A fact that happened, named in the past tense, addressed by region and aggregate.

    On the wire it is a CloudEvents-shaped JSON object: `id` (UUIDv7), `source` (publisher), `type` (subject),
    `time`, `subject` (aggregate id), `sequence` (the aggregate's version, for last-value fields only),
    `traceparent` and `data` (the class's own fields).
    """

    SUBJECT: ClassVar[str] = ""
    AGGREGATE: ClassVar[str] = ""

    id: UUID = Field(default_factory=uuid7)
    time: datetime = Field(default_factory=lambda: datetime.now(UTC))
    sequence: int = 0
    traceparent: str | None = None
    region: str

    def __init_subclass__(cls, subject: str = "", aggregate: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.SUBJECT = subject
        cls.AGGREGATE = aggregate

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing the event is about."""
        value = getattr(self, self.AGGREGATE)
        assert isinstance(value, UUID)
        return value

    def envelope(self) -> dict[str, Any]:
        """The JSON-ready object put on the wire."""
        return {**self.attributes(), "data": self.model_dump(mode="json", exclude=_ENVELOPE)}

    def attributes(self) -> dict[str, Any]:
        """What an envelope says of the event beside its data."""
        return {
            "specversion": SPEC_VERSION,
            "id": str(self.id),
            "source": publisher_of(self.SUBJECT),
            "type": self.SUBJECT,
            "time": self.time.isoformat(),
            "subject": str(self.aggregate_id),
            "sequence": self.sequence,
            "traceparent": self.traceparent,
        }

    def data_json(self) -> bytes:
        """The class's own fields as the JSON of an envelope, without a detour by Python's objects."""
        return self.model_dump_json(exclude=_ENVELOPE).encode()

    @classmethod
    def from_envelope(cls, envelope: dict[str, Any]) -> Self:
        """Read the object back; unknown fields are ignored, a missing or malformed one raises ValidationError."""
        data = envelope["data"]
        return cls.model_validate(
            {
                **data,
                "id": envelope["id"],
                "time": envelope["time"],
                "sequence": envelope.get("sequence", 0),
                "traceparent": envelope.get("traceparent"),
            }
        )


class Act(Event):
    """An event of what somebody did. `person`: who, where the client is one that many people use; names stay with the
    gateway. Filled in where events are emitted, from the token."""

    person: UUID | None = None


class OfficialEvent(Event):
    """An event that carries what an official wrote: its `OFFICIAL` fields.

    On the wire these fields are empty and `words` holds them sealed for intake, which alone knows the applicant and so
    what has to be masked (ADR 17). In events older than that `words` is absent and the fields are in clear.
    """

    OFFICIAL: ClassVar[tuple[str, ...]] = ()

    words: str | None = None  # base64

    def __init_subclass__(cls, official: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.OFFICIAL = official

    def official_words(self) -> dict[str, str]:
        """The official's words by field, as far as they are in clear."""
        return {name: getattr(self, name) for name in self.OFFICIAL}


def publisher_of(subject: str) -> str:
    """The service that owns a subject: its first token."""
    return subject.split(".", 1)[0]


def subjects_of(publisher: str) -> set[str]:
    """Of all its events that are known in this process."""
    kinds, found = [Event], set[str]()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found |= {kind.SUBJECT} if publisher_of(kind.SUBJECT) == publisher else set()
    return found


@lru_cache(maxsize=256)
def stream_of(subject: str) -> str:
    """The JetStream stream of a subject: one per publisher."""
    return stream_of_publisher(publisher_of(subject))
