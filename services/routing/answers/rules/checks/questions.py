"""`question_unanswered`: when, who, why, on what ground, how much, where, how – asked, and left out of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.routing.answers.rules.checks.evidence import DONE
from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.checks.promises import names_time_to_come
from services.routing.answers.rules.passages import Passage, Sentence, read_passage
from services.routing.answers.rules.traces import (
    CAUSE,
    COMPETENCE,
    CONTACT,
    DATE,
    EXECUTOR,
    NORM,
    without_papers,
)
from services.routing.classifier.features import read_form

Asked = Literal["when", "who", "why", "ground", "how_much", "where", "how", "which", "whether"]
_ASKED: Final[Mapping[Asked, re.Pattern[str]]] = {
    "when": re.compile(
        r"\bкогда\b|в какие сроки|в какой срок|(?:каков|какие|какой)[ыо]?\s+(?:[а-я]+\s+)?срок|до какого (?:числа|времени|месяца)|"
        r"с какого (?:числа|времени|месяца)|как скоро|как долго|сколько (?:ждать|времени)|(?:назв|назов|указа|укажи|сообщи)[а-я]+\s+(?:[а-я]+\s+)?сроки?\b|"
        r"во сколько|в котором часу|какого числа|в каком (?:году|месяце)|на какой (?:год|месяц|день)|через сколько"
    ),
    "who": re.compile(
        r"\bкто\b|\bкому\b|\bк кому\b|\bкем\b|какая (?:организация|компания|служба)|какой (?:отдел|орган)|\bчья\b|\bчей\b|чья это|"
        r"чьей ответственност"
    ),
    "why": re.compile(
        r"\bпочему\b|по какой причине|в чем причина|из-за чего|\bзачем\b|\bотчего\b|с чем связан|чем вызван|какова причина|"
        r"причин[уы]\s+(?:отказ|отключен|задерж|отсутств)[а-я]*|что случилось|чем обусловлен|с какой стати"
    ),
    "ground": re.compile(
        r"на каком основании|на основании чего|по какому (?:праву|закону|документу)|законно ли|правомерн|имеют ли право|имеет ли право|"
        r"(?:какой|каким|какому) (?:закон|нормативн|документ|приказ|правил)[а-я]*|какие основания|согласно какому|имели ли право|"
        r"чем (?:это )?(?:регламентир|регулир)|основани[ея] (?:для )?(?:начислен|отказ|отключ)"
    ),
    "how_much": re.compile(
        r"\bсколько\b(?! (?:можно|ждать|времени|раз|уже|еще|же))|какая (?:сумма|цена|стоимость)|какова (?:сумма|цена|стоимость|плата)|"
        r"какой (?:размер|тариф|штраф)|каков размер|какую сумму|в каком размере|какие суммы|на какую сумму"
    ),
    "where": re.compile(
        r"\bкуда\b|(?<![а-я])где\b(?! (?:то|нибудь|живу|жив))|по какому адресу|в какой кабинет|какой адрес|откуда"
    ),
    "how": re.compile(
        r"\bкак (?:можно |мне |нам |теперь |его |ее |их |это )?[а-я]+(?:ть|тись|ться)\b|каким образом|что (?:нужно|надо|делать)|какие (?:нужны |нужно )?документы|каков порядок"
    ),
    "which": re.compile(r"\bкак(?:ой|ая|ие|ое|ова|овы|ую|ого|ому)\b"),
    "whether": re.compile(r"\b[а-я]{3,}\s+ли\b"),
}
_DATE_ASKED: Final = re.compile(r"(?:по|в) (?:графику|соответствии с графиком)")
_PLACE: Final = re.compile(
    r"\b(?:в|на|у|по)\s+(?:ул|здани|пункт|площадк|склад|филиал|аптек|отдел|школ|центр|регистрат)[а-я.]*|\bадрес"
)
_STEPS: Final = re.compile(
    r"нужно|необходимо|надо\b|следует|можно|может[ея]|подать|подайте|обратит|обрат[ия]|заявлени|заказ|принима|положен|возмещ|сначала|выда[юе]т|предоставля|нужны|через\b|запис|представ|приход|"
    r"направьте|достаточно|оформ|звоните|портал|сайт"
)
_PERSON_IN_CHARGE: Final = re.compile(
    r"администраци|комитет|управлени|департамент|министерств|инспекци|прокуратур|гибдд|полици|региональн[а-я]+ оператор|фонд|отдел[а-я]*\b|"
    r"начальник|руководител|директор|инженер|мастер|участковый|глав[аоы][а-я]*\b|собственник|застройщик|совет|комиссия|дума|собрани|"
    r"поликлиник|больниц|школ|завод|компани|организаци|учреждени|центр|предприяти|правительств|виновник|хозя[ий]|педагог|учител|врач|банк|жител|сотрудник|работник|водител|мо[гж][уе]т|машина|служб"
)
_MONEY: Final = re.compile(
    r"\d|бесплатно|безвозмездно|плата не взимается|\bодин\b|\bдв[ае]\b|\bтри\b|\bникто\b|ни од"
)
_GROUND_NONE: Final = re.compile(
    r"оснований (?:не|нет)|незаконн|неправомерн|ошибочн|по ошибке|без основани|нарушени"
)
# Words of the asking itself.
_INTERROGATIVE_WORDS: Final = """
    како кака нужн долж буде быть мног друг такж еще ваш наш
"""
_INTERROGATIVE: Final = frozenset(_INTERROGATIVE_WORDS.split())
_YES_OR_NO: Final = re.compile(
    r"(?:^|[.!?]\s+)(?:да|нет|законно|незаконно)\b|имеет|имеют|вправе|обязан|можно\b|нельзя|разрешен"
)
_ANSWERED: Final[Mapping[Asked, tuple[re.Pattern[str], ...]]] = {
    "when": (DATE, _DATE_ASKED),
    "who": (EXECUTOR, _PERSON_IN_CHARGE),
    "why": (
        CAUSE,
        NORM,
        COMPETENCE,
        re.compile(r":|\d|\bнет\b|\bне\s|отсутстви|дефицит|закончил|повре[жд]|износ|неисправ|сбой|сбоя|ошиб"),
    ),
    "ground": (NORM, _GROUND_NONE, _YES_OR_NO),
    "how_much": (_MONEY,),
    "where": (CONTACT, _PLACE),
    "how": (_STEPS,),
    "which": (re.compile(r"паспорт|справк|заявлени|снилс|свидетельств"),),
    "whether": (_YES_OR_NO,),
}
_ADVICE: Final[Mapping[Asked, str]] = {
    "when": "Гражданин спрашивает о сроке: назовите дату или период.",
    "who": "Гражданин спрашивает, кто отвечает: назовите организацию или должность.",
    "why": "Гражданин спрашивает о причине: объясните, почему так произошло.",
    "ground": "Гражданин спрашивает об основании: назовите норму или документ.",
    "how_much": "Гражданин спрашивает о количестве или сумме: назовите число.",
    "where": "Гражданин спрашивает, куда обратиться: назовите место или адрес.",
    "how": "Гражданин спрашивает, как поступить: назовите порядок действий.",
    "which": "Ответьте и на этот вопрос гражданина.",
    "whether": "Ответьте и на этот вопрос гражданина: да или нет, и почему.",
}
_ASKING: Final = re.compile(
    r"\b(?:прошу|просим|хотел[аи]?(?: бы)?|хотелось(?: бы)?)\s+(?:вас\s+|мне\s+|нам\s+|письменно\s+)?(?:сообщить|пояснить|разъяснить|ответить|уточнить|"
    r"указать|объяснить|рассказать|назвать|узнать|знать|[а-я]+ и назвать|пересчитать плату и назвать)|\b(?:подскажите|скажите|объясните|поясните|разъясните|сообщите|"
    r"ответьте|уточните|интересует|интересно|непонятно|не понятно|не понимаю|назовите|укажите|расскажите|дайте ответ)\b|\bвопрос:|назвать срок"
)
_BEGINS: Final = re.compile(
    r"^(?:[а-я]{1,12}[,!]?\s+){0,2}(?:когда|почему|кто|где|куда|сколько|зачем|на каком основании|по какой причине|по какому праву|как)\b"
)
_RHETORICAL: Final = re.compile(
    r"до каких пор|сколько можно|сколько (?:еще|уже|раз)|куда (?:смотр|подеваетс|катит)|кто бы|кто-нибудь|кто-то|когда-нибудь|"
    r"кому (?:не лень|как)|где (?:совесть|справедливость|логика)|как (?:можно|так можно|жить)|что делать\?$|никто|когда (?:шел|шла|идет|ид[еу]|еду)"
)


def _explains(answer: CheckedAnswer) -> bool:
    """A reason is often plain without a word for it; that something has been done is none."""
    plain = (word.text for each in answer.text.sentences for word in each.words if not each.has(DONE))
    return any(read_form(word).tense == "past" for word in plain)


@dataclass(frozen=True, slots=True)
class _Question:
    """One thing asked, and the words it was asked in."""

    asked: Asked
    phrase: str
    roots: frozenset[str]
    is_to_come: bool


def find_unanswered(answer: CheckedAnswer) -> Finding | None:
    """The first thing that was asked and has no word in the answer."""
    if answer.question is None:
        return None
    for question in _questions(answer.question):
        if not _is_answered(question, answer):
            return Finding("question_unanswered", question.phrase, _ADVICE[question.asked])
    return None


def _questions(passage: Passage) -> Iterable[_Question]:
    for sentence in passage.sentences:
        if _is_question(sentence):
            yield from _asked_in(sentence, passage)


def _is_question(sentence: Sentence) -> bool:
    return sentence.text.endswith("?") or sentence.has(_ASKING) or sentence.has(_BEGINS)


def _asked_in(sentence: Sentence, passage: Passage) -> Iterable[_Question]:
    plain = _RHETORICAL.sub(lambda match: "\x00" * len(match.group()), sentence.text)
    for asked, pattern in _ASKED.items():
        if match := pattern.search(plain):
            start = sentence.start + match.start()
            yield _question(asked, passage, start, _end_of_clause(sentence, match.end()))


def _question(asked: Asked, passage: Passage, start: int, stop: int) -> _Question:
    clause = read_passage(passage.folded[start:stop])
    forms = [read_form(word.text) for each in clause.sentences for word in each.words]
    is_to_come = any(form.tense == "futr" or form.lemma == "быть" for form in forms)
    return _Question(asked, passage.piece(start, stop), clause.roots() - _INTERROGATIVE, is_to_come)


def _end_of_clause(sentence: Sentence, after: int) -> int:
    ends = [place for sign in ",;?!." if (place := sentence.text.find(sign, after)) >= 0]
    return sentence.start + min(ends, default=len(sentence.text))


def _is_answered(question: _Question, answer: CheckedAnswer) -> bool:
    asked = question.asked
    if asked in {"when", "how"} and answer.outcome == "solved":  # it is done
        return True
    if asked == "when":
        return _names_when(question, answer)
    if asked in {"which", "whether"}:
        return _speaks_of(question, answer)
    if asked == "why" and _explains(answer):
        return True
    if asked == "who" and COMPETENCE.search(answer.text.folded):
        return True
    text = without_papers(answer.text.folded) if asked == "how_much" else answer.text.folded
    return any(pattern.search(text) for pattern in _ANSWERED[asked])


def _names_when(question: _Question, answer: CheckedAnswer) -> bool:
    """A day of what has been is no answer to what is to come."""
    if answer.promised_on is not None:
        return True
    if question.is_to_come:
        return any(names_time_to_come(each) for each in answer.text.sentences)
    text = without_papers(answer.text.folded)
    return any(pattern.search(text) for pattern in _ANSWERED["when"])


def _speaks_of(question: _Question, answer: CheckedAnswer) -> bool:
    """Whether the answer has a word of what was asked, or one that answers such a question by itself."""
    if not question.roots or question.roots & answer.text.roots():
        return True
    return any(pattern.search(answer.text.folded) for pattern in _ANSWERED[question.asked])
