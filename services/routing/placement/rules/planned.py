"""An appeal that comes from a planned work goes to whoever does the work, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.normal import fold
from services.routing.assignments.rules.explanations import ExplainedTopic
from services.routing.placement.rules.decisions import Decision, Question, locate_question
from services.routing.placement.rules.law.complaints import find_object
from services.routing.placement.rules.law.receivers import look_at_named_object, may_receive
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.street_mentions import MOST_READ
from services.routing.works.rules.fitting import AskedAppeal, Fit, NamedPlace, find_work


def find_planned(
    reference: RegionReference, question: Question, kind: str, received_at: datetime, decision: Decision
) -> Fit | None:
    """The planned work that the lead's decision fits.

    None where the law has something to say of the appeal first, and where the work's organisation may not get it because it
    is complained about, be it named in the text only (59-ФЗ ст. 8 ч. 6).
    """
    if not reference.works.by_topic or "proposal" in decision.explanation:
        return None
    explained = decision.explanation
    others = [(each["topic"], each["score"]) for each in explained.get("alternatives", ())]
    own = [(decision.topic, explained.get("score") or 1.0)] if decision.topic else []
    part = explained.get("question")
    point = question.place
    asked = AskedAppeal(
        received_at,
        kind,
        question.importance,
        [*own, *others],
        (fold(part) if part else question.folded)[:MOST_READ],
        question.text,
        question.address,
        (point.lat, point.lon) if point else None,
    )
    fit = find_work(reference, asked, lambda: _named_place(reference, question))
    return fit if fit and _may_answer(reference, question, fit.work.organisation_id) else None


def _may_answer(reference: RegionReference, question: Question, organisation_id: UUID) -> bool:
    if not may_receive(reference, organisation_id, question.complained_about):
        return False
    named = find_object(reference.aliases, question.folded)
    return named is None or look_at_named_object(reference, named, organisation_id) is None


def _named_place(reference: RegionReference, question: Question) -> NamedPlace:
    location = locate_question(reference, question)
    is_open = bool(location.contested) or location.unknown is not None
    return NamedPlace(location.municipality, location.settlement, is_open)


def give_to_work(decision: Decision, fit: Fit) -> Decision:
    """The decision with the work's organisation and topic; nobody has to help where a notice answers."""
    explained = decision.explanation
    known = {decision.topic: explained.get("score")}
    known |= {each["topic"]: each["score"] for each in explained.get("alternatives", ())}
    others: list[ExplainedTopic] = [
        {"topic": code, "score": score}
        for code, score in known.items()
        if code not in (fit.topic, None) and score is not None
    ]
    organisation: UUID = fit.work.organisation_id
    return replace(
        decision,
        topic=fit.topic,
        organisation_id=organisation,
        triage_reason=None,
        co_executors=(),
        explanation={
            **explained,
            "score": explained.get("score") if explained.get("source") == "citizen" else fit.share,
            "alternatives": others,
            "decided_by": "work",
            "suggested_organisation": str(organisation),
            "work": {"id": str(fit.work.id), "title": fit.work.title},
        },
    )
