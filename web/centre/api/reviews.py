"""Answers in review: read beside the question, approved or returned with reasons."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.showing import Outcome, attempt, show, show_outcome
from web.centre.views.reviews import AnswerState, ReviewPage
from web.centre.visits import AtTheCentre, CentreVisit

router = APIRouter()
_AT_ONCE: Final = 20
_STATES: Final = {
    "published": "ответ уже одобрен и отправлен гражданину.",
    "returned": "ответ уже возвращён исполнителю.",
    "in_review": "ответ ещё на проверке. Откройте список заново.",
    "ended": "ответ больше не нужен: обращение закончено или открыто снова.",
}


class DecisionForm(BaseModel):
    """A decision on an answer."""

    version: int
    decision: Literal["approve", "return"]
    reasons: list[str] = []
    own_reason: str = ""
    number: str = ""
    once: str = ""


class ReviewDecision(BaseModel):
    """The same as it is sent."""

    decision: Literal["approve", "return"]
    reasons: list[str]


@router.get("/centre/reviews")
async def show_reviews(request: Request, visit: AtTheCentre, cursor: str = "") -> Response:
    """What waits, oldest first."""
    page = await visit.platform.read(
        ReviewPage, "/reviews", {"region": visit.region, "limit": _AT_ONCE, "cursor": cursor}
    )
    return show(request, visit, "reviews.html", items=page.items, cursor=page.next_cursor)


@router.post("/centre/reviews/{answer_id}")
async def decide(
    request: Request, visit: AtTheCentre, answer_id: UUID, form: Annotated[DecisionForm, Form()]
) -> Response:
    """Approve an answer, or return it and say why."""
    reasons = [each.strip() for each in (*form.reasons, form.own_reason) if each.strip()]
    if form.decision == "return" and not reasons:
        outcome = Outcome("Отметьте или напишите, что исправить: исполнитель увидит это.", 422)
        return show_outcome(request, visit, outcome, "/centre/reviews")
    body = ReviewDecision(decision=form.decision, reasons=reasons if form.decision == "return" else [])
    outcome = await attempt(
        visit.platform.send(
            AnswerState, f"/answers/{answer_id}/review", body, version=form.version, key=form.once or None
        ),
        lambda after: _render_decision(form.number, after),
        lambda: _look(visit, answer_id),
    )
    return show_outcome(request, visit, outcome, "/centre/reviews")


def _render_decision(number: str, after: AnswerState) -> str:
    if after.state == "returned":
        return f"{number}: ответ возвращён исполнителю."
    return f"{number}: ответ одобрен, гражданин его увидит."


async def _look(visit: CentreVisit, answer_id: UUID) -> str:
    now = await visit.platform.read(AnswerState, f"/answers/{answer_id}")
    return _STATES.get(now.state, now.state)
