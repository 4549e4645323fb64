"""How people put an event into words: names of places in the forms they write, and texts changed by other hands."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.routing.incidents.geography import Place, Settlement, Street

_SETTLEMENT_WORDS = {
    "г": ("г. ", "город ", ""),
    "пгт": ("пгт ", "посёлок ", "п. ", ""),
    "п": ("п. ", "посёлок ", "пос. ", ""),
    "с": ("с. ", "село ", "с.", ""),
    "д": ("д. ", "деревня ", "дер. ", ""),
    "сл": ("слобода ", "сл. ", ""),
    "х": ("х. ", "хутор "),
    "м": ("м. ", "местечко "),
}
_GREETING = re.compile(
    r"^(добрый день|добрый вечер|здравствуйте|здрасте|уважаем\w+( [а-яё]+)?)[!.,:]?\s+", re.IGNORECASE
)
_WORD = re.compile(r"(?<![{\w])[а-яё]{5,}(?![}\w])", re.IGNORECASE)
_GREETINGS = ("Здравствуйте! ", "Добрый день. ", "Добрый день, ", "Доброго времени суток! ", "Здравствуйте. ")
_OWN = (
    " Живу здесь двадцать лет, такого не было.",
    " Соседи тоже будут писать.",
    " Очень просим помочь.",
    " Сил больше нет.",
    " Надеюсь на скорый ответ.",
    " Звонила вчера, обещали разобраться.",
    " Я инвалид второй группы, мне тяжело.",
    " У меня маленький ребёнок.",
    " Фото могу прислать.",
    " Это уже не первый раз.",
    " Куда ещё обращаться, не знаю.",
    " Родители пожилые, переживаю за них.",
    " Пожалуйста, не отписывайтесь.",
    " Заранее спасибо.",
    " Пишу от имени всех соседей.",
    " Муж на работе, я одна с детьми.",
    " Примите меры!!!",
    " Ответ прошу прислать сюда же.",
    " Налоги платим исправно.",
    " Сам видел сегодня.",
)
_HERE = (" Это {on}, {house}.", " Живём {on} {house}.", " Мы {on}, дом {house}.", " {on} {house} всё это.")
_ALSO = (
    " То же самое {on}.",
    " И {on} так же.",
    " Знакомые {on} жалуются на то же.",
    " Не только у нас, {on} тоже.",
)


def street_form(street: Street, rng: random.Random) -> str:
    """A street in the nominative, as somebody writes it."""
    if street.kind == "проспект":
        return rng.choice(("проспект ", "пр-т ", "пр. ", "пр-кт ", "просп. ")) + street.name
    if street.name.endswith("ая") and rng.random() < 0.08:
        return f"{street.name} {street.kind}"
    return rng.choices(("ул. ", "улица ", "ул ", "ул.", ""), (40, 22, 10, 9, 19))[0] + street.name


def on_street(street: Street, rng: random.Random) -> str:
    """«на Ленина», «на Сумской», «на проспекте Победы»."""
    if street.kind == "проспект":
        return f"на проспекте {street.name}"
    words = [word[:-2] + {"ая": "ой", "яя": "ей"}.get(word[-2:], word[-2:]) for word in street.name.split()]
    if street.name == "Красный Октябрь" or rng.random() < 0.15:
        return f"на улице {street.name if street.name == 'Красный Октябрь' else ' '.join(words)}"
    return f"на {' '.join(words)}"


def settlement_form(settlement: Settlement, rng: random.Random) -> str:
    """A settlement in the nominative, with or without the word for its kind."""
    return rng.choice(_SETTLEMENT_WORDS[settlement.kind]) + settlement.name


def filled(template: str, place: Place, rng: random.Random) -> str:
    """The template with the place's names; forms of street and house vary where the sentence bears it."""
    text = template
    if "дом" not in text.lower() and "({street}" not in text:
        pair = rng.choice(("{street}, {house}", "{street} {house}", "{street}, д. {house}", "{street} д.{house}",
                           "{street}, дом {house}", "{street}, {house}"))  # fmt: skip
        text = text.replace("{street}, {house}", pair)
    named = place.settlement.name if "ункт" in text else settlement_form(place.settlement, rng)
    text = text.replace("{settlement}", named).replace("{house}", place.house)
    text = text.replace("{street}", street_form(place.street, rng))
    raised = template[:1] == "{" and text[1:2] != "." and rng.random() < 0.6
    return text[:1].upper() + text[1:] if raised else text


def with_own_place(text: str, street: Street, rng: random.Random) -> str:
    """The text, and where its writer lives: «Живём на Ленина {house}»."""
    joint = "" if text.endswith((".", "!", "?", ")")) else "."
    added = rng.choice(_HERE).replace("{on}", on_street(street, rng)).lstrip()
    return f"{text}{joint} {added[:1].upper()}{added[1:]}"


def with_neighbour(text: str, other: Street, rng: random.Random) -> str:
    """The text, and that a neighbouring street has the same."""
    joint = "" if text.endswith((".", "!", "?", ")")) else "."
    return text + joint + rng.choice(_ALSO).format(on=on_street(other, rng))


def address_of(place: Place, rng: random.Random, *, whole: bool) -> str:
    """What stands in a portal's address field: the whole address, or only street and house."""
    street = street_form(place.street, rng)
    house = rng.choice((", д. {}", ", {}", ", дом {}", " {}", ", д.{}")).format(place.house)
    if not whole:
        return street + (house if rng.random() < 0.75 else "")
    settlement = place.settlement
    town = (rng.choice(_SETTLEMENT_WORDS[settlement.kind][:2]) + settlement.name).replace("посёлок ", "п. ")
    district = f"{settlement.district.replace('район', 'р-н')}, " if settlement.district else ""
    named = district if settlement.namesakes or rng.random() < 0.4 else ""
    region = rng.choices(("", "Курская область, ", "Курская обл., "), (60, 25, 15))[0]
    return f"{region}{named}{town}, {street}{house if rng.random() < 0.88 else ''}"


def changed(template: str, rng: random.Random) -> str:
    """The same words from other hands: one to three small changes; names in braces stay."""
    text = template
    for change in rng.sample(_CHANGES, rng.choices((1, 2, 3), (35, 45, 20))[0]):
        text = change(text, rng)
    return text if text != template else _own_sentence(text, rng)


def lowered(text: str) -> str:
    """Without any capital, as from a telephone in haste."""
    return text.lower()


def _greeting(text: str, rng: random.Random) -> str:
    without = _GREETING.sub("", text)
    if without != text:
        return without[:1].upper() + without[1:]
    return rng.choice(_GREETINGS) + text


def _typos(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 2, 3))):
        words = list(_WORD.finditer(text))
        if words:
            found = rng.choice(words)
            text = text[: found.start()] + _mistyped(found.group(), rng) + text[found.end() :]
    return text


def _mistyped(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )


def _small(text: str, _: random.Random) -> str:
    return text[:1].lower() + text[1:].replace("ё", "е")


def _own_sentence(text: str, rng: random.Random) -> str:
    joint = "" if text.endswith((".", "!", "?", ")", "…")) else "."
    return text + joint + rng.choice(_OWN)


def _careless(text: str, _: random.Random) -> str:
    return text.rstrip(".").replace(" — ", " - ").replace(",", "", 1)


def _loud(text: str, rng: random.Random) -> str:
    return text.rstrip(".!") + rng.choice(("!", "!!", "!!!", "..."))


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _greeting, _typos, _typos, _small, _own_sentence, _own_sentence, _careless, _loud,
)  # fmt: skip
