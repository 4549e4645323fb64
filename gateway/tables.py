"""Tables of the schema `gateway`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import NOW, Key, create_metadata, default, define_table
from chassis.technical_tables import idempotency_table, key_check_table

metadata = create_metadata("gateway")
idempotency_key = idempotency_table(metadata)
key_check = key_check_table(metadata)
TextArray = Annotated[list[str], ARRAY(Text)]


@dataclass(frozen=True, slots=True)
class Client:
    """Everybody who may ask for a token.

    Secrets are kept as keyed hashes; after a rotation the old one may live on for a while. A revoked client stays, because
    other tables name it. A token is good when it carries the client's generation; a trigger makes a new one with every
    change of what the client may do.
    """

    id: Key[str]
    name: str
    role: str
    regions: TextArray
    municipalities: Annotated[TextArray, default("'{}'")]
    organisation_id: UUID | None
    requests_per_minute: int
    secret_hash: bytes
    previous_hash: bytes | None
    previous_until: datetime | None
    created_at: Annotated[datetime, NOW]
    created_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    token_generation: Annotated[int, default("0")]
    tokens_void_at: datetime | None  # when the newest generation began


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs tokens; the private half is encrypted with the installation's key. More than one may be valid."""

    id: Key[str]
    private_key: bytes
    public_jwk: dict[str, str]
    created_at: Annotated[datetime, NOW]
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class UsedLimit:
    """What a caller has used of its limit at all gateways together: until when its requests keep the system busy.

    May be lost with its server (the table is not logged); keys are keyed hashes, for they may be addresses.
    """

    key: Key[bytes]
    busy_until: datetime


client = define_table(metadata, "client", Client, Index("client_tokens_void_at_ix", "tokens_void_at"))
signing_key = define_table(metadata, "signing_key", SigningKey)
used_limit = define_table(metadata, "used_limit", UsedLimit)
