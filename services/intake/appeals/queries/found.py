"""One row of an appeal as it is shown: masked, whether the masking worker has come by or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar
from uuid import UUID

from chassis.sealing import Keyring, SealBroken
from contracts.extents import LocationNote, judge_point
from services.intake.appeals.schemas import AppealLine
from services.intake.history.rules.packed import read_words
from services.intake.history.rules.statuses import AppealStatus
from services.intake.originals.rules import open_original

SEALED: Final = "[Текст обращения временно недоступен]"
# The sealed original is read only in the moment before the masking worker has come by.
COLUMNS: Final = """
SELECT a.id, a.number, a.status, a.received_at, a.region, a.municipality, a.channel, a.regime, a.external_id,
    a.topic_code, a.topic_name, a.due_on, a.due_reason, a.packed, a.organisation_id, a.organisation_name, a.promised_on,
    a.answers, a.version, a.danger, a.received_on, a.reception_id, a.lat, a.lon, t.text, t.address, o.key_id, o.sealed
"""
JOINS: Final = """
LEFT JOIN {texts} t ON t.region = a.region AND t.appeal_id = a.id
LEFT JOIN intake.original o ON t.appeal_id IS NULL AND o.region = a.region AND o.appeal_id = a.id
"""
TEXTS: Final = "intake.appeal_text"
SELECT: Final = f"{COLUMNS} FROM intake.appeal a {JOINS} WHERE {{within}} AND {{visible}} {{filters}}"
Line = TypeVar("Line", bound=AppealLine)


@dataclass(frozen=True, slots=True)
class FoundAppeal:
    """What `COLUMNS` select."""

    id: UUID
    number: str
    status: AppealStatus
    received_at: datetime
    region: str
    municipality: str | None
    channel: str
    regime: str
    external_id: str | None
    topic_code: str | None
    topic_name: str | None
    due_on: date | None
    due_reason: str | None
    packed: bytes | None
    organisation_id: UUID | None
    organisation_name: str | None
    promised_on: date | None
    answers: int
    version: int
    danger: bool | None
    received_on: date | None
    reception_id: UUID | None
    lat: float | None
    lon: float | None
    text: str | None
    address: str | None
    key_id: int | None
    sealed: bytes | None

    @property
    def location_note(self) -> LocationNote | None:
        """Why its point is on no map, if so."""
        if self.lat is None or self.lon is None:
            return None
        return judge_point(self.region, self.lat, self.lon)

    def show_as(self, kind: type[Line], keyring: Keyring, **more: object) -> Line:
        """A line of a list, or a longer view of it with `more` fields."""
        words = read_words(self)
        text, address = (self.text, self.address) if self.text is not None else self._mask_now(keyring)
        return kind.model_validate(
            {
                "id": self.id,
                "number": self.number,
                "status": self.status,
                "received_at": self.received_at,
                "region": self.region,
                "municipality": self.municipality,
                "channel": self.channel,
                "regime": self.regime,
                "external_id": self.external_id,
                "received_on": self.received_on,
                "reception_id": self.reception_id,
                "topic": self.topic_code,
                "topic_name": words.topic_name,
                "text": text,
                "address": address,
                "due_on": self.due_on,
                "due_reason": words.due_reason,
                "organisation": words.organisation_name,
                "organisation_id": self.organisation_id,
                "promised_on": self.promised_on,
                "location_note": self.location_note,
                "version": self.version,
                **more,
            }
        )

    def _mask_now(self, keyring: Keyring) -> tuple[str, str | None]:
        """What the worker has not masked yet; one that can't be opened must not take the others' page along."""
        if self.sealed is None or self.key_id is None:
            return SEALED, None
        try:
            return open_original(keyring, self.id, self.key_id, self.sealed).masked()
        except SealBroken:
            return SEALED, None
