"""What everybody may know of a region: whole months, once published the same for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from chassis.kept_documents import KeptDocuments
from chassis.moments import utc_now
from chassis.resources import resources_in
from contracts.event import Event
from contracts.intake import AppealRegistered, Location
from contracts.routing import MunicipalityChanged
from services.analytics.public import actions, queries
from services.analytics.public.rules.months import newest_month
from services.analytics.resources import PUBLIC_SECONDS, AnalyticsResources
from tests.analytics.conftest import Project

SUMMARY, MAP = "/api/v1/public/summary", "/api/v1/public/map"
KURSK, DISTRICT, VILLAGE, HAMLET = "46", "38701000", "38620000", "38604000"
NEWEST = newest_month(utc_now().date())


def appeals(number: int, municipality: str, *, day: int = 10, lat: float = 51.73) -> list[Event]:
    """So many of the newest month that is published."""
    at = datetime(NEWEST.year, NEWEST.month, day, 9, tzinfo=UTC)
    return [
        AppealRegistered(
            region=KURSK,
            appeal_id=uuid7(),
            number=f"n{place}",
            regime="message",
            channel="portal",
            client_id="portal-1",
            text="Яма",
            municipality=municipality,
            location=Location(lat=lat, lon=36.19),
            received_at=at + timedelta(minutes=place),
        )
        for place in range(number)
    ]


@pytest.fixture
async def service(app_client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The service, whose facts are known to be whole."""
    client, app = await app_client("analytics")

    async def whole(_: object) -> datetime:
        return utc_now()

    monkeypatch.setattr(resources_in(app, AnalyticsResources), "read_as_of", whole)
    return client, app


async def _forget(app: Any) -> None:
    resources_in(app, AnalyticsResources).published = KeptDocuments(PUBLIC_SECONDS)


async def test_a_month_is_published_once_and_few_are_not_in_it(
    service: Any, projected: Project, look: asyncpg.Connection
) -> None:
    """Three of a hamlet are hidden, and with them the next smallest; what comes later changes nothing any more."""
    client, app = service
    await projected(
        [
            MunicipalityChanged(
                region=KURSK, municipality_id=uuid7(), oktmo=DISTRICT, name="город Курск", sequence=1
            ),
            *appeals(30, DISTRICT),
            *appeals(8, VILLAGE, lat=51.2),
            *appeals(3, HAMLET, lat=52.2),
        ]
    )
    answer = await client.get(SUMMARY, params={"region": KURSK})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=300"
    summary = answer.json()
    assert (summary["from"], summary["received"], summary["answered"]) == (f"{NEWEST}", 41, 0)
    assert [(each["key"], each["name"], each["received"]) for each in summary["municipalities"]] == [
        (DISTRICT, "город Курск", 30)
    ]
    assert summary["year"]["received"] == 41
    assert summary["as_of"]
    for resolution in (4, 6, 8):
        shown = await client.get(MAP, params={"region": KURSK, "resolution": resolution})
        assert [each["properties"]["received"] for each in shown.json()["features"]] == [30]
    tag = {"If-None-Match": answer.headers["etag"]}
    again = await client.get(SUMMARY, params={"region": KURSK}, headers=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
    await projected(appeals(4, HAMLET, day=20))
    await _forget(app)
    assert (await client.get(SUMMARY, params={"region": KURSK}, headers=tag)).status_code == 304
    assert await look.fetchval("SELECT count(*) FROM analytics.public_release") == 1


async def test_a_thousand_who_ask_are_one_who_counts(
    service: Any, projected: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within five minutes, whoever asks; each region for itself."""
    client, _ = service
    await projected(appeals(20, DISTRICT))
    counted: list[str] = []
    count = queries.count_month

    async def noted(store: Any, region: str, *more: Any) -> Any:
        counted.append(region)
        return await count(store, region, *more)

    monkeypatch.setattr(actions, "count_month", noted)
    answers = await asyncio.gather(
        *(client.get(SUMMARY, params={"region": region}) for region in ("46", "77") for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 2
    assert counted.count(KURSK) == counted.count("77") == NEWEST.month


async def test_nothing_is_published_before_it_is_whole(
    app_client: Any, projected: Project, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is not known that all events of the month are counted, and while there is nothing that may be shown."""
    client, app = await app_client("analytics")
    await projected([*appeals(20, DISTRICT)])
    resources = resources_in(app, AnalyticsResources)
    moments: Sequence[datetime | None] = (None, datetime(NEWEST.year, NEWEST.month, 20, tzinfo=UTC))
    for moment in moments:

        async def lagging(_: object, moment: datetime | None = moment) -> datetime | None:
            return moment

        monkeypatch.setattr(resources, "read_as_of", lagging)
        await _forget(app)
        summary = (await client.get(SUMMARY, params={"region": KURSK})).json()
        assert (summary["received"], summary["as_of"], summary["year"]["received"]) == (None, None, None)
    assert await look.fetchval("SELECT count(*) FROM analytics.public_release") == 0


async def test_what_makes_no_sense(service: Any) -> None:
    """422, and 404 for what is not there: never 500."""
    client, _ = service
    for query in ("", "region=99", "region=abc", "region=46&from=2026-01-01"):
        assert (await client.get(f"{SUMMARY}?{query}")).status_code == 422
    assert (await client.get(f"{MAP}?region=46&resolution=9")).status_code == 422
    random = Random(3)
    odd = "".join(chr(random.randrange(33, 127)) for _ in range(500))
    assert (await client.get(f"{SUMMARY}?region=46", headers={"If-None-Match": odd})).status_code == 200
