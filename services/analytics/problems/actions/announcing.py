"""Listeners are told that there is a problem: the one place where that is done."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.announcements.actions import announce
from services.analytics.announcements.rules import Announcement
from services.analytics.problems.schemas import ProblemNews
from services.analytics.tables.problems import ProblemRow


async def announce_problem(session: AsyncSession, problem: ProblemRow) -> None:
    """In the transaction that raised it, brought it back or changed its state."""
    news = Announcement(
        event="problem",
        key=f"problem:{problem.id}:{problem.version}:{problem.state}",
        region=problem.region,
        municipality=problem.municipality,
        organisation_id=problem.organisation_id,
        data=ProblemNews(
            id=problem.id,
            region=problem.region,
            kind=problem.kind,
            topic=problem.topic,
            municipality=problem.municipality,
            organisation=problem.organisation_id,
            state=problem.state,
            detected_on=problem.detected_on,
        ),
    )
    await announce(session, [news])
