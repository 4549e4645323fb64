"""Why the register would refuse a case, as far as that is known beforehand: so that the plan can say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from contracts.territories import REGIONS
from otklik.files import Draft, RowError

LONGEST: Final = {
    "text": 10_000,
    "answer": 10_000,
    "topic": 200,
    "group": 200,
    "organisation": 200,
    "external_id": 255,
}
FIRST_YEAR: Final = 1994
_TOLERANCE: Final = timedelta(minutes=5)
# A case that has the first has the second too.
_REQUIRED_WITH: Final = (
    (
        "closed_at",
        "organisation",
        "is closed and does not say who answered it (organisation)",
        "закрыто, а кто ответил, не сказано",
    ),
    ("answer", "closed_at", "has an answer and no closing date", "ответ есть, а даты закрытия нет"),
)


def find_violation(case: Draft, now: datetime) -> RowError | None:
    """What is wrong with a case as it would be sent; None when nothing is known to be."""
    texts = case.texts
    if case.region not in REGIONS:
        return RowError(
            f"has region «{case.region}», which does not exist: write two digits, 46 for Kursk",
            field="region",
            russian=f"региона «{case.region[:60]}» нет; нужны две цифры, например 46",
        )
    if "received_at" not in texts:
        return RowError(
            "does not say when the case was received",
            field="received_at",
            russian="не сказано, когда обращение поступило",
        )
    long = next((name for name, most in LONGEST.items() if len(texts.get(name, "")) > most), None)
    if long:
        return RowError(
            f"has {long} of more than {LONGEST[long]} characters; is it another column?",
            field=long,
            russian=f"больше {LONGEST[long]} знаков",
        )
    for has, lacks, why, russian in _REQUIRED_WITH:
        if has in texts and lacks not in texts:
            return RowError(why, field=lacks, russian=russian)
    return _find_wrong_order(texts, now)


def _find_wrong_order(texts: Mapping[str, str], now: datetime) -> RowError | None:
    instants = {
        name: datetime.fromisoformat(texts[name])
        for name in ("received_at", "accepted_at", "closed_at")
        if name in texts
    }
    received_at, latest = instants["received_at"], now + _TOLERANCE
    if received_at.year < FIRST_YEAR:
        return RowError(
            f"was received before {FIRST_YEAR}",
            field="received_at",
            russian=f"поступило раньше {FIRST_YEAR} года",
        )
    late = next((name for name, at in instants.items() if at > latest), None)
    if late:
        return RowError(
            f"has {late} {texts[late][:10]}, which is still to come",
            field=late,
            russian=f"дата {texts[late][:10]} ещё не наступила",
        )
    early = next((name for name, at in instants.items() if at < received_at), None)
    if early:
        return RowError(
            f"has {early} {texts[early][:10]} before it was received",
            field=early,
            russian=f"дата {texts[early][:10]} раньше поступления",
        )
    if instants.get("accepted_at", received_at) > instants.get("closed_at", latest):
        return RowError(
            f"has accepted_at {texts['accepted_at'][:10]} after it was closed",
            field="accepted_at",
            russian="принято в работу позже закрытия",
        )
    return None
