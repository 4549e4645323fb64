"""Moderation: what nobody else reads before it is decided, one by one or many at once."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.showing import Outcome, attempt, go, show, show_outcome
from web.centre.views.appeals import AppealLine
from web.centre.views.reviews import DecisionsResult, Moderated, ModerationPage
from web.centre.visits import AtTheCentre, CentreVisit
from web.platform.problems import PlatformProblem
from web.words import counted, word

router = APIRouter()
Decision = Literal["accept", "reject", "hide"]
_AT_ONCE: Final = 50
_DONE: Final = {"accept": "пропущено", "reject": "отклонено", "hide": "скрыто"}
_REASON: Final = "Напишите причину: гражданин её увидит."
_ACCEPTED: Final = "Соответствует правилам."


class DecisionForm(BaseModel):
    """A decision on one appeal."""

    decision: Decision
    reason: str = ""
    number: str = ""

    @property
    def words(self) -> str:
        """The reason; letting something pass needs no words of its own."""
        return self.reason.strip() or (_ACCEPTED if self.decision == "accept" else "")


class ManyForm(DecisionForm):
    """The same of all that were ticked."""

    ids: list[UUID] = []
    once: str = ""


@router.get("/centre/moderation")
async def show_moderation(
    request: Request, visit: AtTheCentre, cursor: str = "", done: int = 0, failed: int = 0
) -> Response:
    """Objections first, then by age."""
    notice = f"Решено: {counted(done, 'обращение', 'обращения', 'обращений')}." if done > 0 else ""
    fault = f"Не получилось: {counted(failed, 'обращение', 'обращения', 'обращений')}." if failed > 0 else ""
    return await _show(request, visit, cursor, notice, fault, 200)


async def _show(
    request: Request, visit: CentreVisit, cursor: str, notice: str, fault: str, status: int
) -> Response:
    page = await visit.platform.read(
        ModerationPage, "/moderation", {"region": visit.region, "limit": _AT_ONCE, "cursor": cursor}
    )
    return show(
        request,
        visit,
        "moderation.html",
        status,
        items=page.items,
        cursor=page.next_cursor,
        notice=notice,
        fault=fault,
    )


@router.post("/centre/moderation")
async def decide_many(request: Request, visit: AtTheCentre, form: Annotated[ManyForm, Form()]) -> Response:
    """One decision on all that are ticked."""
    fault = "Отметьте обращения." if not form.ids else "" if form.words else _REASON
    if fault:
        return await _show(request, visit, "", "", fault, 422)
    body = {
        "decision": form.decision,
        "reason": form.words,
        "items": [{"id": str(id)} for id in form.ids],
    }
    try:
        result = await visit.platform.send(
            DecisionsResult, "/moderation/decisions", body, key=form.once or None
        )
    except PlatformProblem as problem:
        return await _show(request, visit, "", "", problem.words, problem.status)
    done = sum(each.status == 200 for each in result.items)
    return go("/centre/moderation", done=str(done), failed=str(len(result.items) - done))


@router.post("/centre/moderation/{appeal_id}")
async def decide(
    request: Request, visit: AtTheCentre, appeal_id: UUID, form: Annotated[DecisionForm, Form()]
) -> Response:
    """Let it pass, reject it, or hide it."""
    back = "/centre/moderation"
    if not form.words:
        return show_outcome(request, visit, Outcome(_REASON, 422), back)
    outcome = await attempt(
        visit.platform.send(
            Moderated,
            f"/appeals/{appeal_id}/moderation",
            {"decision": form.decision, "reason": form.words},
        ),
        lambda _: f"{form.number} {_DONE[form.decision]}.",
        lambda: _look(visit, appeal_id),
    )
    return show_outcome(request, visit, outcome, back, appeal=appeal_id)


async def _look(visit: CentreVisit, appeal_id: UUID) -> str:
    now = await visit.platform.read(AppealLine, f"/appeals/{appeal_id}")
    return word(now.status, "appeal_status") + "."
