"""`no_contact`: the citizen is sent somewhere, or asked to come back, and not where to."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.traces import CONTACT, without_papers

_ADVICE: Final = "Укажите, куда обратиться: отдел, адрес, телефон или электронную почту."
SENTENCES: Final = 3
_TO_DO: Final = re.compile(
    r"(?:необходимо|нужно|надо|следует|потребуется|требуется|предлагаем|рекомендуем|советуем|просим|просьба|можно|можете|сможете|вправе|"
    r"достаточно|придется|должны)\s+(?:[а-я]+\s+){0,3}?(?:обратиться|обращаться|подать|подавать|подойти|прийти|приехать|явиться|"
    r"предоставить|представить|принести|написать|записаться|позвонить|получить|оформить|сообщить|сообщать|уточнить|уточнять|заполнить|"
    r"направить|приложить|согласовать|заключить|подписать|забрать|передать|донести|дополнить|собрать|ознакомиться|обжаловать|узнать|"
    r"пройти|оставить|прислать|выслать|зарегистрировать|встать|показать|предъявить|заказать|привезти)|"
    r"\b(?:обратитесь|обращайтесь|подайте|подойдите|приходите|придите|приезжайте|принесите|предоставьте|представьте|сообщите|сообщайте|"
    r"напишите|пишите|звоните|позвоните|запишитесь|уточните|приложите|пришлите|направьте|заполните|оформите|донесите|дополните|"
    r"передайте|оставьте|возьмите)\b|\bждем вас\b|просим (?:вас )?[а-я]+ть\b|явк[аи]\b|"
    r"(?:для|при) (?:получени|оформлени|подач|записи|обращени)[а-я]+ [а-я ]{0,40}(?:необходим|нужн|потребу|требу)"
)


def find_missing_contact(answer: CheckedAnswer) -> Finding | None:
    """Only longer answers: a short one to a small matter needs none."""
    if len(answer.text.sentences) < SENTENCES or CONTACT.search(without_papers(answer.text.folded)):
        return None
    asked = next((each for each in answer.text.sentences if each.said(_TO_DO)), None)
    return Finding("no_contact", answer.text.sentence_piece(asked), _ADVICE) if asked else None
