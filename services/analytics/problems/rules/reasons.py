"""What people write of a problem is about streets and topics: it must name nobody, for analytics keep no personal data."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 500
_PERSONAL: Final = re.compile(r"@|(?:\d[\s().–-]*){7,}")  # an address of mail, a phone, a passport


def names_somebody(reason: str) -> bool:
    """Whether it looks as if it gave away a person's address or number."""
    return _PERSONAL.search(reason) is not None
