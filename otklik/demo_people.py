"""People of the demo: one of each role that signs in, with passwords that stand in credentials.json."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from otklik.client import AsyncClient, ProblemError
from otklik.client.connection import Call

PASSWORD_BYTES = 12
PersonEntry = dict[str, str]  # an entry of `people` in credentials.json
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "agency": ("Анна Исполнителева", "Специалист по работе с обращениями"),
    "coordinator": ("Борис Координаторов", "Оператор центра управления регионом"),
    "analyst": ("Вера Аналитикова", "Аналитик центра управления регионом"),
    "federal": ("Глеб Федералов", "Федеральный наблюдатель"),
    "admin": ("Дина Администраторова", "Администратор системы"),
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody the demo needs. `organisation_id`: of an agency's person."""

    role: str
    regions: Sequence[str]
    organisation_id: str | None = None

    @property
    def login(self) -> str:
        """Told by the role."""
        return f"demo.{self.role}"

    def body(self) -> Mapping[str, Any]:
        """What to post."""
        name, position = _WORDS[self.role]
        own = {"organisation_id": self.organisation_id} if self.organisation_id else {}
        return {
            "login": self.login,
            "name": name,
            "position": position,
            "role": self.role,
            "regions": self.regions,
            **own,
        }

    def entry(self, password: str) -> PersonEntry:
        """What stands in the file."""
        own = {"organisation_id": self.organisation_id} if self.organisation_id else {}
        return {"login": self.login, "password": password, "role": self.role, **own}


async def load_people(admin: AsyncClient, wanted: Sequence[DemoPerson], entries: object) -> list[PersonEntry]:
    """The entries of those people: as they stand among `entries` (the file's `people`) where these sign in, else people
    are made where they lack, and get new passwords."""
    known = {item["login"]: item async for item in admin.items("/api/v1/people")}
    passwords = _passwords_in(entries)
    result = []
    for person in wanted:
        password = passwords.get(person.login, "")
        if person.login not in known:
            known[person.login] = await _send(admin, "/api/v1/people", person.body())
            password = ""
        if not password or not await _signs_in(admin, person.login, password):
            password = await _set_password(admin, known[person.login])
        result.append(person.entry(password))
    return result


def _passwords_in(entries: object) -> dict[str, str]:
    """Passwords by login; whoever has changed the file may have left anything there."""
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {str(entry.get("login")): str(entry.get("password", "")) for entry in found}


async def _signs_in(admin: AsyncClient, login: str, password: str) -> bool:
    """Whether the password is good; the session that shows it is ended again."""
    body = {"login": login, "password": password}
    try:
        answer = await admin.connection.send(Call("POST", "/api/v1/sessions", json=body, authorised=False))
    except ProblemError as problem:
        if problem.is_passing:
            raise
        return False
    token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    await admin.connection.send(Call("DELETE", "/api/v1/sessions/current", headers=token, authorised=False))
    return True


async def _set_password(admin: AsyncClient, person: Mapping[str, Any]) -> str:
    """A new one, by a link as anybody gets it."""
    kind = "reset" if person["has_password"] else "invitations"
    if not person["active"]:
        path, version = f"/api/v1/people/{person['id']}", str(person["version"])
        await admin.request("PUT", path, json={**person, "active": True}, headers={"If-Match": version})
    link = await _send(admin, f"/api/v1/people/{kind}", {"person_id": person["id"]})
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    body = {"token": link["token"], "password": password}
    await admin.connection.send(Call("POST", f"/api/v1/people/{kind}/accept", json=body, authorised=False))
    return password


async def _send(admin: AsyncClient, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await admin.request(
        "POST", path, json=body, headers={"Idempotency-Key": str(uuid4())}
    )
    return answer
