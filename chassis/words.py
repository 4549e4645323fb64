"""Officials' words in events: sealed when they are emitted, for intake alone to open (ADR 17).

HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM, bound to the event's kind, id and
region and to what the event is about.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.sealing import Keyring, SealBroken
from contracts.event import OfficialEvent

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class Seals:
    """What a service seals officials' words with: where it keeps them (`own`), and in its events (`for_intake`).

    Every session of such a process carries them in `session.info["seals"]`.
    """

    own: Keyring
    for_intake: X25519PublicKey


def seals_of(session: AsyncSession) -> Seals:
    """The seals of the process this session belongs to."""
    seals = session.info["seals"]
    assert isinstance(seals, Seals)
    return seals


def seal_event(event: OfficialEvent, key: X25519PublicKey) -> OfficialEvent:
    """The same event with its official fields empty and their content in `words`."""
    clear = {name: words for name, words in event.official_words().items() if words}
    if not clear:
        return event
    box = _SUITE.encrypt(orjson.dumps(clear), key, info=_bind(event))
    return event.model_copy(update={**dict.fromkeys(clear, ""), "words": base64.b64encode(box).decode()})


def open_event(event: OfficialEvent, key: X25519PrivateKey) -> dict[str, str]:
    """The official's words by field; SealBroken when they were changed, moved, or sealed for another key."""
    if event.words is None:
        return event.official_words()
    try:
        plain = _SUITE.decrypt(base64.b64decode(event.words), key, info=_bind(event))
        opened = orjson.loads(plain)
    except (InvalidTag, ValueError):
        raise SealBroken("the words do not open with this key") from None
    if not isinstance(opened, dict) or not all(isinstance(words, str) for words in opened.values()):
        raise SealBroken("what was sealed are no words")
    return event.official_words() | {name: words for name, words in opened.items() if name in event.OFFICIAL}


def _bind(event: OfficialEvent) -> bytes:
    return f"{event.SUBJECT}|{event.id}|{event.region}|{event.aggregate_id}".encode()
