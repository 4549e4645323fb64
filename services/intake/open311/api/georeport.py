"""The standard (GeoReport v2) with mySociety's paging and updates. Parameters that are not known are ignored here."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Reading, Transaction, open_all_rows
from chassis.logs import traceparent_now
from chassis.moments import utc_now
from chassis.problems import NotFound, Problem
from chassis.resources import resources_in
from chassis.sealing import Keyring
from services.intake.open311.actions.clarifying import take_update
from services.intake.open311.actions.submitting import Sender, prepare_request
from services.intake.open311.api.asking import (
    FORM,
    MOST_NAMED,
    JurisdictionId,
    Part,
    SendingClient,
    Wanted,
    find_id,
    read_id,
    read_sent,
)
from services.intake.open311.api.routes import AskedFormat, GeoReportRouter, answer
from services.intake.open311.queries.requests import list_requests, read_requests, waits_to_be_public
from services.intake.open311.queries.services import (
    define_service,
    list_services,
    open_jurisdiction,
)
from services.intake.open311.queries.updates import list_updates
from services.intake.open311.rules.forms import listed
from services.intake.open311.schemas.documents import (
    DEFINITION,
    DISCOVERY,
    REQUESTS,
    SERVICES,
    UPDATES,
    CreatedRequest,
    CreatedUpdate,
    DefinedService,
    Discovery,
    Endpoint,
    RequestUpdate,
    Service,
    ServiceRequest,
    TokenRequest,
)
from services.intake.registration.actions.preparing import Accepted
from services.intake.registration.api.submissions import read_key
from services.intake.resources import IntakeResources
from services.intake.topics.queries import list_regions_with_topics

PREFIX: Final = "/open311/v2"
CHANGESET: Final = "2026-11-30T00:00:00Z"
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": "The standard's own fields; `attribute[code]=value` answers what a topic asks.",
    "content": {
        FORM: {
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "example": {
                "service_code": "road-potholes-town",
                "address_string": "г. Курск, ул. Ленина, д. 12",
                "description": "Яма на дороге",
            },
        }
    },
}
router = GeoReportRouter(prefix=PREFIX, tags=["open311"])


@router.on("/discovery", Discovery)
async def discover(request: Request, form: AskedFormat) -> Response:
    """Where the standard is spoken here, and in which formats."""
    settings = resources_in(request.app, IntakeResources).settings
    base = settings.public_url.rstrip("/") or f"http://{request.headers.get('host', 'localhost')}"
    endpoint = Endpoint(
        specification=SPECIFICATION,
        url=f"{base}{PREFIX}",
        changeset=CHANGESET,
        type="production",
        formats=["text/xml", "application/json"],
    )
    contact = "Ключ api_key – секрет клиента; его выдаёт администратор региона."
    found = Discovery(changeset=CHANGESET, contact=contact, key_service=f"{base}/docs", endpoints=[endpoint])
    return answer(form, DISCOVERY, [found])


@router.on("/services", list[Service])
async def show_services(
    session: Reading, form: AskedFormat, jurisdiction_id: JurisdictionId = None
) -> Response:
    """The region's topics."""
    region = await open_jurisdiction(session, jurisdiction_id or None)
    return answer(form, SERVICES, await list_services(session, region))


@router.on("/services/{service_code}", DefinedService)
async def show_service(
    session: Reading, form: AskedFormat, service_code: str, jurisdiction_id: JurisdictionId = None
) -> Response:
    """What is asked about a topic."""
    region = await open_jurisdiction(session, jurisdiction_id or None)
    return answer(form, DEFINITION, [await define_service(session, region, service_code)])


@router.on("/requests", list[CreatedRequest], "POST", requestBody=_BODY)
async def submit_request(principal: SendingClient, request: Request, form: AskedFormat) -> Response:
    """Register a request: its id is answered, or a token where a person looks at it first."""
    sent = await read_sent(request)
    resources = resources_in(request.app, IntakeResources)
    groups = resources.groups
    once = read_key(request, groups.secrets, principal.client_id)
    sender = Sender(principal.client_id, once, traceparent_now.get())
    # Given back before it is registered: that has connections of its own, and many wait for it together.
    async with resources.reading_sessions() as session:
        region = await open_jurisdiction(session, sent.get("jurisdiction_id"))
        principal.require_region(region)
        item = await prepare_request(session, groups.secrets, region, sent, sender, utc_now())
    outcome = await groups.submit(item)
    if isinstance(outcome, Problem):
        raise outcome
    return answer(form, REQUESTS, [_created(outcome, item.notice)])


def _created(made: Accepted, notice: str | None) -> CreatedRequest:
    words = f"Обращение зарегистрировано под номером {made.number}. Код отслеживания: {made.code}."
    shown = " ".join(filter(None, (notice, words)))
    if made.status == "on_moderation":
        return CreatedRequest(token=str(made.id), service_notice=shown, account_id=None)
    return CreatedRequest(service_request_id=str(made.id), service_notice=shown, account_id=None)


@router.on("/tokens/{token}", list[TokenRequest])
async def show_token(
    session: Reading, request: Request, form: AskedFormat, token: str, jurisdiction_id: JurisdictionId = None
) -> Response:
    """The request behind a token; without an id while nobody has decided whether it is public."""
    id, regions = find_id(token), await _open_regions(session, jurisdiction_id)
    waits = await waits_to_be_public(session, regions, id) if id else None
    shown = await read_requests(session, _keyring(request), regions, [id]) if id and waits is False else []
    if not shown and not waits:
        raise NotFound("token was not found.")
    found = TokenRequest(
        service_request_id=shown[0].service_request_id if shown else None, token=token.lower()
    )
    return answer(form, REQUESTS, [found])


@router.on("/requests", list[ServiceRequest])
async def show_requests(
    session: Reading,
    request: Request,
    form: AskedFormat,
    asked: Wanted,
    part: Part,
    jurisdiction_id: JurisdictionId = None,
) -> Response:
    """Requests, newest first: those named, or those of the last 90 days and as the filters say."""
    named = listed(asked.service_request_id)
    if len(named) > MOST_NAMED:
        raise Problem("service_request_id names more than {most} requests.", values={"most": MOST_NAMED})
    if named:
        ids = [id for id in map(find_id, named) if id]
        found = await read_requests(
            session, _keyring(request), await _open_regions(session, jurisdiction_id), ids
        )
        if not found:
            raise NotFound("service_request_id was not found.")
        return answer(form, REQUESTS, found)
    region = await open_jurisdiction(session, jurisdiction_id or None)
    return answer(form, REQUESTS, await list_requests(session, _keyring(request), asked.filter(region), part))


@router.on("/requests/{service_request_id}", list[ServiceRequest])
async def show_request(
    session: Reading,
    request: Request,
    form: AskedFormat,
    service_request_id: str,
    jurisdiction_id: JurisdictionId = None,
) -> Response:
    """One request."""
    id = read_id(service_request_id)
    regions = await _open_regions(session, jurisdiction_id)
    found = await read_requests(session, _keyring(request), regions, [id])
    if not found:
        raise NotFound("service_request_id was not found.")
    return answer(form, REQUESTS, found)


@router.on("/servicerequestupdates", list[RequestUpdate])
async def show_updates(
    session: Reading, form: AskedFormat, asked: Wanted, part: Part, jurisdiction_id: JurisdictionId = None
) -> Response:
    """What happened to requests, in order: on the last day, or within the dates."""
    region = await open_jurisdiction(session, jurisdiction_id or None)
    return answer(form, UPDATES, await list_updates(session, asked.updates(region), part))


@router.on("/servicerequestupdates", list[CreatedUpdate], "POST", requestBody=_BODY)
async def submit_update(
    principal: SendingClient, session: Transaction, request: Request, form: AskedFormat
) -> Response:
    """The reply of a request's sender to what an organisation asked; 400 where nothing was asked."""
    sent = await read_sent(request)
    id = read_id(sent.get("service_request_id") or "")
    secrets = resources_in(request.app, IntakeResources).secrets
    made = await take_update(session, secrets, principal, id, sent, utc_now())
    return answer(form, UPDATES, [made])


@router.get("/{path:path}", include_in_schema=False)
@router.post("/{path:path}", include_in_schema=False)
async def refuse_path(path: str) -> Response:
    """Whatever else is asked for here."""
    raise NotFound("There is nothing at this path.")


def _keyring(request: Request) -> Keyring:
    return resources_in(request.app, IntakeResources).secrets.keyring


async def _open_regions(session: AsyncSession, jurisdiction_id: str | None) -> list[str]:
    """Where a request is looked for: an id says which it is, whatever its region."""
    if jurisdiction_id:
        return [await open_jurisdiction(session, jurisdiction_id)]
    await open_all_rows(session)
    return await list_regions_with_topics(session)
