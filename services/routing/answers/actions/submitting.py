"""An organisation answers: every answer is checked; it goes out, or waits for a coordinator or a second signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import Unprocessable
from contracts.routing import AnswerHeld, AssignmentAccepted
from services.routing.answers.actions.drafts import Draft, action_for, check_draft, store_draft
from services.routing.answers.actions.publishing import publish_answer
from services.routing.answers.queries.ratings import read_ratings
from services.routing.answers.queries.templates import known_of
from services.routing.answers.rules.checks.findings import Finding
from services.routing.answers.rules.review import AnswerFacts, ReviewPlan, plan_review
from services.routing.answers.schemas.checks import CheckedText
from services.routing.answers.schemas.reviews import SignedAnswer
from services.routing.assignments.actions.labels import record_redirect
from services.routing.assignments.actions.locks import ActionRequest, LockedAssignment, lock_own
from services.routing.assignments.actions.transitions import Changes, transition
from services.routing.assignments.actions.wording import require_filled
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.rules.placeholders import fill_places
from services.routing.assignments.rules.statuses import CLAIMABLE, Action
from services.routing.assignments.schemas.acts import Interim
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.attachments.actions import require_attachments
from services.routing.tables.answers import REVIEW_WORDS, AnswerReview, answer_review


@dataclass(frozen=True, slots=True)
class _Held:
    """An answer that does not go out yet, and why."""

    draft: Draft
    findings: Sequence[Finding]
    plan: ReviewPlan


async def answer_interim(session: AsyncSession, request: ActionRequest, body: Interim) -> AssignmentView:
    """Give a plan; the question stays open."""
    files = await require_attachments(session, request.principal, body.attachments)
    locked = await lock_own(session, request, Action.INTERIM, body.lease_token)
    require_filled(body.text, "/text")
    _require_day_to_come(locked, body.promised_on, from_today=True)
    return await _submit(session, request.principal, locked, Draft.of_interim(body, files))


async def answer_assignment(
    session: AsyncSession, request: ActionRequest, body: SignedAnswer
) -> AssignmentView:
    """Answer the question; with outcome `postponed` it stays watched until the promised day."""
    return await _answer(session, request, body, fill=False)


async def answer_one_of_many(
    session: AsyncSession, request: ActionRequest, body: SignedAnswer
) -> AssignmentView:
    """The same with a text that many get: its places are filled with what is known of this assignment."""
    return await _answer(session, request, body, fill=True)


async def _answer(
    session: AsyncSession, request: ActionRequest, body: SignedAnswer, *, fill: bool
) -> AssignmentView:
    files = await require_attachments(session, request.principal, body.attachments)
    action = action_for(body.outcome)
    locked = await lock_own(session, request, action, body.lease_token)
    if action is Action.POSTPONE:
        _require_day_to_come(locked, body.promised_on, from_today=False)
    known = known_of(locked.assignment, locked.region_reference) if fill else {}
    draft = Draft.of_answer(body, files, fill_places(body.text, known))
    require_filled(draft.text, "/text")
    return await _submit(session, request.principal, locked, draft)


def _require_day_to_come(locked: LockedAssignment, day: date | None, *, from_today: bool) -> None:
    today = local_day(locked.at, locked.assignment.region, locked.assignment.municipality)
    if day is not None and (day < today or (day == today and not from_today)):
        error = {"pointer": "/promised_on", "message": "the promised day must lie in the future"}
        raise Unprocessable("See errors.", errors=[error])


async def _submit(
    session: AsyncSession, principal: Principal, locked: LockedAssignment, draft: Draft
) -> AssignmentView:
    findings = await check_draft(session, locked.assignment, draft)
    settings = locked.region_reference.settings
    plan = plan_review(settings, findings, await _facts(session, locked, draft))
    await store_draft(session, locked, draft, principal.client_id)
    if plan.goes_out:
        after = await publish_answer(session, locked, action_for(draft.outcome), draft)
    else:
        after = await _hold(session, principal, locked, _Held(draft, findings, plan))
    return after.show()


async def _facts(session: AsyncSession, locked: LockedAssignment, draft: Draft) -> AnswerFacts:
    assignment = locked.assignment
    facts = AnswerFacts(
        answer_id=draft.id,
        cycle=assignment.cycle,
        is_refusal=draft.outcome == "refused",
        is_statutory=assignment.regime == "statutory",
        is_interim=draft.outcome is None,
    )
    if locked.region_reference.settings.review_mode != "risk" or assignment.organisation_id is None:
        return facts
    return await read_ratings(session, facts, assignment.region, assignment.organisation_id)


async def _hold(
    session: AsyncSession, principal: Principal, locked: LockedAssignment, held: _Held
) -> LockedAssignment:
    """Whoever answers has taken the question to work: the reaction is announced, the answer is not."""
    begins = locked.assignment.status in CLAIMABLE
    changes: Changes = {"accepted_at": locked.at} if begins else {}
    (after,) = await transition(session, [locked], Action.SUBMIT, [changes])
    await insert_rows(session, answer_review, [_review(session, principal, locked, held)])
    if begins:
        await record_redirect(session, locked)
        accepted = AssignmentAccepted(
            **after.event_keys(), organisation=locked.organisation, accepted_at=locked.at
        )
        await emit(session, accepted)
    await emit(
        session,
        AnswerHeld(
            **after.event_keys(),
            answer_id=held.draft.id,
            organisation=locked.organisation,
            checks=tuple(finding.check for finding in held.findings),
            held_at=locked.at,
        ),
    )
    return after


def _review(
    session: AsyncSession, principal: Principal, locked: LockedAssignment, held: _Held
) -> AnswerReview:
    assignment, plan = locked.assignment, held.plan
    assert assignment.organisation_id is not None
    checks = CheckedText.of(held.findings).model_dump_json()
    return AnswerReview(
        region=assignment.region,
        answer_id=held.draft.id,
        assignment_id=assignment.id,
        appeal_id=assignment.appeal_id,
        organisation_id=assignment.organisation_id,
        state="signature" if plan.needs_signature else "waiting",
        mode=locked.region_reference.settings.review_mode,
        risk=plan.risk,
        needs_review=plan.needs_review,
        found=[finding.check for finding in held.findings],
        status_before=assignment.status,
        person=principal.person,
        client_id=principal.client_id,
        submitted_at=locked.at,
        signer=None,
        reviewer=None,
        decided_at=None,
        **REVIEW_WORDS.seal(session, held.draft.id, {"checks": checks, "reasons": None}),
    )
