"""Why the register would refuse a case, as far as that is known beforehand: so that the plan can say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from contracts.territories import REGIONS
from otklik.files import Draft

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
    ("closed_at", "organisation", "is closed and does not say who answered it (organisation)"),
    ("answer", "closed_at", "has an answer and no closing date"),
)


def find_violation(case: Draft, now: datetime) -> str | None:
    """What is wrong with a case as it would be sent; None when nothing is known to be."""
    texts = case.texts
    if case.region not in REGIONS:
        return f"has region «{case.region}», which does not exist: write two digits, 46 for Kursk"
    if "received_at" not in texts:
        return "does not say when the case was received"
    long = next((name for name, most in LONGEST.items() if len(texts.get(name, "")) > most), None)
    if long:
        return f"has {long} of more than {LONGEST[long]} characters; is it another column?"
    incomplete = (why for has, lacks, why in _REQUIRED_WITH if has in texts and lacks not in texts)
    return next(incomplete, None) or _find_wrong_order(texts, now)


def _find_wrong_order(texts: Mapping[str, str], now: datetime) -> str | None:
    instants = {
        name: datetime.fromisoformat(texts[name])
        for name in ("received_at", "accepted_at", "closed_at")
        if name in texts
    }
    received_at, latest = instants["received_at"], now + _TOLERANCE
    if received_at.year < FIRST_YEAR:
        return f"was received before {FIRST_YEAR}"
    late = next((name for name, at in instants.items() if at > latest), None)
    if late:
        return f"has {late} {texts[late][:10]}, which is still to come"
    early = next((name for name, at in instants.items() if at < received_at), None)
    if early:
        return f"has {early} {texts[early][:10]} before it was received"
    if instants.get("accepted_at", received_at) > instants.get("closed_at", latest):
        return f"has accepted_at {texts['accepted_at'][:10]} after it was closed"
    return None
