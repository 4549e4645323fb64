"""HTTP: systems with credentials of their own."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from web.administration.scope import Admin
from web.administration.views import ClientSecret, ClientsPage
from web.platform.problems import NO_ANSWER, PlatformProblem
from web.resources import resources_of

router = APIRouter(prefix="/settings/clients")
ROLES: Final = ("portal", "agency", "coordinator", "analyst", "federal", "admin")


@router.get("")
async def list_clients(request: Request, who: Admin, role: str = "", cursor: str = "") -> Response:
    """Who may ask for tokens."""
    return await _show(request, who, role=role, cursor=cursor)


@router.post("")
async def create_client(
    request: Request,
    who: Admin,
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "portal",
    regions: Annotated[str, Form()] = "",
    organisation_id: Annotated[str, Form()] = "",
) -> Response:
    """A new client; its secret is shown once."""
    body = {
        "name": name,
        "role": role,
        "regions": regions.replace(",", " ").split(),
        "organisation_id": organisation_id.strip() or None,
    }
    try:
        made = await who.platform.send(ClientSecret, "/clients", body)
    except PlatformProblem as problem:
        return await _show(request, who, fault=problem.words, status=422)
    return await _show(request, who, secret=made)


@router.post("/{client_id}/secret")
async def rotate_secret(
    request: Request, who: Admin, client_id: str, keep_hours: Annotated[int, Form(ge=0, le=168)] = 0
) -> Response:
    """Another secret; the old one goes on working for some hours, if that is wanted."""
    made = await who.platform.send(
        ClientSecret, f"/clients/{client_id}/secret", {"keep_old_seconds": keep_hours * 3600}
    )
    return await _show(request, who, secret=made)


@router.post("/{client_id}/revoke")
async def revoke(who: Admin, client_id: str) -> Response:
    """Neither its secret nor its tokens are good any more."""
    await who.platform.do(f"/clients/{client_id}", method="DELETE")
    return RedirectResponse("/settings/clients", 303)


async def _show(
    request: Request,
    who: Admin,
    *,
    role: str = "",
    cursor: str = "",
    secret: ClientSecret | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    try:
        clients = await who.platform.read(
            ClientsPage, "/clients", {"role": role, "limit": 100, "cursor": cursor}
        )
    except NO_ANSWER:
        if secret is None:
            raise
        clients = ClientsPage(items=[], next_cursor=None)  # the secret is shown now or never
    return resources_of(request).pages.page(
        request,
        "administration/clients.html",
        status,
        clients=clients,
        role=role,
        roles=ROLES,
        secret=secret,
        fault=fault,
    )
