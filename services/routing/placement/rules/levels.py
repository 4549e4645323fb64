"""Whose an appeal is likely to be when its topic is unsure: probabilities of organisations and of levels of government.

Each likely topic gives its probability to the organisations that the rules name for it at the place; what leads to the same
organisation, or to one level, adds up. Pure: production, `/classify` and `otklik evaluate` rank by the same function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.law.receivers import may_receive
from services.routing.placement.rules.locations import Location
from services.routing.reference.rules.codes import plain_name
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.region_settings import RegionSettings

Ranked = tuple[tuple[UUID, float], ...]
Scores = Mapping[UUID, float]
# How much of a topic's probability its organisations get, the most specific rule's first. Where the text names no place,
# the rules guess a city; and organisations of one matter overlap in life. Set so that scores are about calibrated.
SHARES_KNOWING_PLACE: Final = (0.95, 0.03, 0.02)
SHARES: Final = (0.75, 0.1, 0.05)
HINT_SHARE: Final = 0.5
UNRANKED: Final = 0.25
# From which probability on a learned level that the rules do not name contradicts them. Of such appeals of the Kursk sample
# the rules' organisation was right in a third.
CONTRADICTION: Final = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score (0..1) on a topic, an organisation or a level decides without a person; None: however sure, never.

    `of_model`: the model learned them for what it says of organisations and levels itself, not for what the rules make of
    the likely topics.
    """

    topic: float | None
    organisation: float | None
    level: float | None
    of_model: bool = False


def thresholds_of(settings: RegionSettings, learned: Mapping[str, Mapping[float, float]]) -> Thresholds:
    """The region's own, or, where it set a target precision and the model knows by which scores it is reached, the model's.

    `learned`: "organisation", "level" → precision → score; the model never reached a precision that is missing. That a topic
    is right says little about the organisation, so with a target the organisation has to be sure itself. Nothing is surer
    than the region asks of a topic.
    """
    explicit = settings.auto_route_threshold
    own = Thresholds(
        explicit,
        max(explicit, settings.organisation_threshold),
        max(explicit, settings.level_threshold),
    )
    target = settings.target_precision
    if target is None or not learned.keys() & {"organisation", "level"}:
        return own
    organisation, level = (learned.get(kind, {}).get(target) for kind in ("organisation", "level"))
    return Thresholds(None, organisation, level, of_model=True)


def is_sure(score: float, threshold: float | None) -> bool:
    """Whether a score decides."""
    return threshold is not None and score >= threshold


def rank_organisations(
    reference: RegionReference,
    guess: Guess,
    location: Location,
    complained_about: UUID | None = None,
    on: date | None = None,
) -> Ranked:
    """Organisations with probabilities (their sum is at most 1), best first; nobody where the place is unknown.

    By the rules alone, or, where the model has learned organisations, half by the rules and half by what it learned. The one
    complained about and what stands below it are left out (59-ФЗ ст. 8 ч. 6).
    """
    by_rules = rank_by_competence(reference, guess, location, on)
    return rank_with_hints(reference, guess, by_rules, complained_about)


def rank_with_hints(
    reference: RegionReference, guess: Guess, by_rules: Scores, complained_about: UUID | None
) -> Ranked:
    """The rules' scores with what the model learned of organisations, if it did."""
    scores = by_rules
    if guess.agencies:
        learned = dict(read_hints(reference, guess.agencies))
        scores = {
            each: (1 - HINT_SHARE) * scores.get(each, 0.0) + HINT_SHARE * learned.get(each, 0.0)
            for each in {**scores, **learned}
        }
    return only_receivers(reference, _order(scores.items()), complained_about)


def only_receivers(reference: RegionReference, ranked: Ranked, complained_about: UUID | None) -> Ranked:
    """Without whom a complaint must not go to: the one complained about and what stands below it (59-ФЗ ст. 8 ч. 6)."""
    return tuple(pair for pair in ranked if may_receive(reference, pair[0], complained_about))


def rank_by_competence(
    reference: RegionReference,
    guess: Guess,
    location: Location,
    on: date | None = None,
    house: Served | None = None,
) -> Scores:
    """What the rules of a day make of the likely topics at the place and the house; several contested places share every
    topic's probability."""
    if location.unknown is not None:
        return {}
    places = location.contested or (location.municipality,)
    shares = SHARES if places == (None,) else SHARES_KNOWING_PLACE
    scores: dict[UUID, float] = {}
    for topic, probability in guess.ranked:
        weight = probability / len(places)
        for place in places:
            named = reference.named_by_rules(topic, place, on, house)
            for share, organisation in zip(shares, named, strict=False):
                if organisation is not None:
                    scores[organisation] = scores.get(organisation, 0.0) + weight * share
    return scores


def rank_levels(reference: RegionReference, ranked: Ranked) -> Ranked:
    """Levels of government, each named by its topmost organisation, best first, with about calibrated probabilities.

    A level's share of what is ranked says too much, its sum too little: topics that were not ranked lie in the likely levels,
    too, but not as often.
    """
    sums: dict[UUID, float] = {}
    for organisation, score in ranked:
        level = reference.levels[organisation]
        sums[level] = sums.get(level, 0.0) + score
    total = sum(sums.values())
    known = UNRANKED + (1 - UNRANKED) * total
    return _order((level, score / known) for level, score in sums.items())


def inside(reference: RegionReference, level: UUID, ranked: Ranked) -> Ranked:
    """Those of a level that stand below its topmost organisation."""
    return tuple((each, score) for each, score in ranked if each != level and reference.levels[each] == level)


def read_hints(reference: RegionReference, agencies: Sequence[tuple[str, float]]) -> Ranked:
    """Names of a learned agency head → active organisations of the region; others are passed over."""
    found: dict[UUID, float] = {}
    for name, score in agencies:
        known = reference.organisation_in_use(reference.organisations_by_name.get(plain_name(name)))
        if known is not None:
            found.setdefault(known.id, score)
    return tuple(found.items())


def find_contradiction(reference: RegionReference, hints: Ranked, chosen: UUID | None) -> UUID | None:
    """The level that the model learned for such texts, where it is another than the rules' and sure enough."""
    if not hints or chosen is None:
        return None
    level, score = rank_levels(reference, hints)[0]
    return level if score >= CONTRADICTION and level != reference.levels[chosen] else None


def _order(scores: Iterable[tuple[UUID, float]]) -> Ranked:
    rounded = ((organisation, round(score, 4)) for organisation, score in scores)
    return tuple(sorted(rounded, key=lambda pair: (-pair[1], pair[0])))
