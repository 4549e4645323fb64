"""The journal of accounts: what was changed, by whom; never a password, secret or token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.principals import Principal
from gateway import tables
from gateway.tokens.issuing import client_of_person

Kind = Literal[
    "created",
    "changed",
    "invited",
    "reset_offered",
    "password_set",
    "code_on",
    "code_off",
    "recovery_code_used",
    "sessions_ended",
    "refresh_token_reused",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes an account."""

    client_id: str
    person: UUID | None

    @classmethod
    def of(cls, principal: Principal) -> Actor:
        """Behind a token."""
        return cls(principal.client_id, principal.person)

    @classmethod
    def themself(cls, person_id: UUID) -> Actor:
        """A person who has proven to be one without a token: by a password or a link."""
        return cls(client_of_person(person_id), person_id)


async def record_change(
    session: AsyncSession,
    actor: Actor,
    person_id: UUID,
    kind: Kind,
    fields: Mapping[str, tuple[object, object]] | None = None,
) -> None:
    """One line of the journal. `fields`: name → before and after."""
    change = {
        "id": uuid7(),
        "person_id": person_id,
        "kind": kind,
        "client_id": actor.client_id,
        "changed_by": actor.person,
        "fields": {name: list(values) for name, values in (fields or {}).items()},
    }
    await insert_rows(session, tables.person_change, [change])
