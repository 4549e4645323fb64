"""People for the second set of personal data: names in their cases, drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A name in the four cases that letters need: nominative, genitive, dative, instrumental."""

    surname: tuple[str, str, str, str]
    first: tuple[str, str, str, str]
    father: tuple[str, str, str, str]

    def full(self, case: int, order: str) -> str:
        """`order`: of S, F and P."""
        parts = {"S": self.surname[case], "F": self.first[case], "P": self.father[case]}
        return " ".join(parts[letter] for letter in order)


_MEN_SURNAMES = [
    "Бурмистров",
    "Говорухин",
    "Дроздецкий",
    "Железняков",
    "Зиновьев",
    "Ивашов",
    "Караваев",
    "Лопатников",
    "Маслобоев",
    "Нехорошев",
    "Овсянкин",
    "Плетнёв",
    "Разинков",
    "Самсоненко",
    "Тарабрин",
    "Умеренков",
    "Фильшин",
    "Халилов",
    "Цуканов",
    "Чурилов",
    "Шаповалов",
    "Щепотьев",
    "Юшин",
    "Ярыгин",
    "Костюк",
    "Гайдай",
]
_MEN = (
    (
        "Вадим Дениса Денису Денисом|Геннадий Геннадия Геннадию Геннадием|Эдуард Эдуарда Эдуарду Эдуардом|Руслан Руслана Руслану Русланом"
        "|Степан Степана Степану Степаном|Илья Ильи Илье Ильёй|Тимур Тимура Тимуру Тимуром|Арсений Арсения Арсению Арсением"
        "|Захар Захара Захару Захаром|Валерий Валерия Валерию Валерием"
    )
    .replace("Вадим Дениса Денису Денисом", "Денис Дениса Денису Денисом")
    .split("|")
)
_FATHERS_OF_MEN = [
    "Аркадьевич",
    "Леонидович",
    "Фёдорович",
    "Тимофеевич",
    "Васильевич",
    "Юрьевич",
    "Олегович",
    "Рашидович",
    "Кириллович",
    "Макарович",
]
_WOMEN_SURNAMES = [
    "Барышникова",
    "Воропаева",
    "Гребенникова",
    "Дьяконова",
    "Ермоленко",
    "Жмыхова",
    "Звягинцева",
    "Кобзева",
    "Лукьянчикова",
    "Мезенцева",
    "Носова",
    "Пашкова",
    "Рябинина",
    "Скрипченко",
    "Токарева",
    "Уварова",
    "Филатова",
    "Хомякова",
    "Чаплыгина",
    "Шевелева",
    "Якушина",
    "Каменецкая",
    "Полянская",
    "Дубровская",
]
_WOMEN = [
    "Людмила Людмилы Людмиле Людмилой",
    "Зинаида Зинаиды Зинаиде Зинаидой",
    "Оксана Оксаны Оксане Оксаной",
    "Кристина Кристины Кристине Кристиной",
    "Тамара Тамары Тамаре Тамарой",
    "Лариса Ларисы Ларисе Ларисой",
    "Раиса Раисы Раисе Раисой",
    "Наталья Натальи Наталье Натальей",
    "Дарья Дарьи Дарье Дарьей",
    "Гульнара Гульнары Гульнаре Гульнарой",
]
_FATHERS_OF_WOMEN = [
    "Аркадьевна",
    "Леонидовна",
    "Фёдоровна",
    "Тимофеевна",
    "Васильевна",
    "Юрьевна",
    "Олеговна",
    "Рашидовна",
    "Кирилловна",
    "Макаровна",
]


def _surname_of_man(name: str) -> tuple[str, str, str, str]:
    if name.endswith(("ко", "их", "ых", "ай")):
        return (name, name, name, name)
    if name.endswith("ий"):
        stem = name[:-2]
        return (name, f"{stem}ого", f"{stem}ому", f"{stem}им")
    return (
        name,
        f"{name}а",
        f"{name}у",
        f"{name}ым" if name[-2:] in ("ов", "ев", "ёв", "ин") else f"{name}ом",
    )


def _surname_of_woman(name: str) -> tuple[str, str, str, str]:
    if name.endswith("ко"):
        return (name, name, name, name)
    stem = name.removesuffix("ая") if name.endswith("ая") else name[:-1]
    return (name, f"{stem}ой", f"{stem}ой", f"{stem}ой")


def draw_person(chance: random.Random) -> Person:
    """Anybody."""
    if chance.random() < 0.5:
        father = chance.choice(_FATHERS_OF_MEN)
        first = tuple(chance.choice(_MEN).split())
        fathers = (father, f"{father}а", f"{father}у", f"{father}ем")
        return Person(_surname_of_man(chance.choice(_MEN_SURNAMES)), first, fathers)  # type: ignore[arg-type]
    father = chance.choice(_FATHERS_OF_WOMEN)
    fathers = (father, f"{father[:-1]}ы", f"{father[:-1]}е", f"{father[:-1]}ой")
    first = tuple(chance.choice(_WOMEN).split())
    return Person(_surname_of_woman(chance.choice(_WOMEN_SURNAMES)), first, fathers)  # type: ignore[arg-type]
