"""When a name stands for a street, an institution, a firm, a date or a make of car."""

from __future__ import annotations

import re

from services.intake.rules.masking import CAPITAL

_FIRST_NAMES_OF_STREETS = (
    "Льва|Розы|Любови|Марии|Максима|Карла|Юрия|Сергея|Александра|Алексея|Николая|Ивана|Петра|Михаила|Дмитрия|Ф[её]дора|Антона"
    "|Анны|Веры|Зои|Лизы|Надежды|Ольги|Павла|Степана|Василия|Владимира|Андрея|Григория|Богдана|Клары|Фридриха|Мусы|Габдуллы"
    "|Рихарда|Софьи|Якова|Сем[её]на|Олега|Валентина|Валерия|Константина|Кирилла|Георгия|Евгения|Матвея|Нины|Маршала|Генерала"
)
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:ул|просп|пр|пер|пл|бул|ш|наб|мкр|им|ст|г|с|д|пос|п)\.|\b(?:пр-т|пр-кт|б-р|р-н|мкр)\.?|(?i:\b(?:улиц|проспект|проезд|переулк|переулок"
    r"|площад|бульвар|шоссе|набережн|микрорайон|имен|станци|остановк|парк|сквер|школ|библиотек|лице|гимнази|театр|кинотеатр|музе|памятник"
    r"|дворц|завод|район|деревн|сел|пос[её]лк|город|тупик|алле|кладбищ|родник|мост|храм|церк)[а-яё]{0,4}))"
    rf"[\s«\"„(]{{1,3}}(?:(?:{_FIRST_NAMES_OF_STREETS})\s)?(?:[А-ЯЁ]\.\s?){{0,2}}(?:{CAPITAL}-)?$"
)
# What is named after people rarely has an address of somebody beside it: any first name may come between.
_NAMED_AFTER = re.compile(
    r"(?i:\b(?:памятник|имен|музе|усадьб|библиотек|театр|школ|лице|гимнази|парк|сквер)[а-яё]{0,4}|\bим\.)"
    rf"\s(?:братьев\s|сест[её]р\s|{CAPITAL}\s|[А-ЯЁ]\.\s?){{0,2}}$"
)
_PLACE_AFTER = re.compile(
    r"^\s(?:ул\.|улиц|проспект|пр-т|пр\.|бульвар|б-р|переул|пер\.|шоссе|площад|проезд|район|сельсовет)"
)
_FIRM_BEFORE = re.compile(
    r"(?:\b(?:ООО|АО|ПАО|ЗАО|ОАО|ИП|МУП|ГУП|МКУ|МБУ|ГБУ|МБДОУ|МДОУ|МБОУ|ТСЖ|ТСН|СНТ|ДНТ|ЖСК|УК|ТЦ|ТРЦ|НКО|АНО|ЧОП)|(?i:\b(?:магазин"
    r"|кафе|аптек|салон|рын|детск|сад|компани|фирм|рестора|гостиниц|центр|клуб|газет|сайт|систем|проект|программ|акци|конкурс"
    r"|фестивал|санатори|лагер|маршрут)[а-яё]{0,5}))"
    r"[^.;!?]{0,25}[«\"„]$"
)
_DATE_BEFORE = re.compile(r"\b\d{1,2}(?:-?[а-яё]{1,2})?\s$")
_BRANDS_AFTER = re.compile(r"^\s(?:Вест|Грант|Калин|Приор|Ларгус|Нив)")


def names_a_place(text: str, start: int, stop: int) -> bool:
    """Whether a name stands for a street, an institution, a firm, a date or a make of car."""
    before, after = text[max(0, start - 40) : start], text[stop : stop + 12]
    return bool(
        _PLACE_BEFORE.search(before)
        or _NAMED_AFTER.search(before)
        or _PLACE_AFTER.search(after)
        or _FIRM_BEFORE.search(before)
        or _DATE_BEFORE.search(before)
        or _BRANDS_AFTER.search(after)
    )
