"""What a citizen says of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_YES_OR_NO: Final = {"yes": True, "no": False}


def rating_of(values: Mapping[str, str]) -> dict[str, object] | None:
    """The rating as the platform takes it; None where the score or whether it is solved is missing."""
    score, solved = values.get("score", ""), _YES_OR_NO.get(values.get("solved", ""))
    if score not in {"1", "2", "3", "4", "5"} or solved is None:
        return None
    optional: dict[str, object | None] = {
        "reached": _YES_OR_NO.get(values.get("reached", "")),
        "satisfied": _YES_OR_NO.get(values.get("satisfied", "")),
        "comment": values.get("comment", "").strip() or None,
    }
    given = {name: value for name, value in optional.items() if value is not None}
    return {"score": int(score), "solved": solved, **given}
