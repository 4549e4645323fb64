"""`refusal_without_ground`: no, and not a word why."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding, blocking
from services.routing.answers.rules.traces import CAUSE, COMPETENCE, NORM, without_papers

_ADVICE: Final = "Объясните отказ: назовите норму (статью, пункт), полномочия или установленные факты и подскажите, что можно сделать."
REFUSAL: Final = re.compile(
    r"отказан[оаы]?\b|\bотказ(?:ать|ываем|ываю)|вынужден[аоы]?\s+отказ|не представляется возможн|"
    r"(?:нет|не имеем|не имеется|отсутствует)\s+(?:[а-я]+\s+)?возможност|невозможно\b|не можем\b|не может быть|быть не может|"
    r"не (?:планиру|предполага|целесообраз|поддержан|подлежит|положен|предусмотрен|одобрен|удовлетвор|согласован|рассматрива|предвид)[а-я]*|"
    r"нецелесообраз|не буд(?:ет|ут|ем)\b|оснований\s+(?:для\s+)?[а-я ]{0,60}(?:нет|не имеется|не усматр|не найден|отсутств)|"
    r"нет оснований|в удовлетворении|отклонен[аоы]?\b|не сможем|нельзя\b|исключен[аоы]?\b|отказ\b"
)
_EMPTY: Final = re.compile(
    r"по (?:ряду|объективн[а-я]+|организационн[а-я]+|техническ[а-я]+|известн[а-я]+|внутренн[а-я]+|иным|указанн[а-я]+|разн[а-я]+|ряд[а-я]+)\s+"
    r"(?:[а-я]+\s+)?причин[а-я]*|действующ[а-я]+ (?:законодательств|правил|норм|порядк|регламент)[а-я]*|в установленном порядке|"
    r"в связи с (?:вышеизложенн|отсутстви[а-я]+ (?:возможност|основани)|нецелесообраз|невозможност)[а-я]*|"
    r"(?:чтобы|не)\s+(?:избежать|обижайтесь|беспокойтесь)|порядке очередности|комиссией? решение|"
    r"законодательств[а-я]*|решение (?:комиссии )?(?:является )?(?:принято|окончательн[а-я]+)(?: комиссией)?|решени[а-я]+ комиссии"
)
_FACTS: Final = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:%|процент|руб|кв|м\b|метр|км|см|тыс|млн|мин|час|дн|лет|год|человек|жител|мест|дет|семь|балл|градус|тонн|"
    r"гектар|сот)|осмотр|обследован|провер(?:ен|к|ил)|замер|измерен|экспертиз|комисси[а-я]+ (?:осмотр|выех|устан|призна)|установлен[оаы]?,? что|"
    r"не соответств|превыша|\bвыше\b|\bниже\b|меньше|больше|ширин|длин|расстояни|охранн|зон[аеуы]|сет[иь]\b|\bсетей|коммуникац|"
    r"ближайш|занят|укомплект|рассчитан|требу(?:ет|ют)ся|запрещ|только\b|по (?:данным|результат|итог|заключени|сведениям)|"
    r"не (?:подан|представлен|приложен|подтвержд|достиг|состо|принадлеж|является|относ|числит|указан|проход|хватает)|отсутствуют? (?!основани|возможн)[а-я]+|"
    r"(?:бюджет[а-я]*|средства)[^.]{0,60}(?:не предусмотрен|не выделен|\d)|очеред|исправ(?:ен|н)|здоров\b|угроз|безопасност|опасн|"
    r"пожарн|истек|срок (?:подачи|давности|действия)|сервитут|грунт|уклон|фундамент|несущ|износ|закреплен"
)


def find_bare_refusal(answer: CheckedAnswer) -> Finding | None:
    """A refusal by its outcome or its words, without norm, competence, reason or fact."""
    text = answer.text.folded
    refusal = REFUSAL.search(text)
    if answer.outcome != "refused" and (refusal is None or not _is_all_there_is(answer)):
        return None
    if _has_ground(text):
        return None
    phrase = ""
    if refusal is not None:
        phrase = next(
            (answer.text.sentence_piece(each) for each in answer.text.sentences if REFUSAL.search(each.text)),
            answer.text.piece(*refusal.span()),
        )
    return blocking("refusal_without_ground", phrase, _ADVICE)


def _is_all_there_is(answer: CheckedAnswer) -> bool:
    """A solved question may name in passing what cannot be done."""
    return answer.outcome in {"explained", None} and len(answer.text.sentences) <= 4


def _has_ground(text: str) -> bool:
    told = _EMPTY.sub(" ", text)
    return bool(
        NORM.search(told)
        or COMPETENCE.search(told)
        or CAUSE.search(told)
        or _FACTS.search(without_papers(told))
    )
