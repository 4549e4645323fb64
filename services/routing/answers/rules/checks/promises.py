"""`promise_without_date`: work is promised, no day or period is named."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.passages import Sentence
from services.routing.answers.rules.traces import DATE, without_papers
from services.routing.classifier.features import read_form

_ADVICE: Final = "Назовите срок: день, месяц или период («до 15 мая», «в III квартале»), или укажите дату в поле «обещано к»."
_VAGUE: Final = re.compile(
    r"в (?:самое )?ближайше[ей] время|в (?:самые )?(?:кратчайши|ближайши|сжат)[а-я]+ срок|по мере (?:возможност|поступлени|"
    r"выделени|финансиров|наличи|освобожд|необходим)[а-я]*|при (?:наличии|выделении|поступлении|появлении|освобождении|наступлении)\s"
    r"[а-я]*|в порядке очеред|в плановом порядке|в рабочем порядке|на (?:особом |постоянном |строгом |личном )?контрол[еь]|"
    r"как только|позднее|в перспективе|в дальнейшем (?:план|буд)|скоро\b|вскоре|при (?:благоприятн|первой)[а-я]+ [а-я]+|"
    r"в установленн[а-я]+ (?:срок|законодательств|порядк)[а-я]*|рассматривается возможность|прорабатыва"
)
_PLANNED: Final = re.compile(
    r"планиру(?:ет|ют|ем)|запланирован|намечен|предстоит|собираем|включен[аоы]?\s+в\s+(?:план|перечень|график|программ|реестр)|"
    r"намерен|постараем|ведутся работы|работы ведутся|ведется работа|обещаем|гарантируем|предусмотрен[аоы]?\s+(?:ремонт|работ)"
)
_WILL_BE: Final = re.compile(r"\bбуд(?:ет|ут|ем)\b")
_NOT_WORK: Final = re.compile(
    r"(?:буд[а-я]+|будем)\s+(?:вам\s+|дополнительно\s+)?(?:рад|благодар|признат|вынужден|необходим|нужн|действов|работать по|"
    r"достаточн|возможн|считат|призна|уведомл|полезн)|если\b|при повторн|в случае|буд[а-я]+ (?:направлен )?(?:вам )?ответ|"
    r"не буд(?:ет|ут|ем)"
)
_BY_WORDS_WORDS: Final = """
    мочь смочь понадобиться потребоваться стать прийтись пригодиться помочь позволить появиться ответить
    сообщить проинформировать уведомить надеяться рассмотреть учесть обратиться получить подсказать принять
    считать выписать выдать хотеть дать остаться выстроиться хватить повлечь проводить рекомендовать находиться
    принести примечать оплатить передать продолжить вернуться сохраниться
"""
_BY_WORDS: Final = frozenset(_BY_WORDS_WORDS.split())
_FORCED: Final = re.compile(r"обязан[аоы]?\b|предписан|требовани|вынесен")


def find_open_promise(answer: CheckedAnswer) -> Finding | None:
    """The first promise, where neither it nor what is said around it names a time."""
    if answer.promised_on is not None:
        return None
    promises = [each for each in answer.text.sentences if _is_promise(each)]
    if not promises or any(names_time_to_come(each) for each in answer.text.sentences):
        return None
    first = promises[0]
    vague = _VAGUE.search(first.text)
    start, stop = vague.span() if vague else (0, first.stop - first.start)
    return Finding(
        "promise_without_date", answer.text.piece(first.start + start, first.start + stop), _ADVICE
    )


def _is_promise(sentence: Sentence) -> bool:
    text = sentence.text
    if text.endswith("?") or _NOT_WORK.search(text):
        return False
    if _PLANNED.search(text):
        return "не планиру" not in text
    return _promises_work(sentence) or (_VAGUE.search(text) is not None and not _is_past(sentence))


def _promises_work(sentence: Sentence) -> bool:
    """«Будет отремонтировано», «отремонтируем», «починят»."""
    if _WILL_BE.search(sentence.text):
        return any(
            read_form(word.text).part_of_speech in {"PRTS", "INFN"} or "будет производит" in sentence.text
            for word in sentence.words
        )
    # «Приложите», «пришлёте»: what the citizen does.
    forms = [
        read_form(word.text)
        for word in sentence.words
        if not word.text.endswith("те") and f"не {word.text}" not in sentence.text
    ]
    return any(
        form.part_of_speech == "VERB" and form.tense == "futr" and form.lemma not in _BY_WORDS
        for form in forms
    )


def _is_past(sentence: Sentence) -> bool:
    forms = [read_form(word.text) for word in sentence.words]
    done = any(form.tense == "past" for form in forms)
    return done and not _WILL_BE.search(sentence.text)


def names_time_to_come(sentence: Sentence) -> bool:
    """A time of what is to come; that of what has been done fixes nothing."""
    if DATE.search(without_papers(sentence.text)) is None:
        return False
    return _is_promise(sentence) or not _is_past(sentence)
