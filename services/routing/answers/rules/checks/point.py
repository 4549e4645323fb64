"""`off_point`: the answer speaks of another matter."""

from __future__ import annotations

import re
from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding, blocking
from services.routing.answers.rules.passages import Passage
from services.routing.answers.rules.spheres import are_related, spheres_of
from services.routing.answers.rules.traces import FORWARDED

_ADVICE: Final = "Ответ о другом предмете. Сверьте его с вопросом гражданина: возможно, вставлен текст по другому обращению."
# Words of every appeal and answer; sharing them says nothing of the matter.
_COMMON: Final = frozenset(
    """обращ уваже вопро просит прошу приня мера адрес улица дом город район област жител админ управ компа комит орган решен
    работ работ прове провод сделат сдела данны настоящ время день месяц недел год новый стоит стоять нужно быть весь мочь
    наш ваш который человек люди ребен дети дитя двор здравс спаси благо сообщ инфор срок план област террит общий мест место
    ул д кв г п ст кварт проис выпол обеспе соотв получ пройт прийт начат конец помощ хотет знать сказа говор находи
    дать после через рядом около между первый первы второ трети пожал послед посто кажды также очень больш делать""".split()
)
# Names of organisations tell their trade, not the matter.
_QUOTED: Final = re.compile(r"«[^»]*»")
# Officials speak of papers whatever the matter is.
_BESIDE: Final = frozenset({"papers"})


def find_off_point(answer: CheckedAnswer) -> Finding | None:
    """Spheres of life that have nothing to do with each other, and no word of the matter in common."""
    question = answer.question
    if question is None or FORWARDED.search(answer.text.folded):
        return None
    asked, told = spheres_of(question.folded), spheres_of(_QUOTED.sub(" ", answer.text.folded)) - _BESIDE
    shared = _shared(question, answer.text)
    if not asked or not told or asked & told or len(shared) > (0 if are_related(asked, told) else 1):
        return None
    first = next((each for each in answer.text.sentences if spheres_of(each.text)), answer.text.sentences[0])
    return blocking("off_point", answer.text.sentence_piece(first), _ADVICE)


def _shared(question: Passage, answer: Passage) -> set[str]:
    return {stem for stem in question.stems & answer.stems if stem not in _COMMON and len(stem) > 2}
