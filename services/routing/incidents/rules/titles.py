"""What an incident is called: what happened and where, never in a citizen's words."""

from __future__ import annotations

from services.routing.incidents.rules.events import EVENTS
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.settlements import Settlement

_SOMETHING = "Обращения об одном событии"


def title_of(
    reference: RegionReference, event: str | None, topic: str | None, where: str | None = None
) -> str:
    """«Нет воды: ул. Ленина». `event`: its code; without one the name of the topic (code) says what happened."""
    known = EVENTS.get(event or "")
    what = known.title if known else _name_of(reference, topic)
    return f"{what}: {where}" if where else what


def _name_of(reference: RegionReference, topic: str | None) -> str:
    known = reference.topic(topic)
    return known.name if known else _SOMETHING


def place_of(
    settlement: Settlement | None, main_town: str | None, street: str | None, house: str | None
) -> str | None:
    """«ул. Ленина, д. 5» in the region's main town (its code), «с. Косиново, ул. Садовая» elsewhere."""
    outside = settlement is not None and settlement.code != main_town
    parts = (
        settlement.called if settlement is not None and (outside or street is None) else None,
        street,
        f"д. {house}" if street and house else None,
    )
    return ", ".join(filter(None, parts)) or None
