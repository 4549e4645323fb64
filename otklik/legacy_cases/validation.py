"""Why the register would refuse a case, as far as that is known beforehand: so that the plan can say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from contracts.territories import REGIONS

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


def find_fault(case: Mapping[str, Any], now: datetime) -> str | None:
    """What is wrong with a case as it would be sent; None when nothing is known to be."""
    if case["region"] not in REGIONS:
        return f"has region «{case['region']}», which does not exist: write two digits, 46 for Kursk"
    if "received_at" not in case:
        return "does not say when the case was received"
    long = next((name for name, most in LONGEST.items() if len(case.get(name) or "") > most), None)
    if long:
        return f"has {long} of more than {LONGEST[long]} characters; is it another column?"
    if "closed_at" in case and "organisation" not in case:
        return "is closed and does not say who answered it (organisation)"
    if "answer" in case and "closed_at" not in case:
        return "has an answer and no closing date"
    return _find_wrong_order(case, now)


def _find_wrong_order(case: Mapping[str, Any], now: datetime) -> str | None:
    moments = {
        name: datetime.fromisoformat(case[name])
        for name in ("received_at", "accepted_at", "closed_at")
        if name in case
    }
    received_at = moments["received_at"]
    if received_at.year < FIRST_YEAR:
        return f"was received before {FIRST_YEAR}"
    late = next((name for name, moment in moments.items() if moment > now + _TOLERANCE), None)
    if late:
        return f"has {late} {case[late][:10]}, which is still to come"
    early = next((name for name, moment in moments.items() if moment < received_at), None)
    if early:
        return f"has {early} {case[early][:10]} before it was received"
    if moments.get("accepted_at", received_at) > moments.get("closed_at", now + _TOLERANCE):
        return f"has accepted_at {case['accepted_at'][:10]} after it was closed"
    return None
