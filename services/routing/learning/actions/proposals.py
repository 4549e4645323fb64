"""Looking for topics that regions lack, once a day, in a child process; and what coordinators decide of what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import column, insert_rows, open_work, row, rows, run, scalar
from chassis.db.transactions import ACTING_PERSON
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound
from chassis.resources import Sessions
from chassis.tasks import turned
from chassis.versions import require_version
from services.routing.learning.actions.children import ChildEnded, compute, read_shipped
from services.routing.learning.queries.misfits import read_misfits
from services.routing.learning.queries.proposals import find_proposal, show_proposal
from services.routing.learning.rules import proposals as finder
from services.routing.learning.rules.parcels import Parcel
from services.routing.learning.rules.proposals import ProposalOrder, Proposals, Proposed, is_alike
from services.routing.learning.schemas.proposals import ProposalDecision, ProposalView
from services.routing.tables.learning import NewTopicProposal, TopicProposal, topic_proposal

log = structlog.get_logger()
DAYS: Final = 28
LEAST_MISFITS: Final = 30
_REGIONS = "SELECT region FROM routing.reference_version ORDER BY region"
_DATA = """
SELECT f.data FROM routing.model m JOIN routing.model_file f ON f.region = m.region AND f.model_id = m.id
WHERE m.region = :region AND m.status = 'current'
"""
_DECIDED = "SELECT * FROM routing.topic_proposal WHERE region = :region AND status <> 'new'"
_DROP = "DELETE FROM routing.topic_proposal WHERE region = :region AND status = 'new'"
_LOCK = "SELECT * FROM routing.topic_proposal WHERE region = :region AND id = :id FOR UPDATE"
_DECIDE = """
UPDATE routing.topic_proposal SET status = :status, decided_at = now(), client_id = :client, person = :person,
    version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """Who decides of which proposal, in the version it was seen in."""

    principal: Principal
    proposal_id: UUID
    expected_version: int


async def propose_topics(sessions: Sessions, shipped: str = "") -> None:
    """For every region with reference data, one after the other. `shipped`: the file that stands for the shipped model, if
    there is one."""
    async with sessions.begin() as session:
        await open_work(session)
        regions = await column(session, str, _REGIONS)
    for region in regions:
        await propose_for(sessions, region, shipped)
        turned()


async def propose_for(sessions: Sessions, region: str, shipped: str) -> None:
    """What was proposed and not decided gives way to what is found now; a child that ends badly changes nothing."""
    parcel = await _order(sessions, region, shipped)
    if parcel is None:
        return
    try:
        answer = await compute(finder.__name__, parcel)
    except ChildEnded as error:
        log.warning("topics were not looked for", region=region, reason=str(error))
        return
    found = Proposals.model_validate_json(answer.head)
    if found.error:
        log.info("topics were not looked for", region=region, reason=found.error)
        return
    async with sessions.begin() as session:
        await open_work(session)
        await _store(session, region, found.groups)


async def _order(sessions: Sessions, region: str, shipped: str) -> Parcel | None:
    until = datetime.now(UTC)
    since = until - timedelta(days=DAYS)
    async with sessions.begin() as session:
        await open_work(session)
        misfits = await read_misfits(session, region, since)
        data = await scalar(session, bytes, _DATA, region=region)
    if len(misfits) < LEAST_MISFITS:
        return None
    order = ProposalOrder(misfits=misfits, since=since.timestamp(), until=until.timestamp())
    return Parcel(order.model_dump_json().encode(), bytes(data or await read_shipped(shipped)))


async def _store(session: AsyncSession, region: str, groups: list[Proposed]) -> None:
    decided = await rows(session, TopicProposal, _DECIDED, region=region)
    await run(session, _DROP, region=region)
    new = [
        NewTopicProposal(region, uuid7(), group.words, group.examples, group.weeks, group.size)
        for group in groups
        if not any(is_alike(group.words, each.words) for each in decided)
    ]
    await insert_rows(session, topic_proposal, new)


async def decide_proposal(
    session: AsyncSession, request: ProposalRequest, body: ProposalDecision
) -> ProposalView:
    """Accept or dismiss; 409 when it has been decided."""
    found = await find_proposal(session, request.principal, request.proposal_id)
    locked = await row(session, TopicProposal, _LOCK, region=found.region, id=found.id)
    if locked is None:
        raise NotFound
    require_version(locked.version, request.expected_version)
    if locked.status != "new":
        raise NotAllowedNow("Not in status {status}.", values={"status": locked.status})
    decided = await row(
        session,
        TopicProposal,
        _DECIDE,
        region=locked.region,
        id=locked.id,
        status=body.status,
        client=request.principal.client_id,
        person=session.info.get(ACTING_PERSON),
    )
    assert decided is not None
    return await show_proposal(session, decided)
