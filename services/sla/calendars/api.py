"""The arithmetic of deadlines on its own."""

from __future__ import annotations

from chassis.problems import Unprocessable
from chassis.security import AnyRole
from chassis.strict_routes import Router
from services.sla.calendars.rules.calendars import open_calendar
from services.sla.calendars.rules.deadlines import Pause, compute
from services.sla.calendars.rules.terms import parse_term
from services.sla.calendars.schemas import Preview, PreviewBody

router = Router(prefix="/api/v1", tags=["deadlines"])


@router.post("/deadlines/preview")
async def preview_deadline(principal: AnyRole, body: PreviewBody) -> Preview:
    """Pure arithmetic with the national calendar for any region; nothing is stored."""
    try:
        result = compute(
            body.start,
            parse_term(body.term.as_data()),
            open_calendar(body.region, body.municipality),
            body.weekend_rule,
            [Pause(pause.since, pause.until) for pause in body.pauses],
        )
    except (ValueError, OverflowError) as error:
        raise Unprocessable(str(error)) from None
    assert result.due_at is not None
    assert result.due_on is not None
    return Preview(
        due_at=result.due_at, due_on=result.due_on, explanation=list(result.steps), certain=result.certain
    )
