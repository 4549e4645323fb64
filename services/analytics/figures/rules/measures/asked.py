"""What was due, by the day it was due; what comes of so many residents; and what citizens said when they were asked: reached,
solved, satisfied."""

from __future__ import annotations

from typing import Final

from services.analytics.figures.rules.measures.measure import (
    Comparison,
    Measure,
    compare_shares,
    count_of,
    share_of,
)

_DUE: Final = "due_epoch < CAST(:as_of AS bigint)"
_RATED: Final = "score_count > 0"


def _share_of_rated(key: str, names: tuple[str, str], definition: str, rated: str = "score_count") -> Measure:
    part = f"sum({key}_count)"
    return Measure(
        f"{key}_share",
        names[0],
        names[1],
        "share",
        definition,
        f"{names[0].removeprefix('Доля «').removesuffix('»')} / оценено",
        f"{part}::float8 / nullif(sum({rated}), 0)",
        f"{rated} > 0",
        grain="rated_answer",
        comparison=Comparison("high", "mean", f"sum({rated})", part, part),
    )


ASKED_MEASURES: Final = (
    Measure(
        "due",
        "Срок наступил",
        "Due",
        "count",
        "Число обращений, день первого срока ответа которых пришёлся на период и уже истёк, когда бы они ни поступили. У обращения "
        "с несколькими ответственными – последний из их сроков. Не считаются те, ответа на которые больше не ждут: отозванные, "
        "отменённые или перенаправленные до ответа.",
        "число тех, чей день срока в периоде и срок истёк",
        count_of(_DUE),
        _DUE,
        dated_by="due_on",
    ),
    Measure(
        "in_time_share_of_due",
        "Доля в срок по дате срока",
        "Share in time by due day",
        "share",
        "Доля обращений, на которые ответ дан не позже срока, среди всех, день первого срока ответа которых пришёлся на период и уже "
        "истёк, когда бы они ни поступили. Оставшиеся без ответа входят в знаменатель; у обращения с несколькими ответственными "
        "в срок должны ответить все. Не считаются отозванные, отменённые или перенаправленные до ответа.",
        "ответ не позже срока / срок наступил",
        share_of("due_kept", _DUE),
        _DUE,
        dated_by="due_on",
        comparison=compare_shares("due_kept", _DUE, "high"),
    ),
    Measure(
        "received_per_10000",
        "Поступило на 10 000 жителей",
        "Received per 10,000 residents",
        "per_10000",
        "Поступившие за период на 10 000 жителей территории, о которой показатель: муниципалитета, региона или выбранных. Число жителей – из "
        "справочника муниципалитетов; если хотя бы для одного муниципалитета территории оно не загружено, значения нет.",
        "поступило × 10 000 / число жителей",
        count_of("true"),
    ),
    Measure(
        "rated",
        "Оценено",
        "Rated",
        "count",
        "Из поступивших: заявитель оценил хотя бы один ответ.",
        "число поступивших с оценкой",
        count_of(_RATED),
        _RATED,
    ),
    _share_of_rated(
        "reached",
        ("Доля «связались»", "Share reached"),
        "Доля оценённых ответов, о которых заявитель сказал, что с ним связались, среди тех, о которых он ответил на этот вопрос. "
        "Каждый ответ учитывается один раз, по последней оценке.",
        "reached_known",
    ),
    _share_of_rated(
        "solved",
        ("Доля «решено»", "Share solved"),
        "Доля оценённых ответов, о которых заявитель сказал, что вопрос решён. Каждый ответ учитывается один раз, по последней "
        "оценке.",
    ),
    _share_of_rated(
        "satisfied",
        ("Доля «довольны»", "Share satisfied"),
        "Доля оценённых ответов, которыми заявитель доволен; если его об этом не спросили – с оценкой 4 или 5. Каждый ответ "
        "учитывается один раз, по последней оценке.",
    ),
)
