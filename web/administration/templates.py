"""HTTP: words that answers begin with."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from web.administration.scope import Admin, Region, regions_of
from web.administration.term_views import Template, Templates
from web.platform.problems import PlatformProblem
from web.reference import Topics
from web.resources import resources_of

router = APIRouter(prefix="/settings/templates")


class TemplateForm(BaseModel):
    """What the form sends."""

    name: str = ""
    text: str = ""
    topic: str = ""
    outcome: str = ""
    active: bool = False

    def body(self) -> dict[str, object]:
        """As the platform takes it."""
        text = self.text.replace("\r\n", "\n")
        return {"name": self.name, "text": text, "topic": self.topic or None, "outcome": self.outcome or None}


@router.get("")
async def list_templates(request: Request, who: Admin, region: Region) -> Response:
    """All of the region."""
    return await _show(request, who, region)


@router.post("")
async def create_template(
    request: Request, who: Admin, region: Annotated[str, Form()], form: Annotated[TemplateForm, Form()]
) -> Response:
    """A new one, for all organisations of the region."""
    try:
        await who.platform.do("/templates", form.body() | {"region": region})
    except PlatformProblem as problem:
        return await _show(request, who, region, form, problem.words, 422)
    return RedirectResponse(f"/settings/templates?region={region}", 303)


@router.post("/{template_id}")
async def change_template(
    request: Request,
    who: Admin,
    template_id: UUID,
    region: Annotated[str, Form()],
    version: Annotated[int, Form()],
    form: Annotated[TemplateForm, Form()],
) -> Response:
    """Other words, or out of use."""
    body = form.body() | {"active": form.active}
    try:
        await who.platform.do(f"/templates/{template_id}", body, method="PUT", version=version)
    except PlatformProblem as problem:
        return await _show(request, who, region, None, problem.words, problem.status)
    return RedirectResponse(f"/settings/templates?region={region}", 303)


async def _show(
    request: Request,
    who: Admin,
    region: str,
    form: TemplateForm | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    templates: list[Template] = []
    topics = Topics(items=[])
    if region:
        query: dict[str, str | int] = {"region": region, "limit": 1000}
        page, topics = await asyncio.gather(
            who.platform.read(Templates, "/templates", query), who.platform.read(Topics, "/topics", query)
        )
        templates = page.items
    return resources_of(request).pages.page(
        request,
        "administration/templates.html",
        status,
        templates=templates,
        topics=topics.items,
        form=form or TemplateForm(),
        region=region,
        regions=regions_of(who),
        fault=fault,
    )
