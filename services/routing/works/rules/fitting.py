"""Which planned work an appeal comes from: by its time, its place, what it is about and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.routing.reference.rules.addresses import Street
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.street_mentions import find_streets
from services.routing.reference.rules.works import KnownWork, TopicWorks
from services.routing.works.rules.subjects import Ranked, asks_about_outage, fitting_topic

# What a notice can answer; thanks and proposals it cannot, and a danger (112) is never answered by one.
ANSWERED_KINDS: Final = frozenset({"problem", "question"})
DANGER: Final = "danger"


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """Where an appeal belongs. `municipality` (ОКТМО), `settlement` (code); `open`: it names several places, or one that the
    region does not know, so that nobody can say that it is the work's."""

    municipality: str | None = None
    settlement: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class AskedAppeal:
    """What of an appeal is looked at. `ranked`: the topic it got and the alternatives; `folded`: its text, or the part that
    the lead answers, in its normal form and small letters; `text`: all of it; `point`: latitude and longitude."""

    received_at: datetime
    kind: str
    importance: str
    ranked: Ranked
    folded: str
    text: str
    address: str | None = None
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The work an appeal comes from, and the guess that says so."""

    work: KnownWork
    topic: str
    share: float


def find_work(
    reference: RegionReference, appeal: AskedAppeal, locate: Callable[[], NamedPlace]
) -> Fit | None:
    """The work that explains an appeal; of several one that names its street or area, then the likeliest topic's.

    `locate` is called for the few appeals that come near a work, since it reads the text.
    """
    if appeal.kind not in ANSWERED_KINDS or appeal.importance == DANGER:
        return None
    of_topics = reference.works.of_topics((code for code, _ in appeal.ranked), appeal.received_at)
    if not of_topics:
        return None
    streets = _streets_of(appeal, of_topics)
    near = _near(appeal, of_topics, streets)
    if not near:
        return None
    place = locate()
    fits = (_fit(reference, appeal, work) for work in near if lies_in(work, appeal.point, streets, place))
    ordered = sorted(filter(None, fits), key=_order)
    return ordered[0] if ordered else None


def _order(fit: Fit) -> tuple[object, ...]:
    return (fit.work.covers_all, -fit.share, fit.work.starts_at, fit.work.id)


def _streets_of(appeal: AskedAppeal, of_topics: Sequence[TopicWorks]) -> frozenset[Street]:
    """The streets it names, if it has a word of one that is worked on."""
    written = f"{appeal.address or ''} {appeal.folded}".lower().replace("ё", "е")
    if not any(works.may_name_street(written) for works in of_topics):
        return frozenset()
    return find_streets(appeal.address, appeal.text)


def _near(appeal: AskedAppeal, of_topics: Sequence[TopicWorks], streets: Iterable[Street]) -> list[KnownWork]:
    """Works that run then, by streets' names and cells of the map; each once."""
    found: dict[object, KnownWork] = {}
    for works in of_topics:
        around = works.around(*appeal.point) if appeal.point else ()
        for work in (*works.on_streets(streets), *around, *works.everywhere):
            if work.runs_at(appeal.received_at):
                found.setdefault(work.id, work)
    return list(found.values())


def lies_in(
    work: KnownWork, point: tuple[float, float] | None, streets: Iterable[Street], place: NamedPlace
) -> bool:
    """Whether a place is the work's: its street, its point, or where the work names neither, its settlement or municipality;
    and whether no settlement or municipality of one side contradicts the other."""
    if contradicts(work, place):
        return False
    if work.covers_all:
        return _is_named(work, place)
    on_street = any(own.is_same(street) for own in work.streets for street in streets)
    return on_street or (work.area is not None and point is not None and work.area.contains(*point))


def contradicts(work: KnownWork, place: NamedPlace) -> bool:
    """Whether a settlement or municipality that one side names is none of the other's."""
    if work.municipality is None and work.settlement is None:
        return False
    if place.open:
        return True
    if work.settlement and place.settlement:
        return work.settlement != place.settlement
    return bool(
        work.municipality and place.municipality and not _is_around(work.municipality, place.municipality)
    )


def _is_around(one: str, other: str) -> bool:
    """Whether one ОКТМО is the other's or lies in it, whichever is the larger."""
    return _inside(one, other) or _inside(other, one)


def _inside(code: str, other: str) -> bool:
    """Whether `code` lies in `other`; a district's code ends with three noughts, a municipality has eight digits."""
    return code == other or code.startswith(other) or (other.endswith("000") and code[:5] == other[:5])


def _is_named(work: KnownWork, place: NamedPlace) -> bool:
    """Whether a place is in the settlement, or else in the municipality, that the work is about as a whole."""
    if work.settlement:
        return place.settlement == work.settlement or (
            work.alone and place.settlement is None and place.municipality == work.municipality
        )
    return bool(work.municipality and place.municipality and _inside(place.municipality, work.municipality))


def _fit(reference: RegionReference, appeal: AskedAppeal, work: KnownWork) -> Fit | None:
    if work.kind == "outage" and not asks_about_outage(appeal.folded):
        return None
    best = reference.topic(appeal.ranked[0][0])
    name = best.name if best else ""
    guess = fitting_topic(appeal.ranked, work.topics, name, appeal.folded, work.subject)
    return Fit(work, *guess) if guess else None
