"""A region at one glance says what each part says by itself."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg

from harness.tokens import TokenMint
from services.analytics.situation.rules.order import worst_first
from services.analytics.situation.schemas import LateOrganisation
from tests.analytics.arithmetic import FROM, TO
from tests.analytics.conftest import Ask
from tests.analytics.histories import Case

MOSCOW: Final = ZoneInfo("Europe/Moscow")
_INSERT: Final = """
INSERT INTO analytics.fact_appeal (region, appeal_id, received_at, received_local)
SELECT '46', gen_random_uuid(), x.at, x.at AT TIME ZONE 'Europe/Moscow' FROM unnest($1::timestamptz[]) AS x(at)
"""


def _organisation(name: str, overdue: int, flagged: Any = None) -> LateOrganisation:
    return LateOrganisation(
        key=name,
        name=name,
        overdue=overdue,
        in_time_share=None,
        expected=None,
        low=None,
        high=None,
        flagged=flagged,
        sample=20,
    )


def test_who_is_beyond_chance_comes_before_who_has_more_overdue() -> None:
    found = worst_first([_organisation("в", 9), _organisation("б", 1, "worse"), _organisation("а", 9)])
    assert [each.name for each in found] == ["б", "а", "в"]


async def test_it_says_what_the_parts_say(ask: Ask, cases: list[Case]) -> None:
    """Figures and the period before are the summary's, who is late the breakdown's and the ranking's."""
    asked = {"region": "46", "from_": FROM, "to": TO}
    found = await ask("situation", **asked)
    summary = await ask("summary", **asked)
    assert found["figures"] == {key: summary[key] for key in found["figures"]}
    assert found["previous"] == summary["previous"]
    overdue = await ask("breakdown", metric="breached_open", by="organisation", **asked)
    ranked = await ask("ranking", metric="in_time_share", by="organisation", **asked)
    judged = {each["key"]: each for each in ranked["items"]}
    late = {each["key"]: each["overdue"] for each in found["late"] if each["overdue"]}
    assert late == {each["key"]: each["value"] for each in overdue["items"] if each["key"] and each["value"]}
    for each in found["late"]:
        assert each["in_time_share"] == judged[each["key"]]["value"]
        assert each["flagged"] == judged[each["key"]]["flagged"]
    assert len(found["days"]) == 58
    assert found["last_day"]["day"] == found["days"][-2]["day"]
    assert cases


async def test_yesterday_is_as_usual_as_the_digest_says(
    app_client: Any, mint: TokenMint, look: asyncpg.Connection
) -> None:
    """Beside the same like days of the eight weeks before, the first of them included: of eight more or less weeks the middle
    is between two of them."""
    today = datetime.now(MOSCOW).date()
    days = [
        (datetime.combine(today - timedelta(days=shift), time(12), MOSCOW), 10 + 5 * (shift // 7))
        for shift in range(1, 70)
    ]
    rows = [at for at, number in days for _ in range(number)]
    await look.execute(_INSERT, rows)
    client, _ = await app_client("analytics")
    headers = mint.headers("coordinator")
    digest, room = [
        (await client.get(f"/api/v1/analytics/{path}?region=46", headers=headers)).json()
        for path in ("digest", "situation")
    ]
    shown = ("received", "level", "expected", "low", "high")
    assert room["last_day"]["day"] == digest["date"] == str(today - timedelta(days=1))
    assert [room["last_day"][each] for each in shown] == [digest[each] for each in shown]
    assert digest["expected"] is not None


async def test_its_parts_are_the_breakdowns(ask: Ask, cases: list[Case]) -> None:
    asked = {"region": "46", "from_": FROM, "to": TO}
    for by in ("topic", "organisation", "municipality"):
        parts = (await ask("situation", by=by, **asked))["parts"]
        assert parts == (await ask("breakdown", by=by, **asked))["items"]
        assert parts
    assert (await ask("situation", **asked))["parts"] is None, "what nobody asks for is not counted"
    assert cases


async def test_a_region_is_named_and_within_reach(app_client: Any, mint: TokenMint) -> None:
    client, _ = await app_client("analytics")
    for role, regions, query, status in (
        ("analyst", ["46"], "?region=46", 200),
        ("analyst", ["46"], "?region=25", 403),
        ("analyst", ["46"], "?region=46&by=colour", 422),
        ("federal", ["*"], "", 422),
        ("portal", ["46"], "?region=46", 403),
    ):
        answer = await client.get(f"/api/v1/analytics/situation{query}", headers=mint.headers(role, regions))
        assert answer.status_code == status, (role, query, answer.text)
