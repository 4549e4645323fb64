"""Numbers of papers, cars and accounts, and days of birth; what belongs to a body or a thing stays."""

from __future__ import annotations

import re

from services.intake.masking.draft import DATE, DOCUMENT, Draft
from services.intake.masking.flats import hide_flats
from services.intake.masking.numbers import hide_numbers, hide_phones_in_words

_PLATE = re.compile(r"(?<!\w)[авекмнорстух] ?\d{3} ?[авекмнорстух]{2} ?\d{2,3}(?!\d)")
_DAY = r"\d{1,2}[. /-]{1,2}(?:\d{1,2}|[а-я]{3,8})[. /-]{1,2}\d{4}"
_BORN = re.compile(
    r"(?:дат[аыуе] рождения|родил(?:ся|ась)|родивш[а-я]{2,4}ся|д\. ?р\.|род\.|рожд[а-я]{0,5}\.?)[ :-]{0,4}"
    rf"(?P<day>{_DAY})"
)
_YEAR_OF_BIRTH = re.compile(
    r"\b(?:\d{1,2}[. ](?:\d{1,2}|[а-я]{3,8})[. ])?(?:19|20)\d\d(?= ?(?:г\.? ?р\b|г\.? ?рожд|года? рожд))"
)
_PERSONS_ACCOUNT = re.compile(r"(?<!\d)(?:408(?:17|20)|423\d\d|426\d\d)(?: ?\d){15}(?!\d)")
_NAMED_ACCOUNT = re.compile(
    r"\bлицев[а-я]{2,4} счет[а-я]{0,2}[ :]{0,3}(?:№|номер)? ?(?P<number>\d[\d -]{4,18}\d)"
)
_NAMED_PAPER = re.compile(
    r"(?:\b(?:загран)?паспорт[а-я]{0,3}|\bвоенн[а-я]{2,3} билет[а-я]{0,2}|\bудостоверени[а-я]{1,2}|\bполис[а-я]{0,2}|\bсвидетельств[а-я]{1,2} о рождени[а-я])"
    r"[^.;\d]{0,60}?(?P<number>(?:[а-яivx]{2,4}[- ]?(?:[а-я]{2} ?)?|\d{2} ?\d{0,2} ?)(?:№|номер)? ?\d{6,7})(?!\d)"
)


def hide_papers(draft: Draft) -> None:
    """Hide them, and phones that are no hotline's."""
    draft.hide_all(_PLATE, DOCUMENT)
    draft.hide_all(_NAMED_PAPER, DOCUMENT, "number")
    draft.hide_all(_BORN, DATE, "day")
    draft.hide_all(_YEAR_OF_BIRTH, DATE)
    draft.hide_all(_PERSONS_ACCOUNT, DOCUMENT)
    draft.hide_all(_NAMED_ACCOUNT, DOCUMENT, "number")
    hide_numbers(draft, keeps=_is_public_number)
    hide_phones_in_words(draft)
    hide_flats(draft)


# Words before a number that is nobody's own.
_PUBLIC = re.compile(
    r"(?:горяч[а-я]{2} лини|приемн|диспетчер|справочн|контакт-центр|дежурн|телефон[а-я]{0,2} доверия"
    r"|аварийн|единый|единого|номер[а-я]{0,2} 112|кбк|огрн|закупк|аукцион|контракт|извещени|счетчик|прибор[а-я]{0,2} уч"
    r"|заводск|кадастр|инвентарн|договор|лицензи|рпо|\bисх|\bвх|регистрационн)"
)
_BODYS_NUMBER = re.compile(r"\bинн(?: [а-я]{2,20})?[ :№-]{1,4}$")
_BEFORE = 60


def _is_public_number(text: str, start: int, found: str) -> bool:
    """Whether the words before a number of this kind say that it belongs to a body, a thing or a paper."""
    digits = re.sub(r"\D", "", found)
    if digits[:4] in ("8800", "7800"):
        return True
    before = re.split(r"[;!?]|, (?=[а-я])|(?<=[а-я]{3})\. ", text[max(0, start - _BEFORE) : start])[-1]
    if _BODYS_NUMBER.search(before):
        return len(digits) == 10
    return _PUBLIC.search(before) is not None
