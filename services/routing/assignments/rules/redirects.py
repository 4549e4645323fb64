"""Who goes on with a question that its organisation refused."""

from __future__ import annotations

from uuid import UUID

from services.routing.reference.rules.competence import is_object
from services.routing.reference.rules.region_reference import RegionReference


def receiver_of(
    reference: RegionReference,
    suggested: UUID | None,
    *,
    sender: UUID | None,
    complained_about: UUID | None,
    hops: int,
) -> tuple[UUID | None, str | None]:
    """The suggested organisation, or None and the reason why a coordinator has to choose. `hops` counts this one."""
    limit = reference.settings.hop_limit
    if hops > limit:
        return None, f"Вопрос перенаправляют больше {limit} раз подряд: исполнителя определяет координатор."
    if suggested is None:
        return None, "Исполнитель отказался и не назвал компетентный орган."
    if suggested == sender:
        return None, "Исполнитель отказался и назвал самого себя."
    if reference.organisation_in_use(suggested) is None:
        return None, "Предложенного исполнителя нет среди действующих органов региона."
    if is_object(suggested, complained_about, reference.organisations):
        return (
            None,
            "Предложен орган, на который подана жалоба, или его подведомственный (59-ФЗ, ст. 8 ч. 6).",
        )
    return suggested, None
