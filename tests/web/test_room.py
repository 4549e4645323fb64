"""The room's words and figures: what is said of a number, and what is not said where chance explains it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from web.room.rules import Subject, change_of_count, show_hours
from web.room.views.decisions import Decision, Effect
from web.room.views.situation import UsualDay
from web.room.words import is_beyond_chance, word_decision, word_effect, word_last_day


def _effect(estimate: float, low: float, high: float, *, worked: bool, relative: bool = True) -> Effect:
    return Effect(estimate=estimate, low=low, high=high, worked=worked, weeks=6, relative=relative)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (_effect(-0.05, -0.3, 0.2, worked=False), "не видно: от -30\u00a0% до +20\u00a0%"),
        (_effect(-0.33, -0.45, -0.2, worked=True), "меньше на 20–45\u00a0%"),
        (_effect(0.5, 0.1, 0.9, worked=False), "больше на 10–90\u00a0%"),
        (_effect(0.4, 0.25, 0.5, worked=True, relative=False), "больше на 0,25–0,50"),
    ],
)
def test_an_effect_is_said_with_its_uncertainty(effect: Effect, words: str) -> None:
    assert word_effect(effect) == words


def test_a_decision_without_an_effect_says_why() -> None:
    made = Decision.model_validate(
        {
            "id": "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b",
            "region": "46",
            "problem_id": None,
            "title": "Решение",
            "text": None,
            "owner": "Комитет",
            "due_on": None,
            "started_on": None,
            "state": "running",
            "topic": None,
            "municipality": None,
            "organisation": None,
            "metric": "received",
            "effect": None,
            "effect_note": "Слишком рано.",
            "version": 1,
        }
    )
    assert word_decision(made) == "Слишком рано."
    assert word_decision(made.model_copy(update={"state": "planned"})) == "ещё не начато"


def test_what_chance_explains_is_no_change() -> None:
    assert not is_beyond_chance(110, 100)
    assert is_beyond_chance(150, 100)
    assert change_of_count(110, 100) == ("без заметных изменений", "")
    assert change_of_count(150, 100) == ("▲ +50\u00a0%", "")
    assert change_of_count(50, 100) == ("▼ −50\u00a0%", "")
    assert change_of_count(5, None) == ("", "")
    assert change_of_count(40, 0) == ("раньше не было", "")


def test_yesterday_is_said_beside_days_like_it() -> None:
    day = UsualDay(day=date(2026, 11, 29), received=16, level="usual", expected=17, low=11.3, high=22.7)
    assert word_last_day(day) == "16\u00a0обращений – как обычно (бывает от 12 до 22)"
    unknown = day.model_copy(update={"level": None, "low": None, "high": None})
    assert word_last_day(unknown).startswith("16\u00a0обращений; с чем сравнить")


def test_hours_become_days_where_they_are_many() -> None:
    assert [show_hours(each) for each in (None, 3, 47, 49)] == ["–", "3\u00a0ч", "47\u00a0ч", "2,0\u00a0дн."]


def test_a_period_ends_with_today_and_is_as_long_as_it_says() -> None:
    today = date(2026, 11, 30)
    for days in (7, 30):
        asked = Subject("46", days=days).filters(today)
        assert date.fromisoformat(asked["to"]) - date.fromisoformat(asked["from"]) == timedelta(days=days)
        assert asked["to"] == "2026-12-01"


def test_a_link_keeps_what_a_screen_is_about() -> None:
    subject = Subject("46", municipality="38701000", days=7)
    assert subject.query() == "region=46&municipality=38701000&days=7"
    assert subject.query(metric="backlog") == "region=46&municipality=38701000&days=7&metric=backlog"
    assert Subject("46").query(municipality="38701000") == "region=46&municipality=38701000"
    assert subject.query(organisation="1", municipality="") == "region=46&days=7&organisation=1"
