"""Proving intake's keys, also by appeals made before keys were checked at the start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.keys import NamedKey, common_keys, encryption_keys
from chassis.sealing import Keyring, SealBroken
from chassis.word_keys import PRIVATE_KEY
from services.intake.originals.rules import OriginalData, Secrets, open_original
from services.intake.registration.actions.preparing import hash_code
from services.intake.settings import IntakeSettings

# The first and the last appeal of the busiest registers: found by keys alone, however many appeals there are.
_SAMPLES = """
SELECT r.tracking_hash, o.appeal_id, o.key_id, o.sealed
FROM (SELECT region, year, last FROM intake.counter ORDER BY year DESC, last DESC LIMIT 20) c
JOIN intake.register r ON r.region = c.region AND r.year = c.year AND r.sequence IN (1, c.last)
JOIN intake.original o ON o.region = r.region AND o.appeal_id = r.appeal_id
"""


def intake_keys(settings: IntakeSettings) -> tuple[NamedKey, ...]:
    """The keys of hashes, of cursors and of officials' words, and every encryption key by its id."""
    keyring = settings.keyring()
    secrets = Secrets(keyring, settings.hash_key.get_secret_value())
    return (
        *encryption_keys(settings, lambda key_id: partial(_opens, keyring, key_id)),
        NamedKey("key of words", PRIVATE_KEY, settings.words_key.get_secret_value()),
        *common_keys(settings, partial(_hashed, secrets)),
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    tracking_hash: bytes
    appeal_id: UUID
    key_id: int
    sealed: bytes

    def open(self, keyring: Keyring) -> OriginalData | None:
        try:
            return open_original(keyring, self.appeal_id, self.key_id, self.sealed)
        except SealBroken:
            return None


async def _opens(keyring: Keyring, key_id: int, session: AsyncSession) -> bool | None:
    """Whether the key opens any of the samples sealed under its id; one may be damaged, all of them hardly."""
    samples = await rows(session, _Sample, _SAMPLES)
    opened = [sample.open(keyring) is not None for sample in samples if sample.key_id == key_id]
    return any(opened) if opened else None


async def _hashed(secrets: Secrets, session: AsyncSession) -> bool | None:
    """Whether the tracking code of any sample that opens has the hash that the register keeps."""
    samples = await rows(session, _Sample, _SAMPLES)
    fits = [
        hash_code(secrets, data.code.replace("-", "")) == sample.tracking_hash
        for sample in samples
        if (data := sample.open(secrets.keyring)) is not None
    ]
    return any(fits) if fits else None
