"""What the platform refuses is read on the pages in Russian, with what it says of this very case."""

from __future__ import annotations

import httpx2
import orjson
import pytest
from pydantic import BaseModel

from chassis.languages import chosen, language_now
from chassis.problems import NotAllowedNow, Problem, Unprocessable, VersionStale
from tests.web.conftest import Served
from web.platform.client import Connections, Platform
from web.platform.problems import problem_of
from web.timing import Timing

STALE = "Сейчас так сделать нельзя: состояние уже другое. Обновите страницу."


class Anything(BaseModel):
    """What the stand-in says."""


async def test_the_platform_is_asked_in_russian() -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json={})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://it") as client:
        platform = Platform(Connections(client, client), "token", "", "request", Timing())
        await platform.read(Anything, "/appeals")
        await platform.do("/appeals", {}, version=1, key="key")
        await platform.read_root(Anything, "/health/ready")
        async with platform.listen("/stream"):
            pass
    assert [chosen(each.headers["Accept-Language"]) for each in asked] == ["ru"] * 4


def told(problem: Problem) -> str:
    """What a page says of what the platform answers to it."""
    token = language_now.set("ru")
    try:
        return problem_of(problem.status, orjson.dumps(problem.document()), None).words
    finally:
        language_now.reset(token)


def test_a_page_says_what_stands_in_the_way() -> None:
    refused = NotAllowedNow("Not in status {status}.", values={"status": "in_review"})
    assert told(refused) == "В состоянии «на проверке» этого сделать нельзя. Обновите страницу."
    assert told(NotAllowedNow("It has been decided.")) == "Решение уже принято. Обновите страницу."
    assert told(Unprocessable("a date is YYYY-MM-DD")) == "Дата пишется как ГГГГ-ММ-ДД."


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (NotAllowedNow(), STALE),
        (NotAllowedNow("Nobody has put this into Russian."), STALE),
        (Unprocessable("See errors.", errors=[{"pointer": "/text", "message": "is missing"}]), "Проверьте"),
        (VersionStale("The current version is {current}.", values={"current": 3}), "Пока вы смотрели"),
    ],
)
def test_where_the_platform_knows_no_more_the_page_has_words(problem: Problem, words: str) -> None:
    assert told(problem).startswith(words)


async def test_an_official_reads_it_on_the_page(served: Served) -> None:
    served.sign_in("coordinator")
    said = "В файле не больше 1000000 строк. Сузьте отбор или укажите более крупный шаг."
    served.answer("GET /analytics/export", (422, "too-many-rows", said))
    answer = await served.client.get("/room/export?region=46")
    assert (answer.status_code, said in answer.text) == (422, True)
