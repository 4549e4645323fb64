"""The applicant's own flat, in what they write and in their address, however it is spelled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.intake.masking import mask_address, mask_text
from services.intake.masking.persons import Applicant, mask_appeal, mask_words

HOMES = [
    "г. Курск, ул. Ленина, д. 12, кв. 5",
    "Ленина д12кв5",
    "г. Курск, Ленина 12, 5",
    "Ленина 12, 5-я квартира",
]


@pytest.mark.parametrize("mask", [mask_appeal, mask_words])
@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Живу на Ленина 12-5, дует", "Живу на Ленина 12, [квартира], дует"),
        ("Живу на Ленина 12, 5", "Живу на Ленина 12, [квартира]"),
        ("Живу на Ленина, 12/5", "Живу на Ленина, 12, [квартира]"),
        ("дует в квартире пять", "дует в [квартира]"),
    ],
)
def test_ones_own_flat_is_hidden_in_ones_own_words(
    mask: Callable[[str, Applicant], str], home: str, text: str, masked: str
) -> None:
    assert mask(text, Applicant(address=home)) == masked


@pytest.mark.parametrize(
    "text", ["На Ленина 12 дует", "автобусы 5 и 12", "дома 12, 15", "5 м от дома 12", "12-50 рублей"]
)
def test_other_numbers_than_ones_own_home_stay(text: str) -> None:
    assert mask_appeal(text, Applicant(address=HOMES[0])) == text


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("Ленина д12кв5", "Ленина д12"),
        ("Ленина 12кв5", "Ленина 12"),
        ("д.12кв.5", "д.12"),
        ("г. Курск, ул. Ленина, 12, 5", "г. Курск, ул. Ленина, 12"),
        ("Ленина 12, кв пять", "Ленина 12"),
        ("Ленина 12, кв. двадцать пять", "Ленина 12"),
        ("Ленина дом 12 квартира пять", "Ленина дом 12"),
        ("Ленина 12, 5-я квартира", "Ленина 12"),
        ("Ленина 12, 5 кв.", "Ленина 12"),
        ("Ленина 12, 5 кв, подъезд 2", "Ленина 12, подъезд 2"),
        ("Ленина 12а, 5 кв.", "Ленина 12а"),
        ("Ленина 12, кв.5/2", "Ленина 12"),
        ("Ленина 12а кв.5а/2", "Ленина 12а"),
    ],
)
def test_no_spelling_leaves_a_flat_in_an_address(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@pytest.mark.parametrize(
    "address",
    [
        "г. Балаково, мкр. 5, 12",
        "7 квартал, 12",
        "305000, Курск, 50 лет Октября, 12",
        "305000, 12",
        "Ленина 12, квартал пятый",
        "Ленина 12, 5 квартал",
        "ул. 8 Марта, 12",
        "Ленина 12/5",
    ],
)
def test_an_address_keeps_its_house(address: str) -> None:
    assert mask_address(address) == address


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Ленина 12кв5, дует", "Ленина 12, [квартира], дует"),
        ("на д12кв.5 дует", "на д12, [квартира] дует"),
        ("Ленина 12, кв.5/2", "Ленина 12, [квартира]"),
        ("площадь 45кв.м, ещё 45кв2", "площадь 45кв.м, ещё 45кв2"),
        ("линия 10кВ 5 опор", "линия 10кВ 5 опор"),
    ],
)
def test_a_flat_that_is_stuck_to_its_house_is_hidden_in_any_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked
