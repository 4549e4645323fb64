"""The standard's answers (GeoReport v2). Names are its own; times are texts with the region's offset."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from services.intake.open311.rules.attributes import DataType
from services.intake.open311.rules.documents import Names
from services.intake.open311.rules.statuses import RequestStatus

DISCOVERY: Final = Names("discovery", None)
SERVICES: Final = Names("services", "service")
DEFINITION: Final = Names("service_definition", None)
REQUESTS: Final = Names("service_requests", "request")
UPDATES: Final = Names("service_requests_updates", "request_update")
ERRORS: Final = Names("errors", "error")


class Endpoint(BaseModel):
    """Where the standard is spoken."""

    specification: str
    url: str
    changeset: str
    type: str
    formats: list[str]


class Discovery(BaseModel):
    """What there is, for a client that knows the address alone."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Service(BaseModel):
    """A topic. `metadata`: whether more is asked about it; `type`: `realtime`, or `batch` where moderation comes first."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: str
    keywords: str
    group: str


class AttributeChoice(BaseModel):
    """One value of a list."""

    key: str
    name: str


class ServiceAttribute(BaseModel):
    """One thing that is asked about a topic; `order` counts from 1."""

    variable: bool
    code: str
    datatype: DataType
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[AttributeChoice]


class DefinedService(BaseModel):
    """What is asked about a topic."""

    service_code: str
    attributes: list[ServiceAttribute]


class CreatedRequest(BaseModel):
    """A request that was registered: its id, or a token where moderation comes first."""

    service_request_id: str | None = None
    token: str | None = None
    service_notice: str
    account_id: str | None


class TokenRequest(BaseModel):
    """The request behind a token; without an id while moderation holds it."""

    service_request_id: str | None
    token: str


class ServiceRequest(BaseModel):
    """A request as everybody may read it: masked, without whoever sent it."""

    service_request_id: str
    status: RequestStatus
    status_notes: str | None
    service_name: str | None
    service_code: str
    description: str
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


class RequestUpdate(BaseModel):
    """What happened to a request, as mySociety's extension shows it; `status` is the one after it."""

    update_id: str
    service_request_id: str
    status: RequestStatus
    updated_datetime: str
    description: str
    media_url: str | None


class CreatedUpdate(BaseModel):
    """An update that was taken from the client of the request."""

    update_id: str


class GeoReportError(BaseModel):
    """One fault, in the standard's own form; `code` is the HTTP status."""

    code: int
    description: str
