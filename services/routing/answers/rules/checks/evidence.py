"""`evidence_missing`: something visible is said to be done, and nothing shows it."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.traces import DATE, EVIDENCE, EXECUTOR

_ADVICE: Final = "Приложите фото или назовите подтверждение: номер акта, дату и исполнителя работ, договор."
_DONE: Final = re.compile(
    r"\b(?:по|за|от|вы|у|о|об|с|на|при|из|раз|про|до|под|вос|рас|ис)?[а-я]*(?:"
    r"убран|вывезен|отремонтирован|починен|починил|заменен|замен(?:или|ил[аои]?\b)|восстановлен|восстанов(?:или|ил[ао]?\b)|очищен|"
    r"очистил|расчищен|расчистил|засыпа(?:н|л)|заделан|заделал|заасфальтирован|покрашен|окрашен|спилен|спилил|скошен|скосил|установлен[аоы]?\b|"
    r"установил|устранен|устранил|ликвидирован|отловлен|отловил|демонтирован|смонтирован|закрашен|закрыт[аоы]?\b|застеклен|застеклил|"
    r"посыпан|подметен|подмел|убрал|вывез(?:ли|ла|)\b|прочищен|прочистил|откачан|откачал|отсыпан|отгрейдирован|прогрейдирован|нанесен|"
    r"обновлен|оборудован|огражден|огорожен|промыт|отрегулирован|налажен|исправлен|исправил|починили|выровнен|уложен|"
    r"выкошен|обрезан|обрезал|высажен|помыт|вымыт|смазан|приварен|закреплен|включен[аоы]?\b(?! в)|запущен|подключен|проведен[аоы]?\s+"
    r"(?:ремонт|уборк|очистк|покос|обрезк|дезинсек|дератиз|обработк|благоустр)|выполнен[аоы]?|завершен[аоы]?|сделан[аоы]?\b|"
    r"обработан|побелен|вкручен|врезан|утеплен|загерметизирован|восполнен|вернул[иа]|подал[иа]?\b|подан[аоы]?\b|собран[аоы]?\b|собрал[иа]|"
    r"снесен|эвакуирован|отмыт|размещен)"
)
_INVISIBLE: Final = re.compile(
    r"перерасч|пересчит|выплат|начислен|зачислен|справк|запис(?:ан|ь|али)|направлени|договор|дисциплинар|выговор|замечани|премирован|"
    r"\bсчет|\bкарт[уыае]\b|пенси|пособи|субсиди|компенсац|очеред|документ|график|расписани|назначен|решение|льгот|квитанц|дел[ао]\b|"
    r"сведени|данны[ех]|реестр|регистрац|талон|прием\b|путевк|место в|прикрепл|лекарств|препарат|рецепт"
)
_VISIBLE: Final = re.compile(
    r"снег|мусор|\bям|дорог|асфальт|фонар|светильн|ламп|дерев|тополь|ветк|\bлюк|площадк|качел|крыш|кровл|лифт|двер|окн|забор|"
    r"скамь|лавоч|свалк|контейнер|собак|трав|налед|сосул|труб|подъезд|надпис|граффити|знак|светофор|разметк|остановк|павильон|"
    r"отоплен|батаре|вод[аыу]\b|теч|протеч|канализ|засор|колод|утеч|стояк|двор|тротуар|фасад|урн|клумб|газон|бордюр|мост|перил|"
    r"горк|песоч|территори|участок|улиц|стен|штукатур|повреждени|авари|неисправн|дефект|освещени|свет"
)


def find_missing_evidence(answer: CheckedAnswer) -> Finding | None:
    """Only what is called solved, and what could be photographed."""
    text = answer.text.folded
    if answer.outcome != "solved" or answer.attachments or EVIDENCE.search(text):
        return None
    done = _DONE.search(text)
    if done is None or not _is_visible(answer) or (_names_executor(answer)):
        return None
    return Finding("evidence_missing", answer.text.piece(*done.span()), _ADVICE)


def _is_visible(answer: CheckedAnswer) -> bool:
    text = answer.text.folded
    if _VISIBLE.search(text):
        return True
    question = answer.question.folded if answer.question else ""
    return _INVISIBLE.search(text) is None and (not question or _VISIBLE.search(question) is not None)


def _names_executor(answer: CheckedAnswer) -> bool:
    """Day and executor of the works."""
    text = answer.text.folded
    return DATE.search(text) is not None and EXECUTOR.search(text) is not None
