"""Other people, where the words beside them say that they are private persons."""

from __future__ import annotations

import re

from services.intake.rules.masking import CAPITAL, NAME
from services.intake.rules.persons.places import names_a_street

_INITIALS = r"[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?"
_UPPER = r"[А-ЯЁ]{2,30}(?:-[А-ЯЁ]{2,30})?"
_PERSON = rf"(?:{CAPITAL}|{_UPPER})(?:\s{{1,2}}{_INITIALS}|(?:\s{{1,2}}(?:{CAPITAL}|{_UPPER})){{0,2}})"
_PRIVATE = "|".join(
    (
        r"[Гг]р\.",
        "[Гг]ражданин[а-яё]{0,2}",
        "[Гг]ражданк[а-яё]{1,2}",
        "[Сс]осед(?:[а-яё]{0,3}|к[а-яё]{1,2})",
        "[Дд]оч(?:ь|ери|ерью)",
        "[Сс]ын[а-яё]{0,2}",
        "[Мм]уж(?:а|у|ем)?",
        "[Жж]ен(?:а|ы|е|у|ой)",
        "[Сс]упруг[а-яё]{0,2}",
        "[Мм]ат(?:ь|ери|ерью)",
        "[Мм]ам[а-яё]{1,2}",
        "[Оо]т(?:ец|ца|цу|цом)",
        "[Бб]рат[а-яё]{0,2}",
        "[Сс]естр[а-яё]{1,2}",
        "[Бб]абушк[а-яё]{1,2}",
        "[Дд]едушк[а-яё]{1,2}",
        "[Вв]нук[а-яё]{0,2}",
        "[Вв]нучк[а-яё]{1,2}",
        "[Сс]обственник[а-яё]{0,2}",
        "[Нн]анимател[а-яё]{1,2}",
        "[Жж]ител(?:ь|я|ю|ем|ьниц[а-яё]{1,2})",
        "[Зз]аявител(?:ь|я|ю|ем|ьниц[а-яё]{1,2})",
        "[Пп]редставител(?:ь|я|ю|ем)",
        "[Рр]еб[её]н(?:ок|ка|ку|ком)",
        "[Оо]пекун[а-яё]{0,2}",
        "[Пп]енсионер[а-яё]{0,3}",
        "[Ии]нвалид[а-яё]{0,2}",
        "[Оо]чевид[а-яё]{2,3}",
        "[Сс]видетел[а-яё]{1,2}",
        r"[Сс]тарш(?:ий|ая|ей|ему|им|его)\s(?:по\s)?(?:дом|подъезд)[а-яё]{0,2}",
    )
)
_INTRODUCED = re.compile(
    rf"(?<!\w)((?:{_PRIVATE})(?:\s(?:заявител[а-яё]{{1,4}}|по\s[а-яё]{{3,12}}|кв\.\s?\d{{1,4}}|\[квартира\])){{0,2}}[\s,:(–-]{{1,3}}\(?)({_PERSON})"
)
_PATRONYMIC = r"(?:вич(?:а|у|ем|е)?|вн(?:а|ы|е|у|ой)|ичн(?:а|ы|е|у|ой)|ьич(?:а|у|ом|е)?)"
_FULL_NAME = re.compile(
    rf"\b(?:{CAPITAL}\s{{1,2}}){{1,2}}[А-ЯЁ][а-яё]{{1,20}}{_PATRONYMIC}\b(?:\s{CAPITAL}(?=[\s,.;)]))?"
)
_FULL_UPPER = re.compile(
    rf"\b(?:{_UPPER}\s{{1,2}}){{1,2}}[А-ЯЁ]{{2,20}}(?:ВИЧ(?:А|У|ЕМ|Е)?|ВН(?:А|Ы|Е|У|ОЙ)|ИЧН(?:А|Ы|Е|У|ОЙ))\b"
)
_OGLY = re.compile(
    rf"\b(?:{CAPITAL}\s{{1,2}}){{1,3}}(?:[Оо]глы|[Кк]ызы|[Гг]ызы|[Уу]лы)\b|\b(?:{CAPITAL}\s{{1,2}}){{0,2}}{CAPITAL}-(?:оглы|кызы|гызы)\b"
)
_LIVING = re.compile(
    rf"\b({_PERSON})(?=,?\s(?:проживающ|зарегистрированн|прописанн|\d{{4}}\s?г\.?\s?р|\[дата\]))"
)
_BIRTHDAY_OF = re.compile(rf"(\({re.escape(NAME)}[,\s]{{1,3}})\d{{2}}\.\d{{2}}\.\d{{4}}(?=\s?[);,])")


def mask_strangers(text: str) -> str:
    """Whoever is named in full or introduced as a neighbour, a relative, a resident …"""
    text = _OGLY.sub(NAME, text)
    text = _INTRODUCED.sub(_keep_introduction, text)
    text = _LIVING.sub(NAME, text)
    text = _FULL_UPPER.sub(NAME, text)
    text = _FULL_NAME.sub(_unless_after_institution, text)
    return _BIRTHDAY_OF.sub(r"\1[дата]", text)


def _keep_introduction(match: re.Match[str]) -> str:
    return match.group(1) + NAME


def _unless_after_institution(match: re.Match[str]) -> str:
    return match.group() if names_a_street(match.string, match.start(), match.end()) else NAME
