"""How well organisations answer: what was returned and why, what was reopened, how it was rated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.principals import Principal
from chassis.problems import NotFound
from contracts.territories import find_zone
from services.routing.answers.schemas.quality import OrganisationQuality, Quality, ReturnedByCheck
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef

EXAMPLES: Final = 5
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_WITHIN = "unnest(:regions::text[], :begins::timestamptz[], :ends::timestamptz[]) AS p(region, begins, ends)"
_ONE = "(:organisation::uuid IS NULL OR organisation_id = :organisation::uuid)"
_GIVEN = f"""
SELECT v.region, v.organisation_id, count(*)::int AS answers, count(*) FILTER (WHERE v.reopened)::int AS reopened,
    count(v.score)::int AS rated, avg(v.score)::float8 AS mean_score
FROM {_WITHIN} JOIN routing.answer_verdict v ON v.region = p.region
    AND v.answered_at >= p.begins AND v.answered_at < p.ends
WHERE {_ONE} GROUP BY v.region, v.organisation_id
"""
_RETURNED = f"""
SELECT w.region, w.organisation_id, w.answer_id, w.found
FROM {_WITHIN} JOIN routing.answer_review w ON w.region = p.region
    AND w.submitted_at >= p.begins AND w.submitted_at < p.ends
WHERE w.state = 'returned' AND {_ONE} ORDER BY w.submitted_at DESC
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days of a region, `until` exclusive; an end that is not given is open."""

    since: date | None
    until: date | None

    def moments(self, region: str) -> tuple[datetime, datetime]:
        """The same in time."""
        zone = ZoneInfo(find_zone(region, None))
        return _begin(self.since, zone) or _FIRST, _begin(self.until, zone) or _LAST


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=zone) if day else None


@dataclass(frozen=True, slots=True)
class _Given:
    region: str
    organisation_id: UUID
    answers: int
    reopened: int
    rated: int
    mean_score: float | None


@dataclass(frozen=True, slots=True)
class _Returned:
    region: str
    organisation_id: UUID
    answer_id: UUID
    found: list[str]


async def read_quality(
    session: AsyncSession, principal: Principal, region: str | None, organisation: UUID | None, period: Period
) -> Quality:
    """By organisation; an organisation reads its own figures (404 for another's)."""
    if principal.role == "agency":
        if organisation not in {None, principal.organisation}:
            raise NotFound
        organisation = principal.organisation
    regions = principal.regions_within(region)
    moments = [period.moments(each) for each in regions]
    asked = {
        "regions": regions,
        "begins": [begin for begin, _ in moments],
        "ends": [end for _, end in moments],
        "organisation": organisation,
    }
    given = {
        (each.region, each.organisation_id): each for each in await rows(session, _Given, _GIVEN, **asked)
    }
    returned: dict[tuple[str, UUID], list[_Returned]] = defaultdict(list)
    for each in await rows(session, _Returned, _RETURNED, **asked):
        returned[each.region, each.organisation_id].append(each)
    keys = sorted(given.keys() | returned.keys(), key=lambda key: (-len(returned.get(key, ())), key))
    references = await references_of(session).read(session, (region for region, _ in keys))
    return Quality(
        items=[_show(key, given.get(key), returned.get(key, ()), references[key[0]]) for key in keys]
    )


def _show(
    key: tuple[str, UUID], given: _Given | None, returned: Sequence[_Returned], reference: RegionReference
) -> OrganisationQuality:
    region, organisation_id = key
    by_check: dict[str, int] = defaultdict(int)
    for each in returned:
        for check in each.found:
            by_check[check] += 1
    often = sorted(by_check.items(), key=lambda item: (-item[1], item[0]))
    answers, reopened = (given.answers, given.reopened) if given else (0, 0)
    return OrganisationQuality(
        region=region,
        organisation=OrganisationRef.of(organisation_id, reference),
        answers=answers,
        returned=len(returned),
        returned_by_check=[ReturnedByCheck(check=check, answers=count) for check, count in often],
        reopened=reopened,
        reopened_share=reopened / answers if answers else None,
        rated=given.rated if given else 0,
        mean_score=given.mean_score if given else None,
        examples=[each.answer_id for each in returned[:EXAMPLES]],
    )
