"""What coordinators and analysts of the centre do today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

from otklik.client import AsyncClient, ProblemError
from otklik.demo_data.calendar import ZONE
from otklik.demo_data.loading import Refused
from otklik.demo_data.past import Span
from otklik.demo_data.posting import Posted
from otklik.demo_data.region import Region
from otklik.demo_data.story import DecisionDraft, Phrases, Today
from otklik.demo_data.today import MODERATED

_DECIDED: Final = {"moderate_accept": "accept", "moderate_reject": "reject", "moderate_hide": "hide"}
DONE_BEFORE: Final = 409
_DECISIONS: Final = "/api/v1/analytics/decisions"


async def switch_moderation_on(admin: AsyncClient, region: str) -> None:
    """For one channel; the others stay as they are."""
    path = f"/api/v1/settings/{region}/intake"
    settings = await admin.request("GET", path)
    if MODERATED not in settings["moderated_channels"]:
        wanted = {**settings, "moderated_channels": [*settings["moderated_channels"], MODERATED]}
        await admin.request("PUT", path, json=wanted, headers={"If-Match": str(settings["version"])})


async def moderate(
    coordinator: AsyncClient, phrases: Phrases, posted: Sequence[Posted], refused: Refused
) -> int:
    """Decide on those of the moderated letters that are not to wait; how many were."""
    reasons = {"accept": phrases.accept, "reject": phrases.reject, "hide": phrases.hide}
    count = 0
    for each in posted:
        decision = _DECIDED.get(each.live.act)
        if decision is None:
            continue
        body = {"decision": decision, "reason": reasons[decision]}
        path = f"/api/v1/appeals/{each.appeal_id}/moderation"
        count += await _try(coordinator, path, body, f"moderation of {each.name}", refused)
    return count


async def grant_extensions(
    coordinator: AsyncClient, region: str, phrases: Phrases, posted: Sequence[Posted], refused: Refused
) -> int:
    """Those of the letters whose bodies are to get more days."""
    wanted = {str(each.appeal_id) for each in posted if each.live.act == "extended"}
    body = {"decision": "approve", "reason": phrases.extension_granted}
    items = [item async for item in coordinator.items("/api/v1/extensions", params={"region": region})]
    asked = [item for item in items if item["appeal_id"] in wanted and item["decision"] is None]
    return sum(
        [
            await _try(coordinator, f"/api/v1/extensions/{item['id']}/decision", body, "extension", refused)
            for item in asked
        ]
    )


async def decide(analyst: AsyncClient, region: Region, today: Today, span: Span, refused: Refused) -> int:
    """Management decisions, each once."""
    known = {item["title"] async for item in analyst.items(_DECISIONS, params={"region": region.code})}
    local = span.now.astimezone(ZONE).date()
    new = [each for each in today.decision if each.title not in known]
    return sum(
        [
            await _try(
                analyst, _DECISIONS, _decision(each, region, local), f"decision «{each.title}»", refused
            )
            for each in new
        ]
    )


def _decision(draft: DecisionDraft, region: Region, local: date) -> Mapping[str, object]:
    body = {
        "region": region.code,
        "title": draft.title,
        "owner": draft.owner,
        "topic": draft.topic,
        "municipality": region.districts[draft.municipality - 1].oktmo,
        "due_on": (local + timedelta(days=draft.in_days)).isoformat(),
    }
    if draft.days_ago is None:
        return body
    return body | {"state": "running", "started_on": (local - timedelta(days=draft.days_ago)).isoformat()}


async def announce(
    coordinator: AsyncClient, body: Mapping[str, object], known: Sequence[str], refused: Refused
) -> int:
    """A planned work, unless one of its title is there."""
    if body["title"] in known:
        return 0
    return await _try(coordinator, "/api/v1/works", body, f"work «{body['title']}»", refused)


async def titles_of_works(coordinator: AsyncClient, region: str) -> list[str]:
    """Of all that were ever announced."""
    return [item["title"] async for item in coordinator.items("/api/v1/works", params={"region": region})]


async def _try(
    client: AsyncClient, path: str, body: Mapping[str, object], what: str, refused: Refused
) -> bool:
    """Whether it was done now; what had been done before is no refusal."""
    try:
        await client.request("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})
    except ProblemError as problem:
        if problem.status != DONE_BEFORE:
            refused.add(what, problem)
        return False
    return True
