"""Decisions are made and changed by coordinators and analysts; every change is kept with who made it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, row, update_rows
from chassis.faults import Wording
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Errors, NotAllowedNow, NotFound, Unprocessable
from chassis.versions import require_version
from chassis.wake_ups import wake_after_commit
from services.analytics.decisions.queries.decisions import places_of
from services.analytics.decisions.queries.problems import is_known_problem
from services.analytics.decisions.queries.references import find_unknown
from services.analytics.decisions.rules.moves import MEASURED, is_over, may_move
from services.analytics.decisions.schemas import ChangedDecision, DecisionView, NewDecision
from services.analytics.store.rules.periods import today_in
from services.analytics.tables import decision as decision_table
from services.analytics.tables import decision_change
from services.analytics.tables.decisions import DecisionChange, DecisionRow

JUDGING: Final = "decisions"  # the wake-up of who judges
_COLUMNS: Final = {"group": "topic_group", "organisation": "organisation_id"}
_LOCK: Final = """
SELECT * FROM analytics.decision WHERE region = ANY(:regions::text[]) AND id = :id
    AND (:places::text[] IS NULL OR municipality ^@ ANY (:places::text[])) FOR UPDATE
"""


async def make_decision(session: AsyncSession, principal: Principal, body: NewDecision) -> DecisionView:
    """A new decision, judged soon when it runs already. 403 outside of a municipal centre's place, 422 for what does not fit."""
    stated = _columns(body.model_dump(exclude={"region"}))
    made = DecisionRow(
        region=body.region,
        id=uuid7(),
        worked=None,
        gain=None,
        judged=None,
        effect_reason=None,
        judged_to=None,
        computed_at=None,
        version=1,
        created_at=utc_now(),
        **stated,
    )
    made = _begun(made)
    await _require_sound(session, principal, made)
    await insert_rows(session, decision_table, [made])
    await _note(session, principal, made, stated)
    return DecisionView.of(made)


async def change_decision(
    session: AsyncSession,
    principal: Principal,
    decision_id: UUID,
    expected_version: int,
    body: ChangedDecision,
) -> DecisionView:
    """Change what is named. 404 out of reach, 412 when it has moved on, 409 for a move that is none or what is fixed."""
    stored = await row(
        session,
        DecisionRow,
        _LOCK,
        regions=principal.regions_within(),
        places=places_of(principal),
        id=decision_id,
    )
    if stored is None:
        raise NotFound
    require_version(stored.version, expected_version)
    wanted = _columns(body.model_dump(exclude_unset=True))
    changed = {name: value for name, value in wanted.items() if getattr(stored, name) != value}
    _require_possible(stored, changed)
    now = _begun(replace(stored, **changed, version=stored.version + 1))
    if now.started_on != stored.started_on:
        changed["started_on"] = now.started_on
    if MEASURED & changed.keys():
        now = replace(
            now, worked=None, gain=None, judged=None, effect_reason=None, judged_to=None, computed_at=None
        )
    await _require_sound(session, principal, now)
    await update_rows(session, decision_table, [now], keys=("region", "id"))
    await _note(session, principal, now, changed)
    return DecisionView.of(now)


def _columns(stated: dict[str, Any]) -> dict[str, Any]:
    return {_COLUMNS.get(name, name): value for name, value in stated.items()}


def _require_possible(stored: DecisionRow, changed: dict[str, Any]) -> None:
    after = changed.get("state", stored.state)
    if not may_move(stored.state, after):
        raise NotAllowedNow(
            "A decision that is {state} does not become {wanted}.",
            values={"state": stored.state, "wanted": after},
        )
    if is_over(stored.state) and MEASURED & changed.keys():
        raise NotAllowedNow("What a decision is judged by is fixed once it is over.")


def _begun(made: DecisionRow) -> DecisionRow:
    """One that runs has begun: today, unless it says when."""
    if made.state == "running" and made.started_on is None:
        return replace(made, started_on=today_in(made.region, utc_now()))
    return made


async def _require_sound(session: AsyncSession, principal: Principal, made: DecisionRow) -> None:
    principal.require_municipality(made.municipality)
    subjects = (made.topic, made.topic_group, made.municipality, made.organisation_id)
    has_begun = made.started_on is not None and made.started_on <= today_in(made.region, utc_now())
    checks: list[tuple[str, str | Wording, bool]] = [
        ("problem_id", "there is no such problem", await _knows_problem(session, made)),
        ("topic", "name a topic, a group, a municipality or an organisation at least", any(subjects)),
        (
            "started_on",
            "one that runs or is done has begun",
            made.state in ("planned", "dropped") or has_begun,
        ),
        (
            "due_on",
            "is before it starts",
            not (made.due_on and made.started_on and made.due_on < made.started_on),
        ),
    ]
    unknown = await find_unknown(session, made)
    checks += [(kind, Wording("the region has no such {kind}", {"kind": kind}), False) for kind in unknown]
    errors: Errors = [
        {"pointer": f"/{field}", "message": message} for field, message, is_right in checks if not is_right
    ]
    if errors:
        raise Unprocessable("See errors.", errors=errors)


async def _knows_problem(session: AsyncSession, made: DecisionRow) -> bool:
    return made.problem_id is None or await is_known_problem(session, made.region, made.problem_id)


async def _note(
    session: AsyncSession, principal: Principal, made: DecisionRow, changed: dict[str, Any]
) -> None:
    """Who made it what it is; and whoever judges looks at it."""
    shown = {name: None if value is None else str(value) for name, value in changed.items()}
    change = DecisionChange(
        made.region,
        made.id,
        made.version,
        made.municipality,
        shown,
        principal.client_id,
        principal.person,
        utc_now(),
    )
    await insert_rows(session, decision_change, [change])
    wake_after_commit(session, JUDGING)
