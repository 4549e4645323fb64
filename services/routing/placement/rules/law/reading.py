"""Which rule of law has something to say of an appeal: the first one that does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.intake import Regime
from services.routing.placement.rules.law.complaints import find_object
from services.routing.placement.rules.law.forms import answer_orally, refuse_anonymous
from services.routing.placement.rules.law.proposals import Proposal
from services.routing.placement.rules.law.receivers import (
    forward_elsewhere,
    look_at_named_object,
    return_with_court_route,
)
from services.routing.placement.rules.law.texts import read_text
from services.routing.reference.rules.competence import Choice
from services.routing.reference.rules.region_reference import RegionReference


@dataclass(frozen=True, slots=True)
class LegalQuestion:
    """What the rules look at; `folded`: the text in its normal form and small letters."""

    folded: str
    regime: Regime
    channel: str
    anonymous: bool
    complained_about: UUID | None


def propose(question: LegalQuestion) -> Proposal | None:
    """What follows from the text and from how it came."""
    return (
        read_text(question.folded, question.regime)
        or refuse_anonymous(question.folded, question.regime, anonymous=question.anonymous)
        or answer_orally(question.channel, question.regime)
    )


def propose_receiver(
    reference: RegionReference, question: LegalQuestion, topic: str | None, choice: Choice
) -> Proposal | None:
    """What follows from who would get it: nobody may, nobody is competent, or the text complains of that very one."""
    if choice.organisation_id is None:
        if choice.rule is not None:
            return return_with_court_route(reference, question.complained_about, question.regime)
        return forward_elsewhere(topic, question.regime) if choice.unruled else None
    if question.complained_about is not None:
        return None
    named = find_object(reference.aliases, question.folded)
    return look_at_named_object(reference, named, choice.organisation_id) if named else None
