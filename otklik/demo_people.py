"""People of the demo: one of each role that signs in, with passwords that stand in credentials.json."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from otklik_client import AsyncClient, ProblemError
from otklik_client.models import (
    Acceptance,
    Invite,
    PersonCreate,
    PersonReplacement,
    PersonView,
    ResetWish,
    SignIn,
)

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

    def body(self) -> PersonCreate:
        """What to post."""
        name, position = _WORDS[self.role]
        return PersonCreate.model_validate(
            {
                "login": self.login,
                "name": name,
                "position": position,
                "role": self.role,
                "regions": self.regions,
                "organisation_id": self.organisation_id,
            }
        )

    def entry(self, password: str) -> PersonEntry:
        """What stands in the file."""
        own = {"organisation_id": self.organisation_id} if self.organisation_id else {}
        return {"login": self.login, "password": password, "role": self.role, **own}


async def load_people(admin: AsyncClient, wanted: Sequence[DemoPerson], entries: object) -> list[PersonEntry]:
    """The entries of those people: as they stand among `entries` (the file's `people`) where these sign in, else people
    are made where they lack, and get new passwords."""
    known = {item.login: item async for item in admin.people.list_people()}
    passwords = _passwords_in(entries)
    result = []
    for person in wanted:
        password = passwords.get(person.login, "")
        if person.login not in known:
            known[person.login] = await admin.people.create_person(person.body())
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
    try:
        signed_in = await admin.sessions.start_session(SignIn(login=login, password=password))
    except ProblemError as problem:
        if problem.is_passing:
            raise
        return False
    async with AsyncClient(admin.url, token=signed_in.access_token) as person:
        await person.sessions.end_session()
    return True


async def _set_password(admin: AsyncClient, person: PersonView) -> str:
    """A new one, by a link as anybody gets it."""
    if not person.active:
        wanted = PersonReplacement.of(person, active=True)
        await admin.people.replace_person(person.id, wanted, if_match=person)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    if person.has_password:
        link = await admin.people.offer_reset(ResetWish(person_id=person.id))
        await admin.people.accept_reset(Acceptance(token=link.token, password=password))
    else:
        link = await admin.people.invite_person(Invite(person_id=person.id))
        await admin.people.accept_invitation(Acceptance(token=link.token, password=password))
    return password
