"""Problems are read by people: in Russian where they ask for it, in sentences and not in patterns."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, FiniteFloat, TypeAdapter, ValidationError
from starlette.types import Receive, Scope, Send

from chassis.bodies import Body
from chassis.faults import WORDS, Wording, message_of
from chassis.json_text import MalformedJson, read_json
from chassis.languages import LANGUAGES, Language, chosen
from chassis.problems import NotAllowedNow, NotFound, Unprocessable, answering, install_problem_handlers
from chassis.resources import Resources, give_resources
from chassis.strict_routes import Router
from chassis.telemetry import RequestContext
from gateway.openapi import merge
from gateway.routes import RouteTree
from harness.databases import PROJECT
from services.analytics.tables.decisions import DecisionState
from services.analytics.tables.problems import ProblemState
from services.intake.field_types import Municipality, RegionCode
from services.routing.assignments.rules.statuses import Status
from services.routing.tables.answers import ReviewState
from services.routing.tables.incidents import IncidentStatus
from services.routing.tables.learning import ModelStatus, ProposalStatus
from tests.api.operations import operations_in
from tests.chassis.asking import asked_in
from tests.chassis.spoken import OURS, Spoken, causes_in, spoken_in

OPEN_THE_ORIGINAL = "Open the original with a purpose first: POST /api/v1/appeals/{id}/original."
RU = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.8"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("de, fr;q=0.5", "en"),
        ("ru", "ru"),
        ("RU-ru", "ru"),
        ("en, ru;q=0.9", "en"),
        ("de, en;q=0.3, ru;q=0.7", "ru"),
        ("ru;q=0", "en"),
        ("ru;q=nonsense", "en"),
        ("ru;q=5, en;q=1", "ru"),
        (",;,=", "en"),
        ("x" * 100_000 + ",ru", "en"),
    ],
)
def test_which_language_is_read(accepted: str, language: Language) -> None:
    assert chosen(accepted) == language


class Sent(Body):
    """What the app below is sent."""

    region: RegionCode
    municipality: Municipality | None = None


class NoDatabase(Resources):
    """Nothing but what reading a request needs."""

    def __init__(self) -> None:
        self.only_warns = False


@pytest.fixture
def app() -> FastAPI:
    app, router = FastAPI(), Router()

    @router.post("/things")
    async def make(body: Sent) -> None:
        """Nothing."""

    app.include_router(router)
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    give_resources(app, NoDatabase())
    return app


async def ask(app: Any, headers: dict[str, str], **sent: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://it") as client:
        return await client.post("/things", headers=headers, **sent)


async def test_titles_and_messages_are_in_the_language_asked_for(app: FastAPI) -> None:
    body = {"region": "4x", "municipality": "12"}
    english, russian = await asyncio.gather(ask(app, {}, json=body), ask(app, RU, json=body))
    assert (english.status_code, russian.status_code) == (422, 422)
    assert english.headers["content-language"] == "en"
    assert russian.headers["content-language"] == "ru"
    assert english.json()["type"] == russian.json()["type"] == "/problems/invalid"
    messages = {each["pointer"]: each["message"] for each in english.json()["errors"]}
    assert messages == {
        "/region": "must be a two-digit region code, e.g. 46",
        "/municipality": "must be an ОКТМО code of 8 or 11 digits, e.g. 38701000",
    }
    assert russian.json()["title"].startswith("Запрос составлен верно")
    assert russian.json()["errors"][0]["message"] == "нужен код региона из двух цифр, например 46"
    unknown = await ask(app, RU, json={"region": "46", "municipalty": "38701000"})
    assert unknown.json()["errors"][0]["message"].endswith("возможно, вы имели в виду municipality?")


async def test_what_is_refused_before_any_route_speaks_it_too() -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await RequestContext(answering(NotFound("There is nothing at this path.")))(scope, receive, send)

    assert (await ask(refuse, RU)).json()["title"] == "Такого нет или оно вам недоступно"
    assert (await ask(refuse, {})).json()["title"] == "There is no such thing within your reach"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    parts = ("intake", "routing", "sla", "analytics", "gateway")
    return merge({part: operations_in(part)[0].document for part in parts}, RouteTree())


def test_every_pattern_of_the_interface_is_said_in_words(document: dict[str, Any]) -> None:
    """A caller is never shown a regular expression."""
    of_identifiers = {
        "^[\\x21-\\x7e]{1,1000}$",
        "^[\\x21-\\x7e]+$",
        "^[A-Za-z0-9._:@-]{1,100}$",
        "^[^\\x00-\\x20\\x7f]*$",
    }
    assert set(patterns_in(document)) - of_identifiers - WORDS.keys() == set()
    assert of_identifiers <= set(patterns_in(document)), "no exception that is none"


class Nested(BaseModel):
    count: int


KINDS: tuple[Any, ...] = (
    date, datetime, AwareDatetime, time, UUID, int, float, FiniteFloat, bool, str, bytes, list[int], set[str],
    frozenset[str], tuple[int, ...], tuple[int, int], dict[str, int], Nested, Literal["a"],
)  # fmt: skip
ODD: tuple[object, ...] = (
    True, None, {}, [], "", "x", 1.5, 1, -1, 10**11, 10**26, 1e20, math.inf, "\ud800", "2026-13-01", "2026-01-01T10:00",
    "10000-01-01", "9" * 5000, [1, 2, 3], [[1]], [{}], {"count": "x"}, {"1": []},
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_whatever_json_a_field_may_hold_is_refused_in_words_of_ours(kind: Any) -> None:
    refusals = {error["type"] for value in ODD for error in _errors_of(kind, value)}
    assert refusals, "each kind refuses something"
    assert refusals - WORDS.keys() == set()


def _errors_of(kind: Any, value: object) -> list[Any]:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as refused:
        return refused.errors()
    return []


def patterns_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for value in node.values():
            yield from patterns_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from patterns_in(value)


@pytest.fixture(scope="module")
def spoken() -> list[Spoken]:
    return spoken_in(PROJECT)


def test_every_sentence_about_a_refusal_is_said_in_russian(spoken: list[Spoken]) -> None:
    """Those that hold values, too: they stand in `faults.csv` with places for them."""
    assert len(spoken) > 350
    assert sorted({f"{each.where}: {each.sentence}" for each in spoken if each.sentence not in WORDS}) == []


def test_every_cause_of_a_failure_is_said_in_russian() -> None:
    causes = causes_in(PROJECT)
    assert len(causes) > 30
    assert causes - WORDS.keys() == set()


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"', '{"a"', '{"a":', '{"a":1', "[1 2]", '["\\d"]', '["\\ud"]', '["\n"]', "[NaN", "1 2"],
)
def test_where_json_breaks_is_said_in_russian(body: str) -> None:
    with pytest.raises(MalformedJson) as caught:
        read_json(body.encode())
    with asked_in("ru"):
        assert in_russian(str(caught.value.document()["detail"]))


def in_russian(sentence: str) -> bool:
    """But for what programs call so in every language."""
    rest = re.sub(r"NaN|JSON|\\uXXXX", "", sentence)
    return bool(re.search("[а-яё]", rest)) and not re.search("[a-z]{2}", rest)


def test_what_is_filled_in_has_its_place(spoken: list[Spoken]) -> None:
    """What nothing is filled in says the same in braces to everybody: a place in an address."""
    assert {each.sentence for each in spoken if not each.fits} == {OPEN_THE_ORIGINAL}
    assert len([each for each in spoken if each.values]) > 50


def test_a_sentence_put_together_where_it_is_raised_is_found(tmp_path: Path) -> None:
    for part in OURS:
        (tmp_path / part).mkdir()
    (tmp_path / "services" / "acting.py").write_text(
        "class Late(NotFound): ...\n"
        "class NotFound(Problem): ...\n"
        "_LATE = 'It is late.'\n"
        "raise Late(_LATE)\n"
        "raise Late(f'It is {hour}.')\n"
        "raise problems.Late(detail='It is ' + hour)\n"
        "raise Late('It is {hour}.', values={'hours': hour})\n"
        "raise Late('It is {hour}.')\n"
        "at = {'hour': hour}\n"
        "raise ValueError(Wording('It is {hour}.', at))\n"
    )
    found = spoken_in(tmp_path)
    assert [each.sentence for each in found] == ["It is late.", None, None, *["It is {hour}."] * 3]
    assert [each.fits for each in found] == [True, True, True, False, False, True]


def test_words_hold_the_same_in_both_languages() -> None:
    for fault, words in WORDS.items():
        places = [[name for _, name, *_ in Formatter().parse(text) if name] for text in words.values()]
        assert places[0] == places[1], fault
        assert all(words.values()), fault


def test_sentences_stand_among_words_as_they_are_in_english(spoken: list[Spoken]) -> None:
    written = {each.sentence for each in spoken if each.sentence}
    assert {each: WORDS[each]["en"] for each in written} == {each: each for each in written}


def test_every_state_that_stands_in_a_sentence_has_words() -> None:
    kinds = (Status, ReviewState, IncidentStatus, ProposalStatus, ModelStatus, ProblemState, DecisionState)
    states = {state for kind in kinds for state in get_args(kind)}
    assert {f"state {each}" for each in states} == {each for each in WORDS if each.startswith("state ")}
    assert all(WORDS[f"state {each}"]["en"] == each for each in states), "programs read the code"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Not in status in_review."), ("ru", "В состоянии «на проверке» этого сделать нельзя.")],
)
def test_a_sentence_is_filled_in_the_language_asked_for(language: Language, expected: str) -> None:
    problem = NotAllowedNow("Not in status {status}.", values={"status": "in_review"})
    with asked_in(language):
        assert problem.document()["detail"] == expected
    assert str(problem) == problem.detail == "Not in status in_review."


@pytest.mark.parametrize(
    "value", ["{", "}", "{0}", "{part}", "{part.__class__}", "%s", "{{", "missing", "в" * 999]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_is_only_a_value(language: Language, value: str) -> None:
    """Whatever it holds, and also where it reads like a name of ours."""
    before, after = {"en": ("There is no part ", "."), "ru": ("Части ", " нет.")}[language]
    with asked_in(language):
        said = NotFound("There is no part {part}.", values={"part": value}).document()["detail"]
    assert said == f"{before}{value}{after}"[:300]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_whose_places_are_not_filled_is_said_all_the_same(language: Language) -> None:
    with asked_in(language):
        assert NotFound("There is no part {part}.", values={}).document()["detail"]
        assert "/appeals/{id}/original" in str(NotFound(OPEN_THE_ORIGINAL).document()["detail"])


def test_choices_are_named_to_the_last() -> None:
    choices = " or ".join(map(str, range(1000)))
    problem = Unprocessable("See errors.", errors=[{"pointer": "/a", "message": f"must be {choices}"}])
    assert choices in str(problem.document()["errors"])


def test_a_sentence_within_a_sentence_speaks_the_same_language() -> None:
    fault = Wording("Byte {start} is not UTF-8.", {"start": 7})
    problem = Unprocessable("The line is not JSON. {reason}", values={"reason": fault})
    with asked_in("ru"):
        assert problem.document()["detail"] == "Строка – не JSON. Байт 7 – не UTF-8."
        assert str(ValueError(fault)) == "Байт 7 – не UTF-8."
    assert problem.document()["detail"] == "The line is not JSON. Byte 7 is not UTF-8."


@pytest.mark.parametrize(("language", "expected"), [("en", "must be one of"), ("ru", "допустимо одно из")])
def test_no_message_holds_what_was_sent(language: Language, expected: str) -> None:
    with asked_in(language):
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(Literal["a", "b"]).validate_python("секрет")
        (message,) = map(message_of, caught.value.errors(include_input=False))
        assert message.startswith(expected)
        assert "секрет" not in message
