"""HTTP: accounts of people."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from web.administration.scope import Admin, regions_of
from web.administration.views import Link, PeoplePage, PersonRow
from web.platform.problems import PlatformProblem
from web.resources import resources_of, site_of

router = APIRouter(prefix="/settings/people")
ROLES: Final = ("agency", "coordinator", "analyst", "federal", "admin")
_PAGE: Final = 100
_WORDS: Final = {
    "/login": "Логин: латинские буквы, цифры, точка, дефис; от трёх знаков.",
    "/name": "Укажите имя.",
    "/email": "Это не адрес почты.",
    "/regions": "Выберите регион.",
    "/organisation_id": "Сотруднику организации нужна организация, остальным – нет.",
    "/municipalities": "Коды ОКТМО из восьми цифр, только для координаторов и аналитиков.",
}


class PersonForm(BaseModel):
    """What the form sends; lists are written with spaces or commas between."""

    login: str = ""
    name: str = ""
    position: str = ""
    email: str = ""
    role: str = "agency"
    regions: str = ""
    municipalities: str = ""
    organisation_id: str = ""

    def body(self) -> dict[str, object]:
        """As the platform takes it."""
        return {
            "login": self.login.strip(),
            "name": self.name,
            "position": self.position,
            "email": self.email.strip() or None,
            "role": self.role,
            "regions": _words(self.regions),
            "municipalities": _words(self.municipalities),
            "organisation_id": self.organisation_id.strip() or None,
        }

    @classmethod
    def of(cls, person: PersonRow) -> PersonForm:
        """What is stored, as the form shows it."""
        return cls(
            login=person.login,
            name=person.name,
            position=person.position,
            email=person.email or "",
            role=person.role,
            regions=" ".join(person.regions),
            municipalities=" ".join(person.municipalities),
            organisation_id=str(person.organisation_id or ""),
        )


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


@router.get("")
async def list_people(
    request: Request, who: Admin, role: str = "", active: str = "true", cursor: str = ""
) -> Response:
    """Who has an account."""
    query: dict[str, str | int] = {"role": role, "active": active, "limit": _PAGE, "cursor": cursor}
    people = await who.platform.read(PeoplePage, "/people", query)
    return resources_of(request).pages.page(
        request, "administration/people.html", people=people, role=role, active=active, roles=ROLES
    )


@router.get("/new")
async def open_new(request: Request, who: Admin) -> Response:
    """An empty form."""
    return _form(request, who, PersonForm(regions=who.person.region), None, {})


@router.post("/new")
async def create_person(request: Request, who: Admin, form: Annotated[PersonForm, Form()]) -> Response:
    """Make the account, then show it, where an invitation is one button away."""
    try:
        person = await who.platform.send(PersonRow, "/people", form.body())
    except PlatformProblem as problem:
        return _form(request, who, form, None, _faults(problem), 422)
    return RedirectResponse(f"/settings/people/{person.id}", 303)


@router.get("/{person_id}")
async def open_person(request: Request, who: Admin, person_id: UUID) -> Response:
    """One account."""
    person = await who.platform.read(PersonRow, f"/people/{person_id}")
    return _form(request, who, PersonForm.of(person), person, {})


@router.post("/{person_id}")
async def change_person(
    request: Request,
    who: Admin,
    person_id: UUID,
    version: Annotated[int, Form()],
    form: Annotated[PersonForm, Form()],
) -> Response:
    """Store what was changed; every session of the person takes over the new rights. A closed account stays closed."""
    person = await who.platform.read(PersonRow, f"/people/{person_id}")
    return await _store(request, who, person, form, version, active=person.active)


@router.post("/{person_id}/reopen")
async def reopen(request: Request, who: Admin, person_id: UUID, version: Annotated[int, Form()]) -> Response:
    """A closed account is good again, as it was."""
    person = await who.platform.read(PersonRow, f"/people/{person_id}")
    return await _store(request, who, person, PersonForm.of(person), version, active=True)


async def _store(
    request: Request, who: Admin, person: PersonRow, form: PersonForm, version: int, *, active: bool
) -> Response:
    path = f"/people/{person.id}"
    try:
        await who.platform.do(path, form.body() | {"active": active}, method="PUT", version=version)
    except PlatformProblem as problem:
        return _form(request, who, form, person, _faults(problem), 422)
    return RedirectResponse(f"/settings{path}", 303)


@router.post("/{person_id}/deactivate")
async def deactivate(who: Admin, person_id: UUID) -> Response:
    """The account is closed, its sessions end; histories go on naming the person."""
    await who.platform.do(f"/people/{person_id}", method="DELETE")
    return RedirectResponse("/settings/people", 303)


@router.post("/{person_id}/link")
async def make_link(
    request: Request, who: Admin, person_id: UUID, kind: Annotated[str, Form()] = ""
) -> Response:
    """A link for a first or another password; it is shown once, and the administrator passes it on."""
    chosen = "reset" if kind == "reset" else "invitations"
    person = await who.platform.read(PersonRow, f"/people/{person_id}")
    link = await who.platform.send(Link, f"/people/{chosen}", {"person_id": str(person_id)})
    path = "reset" if kind == "reset" else "invitation"
    shown = f"{site_of(request)}/{path}#token={link.token}"
    return _form(request, who, PersonForm.of(person), person, {}, link=shown, until=link.expires_at)


def _faults(problem: PlatformProblem) -> dict[str, str]:
    """By field, and under an empty name what concerns the whole."""
    if problem.slug == "login-taken":
        return {"login": "Такой логин уже есть."}
    known = {error.pointer: _WORDS[error.pointer] for error in problem.errors if error.pointer in _WORDS}
    by_field = {pointer.removeprefix("/"): words for pointer, words in known.items()}
    return by_field or {"": problem.words}


def _form(
    request: Request,
    who: Admin,
    form: PersonForm,
    person: PersonRow | None,
    faults: dict[str, str],
    status: int = 200,
    *,
    link: str = "",
    until: object = None,
) -> Response:
    return resources_of(request).pages.page(
        request,
        "administration/person.html",
        status,
        form=form,
        shown=person,
        faults=faults,
        roles=ROLES,
        regions=regions_of(who),
        link=link,
        until=until,
    )
