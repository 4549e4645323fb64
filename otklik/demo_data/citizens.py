"""What citizens do today on the tracking pages of their letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from otklik.client import AsyncClient, ProblemError
from otklik.demo_data.connection import in_parallel
from otklik.demo_data.loading import Refused
from otklik.demo_data.posting import Posted
from otklik.demo_data.story import Act, Phrases


@dataclass(frozen=True)
class _Move:
    """An act of the tracking page: what has to be allowed there, the path's end, and what is sent."""

    allowed: str
    path: str
    body: Mapping[str, object] | None


def _moves(phrases: Phrases) -> Mapping[Act, _Move]:
    rating = {"score": 1, "solved": False, "reached": False, "satisfied": False, "comment": phrases.reopen}
    return {
        "clarified": _Move("may_clarify", "clarification", {"text": phrases.clarification}),
        "reopen": _Move("may_rate", "rating", rating),
        "withdraw": _Move("may_withdraw", "withdraw", None),
    }


_PAGE: Final = "/api/v1/track"


async def answer_back(
    portal: AsyncClient, phrases: Phrases, posted: Sequence[Posted], refused: Refused
) -> int:
    """Clarify, withdraw, disagree, where the page offers it; how many did."""
    moves = _moves(phrases)

    async def move(each: Posted) -> bool:
        planned = moves[each.live.act]
        try:
            page = await portal.request("GET", f"{_PAGE}/{each.code}")
            if page[planned.allowed]:
                await portal.request("POST", f"{_PAGE}/{each.code}/{planned.path}", json=planned.body)
        except ProblemError as problem:
            refused.add(f"{each.live.act} of {each.name}", problem)
            return False
        return bool(page[planned.allowed])

    return sum(await in_parallel([each for each in posted if each.live.act in moves], move, lambda: None))
