"""What was to be expected of a group after its mix of topics and months: indirect standardisation, cell by cell.

A cell is what the region received on one topic in one month. A group that had n of its N cases is expected to have n/N of the
sum of the cell's scores; if the n were drawn from the N at random, that sum would vary by n (N − n) / N · s², where s² is the
variance of the scores in the cell (with N − 1). Added up over cells this is the stratified test of Mantel and Haenszel (1959), for
scores that are not only 0 and 1 that of Mantel (1963). A cell with one group alone compares nothing and adds nothing to the
variance, so a group that has its topics for itself is never judged.
"""

from __future__ import annotations

from typing import Final

from services.analytics.figures.rules.measures.measure import Comparison, Measure


def cell_columns(measure: Measure, comparison: Comparison, group: str) -> dict[str, str]:
    """Columns over a source, grouped by the first four: how many cases a group has in a cell, and their scores."""
    return {
        "key": group,
        "cell_region": "region",
        "cell_topic": "topic",
        "cell_month": f"date_trunc('month', {measure.dated_by}::timestamp)",
        "size": f"CAST({comparison.size} AS double precision)",
        "total": f"CAST({comparison.total} AS double precision)",
        "squares": f"CAST({comparison.squares} AS double precision)",
    }


EXPECTED_AROUND: Final = """
WITH cells AS ({rows}), compared AS (
    SELECT key, size, total, sum(size) OVER cell AS all_size, sum(total) OVER cell AS all_total,
        sum(squares) OVER cell AS all_squares
    FROM cells WHERE size > 0 WINDOW cell AS (PARTITION BY cell_region, cell_topic, cell_month)
)
SELECT key, sum(size) AS size, sum(total) AS total, sum(size * all_total / all_size) AS expected,
    sum(CASE WHEN all_size > size THEN size * (all_size - size) / all_size
        * greatest(all_squares - all_total * all_total / all_size, 0) / nullif(all_size - 1, 0) ELSE 0 END) AS variance
FROM compared GROUP BY key
"""
