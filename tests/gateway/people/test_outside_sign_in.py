"""People sign in at an outside issuer (oidc-provider-mock): pages and gateway together, and everything that must not let anybody in."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from harness.databases import Database
from harness.tokens import TokenMint
from tests.gateway.conftest import Services, listening, settings_of
from tests.gateway.people.conftest import CHEAP, PAGES_KEY, Office, claims_of, kind_of
from web.cookies import CookieBox
from web.issuer import Beginning
from web.main import create
from web.settings import WebSettings

with pytest.warns(match="joserfc"):  # the stand-in is made of a library's older half
    from oidc_provider_mock import run_server_in_thread

# So does it while it runs.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CLIENT, SITE = "otklik-pages", "http://pages.test"
NOBODY = "Для этой учётной записи доступ не открыт"


@dataclass
class Place:
    """Issuer, gateway and pages; `browser` has a browser's cookies and follows nothing by itself."""

    issuer: str
    office: Office
    browser: httpx2.AsyncClient

    async def leave(self, wanted: str = "/desk") -> str:
        """To the issuer; its address."""
        answer = await self.browser.get("/sign-in/outside", params={"wanted": wanted})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def sign_in_there(self, address: str, subject: str) -> str:
        """As somebody at the issuer; the address that it sends the browser back to."""
        async with httpx2.AsyncClient(timeout=30) as client:
            answer = await client.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    async def enter(self, subject: str, wanted: str = "/desk") -> httpx2.Response:
        """All of it."""
        return await self.browser.get(await self.sign_in_there(await self.leave(wanted), subject))


@asynccontextmanager
async def browsing(**settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Pages with these settings, and a browser that follows nothing by itself."""
    app = create(WebSettings.model_validate({"pages_key": PAGES_KEY, **settings}))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=SITE) as browser:
        yield browser
    await app.state.resources.close()


@asynccontextmanager
async def placed(database: Database, standing: Services, folder: Any, **changes: Any) -> AsyncIterator[Place]:
    with run_server_in_thread() as server:
        issuer = f"http://localhost:{server.server_port}"
        oidc = {"oidc_issuer": issuer, "oidc_client_id": CLIENT}
        settings = settings_of(
            database, standing, folder, **CHEAP, **oidc, oidc_jwks_url=f"{issuer}/jwks", **changes
        )
        async with (
            listening(settings) as gateway,
            browsing(gateway_url=gateway.url, oidc_client_secret="secret", **oidc) as browser,
        ):
            yield Place(issuer, Office(gateway, database, await gateway.headers()), browser)


@pytest.fixture
async def place(
    shared_database: Database, standing: Services, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Place]:
    async with placed(shared_database, standing, tmp_path_factory.mktemp("outside")) as made:
        yield made


async def test_who_has_an_account_comes_in_by_the_issuer_and_goes_on_to_the_page(place: Place) -> None:
    person = await place.office.make_person(login=f"u.{uuid4().hex[:12]}")
    assert "/sign-in/outside?wanted=" in (await place.browser.get("/centre")).text
    answer = await place.enter(person["login"], "/centre/reviews")
    assert (answer.status_code, answer.headers.get("location")) == (303, "/centre/reviews"), answer.text
    account = await place.browser.get("/account")
    assert person["name"] in account.text
    sessions = await place.office.read(
        "SELECT id FROM gateway.person_session WHERE person_id = :id AND ended_at IS NULL", id=person["id"]
    )
    assert len(sessions) == 1


async def test_nobody_is_let_in_who_has_no_account_or_a_closed_one(place: Place) -> None:
    left = await place.office.make_person()
    assert (await place.office.manage("DELETE", f"/people/{left['id']}")).status_code == 204
    known = await place.office.make_person(login=f"u.{uuid4().hex[:12]}")
    for subject in (f"stranger.{uuid4().hex[:8]}", left["login"], known["login"].upper()):
        answer = await place.enter(subject)
        assert (answer.status_code, NOBODY in answer.text) == (200, True), subject
        assert "Вход для сотрудников" in (await place.browser.get("/account")).text


async def test_the_address_binds_the_answer_to_this_browser(place: Place) -> None:
    person = await place.office.make_person()
    address = await place.leave("https://evil.example/")
    asked = parse_qs(urlsplit(address).query)
    kept = CookieBox.of(PAGES_KEY, False).open_as(
        Beginning, place.browser.cookies["otklik-outside"], b"otklik pages outside sign-in 1"
    )
    assert kept is not None
    assert asked["code_challenge"] == [create_s256_code_challenge(kept.verifier)]
    assert (asked["code_challenge_method"], asked["nonce"], asked["state"]) == (
        ["S256"],
        [kept.nonce],
        [kept.state],
    )
    assert asked["redirect_uri"] == [f"{SITE}/sign-in/outside/back"]
    assert kept.wanted == "/"
    back = await place.sign_in_there(address, person["login"])
    for broken in (
        back.replace("state=", "state=x"),
        back.split("&state")[0],
        f"{SITE}/sign-in/outside/back?error=access_denied",
    ):
        again = await place.leave()
        refused = await place.browser.get(broken)
        assert "Вход не завершён" in refused.text, broken
        assert again != address
    place.browser.cookies.clear()
    assert "Вход не завершён" in (await place.browser.get(back)).text, "another browser's answer"
    assert "Вход для сотрудников" in (await place.browser.get("/account")).text


async def test_what_was_begun_is_good_once_and_ten_minutes(place: Place) -> None:
    person = await place.office.make_person()
    back = await place.sign_in_there(await place.leave(), person["login"])
    cookie = place.browser.cookies["otklik-outside"]
    assert (await place.browser.get(back)).status_code == 303
    assert "otklik-outside" not in place.browser.cookies
    place.browser.cookies.clear()
    place.browser.cookies.set("otklik-outside", cookie, path="/sign-in/outside")
    assert "Вход не завершён" in (await place.browser.get(back)).text, "the issuer takes a code once"
    late = Beginning.make("/desk").model_copy(update={"until": time.time() - 1})
    address = await place.leave()
    sealed = CookieBox.of(PAGES_KEY, False).seal(late, b"otklik pages outside sign-in 1")
    place.browser.cookies.clear()
    place.browser.cookies.set("otklik-outside", sealed, path="/sign-in/outside")
    back = (await place.sign_in_there(address, person["login"])).split("state=")[0] + f"state={late.state}"
    assert "Вход не завершён" in (await place.browser.get(back)).text


async def test_only_the_pages_and_only_a_fresh_token_of_this_sign_in_are_believed(place: Place) -> None:
    """Keys are the issuer's, so tokens of another key stand for everything that somebody else has signed."""
    person = await place.office.make_person()
    changes: dict[str, Any] = {"iss": place.issuer, "aud": CLIENT, "nonce": "n" * 20}
    forged = TokenMint().token("none", client=person["login"], **changes)
    for token in (forged, "x", "a.b.c"):
        answer = await place.office.ask("POST", "/sessions/outside", {"id_token": token, "nonce": "n" * 20})
        assert kind_of(answer) == (401, "sign-in-refused"), answer.text
    body = {"id_token": forged, "nonce": "n" * 20}
    for headers in ({}, {"X-Otklik-Pages-Key": "guessed"}):
        answer = await place.office.gateway.client.post(
            "/api/v1/sessions/outside", json=body, headers=headers
        )
        assert answer.status_code == 404


async def test_a_silent_issuer_leaves_the_password(place: Place) -> None:
    person = await place.office.hire()
    url, nowhere = place.office.gateway.url, "http://127.0.0.1:9"
    async with browsing(gateway_url=url, oidc_issuer=nowhere, oidc_client_id=CLIENT) as browser:
        answer = await browser.get("/sign-in/outside")
        assert (answer.status_code, "Служба входа сейчас не отвечает" in answer.text) == (200, True)
    assert claims_of((await place.office.sign_in(person))["access_token"])["person"] == person["id"]


async def test_where_no_issuer_is_set_there_is_no_such_page(office: Office) -> None:
    body = {"id_token": "x", "nonce": "n" * 20}
    assert (await office.ask("POST", "/sessions/outside", body)).status_code == 404
    async with browsing(gateway_url=office.gateway.url) as browser:
        assert "outside" not in (await browser.get("/sign-in")).text
        for path in ("/sign-in/outside", "/sign-in/outside/back?code=x&state=y"):
            assert (await browser.get(path)).status_code == 404
