"""The judge of masked texts, on texts masked by hand, and the shape of the set it reads."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.intake.spelled import (
    KINDS,
    FalseMasks,
    Inserted,
    Item,
    Kind,
    false_masks,
    hidden,
    inserted,
    items,
    readable,
)

TEXTS = ["В доме 12 нет воды! Прошу проверить счётчик.", "На ул. Ленина яма."]


def placed(kind: Kind, text: str, secret: str) -> Inserted:
    start = text.index(secret)
    return Inserted(Item(kind, text, secret), text, start, start + len(secret))


def test_the_set_holds_a_thousand_different_items_each_with_its_secret_once() -> None:
    whole = items()
    assert Counter(item.kind for item in whole) == dict(
        zip(KINDS, (300, 100, 150, 150, 150, 150), strict=True)
    )
    assert len({item.sentence for item in whole}) == len({(i.kind, i.secret) for i in whole}) == 1000
    assert all(item.sentence.count(item.secret) == 1 for item in whole)


def test_every_item_is_readable_as_long_as_nothing_is_masked_and_hidden_once_its_secret_is_gone() -> None:
    for original in inserted(TEXTS, seed=9):
        assert original.text[original.start : original.end] == original.item.secret
        assert not hidden(original, original.text), original.item
        masked = f"{original.text[: original.start]}[скрыто]{original.text[original.end :]}"
        assert hidden(original, masked), original.item
        assert false_masks(original, masked).missing == 0


def test_the_same_seed_puts_the_same_items_between_the_same_sentences() -> None:
    first = list(inserted(TEXTS, seed=1))
    assert first == list(inserted(TEXTS, seed=1)) != list(inserted(TEXTS, seed=2))
    around = {original.text.replace(original.item.sentence, "…") for original in first}
    assert {
        "… В доме 12 нет воды! Прошу проверить счётчик.",
        "В доме 12 нет воды! … Прошу проверить счётчик.",
        "В доме 12 нет воды! Прошу проверить счётчик. …",
    } <= around
    assert not any("ул. …" in text for text in around)


@pytest.mark.parametrize(
    ("masked", "left"),
    [
        ("Маршрут 8-910, звоните [телефон].", set()),
        ("Маршрут 8-910, звоните [телефон]-67.", set()),
        ("Маршрут 8-910, звоните [телефон]-45-67.", {"4567"}),
        ("Маршрут 8-910, звоните 8 9\u200b10 [телефон].", {"8910"}),
    ],
)
def test_a_number_is_readable_by_four_digits_in_a_row_whatever_stands_between(
    masked: str, left: set[str]
) -> None:
    original = placed("phone", "Маршрут 8-910, звоните 8 9\u200b10 123-45-67.", "8 9\u200b10 123-45-67")
    assert readable(original, masked) == left


def test_a_number_that_stands_elsewhere_too_is_not_held_against_the_mask() -> None:
    original = placed("document", "С 2021 года паспорт 3804 202156.", "3804 202156")
    assert hidden(original, "С 2021 года паспорт [документ].")
    assert readable(original, "С 2021 года паспорт [документ] 2021[документ].") == {"2021"}


@pytest.mark.parametrize(
    "secret", ["Oleg.Ivin@mail.ru", "oleg.ivin собака mail.ru", "oleg\u200b.ivin (at) mail.ru"]
)
def test_a_mail_is_readable_by_its_local_part_and_not_by_its_domain(secret: str) -> None:
    original = placed("mail", f"Пишите на {secret}, жду.", secret)
    assert hidden(original, "Пишите на [почта], жду.")
    assert hidden(original, "Пишите на [почта]@mail.ru, жду.")
    assert not hidden(original, "Пишите на [почта]ivin@mail.ru, жду.")
    assert not hidden(original, "Пишите на OLEG[почта], жду.")


def test_of_several_mails_each_must_be_hidden() -> None:
    original = placed("mail", "Адреса: dina@ya.ru, toma@bk.ru.", "dina@ya.ru, toma@bk.ru")
    assert readable(original, "Адреса: [почта], toma@bk.ru.") == {"toma"}


@pytest.mark.parametrize(
    ("masked", "left"),
    [
        ("ПИШЕТ [ИМЯ], ВЕРА В ВАС ЕСТЬ", set()),
        ("ПИШЕТ [ИМЯ] В., ВЕРА В ВАС ЕСТЬ", set()),
        ("ПИШЕТ ОРЛОВА-[ИМЯ], ВЕРА В ВАС ЕСТЬ", {"орлова"}),
        ("ПИШЕТ [ИМЯ]-КИМ, ВЕРА В ВАС ЕСТЬ", {"ким"}),
        ("ПИШЕТ [ИМЯ] ВЕРА, ВЕРА В ВАС ЕСТЬ", {"вера"}),
    ],
)
def test_a_name_is_readable_by_any_word_of_three_letters_and_not_by_initials(
    masked: str, left: set[str]
) -> None:
    original = placed(
        "name_capitals", "ПИШЕТ ОРЛОВА-К\u00adИМ ВЕРА В., ВЕРА В ВАС ЕСТЬ", "ОРЛОВА-К\u00adИМ ВЕРА В."
    )
    assert readable(original, masked) == left


def test_false_masks_count_the_words_outside_the_secret_that_are_missing() -> None:
    original = placed("phone", "Дом 12, дом 14, тел. 51-23-45.", "51-23-45")
    assert false_masks(original, "Дом 12, дом 14, тел. [телефон].") == FalseMasks(missing=0, words=5)
    assert false_masks(original, "Дом 12, [адрес], тел. [телефон].") == FalseMasks(missing=2, words=5)
