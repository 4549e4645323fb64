"""Tables of the schema `gateway`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import BIG, NOW, Key, create_metadata, default, define_table
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


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. Names stay in this schema: everywhere else a person is an id.

    `login_key`: what logins are compared by. `code_secret`: of one-time codes, encrypted; asked for once they are
    confirmed, and none whose step is not after `code_step` is taken. A token is good when it carries the generation,
    which a trigger raises with every change of what the person may do. Who has left stays, because histories name them.
    """

    id: Key[UUID]
    login: str
    login_key: str
    name: str
    position: str
    email: str | None
    role: str
    regions: TextArray
    municipalities: Annotated[TextArray, default("'{}'")]
    organisation_id: UUID | None
    active: Annotated[bool, default("true")]
    version: Annotated[int, default("1")]
    password_hash: str | None
    code_secret: bytes | None
    code_confirmed: Annotated[bool, default("false")]
    code_step: Annotated[int, BIG, default("0")]
    created_at: Annotated[datetime, NOW]
    token_generation: Annotated[int, default("0")]
    tokens_void_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonSession:
    """What began with a sign-in and is carried on by refresh tokens, of which the one of `number` is the present one.

    `salt` goes into their proofs; `address_hash`: keyed, of where it began.
    """

    id: Key[UUID]
    person_id: UUID
    number: Annotated[int, default("0")]
    salt: bytes
    address_hash: bytes
    started_at: datetime
    used_at: datetime
    rotated_at: datetime | None
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class PersonLink:
    """An invitation, or a new password for whoever has lost theirs: a token that is good once, kept as a keyed hash."""

    token_hash: Key[bytes]
    person_id: UUID
    kind: str
    drops_code: bool
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """Stands in once for a one-time code; a keyed hash."""

    person_id: Key[UUID]
    code_hash: Key[bytes]


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What was changed of a person's account, by which client and person; never a password, secret or token."""

    id: Key[UUID]
    person_id: UUID
    changed_at: Annotated[datetime, NOW]
    kind: str
    client_id: str
    changed_by: UUID | None
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class SignInAttempts:
    """How often signing in has failed by a login or from an address (keyed hashes), whether there is such a login or not."""

    key: Key[bytes]
    failures: int
    since: datetime
    locked_until: datetime


client = define_table(metadata, "client", Client, Index("client_tokens_void_at_ix", "tokens_void_at"))
signing_key = define_table(metadata, "signing_key", SigningKey)
used_limit = define_table(metadata, "used_limit", UsedLimit)
person = define_table(
    metadata,
    "person",
    Person,
    Index("person_login_key_uq", "login_key", unique=True),
    Index("person_tokens_void_at_ix", "tokens_void_at"),
    Index("person_organisation_id_ix", "organisation_id", "id"),
)
person_session = define_table(
    metadata,
    "person_session",
    PersonSession,
    Index("person_session_person_id_ix", "person_id"),
    Index("person_session_ended_at_ix", "ended_at"),
)
person_link = define_table(
    metadata, "person_link", PersonLink, Index("person_link_person_id_ix", "person_id")
)
recovery_code = define_table(metadata, "recovery_code", RecoveryCode)
person_change = define_table(
    metadata, "person_change", PersonChange, Index("person_change_person_id_ix", "person_id", "id")
)
sign_in_attempts = define_table(metadata, "sign_in_attempts", SignInAttempts)
