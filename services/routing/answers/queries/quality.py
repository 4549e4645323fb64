"""How well organisations answer: what was returned and why, what was reopened, how it was rated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.faults import Wording
from chassis.principals import Principal
from chassis.problems import NotFound, Unprocessable
from contracts.territories import find_zone
from services.routing.answers.schemas.quality import OrganisationQuality, Quality, ReturnedByCheck
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef

EXAMPLES: Final = 5
LONGEST_DAYS: Final = 366
_Key = tuple[str, UUID]  # region, organisation
_WITHIN = "unnest(:regions::text[], :begins::timestamptz[], :ends::timestamptz[]) AS p(region, begins, ends)"
_ONE = "AND {table}.organisation_id = :organisation"
_GIVEN = f"""
SELECT v.region, v.organisation_id, count(*)::int AS answers, count(*) FILTER (WHERE v.reopened)::int AS reopened,
    count(v.score)::int AS rated, avg(v.score)::float8 AS mean_score
FROM {_WITHIN} JOIN routing.answer_verdict v ON v.region = p.region
    AND v.answered_at >= p.begins AND v.answered_at < p.ends
    {{one}}
GROUP BY v.region, v.organisation_id
"""
_RETURNED = f"""
{_WITHIN} JOIN routing.answer_review w ON w.region = p.region
    AND w.submitted_at >= p.begins AND w.submitted_at < p.ends AND w.state = 'returned' {{one}}
"""
_COUNTED = f"""
SELECT w.region, w.organisation_id, count(*)::int AS answers,
    (array_agg(w.answer_id ORDER BY w.submitted_at DESC))[1:{EXAMPLES}] AS examples
FROM {_RETURNED} GROUP BY w.region, w.organisation_id
"""
_FOUND = f"""
SELECT w.region, w.organisation_id, f.name, count(*)::int AS answers
FROM {_RETURNED} CROSS JOIN LATERAL jsonb_array_elements_text(w.found) AS f(name)
GROUP BY w.region, w.organisation_id, f.name ORDER BY answers DESC, f.name
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days of a region, `until` exclusive. An end that is not given is a year from the other one, or today."""

    since: date | None
    until: date | None

    def moments(self, region: str, now: datetime) -> tuple[datetime, datetime]:
        """The same in time."""
        zone = ZoneInfo(find_zone(region, None))
        until = self.until or now.astimezone(zone).date() + timedelta(days=1)
        since = self.since or until - timedelta(days=LONGEST_DAYS)
        return datetime.combine(since, time(), tzinfo=zone), datetime.combine(until, time(), tzinfo=zone)

    def require_bounded(self, now: datetime) -> None:
        """422 for more than a year: what is counted must not grow with the register."""
        last = self.until or now.date() + timedelta(days=1)
        if self.since is not None and (last - self.since).days > LONGEST_DAYS:
            message = Wording("the period is longer than {most} days", {"most": LONGEST_DAYS})
            raise Unprocessable("See errors.", errors=[{"pointer": "from", "message": message}])


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
    answers: int
    examples: list[UUID]


@dataclass(frozen=True, slots=True)
class _Found:
    region: str
    organisation_id: UUID
    name: str
    answers: int


async def read_quality(
    session: AsyncSession, principal: Principal, region: str | None, organisation: UUID | None, period: Period
) -> Quality:
    """By organisation; an organisation reads its own figures (404 for another's)."""
    if principal.role == "agency":
        if organisation not in {None, principal.organisation}:
            raise NotFound
        organisation = principal.organisation
    now = datetime.now(UTC)
    period.require_bounded(now)
    regions = principal.regions_within(region)
    moments = [period.moments(each, now) for each in regions]
    asked = {
        "regions": regions,
        "begins": [begin for begin, _ in moments],
        "ends": [end for _, end in moments],
        **({} if organisation is None else {"organisation": organisation}),
    }

    def of_one(statement: str, table: str) -> str:
        return statement.format(one="" if organisation is None else _ONE.format(table=table))

    given = {_key(each): each for each in await rows(session, _Given, of_one(_GIVEN, "v"), **asked)}
    returned = {_key(each): each for each in await rows(session, _Returned, of_one(_COUNTED, "w"), **asked)}
    found: dict[_Key, list[_Found]] = defaultdict(list)
    for each in await rows(session, _Found, of_one(_FOUND, "w"), **asked):
        found[_key(each)].append(each)
    counts = {key: returned[key].answers if key in returned else 0 for key in given.keys() | returned.keys()}
    keys = sorted(counts, key=lambda key: (-counts[key], key))
    references = await references_of(session).read(session, (region for region, _ in keys))
    return Quality(
        items=[
            _show(references[key[0]], key, given.get(key), returned.get(key), found.get(key, ()))
            for key in keys
        ]
    )


def _key(each: _Given | _Returned | _Found) -> _Key:
    return each.region, each.organisation_id


def _show(
    reference: RegionReference,
    key: _Key,
    given: _Given | None,
    returned: _Returned | None,
    found: Sequence[_Found],
) -> OrganisationQuality:
    region, organisation_id = key
    answers, reopened = (given.answers, given.reopened) if given else (0, 0)
    return OrganisationQuality(
        region=region,
        organisation=OrganisationRef.of(organisation_id, reference),
        answers=answers,
        returned=returned.answers if returned else 0,
        returned_by_check=[ReturnedByCheck(check=each.name, answers=each.answers) for each in found],
        reopened=reopened,
        reopened_share=reopened / answers if answers else None,
        rated=given.rated if given else 0,
        mean_score=given.mean_score if given else None,
        examples=returned.examples if returned else [],
    )
