"""What a request of the standard asks: its parameters, read once for every route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request

from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Forbidden, NotFound, Problem, Unauthorised
from chassis.security import Allow
from services.intake.local_time import zone_of
from services.intake.open311.queries.requests import Cut, RequestFilter
from services.intake.open311.queries.updates import UpdateFilter
from services.intake.open311.rules.forms import Sent, gather, listed, read_form
from services.intake.open311.rules.periods import LONGEST, Period, read_moment, requested_within
from services.intake.open311.rules.statuses import read_statuses

MOST: Final = 1_000  # requests at once, by the standard
MOST_NAMED: Final = 100  # by their ids
DEEPEST: Final = 100_000  # of a list whose pages are counted
FORM: Final = "application/x-www-form-urlencoded"
_MAY_SUBMIT: Final = Allow("portal", "coordinator")
_INSTANT: Final = "2026-11-29T09:30:00+03:00"

JurisdictionId = Annotated[
    str | None,
    Query(
        description="The two-digit code of a region; may be left out where only one is served.",
        examples=["46"],
    ),
]
Moment = Annotated[
    str | None, Query(description="An instant with its offset, or a day.", examples=[_INSTANT])
]
Number = Annotated[str | None, Query(description="A number from 1 on.", examples=["1"])]


async def require_sender(request: Request) -> Principal:
    """Who submits: the client behind `api_key` or a bearer token. 403 with what is wrong, as the standard has it."""
    try:
        return await _MAY_SUBMIT(request)
    except Unauthorised:
        raise Forbidden("api_key is missing, or is not valid.") from None
    except Forbidden:
        raise Forbidden("The client behind this api_key may not submit requests.") from None


SendingClient = Annotated[Principal, Depends(require_sender)]


async def read_sent(request: Request) -> Sent:
    """The fields of the form, and of the query beside them. 400 for a body that is no form in UTF-8."""
    body = await request.body()
    media_type = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if body and media_type != FORM:
        raise Problem("Send {media_type}.", values={"media_type": FORM})
    try:
        pairs = read_form(body)
    except ValueError:
        raise Problem("The form is no UTF-8, or has too many fields.") from None
    return gather([*pairs, *request.query_params.multi_items()])


def read_id(written: str) -> UUID:
    """The id of a request; 404 for what can be none, as for one that does not exist."""
    found = find_id(written)
    if found is None:
        raise NotFound("service_request_id was not found.")
    return found


def find_id(written: str) -> UUID | None:
    """The same; None for what can be none."""
    try:
        found = UUID(written)
    except ValueError:
        return None
    return found if str(found) == written.lower() else None


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a list as they were written."""

    service_request_id: tuple[str, ...]
    service_code: tuple[str, ...]
    status: tuple[str, ...]
    start_date: str | None
    end_date: str | None
    updated_after: str | None
    updated_before: str | None

    def filter(self, region: str) -> RequestFilter:
        """By what a list is narrowed; 400 for a date or a status that is none."""
        zone = zone_of(region)
        try:
            start = read_moment("start_date", self.start_date, zone)
            end = read_moment("end_date", self.end_date, zone)
            after = read_moment("updated_after", self.updated_after, zone)
            before = read_moment("updated_before", self.updated_before, zone)
            by_update = (after or before) and not (start or end)
            period = None if by_update else requested_within(start, end, utc_now())
            statuses = read_statuses(listed(self.status))
        except ValueError as error:
            raise Problem(str(error)) from None
        return RequestFilter(region, period, statuses, listed(self.service_code), after, before)

    def updates(self, region: str) -> UpdateFilter:
        """Which updates are meant: the last day's where nothing is said."""
        zone = zone_of(region)
        try:
            start = read_moment("start_date", self.start_date, zone)
            end = read_moment("end_date", self.end_date, zone) or utc_now()
        except ValueError as error:
            raise Problem(str(error)) from None
        start = start or end - timedelta(days=1)
        if not start <= end <= start + LONGEST + timedelta(days=1):
            raise Problem("end_date lies before start_date, or more than 90 days after it.")
        ids = listed(self.service_request_id)
        return UpdateFilter(region, Period(start, end), read_id(ids[0]) if ids else None)


Listed = Annotated[list[str], Query(description="Comma-separated, or several times.")]


async def read_asked(
    service_request_id: Listed = [],  # noqa: B006
    service_code: Listed = [],  # noqa: B006
    status: Listed = [],  # noqa: B006
    start_date: Moment = None,
    end_date: Moment = None,
    updated_after: Moment = None,
    updated_before: Moment = None,
) -> Asked:
    """Dependency: the filters of a list."""
    return Asked(
        tuple(service_request_id),
        tuple(service_code),
        tuple(status),
        start_date,
        end_date,
        updated_after,
        updated_before,
    )


async def read_cut(page: Number = None, page_size: Number = None) -> Cut:
    """Dependency: the part of a list; 400 for a page that is none."""
    size = _read_number("page_size", page_size, MOST)
    skipped = (_read_number("page", page, 1) - 1) * size
    if skipped > DEEPEST:
        raise Problem("Pages end after {most} requests: narrow the list by dates.", values={"most": DEEPEST})
    return Cut(min(size, MOST), skipped)


def _read_number(name: str, written: str | None, otherwise: int) -> int:
    if not written:
        return otherwise
    if not (written.isascii() and written.isdigit() and len(written) <= 9 and int(written) > 0):
        raise Problem("{name} is no number from 1 on.", values={"name": name})
    return int(written)


Wanted = Annotated[Asked, Depends(read_asked)]
Part = Annotated[Cut, Depends(read_cut)]
