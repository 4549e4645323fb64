"""Numbers of papers, cars and accounts, and days of birth; what belongs to a body or a thing stays."""

from __future__ import annotations

import re

from services.intake.rules.masking import DOCUMENT, mask_numbers

_PLATE = re.compile(r"(?i)(?<!\w)[АВЕКМНОРСТУХ]\s?\d{3}\s?[АВЕКМНОРСТУХ]{2}\s?\d{2,3}(?!\d)")
_BORN = re.compile(
    r"(?i)((?:дат[аыуе]\s{1,3}рождения|родил(?:ся|ась)|родивш[а-яё]{2,4}ся|д\.\s?р\.|род\.|рожд[а-яё]{0,5}\.?)[\s:–-]{0,4})"
    r"(\d{1,2}[.\s/-]{1,2}(?:\d{1,2}|[а-яё]{3,8})[.\s/-]{1,2}\d{4})"
)
_YEAR_OF_BIRTH = re.compile(
    r"(?i)\b(?:\d{1,2}[.\s](?:\d{1,2}|[а-яё]{3,8})[.\s])?(?:19|20)\d\d(?=\s?(?:г\.?\s?р\b|г\.?\s?рожд|года?\s{1,2}рожд))"
)
_PERSONS_ACCOUNT = re.compile(r"(?<!\d)(?:408(?:17|20)|423\d\d|426\d\d)(?:\s?\d){15}(?!\d)")
_NAMED_ACCOUNT = re.compile(
    r"(?i)(\bлицев[а-яё]{2,4}\s{1,3}сч[её]т[а-яё]{0,2}[\s:]{0,3}(?:№|номер)?\s{0,2})(\d[\d\s-]{4,18}\d)"
)
_SNILS_SPACED = re.compile(r"(?<!\d)\d{3}\s\d{3}\s\d{3}\s\d{2}(?!\d)")


_NAMED_PAPER = re.compile(
    r"(?i)(\b(?:загран)?паспорт[а-яё]{0,3}|\bвоенн[а-яё]{2,3}\s{1,2}билет[а-яё]{0,2}|\bудостоверени[а-яё]{1,2}|\bполис[а-яё]{0,2}|\bсвидетельств[а-яё]{1,2}\s{1,2}о\s{1,2}рождени[а-яё])"
    r"([^.;\d]{0,60}?)(?:[А-ЯЁIVX]{2,4}[-\s]?(?:[А-ЯЁ]{2}\s?)?|\d{2}\s?\d{0,2}\s?)(?:№|номер)?\s{0,2}\d{6,7}(?!\d)"
)


def mask_papers(text: str) -> str:
    """The text without them, and without phones that are no hotline's."""
    text = _PLATE.sub(DOCUMENT, text)
    text = _NAMED_PAPER.sub(rf"\1\2{DOCUMENT}", text)
    text = _BORN.sub(r"\1[дата]", text)
    text = _YEAR_OF_BIRTH.sub("[дата]", text)
    text = _PERSONS_ACCOUNT.sub(DOCUMENT, text)
    text = _NAMED_ACCOUNT.sub(rf"\1{DOCUMENT}", text)
    text = _SNILS_SPACED.sub(DOCUMENT, text)
    return mask_numbers(text, keeps=_is_public_number)


# Words before a number that is nobody's own.
_PUBLIC = re.compile(
    r"(?i)(?:горяч[а-яё]{2}\s{1,2}лини|при[её]мн|диспетчер|справочн|контакт-центр|дежурн|телефон[а-яё]{0,2}\s{1,2}доверия"
    r"|аварийн|единый|единого|номер[а-яё]{0,2}\s{1,2}112|кбк|огрн|закупк|аукцион|контракт|извещени|сч[её]тчик|прибор[а-яё]{0,2}\s{1,2}уч"
    r"|заводск|кадастр|инвентарн|договор|лицензи|рпо|\bисх|\bвх|регистрационн)"
)
_BODYS_NUMBER = re.compile(r"(?i)\bинн(?:\s[а-яё]{2,20})?[\s:№–-]{1,4}$")
_BEFORE = 60


def _is_public_number(text: str, start: int, found: str) -> bool:
    """Whether the words before a number of this kind say that it belongs to a body, a thing or a paper."""
    digits = re.sub(r"\D", "", found)
    if digits[:4] in ("8800", "7800"):
        return True
    before = re.split(r"[;!?]|,\s(?=[А-Яа-яЁё])|(?<=[а-яё]{3})\.\s", text[max(0, start - _BEFORE) : start])[
        -1
    ]
    if _BODYS_NUMBER.search(before):
        return len(digits) == 10
    return _PUBLIC.search(before) is not None
