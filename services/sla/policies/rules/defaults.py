"""The policies a region starts with, each with its source; the region edits them as data.

`statutory` is 59-ФЗ of 02.05.2006: calendar days, and no pauses – the law knows none, only one extension of
up to 30 days. `message` (ПОС, social networks) is not under 59-ФЗ: its terms are a region's own, and these
are those that published regional rules name (each policy's `basis` says whose); where two differ, the stricter,
which is in time under either.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from contracts.intake import Regime
from services.sla.calendars.rules.terms import Term
from services.sla.policies.rules.policies import DANGER, Policy

_SINCE: Final = datetime(2006, 11, 2, tzinfo=UTC)  # 59-ФЗ came into force 180 days after its publication


def _days(number: int) -> Term:
    return Term(number, "calendar_day")


# No law names it: whoever reads of a threat to life has to make sure within the hour that 112 was called.
_REACT_TO_DANGER: Final = partial(
    Policy,
    name="Первая реакция, угроза жизни",
    clock="react",
    term=Term(1, "calendar_hour"),
    importance=DANGER,
    start_from="assignment",
    basis="общее правило: угроза жизни не ждёт рабочих часов",
)

_STATUTORY: Final[Mapping[str, partial[Policy]]] = {
    "react-danger": _REACT_TO_DANGER,
    "register": partial(
        Policy,
        name="Регистрация",
        clock="register",
        term=_days(3),
        basis="59-ФЗ, ст. 8 ч. 2",
        # With `previous` three days across New Year shrink to nothing: from 30.12.2026 they would end the same day.
        weekend_rule="next",
    ),
    "forward": partial(
        Policy,
        name="Направление по компетенции",
        clock="forward",
        term=_days(7),
        basis="59-ФЗ, ст. 8 ч. 3",
    ),
    "forward-migration": partial(
        Policy,
        name="Направление по вопросам миграции",
        clock="forward",
        term=_days(5),
        case="migration",
        basis="59-ФЗ, ст. 8 ч. 3.1",
    ),
    "answer": partial(
        Policy,
        name="Ответ на обращение",
        clock="answer",
        term=_days(30),
        max_extension_days=30,
        basis="59-ФЗ, ст. 12 ч. 1 и 2",
    ),
    "answer-migration-head": partial(
        Policy,
        name="Ответ главы региона по вопросам миграции",
        clock="answer",
        term=_days(20),
        case="migration_head",
        max_extension_days=30,
        basis="59-ФЗ, ст. 12 ч. 1.1 и 2",
    ),
    "answer-special": partial(
        Policy,
        name="Ответ без рассмотрения по существу",
        clock="answer",
        term=_days(7),
        case="special_outcome",
        basis="59-ФЗ, ст. 11 ч. 2, 4, 4.1 и 5.1",
    ),
    "documents": partial(
        Policy,
        name="Документы по запросу",
        clock="documents",
        term=_days(15),
        start_from="assignment",
        basis="59-ФЗ, ст. 10 ч. 2",
    ),
}

_MESSAGE: Final[Mapping[str, partial[Policy]]] = {
    "react": partial(
        Policy,
        name="Первая реакция",
        clock="react",
        term=Term(8, "working_hour"),
        start_from="assignment",
        basis="практика ЦУР: Ульяновск 8 часов, Севастополь 9 рабочих часов",
    ),
    "react-high": partial(
        Policy,
        name="Первая реакция, высокая важность",
        clock="react",
        term=Term(4, "working_hour"),
        importance="high",
        start_from="assignment",
        basis="практика ЦУР: Севастополь, 4 часа",
    ),
    "react-danger": _REACT_TO_DANGER,
    "answer": partial(
        Policy,
        name="Ответ на сообщение",
        clock="answer",
        term=_days(30),
        max_extension_days=30,
        pauses=("clarification", "documents"),
        basis="ПОС: базовый срок 30 дней",
    ),
    "answer-fast": partial(
        Policy,
        name="Ускоренное решение (фаст-трек)",
        clock="answer",
        term=Term(3, "working_day"),
        case="fast_track",
        pauses=("clarification", "documents"),
        basis="ПОС: срок фаст-трека (1–10 дней) назначает регион",
    ),
    "answer-after-interim": partial(
        Policy,
        name="Окончательный ответ после промежуточного",
        clock="answer",
        term=Term(7, "working_day"),
        case="after_interim",
        max_extension_days=30,
        pauses=("clarification", "documents"),
        basis="практика ЦУР: Севастополь, 7 рабочих дней",
    ),
    # While a message waits for documents its own clock stands still, so somebody has to watch the wait.
    "documents": partial(
        Policy,
        name="Документы по запросу",
        clock="documents",
        term=_days(15),
        start_from="assignment",
        basis="по аналогии с 59-ФЗ, ст. 10 ч. 2",
    ),
}


_DEFAULTS: Final[Mapping[Regime, Mapping[str, partial[Policy]]]] = {
    "statutory": _STATUTORY,
    "message": _MESSAGE,
}


def default_policies(region: str) -> list[Policy]:
    """Version 1 of both regimes' policies for a region (two digits, or "*"); the ids are the same on every
    call."""
    return [
        make(
            id=str(uuid5(NAMESPACE_URL, f"otklik:policy:{region}:{regime}:{slug}")),
            region=region,
            regime=regime,
            valid_from=_SINCE,
        )
        for regime, defaults in _DEFAULTS.items()
        for slug, make in defaults.items()
    ]
