"""What coordinators and analysts of the centre do today."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import date, timedelta
from typing import Final

from otklik.demo_data.calendar import ZONE
from otklik.demo_data.loading import Refused
from otklik.demo_data.past import Span
from otklik.demo_data.posting import Posted
from otklik.demo_data.region import Region
from otklik.demo_data.story import DecisionDraft, Phrases, Today
from otklik.demo_data.today import MODERATED
from otklik_client import AsyncClient, ProblemError
from otklik_client.models import (
    DecisionBody,
    ModerationDecision,
    NewDecision,
    NewRegionSettings,
    NewWork,
)

_DECIDED: Final = {"moderate_accept": "accept", "moderate_reject": "reject", "moderate_hide": "hide"}
DONE_BEFORE: Final = 409


async def switch_moderation_on(admin: AsyncClient, region: str) -> None:
    """For one channel; the others stay as they are."""
    settings = await admin.settings.read_settings(region)
    if MODERATED not in settings.moderated_channels:
        channels = [*settings.moderated_channels, MODERATED]
        wanted = NewRegionSettings.of(settings, moderated_channels=channels)
        await admin.settings.replace_settings(region, wanted, if_match=settings)


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
        body = ModerationDecision.model_validate({"decision": decision, "reason": reasons[decision]})
        act = coordinator.moderation.moderate(each.appeal_id, body)
        count += await _try(act, f"moderation of {each.name}", refused)
    return count


async def grant_extensions(
    coordinator: AsyncClient, region: str, phrases: Phrases, posted: Sequence[Posted], refused: Refused
) -> int:
    """Those of the letters whose bodies are to get more days."""
    wanted = {each.appeal_id for each in posted if each.live.act == "extended"}
    body = DecisionBody(decision="approve", reason=phrases.extension_granted)
    items = [item async for item in coordinator.deadlines.list_extensions(region=region)]
    asked = [item.id for item in items if item.appeal_id in wanted and item.decision is None]
    return sum(
        [await _try(coordinator.deadlines.decide_extension(id, body), "extension", refused) for id in asked]
    )


async def decide(analyst: AsyncClient, region: Region, today: Today, span: Span, refused: Refused) -> int:
    """Management decisions, each once."""
    known = {item.title async for item in analyst.decisions.list_decisions(region=region.code)}
    local = span.now.astimezone(ZONE).date()
    new = [each for each in today.decision if each.title not in known]
    return sum(
        [
            await _try(
                analyst.decisions.make_decision(_decision(each, region, local)),
                f"decision «{each.title}»",
                refused,
            )
            for each in new
        ]
    )


def _decision(draft: DecisionDraft, region: Region, local: date) -> NewDecision:
    body = NewDecision(
        region=region.code,
        title=draft.title,
        owner=draft.owner,
        topic=draft.topic,
        municipality=region.districts[draft.municipality - 1].oktmo,
        due_on=local + timedelta(days=draft.in_days),
    )
    if draft.days_ago is None:
        return body
    begun = {"state": "running", "started_on": local - timedelta(days=draft.days_ago)}
    return body.model_copy(update=begun)


async def announce(coordinator: AsyncClient, work: NewWork, known: Sequence[str], refused: Refused) -> int:
    """A planned work, unless one of its title is there."""
    if work.title in known:
        return 0
    return await _try(coordinator.planned_works.add_work(work), f"work «{work.title}»", refused)


async def titles_of_works(coordinator: AsyncClient, region: str) -> list[str]:
    """Of all that were ever announced."""
    return [item.title async for item in coordinator.planned_works.list_works(region=region)]


async def _try(act: Awaitable[object], what: str, refused: Refused) -> bool:
    """Whether it was done now; what had been done before is no refusal."""
    try:
        await act
    except ProblemError as problem:
        if problem.status != DONE_BEFORE:
            refused.add(what, problem)
        return False
    return True
