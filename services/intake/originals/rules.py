"""What is sealed together about one appeal, and the keys that seal it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from chassis.sealing import Keyring, SealBroken
from services.intake.masking import mask_address
from services.intake.masking.persons import Applicant, mask_appeal

ORIGINAL = "original"
CLARIFICATION = "clarification"
EVIDENCE = "attachment"  # when and where a photo was taken
OBJECTION = "objection"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The process's keys: for sealing and for hashing."""

    keyring: Keyring
    hash_key: str


@dataclass(frozen=True, slots=True)
class OriginalData:
    """The unmasked truth: text, full address, applicant (name, email, phone) and the tracking code."""

    text: str
    address: str | None
    applicant: Mapping[str, str | None]
    code: str

    @property
    def name(self) -> str:
        """The applicant's name, or an empty string."""
        return self.applicant.get("name") or ""

    @property
    def unanswerable(self) -> bool:
        """Without a name, or without anything an answer could be sent to (59-ФЗ ст. 11 ч. 1)."""
        reachable = self.address or self.applicant.get("email") or self.applicant.get("phone")
        return not (self.name and reachable)

    def masked(self) -> tuple[str, str | None]:
        """Text and address as others may read them."""
        return mask_appeal(self.text, self.person), self.address and mask_address(self.address, self.name)

    @property
    def person(self) -> Applicant:
        """Whom texts about this appeal must not give away."""
        return Applicant(
            name=self.name,
            phone=self.applicant.get("phone") or "",
            email=self.applicant.get("email") or "",
            address=self.address or "",
        )


def seal_original(keyring: Keyring, appeal_id: UUID, data: OriginalData, nonce: bytes) -> bytes:
    """Ciphertext under the current key; `nonce`: 12 fresh random bytes."""
    plain = orjson.dumps([data.text, data.address, data.applicant, data.code])
    return keyring.seal(ORIGINAL, appeal_id, plain, nonce)


def open_original(keyring: Keyring, appeal_id: UUID, key_id: int, sealed: bytes) -> OriginalData:
    """The data back; SealBroken when it was changed, cut short or moved."""
    try:
        return OriginalData(*orjson.loads(keyring.open(ORIGINAL, appeal_id, key_id, sealed)))
    except (ValueError, TypeError):  # not from the error: it may quote what it could not read
        raise SealBroken("the sealed data is damaged") from None


def contact(applicant: Any) -> dict[str, str | None]:
    """Only what was given."""
    return {key: value for key, value in (applicant or {}).items() if value}
