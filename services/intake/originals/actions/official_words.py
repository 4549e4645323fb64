"""What officials wrote, opened and masked with knowledge of the applicant: the only form in which anybody else gets it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.sealing import Keyring, SealBroken
from chassis.words import open_event
from contracts.event import OfficialEvent
from services.intake.keys import AppealEvent, AppealKey, columns_of, key_of
from services.intake.masking.persons import Applicant, mask_words
from services.intake.originals.rules import open_original
from services.intake.tables.appeals import Original
from services.intake.tables.imports import RemovedAppeal

Official = TypeVar("Official", bound=OfficialEvent)
_ORIGINALS = """
SELECT region, appeal_id, key_id, sealed FROM intake.original
WHERE region = ANY(:regions) AND appeal_id = ANY(:ids)
"""
_REMOVED = """
SELECT region, appeal_id FROM intake.removed_appeal WHERE region = ANY(:regions) AND appeal_id = ANY(:ids)
"""


@dataclass(frozen=True)
class Opener:
    """The keys that open officials' words and the originals they are masked by: `session.info["opener"]`."""

    keyring: Keyring
    words_key: X25519PrivateKey


def opener_of(session: AsyncSession) -> Opener:
    """The opener of the process this session belongs to."""
    opener = session.info["opener"]
    assert isinstance(opener, Opener)
    return opener


async def mask_official_words(session: AsyncSession, events: Sequence[AppealEvent]) -> list[AppealEvent]:
    """The events, with officials' fields masked; without events with such fields whose appeals were taken back.

    SealBroken when words or an original do not open.
    """
    keys = {key_of(event) for event in events if isinstance(event, OfficialEvent)}
    if not keys:
        return list(events)
    applicants = await read_applicants(session, keys)
    removed = await read_removed(session, keys - applicants.keys())
    opener = opener_of(session)
    masked: list[AppealEvent] = []
    for event in events:
        if not isinstance(event, OfficialEvent):
            masked.append(event)
        elif key_of(event) not in removed:
            masked.append(_mask(event, opener, _applicant_of(applicants, key_of(event))))
            # A long text takes milliseconds: whoever looks whether this process lives comes first.
            await asyncio.sleep(0)
    return masked


def _mask(event: Official, opener: Opener, applicant: Applicant) -> Official:
    words = open_event(event, opener.words_key)
    masked = {name: mask_words(text, applicant) for name, text in words.items()}
    return event.model_copy(update={"words": None, **masked})


async def mask_official_text(session: AsyncSession, key: AppealKey, text: str) -> str:
    """What an official writes here, about one appeal."""
    return mask_words(text, _applicant_of(await read_applicants(session, {key}), key))


def _applicant_of(applicants: Mapping[AppealKey, Applicant], key: AppealKey) -> Applicant:
    applicant = applicants.get(key)
    if applicant is None:
        raise SealBroken("the original is missing")
    return applicant


async def read_applicants(session: AsyncSession, keys: set[AppealKey]) -> dict[AppealKey, Applicant]:
    """Who sent the appeals, as far as their originals are here."""
    regions, ids = columns_of(keys)
    keyring = opener_of(session).keyring
    return {
        AppealKey(found.region, found.appeal_id): open_original(
            keyring, found.appeal_id, found.key_id, found.sealed
        ).person
        for found in await rows(session, Original, _ORIGINALS, regions=regions, ids=ids)
    }


async def read_removed(session: AsyncSession, keys: set[AppealKey]) -> set[AppealKey]:
    """Those of the appeals that were taken back."""
    if not keys:
        return set()
    regions, ids = columns_of(keys)
    removed = await rows(session, RemovedAppeal, _REMOVED, regions=regions, ids=ids)
    return {AppealKey(found.region, found.appeal_id) for found in removed}
