"""Transactions and whose rows are open in them.

Only the edges commit: `Transaction` for HTTP (committed *before* the response leaves, hence scope="function"),
the consumer and the supervised workers for everything else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import begin_with
from chassis.principals import Principal
from chassis.resources import resources_of
from contracts.territories import REGIONS

ACTING_PERSON = "acting person"  # in a session's `info`: who acts through the client, if it says
ACTING_CLIENT = "acting client"  # and the client

_SET_SCOPE = """
SELECT set_config('app.scope', $1, true), set_config('app.regions', $2, true),
    set_config('app.' || CASE $1 WHEN 'municipalities' THEN $1 ELSE 'organisation' END, $3, true),
    set_config('app.owner', $4, true)
"""


class TransactionSeries:
    """Several transactions in one request, one after the other: what one has done stays, whatever becomes of the next."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """The next transaction, with the rows of whoever asks."""
        async with resources_of(self.request).sessions.begin() as session:
            await narrow_rows(session, self.request)
            yield session


async def open_transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction around the path operation, ended before the response is sent."""
    async with TransactionSeries(request).begin() as session:
        yield session


async def open_reading(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for reads: one snapshot for all queries of a request, so that their answers fit together."""
    async with resources_of(request).reading_sessions() as session:
        await narrow_rows(session, request)
        yield session


async def narrow_rows(session: AsyncSession, request: Request) -> None:
    """Tell the database whose rows this request may see; without a principal, none (row level security, fail closed)."""
    if not resources_of(request).has_row_security:
        return
    principal: Principal | None = getattr(request.state, "principal", None)
    if principal is not None:
        session.info[ACTING_PERSON] = principal.person
        session.info[ACTING_CLIENT] = principal.client_id
        await open_rows_of(session, principal)
    elif getattr(request.state, "all_rows", False):
        await open_all_rows(session)


def open_rows_to_bearer(request: Request) -> None:
    """For open routes, before their session: who asks proves by a secret which object is meant, in whatever region."""
    request.state.all_rows = True


async def open_rows_of(session: AsyncSession, principal: Principal) -> None:
    """Open to this transaction the rows of the principal's regions; for an agency, of its organisation there. And what is its
    own, whatever the region."""
    regions = ",".join(region for region in principal.regions_within() if region in REGIONS)
    if principal.role == "agency":
        await _set_scope(session, "organisation", regions, str(principal.organisation), principal.owner)
    elif principal.municipalities is not None:
        within = ",".join(principal.municipality_prefixes)
        await _set_scope(session, "municipalities", regions, within, principal.owner)
    elif principal.is_everywhere:
        await open_all_rows(session)
    else:
        await _set_scope(session, "regions", regions, "", principal.owner)


async def open_region(session: AsyncSession, region: str) -> None:
    """Open the rows of one region to an open route, whose callers prove nothing."""
    await _set_scope(session, "regions", region, "")


async def open_all_rows(session: AsyncSession) -> None:
    """Open all rows to this transaction: a worker's, or a request's that has been checked and goes beyond its own rows."""
    await _set_scope(session, "service", "", "")


async def _set_scope(session: AsyncSession, scope: str, regions: str, within: str, owner: str = "") -> None:
    await begin_with(session, _SET_SCOPE, scope, regions, within, owner)


# A plan made while a table was small and kept with its statement scans, or takes the wrong index, when the table has
# grown: one day's appeals cost twice as much until the statistics came. Planning anew costs less than that.
_PLAN_ANEW_BY_INDEX = ", ".join(
    f"set_config('{name}', '{value}', true)"
    for name, value in (
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("plan_cache_mode", "force_custom_plan"),
    )
)


async def open_work(session: AsyncSession) -> None:
    """Begin a transaction of a consumer or worker: all rows are open to it, and it looks them up by index."""
    await begin_with(session, "SELECT set_config('app.scope', 'service', true), " + _PLAN_ANEW_BY_INDEX)


Transaction = Annotated[AsyncSession, Depends(open_transaction, scope="function")]
Transactions = Annotated[TransactionSeries, Depends(TransactionSeries)]
Reading = Annotated[AsyncSession, Depends(open_reading, scope="function")]
