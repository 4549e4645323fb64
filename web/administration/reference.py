"""HTTP: organisations, topics and who is competent for what."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from web.administration.scope import Admin, Region, regions_of
from web.administration.views import Organisation, Organisations, Rules, RuleTrial
from web.errors import NoSuchPage
from web.platform.problems import PlatformProblem
from web.reference import Topics
from web.resources import resources_of

router = APIRouter(prefix="/settings")
KINDS: Final = {
    "federal": "федеральный орган",
    "regional": "орган региона",
    "municipal": "орган муниципалитета",
    "institution": "учреждение",
    "company": "компания",
    "coordinator": "центр управления",
}
_RULES: Final = 30  # on a page: with their sentences and the forms to switch them off they weigh most of it
_MANY: Final = 1000
_TRIED_DAYS: Final = 30


class RuleForm(BaseModel):
    """A rule as the form sends it; what is empty fits everything."""

    topic: str = ""
    municipality: str = ""
    organisation: str = ""
    comment: str = ""
    position: str = ""

    def body(self) -> dict[str, object]:
        """As the platform takes it."""
        position = self.position.strip()
        return {
            "topic": self.topic or None,
            "municipality": self.municipality.strip() or None,
            "organisation": self.organisation,
            "comment": self.comment,
            "position": int(position) if position.isdigit() else None,
        }


@router.get("/organisations")
async def list_organisations(request: Request, who: Admin, region: Region) -> Response:
    """Who answers in the region."""
    return await _show_organisations(request, who, region)


@router.post("/organisations")
async def create_organisation(
    request: Request,
    who: Admin,
    region: Annotated[str, Form()],
    code: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "regional",
    municipality: Annotated[str, Form()] = "",
) -> Response:
    """A new one."""
    body = {"region": region, "code": code.strip(), "name": name, "kind": kind}
    try:
        await who.platform.do("/organisations", body | {"municipality": municipality.strip() or None})
    except PlatformProblem as problem:
        taken = (
            "Организация с таким кодом уже есть." if problem.slug == "organisation-exists" else problem.words
        )
        return await _show_organisations(request, who, region, taken, 422)
    return RedirectResponse(f"/settings/organisations?region={region}", 303)


@router.post("/organisations/{organisation_id}")
async def change_organisation(
    request: Request,
    who: Admin,
    organisation_id: UUID,
    region: Annotated[str, Form()],
    version: Annotated[int, Form()],
    name: Annotated[str, Form()],
    active: Annotated[bool, Form()] = False,
) -> Response:
    """Its name, and whether it is in use; the rest stays."""
    found = await who.platform.read(Organisations, "/organisations", {"region": region, "limit": _MANY})
    current = next((each for each in found.items if each.id == organisation_id), None)
    if current is None:
        raise NoSuchPage
    body = current.model_dump(mode="json") | {"name": name, "active": active}
    try:
        await who.platform.do(f"/organisations/{organisation_id}", body, method="PUT", version=version)
    except PlatformProblem as problem:
        return await _show_organisations(request, who, region, problem.words, problem.status)
    return RedirectResponse(f"/settings/organisations?region={region}", 303)


async def _show_organisations(
    request: Request, who: Admin, region: str, fault: str = "", status: int = 200
) -> Response:
    found: list[Organisation] = []
    if region:
        page = await who.platform.read(Organisations, "/organisations", {"region": region, "limit": _MANY})
        found = page.items
    return resources_of(request).pages.page(
        request,
        "administration/organisations.html",
        status,
        organisations=found,
        region=region,
        regions=regions_of(who),
        kinds=KINDS,
        fault=fault,
    )


@router.get("/topics")
async def list_topics(request: Request, who: Admin, region: Region) -> Response:
    """What appeals are about, by group."""
    page = await _topics(who, region)
    return resources_of(request).pages.page(
        request, "administration/topics.html", topics=page.items, region=region, regions=regions_of(who)
    )


@router.get("/rules")
async def list_rules(
    request: Request, who: Admin, region: Region, cursor: str = "", topic: str = ""
) -> Response:
    """Who is competent, each rule as a sentence."""
    return await _show_rules(request, who, region, cursor=cursor, topic=topic)


@router.post("/rules")
async def add_rule(
    request: Request,
    who: Admin,
    region: Annotated[str, Form()],
    step: Annotated[str, Form()],
    form: Annotated[RuleForm, Form()],
) -> Response:
    """First what it would have done in the last month, then, by the second button, stored."""
    try:
        if step == "save":
            await who.platform.do("/rules", form.body() | {"region": region})
            return RedirectResponse(f"/settings/rules?region={region}", 303)
        body = {"region": region, "days": _TRIED_DAYS, "add": [form.body()]}
        trial = await who.platform.send(RuleTrial, "/rules/dry-run", body)
    except PlatformProblem as problem:
        words = "Такое правило уже есть." if problem.slug == "rule-exists" else problem.words
        return await _show_rules(request, who, region, form=form, fault=words, status=422)
    return await _show_rules(request, who, region, form=form, trial=trial)


@router.post("/rules/{rule_id}/off")
async def switch_off(
    request: Request,
    who: Admin,
    rule_id: UUID,
    region: Annotated[str, Form()],
    version: Annotated[int, Form()],
    rule: Annotated[str, Form()],
) -> Response:
    """A rule that decides nothing any more; the form carries the rest of it as it was shown."""
    try:
        body = TypeAdapter(dict[str, JsonValue]).validate_json(rule)
        await who.platform.do(f"/rules/{rule_id}", body, method="PUT", version=version)
    except ValidationError:
        raise NoSuchPage from None
    except PlatformProblem as problem:
        return await _show_rules(request, who, region, fault=problem.words, status=problem.status)
    return RedirectResponse(f"/settings/rules?region={region}", 303)


async def _show_rules(
    request: Request,
    who: Admin,
    region: str,
    *,
    cursor: str = "",
    topic: str = "",
    form: RuleForm | None = None,
    trial: RuleTrial | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    rules, topics, organisations = Rules(items=[], next_cursor=None), Topics(items=[]), None
    if region:
        rules, topics, organisations = await asyncio.gather(
            who.platform.read(
                Rules, "/rules", {"region": region, "topic": topic, "limit": _RULES, "cursor": cursor}
            ),
            _topics(who, region),
            who.platform.read(Organisations, "/organisations", {"region": region, "limit": _MANY}),
        )
    return resources_of(request).pages.page(
        request,
        "administration/rules.html",
        status,
        rules=rules,
        topics=topics.items,
        topic=topic,
        organisations=[each for each in organisations.items if each.active] if organisations else [],
        region=region,
        regions=regions_of(who),
        form=form or RuleForm(),
        trial=trial,
        fault=fault,
    )


async def _topics(who: Admin, region: str) -> Topics:
    if not region:
        return Topics(items=[])
    return await who.platform.read(Topics, "/topics", {"region": region, "limit": _MANY})
