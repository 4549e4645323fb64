"""When a name stands for a street, an institution, a firm, a date or a make of car."""

from __future__ import annotations

import re

CAPITAL = r"[А-Я][а-я]{1,30}(?:-[А-Я][а-я]{1,30})?"
_FIRST_NAMES_OF_STREETS = (
    "Льва|Розы|Любови|Марии|Максима|Карла|Юрия|Сергея|Александра|Алексея|Николая|Ивана|Петра|Михаила|Дмитрия|Федора|Антона"
    "|Анны|Веры|Зои|Лизы|Надежды|Ольги|Павла|Степана|Василия|Владимира|Андрея|Григория|Богдана|Клары|Фридриха|Мусы|Габдуллы"
    "|Рихарда|Софьи|Якова|Семена|Олега|Валентина|Валерия|Константина|Кирилла|Георгия|Евгения|Матвея|Нины|Маршала|Генерала"
)
# After these a name is a place's, whatever else stands before it; initials behind it make it a person's again.
_STREET_BEFORE = re.compile(
    r"(?:\b(?:[Уу]л|[Пп]росп|[Пп]ер|[Пп]л|[Нн]аб|пр|бул|ш|мкр|им|ст)\.|\b(?:[Уу]л|пр-к?т[а-я]{0,2}|б-р[а-я]?|мкр)(?=\W)\.?|(?i:\b(?:улиц|проспект|проезд|переулк|переулок"
    r"|площад|бульвар|шоссе|набережн|микрорайон|станци|остановк|тупик|алле)[а-я]{0,4}|(?<!от\s)\bимени))"
    rf"[\s«\"„(]{{0,3}}(?:(?:{_FIRST_NAMES_OF_STREETS})\s)?(?:[А-Я]\.\s?){{0,2}}(?:{CAPITAL}-)?$"
)
# What is named after people rarely has an address of somebody beside it: any first name may come between.
_NAMED_AFTER = re.compile(
    r"(?i:\b(?:памятник|музе|усадьб|театр|парк|сквер)[а-я]{0,4}|\bим\.|(?<!от\s)\bимени)"
    rf"\s(?:братьев\s|сестер\s|{CAPITAL}\s|[А-Я]\.\s?){{0,2}}$"
)
_STREET_AFTER = re.compile(
    r"^\s(?:ул\.|улиц|проспект|пр-т|пр\.|бульвар|б-р|переул|пер\.|шоссе|площад|проезд|район|сельсовет)"
)
# After these a name alone is a place's; beside initials or another part of the name it is a person's.
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:с|д|пос|п)\.|(?i:\b(?:кинотеатр|дворц|завод|деревн|сел|поселк|кладбищ|родник|мост|храм|церк)[а-я]{0,4}))"
    r"[\s«\"„(]{1,3}$"
)
_FIRM_BEFORE = re.compile(
    r"(?:\b(?:ООО|АО|ПАО|ЗАО|ОАО|ИП|МУП|ГУП|МКУ|МБУ|ГБУ|МБДОУ|МДОУ|МБОУ|ТСЖ|ТСН|СНТ|ДНТ|ЖСК|УК|ТЦ|ТРЦ|НКО|АНО|ЧОП)|(?i:\b(?:магазин"
    r"|кафе|аптек|салон|рын|детск|сад|компани|фирм|рестора|гостиниц|центр|клуб|газет|сайт|систем|проект|программ|акци|конкурс"
    r"|фестивал|санатори|лагер|маршрут)[а-я]{0,5}))"
    r"[^.;!?]{0,25}[«\"„]$"
)
_DATE_BEFORE = re.compile(r"\b\d{1,2}(?:-?[а-я]{1,2})?\s$")
_MONTH = re.compile(r"(?i)^(?:март|апрел|ма[йяею]|июн|июл|август)")
_BRANDS_AFTER = re.compile(r"^\s(?:Вест|Грант|Калин|Приор|Ларгус|Нив)")
_LOOK_BACK, _LOOK_AHEAD = 40, 12


_ANY_CASE = tuple(
    re.compile(pattern.pattern, re.IGNORECASE) for pattern in (_STREET_BEFORE, _NAMED_AFTER, _STREET_AFTER)
)


def names_a_street(text: str, start: int, stop: int, *, any_case: bool = False, behind: bool = True) -> bool:
    """Whether what is named is a street or something that is called after a person.

    `any_case`: without capitals too; `behind`: also where the word for it comes after the name.
    """
    before, after = text[max(0, start - _LOOK_BACK) : start], text[stop : stop + _LOOK_AHEAD]
    street, named, follows = _ANY_CASE if any_case else (_STREET_BEFORE, _NAMED_AFTER, _STREET_AFTER)
    return bool(street.search(before) or named.search(before) or (behind and follows.search(after)))


def names_a_thing(text: str, start: int, stop: int) -> bool:
    """Whether a name that stands alone is a village's, a firm's, a month's or a car's."""
    before, after = text[max(0, start - _LOOK_BACK) : start], text[stop : stop + _LOOK_AHEAD]
    if _DATE_BEFORE.search(before) and _MONTH.search(text[start:stop]):
        return True
    return bool(_PLACE_BEFORE.search(before) or _FIRM_BEFORE.search(before) or _BRANDS_AFTER.search(after))
