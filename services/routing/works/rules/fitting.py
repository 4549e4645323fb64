"""Which planned work an appeal comes from: by its time, its place, what it is about and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from chassis.normal import fold
from services.routing.reference.rules.addresses import Street
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.street_mentions import find_streets
from services.routing.reference.rules.works import KnownWork, Point, TopicWorks
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
    """What of an appeal is looked at. `ranked`: the topic it got and the alternatives; `folded`: the beginning of its text, or
    of the part that the lead answers, in its normal form and small letters; `text`: all of it; `point`: latitude and longitude."""

    received_at: datetime
    kind: str
    importance: str
    ranked: Ranked
    folded: str
    text: str
    address: str | None = None
    point: Point | None = None

    @property
    def written(self) -> str:
        """Its address and text in their normal form."""
        return f"{fold(self.address or '')} {self.folded}"


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
    streets = _streets_of(appeal, of_topics)
    near = _near(appeal, of_topics, streets)
    place = locate() if near else NamedPlace()
    there = (work for work in near if lies_in(work, appeal.point, streets, place))
    fits = (fit for work in there if (fit := _fit(reference, appeal, work)))
    return min(fits, key=_order, default=None)


def _order(fit: Fit) -> tuple[object, ...]:
    return (fit.work.covers_all, -fit.share, fit.work.starts_at, fit.work.id)


def _streets_of(appeal: AskedAppeal, of_topics: Sequence[TopicWorks]) -> frozenset[Street]:
    """The streets it names, if it has a word of one that is worked on."""
    if any(works.may_name_street(appeal.written) for works in of_topics):
        return find_streets(appeal.address, appeal.text)
    return frozenset()


def _near(appeal: AskedAppeal, of_topics: Sequence[TopicWorks], streets: Iterable[Street]) -> list[KnownWork]:
    """Works that run then, by streets' names and cells of the map; each once."""
    found = chain.from_iterable(
        (*works.on_streets(streets), *works.around(appeal.point), *works.everywhere) for works in of_topics
    )
    return list({work.id: work for work in found if work.runs_at(appeal.received_at)}.values())


def lies_in(work: KnownWork, point: Point | None, streets: Iterable[Street], place: NamedPlace) -> bool:
    """Whether a place is the work's: its street, its point, or where the work names neither, its settlement or municipality;
    and whether no settlement or municipality of one side contradicts the other."""
    if contradicts(work, place):
        return False
    named = (
        work.covers_all and not work.whole.isdisjoint((place.settlement, place.municipality)),
        _is_inside(place.municipality, work.districts),
        any(own.is_same(street) for own in work.streets for street in streets),
        work.contains(point),
    )
    return any(named)


def contradicts(work: KnownWork, place: NamedPlace) -> bool:
    """Whether a settlement or municipality that one side names is none of the other's."""
    settlements = {work.settlement, place.settlement} - {None}
    municipalities = sorted(filter(None, [work.municipality, place.municipality]), key=len)
    apart = len(municipalities) > 1 and not _is_around(*municipalities)
    is_placed = any((work.municipality, work.settlement))
    return is_placed and any((place.open, len(settlements) > 1, apart))


def _is_around(one: str, other: str) -> bool:
    """Whether one ОКТМО is the other's or lies in it, whichever is the larger."""
    return _is_inside(one, [other]) or _is_inside(other, [one])


def _is_inside(code: str | None, places: Iterable[str]) -> bool:
    """Whether a code lies in a place; a district's code ends with three noughts, where its settlements have other digits."""
    return any((code or "").startswith(place.removesuffix("000")) for place in places)


def _fit(reference: RegionReference, appeal: AskedAppeal, work: KnownWork) -> Fit | None:
    best = reference.topic(appeal.ranked[0][0])
    guess = fitting_topic(appeal.ranked, work.topics, best.name if best else "", appeal.folded, work.subject)
    is_asked = work.kind != "outage" or asks_about_outage(appeal.folded)
    return Fit(work, *guess) if guess and is_asked else None
