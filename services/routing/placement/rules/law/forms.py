"""What follows from how an appeal came: without a name or address, at a personal reception (R6, R12)."""

from __future__ import annotations

import re
from typing import Final

from contracts.intake import Regime
from services.routing.placement.rules.law.proposals import Proposal

_BASIS: Final = "59-ФЗ, ст. 11 ч. 1"
_CRIME = re.compile(
    r"\b(?:взятк|вымогател|наркот|закладк|кража|краж[иу]|украл|ограбл|грабеж|убийств|изнасил|избива|избил|поджог|теракт|террор"
    r"|мошеннич|хищени|похитил|преступлени)\w*"
)


def refuse_anonymous(folded: str, regime: Regime, *, anonymous: bool) -> Proposal | None:
    """R6: a statutory appeal without a surname or a reply address gets no answer; what it reports of a crime that is
    prepared or committed goes to the competent organ (59-ФЗ ст. 11 ч. 1). Messages are not under this law."""
    if not anonymous or regime != "statutory":
        return None
    if _CRIME.search(folded):
        reason = "Анонимное обращение сообщает о преступлении: направить в правоохранительный орган, ответ не даётся."
        return Proposal("R6", "law_enforcement", reason, _BASIS)
    return Proposal("R6", "no_answer", "Нет фамилии или адреса для ответа: ответ не даётся.", _BASIS)


def answer_orally(channel: str, regime: Regime) -> Proposal | None:
    """R12: at a personal reception an oral answer is enough where the facts are obvious and the citizen consents, which the
    reception card records; else a written one is given (59-ФЗ ст. 13 ч. 3). Nobody waits for it."""
    if channel != "reception":
        return None
    return Proposal(
        "R12",
        "oral_answer",
        "Личный приём: с согласия гражданина ответ можно дать устно, о чём делается запись в карточке приёма.",
        "59-ФЗ, ст. 13 ч. 3",
        holds=False,
    )
