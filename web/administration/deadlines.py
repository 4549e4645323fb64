"""HTTP: how long things may take, and the year's days off."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from web.administration.scope import Admin, Region, regions_of
from web.administration.sheets import OwnDays, year_sheet
from web.administration.term_views import Calendar, MarkedDay, Policies, Policy, PolicyTrial
from web.errors import NoSuchPage
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.words import plural

router = APIRouter(prefix="/settings")
UNITS: Final = {
    "calendar_day": ("календарный день", "календарных дня", "календарных дней"),
    "working_day": ("рабочий день", "рабочих дня", "рабочих дней"),
    "calendar_hour": ("час", "часа", "часов"),
    "working_hour": ("рабочий час", "рабочих часа", "рабочих часов"),
    "minute": ("минута", "минуты", "минут"),
}
_FIELD_OF_UNIT: Final = {
    "calendar_day": "days",
    "working_day": "days",
    "calendar_hour": "hours",
    "working_hour": "hours",
    "minute": "minutes",
}
_READ_ONLY: Final = {"id", "region", "version"}


class TermForm(BaseModel):
    """Another term for a policy."""

    amount: int = 0
    unit: str = "calendar_day"
    reapply: bool = False

    def term(self) -> dict[str, int | str]:
        """As the platform takes it."""
        field = _FIELD_OF_UNIT.get(self.unit, "days")
        return {field: self.amount} | ({} if field == "minutes" else {"unit": self.unit})


def describe_term(term: dict[str, int | str]) -> str:
    """30 календарных дней."""
    unit = str(term.get("unit", "minute"))
    amount = int(next(value for name, value in term.items() if name != "unit"))
    return f"{amount} {plural(amount, *UNITS[unit])}"


@router.get("/deadlines")
async def list_policies(request: Request, who: Admin, region: Region) -> Response:
    """Every term in force."""
    policies = await _policies(who, region)
    return resources_of(request).pages.page(
        request,
        "administration/policies.html",
        policies=policies,
        region=region,
        regions=regions_of(who),
        describe_term=describe_term,
    )


@router.get("/deadlines/{policy_id}")
async def open_policy(request: Request, who: Admin, policy_id: UUID, region: Region) -> Response:
    """One policy with its term to be changed."""
    policy = await _find(who, region, policy_id)
    return _show(request, region, policy, _form_of(policy))


@router.post("/deadlines/{policy_id}")
async def change_term(
    request: Request,
    who: Admin,
    policy_id: UUID,
    region: Annotated[str, Form()],
    step: Annotated[str, Form()],
    version: Annotated[int, Form()],
    form: Annotated[TermForm, Form()],
) -> Response:
    """First what would have been in the last month, then, by the second button, the next version."""
    policy = await _find(who, region, policy_id)
    wanted = policy.model_dump(mode="json", exclude=_READ_ONLY) | {"term": form.term()}
    try:
        if step == "save":
            body = wanted | {"reapply": form.reapply}
            await who.platform.do(f"/policies/{policy_id}", body, method="PUT", version=version)
            return RedirectResponse(f"/settings/deadlines?region={region}", 303)
        sent = {"region": region, "policy": wanted, "policy_id": str(policy_id)}
        trial = await who.platform.send(PolicyTrial, "/policies/dry-run", sent)
    except PlatformProblem as problem:
        return _show(request, region, policy, form, fault=problem.words, status=problem.status)
    return _show(request, region, policy, form, trial=trial)


def _form_of(policy: Policy) -> TermForm:
    unit = str(policy.term.get("unit", "minute"))
    amount = int(next(value for name, value in policy.term.items() if name != "unit"))
    return TermForm(amount=amount, unit=unit)


def _show(
    request: Request,
    region: str,
    policy: Policy,
    form: TermForm,
    *,
    trial: PolicyTrial | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    return resources_of(request).pages.page(
        request,
        "administration/policy.html",
        status,
        policy=policy,
        form=form,
        trial=trial,
        fault=fault,
        region=region,
        units=UNITS,
        describe_term=describe_term,
    )


async def _policies(who: Admin, region: str) -> list[Policy]:
    if not region:
        return []
    return (await who.platform.read(Policies, "/policies", {"region": region})).items


async def _find(who: Admin, region: str, policy_id: UUID) -> Policy:
    found = next((each for each in await _policies(who, region) if each.id == policy_id), None)
    if found is None:
        raise NoSuchPage
    return found


@router.get("/calendar")
async def open_calendar(
    request: Request, who: Admin, region: Region, year: Annotated[int | None, Query(ge=2016, le=2099)] = None
) -> Response:
    """The year as a sheet."""
    return await _show_calendar(request, who, region, year)


@router.post("/calendar")
async def change_day(
    request: Request,
    who: Admin,
    region: Annotated[str, Form()],
    version: Annotated[int, Form()],
    day: Annotated[date, Form()],
    kind: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A day off, a working day, or the national one again; running deadlines are dated anew and say why."""
    calendar = await who.platform.read(Calendar, f"/calendars/{region}")
    body = _with_day(calendar, day, kind, reason.strip())
    try:
        await who.platform.do(f"/calendars/{region}", body, method="PUT", version=version)
    except PlatformProblem as problem:
        return await _show_calendar(request, who, region, day.year, problem.words, problem.status)
    return RedirectResponse(f"/settings/calendar?region={region}&year={day.year}", 303)


def _with_day(calendar: Calendar, day: date, kind: str, reason: str) -> dict[str, object]:
    """The whole calendar as it shall be."""
    changed = calendar.model_copy(deep=True)
    for days in (changed.days_off, changed.working_days):
        days[:] = [each for each in days if each.date != day]
    if kind in ("off", "worked"):
        target = changed.days_off if kind == "off" else changed.working_days
        target.append(MarkedDay(date=day, reason=reason))
    sent = changed.model_dump(mode="json", include=_SENT)
    for name in ("days_off", "working_days"):
        sent[name] = [{**each, "reason": each["reason"] or None} for each in sent[name]]
    return sent | {"note": reason or "изменён календарь региона"}


_SENT: Final = {
    "office_hours",
    "days_off",
    "working_days",
    "short_days",
    "shorten_pre_holidays",
    "known_until",
    "zones",
}


async def _show_calendar(
    request: Request, who: Admin, region: str, year: int | None, fault: str = "", status: int = 200
) -> Response:
    shown = year or date.today().year  # noqa: DTZ011 – which sheet is opened first, no deadline
    calendar = await who.platform.read(Calendar, f"/calendars/{region}") if region else None
    own = OwnDays({}, {}, {})
    if calendar:
        own = OwnDays(
            off={each.date: each.reason for each in calendar.days_off},
            worked={each.date: each.reason for each in calendar.working_days},
            short={
                each.date: ", ".join("–".join(span) for span in each.hours) for each in calendar.short_days
            },
        )
    return resources_of(request).pages.page(
        request,
        "administration/calendar.html",
        status,
        calendar=calendar,
        months=year_sheet(shown, own),
        year=shown,
        region=region,
        regions=regions_of(who),
        fault=fault,
    )
