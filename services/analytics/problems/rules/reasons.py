"""What people write of problems and decisions is about streets and topics: it must name nobody, for analytics keep no personal data."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 500
NAMES_SOMEBODY: Final = "it names nobody: leave out phones, addresses and numbers of documents"
_PERSONAL: Final = re.compile(r"@|(?:\d[\s().–-]*){7,}")  # an address of mail, a phone, a passport
_DAY: Final = (
    r"(?<![\d.])(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:(?:19|20)\d{2}(?!\d)|\d{2}(?![.\s-]?\d))"
    r"|(?<!\d)(?:19|20)\d{2}-\d{2}-\d{2}(?!\d)"
)
_SUM: Final = r"(?<!\d)\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?\s*(?:₽|руб|тыс|млн|млрд)"
_HARMLESS: Final = re.compile(f"{_DAY}|{_SUM}")


def names_somebody(words: str) -> bool:
    """Whether it looks as if it gave away a person's address or number."""
    return _PERSONAL.search(_HARMLESS.sub(" … ", words)) is not None
