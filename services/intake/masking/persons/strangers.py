"""Other people, where the words beside them say that they are private persons."""

from __future__ import annotations

import re

from services.intake.masking.draft import DATE, HIDDEN_DATE, HIDDEN_FLAT, HIDDEN_NAME, NAME, Draft
from services.intake.masking.introductions import private_people
from services.intake.masking.names import full_names
from services.intake.masking.places import CAPITAL, names_a_street

_INITIALS = r"[А-Я]\.\s?(?:[А-Я]\.)?"
_UPPER = r"[А-Я]{2,30}(?:-[А-Я]{2,30})?"
_PERSON = rf"(?:{CAPITAL}|{_UPPER})(?: {_INITIALS}|(?: (?:{CAPITAL}|{_UPPER})){{0,2}})"
_PRIVATE = "|".join(
    (
        r"[Гг]р\.",
        "[Гг]ражданин[а-я]{0,2}",
        "[Гг]ражданк[а-я]{1,2}",
        "[Сс]осед(?:[а-я]{0,3}|к[а-я]{1,2})",
        "[Дд]оч(?:ь|ери|ерью)",
        "[Сс]ын[а-я]{0,2}",
        "[Мм]уж(?:а|у|ем)?",
        "[Жж]ен(?:а|ы|е|у|ой)",
        "[Сс]упруг[а-я]{0,2}",
        "[Мм]ат(?:ь|ери|ерью)",
        "[Мм]ам[а-я]{1,2}",
        "[Оо]т(?:ец|ца|цу|цом)",
        "[Бб]рат[а-я]{0,2}",
        "[Сс]естр[а-я]{1,2}",
        "[Бб]абушк[а-я]{1,2}",
        "[Дд]едушк[а-я]{1,2}",
        "[Вв]нук[а-я]{0,2}",
        "[Вв]нучк[а-я]{1,2}",
        "[Сс]обственник[а-я]{0,2}",
        "[Нн]анимател[а-я]{1,2}",
        "[Жж]ител(?:ь|я|ю|ем|ьниц[а-я]{1,2})",
        "[Зз]аявител(?:ь|я|ю|ем|ьниц[а-я]{1,2})",
        "[Пп]редставител(?:ь|я|ю|ем)",
        "[Рр]ебен(?:ок|ка|ку|ком)",
        "[Оо]пекун[а-я]{0,2}",
        "[Пп]енсионер[а-я]{0,3}",
        "[Ии]нвалид[а-я]{0,2}",
        "[Оо]чевид[а-я]{2,3}",
        "[Сс]видетел[а-я]{1,2}",
        r"[Сс]тарш(?:ий|ая|ей|ему|им|его)\s(?:по\s)?(?:дом|подъезд)[а-я]{0,2}",
    )
)
_INTRODUCED = re.compile(
    rf"(?<!\w)((?:{_PRIVATE})(?:\s(?:заявител[а-я]{{1,4}}|по\s[а-я]{{3,12}}|кв\.\s?\d{{1,4}}|{HIDDEN_FLAT}{{5,12}})){{0,2}}[\s,:(-]{{1,3}}\(?)(?P<name>{_PERSON})"
)
_PATRONYMIC = r"(?:вич(?:а|у|ем|е)?|вн(?:а|ы|е|у|ой)|ичн(?:а|ы|е|у|ой)|ьич(?:а|у|ом|е)?)"
_FULL_NAME = re.compile(
    rf"\b(?:{CAPITAL} ){{1,2}}[А-Я][а-я]{{1,20}}{_PATRONYMIC}\b(?:\s{CAPITAL}(?=[\s,.;)]))?"
)
_FULL_UPPER = re.compile(
    rf"\b(?:{_UPPER} ){{1,2}}[А-Я]{{2,20}}(?:ВИЧ(?:А|У|ЕМ|Е)?|ВН(?:А|Ы|Е|У|ОЙ)|ИЧН(?:А|Ы|Е|У|ОЙ))\b"
)
_OGLY = re.compile(
    rf"\b(?:{CAPITAL} ){{1,3}}(?:[Оо]глы|[Кк]ызы|[Гг]ызы|[Уу]лы)\b|\b(?:{CAPITAL} ){{0,2}}{CAPITAL}-(?:оглы|кызы|гызы)\b"
)
_LIVING = re.compile(
    rf"\b({_PERSON})(?=,?\s(?:проживающ|зарегистрированн|прописанн|\d{{4}}\s?г\.?\s?р|{HIDDEN_DATE}))"
)
_BIRTHDAY_OF = re.compile(rf"\({HIDDEN_NAME}{{3,90}}[, ]{{1,3}}(?P<day>\d\d\.\d\d\.\d{{4}})(?= ?[);,])")


def hide_strangers(draft: Draft) -> None:
    """Hide whoever is named in full or introduced as a neighbour, a relative, a resident …"""
    draft.hide_all(_OGLY, NAME, with_capitals=True)
    draft.hide_all(_INTRODUCED, NAME, "name", with_capitals=True)
    draft.hide_all(_LIVING, NAME, 1, with_capitals=True)
    draft.hide_all(_FULL_UPPER, NAME, with_capitals=True)
    draft.hide_all(_FULL_NAME, NAME, with_capitals=True, unless=_is_institution)
    draft.hide(list(full_names(draft, with_father=True)), NAME)
    draft.hide(list(private_people(draft)), NAME)
    draft.hide_all(_BIRTHDAY_OF, DATE, "day")


def _is_institution(match: re.Match[str]) -> bool:
    return names_a_street(match.string, match.start(), match.end())
