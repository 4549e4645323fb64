"""Which organisation is competent for a text, by the demo region's rules alone: what the shipped model lacks.

Pure but for the CSV files, which are read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from otklik.demo import REGION, Reference, read_reference
from otklik.demo_places import demo_directory
from services.routing.placement.rules.locations import locate
from services.routing.reference.rules.competence import CompetenceRule, RuleIndex, index_rules
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.territory import make_gazetteer

Ranked = list[tuple[str, float]]
# How much of a topic's probability its candidates get, the most specific rule's organisation first. Where the text names no
# place, the rules guess a city; and organisations of one matter overlap in life. Set so that scores are about calibrated.
SHARES_KNOWING_PLACE = (0.95, 0.03, 0.02)
SHARES = (0.75, 0.1, 0.05)
MOST = 6


class Prediction(Protocol):
    """A classifier's guess; labels are names of topics."""

    @property
    def topic(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def alternatives(self) -> Sequence[tuple[str, float]]: ...


@dataclass(frozen=True)
class Competence:
    """The demo region's rules, and what is needed to apply them to a text."""

    topics: Mapping[str, tuple[str, str]]  # name → code, group
    organisations: Mapping[UUID, str]  # id → name
    rules: RuleIndex
    places: RegionReference


@lru_cache(maxsize=1)
def demo_competence() -> Competence:
    """Read from the CSV files of the demo region."""
    reference = read_reference()
    return Competence(
        topics={topic["name"]: (topic["code"], topic["group"]) for topic in reference["topics"]},
        organisations={_id(one["code"]): one["name"] for one in reference["organisations"]},
        rules=index_rules(
            CompetenceRule(
                id=_id(str(number)),
                organisation_id=_id(rule["organisation"]),
                topic=rule["topic"],
                group=rule["group"],
                municipality=rule["municipality"],
                role=rule["role"],
            )
            for number, rule in enumerate(reference["rules"])
        ),
        places=_places_of(reference),
    )


def _places_of(reference: Reference) -> RegionReference:
    """What is needed to find out where."""
    stems = [(place["oktmo"], place["stems"]) for place in reference["municipalities"]]
    return RegionReference(
        REGION,
        places=frozenset(oktmo for oktmo, _ in stems),
        gazetteer=make_gazetteer(stems),
        directory=demo_directory(),
    )


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"otklik/{REGION}/{name}")


def rank_by_rules(text: str, prediction: Prediction) -> Ranked:
    """Names of organisations with scores (their sum is at most 1), best first.

    Each likely topic gives its probability to the organisations that the rules name for it at the place the text names.
    """
    competence = demo_competence()
    municipality = locate(competence.places, None, None, text).municipality
    shares = SHARES_KNOWING_PLACE if municipality else SHARES
    scores: dict[UUID, float] = {}
    for topic, probability in [(prediction.topic, prediction.confidence), *prediction.alternatives]:
        for share, organisation in zip(shares, _candidates(competence, topic, municipality), strict=False):
            scores[organisation] = scores.get(organisation, 0.0) + probability * share
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(competence.organisations[organisation], score) for organisation, score in ranked[:MOST]]


def _candidates(competence: Competence, topic: str, municipality: str | None) -> list[UUID]:
    """Organisations the rules name for a topic, most specific first, helpers last."""
    if topic not in competence.topics:
        return []
    code, group = competence.topics[topic]
    rules = [
        rule
        for role in ("lead", "co_executor")
        for rule in competence.rules.candidates(code, group, municipality, role)
    ]
    return list(dict.fromkeys(rule.organisation_id for rule in rules))
