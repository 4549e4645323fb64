"""By which words texts name the places of a region: what a model is given to know them by (see `classifier.places`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import product

from chassis.normal import fold
from services.routing.classifier.features import is_proper_name
from services.routing.classifier.places import WHOLE
from services.routing.reference.rules.declension import forms_of_name, forms_of_word, words_of
from services.routing.reference.rules.settlements import URBAN, Settlement, SettlementDirectory

STREET_WORDS = ("улица", "улицы", "улице", "улицу", "ул", "проспект", "проспекта", "проспекте", "пр")
# Of a metropolis all streets would make the model's file large and its reading slow.
MOST_STREETS = 3000
DISTRICT = "район"
SHORTEST = 4  # letters of a village's name that is looked for alone


def place_stems(directory: SettlementDirectory) -> dict[str, list[str]]:
    """Place → stems: of each municipality by all that lies in it, and of each town by itself, since towns have
    administrations beside those of their districts."""
    stems: dict[str, set[str]] = defaultdict(set)
    for oktmo, name in directory.names.items():
        stems[name].update(_stems_of_district(name))
        for council, places in directory.by_council.items():
            if places == {oktmo}:
                stems[name].update(f"{council}{ending} сельсовет" for ending in ("ий", "ого", "ому", "ом"))
    for each in directory.by_code.values():
        municipality = directory.names.get(each.municipality, each.municipality)
        if each.is_town or each.kind in URBAN:
            stems[f"г. {each.name}"].update(_forms(each.name))
            stems[municipality].update(_whole(_forms(each.name)))
        elif _stands_alone(each, directory):
            stems[municipality].update(_whole(_forms(each.name)))
    for municipality, street in _streets(directory):
        stems[municipality].update(f"{word} {street}" for word in STREET_WORDS)
    return {place: sorted(stems[place]) for place in sorted(stems) if stems[place]}


def _stems_of_district(name: str) -> Iterable[str]:
    """«льговского район» for all cases of «Льговский район»; nothing for a town, which is a settlement as well."""
    words = words_of(name)
    if words[-1] != DISTRICT:
        return ()
    return (" ".join((*parts, DISTRICT)) for parts in product(*map(forms_of_word, words[:-1])))


def _forms(name: str) -> list[str]:
    return [" ".join(words) for words in product(*forms_of_name(words_of(name)))]


def _whole(stems: Iterable[str]) -> Iterable[str]:
    return (stem + WHOLE for stem in stems)


def _stands_alone(village: Settlement, directory: SettlementDirectory) -> bool:
    """Whether a village's name means it without its district: no other has it, and it is no word of the language."""
    words = words_of(village.name)
    bearers = {
        other.municipality
        for toponym in directory.by_form.get(words[-1], ())
        for other in toponym.settlements
        if toponym.name == words
    }
    unique = len(bearers) == 1 and not village.namesakes
    return unique and (len(words) > 1 or (len(words[0]) >= SHORTEST and is_proper_name(words[0])))


def _streets(directory: SettlementDirectory) -> list[tuple[str, str]]:
    """(municipality, name without its ending) of streets that only one municipality has; none where there are too many."""
    streets: list[tuple[str, str]] = []
    for street, codes in directory.by_street.items():
        places = {directory.by_code[code].municipality for code in codes}
        if len(places) == 1:
            oktmo = places.pop()
            streets.append((directory.names.get(oktmo, oktmo), fold(street)))
    return streets if len(streets) <= MOST_STREETS else []
