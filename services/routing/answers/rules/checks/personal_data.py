"""`personal_data`: somebody's documents, illness, debts, home or private phone; officials' names and posts are none."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding, blocking

_ADVICE: Final = "Уберите персональные данные третьих лиц (152-ФЗ, 59-ФЗ ст. 6): имя, адрес, телефон, документы, сведения о здоровье и долгах."
_DOCUMENTS: Final = re.compile(
    r"паспорт[а-я]*\s*(?:данны[а-я]+\s*)?(?:рф\s*)?(?:[:,]\s*)?(?:сери[яи]\s*)?(?:№\s*)?\d{2}\s?\d{2}(?:\s|,|№|номер)*\d{6}|"
    r"\bсери[яи]\s+\d{2}\s?\d{2}\s*,?\s*(?:№|номер)?\s*\d{6}|\b\d{3}-\d{3}-\d{3}[\s-]\d{2}\b|снилс[^.]{0,20}\d{3}|"
    r"\bинн\s*:?\s*\d{12}\b|\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b|полис[а-я]*\s*(?:омс\s*)?(?:№\s*)?\d{16}|"
    r"свидетельств[а-я]+ о рождении[^.]{0,20}\d{6}"
)
_BORN: Final = re.compile(
    r"\d{4}\s*(?:г\.?\s*р\b|года рождени)|\d{2}\.\d{2}\.\d{4}\s*(?:г\.?\s*р|года рождени|рождени)|(?:дата рождения|родил(?:ся|ась))[^.]{0,12}\d|"
    r"\d{2}\.\d{2}\.(?:19|20)\d{2}\s*г\.\s*р"
)
_HEALTH: Final = re.compile(
    r"диагноз[а-я]*\s*[:–«\"-]?\s*(?!не\b|был[аио]?\b|и\b|в\b)[а-я«\"]|\bстрада(?:ет|ющ|вш|ла?\b)|состоит на (?:диспансерн[а-я]+ )?учет[еу][^.]{0,20}(?:нарколог|психи|диспанс|"
    r"онколог|фтизиатр|гастро|врач|вич)|(?:больн[ао]й|болен|больна|болеет|переболел[а]?)\s+(?:[а-я]+\s+)?(?:диабет|туберк|раком|вич|гепатит|шизофрен|"
    r"эпилепси|онколог|алкоголизм|псих|астм)|шизофрен|\bвич-|гепатит|(?:хроническ[а-я]+ )?алкоголизм|наркозависим|деменци|"
    r"эпилепси|психическ[а-я]+ (?:расстройств|заболев)|инвалид[а-я]* (?:i|1|2|3|ii|iii|перв|втор|трет)[а-я-]* групп|наблюдается (?:по|у|с)|зависимост[а-я]+ [iv1-3]|цирроз|синдром [а-я]|инвалидност[а-я]+ по|\bберемен|лечится (?:от|в)|перенес[а-я]* (?:инсульт|инфаркт|операц)"
)
_DEBT: Final = re.compile(
    r"гражданин[а-я]* [а-я ]{3,40} (?:должен|задолжал)|(?:задолженност|долг)[а-я]{0,6}[^.]{0,80}(?:квартир[а-я]*|кв\.)\s*(?:№\s*)?\d+|(?:квартир[а-я]*|кв\.)\s*(?:№\s*)?\d+[^.]{0,80}(?:задолженност|долг[аеиу]?\b|должен|не платит|должн)"
)
_NEIGHBOUR: Final = re.compile(
    r"(?:сосед|жил[еь]ц|жильц|жительниц|квартирант|собственни[кц]|владел[еь]ц|проживающ|зарегистрир)"
)
_SURNAME: Final = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
_PATRONYMIC: Final = r"[А-ЯЁ][а-яё]+(?:вич|вн|ичн|ьич)[а-яё]{0,3}"
_NAME: Final = re.compile(
    rf"\b{_SURNAME}\s+{_SURNAME}\s+{_PATRONYMIC}\b|\b{_SURNAME}\s+{_PATRONYMIC}(?:\s+{_SURNAME})?\b|"
    rf"\b{_SURNAME}\s+[А-ЯЁ]\.\s?[А-ЯЁ]\.|\b[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?{_SURNAME}\b"
)
_SURNAME_ONLY: Final = re.compile(
    rf"(?:[Гг]р(?:ажданин|ажданк|\.)[а-я]*|[Гг]-(?:н|жа|ну|на|же)\b|[Сс]осед(?:к|ом|а|у)?[а-я]*|[Зз]аявител[а-я]+|[Пп]ациент[а-я]*|[Жж]ительниц[а-я]*|"
    rf"[Жж]илец|[Жж]ильц[а-я]+|[Сс]упруг[а-я]*|[Сс]ын[а-я]*|[Дд]оч[а-я]+|[Уу]ченик[а-я]*|[Мм]ать|[Оо]тец|[Сс]обственни[а-я]+)\s+"
    rf"(?:[а-я]+\s+)?(?:(?:квартиры|кв\.)\s*(?:№\s*)?\d+\s*)?({_SURNAME})"
)
_OFFICIAL: Final = re.compile(
    r"(?:начальник|директор|инженер|специалист|мастер|\bврач|глав[аыеу]\b|главн|заместител|\bзам\b|инспектор|исполнител|исп\.|контактн|\bотдел|управлени|комитет|рабоч[а-я]+ тел|служебн|\bвопросы|депутат|мэр|министр|председател|"
    r"руководител|диспетчер|заведующ|секретар|консультант|юрист|бригадир|прораб|куратор|помощник|педагог|воспитател|учител|тренер|фельдшер|участковый|"
    r"участков(?:ого|ому|ым)|прокурор|судь|управляющ|менеджер|оператор|губернатор|полковник|майор|капитан|лейтенант|техник|агроном|архитектор|методист|"
    r"регистратор|психолог|администратор|предпринимател|\bип\b|подрядчик|уважени|ответственн|куратор|советник|референт|эксперт|пристав|хирург|терапевт|невролог|"
    r"педиатр|кардиолог|эндокринолог|стоматолог|водител|слесар|электрик|дворник|механик|кинолог|ветеринар|аудитор|нотариус|библиотекар|художник)[а-я]*"
)
_NAMESAKE: Final = re.compile(
    r"(?:\bул\b\.?|улиц[а-я]*|\bим\b\.?|имени|проспект[а-я]*|\bпр\b\.?|\bпер\b\.?|переул[а-я]*|площад[а-я]*|сквер[а-я]*|парк[а-я]*|школ[а-я]*|набережн[а-я]*|памятник[а-я]*|бульвар[а-я]*)\s*(?:[а-яё]+\s+){0,2}$",
    re.IGNORECASE,
)
_GREETED: Final = re.compile(r"уважаем[а-я]+\s*$", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?:\+7|\b8)[\s(-]*9\d{2}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}\b")
_PRIVATE_PHONE: Final = re.compile(
    r"(?:личн|мобильн|сотов|домашн|сосед|заявител|жил[еь]ц|собственник|е[её] телефон|его телефон|владел|гражданин|граждан[ак]|родител|"
    r"свидетел|вашей?го?\s+[а-я]+)"
)
_BEFORE: Final = 90
_BEHIND: Final = 60


def find_personal_data(answer: CheckedAnswer) -> Finding | None:
    """The first piece that belongs to a person and to nobody else."""
    text = answer.text.folded
    for pattern in (_DOCUMENTS, _BORN, _DEBT):
        if match := pattern.search(text):
            return _finding(answer, match.span())
    for span in _people(answer):
        return _finding(answer, span)
    for finder in (_illness, _private_phone):
        if (found := finder(answer)) is not None:
            return _finding(answer, found)
    return None


def _finding(answer: CheckedAnswer, span: tuple[int, int]) -> Finding:
    return blocking("personal_data", answer.text.piece(*span), _ADVICE)


def _people(answer: CheckedAnswer) -> list[tuple[int, int]]:
    """Names that are no official's, no street's, and not the citizen's own in the greeting."""
    text = answer.text.normal.text
    named = [match.span() for match in _NAME.finditer(text) if not _is_public(text, *match.span())]
    alone = [match.span(1) for match in _SURNAME_ONLY.finditer(text)]
    return named + alone


def _is_public(text: str, start: int, stop: int) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    if _NAMESAKE.search(before) or _GREETED.search(before):
        return True
    return _has_post(before, text[stop : stop + _BEHIND]) and not _NEIGHBOUR.search(before[-30:].lower())


def _has_post(before: str, behind: str) -> bool:
    nearest = re.split(r"[.!?]\s+(?=[А-ЯЁ])", before)[-1].lower()
    following = re.split(r"[.!?]\s", behind)[0].lower()
    return bool(_OFFICIAL.search(nearest) or re.match(rf"\s*[,(–-]+\s*{_OFFICIAL.pattern}", following))


def _illness(answer: CheckedAnswer) -> tuple[int, int] | None:
    """An illness of somebody in particular: the citizen's own question, or a rule of law, names illnesses, too."""
    text = answer.text.folded
    asked = answer.question.folded if answer.question else ""
    for match in _HEALTH.finditer(text):
        around = text[max(0, match.start() - _BEFORE) : match.end() + _BEHIND]
        if match.group() not in asked and (_NEIGHBOUR.search(around) or _SOMEBODY.search(around)):
            return match.span()
    return None


_SOMEBODY: Final = re.compile(
    r"\b(?:он|она|его|ее|ему|ей|ваш[а-я]*|мать|отец|сын[а-я]*|доч[а-я]+|пациент[а-я]*|сосед[а-я]*|гражданин[а-я]*|гражданк[а-я]+|супруг[а-я]*|женщин[а-я]+|мужчин[а-я]+|ученик[а-я]*|ребен[а-я]+)\b"
)


def _private_phone(answer: CheckedAnswer) -> tuple[int, int] | None:
    text = answer.text.folded
    for match in _PHONE.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if _PRIVATE_PHONE.search(before) and not _OFFICIAL.search(before):
            return match.span()
    return None
