"""The edge of answers with files: whoever answers right after the upload is faster than the news of it, and is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from chassis.db import TransactionSeries
from chassis.moments import utc_now
from chassis.principals import Principal
from services.routing.attachments.actions import missing_of
from services.routing.attachments.rules import may_be_on_the_way

_PATIENCE_SECONDS: Final = 3.0
_LOOK_AGAIN_SECONDS: Final = 0.1


async def wait_for_files(
    transactions: TransactionSeries, principal: Principal, named: Iterable[UUID] | None
) -> None:
    """Until the files that an answer names are known here, for three seconds at most, and only where they came a moment ago.
    Between two looks no transaction is open. What is not known then the action refuses."""
    wanted = tuple(dict.fromkeys(named or ()))
    until = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while wanted and asyncio.get_running_loop().time() < until:
        async with transactions.begin() as session:
            wanted = tuple(await missing_of(session, principal, wanted))
        if not may_be_on_the_way(wanted, utc_now()):
            return
        if wanted:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
