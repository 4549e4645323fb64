"""Ids that follow from codes, codes that follow from names, and names as they are compared."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from uuid import UUID, uuid5

from chassis.normal import fold

# Ids follow from region and code, so that a rebuilt region has the ids its clients were made for.
_ORGANISATIONS = UUID("6f1d7a52-5c0b-5e5e-9a37-0c1b2f4e8d46")
_TOPICS = UUID("0b9a4c1e-7d2f-5a86-8e51-3f6c9d2b7a10")

_MUNICIPALITIES = UUID("3c5e8f0a-1b7d-5d43-a6c2-9e4f7b1d6028")


def organisation_id_of(region: str, code: str) -> UUID:
    """UUIDv5 of an organisation's code."""
    return uuid5(_ORGANISATIONS, f"{region}/{code}")


def topic_id_of(region: str, code: str) -> UUID:
    """UUIDv5 of a topic's code: the aggregate id of its events."""
    return uuid5(_TOPICS, f"{region}/{code}")


def municipality_id_of(region: str, oktmo: str) -> UUID:
    """UUIDv5 of a municipality: the aggregate id of its events."""
    return uuid5(_MUNICIPALITIES, f"{region}/{oktmo}")


def legacy_code(name: str) -> str:
    """The code of something that legacy cases know by its name only; equal names, equal codes."""
    return f"past-{sha256(plain_name(name).encode()).hexdigest()[:12]}"


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name for comparison, in the normal form of texts."""
    return fold(name).strip()
