"""Decisions within reach: one, and the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.analytics.decisions.schemas import (
    DecisionChangeView,
    DecisionDetail,
    DecisionPage,
    DecisionView,
)
from services.analytics.tables.decisions import DecisionChange, DecisionRow, DecisionState

_REGIONS: Final = "unnest(:regions::text[]) AS r(region)"
# A municipal centre's are those of its municipalities, whoever asks the database.
_WITHIN: Final = "(:places::text[] IS NULL OR d.municipality ^@ ANY (:places::text[]))"
_ASKED: Final = """
(:state::text IS NULL OR d.state = :state::text) AND (:problem::uuid IS NULL OR d.problem_id = :problem::uuid)
AND (:topic::text IS NULL OR d.topic = :topic::text)
AND (:municipality::text IS NULL OR d.municipality = :municipality::text)
"""
_NEWEST: Final = f"""
SELECT d.* FROM analytics.decision d WHERE d.region = r.region AND d.id < :before_id::uuid AND {_WITHIN} AND {_ASKED}
"""
_WORKED: Final = f"""
SELECT d.* FROM analytics.decision d WHERE d.region = r.region AND d.worked
    AND (d.gain, d.id) < (:before_gain::float8, :before_id::uuid) AND {_WITHIN} AND {_ASKED}
"""
_ONE: Final = f"SELECT d.* FROM analytics.decision d WHERE d.region = ANY(:regions::text[]) AND d.id = :id AND {_WITHIN}"
_JOURNAL: Final = """
SELECT * FROM analytics.decision_change WHERE region = :region AND decision_id = :id ORDER BY version DESC
"""
_LAST: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """What the list is narrowed to. `worked`: only what has worked, the largest improvement first."""

    region: str | None = None
    state: DecisionState | None = None
    problem: UUID | None = None
    topic: str | None = None
    municipality: str | None = None
    worked: bool = False


async def list_decisions(
    session: AsyncSession, principal: Principal, filters: DecisionFilter, page: PageRequest
) -> DecisionPage:
    """Within reach, the newest first."""
    kind = "worked-decisions" if filters.worked else "decisions"
    gain, last = page.position(kind) or (float("inf"), str(_LAST))
    found = await rows(
        session,
        DecisionRow,
        merge_ranges(
            _REGIONS,
            _WORKED if filters.worked else _NEWEST,
            "gain DESC, id DESC" if filters.worked else "id DESC",
        ),
        regions=principal.regions_within(filters.region),
        places=places_of(principal),
        before_id=UUID(last),
        state=filters.state,
        problem=filters.problem,
        topic=filters.topic,
        municipality=filters.municipality,
        limit=page.limit + 1,
        **({"before_gain": gain} if filters.worked else {}),
    )
    shown, following = page.cut(kind, found, lambda each: (each.gain, str(each.id)))
    return DecisionPage(items=[DecisionView.of(each) for each in shown], next_cursor=following)


async def read_decision(session: AsyncSession, principal: Principal, decision_id: UUID) -> DecisionDetail:
    """One with its journal; 404 out of reach."""
    found = await row(
        session,
        DecisionRow,
        _ONE,
        regions=principal.regions_within(),
        places=places_of(principal),
        id=decision_id,
    )
    if found is None:
        raise NotFound
    journal = await rows(session, DecisionChange, _JOURNAL, region=found.region, id=found.id)
    changes = [
        DecisionChangeView(
            version=each.version,
            changed=each.changed,
            client_id=each.client_id,
            person=each.person,
            changed_at=each.changed_at,
        )
        for each in journal
    ]
    return DecisionDetail.with_journal(found, changes)


def places_of(principal: Principal) -> list[str] | None:
    """How codes of municipalities within reach begin; None: all of the regions."""
    return None if principal.municipalities is None else principal.municipality_prefixes
