"""A home made by an earlier release goes on with the present code: nothing is lost, nothing is answered otherwise."""

from __future__ import annotations

import asyncio
import concurrent.futures
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import asyncpg
import jwt
import pytest

from chassis.resources import resources_in
from contracts.parts import PARTS, SERVICES
from gateway.routes import RouteTree
from harness.databases import Database, copy_database, migrate
from harness.servers import Servers, admin_url
from harness.tokens import TokenMint
from infra.local.database import prepare_database
from otklik.cli.verify import Reading, compare
from services.sla.resources import SlaResources
from services.sla.workers import fire_due
from tests.journeys.importing import Region
from tests.releases.stored import RELEASES, Question, Release, differences

CITIZEN = "citizen"
LONG = 3600.0
# What is built in comes with the program: everything that was there stands, and more may stand beside it.
BUILT_IN = "/api/v1/policies"
ROUTES = RouteTree()


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> Release:
    """One after the other."""
    return Release(request.param)


@pytest.fixture(scope="module")
def upgraded(servers: Servers, release: Release) -> str:
    """Name of a database with all that the release held, its tables brought up to date as `otklik up` does it."""
    name = f"release_{re.sub('[^0-9a-z]', '_', release.version)}"
    template = Database(servers, name)

    def run(work: Coroutine[Any, Any, Any]) -> None:  # the tests' event loop runs in this thread
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, work).result()

    run(copy_database(servers, name, "template0"))
    release.restore(template.dsn())
    run(prepare_database(admin_url(servers), servers.secrets, name))
    migrate(servers, name, PARTS)
    return name


@pytest.fixture
def template(upgraded: str) -> str:
    """Each test works on a copy."""
    return upgraded


@pytest.fixture
async def region(
    app_client: Callable[..., Any], database: Database, mint: TokenMint, release: Release
) -> AsyncIterator[Region]:
    """The present services on it, each with the keys its process gets."""
    opened = {name: await app_client(name, **release.environment(name)) for name in SERVICES}
    look = await asyncpg.connect(database.dsn())
    clients: dict[str, Any] = {name: client for name, (client, _) in opened.items()}
    apps: dict[str, Any] = {name: app for name, (_, app) in opened.items()}
    made = Region(clients, apps, mint, look)
    known = {event.id for event in await made.events()}
    made.carried = {name: set(known) for name in SERVICES}
    yield made
    await look.close()


def headers(region: Region, release: Release, asker: str) -> dict[str, str]:
    """As the client that asked then."""
    if asker == CITIZEN:
        return {"X-Request-ID": CITIZEN}
    if asker not in release.home["clients"] and asker != "analyst":
        return region.mint.headers("agency", organisation=asker)
    client = release.home["clients"].get(asker, {}).get("client_id", "")
    return region.mint.headers(asker, ["*"] if asker == "admin" else ["46"], client=client)


async def ask(region: Region, release: Release, question: Question) -> Any:
    """The same again, of the service that the gateway would choose."""
    route = ROUTES.find(question.path)
    assert route is not None
    return await region.call(
        route.service,
        "GET",
        question.path.removeprefix("/api/v1"),
        headers(region, release, question.asker),
        params=question.params,
    )


async def changed_answers(region: Region, release: Release) -> list[str]:
    """Whatever is answered otherwise than by the release."""
    asked = [each for each in release.questions if not each.path.startswith("/api/v1/clients")]
    return [
        f"{question.asker} {question.path}{found}"
        for question in asked
        for found in differences(
            question.answer, _without_new(question, await ask(region, release, question))
        )
    ]


def _without_new(question: Question, answer: Any) -> Any:
    if question.path != BUILT_IN:
        return answer
    known = {each["id"] for each in question.answer["items"]}
    return {**answer, "items": [each for each in answer["items"] if each["id"] in known]}


async def reading(region: Region) -> Reading:
    """What `otklik verify` compares."""
    counts: dict[str, dict[str, int]] = {}
    letters: dict[str, int] = {}
    for service in SERVICES:
        operations = f"/operations/{service}"
        admin = region.admin("*")
        counts[service] = (await region.call(service, "GET", f"{operations}/counts", admin))["counts"]
        dead = await region.call(service, "GET", f"{operations}/dead-letters", admin)
        letters[service] = dead["total"]
    return Reading(counts, letters, await region.received())


async def reach_the_present(region: Region) -> None:
    """What has fallen due since the release was made falls due now, by the timers: whoever handles events dates by today."""
    sessions = resources_in(region.apps["sla"], SlaResources).sessions
    while await fire_due(sessions, 1000, LONG) == 0.0:
        await region.carry()
    await region.carry()


async def test_everything_is_answered_as_before(region: Region, release: Release) -> None:
    """Also when the whole log is handled once more, as after a lost acknowledgement: old events are still understood."""
    assert await changed_answers(region, release) == []
    assert [check for check in compare(await reading(region)) if not check.ok] == []
    log = await region.events()
    await reach_the_present(region)
    before = await changed_answers(region, release)
    for service in SERVICES:
        await region.deliver(service, log)
    await region.carry()
    assert await changed_answers(region, release) == before


async def test_what_was_begun_goes_on(region: Region, release: Release) -> None:
    """An assignment of the queue is claimed, accepted and answered; the citizen sees it, rates it, and it is counted."""
    appeal = release.home["appeals"]["queue2"]
    view = await region.call(
        "intake", "GET", f"/appeals/{appeal['id']}", headers(region, release, "coordinator")
    )
    agency = region.mint.headers("agency", organisation=view["organisation_id"])
    claimed = await region.call("routing", "POST", "/queue/claim", agency, json={"limit": 1000})
    (item,) = (each for each in claimed["items"] if each["appeal_id"] == appeal["id"])
    answer = {"text": "Яма заделана.", "outcome": "solved"}
    for verb, body in (("accept", {}), ("answer", answer)):
        item |= await region.call(
            "routing",
            "POST",
            f"/assignments/{item['id']}/{verb}",
            {**agency, "If-Match": str(item["version"])},
            json={"lease_token": item.get("lease_token"), **body},
        )
    await region.carry()
    page = f"/track/{appeal['tracking_code']}"
    seen = await region.call("intake", "GET", page)
    assert seen["status"] == "answered"
    assert [each["text"] for each in seen["answers"]] == ["Яма заделана."]
    rating = {"score": 1, "solved": False}
    assert (await region.call("intake", "POST", f"{page}/rating", json=rating))["reopened"]
    await region.carry()
    assert (await region.call("intake", "GET", page))["status"] == "reopened"
    assert [check for check in compare(await reading(region)) if not check.ok] == []


async def test_originals_are_opened_with_the_keys_of_the_home(region: Region, release: Release) -> None:
    appeal = release.home["appeals"]["queue1"]
    coordinator = headers(region, release, "coordinator")
    path = f"/appeals/{appeal['id']}/original"
    original = await region.call("intake", "POST", path, coordinator, json={"purpose": "Выезд"})
    assert original["text"] == appeal["text"]
    assert original["applicant"]["name"] == "Петрова Мария Ивановна"


async def test_a_client_of_the_release_gets_a_token(app_client: Callable[..., Any], release: Release) -> None:
    """With the secret it was given then."""
    client, _ = await app_client("gateway", **release.environment("gateway"))
    form = {"grant_type": "client_credentials", **release.home["clients"]["portal"]}
    answer = await client.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert (claims["role"], claims["regions"]) == ("portal", ["46"])
    wrong = await client.post("/oauth/token", data={**form, "client_secret": "another"})
    assert wrong.status_code == 401
