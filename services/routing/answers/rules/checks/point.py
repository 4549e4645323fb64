"""`off_point`: the answer speaks of another matter."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding, blocking
from services.routing.answers.rules.passages import Passage
from services.routing.answers.rules.spheres import are_related, spheres_of, words_of_spheres
from services.routing.answers.rules.traces import FORWARDED

_ADVICE: Final = "Ответ о другом предмете. Сверьте его с вопросом гражданина: возможно, вставлен текст по другому обращению."
# Roots of every appeal and answer, and of the places where things happen; sharing them says nothing of the matter.
_COMMON_WORDS: Final = """
    обра щать ращ уваж важа вопр прос прош прин няти мера адре улиц лица дом горо райо обла жите адми упра прав
    комп коми орга реше рабо бота пров вест сдел дела данн наст стоя врем день меся неде год лето лет новы стоит
    нужн быть весь мочь наш ваш кото чело люди ребе дети детс двор здра спас благ сооб общи инфо срок план терр
    мест прои выпо полн обес печи соот полу прой идти начат коне помо хоте знат сказ гово нахо ходи дать посл
    чере рядо окол межд перв втор треть посто кажд такж очен боль подъ езд парк школ поли клин апте больн
    больниц магаз мага рыно остан тано площ пруд дере дерев село сад
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())
# Names of organisations tell their trade, not the matter.
_QUOTED: Final = re.compile(r"«[^»]{0,200}»")
# Spheres officials speak of whatever the matter is.
_BESIDE: Final = frozenset({"papers", "charges", "crime", "trade", "culture"})
# Notices and reference texts; to a complaint or a request they are no answer, unless they name its matter.
_REFERENCE: Final = re.compile(
    r"напоминаем|тариф[а-я]*[^.]{0,60}(?:утвержд|состоит|составля)|подайте заявк|\bпоказани[яй]|посещени[ея] [а-я]+ [^.]{0,20}разрешен|приемн?[а-я]* (?:детей|граждан|заявлени)|"
    r"расписани[еюя]|интервал|форма одежды|освобождени[ея]|доступн[оаы]|\bпроб[ыа]\b|записаться [а-я ]{0,20}можно|открыт[аоы]? с|единое пособие|назначают|стоимость|построен[аоы]?\b|"
    r"регистраци|зачип|добровольн|срок рассмотрения|работа(?:ет|ют) (?:с|ежедн|по)|график|режим работы|правила (?:посещ|польз)|запрещ|разрешени"
)
FOREIGN_WORDS: Final = 2  # of the other matter, before anybody is stopped


def find_off_point(answer: CheckedAnswer) -> Finding | None:
    """Spheres of life that have nothing to do with each other, and no word of the matter in common."""
    question = answer.question
    if question is None or FORWARDED.search(answer.text.folded):
        return None
    text = _QUOTED.sub(" ", answer.text.folded)
    asked, read = spheres_of(question.folded), spheres_of(text) - _BESIDE
    if _shared(question, answer.text):
        return None
    if (
        not question.folded.rstrip().endswith("?")
        and (match := _REFERENCE.search(text))
        and answer.outcome != "refused"
    ):
        return Finding("off_point", answer.text.piece(*match.span()), _ADVICE)
    if not asked or not read or asked & read:
        return None
    first = next(
        (each for each in answer.text.sentences if spheres_of(each.text) & read), answer.text.sentences[0]
    )
    phrase = answer.text.sentence_piece(first)
    if are_related(asked, read) or words_of_spheres(text, read) < FOREIGN_WORDS:
        return None if are_related(asked, read) else Finding("off_point", phrase, _ADVICE)
    return blocking("off_point", phrase, _ADVICE)


def _shared(question: Passage, answer: Passage) -> frozenset[str]:
    return (question.roots() & answer.roots()) - _COMMON
