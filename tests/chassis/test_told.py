"""What is wrong with single fields is told in the language asked for, and no message is without Russian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from chassis.faults import WORDS, Wording, message_of
from chassis.languages import LANGUAGES, Language
from chassis.problems import Problem, Unprocessable
from chassis.times import Day
from gateway.people.problems import WeakPassword
from gateway.people.rules.passwords import weakness
from harness.databases import PROJECT
from services.routing.reference.schemas.types import Precision
from services.sla.calendars.schemas import Region
from tests.chassis import told
from tests.chassis.asking import asked_in
from tests.chassis.spoken import OURS, Spoken
from tests.chassis.told import told_in

ONE_PLACE = "only the place {number} is filled in a notice"  # which is meant literally


@pytest.fixture(scope="module")
def messages() -> list[Spoken]:
    return told_in(PROJECT)


def test_every_message_about_a_field_is_said_in_russian(messages: list[Spoken]) -> None:
    """Those that hold values, too: wordings, which stand in `faults.csv` with places for them."""
    assert len(messages) > 110
    assert sorted({f"{each.where}: {each.sentence}" for each in messages if each.sentence not in WORDS}) == []
    assert {each.sentence for each in messages if not each.fits} == {ONE_PLACE}


def test_messages_stand_among_words_as_they_are_in_english(messages: list[Spoken]) -> None:
    written = {each.sentence for each in messages if each.sentence}
    assert {each: WORDS[each]["en"] for each in written} == {each: each for each in written}
    assert all(WORDS[each]["ru"] != each for each in written)


def test_no_exception_is_made_for_what_is_there_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    excused = told.HANDED_ON
    monkeypatch.setattr(told, "HANDED_ON", {})
    unknown = [each.where.split(" ", 1) for each in told_in(PROJECT) if each.sentence is None]
    assert {place.partition(":")[0]: written for place, written in unknown} == excused


def test_messages_are_followed_to_where_they_are_written(tmp_path: Path) -> None:
    for part in (*OURS, "contracts"):
        (tmp_path / part).mkdir()
    (tmp_path / "services" / "saying.py").write_text(
        "from chassis.words import FAR\n"
        "NEAR: Final = 'near'\n"
        "def refuse(pointer, message):\n"
        "    return Unprocessable('See errors.', errors=[{'pointer': pointer, 'message': message}])\n"
        "def fault(n):\n"
        "    return 'by return' if n else None\n"
        "def act():\n"
        "    refuse('/a', 'by a call')\n"
        "    refuse(message=NEAR, pointer='/a')\n"
        "    local = FAR\n"
        "    refuse('/a', local)\n"
        "    if found := fault(1):\n"
        "        refuse('/a', found)\n"
        "    refuse('/a', f'{number} of them')\n"
        "    refuse('/a', Wording('{number} of them', {'number': 1}))\n"
        "    refuse('/a', f'{in_words(NEAR)}: {places}')\n"
        "    return {'pointer': '', 'message': body.text}\n"
    )
    (tmp_path / "chassis" / "words.py").write_text("FAR = 'far'\n")
    found = [each.sentence or each.where.partition(" ")[2] for each in told_in(tmp_path)]
    assert found == ["by a call", "near", "far", "by return", "f'{number} of them'", "body.text"]


def test_sentences_of_validators_are_found(tmp_path: Path) -> None:
    for part in (*OURS, "contracts"):
        (tmp_path / part).mkdir()
    (tmp_path / "services" / "schemas.py").write_text(
        "from services.rules import read\n"
        "class Sent(Body):\n"
        "    @model_validator(mode='after')\n"
        "    def _sound(self):\n"
        "        raise ValueError('by a model')\n"
        "def _annotated(value):\n"
        "    read(value)\n"
        "    raise ValueError('by a field')\n"
        "Text = Annotated[str, AfterValidator(_annotated)]\n"
        "def _unasked(value):\n"
        "    raise ValueError('by nobody')\n"
    )
    (tmp_path / "services" / "rules.py").write_text(
        "def read(value):\n    raise ValueError(f'{value} is none')\n"
    )
    found = {each.sentence or each.where.partition(" ")[2] for each in told_in(tmp_path)}
    assert found == {"by a model", "by a field", "f'{value} is none'"}


def test_kinds_of_things_have_words() -> None:
    """Those that messages say the region does not have."""
    named = ("topic", "group", "topic group", "organisation", "municipality", "settlement")
    assert {f"such {each}" for each in named} == {each for each in WORDS if each.startswith("such ")}
    assert all(WORDS[f"such {each}"]["en"] == each for each in named), "English names them as they are called"


@pytest.mark.parametrize(
    ("kind", "value", "english", "russian"),
    [
        (Day, "1066-10-14", "the year must lie between 1900 and 2200", "год должен быть от 1900 до 2200"),
        (Precision, 0.5, "must be one of 0.8, 0.9, 0.95", "допустимо одно из: 0.8, 0.9, 0.95"),
        (Region, "00", "there is no such region", "такого региона нет"),
    ],
)
def test_validators_speak_the_language_asked_for(
    kind: Any, value: object, english: str, russian: str
) -> None:
    for language, words in zip(LANGUAGES, (english, russian), strict=True):
        with asked_in(language):
            with pytest.raises(ValidationError) as caught:
                TypeAdapter(kind).validate_python(value)
            (message,) = map(message_of, caught.value.errors(include_input=False))
            assert message == words


def test_messages_with_values_speak_it_too() -> None:
    """Also where the fault was found before anybody asked in which language."""
    fault = weakness("short", "ivanova")
    assert fault is not None
    problem = WeakPassword("/password", fault)
    assert told_by(problem, "en") == "needs 12 characters, or a phrase of 4 words"
    assert told_by(problem, "ru") == "нужно не меньше 12 знаков или фраза из 4 слов"
    unknown = Wording("there is no {kind} with this code", {"kind": "settlement"})
    refused = Unprocessable("See errors.", errors=[{"pointer": "/settlement", "message": unknown}])
    assert told_by(refused, "en") == "there is no settlement with this code"
    assert told_by(refused, "ru") == "нет такого населённого пункта: проверьте код"


def told_by(problem: Problem, language: Language) -> str:
    with asked_in(language):
        errors: Any = problem.document()["errors"]
    return str(errors[0]["message"])
