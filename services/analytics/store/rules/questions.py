"""A question of figures: columns over the rows that a filter means, as one statement in the SQL that stores share.

What they share is more than one would think: `percentile_cont … WITHIN GROUP`, `FILTER (WHERE …)`, `date_trunc`,
`date_part('epoch', …)`, `left`, `starts_with` and `::` casts mean the same in both. `at` is a word of DuckDB's own and is no
name of a column. Where they differ, the store bridges it (`stores`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.analytics.store.rules.filters import DatedBy, Filter, conditions_of
from services.analytics.store.rules.sources import Base


class Percentile(str):
    """SQL of a percentile of the expression `of`, interpolated between neighbours, in units of so many `per`; a store may know
    a faster way to it."""

    share: float
    of: str
    per: float

    def __new__(cls, share: float, of: str, per: float = 1.0) -> Percentile:
        """`share`: 0 to 1."""
        unit = "" if per == 1 else f" / {per}"
        made = super().__new__(cls, f"percentile_cont({share}) WITHIN GROUP (ORDER BY {of}){unit}")
        made.share, made.of, made.per = share, of, per
        return made


@dataclass(frozen=True)
class Question:
    """`columns`: name → expression over a source (`f`); rows are grouped by the first `groups` of them.

    `base`: what is counted. `narrowed`: a further condition, `having` one of groups, `order` the rows' order; they and the
    columns may use parameters that `parameters` gives, by names that no filter has. `dated_by`: the column that the filter's
    period is of. `around`: a statement over the answer's rows, which stand where it has `{rows}`.
    """

    filters: Filter
    base: Base
    columns: Mapping[str, str]
    groups: int = 0
    narrowed: str = ""
    having: str = ""
    order: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    dated_by: DatedBy = "received_local"
    around: str = "{rows}"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `:name` parameters, and these."""

    sql: str
    parameters: Mapping[str, object]

    @property
    def key(self) -> str:
        """The same for the same question alone."""
        return f"{self.sql} {sorted(self.parameters.items())}"


def compose(question: Question, sources: Mapping[Base, str]) -> Statement:
    """The statement of a question over a store's own sources. The only way from a question to SQL, so that no question
    can be put without its asker's scope."""
    conditions = conditions_of(question.filters, question.dated_by)
    clash = conditions.parameters.keys() & question.parameters.keys()
    if clash:
        raise ValueError(f"a filter has parameters of these names: {sorted(clash)}")
    where = [*conditions.clauses, *([f"({question.narrowed})"] if question.narrowed else [])]
    columns = ", ".join(f"{expression} AS {name}" for name, expression in question.columns.items())
    groups = ", ".join(str(place + 1) for place in range(question.groups))
    clauses = (
        f"SELECT {columns} FROM ({sources[question.base]}) AS f WHERE {' AND '.join(where) or 'true'}",
        f"GROUP BY {groups}" if groups else "",
        f"HAVING {question.having}" if question.having else "",
        f"ORDER BY {question.order}" if question.order else "",
    )
    rows = " ".join(filter(None, clauses))
    return Statement(
        question.around.replace("{rows}", rows), {**conditions.parameters, **question.parameters}
    )
