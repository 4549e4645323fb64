"""Which organisation is competent for a text, by the demo region's rules alone: what the shipped model lacks.

The ranking is production's (`placement.rules.levels`). Pure but for the CSV files, which are read once.
"""

from __future__ import annotations

from functools import lru_cache

from otklik.demo import REGION, read_reference
from otklik.demo_places import demo_directory
from services.routing.classifier.protocol import Prediction
from services.routing.placement.rules.guesses import read_guess
from services.routing.placement.rules.levels import rank_organisations
from services.routing.placement.rules.locations import locate
from services.routing.reference.rules.codes import organisation_id_of, topic_id_of
from services.routing.reference.rules.competence import CompetenceRule, KnownOrganisation
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference, make_reference
from services.routing.reference.rules.region_settings import RegionSettings

Ranked = list[tuple[str, float]]
MOST = 6


@lru_cache(maxsize=1)
def demo_reference() -> RegionReference:
    """The demo region as routing knows it, from its CSV files."""
    tables = read_reference()
    groups = {group["code"]: group["name"] for group in tables["groups"]}
    return make_reference(
        REGION,
        0,
        topics=[
            KnownTopic(topic["code"], topic["name"], topic["group"], groups[topic["group"]])
            for topic in tables["topics"]
        ],
        groups=groups,
        organisations=[
            KnownOrganisation(
                organisation_id_of(REGION, each["code"]),
                each["name"],
                each["kind"],
                organisation_id_of(REGION, each["parent"]) if each["parent"] else None,
                municipality=each["municipality"],
            )
            for each in tables["organisations"]
        ],
        stems=[(place["oktmo"], place["stems"] or ()) for place in tables["municipalities"]],
        rules=[
            CompetenceRule(
                id=topic_id_of(REGION, f"rule-{number}"),
                organisation_id=organisation_id_of(REGION, rule["organisation"]),
                topic=rule["topic"],
                group=rule["group"],
                municipality=rule["municipality"],
                role=rule["role"],
                season_from=rule["season_from"],
                season_to=rule["season_to"],
                service=rule["service"],
            )
            for number, rule in enumerate(tables["rules"])
        ],
        settings=RegionSettings(),
        directory=demo_directory(),
    )


def demo_levels() -> dict[str, str]:
    """Names of the demo region's organisations → the name of the topmost one of their level."""
    return demo_reference().names_of_levels


def rank_by_rules(text: str, prediction: Prediction) -> Ranked:
    """Names of organisations with scores (their sum is at most 1), best first: those that the rules name for the likely
    topics at the place the text names."""
    reference = demo_reference()
    location = locate(reference, None, None, text)
    ranked = rank_organisations(reference, read_guess(reference, prediction), location)
    return [(reference.organisations[organisation].name, score) for organisation, score in ranked[:MOST]]
