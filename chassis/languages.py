"""The language a caller reads: English, or Russian where `Accept-Language` puts it first."""

from __future__ import annotations

from contextvars import ContextVar
from functools import lru_cache
from typing import Final, Literal

Language = Literal["en", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru")
_LONGEST: Final = 200  # characters of the header that are looked at
# Of the request being answered.
language_now: ContextVar[Language] = ContextVar("language", default="en")


@lru_cache(maxsize=256)
def chosen(accepted: str) -> Language:
    """The language of an `Accept-Language` header (RFC 9110 §12.5.4); English where it wants neither or nothing."""
    best: tuple[float, Language] = (0.0, "en")
    for part in accepted[:_LONGEST].lower().split(","):
        name, _, weight = part.strip().partition(";")
        language: Language | None = next(
            (each for each in LANGUAGES if name.split("-")[0].strip() == each), None
        )
        if language is not None and _weight(weight) > best[0]:
            best = (_weight(weight), language)
    return best[1]


def _weight(written: str) -> float:
    name, _, value = written.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
