"""Lists whose every page costs the same, however much there is.

Such a list is cut into ranges that an index has in the list's own order (one for each region, status …). The first
rows of every range are read by that index and merged, so that nothing is ever sorted, or counted, whole.
"""

from __future__ import annotations


def merge_ranges(ranges: str, rows: str, order: str) -> str:
    """SQL of the first `:limit` rows of a list. `rows` selects one range, correlated with a row of `ranges`; `order`:
    columns it selects."""
    return (
        f"SELECT f.* FROM {ranges} CROSS JOIN LATERAL ({rows} ORDER BY {order} LIMIT :limit) AS f "
        f"ORDER BY {order} LIMIT :limit"
    )
