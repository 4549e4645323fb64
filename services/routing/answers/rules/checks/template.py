"""`template_only`: a form letter, with nothing in it that is about this appeal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.routing.answers.rules.checks.evidence import DONE
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
_BOILERPLATE_WORDS: Final = """
    уважаем обращ обрат сообщ рассм изуч приня прини примут сведе благодар спасиб признат неравнод активн
    гражданск позици вопрос проблем контрол ваш вам ваше мнени учтен учест учте учит дальнейш работ информ
    направ ответствен исполн специалис мер необходим решен решит находит находят поступ зарегистр администрац
    качеств важн важен нам наш стара улучш повыш совершенств обязательн установлен порядк рамк компетенц
    пределах соответстви действу законодательств ближайш врем возможност извин неудобств понимани поним надеж
    надею остае оста связ связи хорош передан передав профильн соответствующ служб провед провод ситуац жител
    город комфорт лучш вместе цен обратн всегда постоян приорите главн забот благополуч безопасн здоров ответ
    получ дан данн замечани предложени пожелани идея интересн будем буд стремим стремит делае делать дела сдела
    вклад развит доверие довер сотрудн рад рады готов полн может можем могут каждый кажд люб люди челов граждан
    насел населени регион област район муниципал территори организац учрежден орган власт подразделени отдел
    управлен комитет департамент министер сотруд ведомств компетентн сигнал бдитель заявк взят взяли держ держим
    особ внимани внимател тщательн всесторонн объективн доводы довод изложен указан данно данны направлени ведет
    ведут ведется осуществ обеспеч реализ план планиров принят результат итог дополнит уведомл проинформ сожален
    просим прос отнест отнес счита полага подч отмет отмеч извещ доброт слов приятн мил коллег добр день утр
    вечер здравств всег доброг лет год также тож очень больш сам свой свое сво так таким образ цел помощ поддерж
    участ обсужд рассматр объект сфер уровн удовлет потребн услуг обслужив пациент пользов потребит клиент
    зафикс оставл прояв выраж искренн дорог друз соседи зна знать известн все весь всё эт этот эта это наст
    настоящ момент текущ руковод лиц долж должн уполномоч исполнит вернем верн подробн общ обществ профилактич
    разъяснительн беседа бесед персонал коллектив доставл причин уместн корректн мероприят действи предприн
    предпринят усили опер оператив срок кратчайш максимальн скор открыт диалог контакт приемн телефон звон
    обращай заход пиш ждем бол чист красив уютн родн единств желаем желан успех
"""
_BOILERPLATE: Final = tuple(_BOILERPLATE_WORDS.split())
# What every sentence of a form letter says, in one way or another.
_FORM_SENTENCES: Final = re.compile(
    r"благодар|спасибо|\bрад[аы]?\b|\bценим|важ(?:ен|на|но|ны)\b|приоритет|одн[аио][а-я]* из (?:важнейш|главн|основн|приорит)|(?:постоянно|планомерно|системн[а-я]+|регулярно|непрерывно|ежедневно)\s*[а-я]*|"
    r"к сведению|передан[аоы]?\s+(?:[а-я]+\s+){0,2}(?:коллег|специалист|профильн|ответственн|для|в работу)|передали|доведен[аоы]? до|рассмотрен[оаы]?\b(?!\s+комисс)|рассмотрел|изучен|"
    r"учт(?:ем|ено|ены|ена|ен)\b|на (?:[а-я]+ )?контрол|прилага[юе]т (?:все )?усили|все (?:возможное|необходимое)|в соответствии с (?:действующ|законом|утвержд|законодат|установл)|мер[аы]? (?:будут|принят|принима)|"
    r"необходим[а-я]+ (?:работа|меры)|прорабатыва|проработан|по мере возможност|с учетом финансов|понимаем|понимание|хорошего дня|с уважением|подписывайтесь|оставайтесь|извин|"
    r"в интересах|уделя[ею]т\s+(?:[а-я]+\s+)?внимани|находятся в числе|озабочен|отклик|ваше мнение|каждое (?:мнение|обращени|сообщени)|стараемся|обеспечени[яе] (?:безопасност|комфорт|качеств)|ведется работа|"
    r"работа[а-я]*\s+(?:[а-я]+\s+){0,4}(?:ведется|проводится)|на системной основе|улучшени|повышени[яе] качеств|в установленном порядке|в пределах компетенц|в рамках (?:полномоч|компетенц)|услышан|"
    r"становиться лучше|делать лучше|обратной связи|направлен[аоы]?\s+(?:[а-я]+\s+){0,3}(?:для|в профильн|ответственн|на рассмотр)|принято в работу|принята|проведен[аы]? (?:профилактическ|разъяснительн|необходим|соответств|работа|беседа)"
)
_THANKS: Final = re.compile(r"спасибо|благодар")
_WANTS: Final = re.compile(r"\?|прош|прос[ия]|треб|почему|когда|\bнет\b|\bне\b")
_FEW: Final = 2
_CONCRETE: Final = re.compile(r"\d|«[^»]{1,200}»|\b(?:ооо|муп|мку|мбу|ук|гибдд|мчс|рсо)\b")
_ENDS: Final = 4  # words of its own that a sentence with a contact may have and say nothing


def find_template(answer: CheckedAnswer) -> Finding | None:
    """What is left without politeness, contacts, form words and the question's own: nearly nothing."""
    body = [each for each in answer.text.sentences if not _is_polite(each)]
    plain = " ".join(without_papers(each.text) for each in body)
    if not any(each.words for each in body) or _is_thanked_for(answer) or _is_concrete(plain):
        return None
    if all(each.has(_FORM_SENTENCES) for each in body) or _is_made_of_form_words(answer, body):
        return blocking("template_only", _emptiest(answer, body), _ADVICE)
    return None


def _is_thanked_for(answer: CheckedAnswer) -> bool:
    """Nothing concrete belongs into the answer to thanks."""
    asked = answer.question.folded if answer.question else ""
    return _THANKS.search(asked) is not None and _WANTS.search(asked) is None


def _is_concrete(plain: str) -> bool:
    return any(pattern.search(plain) for pattern in (DATE, NORM, CAUSE, _CONCRETE, REFUSAL, DONE))


def _is_made_of_form_words(answer: CheckedAnswer, body: Sequence[Sentence]) -> bool:
    words = [word for each in body for word in each.words]
    if any(_is_deed(word) for word in words):
        return False
    asked = answer.question.stems if answer.question else frozenset[str]()
    own = {word.stem for word in words if not _is_form(word, asked)}
    form = sum(word.text.startswith(_BOILERPLATE) for word in words)
    return len(own) <= _allowed(len(words)) and form >= max(2, len(words) // 3)


def _is_polite(sentence: Sentence) -> bool:
    if _POLITE.match(sentence.text):
        return True
    own = [word for word in sentence.words if not word.text.startswith(_BOILERPLATE)]
    return _RECEPTION.search(sentence.text) is not None and len(own) < _ENDS


def _is_form(word: Word, asked: frozenset[str]) -> bool:
    return word.text.startswith(_BOILERPLATE) or word.stem in asked


def _is_deed(word: Word) -> bool:
    """Something is done, or will be: a verb that form letters do not have."""
    form = read_form(word.text)
    is_deed = form.part_of_speech == "PRTS" or form.tense in {"past", "futr"}
    return is_deed and not word.text.startswith(_BOILERPLATE)


def _allowed(words: int) -> int:
    return max(_FEW, words // 5)


def _emptiest(answer: CheckedAnswer, body: Sequence[Sentence]) -> str:
    first = max(body, key=lambda each: sum(word.text.startswith(_BOILERPLATE) for word in each.words))
    return answer.text.sentence_piece(first)
