"""The rows of the facts, month by month, as files that Postgres copies in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from contracts.territories import find_zone
from infra.national.shape import (
    DAYS,
    ORGANISATIONS,
    Days,
    cells_of,
    centres_of,
    days_of,
    municipality_code,
    organisation_id,
    region_codes,
)

_SQL = Path(__file__).with_name("rows.sql").read_text()
_SCORED = "coalesce(score, 0) AS score_sum, CASE WHEN score IS NULL THEN 0 ELSE 1 END AS score_count"
_ANSWERS = "CASE WHEN answered_at IS NULL THEN 0 WHEN again_at IS NULL THEN 1 ELSE 2 END"
_REOPENINGS = "CASE WHEN reopened_at IS NULL THEN 0 ELSE 1 END"
_ASKS = f"(NOT is_unrouted AND NOT is_withdrawn AND {_REOPENINGS} >= {_ANSWERS})"
_ANSWERED = "answered_at IS NOT NULL"

# Table of the facts → its columns with what they are made of.
FACTS: dict[str, str] = {
    "fact_appeal": f"""
SELECT region, appeal_id, received_at, received_local, channel, 'message' AS regime,
    CASE WHEN is_stated THEN municipality END AS municipality, CASE WHEN n % 10 < 7 THEN cell END AS cell,
    CASE WHEN is_withdrawn THEN received_at + to_hours(20) END AS withdrawn_at,
    CASE WHEN is_rejected THEN received_at + to_hours(1) END AS moderated_at,
    CASE WHEN is_rejected THEN true END AS rejected,
    CASE WHEN is_unrouted THEN 0 WHEN is_redirected THEN 2 ELSE 1 END AS leads,
    CASE WHEN {_ASKS} THEN 1 ELSE 0 END AS open_leads,
    CASE WHEN NOT is_unassigned THEN o.id END AS organisation_id,
    CASE WHEN NOT is_unrouted THEN topic_code END AS topic,
    CASE WHEN NOT is_unrouted THEN group_code END AS topic_group,
    CASE WHEN NOT is_unrouted THEN municipality END AS routed_municipality,
    first_reaction_at, answered_at, {_REOPENINGS} AS reopenings,
    CASE WHEN {_ANSWERED} THEN coalesce(score, 0) ELSE 0 END AS score_sum,
    CASE WHEN {_ANSWERED} AND score IS NOT NULL THEN 1 ELSE 0 END AS score_count,
    ({_ANSWERED} AND NOT is_late) AS met, (is_late AND NOT is_unassigned) AS breached
FROM told AS t JOIN organisation AS o ON o.place = t.place AND o.number = t.organisation ORDER BY region, appeal_id
""",
    "fact_assignment": f"""
WITH given AS (
    SELECT t.*, 'lead' AS role, lead_id AS assignment_id, organisation AS holder, false AS is_former, 2 AS later
    FROM told AS t WHERE NOT is_unrouted
    UNION ALL SELECT t.*, 'lead', former_id, (organisation + 1) % {ORGANISATIONS}, true, 1
    FROM told AS t WHERE is_redirected AND NOT is_unrouted
    UNION ALL SELECT t.*, 'co_executor', helper_id, (organisation + 2) % {ORGANISATIONS}, false, 3
    FROM told AS t WHERE is_helped AND NOT is_unassigned
)
SELECT region, appeal_id, assignment_id, received_at + to_seconds(later) AS created_at, received_at, received_local,
    role, channel, 'message' AS regime, g.municipality, 1 AS topic_sequence, topic_code AS topic,
    group_code AS topic_group, 1 AS organisation_sequence,
    CASE WHEN is_former OR NOT is_unassigned THEN o.id END AS organisation_id,
    CASE WHEN NOT is_former THEN first_reaction_at END AS first_reaction_at,
    CASE WHEN is_former THEN received_at + to_seconds(2) END AS redirected_at,
    CASE WHEN is_withdrawn AND NOT is_former THEN received_at + to_hours(20) END AS cancelled_at,
    1 AS deadline_sequence, due_at,
    (role = 'lead' AND NOT is_former AND {_ANSWERED} AND NOT is_late) AS clock_met,
    (role = 'lead' AND NOT is_former AND is_late AND NOT is_unassigned) AS clock_breached,
    CASE WHEN assignment_id = lead_id THEN {_ANSWERS} ELSE 0 END AS answers,
    CASE WHEN assignment_id = lead_id THEN answered_at END AS answered_at,
    CASE WHEN assignment_id = lead_id THEN {_REOPENINGS} ELSE 0 END AS reopenings,
    CASE WHEN assignment_id = lead_id AND {_ANSWERED} THEN coalesce(score, 0) ELSE 0 END AS score_sum,
    CASE WHEN assignment_id = lead_id AND {_ANSWERED} AND score IS NOT NULL THEN 1 ELSE 0 END AS score_count,
    0 AS breaches, (assignment_id = lead_id AND {_REOPENINGS} > 0 AND {_REOPENINGS} >= {_ANSWERS}) AS is_reopened
FROM given AS g JOIN organisation AS o ON o.place = g.place AND o.number = g.holder
ORDER BY region, appeal_id, assignment_id
""",
    "fact_answer": """
SELECT region, appeal_id, answer_id, lead_id AS assignment_id, answered_at,
    CASE WHEN n % 10 < 6 THEN 'solved' WHEN n % 10 < 8 THEN 'explained' ELSE 'refused' END AS outcome, 1 AS cycle,
    reopened_at, CASE WHEN score IS NOT NULL THEN answered_at + to_hours(6) END AS rated_at, score, score > 2 AS solved
FROM told WHERE answered_at IS NOT NULL
UNION ALL
SELECT region, appeal_id, again_id, lead_id, again_at, 'solved', 2, NULL, NULL, NULL, NULL
FROM told WHERE again_at IS NOT NULL
ORDER BY region, appeal_id, answer_id
""",
}


@dataclass(frozen=True)
class Month:
    """The days of one month that are in the set, from `first` to `last` (exclusive), since the first day of all."""

    start: date
    first: int
    last: int
    appeals: int


class National:
    """Makes the rows of `appeals` appeals over the two years before `now`."""

    def __init__(self, appeals: int, seed: int, now: datetime) -> None:
        import duckdb

        self.now = now
        self.seed = seed
        self.days = days_of(appeals, seed, now.date() - timedelta(days=1))
        self._made = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "1500MB"})
        self._load_days(self.days)
        self._load_places()
        self._made.execute(";".join(_SQL.split(";")[:2]))

    def months(self) -> Iterator[Month]:
        """In the order of time."""
        first = 0
        while first < DAYS:
            start = self.days.first_day + timedelta(days=first)
            next_month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
            last = min(DAYS, (next_month - self.days.first_day).days)
            within = (self.days.day >= first) & (self.days.day < last)
            yield Month(start, first, last, int(self.days.count[within].sum()))
            first = last

    def write(self, month: Month, folder: Path) -> dict[str, Path]:
        """The month's rows, a file for each table; in a thread."""
        given = {
            "seed": self.seed,
            "first": month.first,
            "last": month.last,
            "now": self.now.astimezone(UTC).replace(tzinfo=None),
        }
        for statement in _SQL.split(";")[2:]:
            used = {name: value for name, value in given.items() if f"${name}" in statement}
            if "CREATE" in statement:
                self._made.execute(statement, used)
        files = {table: folder / f"{month.start:%Y%m}-{table}.csv" for table in FACTS}
        for table, file in files.items():
            self._made.execute(f"COPY ({FACTS[table]}) TO '{file}' (FORMAT csv, HEADER false)")
        return files

    def _load_days(self, days: Days) -> None:
        columns = {
            "region": days.region,
            "day": days.day,
            "first": days.first,
            "count": days.count,
            "burst": days.burst,
        }
        self._made.register("given", {name: np.ascontiguousarray(each) for name, each in columns.items()})
        self._made.execute("CREATE TABLE day AS SELECT * FROM given")

    def _load_places(self) -> None:
        epoch = (self.days.first_day - date(1970, 1, 1)).days
        codes = region_codes()
        regions = [
            (place, code, centres_of(place), _offset_seconds(code, self.now), epoch)
            for place, code in enumerate(codes)
        ]
        self._made.execute(
            "CREATE TABLE region (place BIGINT, code VARCHAR, centres INTEGER, zone_seconds INTEGER, first_day BIGINT)"
        )
        self._made.executemany("INSERT INTO region VALUES ($1, $2, $3, $4, $5)", regions)
        self._made.execute("CREATE TABLE centre (place BIGINT, number INTEGER, code VARCHAR, cells BIGINT[])")
        centres = [(place, number) for place in range(len(codes)) for number in range(centres_of(place))]
        self._made.executemany(
            "INSERT INTO centre VALUES ($1, $2, $3, $4)",
            [(p, n, municipality_code(codes[p], n), list(cells_of(p, n))) for p, n in centres],
        )
        self._made.execute("CREATE TABLE organisation (place BIGINT, number INTEGER, id VARCHAR)")
        numbers = [(place, number) for place in range(len(codes)) for number in range(ORGANISATIONS)]
        self._made.executemany(
            "INSERT INTO organisation VALUES ($1, $2, $3)",
            [(place, number, str(organisation_id(codes[place], number))) for place, number in numbers],
        )

    def close(self) -> None:
        """Give back memory."""
        self._made.close()


def _offset_seconds(region: str, now: datetime) -> int:
    offset = now.astimezone(ZoneInfo(find_zone(region))).utcoffset()
    return int((offset or timedelta()).total_seconds())
