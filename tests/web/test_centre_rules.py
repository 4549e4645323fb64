"""What the centre's pages decide by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from web.centre.rules import MOST_OFFERED, find_named, is_number, own_path, suggest
from web.centre.views.assignments import (
    ExplainedAssignment,
    Explanation,
    Hop,
    RankedOrganisation,
    RankedTopic,
)
from web.reference import OrganisationName


def organisation(name: str) -> OrganisationName:
    return OrganisationName(id=UUID(int=sum(map(ord, name))), name=name)


def assignment(**more: object) -> ExplainedAssignment:
    fields = {
        "id": uuid4(),
        "appeal_id": uuid4(),
        "number": "46-2026-0000001",
        "status": "triage",
        "organisation": None,
        "topic": None,
        "topic_name": None,
        "version": 1,
        "region": "46",
        "role": "lead",
        "importance": "normal",
        "kind": "problem",
        "channel": "portal",
        "text": "",
        "address": None,
        "due_on": None,
        "due_reason": None,
        "received_at": datetime(2026, 11, 30, tzinfo=UTC),
        "accepted_at": None,
        "answered_at": None,
        "triage_reason": None,
        "explanation": Explanation(),
        "suggested": None,
        "hops_history": [],
    }
    return ExplainedAssignment.model_validate(fields | more)


def ranked(*names: str) -> Explanation:
    return Explanation(
        suggestions=[
            RankedOrganisation(organisation=organisation(name), score=0.5 / (n + 1))
            for n, name in enumerate(names)
        ],
        alternatives=[RankedTopic(topic="holes", name="Ямы", score=0.4)],
    )


def test_whom_a_rule_names_goes_first_and_nobody_twice() -> None:
    item = assignment(suggested=organisation("Дороги"), explanation=ranked("Свет", "Дороги", "Вода"))
    offered = suggest(item)
    assert [each.organisation.name for each in offered] == ["Дороги", "Свет", "Вода"]
    assert [each.score for each in offered] == [None, 0.5, 0.5 / 3]


def test_whoever_has_it_or_passed_it_on_is_not_offered() -> None:
    item = assignment(
        organisation=organisation("Вода"),
        suggested=organisation("Вода"),
        hops_history=[Hop(organisation=organisation("Свет"))],
        explanation=ranked("Свет", "Дороги"),
    )
    assert [each.organisation.name for each in suggest(item)] == ["Дороги"]


def test_a_topic_comes_along_only_where_there_is_none() -> None:
    (first, *_) = suggest(assignment(explanation=ranked("Свет")))
    assert first.topic is not None
    assert first.topic.topic == "holes"
    (first, *_) = suggest(assignment(explanation=ranked("Свет"), topic="lamps"))
    assert first.topic is None


def test_few_are_offered_and_nobody_where_nobody_is_known() -> None:
    assert suggest(assignment()) == []
    assert len(suggest(assignment(explanation=ranked(*"АБВГДЕЖ")))) == MOST_OFFERED


def test_a_name_is_found_whatever_its_letters_and_blanks_and_only_if_it_is_one() -> None:
    known = [organisation("Комитет дорог"), organisation("Комитет света")]
    assert find_named(known, "  комитет   ДОРОГ ") is known[0]
    assert find_named(known, "Комитет") is None
    assert find_named([*known, organisation("комитет дорог")], "Комитет дорог") is None


def test_a_number_is_told_from_words() -> None:
    assert is_number(" 46-2026-0000042 ")
    assert not is_number("46-2026")
    assert not is_number("дом 46-2026-0000042")


def test_forms_lead_to_pages_of_the_centre_only() -> None:
    assert (
        own_path("/centre/a/01a22d52-7f31-7412-bc79-fb67310f9af5")
        == "/centre/a/01a22d52-7f31-7412-bc79-fb67310f9af5"
    )
    for wanted in (
        "",
        "//evil.example",
        "/centre.evil",
        "https://evil.example/centre",
        "/centre/../desk",
        "/centre//evil",
        "/desk",
    ):
        assert own_path(wanted, "/centre/triage") == "/centre/triage"
