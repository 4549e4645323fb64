"""What citizens do today on the tracking pages of their letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from otklik.demo_data.connection import in_parallel
from otklik.demo_data.loading import Refused
from otklik.demo_data.posting import Posted
from otklik.demo_data.story import Act, Phrases
from otklik_client import AsyncClient, ProblemError
from otklik_client.models import NewClarification, NewRating, TrackView


@dataclass(frozen=True)
class _Move:
    """An act of the tracking page: whether it is allowed there, and how it is done."""

    is_allowed: Callable[[TrackView], bool]
    act: Callable[[str], Awaitable[object]]


def _moves(portal: AsyncClient, phrases: Phrases) -> Mapping[Act, _Move]:
    rating = NewRating(score=1, solved=False, reached=False, satisfied=False, comment=phrases.reopen)
    reply = NewClarification(text=phrases.clarification)
    tracking = portal.tracking
    return {
        "clarified": _Move(lambda page: page.may_clarify, lambda code: tracking.clarify(code, reply)),
        "reopen": _Move(lambda page: page.may_rate, lambda code: tracking.rate_appeal(code, rating)),
        "withdraw": _Move(lambda page: page.may_withdraw, tracking.withdraw),
    }


async def answer_back(
    portal: AsyncClient, phrases: Phrases, posted: Sequence[Posted], refused: Refused
) -> int:
    """Clarify, withdraw, disagree, where the page offers it; how many did."""
    moves = _moves(portal, phrases)

    async def move(each: Posted) -> bool:
        planned = moves[each.live.act]
        try:
            is_allowed = planned.is_allowed(await portal.tracking.track_appeal(each.code))
            if is_allowed:
                await planned.act(each.code)
        except ProblemError as problem:
            refused.add(f"{each.live.act} of {each.name}", problem)
            return False
        return is_allowed

    return sum(await in_parallel([each for each in posted if each.live.act in moves], move, lambda: None))
