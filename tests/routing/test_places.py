"""Places in texts and addresses of the demo region: however they are spelled, and when nobody knows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import pytest

from otklik.demo import read_reference
from otklik.demo_places import demo_directory
from services.intake.masking import mask_text
from services.routing.classifier.corpus import read_rows
from services.routing.classifier.features import tokenize
from services.routing.classifier.model import load_model
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.guesses import Guess, read_guess
from services.routing.reference.rules.codes import organisation_id_of
from services.routing.reference.rules.competence import CompetenceRule, KnownOrganisation
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference, make_reference
from services.routing.reference.rules.region_settings import RegionSettings
from tests.effort import least_seconds

KURSK, ZOLOTUKHINO, LGOV, OBOYAN = "38701000", "38612000", "38710000", "38626101"
RUBBISH, BUSES = "t-rubbish", "t-buses"  # of the district's own; of the whole region
Spelling = Callable[[str], str]


@lru_cache(maxsize=1)
def demo_book() -> RegionReference:
    """The demo region with its rules, and a threshold that no guess falls below."""
    reference = read_reference()
    groups = {group["code"]: group["name"] for group in reference["groups"]}
    return make_reference(
        "46",
        1,
        topics=[
            *(
                KnownTopic(topic["code"], topic["name"], topic["group"], groups[topic["group"]])
                for topic in reference["topics"]
            ),
            KnownTopic(RUBBISH, "Мусор", "g-test", "Проверка"),
            KnownTopic(BUSES, "Автобусы", "g-test-2", "Проверка"),
        ],
        groups=[*groups, "g-test", "g-test-2"],
        organisations=[
            KnownOrganisation(organisation_id_of("46", body["code"]), body["name"], body["kind"])
            for body in reference["organisations"]
        ]
        + [KnownOrganisation(UUID(int=number), f"Мусор {number}", "municipal") for number in range(1, 100)],
        stems=[(place["oktmo"], place["stems"]) for place in reference["municipalities"]],
        rules=[
            *(
                CompetenceRule(
                    UUID(int=number),
                    organisation_id_of("46", rule["organisation"]),
                    topic=rule["topic"],
                    group=rule["group"],
                    municipality=rule["municipality"],
                    role=rule["role"],
                )
                for number, rule in enumerate(reference["rules"], 1)
            ),
            *(
                CompetenceRule(
                    UUID(int=10**6 + number), UUID(int=number), topic=RUBBISH, municipality=place["oktmo"]
                )
                for number, place in enumerate(reference["municipalities"], 1)
            ),
            CompetenceRule(UUID(int=10**7), organisation_id_of("46", "gov-46"), topic=RUBBISH),
            CompetenceRule(UUID(int=10**7 + 1), organisation_id_of("46", "gov-46"), topic=BUSES),
        ],
        settings=RegionSettings(auto_route_threshold=0.0),
        directory=demo_directory(),
    )


def place_of(text: str, address: str | None = None, municipality: str | None = None) -> str | None:
    """The municipality that is found."""
    return _decide(text, address, municipality).municipality


def _decide(
    text: str, address: str | None = None, municipality: str | None = None, topic: str = RUBBISH
) -> Decision:
    return decide(demo_book(), Question(text, address, topic, municipality), Guess())


@pytest.mark.parametrize(
    "text",
    [
        "В Золотухинском  районе не вывозят мусор",
        "В Золотухинском\tрайоне не вывозят мусор",
        "В\xa0Золотухинском\xa0районе не\xa0вывозят мусор",
        "Золотухинский р‑н, не вывозят мусор",
        "в золотухинском р-не, ЗОЛОТУХИНСКИЙ Р-Н",
        "Золотухинский р/н",
        "в Золотухинском р-оне",
        "Золотухинский р.н., свалка",
        "ЗОЛОТУХИНСКИЙ\nРАЙОН",
        "Золотухинский муниципальный район, д. Жерновец",
        "Золотухинский м.р-н, д. Жерновец",
        "в Золотухинском муниципальном округе",
        "Зо\u00adлотухинского рай\u200bона",
        "Зoлoтyxинcкий paйoн",
        "Золотухинский\u200bрайон",
        "Золотухинского — района",
    ],
)
def test_a_district_is_found_however_it_is_spelled(text: str) -> None:
    assert place_of(text) == ZOLOTUKHINO
    assert place_of("Свалка у дороги", text) == ZOLOTUKHINO


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("г.\xa0Льгов, ул. Ленина, 5", LGOV),
        ("Льгов, Советская 5", LGOV),
        ("307750, Курская область, г Льгов, ул Ленина", LGOV),
        ("гор. Льгов", LGOV),
        ("Обоянский район, г. Обоянь, ул. Ленина", OBOYAN),
        ("Курск , Ленина 5", KURSK),
        ("ул. Ленина, 5", None),
    ],
)
def test_a_place_is_found_in_an_address(address: str, place: str | None) -> None:
    decision = _decide("Не вывозят мусор", address)
    assert decision.municipality == place
    assert decision.triage_reason is None


@pytest.mark.parametrize(
    ("named", "quoted"),
    [
        ("в Красногвардейском районе не убирают", "Красногвардейском районе"),
        ("в КРАСНОГВАРДЕЙСКОМ\xa0 РАЙОНЕ", "КРАСНОГВАРДЕЙСКОМ РАЙОНЕ"),
        ("красногвардейский р‑н", "красногвардейский р‑н"),
        ("район Красногвардейский", "район Красногвардейский"),
        ("в Солнцнвском муниципальном округе", "Солнцнвском муниципальном округе"),
        ("Заозёрского сельсовета", "Заозёрского сельсовета"),
        ("г. Мухосранск, ул. Ленина", "г. Мухосранск"),
        ("г.МУХОСРАНСК", "г.МУХОСРАНСК"),
        ("г Мухосранск, ул Ленина", "г Мухосранск"),
        ("в городе мухосранске", "городе мухосранске"),
        ("д. Неизвестная", "д. Неизвестная"),
        ("дер. неизвестная", "дер. неизвестная"),
        ("с. Верхнее", "с. Верхнее"),
        ("пос. Дальний", "пос. Дальний"),
        ("пгт Дальний", "пгт Дальний"),
        ("в деревне Крутое нет света", "деревне Крутое"),
        ("в селе иваново-петрово", "селе иваново-петрово"),
        ("Белгородская область, Строитель", "Белгородская область"),
    ],
)
def test_a_place_that_nobody_knows_waits_for_a_coordinator(named: str, quoted: str) -> None:
    for decision in (_decide(f"Свалка, {named}"), _decide("Свалка у дороги", named)):
        assert decision.organisation_id is None
        assert decision.municipality is None
        assert decision.triage_reason == (
            f"Место «{quoted}» не найдено в справочнике территорий региона: уточните территорию и исполнителя."
        )


@pytest.mark.parametrize(
    "text",
    [
        "в нашем районе, спальный район, соседний район, отдалённый район, сельский район",
        "Центральный район города, исторический район, в районе школы, район вокзала",
        "в районе Московского шоссе, район Дружбы, в этом районе, р-н автовокзала",
        "в городе грязь, наша деревня, жители посёлка просят, город преобразился, в селе нет света",
        "в 2021 г. прошу, 2021г. дорога, в прошлом году, и т. д. прошу, и т.д. нет",
        "ул. Д. Донского, пр-т Н. Плевицкой, ул. С. Разина, Ж/Д. нет перил, д. 5, п. 3 ст. 5",
        "д. сад, село слово, город давно готово, Курская область, по краю дороги, в Курском крае дороги",
        "300 р. на руки, российский район, городской округ",
        "В город Росси, города России, в городе Воинской славы",
    ],
)
def test_where_no_place_is_named_the_rule_of_the_region_decides(text: str) -> None:
    decision = _decide(text)
    assert decision.triage_reason is None
    assert decision.organisation_id == organisation_id_of("46", "gov-46")


@pytest.mark.parametrize(
    ("text", "address", "place"),
    [
        ("В Золотухинском районе свалка, рядом д. Неизвестная", None, ZOLOTUKHINO),
        ("В Золотухинском районе свалка", "д. Неизвестная, ул. Ленина", ZOLOTUKHINO),
        ("Из Льгова и Курска везут мусор", "г. Льгов", LGOV),
        ("В Обоянском районе, г. Обоянь", None, OBOYAN),
    ],
)
def test_what_stands_beside_a_known_place_lies_in_it(text: str, address: str | None, place: str) -> None:
    decision = _decide(text, address)
    assert (decision.municipality, decision.triage_reason) == (place, None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("В Золотухинском районе свалка", "г. Льгов, ул. Ленина"),
        ("Мусор из Льгова лежит в Золотухинском районе", None),
        ("Свалка", "г. Курск, Золотухинский район"),
    ],
)
def test_different_places_are_contested_unless_they_have_one_organisation(
    text: str, address: str | None
) -> None:
    decision = _decide(text, address)
    assert decision.organisation_id is None
    assert decision.triage_reason == (
        "Названо несколько территорий, а исполнители у них разные: выберите исполнителя."
    )
    of_the_region = _decide(text, address, topic=BUSES)
    assert of_the_region.organisation_id == organisation_id_of("46", "gov-46")
    assert of_the_region.municipality is None


def test_a_town_that_nobody_knows_is_none_of_the_towns_that_the_text_names() -> None:
    decision = _decide("Жалуюсь на администрацию Курска", "г. Мухосранск")
    assert decision.organisation_id is None
    assert "«г. Мухосранск»" in (decision.triage_reason or "")


def test_a_municipality_that_the_region_does_not_know_waits_for_a_coordinator() -> None:
    decision = _decide("Мусор", municipality="45999000")
    assert decision.organisation_id is None
    assert "ОКТМО 45999000" in (decision.triage_reason or "")
    assert _decide("Мусор", municipality="38612404").triage_reason is None, "a settlement of a district"


def test_what_else_is_unclear_is_said_too() -> None:
    decision = decide(demo_book(), Question("Свалка, г. Мухосранск"), None)
    assert (decision.triage_reason or "").startswith("Тему определить не удалось")
    assert "«г. Мухосранск»" in (decision.triage_reason or "")


SPELLINGS: dict[str, Spelling] = {
    "two spaces": lambda text: text.replace(" ", "  "),
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "line breaks": lambda text: text.replace(" ", "\r\n"),
    "thin spaces, zero-width": lambda text: text.replace(" ", "\u2009\u200b"),
    "dashes": lambda text: text.replace("-", "‑"),
    "long dashes": lambda text: text.replace("-", "—"),
    "capitals": str.upper,
    "small letters": str.lower,
    "soft hyphens": lambda text: re.sub(r"(?<=\w\w)(?=\w\w)", "\u00ad", text),
    "decomposed": lambda text: text.replace("й", "и\u0306").replace("ё", "е\u0308"),
    "all at once": lambda text: text.upper().replace(" ", " \u202f\n").replace("-", "–"),
}


def test_no_appeal_of_the_sample_goes_elsewhere_when_it_is_spelled_otherwise(samples: Path) -> None:
    """All the way: masked, classified, placed."""
    texts = [row["text"] for row in read_rows(samples / "kursk_appeals.csv")]
    placed = [text for text in texts if place_of(text) is not None]
    assert len(placed) >= 380, "without the settlements it was 312"
    known: dict[tuple[str, ...], Guess] = {}
    as_written = _route(placed, known)
    assert sum(decision.organisation_id is not None for decision in as_written) == len(placed)
    for name, spelled in SPELLINGS.items():
        ways = _route([spelled(text) for text in placed], known)
        moved = [
            text
            for text, before, after in zip(placed, as_written, ways, strict=True)
            if (before.organisation_id, before.municipality) != (after.organisation_id, after.municipality)
        ]
        assert not moved, name


def _route(texts: list[str], known: dict[tuple[str, ...], Guess]) -> list[Decision]:
    """Texts of the same words get the same prediction, which is not made again."""
    decisions = []
    for text in map(mask_text, texts):
        words = tuple(tokenize(text))
        if words not in known:
            known[words] = read_guess(demo_book(), load_model().predict([text])[0])
        decisions.append(decide(demo_book(), Question(text), known[words]))
    return decisions


def test_few_texts_of_the_sample_name_a_place_that_nobody_knows(samples: Path) -> None:
    """28 of 1,963: villages that the directory lacks, misspelled districts, towns of other regions; read one by one."""
    texts = [row["text"] for row in read_rows(samples / "kursk_appeals.csv")]
    reasons = [_decide(text).triage_reason or "" for text in texts]
    assert 20 <= sum(reason.startswith("Место") for reason in reasons) <= 40


@pytest.mark.parametrize(
    "piece",
    [
        "г. ",
        "район ",
        "д.а",
        "р-н ",
        "ский район ",
        "а-",
        "ск",
        "деревня ",
        "м. ",
        "муниципальн ",
        "беловский ",
    ],
)
def test_places_are_looked_for_in_proportion_to_the_text(piece: str) -> None:
    long = (piece * 10_000)[:10_000]
    assert least_seconds(lambda: _decide(long, long)) < 0.5
