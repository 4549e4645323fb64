"""What must never leave this service, and what must stay readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.masking import mask_address, mask_text
from tests.effort import least_seconds


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("звоните 8 (910) 123-45-67", "звоните [телефон]"),
        ("тел. +79101234567.", "тел. [телефон]."),
        ("89101234567", "[телефон]"),
        ("9101234567 или 53-12-34", "[телефон] или [телефон]"),
        ("тел. 531234", "тел. [телефон]"),
        ("пишите ivan.petrov@mail.ru, жду", "пишите [почта], жду"),
        ("СНИЛС 123-456-789 01", "СНИЛС [документ]"),
        ("паспорт 38 04 123456", "паспорт [документ]"),
        ("паспорт серии 3804 № 123456 выдан", "паспорт серии [документ] выдан"),
        ("ИНН 463200012345", "ИНН [документ]"),
        ("карта 4276 1234 5678 9012", "карта [документ]"),
        ("д. 5 кв. 12", "д. 5 [квартира]"),
        ("в квартире №5а холодно", "в [квартира] холодно"),
        ("дом 12-34", "дом 12, [квартира]"),
        ("Меня зовут Мария Достоевская, живу", "Меня зовут [имя], живу"),
        ("Я, Сидоров Пётр Ильич, прошу", "Я, [имя], прошу"),
        ("С уважением, Сидоров И.И.", "С уважением, [имя]"),
        ("обратился Кузнецову Ивану Петровичу", "обратился [имя]"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "дома 7 12 14 16 18 20 не убирают",
        "с 2024-05-12 по 12.05.2024, с 10:30 до 18:00",
        "12-05-24",
        "в 2019 2020 2021 годах",
        "площадь 45 кв. м, квартира 45 м",
        "кадастровый номер 46:29:102301:123",
        "Я живу на улице Ленина, яма у дома 5",
        "нужно ли это",
        "",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Иванов Пётр Сергеевич", "Иванову Петру Сергеевичу, Ивановым, петром, ИВАНОВ"),
        ("Достоевская Ольга", "Достоевской Ольге, Достоевскую, Ольгой"),
        ("Лев Кравец", "Льву Кравцу, Льва, Кравцом"),
        ("Павел", "Павла, Павлу, Павлом, о Павле"),
        ("Мария", "Марии, Марию, Марией"),
        ("Андрей Тихий", "Андрею Тихому, Андреем Тихим"),
        ("Ян Ли", "Яну Ли, Яном"),
        ("Мамин-Сибиряк Дмитрий", "Мамина-Сибиряка Дмитрия"),
    ],
)
def test_own_name_is_masked_in_every_case(name: str, text: str) -> None:
    masked = mask_text(text, name)
    assert all(word[:2].lower() != part[:2].lower() for part in name.split() for word in masked.split())
    assert "[имя]" in masked


def test_initials_go_with_the_name() -> None:
    assert mask_text("пишет П. С. Иванов и Иванов П.С. снова", "Иванов Пётр") == "пишет [имя] и [имя] снова"


def test_particles_survive_a_two_letter_name() -> None:
    assert mask_text("нужно ли это Ли?", "Ли Ян") == "нужно ли это [имя]?"


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("г. Курск, ул. Ленина, д. 12, кв. 34", "г. Курск, ул. Ленина, д. 12"),
        ("ул. Ленина, 12-34", "ул. Ленина, 12"),
        ("Ленина 12/1-5", "Ленина 12/1"),
        ("ул. Ленина, д.5, квартира №7а, подъезд 2", "ул. Ленина, д.5, подъезд 2"),
        ("пр-т Хрущева 10", "пр-т Хрущева 10"),
    ],
)
def test_address_loses_the_flat(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@given(st.text(max_size=300), st.text(max_size=40))
def test_anything_can_be_masked(text: str, name: str) -> None:
    assert isinstance(mask_text(text, name), str)
    assert isinstance(mask_address(text, name), str)


@given(
    st.sampled_from(
        ["а", "Аа ", "1", "1 ", "1-", "a@", "a.", "Я ", "кв ", "Иванов А.", "+7", "(9", "паспорт ", " ", "А."]
    ),
    st.integers(1, 3),
)
def test_no_text_takes_long(piece: str, times: int) -> None:
    text = (piece * 10_000)[: 10_000 // times]
    assert least_seconds(lambda: mask_text(text, "Иванов Пётр Сергеевич")) < 0.5
