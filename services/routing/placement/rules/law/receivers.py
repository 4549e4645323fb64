"""Who may get a question at all (R1, R2, R3, R16)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from contracts.intake import Regime
from services.routing.placement.rules.law.proposals import Proposal, days_of_law
from services.routing.reference.rules.competence import is_object, superior_of
from services.routing.reference.rules.region_reference import RegionReference

FORWARDING_DAYS: Final = 7


def may_execute(reference: RegionReference, organisation_id: UUID | None) -> bool:
    """R16: the coordinating centre watches copies, the organisation answers (Rules approved by ПП РФ of 16.11.2020
    № 1844): only active organisations of other kinds get assignments."""
    return reference.organisation_in_use(organisation_id) is not None


def may_receive(
    reference: RegionReference, organisation_id: UUID | None, complained_about: UUID | None
) -> bool:
    """R1: a complaint never goes to its object nor to what stands below it (59-ФЗ ст. 8 ч. 6)."""
    if organisation_id is None or not may_execute(reference, organisation_id):
        return False
    return not is_object(organisation_id, complained_about, reference.organisations)


def pass_by_object(reference: RegionReference, complained_about: UUID) -> UUID | None:
    """R1: whoever decides instead, the nearest active superior of the object; None where nobody stands above."""
    return superior_of(complained_about, reference.organisations)


def look_at_named_object(reference: RegionReference, named: UUID, chosen: UUID) -> Proposal | None:
    """R1, where the applicant named the object in the text only: a person looks before the complaint reaches it."""
    if not is_object(chosen, named, reference.organisations):
        return None
    superior = pass_by_object(reference, named)
    to = f"передать выше: «{reference.organisations[superior].name}»" if superior else "выше никого нет"
    name = reference.organisations[named].name
    return Proposal(
        "R1",
        "superior" if superior else "returned",
        f"Похоже на жалобу на действия органа «{name}»: ему и его подведомственным она не передаётся, {to}.",
        "59-ФЗ, ст. 8 ч. 6",
    )


def return_with_court_route(
    reference: RegionReference, complained_about: UUID | None, regime: Regime
) -> Proposal | None:
    """R2: where nobody else is competent, the complaint is returned and the right to go to court explained (59-ФЗ ст. 8
    ч. 7); the law sets seven days for it as for forwarding."""
    if complained_about is None or pass_by_object(reference, complained_about) is not None:
        return None
    return Proposal(
        "R2",
        "returned",
        "Кроме органа, на который подана жалоба, рассмотреть её некому: вернуть заявителю и разъяснить право на "
        "обращение в суд.",
        "59-ФЗ, ст. 8 ч. 7",
        days_of_law(regime, FORWARDING_DAYS),
    )


def forward_elsewhere(topic: str | None, regime: Regime) -> Proposal | None:
    """R3: a question that no organisation of the system is competent for goes to a competent one in seven days, and the
    citizen is notified (59-ФЗ ст. 8 ч. 3)."""
    if topic is None:
        return None
    return Proposal(
        "R3",
        "forward",
        "Компетентного органа в системе нет: направить по компетенции и уведомить заявителя.",
        "59-ФЗ, ст. 8 ч. 3",
        days_of_law(regime, FORWARDING_DAYS),
    )
