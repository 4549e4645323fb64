"""One gateway for the tests of people, with passwords that cost little; every test has people and addresses of its own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest
from sqlalchemy import text

from harness.databases import Database
from harness.waiting import eventually
from tests.gateway.conftest import RunningGateway, Services, listening, settings_of

PASSWORD = "синий трактор едет домой"
OTHER_PASSWORD = "три зелёных самовара"
PAGES_KEY = "the key of the pages"
CHEAP: dict[str, Any] = {"password_rounds": 1, "password_memory_kib": 8, "pages_key": PAGES_KEY}
_numbers = itertools.count(1)

Answer = httpx2.Response


def fresh_address() -> str:
    """An address nobody has called from."""
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass
class Office:
    """A gateway and its database, as admins and people see it."""

    gateway: RunningGateway
    database: Database
    admin: dict[str, str]
    address: str = field(default_factory=fresh_address)

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str = "", address: str = "", **headers: str
    ) -> Answer:
        """A request; without a token nobody's. `address`: whose the pages say it is."""
        sent = {"X-Otklik-Caller": address or self.address, "X-Otklik-Pages-Key": PAGES_KEY}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        options = {} if body is None else {"json": body}
        return await self.gateway.client.request(method, f"/api/v1{path}", headers=sent, **options)

    async def manage(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The same as the first admin."""
        return await self.ask(method, path, body, token=self.admin["Authorization"][7:], **headers)

    async def make_person(self, **changes: Any) -> dict[str, Any]:
        """A person without a password yet."""
        wish = {
            "login": f"person.{uuid4().hex}",
            "name": "Мария Иванова",
            "position": "Главный специалист",
            "role": "coordinator",
            "regions": ["46"],
            **changes,
        }
        answer = await self.manage("POST", "/people", wish)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def link(self, person: dict[str, Any], kind: str = "invitations", **more: Any) -> str:
        answer = await self.manage("POST", f"/people/{kind}", {"person_id": person["id"], **more})
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["token"]
        return token

    async def accept(self, token: str, password: str = PASSWORD, kind: str = "invitations") -> Answer:
        return await self.ask("POST", f"/people/{kind}/accept", {"token": token, "password": password})

    async def hire(self, **changes: Any) -> dict[str, Any]:
        """A person who can sign in with PASSWORD."""
        person = await self.make_person(**changes)
        accepted = await self.accept(await self.link(person))
        assert accepted.status_code == 200, accepted.text
        return person

    async def try_sign_in(self, login: str, password: str = PASSWORD, **more: Any) -> Answer:
        address = more.pop("address", "")
        body = {"login": login, "password": password, **more}
        return await self.ask("POST", "/sessions", body, address=address)

    async def sign_in(self, person: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = await self.try_sign_in(person["login"], **more)
        assert answer.status_code == 201, answer.text
        signed_in: dict[str, Any] = answer.json()
        return signed_in

    async def refresh(self, token: str) -> Answer:
        return await self.ask("POST", "/sessions/refresh", {"refresh_token": token})

    async def is_let_in(self, access_token: str) -> bool:
        """Whether the gateway takes the token."""
        answer = await self.ask("GET", "/people/me", token=access_token)
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    async def change(self, statement: str, **values: Any) -> None:
        """What time would do, done to the rows."""
        async with self.database.sessions("gateway").begin() as session:
            await session.execute(text(statement), values)

    async def read(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.sessions("gateway")() as session:
            return list((await session.execute(text(statement), values)).all())


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def kind_of(answer: Answer) -> tuple[int, str]:
    """Status and slug of a problem."""
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


@pytest.fixture(scope="session")
async def people_gateway(
    shared_database: Database, standing: Services, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningGateway]:
    await eventually((standing.folder / "routing.sock").exists)
    settings = settings_of(shared_database, standing, tmp_path_factory.mktemp("people"), **CHEAP)
    async with listening(settings) as made:
        yield made


@pytest.fixture
async def office(people_gateway: RunningGateway, shared_database: Database) -> Office:
    return Office(people_gateway, shared_database, await people_gateway.headers())
