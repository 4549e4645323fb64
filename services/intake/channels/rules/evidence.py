"""What is kept sealed of a delivery: what was read of it, and the payload as it came, but for the network's secret."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from pydantic import TypeAdapter

from services.intake.channels.rules.reading import Delivery


@dataclass(frozen=True, slots=True)
class Evidence:
    """`delivery`: None where the payload could not be read."""

    delivery: Delivery | None
    payload: str


_ADAPTER: TypeAdapter[Evidence] = TypeAdapter(Evidence)


def pack_evidence(delivery: Delivery | None, payload: bytes) -> bytes:
    """As it is sealed. `payload`: JSON."""
    return orjson.dumps(Evidence(delivery, payload.decode()))


def unpack_evidence(plain: bytes) -> Evidence:
    """The same again; ValueError where it is damaged."""
    return _ADAPTER.validate_json(plain)
