"""Connecting pages, changing and removing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.causes import sqlstate_of
from chassis.db import insert_rows, row, update_rows
from chassis.faults import Wording
from chassis.principals import Principal
from chassis.problems import Errors, NotFound, Problem, Unprocessable
from chassis.sealing import Keyring
from chassis.versions import require_version
from services.intake.channels.queries.connections import REMOVED, SEALED_AS, open_credentials
from services.intake.channels.queries.directory import read_channel
from services.intake.channels.rules.connection import Credentials, missing
from services.intake.channels.rules.reading import Network
from services.intake.channels.schemas import (
    ChangedChannel,
    ChannelFields,
    ChannelView,
    CredentialFields,
    NewChannel,
)
from services.intake.tables import channel_connection
from services.intake.tables.channels import ChannelConnection

_LOCK: Final = """
SELECT region, id, network, version, key_id, sealed FROM intake.channel_connection
WHERE region = ANY(:regions) AND id = :id AND state <> 'removed' FOR NO KEY UPDATE
"""

_UNIQUE_VIOLATION: Final = "23505"


class ChannelExists(Problem):
    status, slug, title = 409, "channel-exists", "This page is connected already"


@dataclass(frozen=True, slots=True)
class _Locked:
    region: str
    id: UUID
    network: Network
    version: int
    key_id: int
    sealed: bytes


async def connect_page(
    session: AsyncSession, principal: Principal, keyring: Keyring, new: NewChannel, now: datetime
) -> ChannelView:
    """Watch a page; 409 when it is watched already, 422 without the credentials that its network needs."""
    credentials = Credentials(**new.credentials.model_dump())
    _require_needed(new.network, credentials)
    connection_id: UUID = uuid7()
    made = ChannelConnection(
        region=new.region,
        id=connection_id,
        network=new.network,
        page_id=new.page.id,
        page_url=new.page.url,
        page_title=new.page.title,
        municipality=new.municipality,
        organisation_id=new.organisation,
        state=new.state,
        credential_names=credentials.names(),
        key_id=keyring.current,
        sealed=_seal(keyring, connection_id, credentials),
        version=1,
        changed_by=principal.client_id,
        changed_at=now,
    )
    with _watched_once(new.network, new.page.id):
        await insert_rows(session, channel_connection, [made])
    return await read_channel(session, principal, made.id)


async def change_connection(
    session: AsyncSession,
    principal: Principal,
    keyring: Keyring,
    connection_id: UUID,
    expected_version: int,
    changed: ChangedChannel,
    now: datetime,
) -> ChannelView:
    """Replace what is stated; 412 when somebody else was quicker."""
    locked = await _lock(session, principal, connection_id, expected_version)
    changed.require_unchanged(await read_channel(session, principal, connection_id))
    credentials = open_credentials(keyring, locked.id, locked.key_id, locked.sealed)
    if changed.credentials is not None:
        credentials = replace(credentials, **_given(changed.credentials))
    _require_needed(locked.network, credentials)
    values = {
        **_stated(changed),
        "credential_names": credentials.names(),
        "key_id": keyring.current,
        "sealed": _seal(keyring, locked.id, credentials),
    }
    with _watched_once(locked.network, changed.page.id):
        await _write(session, principal, locked, values, now)
    return await read_channel(session, principal, connection_id)


async def remove_connection(
    session: AsyncSession,
    principal: Principal,
    keyring: Keyring,
    connection_id: UUID,
    expected_version: int,
    now: datetime,
) -> None:
    """Watch a page no longer: its credentials are gone, its appeals and their evidence stay."""
    locked = await _lock(session, principal, connection_id, expected_version)
    values = {
        "state": REMOVED,
        "credential_names": [],
        "key_id": keyring.current,
        "sealed": _seal(keyring, locked.id, Credentials()),
    }
    await _write(session, principal, locked, values, now)


async def _lock(
    session: AsyncSession, principal: Principal, connection_id: UUID, expected_version: int
) -> _Locked:
    locked = await row(session, _Locked, _LOCK, regions=principal.regions_within(), id=connection_id)
    if locked is None:
        raise NotFound
    require_version(locked.version, expected_version)
    return locked


@contextmanager
def _watched_once(network: Network, page_id: str) -> Iterator[None]:
    """409 where the database knows another connection of the page: it may be another region's, which nobody here sees."""
    try:
        yield
    except IntegrityError as error:
        if sqlstate_of(error) != _UNIQUE_VIOLATION:
            raise
        raise ChannelExists(
            "`{page}` of {network} is watched by another connection.",
            values={"page": page_id, "network": network},
        ) from None


async def _write(
    session: AsyncSession,
    principal: Principal,
    locked: _Locked,
    values: Mapping[str, object],
    now: datetime,
) -> None:
    changed = {
        "region": locked.region,
        "id": locked.id,
        **values,
        "version": locked.version + 1,
        "changed_by": principal.client_id,
        "changed_at": now,
    }
    await update_rows(session, channel_connection, [changed], keys=("region", "id"))


def _stated(stated: ChannelFields) -> dict[str, object]:
    return {
        "page_id": stated.page.id,
        "page_url": stated.page.url,
        "page_title": stated.page.title,
        "municipality": stated.municipality,
        "organisation_id": stated.organisation,
        "state": stated.state,
    }


def _given(credentials: CredentialFields) -> dict[str, str]:
    given: dict[str, str] = credentials.model_dump(exclude_none=True)
    return given


def _seal(keyring: Keyring, connection_id: UUID, credentials: Credentials) -> bytes:
    return keyring.seal_text(SEALED_AS, connection_id, orjson.dumps(asdict(credentials)).decode())


def _require_needed(network: Network, credentials: Credentials) -> None:
    errors: Errors = [
        {
            "pointer": f"/credentials/{name}",
            "message": Wording("is needed for {network}", {"network": network}),
        }
        for name in missing(network, credentials.names())
    ]
    if errors:
        raise Unprocessable("See errors.", errors=errors)
