"""What a model is given to know a region's places by."""

from __future__ import annotations

import pytest

from services.routing.classifier.features import describe_text
from services.routing.classifier.places import Places
from services.routing.reference.rules.place_stems import place_stems
from services.routing.reference.rules.settlements import Settlement, make_directory

MUNICIPALITIES = [("38622000", "Льговский район"), ("38710000", "Город Льгов"), ("38620000", "Курский район")]
SETTLEMENTS = [
    Settlement("1", "Льгов", "г", "38710000"),
    Settlement("2", "Городенск", "с", "38622000", "Городенский сельсовет"),
    Settlement("3", "Искра", "п", "38620000", "Новопоселеновский сельсовет"),
    Settlement("4", "Моква", "д", "38620000"),
    Settlement("5", "Моква", "д", "38622000"),
]
STREETS = [("1", "улица Литейная"), ("1", "улица Ленина"), ("2", "улица Ленина")]
PLACES = Places(place_stems(make_directory(SETTLEMENTS, STREETS, MUNICIPALITIES)))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Яма во Льгове", {"г. Льгов", "Город Льгов"}),
        ("МУП «Льговское» не вывозит мусор", {"г. Льгов"}),
        ("Жители Льговского района", {"г. Льгов", "Льговский район"}),
        ("В Городенске нет воды", {"Льговский район"}),
        ("Глава Городенского сельсовета молчит", {"Льговский район"}),
        ("На улице Литейной темно", {"Город Льгов"}),
        ("На улице Ленина темно", set()),
        ("Искра из розетки", set()),
        ("В Мокве нет света", set()),
    ],
)
def test_a_place_is_named_by_what_lies_in_it(text: str, named: set[str]) -> None:
    assert {PLACES.names[number] for number in PLACES.find(describe_text(text).words)} == named


def test_stems_of_whole_words_survive_in_the_models_file() -> None:
    again = Places(PLACES.stems)
    assert again.find(["льгове"]) == PLACES.find(["льгове"])
    assert PLACES.vectors_of([["льгове"]]).any()
