"""`template_only`: a form letter, with nothing in it that is about this appeal."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding, blocking
from services.routing.answers.rules.checks.refusals import REFUSAL
from services.routing.answers.rules.passages import Sentence, Word
from services.routing.answers.rules.traces import CAUSE, DATE, NORM, without_papers
from services.routing.classifier.features import read_form

_ADVICE: Final = "Ответ состоит из общих слов. Напишите, что именно сделано или будет сделано по этому обращению: где, когда, кем."
_POLITE: Final = re.compile(
    r"^(?:здравствуй|добр(?:ый|ого|ое) |уважаем|с уважени|всего доброго|хорошего дня|\[[^\]]+\])[^.!?]{0,60}[.!?,]*$"
)
_RECEPTION: Final = re.compile(r"телефон|тел\.|горяч[а-я]+ лини|по вопросам|контактн|\+?\d[\d() –-]{5,}\d|@")
# Beginnings of the words form letters are made of.
_BOILERPLATE: Final = tuple(
    """
    уважаем обращ обрат сообщ рассм изуч приня прини примут сведе благодар спасиб признат неравнод активн гражданск позици вопрос
    проблем контрол ваш вам ваше мнени учтен учест учте учит дальнейш работ информ направ ответствен исполн специалис мер необходим решен
    решит находит находят поступ зарегистр администрац качеств важн важен нам наш стара улучш повыш совершенств обязательн
    установлен порядк рамк компетенц пределах соответстви действу законодательств ближайш врем возможност извин неудобств
    понимани поним надеж надею остае оста связ связи хорош передан передав профильн соответствующ служб провед провод ситуац
    жител город комфорт лучш вместе цен обратн всегда постоян приорите главн забот благополуч безопасн здоров ответ получ дан данн
    замечани предложени пожелани идея интересн будем буд стремим стремит делае делать дела сдела вклад развит доверие довер сотрудн
    рад рады готов полн может может можем могут каждый кажд люб люди челов граждан насел населени регион област район муниципал
    территори организац учрежден орган власт подразделени отдел управлен комитет департамент министер сотруд ведомств компетентн
    сигнал бдитель заявк взят взяли держ держим особ внимани внимател тщательн всесторонн объективн доводы довод изложен
    указан данно данны направлени ведет ведут ведется осуществ обеспеч реализ план планиров принят результат итог дополнит
    уведомл проинформ сожален просим прос отнест отнес счита полага подч отмет отмеч извещ доброт слов приятн мил коллег
    добр день утр вечер здравств всег доброг лет год также тож также очень больш сам свой свое сво так таким образ цел
    помощ помощ поддерж участ обсужд рассматр объект сфер уровн удовлет потребн услуг обслужив пациент пользов потребит клиент
    зафикс оставл прояв выраж искренн дорог друз соседи зна знать известн все все весь всё эт этот эта это наст настоящ
    момент текущ текущ руковод лиц долж должн уполномоч исполнит вернем верн подробн общ обществ профилактич разъяснительн беседа бесед
    персонал коллектив доставл причин уместн корректн мероприят действи предприн предпринят усили опер оператив срок кратчайш максимальн скор
    открыт диалог контакт приемн телефон звон обращай заход пиш ждем бол чист красив уютн родн единств желаем желан успех
    """.split()
)
_FEW: Final = 2
_CONCRETE: Final = re.compile(r"\d|«[^»]+»|\b(?:ооо|муп|мку|мбу|ук|гибдд|мчс|рсо)\b")
_ENDS: Final = 12


def find_template(answer: CheckedAnswer) -> Finding | None:
    """What is left without politeness, contacts, form words and the question's own: nearly nothing."""
    body = [each for each in answer.text.sentences if not _is_polite(each)]
    told = " ".join(without_papers(each.text) for each in body)
    if not told or DATE.search(told) or NORM.search(told) or CAUSE.search(told) or _CONCRETE.search(told):
        return None
    words = [word for each in body for word in each.words]
    asked = answer.question.stems if answer.question else frozenset[str]()
    own = {word.stem for word in words if not _is_form(word, asked)}
    if REFUSAL.search(told) or any(_is_deed(word) for word in words):
        return None
    form = sum(word.text.startswith(_BOILERPLATE) for word in words)
    if not words or len(own) > _allowed(len(words)) or form < max(2, len(words) // 3):
        return None
    return blocking("template_only", _emptiest(answer, body), _ADVICE)


def _is_polite(sentence: Sentence) -> bool:
    return bool(
        _POLITE.match(sentence.text) or (_RECEPTION.search(sentence.text) and len(sentence.words) < _ENDS)
    )


def _is_form(word: Word, asked: frozenset[str]) -> bool:
    return word.text.startswith(_BOILERPLATE) or word.stem in asked


def _is_deed(word: Word) -> bool:
    """Something is done, or will be: a verb that form letters do not have."""
    form = read_form(word.text)
    is_deed = form.part_of_speech == "PRTS" or form.tense in {"past", "futr"}
    return is_deed and not word.text.startswith(_BOILERPLATE)


def _allowed(words: int) -> int:
    return max(_FEW, words // 5)


def _emptiest(answer: CheckedAnswer, body: list[Sentence]) -> str:
    first = max(body, key=lambda each: sum(word.text.startswith(_BOILERPLATE) for word in each.words))
    return answer.text.sentence_piece(first)
