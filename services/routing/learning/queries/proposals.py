"""Proposals of topics with the texts of their examples, which stay with their assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.assignments.rules.words import unpack_words
from services.routing.learning.schemas.proposals import ProposalExample, ProposalPage, ProposalView
from services.routing.tables.learning import ProposalStatus, TopicProposal

_REGIONS = "unnest(:regions::text[]) AS r(region)"
_PROPOSALS = """
SELECT p.* FROM routing.topic_proposal p
WHERE p.region = r.region AND p.id < :before AND p.status = coalesce(:status, p.status)
"""
_PROPOSAL = "SELECT * FROM routing.topic_proposal WHERE region = ANY(:regions::text[]) AND id = :id"
_EXAMPLES = """
SELECT a.id, a.appeal_id, a.packed FROM routing.assignment a
JOIN unnest(:regions::text[], :ids::uuid[]) AS k(region, id) ON a.region = k.region AND a.id = k.id
WHERE a.packed IS NOT NULL
"""
_LAST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class _Example:
    id: UUID
    appeal_id: UUID
    packed: bytes

    def show(self) -> ProposalExample:
        text = unpack_words(self.packed).text
        return ProposalExample(appeal_id=self.appeal_id, assignment_id=self.id, text=text)


async def list_proposals(
    session: AsyncSession,
    principal: Principal,
    region: str | None,
    status: ProposalStatus | None,
    page: PageRequest,
) -> ProposalPage:
    """Within reach, the newest first."""
    (before,) = page.position("proposals") or [str(_LAST)]
    found = await rows(
        session,
        TopicProposal,
        merge_ranges(_REGIONS, _PROPOSALS, "id DESC"),
        regions=principal.regions_within(region),
        before=UUID(before),
        status=status,
        limit=page.limit + 1,
    )
    shown, following = page.cut("proposals", found, lambda last: (str(last.id),))
    examples = await _read_examples(session, shown)
    return ProposalPage(items=[_view(each, examples) for each in shown], next_cursor=following)


async def show_proposal(session: AsyncSession, proposal: TopicProposal) -> ProposalView:
    """One, with the texts of its examples."""
    return _view(proposal, await _read_examples(session, [proposal]))


async def find_proposal(session: AsyncSession, principal: Principal, proposal_id: UUID) -> TopicProposal:
    """One proposal; 404 when it is not within reach."""
    found = await row(session, TopicProposal, _PROPOSAL, regions=principal.regions_within(), id=proposal_id)
    if found is None:
        raise NotFound
    return found


async def _read_examples(
    session: AsyncSession, proposals: Sequence[TopicProposal]
) -> Mapping[UUID, ProposalExample]:
    """By assignment; what was purged or taken back is not among them."""
    keys = [(proposal.region, UUID(example)) for proposal in proposals for example in proposal.examples]
    regions, ids = [region for region, _ in keys], [id for _, id in keys]
    found = await rows(session, _Example, _EXAMPLES, regions=regions, ids=ids)
    return {UUID(int=each.id.int): each.show() for each in found}


def _view(proposal: TopicProposal, examples: Mapping[UUID, ProposalExample]) -> ProposalView:
    ids = [UUID(each) for each in proposal.examples]
    return ProposalView(
        id=proposal.id,
        region=proposal.region,
        status=proposal.status,
        words=proposal.words,
        examples=[examples[each] for each in ids if each in examples],
        weeks=proposal.weeks,
        appeals=proposal.size,
        found_at=proposal.found_at,
        decided_at=proposal.decided_at,
        version=proposal.version,
    )
