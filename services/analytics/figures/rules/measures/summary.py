"""The measures of the summary."""

from __future__ import annotations

from typing import Final

from services.analytics.figures.rules.measures.measure import (
    Comparison,
    Measure,
    compare_counts,
    compare_shares,
    compare_times,
    count_of,
    share_of,
)
from services.analytics.store.rules.questions import Percentile

_ANSWERED: Final = "seconds_to_answer IS NOT NULL"
_REACTED: Final = "seconds_to_first_reaction IS NOT NULL"
_IN_TRIAGE: Final = "is_in_triage"
_BREACHED: Final = "breached"
_DECIDED: Final = "met OR breached"
_REOPENED: Final = "reopenings > 0"
_OPEN: Final = "is_open"
_ASSIGNED: Final = "organisation_id IS NOT NULL"

SUMMARY_MEASURES: Final = (
    Measure(
        "received",
        "Поступило",
        "Received",
        "count",
        "Число зарегистрированных обращений, поступивших за период (по дате поступления, местное время региона). "
        "Для органа – число поручений, данных ему по таким обращениям, включая перенаправленные им.",
        "число поступивших",
        count_of("true"),
    ),
    Measure(
        "assigned",
        "Распределено",
        "Assigned",
        "count",
        "Из поступивших: ответственным за которые сейчас назначен орган или организация.",
        "число поступивших, у которых есть ответственный",
        count_of(_ASSIGNED),
        _ASSIGNED,
        comparison=compare_counts(_ASSIGNED, "high"),
    ),
    Measure(
        "in_triage",
        "На ручной сортировке",
        "In triage",
        "count",
        "Из поступивших: ожидают решения координатора о том, какому органу их передать.",
        "число поступивших, ожидающих решения координатора",
        count_of(_IN_TRIAGE),
        _IN_TRIAGE,
        comparison=compare_counts(_IN_TRIAGE, "low"),
    ),
    Measure(
        "answered",
        "Дан ответ",
        "Answered",
        "count",
        "Из поступивших: ответственный дал хотя бы один окончательный ответ (решено, разъяснено, отказано или "
        "отложено с обещанной датой). Промежуточный ответ не считается.",
        "число поступивших с окончательным ответом",
        count_of(_ANSWERED),
        _ANSWERED,
        comparison=compare_counts(_ANSWERED, "high"),
    ),
    Measure(
        "in_time_share",
        "Доля в срок",
        "Share in time",
        "share",
        "Доля обращений без нарушения срока ответа среди тех, по которым срок ответа уже решён: ответ дан или срок "
        "истёк. Обращения, срок которых ещё идёт, не учитываются; один нарушенный срок из нескольких – нарушение.",
        "без нарушения / (срок соблюдён или нарушен)",
        share_of("NOT breached", _DECIDED),
        _DECIDED,
        comparison=compare_shares("NOT breached", _DECIDED, "high"),
    ),
    Measure(
        "breached",
        "Просрочено",
        "Breached",
        "count",
        "Из поступивших: хотя бы один срок ответа ответственного истёк без ответа. Просрочка, опровергнутая позже, "
        "не считается.",
        "число поступивших с нарушенным сроком ответа",
        count_of(_BREACHED),
        _BREACHED,
        comparison=compare_counts(_BREACHED, "low"),
    ),
    Measure(
        "reopened",
        "Возобновлено",
        "Reopened",
        "count",
        "Из поступивших: хотя бы один ответ не устроил заявителя, и работа возобновлена.",
        "число поступивших, возобновлённых хотя бы раз",
        count_of(_REOPENED),
        _REOPENED,
        comparison=compare_counts(_REOPENED, "low"),
    ),
    Measure(
        "reopened_share",
        "Доля возобновлённых",
        "Share reopened",
        "share",
        "Доля возобновлённых среди обращений, на которые дан окончательный ответ.",
        "возобновлено / дан окончательный ответ",
        share_of(_REOPENED, _ANSWERED),
        _ANSWERED,
        comparison=compare_shares(_REOPENED, _ANSWERED, "low"),
    ),
    Measure(
        "satisfaction",
        "Удовлетворённость",
        "Satisfaction",
        "score",
        "Средняя оценка ответов заявителями, от 1 до 5. Каждый оценённый ответ учитывается один раз, по последней "
        "оценке.",
        "сумма оценок / число оценённых ответов",
        "sum(score_sum)::float8 / nullif(sum(score_count), 0)",
        "score_count > 0",
        grain="rated_answer",
        comparison=Comparison(
            "high",
            "mean",
            "sum(score_count)",
            "sum(score_sum)",
            "sum(score_sum * score_sum::float8 / nullif(score_count, 0))",
        ),
    ),
    Measure(
        "median_hours_to_first_reaction",
        "Часов до первой реакции, медиана",
        "Hours to first reaction, median",
        "hours",
        "Медиана календарных часов от поступления до первого действия исполнителя: принятия в работу, "
        "промежуточного или окончательного ответа. Обращения без реакции не учитываются.",
        "медиана (первая реакция − поступление)",
        Percentile(0.5, "seconds_to_first_reaction", 3600.0),
        _REACTED,
        comparison=compare_times("seconds_to_first_reaction"),
    ),
    Measure(
        "median_hours_to_answer",
        "Часов до ответа, медиана",
        "Hours to answer, median",
        "hours",
        "Медиана календарных часов от поступления до первого окончательного ответа. Обращения без ответа не "
        "учитываются.",
        "медиана (первый окончательный ответ − поступление)",
        Percentile(0.5, "seconds_to_answer", 3600.0),
        _ANSWERED,
        comparison=compare_times("seconds_to_answer"),
    ),
    Measure(
        "p90_hours_to_answer",
        "Часов до ответа, 90-й процентиль",
        "Hours to answer, 90th percentile",
        "hours",
        "Время от поступления до первого окончательного ответа, в которое укладываются девять обращений из десяти "
        "(календарные часы). Обращения без ответа не учитываются.",
        "90-й процентиль (первый окончательный ответ − поступление)",
        Percentile(0.9, "seconds_to_answer", 3600.0),
        _ANSWERED,
        minimum_sample=30,
        comparison=compare_times("seconds_to_answer"),
    ),
    Measure(
        "backlog",
        "В работе",
        "Backlog",
        "count",
        "Из поступивших: ещё без окончательного ответа или возобновлены после него; отклонённые при модерации и "
        "отозванные заявителем не считаются.",
        "число поступивших, по которым работа не окончена",
        count_of(_OPEN),
        _OPEN,
        comparison=compare_counts(_OPEN, "low"),
    ),
)
