"""Problems are read by people: in Russian where they ask for it, in sentences and not in patterns."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from string import Formatter
from typing import Any, Literal

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError
from starlette.types import Receive, Scope, Send

from chassis.bodies import Body
from chassis.faults import WORDS, message_of
from chassis.languages import Language, chosen, language_now
from chassis.problems import NotFound, answering, install_problem_handlers
from chassis.resources import Resources, give_resources
from chassis.strict_routes import Router
from chassis.telemetry import RequestContext
from gateway.openapi import merge
from gateway.routes import RouteTree
from harness.databases import PROJECT
from services.intake.field_types import Municipality, RegionCode
from tests.api.operations import operations_in

OURS = ("chassis", "gateway", "services")
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


def patterns_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for value in node.values():
            yield from patterns_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from patterns_in(value)


def test_every_sentence_about_a_refusal_is_said_in_russian() -> None:
    """Those that hold a value of the request's own are written where they are raised, in English."""
    sentences = set(details_of_problems())
    assert len(sentences) > 130
    assert sentences - WORDS.keys() == set()


def details_of_problems() -> Iterator[str]:
    """What the code raises problems with, where that is one sentence."""
    trees = [ast.parse(file.read_text()) for part in OURS for file in (PROJECT / part).rglob("*.py")]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    problems = {"Problem"}
    while found := {each.name for each in classes if problems & _bases_of(each)} - problems:
        problems |= found
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in problems:
                yield from _sentence_in(node)


def _bases_of(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _sentence_in(call: ast.Call) -> Iterator[str]:
    detail = call.args[0] if call.args else None
    if isinstance(detail, ast.Constant) and isinstance(detail.value, str):
        yield detail.value


def test_words_hold_the_same_in_both_languages() -> None:
    for fault, words in WORDS.items():
        places = [[name for _, name, *_ in Formatter().parse(text) if name] for text in words.values()]
        assert places[0] == places[1], fault
        assert all(words.values()), fault


@pytest.mark.parametrize(("language", "expected"), [("en", "must be one of"), ("ru", "допустимо одно из")])
def test_no_message_holds_what_was_sent(language: Language, expected: str) -> None:
    token = language_now.set(language)
    try:
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(Literal["a", "b"]).validate_python("секрет")
        (message,) = map(message_of, caught.value.errors(include_input=False))
        assert message.startswith(expected)
        assert "секрет" not in message
    finally:
        language_now.reset(token)
