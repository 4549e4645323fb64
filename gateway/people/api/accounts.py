"""HTTP: accounts, for admins."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Reading, Transaction
from chassis.faults import Wording
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.problems import Unprocessable
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from gateway import tables
from gateway.clients.organisations import require_organisation
from gateway.clients.registry import after_commit
from gateway.people import queries
from gateway.people.actions import accounts as actions
from gateway.people.schemas import (
    MOST_NAMES,
    OFFICIALS,
    Colleague,
    Colleagues,
    People,
    PersonBody,
    PersonChanges,
    PersonChangeView,
    PersonCreate,
    PersonName,
    PersonNames,
    PersonReplacement,
    PersonRole,
    PersonView,
)
from gateway.reach import require_reach
from gateway.resources import resources_of
from gateway.tokens.issuing import client_of_person

router = Router(prefix="/api/v1/people", tags=["people"])
Official = Annotated[Principal, allowed(*OFFICIALS)]
FIRST = UUID(int=0)
_LONGEST_IDS = 40 * MOST_NAMES


@router.get("")
async def list_people(
    principal: AdminOnly,
    session: Reading,
    page: Page,
    region: str | None = None,
    role: PersonRole | None = None,
    organisation: UUID | None = None,
    active: bool | None = None,
) -> People:
    """The people whose regions are all your own, deactivated ones included unless `active` is asked for."""
    wanted = queries.PersonFilter(region, role, organisation, active)
    (last,) = page.position("people") or (str(FIRST),)
    found = await queries.list_people(session, principal, wanted, UUID(last), page.limit + 1)
    items, next_cursor = page.cut("people", found, lambda each: (str(each.id),))
    return People(items=[PersonView.of(each) for each in items], next_cursor=next_cursor)


@router.get("/names")
async def read_names(
    principal: Official, session: Reading, ids: Annotated[str, Query(max_length=_LONGEST_IDS)]
) -> PersonNames:
    """Names and positions of people who acted, by the ids that a history gives: up to 500, separated by commas.

    Ids that are not known in your regions are left out.
    """
    found = await queries.find_names(session, principal, _read_ids(ids))
    return PersonNames(
        items=[PersonName(id=each.id, name=each.name, position=each.position) for each in found]
    )


@router.get("/colleagues")
async def list_colleagues(
    principal: Annotated[Principal, allowed("agency")], session: Reading, page: Page
) -> Colleagues:
    """The people of your organisation, by whom work is done and to whom it may be given (`POST /assignments/{id}/assign`,
    `POST /queue/hand-over`); those who have left, too, for their names."""
    (last,) = page.position("colleagues") or (str(FIRST),)
    found = await queries.list_colleagues(session, principal, UUID(last), page.limit + 1)
    items, next_cursor = page.cut("colleagues", found, lambda each: (str(each.id),))
    shown = [Colleague.model_validate(each, from_attributes=True) for each in items]
    return Colleagues(items=shown, next_cursor=next_cursor)


@router.get("/{person_id}")
async def read_person(principal: AdminOnly, session: Reading, person_id: UUID) -> PersonView:
    """One person."""
    return PersonView.of(await queries.find_person(session, principal, person_id))


@router.get("/{person_id}/changes")
async def list_changes(principal: AdminOnly, session: Reading, page: Page, person_id: UUID) -> PersonChanges:
    """What was changed of the account, by whom, the newest first."""
    await queries.find_person(session, principal, person_id)
    (last,) = page.position("person changes") or (None,)
    before = UUID(last) if last else None
    found = await queries.list_changes(session, person_id, before, page.limit + 1)
    items, next_cursor = page.cut("person changes", found, lambda each: (str(each.id),))
    views = [PersonChangeView.model_validate(each, from_attributes=True) for each in items]
    return PersonChanges(items=views, next_cursor=next_cursor)


@router.post("", status_code=201, response_model=PersonView)
async def create_person(
    principal: AdminOnly,
    session: Transaction,
    request: Request,
    idempotency: Idempotent,
    body: PersonCreate,
) -> Response:
    """A new person of your regions. Invite them afterwards: that is how a password is set."""

    async def act() -> PersonView:
        require_reach(principal, body.scope)
        await _require_own_organisation(request, body)
        return PersonView.of(await actions.create_person(session, principal, body))

    return await idempotency.run(session, principal, body, act, status=201)


@router.put("/{person_id}")
async def replace_person(
    principal: AdminOnly,
    session: Transaction,
    request: Request,
    person_id: UUID,
    expected_version: ExpectedVersion,
    body: PersonReplacement,
) -> PersonView:
    """Change a person. What it may do is in force with its next token: those so far are void at once."""
    found = await queries.find_person(session, principal, person_id)
    require_reach(principal, body.scope)
    if (body.organisation_id, body.scope) != (found.organisation_id, found.regions):
        await _require_own_organisation(request, body)
    changed = await actions.replace_person(session, principal, person_id, body, expected_version)
    _void_before(request, session, changed)
    return PersonView.of(changed)


@router.delete("/{person_id}", status_code=204)
async def deactivate_person(
    principal: AdminOnly, session: Transaction, request: Request, person_id: UUID
) -> None:
    """No more signing in, and the end of every session: refused here from now on, and everywhere within 5 s.

    The person stays, because histories name it; `PUT` with `active: true` brings it back.
    """
    changed = await actions.deactivate_person(session, principal, person_id)
    _void_before(request, session, changed)


async def _require_own_organisation(request: Request, body: PersonBody) -> None:
    if body.organisation_id is not None:
        await require_organisation(request, body.organisation_id, body.scope)


def _void_before(request: Request, session: AsyncSession, changed: tables.Person) -> None:
    """This gateway need not read what it has committed itself."""
    resources = resources_of(request)
    first_good = {client_of_person(changed.id): changed.token_generation}
    after_commit(session, lambda: resources.revocations.learn(first_good, resources.clock()))


def _read_ids(text: str) -> list[UUID]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    try:
        ids = sorted({UUID(word) for word in words})
    except ValueError:
        ids = []
    if not 0 < len(ids) <= MOST_NAMES:
        message = Wording("1 to {most} ids, separated by commas", {"most": MOST_NAMES})
        raise Unprocessable("See errors.", errors=[{"pointer": "/query/ids", "message": message}])
    return ids
