"""Roles as data on each route: who may call it is said where it is declared."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from chassis.principals import ROLES, Principal, Role
from chassis.problems import Forbidden, Unauthorised
from chassis.resources import resources_of


def bearer_token(request: Request) -> str:
    """The token of the Authorization header; 401 when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("Send `Authorization: Bearer <access token>`.")
    return token.strip()


class Allow:
    """Dependency: the principal, if its role is one of `roles` (admin always is)."""

    def __init__(self, *roles: Role) -> None:
        self.roles = tuple(role for role in ROLES if role in roles or role == "admin")

    async def __call__(self, request: Request) -> Principal:
        principal = await resources_of(request).verifier.verify(bearer_token(request))
        request.state.principal = principal
        if principal.role not in self.roles:
            raise Forbidden("Needs one of the roles: {roles}.", values={"roles": ", ".join(self.roles)})
        return principal


def allowed(*roles: Role) -> Any:
    """`principal: Annotated[Principal, allowed("portal")]` – before any session is opened.

    The order of parameters matters: put the principal first, so that row isolation knows it.
    """
    return Depends(Allow(*roles))


def admission_of(dependant: Any) -> Allow | None:
    """What a route asks of who calls it; None for an open route."""
    for dependency in dependant.dependencies:
        found = dependency.call if isinstance(dependency.call, Allow) else admission_of(dependency)
        if found is not None:
            return found
    return None


def roles_of(dependant: Any) -> tuple[Role, ...] | None:
    """The roles a route's dependencies admit; None for an open route."""
    admission = admission_of(dependant)
    return admission.roles if admission else None


def show_roles(app: FastAPI) -> None:
    """Put the admitted roles of every route into the OpenAPI document as `x-roles` (read by the access tests)."""
    make_document = app.openapi

    def openapi() -> dict[str, Any]:
        document = make_document()
        for context in iter_route_contexts(app.routes):
            roles = roles_of(context.dependant) if isinstance(context.original_route, APIRoute) else None
            for method in context.methods or () if roles else ():
                operation = document["paths"].get(context.path_format, {}).get(method.lower())
                if operation is not None:
                    operation["x-roles"] = list(roles or ())
        return document

    app.openapi = openapi  # type: ignore[method-assign]


class AllowEverywhere(Allow):
    """The same for what concerns all regions: a principal bound to some is refused."""

    async def __call__(self, request: Request) -> Principal:
        principal = await super().__call__(request)
        principal.require_everywhere()
        return principal


AnyRole = Annotated[Principal, allowed(*ROLES)]
AdminOnly = Annotated[Principal, allowed("admin")]
# Dead letters, replays, metrics …: they hold, or touch, what belongs to every region.
NationalAdmin = Annotated[Principal, Depends(AllowEverywhere("admin"))]
