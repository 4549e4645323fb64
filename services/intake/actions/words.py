"""What officials wrote, opened and masked with knowledge of the applicant: the only form in which anybody else gets it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import fetch
from chassis.sealing import Keyring, SealBroken
from chassis.words import open_event
from contracts.event import OfficialEvent
from services.intake.rules.originals import open_original
from services.intake.rules.persons import Applicant, mask_words

Official = TypeVar("Official", bound=OfficialEvent)
Key = tuple[str, UUID]  # region, appeal


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


async def hear(session: AsyncSession, events: Sequence[Official]) -> list[Official]:
    """The events with their official fields masked, without those of appeals that were taken back. SealBroken when words
    or an original do not open."""
    keys = {_key_of(event) for event in events}
    applicants = await read_applicants(session, keys)
    removed = await _read_removed(session, keys - applicants.keys())
    events = [event for event in events if _key_of(event) not in removed]
    opener = opener_of(session)
    heard = []
    for event in events:
        heard.append(_mask(event, opener, applicants))
        await asyncio.sleep(
            0
        )  # a long text takes milliseconds: whoever looks whether this process lives comes first
    return heard


async def _read_removed(session: AsyncSession, keys: set[Key]) -> set[Key]:
    if not keys:
        return set()
    rows = await fetch(
        session,
        "SELECT region, appeal_id FROM intake.removed_appeal "
        "WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[])",
        sorted({region for region, _ in keys}),
        [appeal_id for _, appeal_id in keys],
    )
    return {(row["region"], row["appeal_id"]) for row in rows}


async def mask_said(session: AsyncSession, region: str, appeal_id: UUID, words: str) -> str:
    """What an official says here, about one appeal."""
    applicants = await read_applicants(session, {(region, appeal_id)})
    return mask_words(words, _applicant_of(applicants, (region, appeal_id)))


def _applicant_of(applicants: Mapping[Key, Applicant], key: Key) -> Applicant:
    applicant = applicants.get(key)
    if applicant is None:
        raise SealBroken("the original is missing")
    return applicant


def _key_of(event: OfficialEvent) -> Key:
    return event.region, event.appeal_id  # type: ignore[attr-defined]


def _mask(event: Official, opener: Opener, applicants: Mapping[Key, Applicant]) -> Official:
    applicant = _applicant_of(applicants, _key_of(event))
    said = open_event(event, opener.words_key)
    return event.model_copy(
        update={"words": None, **{name: mask_words(words, applicant) for name, words in said.items()}}
    )


async def read_applicants(session: AsyncSession, keys: set[Key]) -> dict[Key, Applicant]:
    """Who sent the appeals, as far as their originals are here."""
    rows = await fetch(
        session,
        "SELECT region, appeal_id, key_id, sealed FROM intake.original "
        "WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[])",
        sorted({region for region, _ in keys}),
        [appeal_id for _, appeal_id in keys],
    )
    keyring = opener_of(session).keyring
    return {
        (row["region"], row["appeal_id"]): open_original(
            keyring, row["appeal_id"], row["key_id"], bytes(row["sealed"])
        ).person
        for row in rows
    }
