"""Who goes on with a question that its body refused."""

from __future__ import annotations

from uuid import UUID

from services.routing.reference.rules.region_reference import RegionBook
from services.routing.reference.rules.competence import is_subordinate


def receiver_of(
    book: RegionBook,
    suggested: UUID | None,
    *,
    sender: UUID,
    complained_about: UUID | None,
    hops: int,
) -> tuple[UUID | None, str | None]:
    """The suggested body, or None and the reason why a coordinator has to choose. `hops` counts this one."""
    if hops > book.settings.hop_limit:
        limit = book.settings.hop_limit
        return None, f"Вопрос перенаправляют больше {limit} раз подряд: исполнителя определяет координатор."
    if suggested is None:
        return None, "Исполнитель отказался и не назвал компетентный орган."
    if suggested == sender:
        return None, "Исполнитель отказался и назвал самого себя."
    if book.body_in_use(suggested) is None:
        return None, "Предложенного исполнителя нет среди действующих органов региона."
    if is_object(book, suggested, complained_about):
        return (
            None,
            "Предложен орган, на который подана жалоба, или его подведомственный (59-ФЗ, ст. 8 ч. 6).",
        )
    return suggested, None


def is_object(book: RegionBook, organisation_id: UUID, complained_about: UUID | None) -> bool:
    """Whether a body is the one complained about or stands below it: it must not get the complaint."""
    return complained_about is not None and is_subordinate(organisation_id, complained_about, book.bodies)
