"""Which counts are withheld, so that no few appeals can be found out, not by difference either (ADR 36).

What is published of a table is the whole and those of its parts that are shown, all exact. So whoever subtracts gets one number:
what the withheld parts come to together. Each of them may be anything from nothing up to that, as far as one can tell. It is
therefore either nothing or at least `MARGIN`; where small parts alone do not reach that, the smallest of the others are withheld
with them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

K = TypeVar("K")
SMALLEST: Final = 5  # fewer appeals are not shown
MARGIN: Final = 2 * SMALLEST


def is_shown(count: int) -> bool:
    """Whether a count by itself may be seen: none at all, or not few."""
    return count == 0 or count >= SMALLEST


def withheld_of(counts: Mapping[K, int], beside: int = 0) -> frozenset[K]:
    """Keys of the parts that are not shown. `counts`: of all parts, which add up to a whole that is known, but for `beside`,
    which is never shown. All of them where nothing else helps: then what is known is the whole, which is not small itself.
    """
    withheld = {key for key, count in counts.items() if not is_shown(count)}
    together = beside + sum(counts[key] for key in withheld)
    others = sorted(
        (key for key, count in counts.items() if count and key not in withheld),
        key=lambda key: (counts[key], str(key)),
    )
    for key in others:
        if together == 0 or together >= MARGIN:
            break
        withheld.add(key)
        together += counts[key]
    return frozenset(withheld)


def both_shown(parts: Collection[int]) -> bool:
    """Whether the share of one of these in their sum may be seen: it tells of each, at most to those who know the sum."""
    return sum(parts) >= SMALLEST and all(map(is_shown, parts))
