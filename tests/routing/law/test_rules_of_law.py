"""R1 to R16, each as a sentence a citizen might write and what the law makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from chassis.normal import fold
from contracts.intake import Regime
from otklik.ranking import demo_reference
from services.routing.assignments.rules.correspondence import EarlierAppeal, GivenAnswer, may_stop, relate
from services.routing.classifier.corpus import read_rows
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.law.complaints import find_object
from services.routing.placement.rules.law.forms import answer_orally, refuse_anonymous
from services.routing.placement.rules.law.questions import may_split, split_questions
from services.routing.placement.rules.law.receivers import (
    forward_elsewhere,
    may_execute,
    may_receive,
    pass_by_object,
    return_with_court_route,
)
from services.routing.placement.rules.law.texts import read_text
from services.routing.placement.rules.law.urgency import goes_at_once, order_of
from services.routing.reference.rules.codes import organisation_id_of

BOOK = demo_reference()
GOVERNMENT, CENTRE, CITY, ROADS, LGOV = (
    organisation_id_of("46", code) for code in ("gov-46", "cur-46", "kursk-adm", "kursk-roads", "lgovsky-adm")
)


def _fired(text: str, regime: Regime = "statutory") -> tuple[str, str, int | None] | None:
    proposal = read_text(fold(text), regime)
    return (proposal.rule, proposal.outcome, proposal.days) if proposal else None


def _decide(text: str, **fields: object) -> Decision:
    question = Question(text, **fields)  # type: ignore[arg-type]
    return decide(BOOK, question, Guess((("street-lighting-broken", 0.9),)))


def test_r1_a_complaint_passes_by_its_object_and_all_below_it() -> None:
    assert not may_receive(BOOK, CITY, CITY)
    assert not may_receive(BOOK, ROADS, CITY), "the committee stands below the city"
    assert may_receive(BOOK, CITY, ROADS)
    assert pass_by_object(BOOK, ROADS) == CITY
    assert pass_by_object(BOOK, CITY) == GOVERNMENT


def test_r2_where_nobody_stands_above_it_is_returned_with_the_way_to_court() -> None:
    proposal = return_with_court_route(BOOK, GOVERNMENT, "statutory")
    assert proposal is not None
    assert (proposal.rule, proposal.outcome, proposal.days) == ("R2", "returned", 7)
    assert "суд" in proposal.reason
    assert return_with_court_route(BOOK, CITY, "statutory") is None
    decision = _decide("Не горит фонарь", complained_about=GOVERNMENT, topic="street-lighting-broken")
    assert decision.organisation_id is None
    assert decision.explanation["proposal"]["rule"] == "R2"


def test_r3_what_nobody_here_is_competent_for_is_forwarded_in_seven_days() -> None:
    proposal = forward_elsewhere("holes", "statutory")
    assert proposal is not None
    assert (proposal.outcome, proposal.days) == ("forward", 7)
    assert forward_elsewhere("holes", "message").days is None  # type: ignore[union-attr]
    assert forward_elsewhere(None, "statutory") is None, "of what nobody understood nothing is known"


SEVERAL = [
    ("1) Не горит фонарь на улице Ленина. 2) Во дворе дома пять не убирают снег.", 2),
    ("Во-первых, на улице Мира нет света. Во-вторых, автобус 87 не ходит по расписанию.", 2),
    ("Прошу починить фонарь на улице Ленина. Также прошу убрать снег во дворе дома.", 2),
    ("Когда починят дорогу на улице Мира? И второй вопрос: когда привезут новые баки?", 2),
    ("На доме 1. нет номера, прошу повесить, спасибо вам большое", 1),
    ("Живу с 1. января 2. этаж, холодно в квартире", 1),
    ("1) фонарь 2) снег", 1),
    ("Не горит фонарь. Прошу починить.", 1),
]


@pytest.mark.parametrize(("text", "count"), SEVERAL)
def test_r4_questions_that_are_clearly_separated_are_told_apart(text: str, count: int) -> None:
    assert len(split_questions(text)) == count


def test_r4_they_part_only_for_different_sure_organisations() -> None:
    assert may_split([CITY, ROADS])
    assert not may_split([CITY, CITY])
    assert not may_split([CITY, None])
    assert not may_split([CITY])


FIRED = [
    ("В доме 5 резиновая квартира, живут мигранты без регистрации", ("R5", "migration", 5)),
    ("На стройке работают нелегальные мигранты", ("R5", "migration", 5)),
    ("Обжалую решение районного суда от 5 мая", ("R7", "returned", 7)),
    ("Не согласен с решением суда, прошу отменить", ("R7", "returned", 7)),
    ("Прошу пересмотреть приговор Ленинского районного суда", ("R7", "returned", 7)),
    ("Направляю апелляционную жалобу", ("R7", "returned", 7)),
    ("Я вас всех взорву, если не почините", ("R8", "law_enforcement", None)),
    ("Я приду и подожгу администрацию", ("R8", "law_enforcement", None)),
    ("Вы твари, когда уберете снег", ("R8", "no_answer", None)),
    ("ггг 123 ..", ("R9", "unclear", 7)),
    ("Прошу выдать сведения, составляющие государственную тайну", ("R11", "secret", None)),
]
SILENT = [
    "Решение суда не исполняется, приставы бездействуют",
    "По решению суда назначены алименты, почему нет выплаты",
    "Рядом с областным судом нет света",
    "Провода угрожают жизни, может взорваться газ",
    "Вчера сгорел дом, помогите погорельцам",
    "Учитель называет детей дебилами",
    "Убрать нелегальные маршрутки",
    "Вырубили липы варварски, тайно, ночью",
    "Иностранный турист упал в люк без ограждения",
    "Яма",
]


@pytest.mark.parametrize(("text", "wanted"), FIRED)
def test_r5_r7_r8_r9_r11_texts_the_law_has_a_way_for(text: str, wanted: tuple[str, str, int | None]) -> None:
    assert _fired(text) == wanted
    message = _fired(text, "message")
    assert message is not None
    assert message[2] is None, "messages have no term of the law"


@pytest.mark.parametrize("text", SILENT)
def test_ordinary_texts_are_left_alone(text: str) -> None:
    assert _fired(text) is None


def test_r6_a_statutory_appeal_without_a_name_gets_no_answer_but_a_crime_is_reported() -> None:
    quiet = refuse_anonymous("во дворе грязно", "statutory", anonymous=True)
    crime = refuse_anonymous("сосед торгует наркотиками", "statutory", anonymous=True)
    assert quiet is not None
    assert crime is not None
    assert (quiet.outcome, crime.outcome) == ("no_answer", "law_enforcement")
    assert refuse_anonymous("во дворе грязно", "statutory", anonymous=False) is None
    assert refuse_anonymous("во дворе грязно", "message", anonymous=True) is None


def test_r10_correspondence_stops_after_two_answers_on_the_merits_by_one_organisation() -> None:
    question = uuid4()
    first, second = GivenAnswer(question, CITY, 1, "explained"), GivenAnswer(question, CITY, 2, "refused")
    assert may_stop([first, second])
    assert not may_stop([first])
    assert not may_stop([first, first]), "a promise and its fulfilment answer once"
    assert not may_stop([first, GivenAnswer(question, ROADS, 2, "refused")])
    assert not may_stop([first, GivenAnswer(question, CITY, 2, None)]), "an interim one"
    assert not may_stop([first, GivenAnswer(question, CITY, 2, "postponed")])


def test_r12_at_a_reception_an_oral_answer_is_enough_and_nobody_waits_for_it() -> None:
    proposal = answer_orally("reception", "statutory")
    assert proposal is not None
    assert not proposal.holds
    assert answer_orally("portal", "statutory") is None


def test_r13_danger_is_held_up_by_nothing() -> None:
    assert goes_at_once("danger")
    text = "Я взорву этот дом, пахнет газом, не горит фонарь"
    held, at_once = (_decide(text, importance=each) for each in ("high", "danger"))
    assert held.organisation_id is None
    assert at_once.organisation_id is not None
    assert at_once.explanation["proposal"]["rule"] == "R8", "what the law says of it is still there"


def test_r14_danger_comes_first_then_what_is_important() -> None:
    assert sorted(["normal", "danger", "high"], key=order_of) == ["danger", "high", "normal"]


def test_r15_repeat_duplicate_and_mass_are_three_flags() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)

    def earlier(client: str = "a", days: int = 1, answered: bool = False) -> EarlierAppeal:
        return EarlierAppeal(client, now - timedelta(days=days), answered)

    assert relate("a", now, []) == frozenset()
    assert relate("a", now, [earlier()]) == {"duplicate"}
    assert relate("a", now, [earlier(days=9)]) == frozenset(), "forgotten, not hurried"
    assert relate("a", now, [earlier(days=9, answered=True)]) == {"repeat"}
    assert relate("a", now, [earlier(str(n), days=9) for n in range(4)]) == {"mass"}
    assert relate("a", now, [earlier(str(n), days=9) for n in range(3)]) == frozenset()


def test_r16_the_centre_executes_nothing_whatever_the_rules_say() -> None:
    assert not may_execute(BOOK, CENTRE)
    assert not may_execute(BOOK, None)
    assert may_execute(BOOK, CITY)


NAMED = [
    ("Жалоба на УК Сейм: не убирают подъезд", "ООО `УК Сейм`"),
    ("Администрация Льговского района бездействует, дороги нет", "Администрация Льговского района"),
    ("Жалуюсь на действия администрации города Курска", "Администрация города Курска"),
    (
        "Бездействие комитета дорожного хозяйства города Курска довело нас",
        "Комитет дорожного хозяйства города Курска",
    ),
    ("Управляющая компания бездействует", None),
    ("Местная администрация не реагирует", None),
    ("Жалоба на водителя автобуса", None),
    ("Администрация Льговского района помогла, а сосед не реагирует", None),
    ("Пожалуйста, администрация города Курска, уберите снег", None),
]


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_r1_whom_a_text_complains_of_by_name(text: str, name: str | None) -> None:
    found = find_object(BOOK.aliases, fold(text))
    assert (found and BOOK.organisations[found].name) == name


def test_r1_a_named_object_is_looked_at_by_a_person_before_it_gets_the_complaint() -> None:
    decision = decide(
        BOOK,
        Question("Администрация Льговского района бездействует, не горит фонарь"),
        Guess((("street-lighting-broken", 0.9),)),
    )
    assert decision.organisation_id is None
    assert decision.explanation["proposal"]["rule"] == "R1"
    assert UUID(decision.explanation["suggested_organisation"] or "") == LGOV


def test_the_rules_leave_the_sample_in_peace(samples: Path) -> None:
    """At most one in a hundred of 1,963 messages is held, one in two hundred for whom it names (read one by one: none)."""
    texts = [fold(row["text"]) for row in read_rows(samples / "kursk_appeals.csv")]
    assert sum(read_text(text, "message") is not None for text in texts) <= len(texts) / 100
    assert sum(find_object(BOOK.aliases, text) is not None for text in texts) <= len(texts) / 200
    assert sum(len(split_questions(text)) > 1 for text in texts) <= 40
