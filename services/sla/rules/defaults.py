"""The policies a region starts with, each with its source; the region edits them as data.

`statutory` is 59-ФЗ of 02.05.2006: calendar days, and no pauses – the law knows none, only one extension of
up to 30 days. `message` (ПОС, social networks) is not under 59-ФЗ: its terms are a region's own, and these
are those that published regional rules name (domain.md §2, §3); where two differ, the stricter, which is in
time under either.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from services.sla.rules.policies import ANY_REGION, Policy
from services.sla.rules.terms import Term

_SINCE: Final = datetime(2006, 11, 2, tzinfo=UTC)  # 59-ФЗ came into force 180 days after its publication


def _days(number: int) -> Term:
    return Term(number, "calendar_day")


# What a policy of each regime starts from; its id is a slug until a region has it.
_statutory = partial(Policy, region=ANY_REGION, regime="statutory", valid_from=_SINCE)
_message = partial(Policy, region=ANY_REGION, regime="message", valid_from=_SINCE)

_STATUTORY: Final = (
    _statutory(
        "register", name="Регистрация", clock="register", term=_days(3), basis="59-ФЗ, ст. 8 ч. 2",
        # With `previous` three days across New Year shrink to nothing (domain.md §1), so registration has its
        # own rule.
        weekend_rule="next",
    ),
    _statutory(
        "forward", name="Направление по компетенции", clock="forward", term=_days(7),
        basis="59-ФЗ, ст. 8 ч. 3",
    ),
    _statutory(
        "forward-migration", name="Направление по вопросам миграции", clock="forward", term=_days(5), case="migration",
        basis="59-ФЗ, ст. 8 ч. 3.1",
    ),
    _statutory(
        "answer", name="Ответ на обращение", clock="answer", term=_days(30), max_extension_days=30,
        basis="59-ФЗ, ст. 12 ч. 1 и 2",
    ),
    _statutory(
        "answer-migration-head", name="Ответ главы региона по вопросам миграции", clock="answer", term=_days(20),
        case="migration_head", max_extension_days=30, basis="59-ФЗ, ст. 12 ч. 1.1 и 2",
    ),
    _statutory(
        "answer-special", name="Ответ без рассмотрения по существу", clock="answer", term=_days(7),
        case="special_outcome", basis="59-ФЗ, ст. 11 ч. 2, 4, 4.1 и 5.1",
    ),
    _statutory(
        "documents", name="Документы по запросу", clock="documents", term=_days(15), start_from="assignment",
        basis="59-ФЗ, ст. 10 ч. 2",
    ),
)  # fmt: skip

_MESSAGE: Final = (
    _message(
        "react", name="Первая реакция", clock="react", term=Term(8, "working_hour"),
        start_from="assignment", basis="практика ЦУР: Ульяновск 8 часов, Севастополь 9 рабочих часов",
    ),
    _message(
        "react-high", name="Первая реакция, высокая важность", clock="react", term=Term(4, "working_hour"),
        importance="high", start_from="assignment", basis="практика ЦУР: Севастополь, 4 часа",
    ),
    _message(
        "answer", name="Ответ на сообщение", clock="answer", term=_days(30), max_extension_days=30,
        pauses=("clarification", "documents"), basis="ПОС: базовый срок 30 дней",
    ),
    _message(
        "answer-fast", name="Ускоренное решение (фаст-трек)", clock="answer", term=Term(3, "working_day"),
        case="fast_track", pauses=("clarification", "documents"),
        basis="ПОС: срок фаст-трека (1–10 дней) назначает регион",
    ),
    _message(
        "answer-after-interim", name="Окончательный ответ после промежуточного", clock="answer", term=Term(7, "working_day"),
        case="after_interim", max_extension_days=30, pauses=("clarification", "documents"),
        basis="практика ЦУР: Севастополь, 7 рабочих дней",
    ),
    # While a message waits for documents its own clock stands still, so somebody has to watch the wait.
    _message(
        "documents", name="Документы по запросу", clock="documents", term=_days(15), start_from="assignment",
        basis="по аналогии с 59-ФЗ, ст. 10 ч. 2",
    ),
)  # fmt: skip


def default_policies(region: str) -> list[Policy]:
    """Version 1 of both regimes' policies for a region (two digits, or "*"); the ids are the same on every
    call."""
    return [replace(policy, region=region, id=_id_of(region, policy)) for policy in (*_STATUTORY, *_MESSAGE)]


def _id_of(region: str, policy: Policy) -> str:
    return str(uuid5(NAMESPACE_URL, f"otklik:policy:{region}:{policy.regime}:{policy.id}"))
